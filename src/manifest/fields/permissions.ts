/** What a function may do beyond what its events give it. The words stand for the actions in ../policy.ts. */
import { policyLimits } from '../../registry/function.ts';
import { functionNamePattern } from '../../registry/settings.ts';
import { busNamePattern } from '../../resources/event-bus/event-bus.ts';
import { queueNamePattern } from '../../resources/queue-settings.ts';
import { parameterNamePattern } from '../../resources/parameter/parameter-name.ts';
import { secretNamePattern } from '../../resources/secret/secret.ts';
import { topicNamePattern } from '../../resources/topic-settings.ts';
import type { Grant } from '../policy.ts';
import { object, list, required, tagged } from '../shape/compound.ts';
import { text } from '../shape/scalar.ts';
import { described, refine, type Shape } from '../shape/shape.ts';
import { bucketNamePattern } from './names.ts';
import { tableNamePattern } from './tables.ts';

/** `queue jobs` */
function target(kind: 'queue' | 'topic' | 'bus' | 'function', name: RegExp): Shape<string> {
  const read = text({
    pattern: new RegExp(`${kind} ${name.source}`),
    accepts: `${kind} NAME`,
    advise: (written) =>
      new RegExp(`^(?:${name.source})$`, 'u').test(written) ? `Write ${kind} ${written}.` : undefined,
  });
  return refine(read, (written) => written.slice(kind.length + 1));
}

const keptKinds = ['bucket', 'secret', 'parameter', 'table'] as const;

/** `secret shop/db`, `parameter /shop/*`, `table orders` */
const kept: Shape<{ kind: (typeof keptKinds)[number]; name: string }> = refine(
  text({
    pattern: new RegExp(
      `bucket (?:${bucketNamePattern.source})|secret ${secretNamePattern.source}\\*?|parameter (?:${parameterNamePattern.source}|(?:/[A-Za-z0-9_.-]+)*/\\*)|table ${tableNamePattern.source}`,
    ),
    accepts: 'bucket NAME, secret NAME, parameter NAME, parameter /PATH/* or table NAME',
    advise: (written) =>
      new RegExp(`^(?:${bucketNamePattern.source})$`, 'u').test(written) ? `Write bucket ${written}.` : undefined,
  }),
  (written) => {
    const [kind = '', name = ''] = written.split(' ');
    return { kind: keptKinds.find((one) => one === kind) ?? 'bucket', name };
  },
);

const words = tagged(
  {
    read: described(kept, {
      description:
        'Get and list objects (bucket NAME), get a secret (secret NAME) or parameters (parameter /PATH/*), get and go through items (table NAME).',
      examples: ['bucket photos', 'secret shop/db', 'parameter /shop/*', 'table orders'],
    }),
    write: described(kept, {
      description:
        'Put and delete objects (bucket NAME) and items (table NAME), put a secret’s value (secret NAME) or parameters.',
      examples: ['bucket photos', 'parameter /shop/hours', 'table orders'],
    }),
    send: described(target('queue', queueNamePattern), {
      description: 'Send messages: queue NAME.',
      examples: ['queue jobs'],
    }),
    receive: described(target('queue', queueNamePattern), {
      description: 'Receive and delete messages: queue NAME.',
      examples: ['queue jobs'],
    }),
    publish: described(target('topic', topicNamePattern), {
      description: 'Publish messages: topic NAME.',
      examples: ['topic news'],
    }),
    put: described(target('bus', busNamePattern), {
      description: 'Put events: bus NAME.',
      examples: ['bus default'],
    }),
    call: described(target('function', functionNamePattern), {
      description: 'Invoke: function NAME.',
      examples: ['function hello'],
    }),
  },
  {
    accepts:
      'read: bucket NAME (or secret NAME, parameter NAME, table NAME), write: bucket NAME (likewise), send: queue NAME, receive: queue NAME, publish: topic NAME, put: bus NAME, call: function NAME or { allow: [actions], on: [ARNs] }',
    hints: {
      effect: 'write { allow: [actions], on: [ARNs] } or { deny: [actions], on: [ARNs] }',
      action: 'write { allow: [actions], on: [ARNs] }',
      resource: 'write { allow: [actions], on: [ARNs] }',
      invoke: 'it is called call: function NAME',
    },
  },
);

const action = text({
  pattern: /[a-z0-9-]+:[A-Za-z0-9*?]+|\*/,
  accepts: 'an action such as s3:GetObject or s3:Get*',
});
const resource = text({
  pattern: /arn:[a-z*-]+:[a-z0-9*?-]*:[a-z0-9*?-]*:[0-9*?]*:.+|\*/,
  accepts: 'an ARN such as arn:aws:s3:::photos/*',
});
const actions = list(action, {
  accepts: 'a list of at least one action',
  itemsMin: 1,
  itemsMax: policyLimits.patternsMax,
});
const resources = list(resource, {
  accepts: 'a list of at least one ARN',
  itemsMin: 1,
  itemsMax: policyLimits.patternsMax,
});

const allow = object(
  {
    allow: required(actions, 'Actions, with * and ? as wildcards.', "allow: ['s3:GetObject']"),
    on: required(resources, 'ARNs, with * and ? as wildcards.', "on: ['arn:aws:s3:::photos/*']"),
  },
  { accepts: '{ allow: [actions], on: [ARNs] }' },
);
const deny = object(
  {
    deny: required(actions, 'Actions that are refused whatever else allows them.', "deny: ['s3:DeleteObject']"),
    on: required(resources, 'ARNs, with * and ? as wildcards.', "on: ['arn:aws:s3:::photos/*']"),
  },
  { accepts: '{ deny: [actions], on: [ARNs] }' },
);

const permission: Shape<Grant> = {
  schema: { anyOf: [words.schema, allow.schema, deny.schema] },
  accepts: words.accepts,
  read: (found, report) => {
    const keys = found.kind === 'map' ? found.entries.map(({ key }) => key) : [];
    if (keys.includes('deny')) {
      const value = deny.read(found, report);
      return value && { grant: 'statement', effect: 'deny', actions: value.deny, resources: value.on };
    }
    if (keys.includes('allow') || keys.includes('on')) {
      const value = allow.read(found, report);
      return value && { grant: 'statement', effect: 'allow', actions: value.allow, resources: value.on };
    }
    const value = words.read(found, report);
    if (value === undefined) return undefined;
    return value.tag === 'read' || value.tag === 'write'
      ? { grant: value.tag, ...value.value }
      : { grant: value.tag, name: value.value };
  },
};

export const permissions = list(permission, {
  accepts: 'a list of permissions (- read: bucket photos)',
  itemsMax: policyLimits.statementsMax,
});

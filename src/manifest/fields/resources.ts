/** Buckets, queues, topics, event buses and tables that the application has, apart from those that events name. */
import { ruleLimits } from '../../resources/event-bus/rule.ts';
import { queueNamePattern, queueSettingsBounds } from '../../resources/queue-settings.ts';
import type { TableSettings } from '../../resources/table/table-settings.ts';
import type { Found } from '../found.ts';
import { defaulted, either, list, mapOf, object, optional } from '../shape/compound.ts';
import { duration } from '../shape/duration.ts';
import { wholeNumber } from '../shape/scalar.ts';
import { placed, refine, type Shape } from '../shape/shape.ts';
import {
  bucketName,
  bucketNameAccepts,
  bucketNamePattern,
  busName,
  queueName,
  queueNameAccepts,
  topicName,
} from './names.ts';
import { tables } from './tables.ts';

const resourcesMax = 1_000;

const [visibilityMsMin, visibilityMsMax] = queueSettingsBounds.visibilityMs;
const [receivesMin, receivesMax] = queueSettingsBounds.receivesMax;
/** Lambda's advice for queues that functions read, so that a passing failure does not make a dead letter (same page as the event source mapping). */
export const receivesDefault = 5;

const nothing = object({}, { accepts: 'an empty map ({})', hints: { name: 'the key above is the name' } });

const buckets = either<readonly string[]>({
  list: list(bucketName, { accepts: 'a list of names', itemsMax: resourcesMax }),
  map: refine(
    mapOf(emptyOr(nothing, {}), {
      key: bucketNamePattern,
      keyAccepts: bucketNameAccepts,
      accepts: 'a map of names',
      entriesMax: resourcesMax,
    }),
    (named) => [...named.keys()],
  ),
});

const queue = refine(
  object(
    {
      visibility: optional(
        placed(duration({ minMs: visibilityMsMin, maxMs: visibilityMsMax })),
        'How long a received message stays hidden from others. At least as long as the functions that read the queue may take; that is its default, and at least 30 seconds.',
      ),
      deadLetter: optional(placed(queueName), 'The queue that receives messages which were received too often.'),
      receives: optional(
        wholeNumber({
          min: receivesMin,
          max: receivesMax,
          accepts: `a whole number from ${receivesMin} to ${receivesMax}`,
        }),
        `How often a message is received before it goes to deadLetter; ${receivesDefault} by default.`,
      ),
    },
    {
      accepts: 'a map of visibility, deadLetter and receives',
      hints: {
        name: 'the key above is the name',
        visibilitytimeout: 'it is called visibility: 30s',
        maxreceivecount: 'it is called receives, beside deadLetter',
        redrivepolicy: 'write deadLetter: NAME and receives: 3',
        deadletterqueue: 'it is called deadLetter',
        fifo: 'a queue keeps an order if its name ends in .fifo',
      },
    },
  ),
  (value, found, report) => {
    if (value.receives !== undefined && value.deadLetter === undefined) {
      report(
        found,
        'receives says when a message goes to the dead letters; write deadLetter: NAME (of a queue) beside it',
      );
      return undefined;
    }
    return value;
  },
);

export type WrittenQueue = NonNullable<ReturnType<typeof queue.read>>;
const plainQueue: WrittenQueue = { visibility: undefined, deadLetter: undefined, receives: undefined };

const queues = either<ReadonlyMap<string, WrittenQueue>>({
  list: refine(
    list(queueName, { accepts: 'a list of names', itemsMax: resourcesMax }),
    (names) => new Map(names.map((name) => [name, plainQueue])),
  ),
  map: mapOf(emptyOr(queue, plainQueue), {
    key: queueNamePattern,
    keyAccepts: queueNameAccepts,
    accepts: 'a map of names and settings',
    entriesMax: resourcesMax,
  }),
});

const topics = list(topicName, { accepts: 'a list of names', itemsMax: resourcesMax });

const buses = list(busName, { accepts: 'a list of names', itemsMax: ruleLimits.busesMax });

/** `jobs:` with nothing after it means `jobs: {}`. */
function emptyOr<Value>(shape: Shape<Value>, empty: NoInfer<Value>): Shape<Value> {
  const isNothing = (found: Found): boolean => found.kind === 'scalar' && found.value === null;
  return {
    schema: { anyOf: [shape.schema, { type: 'null' }] },
    accepts: shape.accepts,
    read: (found, report) => (isNothing(found) ? empty : shape.read(found, report)),
  };
}

export const resources = object(
  {
    buckets: defaulted(buckets, [], [], 'Names of buckets. Those that events name need not be here.'),
    queues: defaulted(
      queues,
      new Map<string, WrittenQueue>(),
      {},
      'Names of queues, or a map from names to { visibility, deadLetter, receives }.',
    ),
    topics: defaulted(topics, [], [], 'Names of topics. Those that events name need not be here.'),
    buses: defaulted(
      buses,
      [],
      [],
      'Names of event buses. Those that events name need not be here; default is always there.',
    ),
    tables: defaulted(
      tables,
      new Map<string, TableSettings>(),
      {},
      'Tables by name: a key (customer, at number), or { key, indexes, expires, stream }.',
    ),
  },
  {
    accepts: 'a map of buckets, queues, topics, buses and tables',
    hints: {
      bucket: 'it is called buckets, a list',
      queue: 'it is called queues, a list',
      s3: 'it is called buckets, a list',
      sqs: 'it is called queues, a list',
      resources: 'write buckets: and queues: themselves; CloudFormation is not read here',
      outputs: 'CloudFormation is not read here',
      table: 'it is called tables, a map of names and keys',
      dynamodb: 'it is called tables, a map of names and keys',
      topic: 'it is called topics, a list',
      sns: 'it is called topics, a list',
      bus: 'it is called buses, a list',
      eventbus: 'it is called buses, a list',
      eventbuses: 'it is called buses, a list',
      eventbridge: 'it is called buses, a list',
      rules: 'a rule is an event of a function: bus: { name, pattern }',
      streams: 'a stream belongs to a table: tables: { NAME: { key, stream: new and old } }',
      secrets:
        'a secret’s value does not belong into this file: make it with `aws secretsmanager create-secret`, and let functions read: secret NAME',
      parameters: 'make them with `aws ssm put-parameter`, and let functions read: parameter /PATH/*',
    },
  },
);

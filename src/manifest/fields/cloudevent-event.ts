/** `cloudevent: { path, type, source, … }`: CloudEvents that others post. */
import { parseCloudEventFilter } from '../../registry/cloud-event-filter.ts';
import { cloudEventLimits, replyModes, type CloudEventSource } from '../../registry/cloudevent-source.ts';
import { either, list, object, optional, required } from '../shape/compound.ts';
import { choice, text } from '../shape/scalar.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Found } from '../found.ts';
import { placed, refine, type Report, type Shape } from '../shape/shape.ts';
import { anyValue } from './any-value.ts';
import { intakePath, intakeSecrets } from './intake-fields.ts';
import { busName } from './names.ts';

const patternsMax = 100;

const pattern = text({
  pattern: /\*?[^*]{1,1000}|[^*]{1,1000}\*/,
  accepts: 'a text, with * at its beginning or its end where anything may stand there,',
});

const patterns: Shape<readonly string[]> = either<readonly string[]>({
  text: refine(pattern, (one) => [one]),
  list: list(pattern, { accepts: 'a list of texts', itemsMin: 1, itemsMax: patternsMax }),
});

export const cloudEventEvent: Shape<CloudEventSource> = refine(
  object(
    {
      path: required(intakePath, "Where it answers POST, from the gateway's root.", 'path: /events'),
      type: optional(patterns, 'The types that are wanted: com.example.paid, com.example.*, or a list of them.'),
      source: optional(patterns, 'The sources that are wanted: as type.'),
      subject: optional(patterns, 'The subjects that are wanted: as type.'),
      filter: optional(
        placed(anyValue('the filter', cloudEventLimits.filterLengthMax / 2)),
        "Any other condition: a list of filters of CloudEvents' Subscriptions API (exact, prefix, suffix, all, any, not), all of which must match.",
      ),
      secret: optional(
        intakeSecrets(cloudEventLimits.secretsMax),
        "The variable of the function that holds the sender's token (Authorization: Bearer), or several while it is changed. Default: anybody may send.",
      ),
      reply: optional(
        choice({
          words: { binary: replyModes[0], structured: replyModes[1] },
          accepts: replyModes.join(', '),
        }),
        'The sender waits for the function, and gets the CloudEvent that it answers in this mode. Default: nobody waits.',
      ),
      bus: optional(busName, 'The event bus on which the events are put, instead of into this function.'),
    },
    {
      accepts: 'a map of path, type, source, subject, filter, secret, reply and bus',
      hints: {
        types: 'it is called type, and takes a list, too',
        sources: 'it is called source, and takes a list, too',
        filters: 'it is called filter',
        secrets: 'it is called secret, and takes a list, too',
        token: 'it is called secret',
        method: 'CloudEvents come with POST',
        mode: 'all three modes are accepted; the mode of answers is called reply',
      },
    },
  ),
  (written, found, report): CloudEventSource | undefined => {
    const { path, secret = [], filter, reply, bus } = written;
    if (bus !== undefined && reply !== undefined) {
      report(found, 'a bus answers nothing; leave reply or bus out');
      return undefined;
    }
    const given: unknown = filter === undefined ? [] : JSON.parse(filter.value);
    if (filter !== undefined && !Array.isArray(given)) {
      report(filter.found, 'filter takes a list of filters, such as [{ exact: { type: com.example.paid } }]');
      return undefined;
    }
    const conditions = [
      ...(['type', 'source', 'subject'] as const).flatMap((name) => {
        const of = written[name];
        return of === undefined ? [] : [conditionOf(name, of)];
      }),
      ...(given as readonly unknown[]),
    ];
    const json = JSON.stringify(conditions);
    // What type, source and subject make is right: only what was written as a filter can be wrong.
    if (filter !== undefined && !isFilter(json, filter.found, report)) return undefined;
    return {
      kind: 'cloudevent',
      path,
      secrets: secret,
      ...(conditions.length > 0 && { filter: json }),
      ...(reply !== undefined && { reply }),
      ...(bus !== undefined && { bus }),
    };
  },
);

function isFilter(json: string, found: Found, report: Report): boolean {
  try {
    parseCloudEventFilter(json);
    return true;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    report(found, error.message);
    return false;
  }
}

function conditionOf(attribute: string, wanted: readonly string[]): unknown {
  const each = wanted.map((one) => {
    if (one.endsWith('*')) return { prefix: { [attribute]: one.slice(0, -1) } };
    return one.startsWith('*') ? { suffix: { [attribute]: one.slice(1) } } : { exact: { [attribute]: one } };
  });
  return each.length === 1 ? each[0] : { any: each };
}

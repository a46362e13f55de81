/** `table: orders`: changes of its items, in batches. */
import { sourceLimits, type TableSource } from '../../registry/binding.ts';
import { queueNamePattern } from '../../resources/queue-settings.ts';
import { topicNamePattern } from '../../resources/topic-settings.ts';
import { defaulted, either, list, object, optional, required } from '../shape/compound.ts';
import { duration } from '../shape/duration.ts';
import { choice, text, wholeNumber, yesOrNo } from '../shape/scalar.ts';
import { refine, type Shape } from '../shape/shape.ts';
import { anyValue } from './any-value.ts';
import { isEventPattern } from './check-pattern.ts';
import { bucketNamePattern } from './names.ts';
import { tableNameAccepts, tableNamePattern } from './tables.ts';

const { batchMax, windowMsMax, parallelMax, retriesMax, recordAgeMs, tumblingMs, filtersMax } = sourceLimits;

const tableName = text({ pattern: tableNamePattern, accepts: tableNameAccepts });
const destinations = `queue ${queueNamePattern.source}|topic ${topicNamePattern.source}|bucket (?:${bucketNamePattern.source})`;

const defaults = {
  kind: 'table',
  startAt: 'latest',
  batchMax: 100,
  windowMs: 0,
  parallel: 1,
  bisects: false,
  reportsFailures: false,
} as const satisfies Partial<TableSource>;

const fromMap = refine(
  object(
    {
      name: required(tableName, 'The table: one of the manifest, with a stream.', 'name: orders'),
      startAt: defaulted(
        choice({ words: { oldest: 'oldest', latest: 'latest' } as const, accepts: 'oldest or latest' }),
        defaults.startAt,
        defaults.startAt,
        'The first time: with what happens from the deployment on (latest), or with all that the stream still has (oldest).',
      ),
      batch: defaulted(
        wholeNumber({ min: 1, max: batchMax, accepts: `a whole number of changes from 1 to ${batchMax}` }),
        defaults.batchMax,
        defaults.batchMax,
        'Changes in one event, at most.',
      ),
      window: defaulted(duration({ minMs: 0, maxMs: windowMsMax }), 0, '0s', 'How long to wait for a batch to fill.'),
      parallel: defaulted(
        wholeNumber({ min: 1, max: parallelMax, accepts: `a whole number of batches from 1 to ${parallelMax}` }),
        defaults.parallel,
        defaults.parallel,
        'Batches of a shard at once. Changes of one item are never given at once, nor in another order.',
      ),
      halves: defaulted(
        yesOrNo(),
        false,
        false,
        'A batch that fails is tried again in halves, until the change that fails is alone.',
      ),
      reportsFailures: defaulted(
        yesOrNo(),
        false,
        false,
        'The function answers { batchItemFailures: [{ itemIdentifier }] }, and it goes on at the first of these.',
      ),
      retries: optional(
        wholeNumber({ min: 0, max: retriesMax, accepts: `a whole number of tries from 0 to ${retriesMax}` }),
        'How often a batch is tried again. Without it: until its changes are too old.',
      ),
      maxAge: optional(
        duration({ minMs: recordAgeMs.min, maxMs: recordAgeMs.max }),
        'Changes that are older are given up. Without it: after the day that they are kept.',
      ),
      tumbling: optional(
        duration({ minMs: tumblingMs.min, maxMs: tumblingMs.max }),
        'Time windows: what the function answers as state is handed on to the next event of the window.',
      ),
      filters: optional(
        list(anyValue('the pattern', sourceLimits.inputLengthMax), {
          accepts: `a list of at most ${filtersMax} patterns`,
          itemsMin: 1,
          itemsMax: filtersMax,
        }),
        "Which changes: EventBridge's patterns, any of which must match.",
      ),
      onFailure: optional(
        text({ pattern: new RegExp(destinations), accepts: 'queue NAME, topic NAME or bucket NAME' }),
        'Where it is told what is given up. Without it, that lies in the dead letters of the function.',
      ),
    },
    {
      accepts:
        'a map of name, startAt, batch, window, parallel, halves, reportsFailures, retries, maxAge, tumbling, filters and onFailure',
      hints: {
        arn: "it is called name, and takes the table's name alone",
        stream: "it is called name, and takes the table's name alone",
        startingposition: 'it is called startAt: oldest or latest',
        batchsize: 'it is called batch',
        maximumbatchingwindow: 'it is called window: 5s',
        maximumbatchingwindowinseconds: 'it is called window: 5s',
        parallelizationfactor: 'it is called parallel',
        bisectbatchonfunctionerror: 'it is called halves: true',
        functionresponsetype: 'it is called reportsFailures: true',
        functionresponsetypes: 'it is called reportsFailures: true',
        maximumretryattempts: 'it is called retries',
        maximumrecordageinseconds: 'it is called maxAge: 1h',
        tumblingwindowinseconds: 'it is called tumbling: 1m',
        filtercriteria: 'it is called filters, a list of patterns',
        filter: 'it is called filters, a list of patterns',
        destinationconfig: 'it is called onFailure: queue NAME',
        enabled: 'leave the event out instead',
      },
    },
  ),
  (written, found, report): TableSource | undefined => {
    const { name, startAt, batch, window, parallel, halves, reportsFailures } = written;
    const { retries, maxAge, tumbling, filters, onFailure } = written;
    if (filters?.every((filter) => isEventPattern(filter, found, report)) === false) return undefined;
    return {
      kind: 'table',
      table: name,
      startAt,
      batchMax: batch,
      windowMs: window,
      parallel,
      bisects: halves,
      reportsFailures,
      ...(retries !== undefined && { retriesMax: retries }),
      ...(maxAge !== undefined && { ageMaxMs: maxAge }),
      ...(tumbling !== undefined && { tumblingMs: tumbling }),
      ...(filters !== undefined && { filters }),
      ...(onFailure !== undefined && { onFailure }),
    };
  },
);

/** `onFailure` as it is written: `queue failures`. */
export const tableEvent: Shape<TableSource> = either<TableSource>({
  text: refine(tableName, (table) => ({ ...defaults, table })),
  map: fromMap,
});

/** The ARN of a destination that is written as `queue failures`. */
export function destinationArn(written: string, { account, region }: { account: string; region: string }): string {
  const [kind = '', name = ''] = written.split(' ');
  if (kind === 'bucket') return `arn:aws:s3:::${name}`;
  return `arn:aws:${kind === 'queue' ? 'sqs' : 'sns'}:${region}:${account}:${name}`;
}

/** `queue: jobs`: messages, in batches. */
import { sourceLimits, type BindingSource } from '../../registry/binding.ts';
import { isFifoName } from '../../resources/queue-settings.ts';
import { defaulted, either, object, required } from '../shape/compound.ts';
import { duration } from '../shape/duration.ts';
import { wholeNumber, yesOrNo } from '../shape/scalar.ts';
import { refine, type Shape } from '../shape/shape.ts';
import { queueName } from './names.ts';

export type QueueSource = Extract<BindingSource, { kind: 'queue' }>;

const { batchMax, windowMsMax } = sourceLimits;
/** What fits without waiting for more: SQS gives ten messages at once. */
const batchWithoutWindowMax = 10;

const fromMap = refine(
  object(
    {
      name: required(queueName, 'The queue. It is created if it is not there.', 'name: jobs'),
      batch: defaulted(
        wholeNumber({ min: 1, max: batchMax, accepts: `a whole number of messages from 1 to ${batchMax}` }),
        10,
        10,
        'Messages in one event, at most.',
      ),
      window: defaulted(duration({ minMs: 0, maxMs: windowMsMax }), 0, '0s', 'How long to wait for a batch to fill.'),
      reportsFailures: defaulted(
        yesOrNo(),
        false,
        false,
        'The function answers { batchItemFailures: [{ itemIdentifier }] }, and only those messages come again.',
      ),
    },
    {
      accepts: 'a map of name, batch, window and reportsFailures',
      hints: {
        arn: "it is called name, and takes the queue's name alone",
        batchsize: 'it is called batch',
        maximumbatchingwindow: 'it is called window: 5s',
        maximumbatchingwindowinseconds: 'it is called window: 5s',
        functionresponsetype: 'it is called reportsFailures: true',
        functionresponsetypes: 'it is called reportsFailures: true',
        enabled: 'leave the event out instead',
      },
    },
  ),
  ({ name, batch, window, reportsFailures }, found, report): QueueSource | undefined => {
    if (batch > batchWithoutWindowMax && window === 0) {
      report(
        found,
        `a batch of ${batch} needs time to fill: write window: 1s or more beside it, or a batch of at most ${batchWithoutWindowMax}`,
      );
      return undefined;
    }
    if (isFifoName(name) && (batch > batchWithoutWindowMax || window > 0)) {
      report(
        found,
        `${name} keeps an order: at most ${batchWithoutWindowMax} messages are in a batch, and none waits in a window`,
      );
      return undefined;
    }
    return { kind: 'queue', queue: name, batchMax: batch, windowMs: window, reportsFailures };
  },
);

export const queueEvent: Shape<QueueSource> = either<QueueSource>({
  text: refine(
    queueName,
    (queue) => ({ kind: 'queue', queue, batchMax: 10, windowMs: 0, reportsFailures: false }) as const,
  ),
  map: fromMap,
});

/** What a queue is set to, with the bounds and defaults that Amazon SQS documents for the same settings. */
import { PlatformError } from '../util/errors.ts';
import { messageLimits } from './queue-message.ts';

export type QueueSettings = {
  /** How long a received message stays hidden from other receivers. */
  visibilityMs: number;
  /** How long a new message stays hidden, where it does not say itself. */
  delayMs: number;
  /** Older messages are dropped. */
  retentionMs: number;
  /** How long a receive waits for a first message, where it does not say itself. */
  waitMs: number;
  /** Body and attributes of one message together. */
  messageBytesMax: number;
  /** Where a message goes instead of being received more than `receivesMax` times. A queue of the same account. */
  redrive?: { deadLetterQueue: string; receivesMax: number };
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
export const queueSettingsDefault: QueueSettings = Object.freeze({
  visibilityMs: 30_000,
  delayMs: 0,
  retentionMs: 345_600_000,
  waitMs: 0,
  messageBytesMax: messageLimits.bytesMax,
});

/** Same page; each inclusive. */
export const queueSettingsBounds = {
  visibilityMs: [0, 43_200_000],
  delayMs: [0, 900_000],
  retentionMs: [60_000, 1_209_600_000],
  waitMs: [0, 20_000],
  messageBytesMax: [1_024, messageLimits.bytesMax],
  receivesMax: [1, 1_000],
} as const;

/** Throws `invalid_argument` naming the setting and its bounds. */
export function checkQueueSettings(settings: QueueSettings): void {
  for (const name of ['visibilityMs', 'delayMs', 'retentionMs', 'waitMs', 'messageBytesMax'] as const) {
    checkBounds(name, settings[name]);
  }
  if (settings.redrive !== undefined) {
    checkBounds('receivesMax', settings.redrive.receivesMax);
    checkQueueName(settings.redrive.deadLetterQueue);
  }
}

function checkBounds(name: keyof typeof queueSettingsBounds, value: number): void {
  const [min, max] = queueSettingsBounds[name];
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new PlatformError(
    'invalid_argument',
    `${name} is ${value}; a whole number from ${min} to ${max} is accepted.`,
    {
      field: name,
      reason: 'InvalidAttributeValue',
    },
  );
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
export const queueNamePattern = /[A-Za-z0-9_-]{1,80}/;
const wholeQueueName = new RegExp(`^${queueNamePattern.source}$`);

/** Throws `invalid_argument`; queues that keep an order (`.fifo`) are refused as not built. */
export function checkQueueName(name: string): void {
  if (name.endsWith('.fifo')) {
    throw new PlatformError(
      'not_implemented',
      `The queue "${name}" is a FIFO queue by its name, and those are not built yet; standard queues are.`,
      { field: 'QueueName', reason: 'UnsupportedOperation' },
    );
  }
  if (!wholeQueueName.test(name)) {
    throw new PlatformError(
      'invalid_argument',
      `The queue name "${name}" is not accepted. Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.`,
      { field: 'QueueName', reason: 'InvalidParameterValue' },
    );
  }
}

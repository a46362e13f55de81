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
  /** Whose dead-letter queue it may be. Absent: every queue's of the account. */
  redriveAllow?: { kind: 'none' } | { kind: 'queues'; names: readonly string[] };
  /** Who else may use it: a policy document, as it was given. */
  policy?: string;
  /** How messages lie on disk. The platform's own keys seal them in any case; `kms`: with a key that is asked for each time, besides. */
  encryption: QueueEncryption;
  /** How long a data key of such a key encrypts what is sent. */
  dataKeyReuseMs: number;
  /** Present where the name ends in `.fifo`: messages have groups, each of which keeps its order. */
  fifo?: FifoSettings;
};

/** `none`: as somebody said who wants it; nothing lies there otherwise for it. `keyId`: an id, an ARN or an alias, which need not be there. */
export type QueueEncryption = { kind: 'managed' } | { kind: 'none' } | { kind: 'kms'; keyId: string };

export type FifoSettings = {
  /** A message without a deduplication id of its own has its body's digest for one. */
  contentDeduplication: boolean;
  /** Where a deduplication id counts. */
  deduplicationScope: 'queue' | 'messageGroup';
  /** What AWS limits the rate by; kept, and nothing here is limited by it. */
  throughputLimit: 'perQueue' | 'perMessageGroupId';
};

export const isFifoName = (name: string): boolean => name.endsWith('.fifo');

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
export const queueSettingsDefault: QueueSettings = Object.freeze({
  visibilityMs: 30_000,
  delayMs: 0,
  retentionMs: 345_600_000,
  waitMs: 0,
  messageBytesMax: messageLimits.bytesMax,
  encryption: Object.freeze({ kind: 'managed' }),
  dataKeyReuseMs: 300_000,
});

export const fifoSettingsDefault: FifoSettings = Object.freeze({
  contentDeduplication: false,
  deduplicationScope: 'queue',
  throughputLimit: 'perQueue',
});

/** Every setting of a queue of that name, of those that are given and the defaults. */
export function completeQueueSettings(name: string, given: Partial<QueueSettings>): QueueSettings {
  const { fifo, ...others } = given;
  const settings = { ...queueSettingsDefault, ...others };
  return isFifoName(name) ? { ...settings, fifo: { ...fifoSettingsDefault, ...fifo } } : settings;
}

/** Same page; each inclusive. */
export const queueSettingsBounds = {
  visibilityMs: [0, 43_200_000],
  delayMs: [0, 900_000],
  retentionMs: [60_000, 1_209_600_000],
  waitMs: [0, 20_000],
  messageBytesMax: [1_024, messageLimits.bytesMax],
  dataKeyReuseMs: [60_000, 86_400_000],
  receivesMax: [1, 1_000],
} as const;

/** Throws `invalid_argument` naming the setting and its bounds. */
export function checkQueueSettings(settings: QueueSettings): void {
  for (const name of [
    'visibilityMs',
    'delayMs',
    'retentionMs',
    'waitMs',
    'messageBytesMax',
    'dataKeyReuseMs',
  ] as const) {
    checkBounds(name, settings[name]);
  }
  if (settings.redrive !== undefined) {
    checkBounds('receivesMax', settings.redrive.receivesMax);
    checkQueueName(settings.redrive.deadLetterQueue);
  }
  const { fifo } = settings;
  if (fifo?.throughputLimit === 'perMessageGroupId' && fifo.deduplicationScope !== 'messageGroup') {
    throw new PlatformError(
      'invalid_argument',
      'The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
      { field: 'FifoThroughputLimit', reason: 'InvalidAttributeValue' },
    );
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
export const standardQueueNamePattern = /[A-Za-z0-9_-]{1,80}/;
export const queueNamePattern = /(?:[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)/;
const wholeQueueName = new RegExp(`^${queueNamePattern.source}$`);

/** Throws `invalid_argument`. */
export function checkQueueName(name: string): void {
  if (!wholeQueueName.test(name)) {
    throw new PlatformError(
      'invalid_argument',
      `The queue name "${name}" is not accepted. Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length, with ".fifo" at the end where it is a FIFO queue's.`,
      { field: 'QueueName', reason: 'InvalidParameterValue' },
    );
  }
}

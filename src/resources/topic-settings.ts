/** What a topic is set to, with the names, bounds and defaults that Amazon SNS documents. */
import { PlatformError } from '../util/errors.ts';

export type TopicSettings = {
  /** What a mail from it is said to come from. */
  displayName: string;
  /** A policy document, as it was set; absent: the default, which lets only the account's administrator. */
  policy?: string;
  /** JSON of `{ http: { defaultHealthyRetryPolicy … } }`, as it was set. */
  deliveryPolicy?: string;
  /** Of the signatures of its messages: 1 is SHA-1, 2 is SHA-256. */
  signatureVersion: '1' | '2';
  /** An id, an ARN or an alias, which need not be there: with that key messages are encrypted until they have gone out. */
  keyId?: string;
  /** Kept and given back; nothing looks at it. */
  dataProtectionPolicy?: string;
  /** Present where messages keep their order. Whether it is there never changes. */
  fifo?: FifoSettings;
};

export type FifoSettings = {
  /** The SHA-256 of a message stands in for a deduplication id that was not given. */
  deduplicatesByContent: boolean;
  /** Where deduplication ids are told apart: in the whole topic or in each group. */
  scope: 'topic' | 'group';
};

export const topicSettingsDefault: TopicSettings = Object.freeze({ displayName: '', signatureVersion: '1' });

/** Limits of topics. https://docs.aws.amazon.com/general/latest/gr/sns.html#limits_sns */
export const topicLimits = {
  /** Subscriptions of one topic here: each is looked at for each message. */
  subscriptionsMax: 10_000,
  /** Topics of one account. */
  topicsMax: 100_000,
  /** Topics of one account that keep an order. */
  fifoTopicsMax: 1_000,
  tagsMax: 50,
  displayNameCharactersMax: 100,
  /** Characters of a policy document of any kind. */
  documentCharactersMax: 30_720,
} as const;

const fifoSuffix = '.fifo';

/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
export const topicNamePattern = /[A-Za-z0-9_-]{1,256}/;

const wholeName = new RegExp(`^${topicNamePattern.source}$`);

/** Throws InvalidParameter. `isFifo`: as its settings say, which its name has to say, too. */
export function checkTopicName(name: string, isFifo: boolean): void {
  const stem = isFifo && name.endsWith(fifoSuffix) ? name.slice(0, -fifoSuffix.length) : name;
  if (name.length <= 256 && wholeName.test(stem) && name.endsWith(fifoSuffix) === isFifo) return;
  const why = isFifo
    ? 'Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.'
    : 'Topic Name';
  throw new PlatformError('invalid_argument', `Invalid parameter: ${why}`, {
    field: 'Name',
    reason: 'InvalidParameter',
  });
}

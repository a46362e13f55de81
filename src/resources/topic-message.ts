/** A message of a topic: as it is published, as it is kept until it has gone out, and what is not accepted as one. */
import type { Cause } from '../util/cause.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import { messageBytes, type MessageAttribute } from './queue-message.ts';

export type PublishedMessage = {
  message: string;
  /** The message is JSON that has a text for each protocol, and a `default`. */
  hasTextByProtocol?: boolean;
  subject?: string;
  attributes: Readonly<Record<string, MessageAttribute>>;
  /** What led to it; carried on to whatever the message brings about. */
  cause?: Cause;
  groupId?: string;
  deduplicationId?: string;
  /** X-Ray's header, as the publisher gave it. */
  traceHeader?: string;
};

/** Kept, with what the topic gave it. */
export type TopicMessage = PublishedMessage & {
  /** A UUID. */
  id: string;
  publishedMs: number;
  /** 20 digits that only grow; of topics that keep an order. */
  sequenceNumber?: string;
};

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const topicMessageLimits = {
  /** Message and attributes together, of a whole batch as well. */
  bytesMax: 262_144,
  subjectCharactersMax: 100,
  /** Of group and deduplication ids. */
  idCharactersMax: 128,
  attributeNameCharactersMax: 256,
} as const;

export function topicMessageBytes({ message, attributes }: PublishedMessage): number {
  return messageBytes({ body: message, attributes });
}

const attributeName = /^(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]+(?<!\.)$/;
const attributeType = /^(String|Number|Binary)(\.[A-Za-z0-9_.-]{1,249})?$/;
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
/** Letters, digits and punctuation of ASCII. */
const id = /^[\x21-\x7e]{1,128}$/;

/** Throws InvalidParameter or ParameterValueInvalid for what no topic takes. */
export function checkTopicMessage(published: PublishedMessage): void {
  const { message, subject, groupId, deduplicationId } = published;
  if (message === '') throw invalid('Message', 'Empty message');
  if (topicMessageBytes(published) > topicMessageLimits.bytesMax) {
    throw new PlatformError('too_large', 'Invalid parameter: Message too long', {
      field: 'Message',
      reason: 'InvalidParameter',
    });
  }
  // Line breaks and control characters would end a mail's header. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
  if (subject !== undefined && !/^(?!\s)[^\p{Cc}]{1,100}$/u.test(subject)) throw invalid('Subject', 'Subject');
  if (groupId !== undefined && !id.test(groupId)) throw invalid('MessageGroupId', 'MessageGroupId');
  if (deduplicationId !== undefined && !id.test(deduplicationId))
    throw invalid('MessageDeduplicationId', 'MessageDeduplicationId');
  if (published.hasTextByProtocol === true) parseTexts(message);
  checkAttributes(published.attributes);
}

/** The text for `protocol`. */
export function textFor({ message, hasTextByProtocol }: PublishedMessage, protocol: string): string {
  if (hasTextByProtocol !== true) return message;
  const texts = parseTexts(message);
  const own = Object.hasOwn(texts, protocol) ? texts[protocol] : undefined;
  return typeof own === 'string' ? own : texts.default;
}

function parseTexts(message: string): { default: string } & Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    parsed = undefined;
  }
  if (!isObject(parsed)) throw invalid('Message', 'Message Structure - JSON message body failed to parse');
  const text = parsed['default'];
  if (typeof text !== 'string') throw invalid('Message', 'Message Structure - No default entry in JSON message body');
  return { ...parsed, default: text };
}

function checkAttributes(attributes: Readonly<Record<string, MessageAttribute>>): void {
  for (const [name, attribute] of Object.entries(attributes)) {
    if (!attributeName.test(name) || name.length > topicMessageLimits.attributeNameCharactersMax)
      refuse(name, `The message attribute name '${name}' is not accepted; letters, digits, _, - and . are.`);
    if (!attributeType.test(attribute.type)) {
      refuse(
        name,
        `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
      );
    }
    const value = 'base64' in attribute ? attribute.base64 : attribute.text;
    if (value === '' || 'base64' in attribute !== attribute.type.startsWith('Binary')) {
      refuse(
        name,
        `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${attribute.type}'.`,
      );
    }
    if (attribute.type.startsWith('Number') && !decimal.test(value))
      refuse(name, `Could not cast message attribute '${name}' value to number.`);
    if (attribute.type === 'String.Array' && !isListOfValues(value))
      refuse(name, `The message attribute '${name}' of the type 'String.Array' is no JSON list of plain values.`);
  }
}

function isListOfValues(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.every((one) => one === null || typeof one !== 'object');
  } catch {
    return false;
  }
}

const invalid = (field: string, what: string): PlatformError =>
  new PlatformError('invalid_argument', `Invalid parameter: ${what}`, { field, reason: 'InvalidParameter' });

function refuse(name: string, message: string): never {
  throw new PlatformError('invalid_argument', message, {
    field: `MessageAttributes.${name}`,
    reason: 'ParameterValueInvalid',
  });
}

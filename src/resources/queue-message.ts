/** A message of a queue: as it is sent, as the log keeps it, and as it is received; and what is not accepted as one. */
import type { Cause } from '../util/cause.ts';
import { PlatformError } from '../util/errors.ts';
import type { QueueSettings } from './queue-settings.ts';

/** `type`: `String`, `Number` or `Binary`, each with an optional suffix (`Number.float`); binary values are base64. */
export type MessageAttribute = { type: string; text: string } | { type: string; base64: string };

export type OutgoingMessage = {
  /** Unique in the queue; a message with an id that the queue still holds is dropped. Absent: a new one. */
  id?: string;
  body: string;
  attributes?: Readonly<Record<string, MessageAttribute>>;
  /** Absent: the queue's own delay. */
  delayMs?: number;
  /** In a FIFO queue: what it is in order with. In a standard queue: whom it is for, so that nobody is crowded out by another. */
  group?: string;
  /** FIFO: another message with the same id is dropped for five minutes. Absent: by the digest of the body, where the queue says so. */
  deduplicationId?: string;
  /** Who sent it, as the receiver is told. */
  senderId: string;
  /** What led to it; carried on to whatever the message brings about. */
  cause?: Cause;
  /** X-Ray's header, as the sender gave it. */
  traceHeader?: string;
};

/** The body of the log's message, as JSON. */
export type StoredMessage = {
  body: string;
  /** Absent: none. */
  attributes?: Readonly<Record<string, MessageAttribute>>;
  senderId: string;
  cause?: Cause;
  traceHeader?: string;
  deduplicationId?: string;
};

export type QueueMessage = StoredMessage & {
  id: string;
  attributes: Readonly<Record<string, MessageAttribute>>;
  /** Epoch ms. It survives the move to a standard dead-letter queue; in a FIFO one it begins anew. */
  sentMs: number;
  group?: string;
  /** FIFO: 20 digits that grow. */
  sequenceNumber?: string;
  /** The queue that it was given up in. */
  deadLetterSource?: string;
  /** Names this receive of the message: what deleting it and changing its visibility ask for. */
  receipt: string;
  /** Those before it was given up included. */
  receives: number;
  firstReceivedMs: number;
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const messageLimits = {
  bytesMax: 1_048_576,
  attributesMax: 10,
  attributeNameCharactersMax: 256,
  delayMsMax: 900_000,
  /** Of groups and deduplication ids. */
  idCharactersMax: 128,
} as const;

/** How long a deduplication id is remembered. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html */
export const deduplicationMs = 300_000;

/** Bytes that count against the limit: body, and names, types and values of the attributes. */
export function messageBytes(message: Pick<OutgoingMessage, 'body' | 'attributes'>): number {
  let bytes = Buffer.byteLength(message.body);
  for (const [name, attribute] of Object.entries(message.attributes ?? {})) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.type);
    bytes += 'base64' in attribute ? Buffer.byteLength(attribute.base64, 'base64') : Buffer.byteLength(attribute.text);
  }
  return bytes;
}

/** XML 1.0's characters, which is what a queue accepts: no control characters but tab and line ends, no lone surrogates. */
const unacceptable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const attributeName = /^(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]+(?<!\.)$/;
const attributeType = /^(String|Number|Binary)(\.[^\p{Cc}]{1,249})?$/u;
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Letters, digits and punctuation. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const idPattern = /^[\u0021-\u007E]+$/;

/** Throws `invalid_argument`. */
export function checkId(field: string, id: string): void {
  if (id.length <= messageLimits.idCharactersMax && idPattern.test(id)) return;
  refuse(field, `${field} can only include alphanumeric and punctuation characters. 1 to 128 in length.`);
}

/** Throws `invalid_argument` or `too_large` for what no queue of these settings takes. */
export function checkMessage(message: OutgoingMessage, settings: QueueSettings): void {
  checkText(message, settings.messageBytesMax);
  checkAttributes(message.attributes ?? {});
  checkOrder(message, settings);
}

function checkOrder({ group, deduplicationId, delayMs }: OutgoingMessage, { fifo }: QueueSettings): void {
  if (group !== undefined) checkId('MessageGroupId', group);
  if (deduplicationId !== undefined) checkId('MessageDeduplicationId', deduplicationId);
  if (fifo === undefined) {
    if (deduplicationId === undefined) return;
    throw invalidForType('MessageDeduplicationId', deduplicationId);
  }
  if (group === undefined) {
    throw new PlatformError('invalid_argument', 'The request must contain the parameter MessageGroupId.', {
      field: 'MessageGroupId',
      reason: 'MissingParameter',
    });
  }
  if (deduplicationId === undefined && !fifo.contentDeduplication) {
    refuse(
      'MessageDeduplicationId',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  if (delayMs !== undefined && delayMs > 0) throw invalidForType('DelaySeconds', delayMs / 1_000);
}

/** Of what only queues of the other type take. */
export function invalidForType(parameter: string, value: string | number): PlatformError {
  return new PlatformError(
    'invalid_argument',
    `Value ${value} for parameter ${parameter} is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    { field: parameter, reason: 'InvalidParameterValue' },
  );
}

function checkText(message: OutgoingMessage, bytesMax: number): void {
  if (message.body === '') {
    throw new PlatformError('invalid_argument', 'The message has an empty body; at least one character is accepted.', {
      field: 'MessageBody',
      reason: 'MissingParameter',
    });
  }
  const bytes = messageBytes(message);
  if (bytes > bytesMax) {
    throw new PlatformError(
      'too_large',
      `One or more parameters are invalid. Reason: Message must be shorter than ${bytesMax} bytes; this one has ${bytes}.`,
      { field: 'MessageBody', reason: 'InvalidParameterValue' },
    );
  }
  const wrong = unacceptable.exec(message.body);
  if (wrong !== null) {
    const code = (wrong[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    throw new PlatformError(
      'invalid_argument',
      `Invalid characters found: U+${code} at character ${wrong.index} of the body. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.`,
      { field: 'MessageBody', reason: 'InvalidMessageContents' },
    );
  }
  if (message.delayMs !== undefined && !(message.delayMs >= 0 && message.delayMs <= messageLimits.delayMsMax)) {
    refuse('DelaySeconds', `The delay of ${message.delayMs / 1000} seconds is not accepted; 0 to 900 is.`);
  }
}

function checkAttributes(attributes: Readonly<Record<string, MessageAttribute>>): void {
  const names = Object.keys(attributes);
  if (names.length > messageLimits.attributesMax) {
    refuse(
      'MessageAttributes',
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${messageLimits.attributesMax}].`,
    );
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    const field = `MessageAttributes.${name}`;
    if (
      !attributeName.test(name) ||
      name.length > messageLimits.attributeNameCharactersMax ||
      /^(aws|amazon)\./i.test(name)
    ) {
      refuse(
        field,
        `The message attribute name "${name}" is not accepted; 1 to 256 of A-Z, a-z, 0-9, underscore, hyphen and period are, with no period first, last or twice in a row, and not beginning with AWS. or Amazon.`,
      );
    }
    if (!attributeType.test(attribute.type)) {
      refuse(
        field,
        `The message attribute "${name}" has an invalid message attribute type "${attribute.type}"; the type name must be String, Number or Binary, with an optional suffix after a period.`,
      );
    }
    if ('base64' in attribute !== attribute.type.startsWith('Binary')) {
      refuse(
        field,
        `The message attribute "${name}" with type "${attribute.type}" must use the matching field: BinaryValue for Binary, StringValue for String and Number.`,
      );
    }
    const value = 'base64' in attribute ? attribute.base64 : attribute.text;
    if (value === '')
      refuse(field, `The message attribute "${name}" must contain a non-empty message attribute value.`);
    if ('text' in attribute && unacceptable.test(attribute.text)) {
      refuse(field, `The message attribute "${name}" contains characters that are not accepted.`);
    }
    if (attribute.type.startsWith('Number') && !decimal.test(value)) {
      refuse(field, `Can't cast the value of message attribute "${name}" to a number: "${value.slice(0, 40)}".`);
    }
  }
}

function refuse(field: string, message: string): never {
  throw new PlatformError('invalid_argument', message, { field, reason: 'InvalidParameterValue' });
}

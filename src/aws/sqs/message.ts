/** Messages as SQS's wire has them, to and from the queue engine's. */
import type {
  Message,
  MessageAttributeValue,
  MessageSystemAttributeValue,
  SendMessageRequest,
  SendMessageResult,
} from '@aws-sdk/client-sqs';
import { md5OfAttributes, md5OfBody } from '../../resources/queue-digest.ts';
import type { MessageAttribute, OutgoingMessage, QueueMessage } from '../../resources/queue-message.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Sent } from '../../resources/queue.ts';
import type { AccountId } from '../../util/ids.ts';
import type { AwsContext } from '../service.ts';
import { queueArn, missing, wholeNumber } from './queue-url.ts';

type Given = Pick<
  SendMessageRequest,
  | 'MessageBody'
  | 'DelaySeconds'
  | 'MessageAttributes'
  | 'MessageSystemAttributes'
  | 'MessageDeduplicationId'
  | 'MessageGroupId'
>;

export function toOutgoing(context: AwsContext, sent: Given): OutgoingMessage {
  if (sent.MessageBody === undefined) throw missing('MessageBody');
  const delaySeconds = wholeNumber('DelaySeconds', sent.DelaySeconds, 0, 900);
  const traceHeader = traceHeaderOf(sent.MessageSystemAttributes);
  return {
    body: sent.MessageBody,
    attributes: mapEntries(sent.MessageAttributes ?? {}, toAttribute),
    senderId: context.principal.accessKeyId === '' ? 'anonymous' : context.principal.accessKeyId,
    cause: context.cause,
    ...(delaySeconds !== undefined && { delayMs: delaySeconds * 1_000 }),
    ...(sent.MessageGroupId !== undefined && { group: sent.MessageGroupId }),
    ...(sent.MessageDeduplicationId !== undefined && { deduplicationId: sent.MessageDeduplicationId }),
    ...(traceHeader !== undefined && { traceHeader }),
  };
}

/** The digests by which the sender checks what arrived. */
export function sendResult(
  { id, sequenceNumber }: Sent,
  message: OutgoingMessage,
): SendMessageResult & { MessageId: string; MD5OfMessageBody: string } {
  const attributes = md5OfAttributes(message.attributes ?? {});
  const system =
    message.traceHeader === undefined ? undefined : { AWSTraceHeader: { type: 'String', text: message.traceHeader } };
  const systemDigest = md5OfAttributes(system ?? {});
  return {
    MessageId: id,
    MD5OfMessageBody: md5OfBody(message.body),
    ...(attributes !== undefined && { MD5OfMessageAttributes: attributes }),
    ...(systemDigest !== undefined && { MD5OfMessageSystemAttributes: systemDigest }),
    ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
  };
}

export type Asked = {
  /** `All` or names. */
  systemNames: readonly string[];
  /** `All`, `.*`, names, or the beginnings of names with `.*` after them. */
  attributeNames: readonly string[];
};

type Place = { region: string; account: AccountId };

/** `place`: of the queue. */
export function toWireMessage(place: Place, message: QueueMessage, asked: Asked): Message {
  const system = Object.entries(systemAttributes(place, message)).filter(
    ([name]) => asked.systemNames.includes('All') || asked.systemNames.includes(name),
  );
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) =>
      asked.attributeNames.some((pattern) => isAsked(name, pattern)),
    ),
  );
  // Clients compute this over the attributes that they were given.
  const digest = md5OfAttributes(attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5OfBody(message.body),
    Body: message.body,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(digest !== undefined && {
      MD5OfMessageAttributes: digest,
      MessageAttributes: mapEntries(attributes, (_name, attribute) => toWireAttribute(attribute)),
    }),
  };
}

function systemAttributes({ region, account }: Place, message: QueueMessage): Record<string, string> {
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentMs),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    ...(message.traceHeader !== undefined && { AWSTraceHeader: message.traceHeader }),
    ...(message.group !== undefined && { MessageGroupId: message.group }),
    ...(message.deduplicationId !== undefined && { MessageDeduplicationId: message.deduplicationId }),
    ...(message.sequenceNumber !== undefined && { SequenceNumber: message.sequenceNumber }),
    ...(message.deadLetterSource !== undefined && {
      DeadLetterQueueSourceArn: queueArn({ region }, { account, name: message.deadLetterSource }),
    }),
  };
}

function isAsked(name: string, pattern: string): boolean {
  if (pattern === 'All' || pattern === '.*') return true;
  return pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function toAttribute(name: string, value: MessageAttributeValue): MessageAttribute {
  const type = value.DataType ?? '';
  if (value.BinaryValue !== undefined) return { type, base64: Buffer.from(value.BinaryValue).toString('base64') };
  if (value.StringValue !== undefined) return { type, text: value.StringValue };
  throw invalid(
    `MessageAttributes.${name}`,
    `The message attribute "${name}" must contain non-empty message attribute value for message attribute type "${type}".`,
  );
}

function toWireAttribute(attribute: MessageAttribute): MessageAttributeValue {
  return 'base64' in attribute
    ? { BinaryValue: Buffer.from(attribute.base64, 'base64'), DataType: attribute.type }
    : { StringValue: attribute.text, DataType: attribute.type };
}

function traceHeaderOf(
  attributes: Partial<Record<string, MessageSystemAttributeValue>> | undefined,
): string | undefined {
  for (const name of Object.keys(attributes ?? {})) {
    if (name !== 'AWSTraceHeader')
      throw invalid(
        `MessageSystemAttributes.${name}`,
        `The message system attribute "${name}" is not accepted; AWSTraceHeader is.`,
      );
  }
  return attributes?.['AWSTraceHeader']?.StringValue;
}

function mapEntries<From, To>(
  record: Readonly<Record<string, From>>,
  map: (name: string, value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(name, value)]));
}

function invalid(field: string, message: string): PlatformError {
  return new PlatformError('invalid_argument', message, { field, reason: 'InvalidParameterValue' });
}

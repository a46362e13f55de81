/** SQS's event for a batch of messages, and what the function's answer says of them. Pure. */
import type { Queue } from '../resources/queue.ts';
import { md5OfBody } from '../resources/queue-digest.ts';
import type { MessageAttribute, QueueMessage } from '../resources/queue-message.ts';
import { newCause, type Cause } from '../util/cause.ts';
import type { FunctionArn } from '../util/ids.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function queueNotification(queue: Queue, messages: readonly QueueMessage[], region: string): object {
  return { Records: messages.map((message) => queueRecord(queue, message, region)) };
}

export function queueRecord(queue: Queue, message: QueueMessage, region: string): object {
  const arnOf = (name: string): string => `arn:aws:sqs:${region}:${queue.account}:${name}`;
  return {
    messageId: message.id,
    receiptHandle: message.receipt,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receives),
      ...(message.traceHeader !== undefined && { AWSTraceHeader: message.traceHeader }),
      SentTimestamp: String(message.sentMs),
      ...(message.sequenceNumber !== undefined && { SequenceNumber: message.sequenceNumber }),
      ...(message.group !== undefined && { MessageGroupId: message.group }),
      ...(message.deduplicationId !== undefined && { MessageDeduplicationId: message.deduplicationId }),
      SenderId: message.senderId,
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
      ...(message.deadLetterSource !== undefined && { DeadLetterQueueSourceArn: arnOf(message.deadLetterSource) }),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, attribute]) => [name, attributeOf(attribute)]),
    ),
    md5OfBody: md5OfBody(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: arnOf(queue.name),
    awsRegion: region,
  };
}

function attributeOf(attribute: MessageAttribute): object {
  const value = 'base64' in attribute ? { binaryValue: attribute.base64 } : { stringValue: attribute.text };
  return { ...value, stringListValues: [], binaryListValues: [], dataType: attribute.type };
}

/**
 * The ids of the messages that failed, by a function's answer `{"batchItemFailures": [{"itemIdentifier": id}]}`.
 * None: nothing, null or an empty list. All: an answer that is no JSON, or that names something not in the batch.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export function failedIds(answer: Uint8Array, ids: readonly string[]): ReadonlySet<string> {
  const all = new Set(ids);
  const text = Buffer.from(answer).toString();
  if (text === '') return new Set();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return all;
  }
  if (typeof parsed !== 'object' || parsed === null || !('batchItemFailures' in parsed)) return new Set();
  const failures = parsed.batchItemFailures;
  if (failures === null) return new Set();
  if (!Array.isArray(failures)) return all;
  const failed = new Set<string>();
  for (const failure of failures as unknown[]) {
    const id =
      typeof failure === 'object' && failure !== null && 'itemIdentifier' in failure
        ? failure.itemIdentifier
        : undefined;
    if (typeof id !== 'string' || !all.has(id)) return all;
    failed.add(id);
  }
  return failed;
}

/** One cause for a batch: the first message's chain, and of each function the most hops that any message has behind it. */
export function causeOf(messages: readonly Pick<QueueMessage, 'cause'>[], nowMs: number, randomHex: string): Cause {
  const causes = messages.flatMap(({ cause }) => (cause === undefined ? [] : [cause]));
  const hops: Record<FunctionArn, number> = {};
  for (const cause of causes) {
    for (const [arn, count] of Object.entries(cause.hops) as [FunctionArn, number][]) {
      hops[arn] = Math.max(hops[arn] ?? 0, count);
    }
  }
  return { traceId: causes[0]?.traceId ?? newCause(nowMs, randomHex).traceId, hops };
}

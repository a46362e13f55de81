/** Messages as the log keeps them, to and from what is sent and received. Pure. */
import type { Leased } from '../../store/log.ts';
import type { LogMessage } from '../../store/records.ts';
import type { Ids } from '../../util/ids.ts';
import { contentId } from '../queue-digest.ts';
import { deduplicationMs, type OutgoingMessage, type QueueMessage, type StoredMessage } from '../queue-message.ts';
import type { QueueSettings } from '../queue-settings.ts';
import { queueNameOf } from './definitions.ts';
import { encodeReceipt } from './receipt.ts';

export function toStore(message: OutgoingMessage, settings: QueueSettings, ids: Ids, nowMs: number): LogMessage {
  const { body, attributes = {}, senderId, cause, traceHeader, group } = message;
  const { fifo } = settings;
  const deduplicationId = fifo === undefined ? undefined : (message.deduplicationId ?? contentId(body));
  const stored: StoredMessage = {
    body,
    senderId,
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(cause && { cause }),
    ...(traceHeader !== undefined && { traceHeader }),
    ...(deduplicationId !== undefined && { deduplicationId }),
  };
  const delayMs = message.delayMs ?? settings.delayMs;
  // Neither may have a space in it.
  const key = fifo?.deduplicationScope === 'messageGroup' ? `${group} ${deduplicationId}` : deduplicationId;
  return {
    id: message.id ?? ids.uuid(),
    body: JSON.stringify(stored),
    ...(delayMs > 0 && { notBeforeMs: nowMs + delayMs }),
    ...(group !== undefined && { group: { name: group, ordered: fifo !== undefined } }),
    ...(key !== undefined && { unique: { key, untilMs: nowMs + deduplicationMs } }),
  };
}

export function readMessage(leased: Leased, { fifo }: QueueSettings, receivedMs: number): QueueMessage {
  const stored = JSON.parse(leased.body) as StoredMessage;
  const { id, receipt, appendedMs, firstReceivedMs, group, origin, sequence } = leased;
  const deadLetterSource = origin === undefined ? undefined : queueNameOf(origin);
  return {
    ...stored,
    attributes: stored.attributes ?? {},
    id,
    receipt: encodeReceipt(receipt, receivedMs),
    receives: leased.receives + (leased.earlierReceives ?? 0),
    sentMs: appendedMs,
    firstReceivedMs,
    ...(group !== undefined && { group }),
    ...(fifo !== undefined && { sequenceNumber: sequenceNumber(sequence) }),
    ...(deadLetterSource !== undefined && { deadLetterSource }),
  };
}

/** 20 digits, as SQS's have: text that sorts like the number. */
export const sequenceNumber = (sequence: number): string => String(10n ** 19n + BigInt(sequence));

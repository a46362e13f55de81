/**
 * What every engine does with its arguments before it touches its data: refuses what no engine could keep, and turns
 * values into JSON text, so that a caller cannot change a stored value by changing the object it passed.
 */
import { never } from '../util/assert.ts';
import { PlatformError } from '../util/errors.ts';
import type { LogMessage, MessageGroup, Operation, Range } from './records.ts';

export const storeLimits = {
  /** UTF-8 bytes of a key, topic, id or name: an S3 object's key (1,024) with what stands before it, four times over. */
  keyBytesMax: 4_096,
  /** Characters of a record's JSON or a message: a 6 MiB payload in base64 with its envelope, and room. */
  valueCharactersMax: 16 * 1024 * 1024,
  /** Operations of one `transact`, or messages of one `append`: what commits together has to fit in memory together. */
  operationsMax: 10_000,
  /** Entries of one `range` (the port's figure). */
  rangeEntriesMax: 10_000,
  /** Messages of one `receive` (the port's figure). */
  receiveMax: 1_000,
  /** Messages of one `peek`: a page for people. */
  peekMax: 1_000,
} as const;

export type EncodedMessage = {
  id: string;
  body: string;
  notBeforeMs: number;
  group?: MessageGroup;
  unique?: { key: string; untilMs: number };
};

export type EncodedAppend = { kind: 'append'; topic: string } & EncodedMessage;

export type EncodedOperation =
  | { kind: 'check'; key: string; revision: number }
  | { kind: 'put'; key: string; json: string }
  | { kind: 'delete'; key: string }
  | { kind: 'take'; topic: string; id: string }
  | EncodedAppend;

/** The value back from its JSON: a new one for each reader. */
export const decodeValue = (json: string): unknown => JSON.parse(json);

export function checkName(field: string, name: string): void {
  if (name === '' || !name.isWellFormed() || Buffer.byteLength(name) > storeLimits.keyBytesMax) {
    throw new PlatformError(
      'invalid_argument',
      `${field} '${name.slice(0, 100)}' is not accepted: 1 to ${storeLimits.keyBytesMax} bytes of well-formed Unicode`,
      { field },
    );
  }
}

export function checkCount(field: string, count: number, max: number): void {
  if (!Number.isInteger(count) || count < 1 || count > max) {
    throw new PlatformError('invalid_argument', `${field} ${count} is not accepted: a whole number from 1 to ${max}`, {
      field,
    });
  }
}

/** `ms` is a length of time or a point in it. */
export function checkMs(field: string, ms: number): void {
  if (!Number.isFinite(ms) || ms < 0) {
    throw new PlatformError('invalid_argument', `${field} ${ms} is not accepted: milliseconds, 0 or more`, { field });
  }
}

export function checkText(field: string, text: string): void {
  if (text.length > storeLimits.valueCharactersMax) {
    throw new PlatformError(
      'too_large',
      `${field} has ${text.length} characters; at most ${storeLimits.valueCharactersMax} are kept in one piece`,
      { field },
    );
  }
}

function checkLength(field: string, length: number): void {
  if (length > storeLimits.operationsMax) {
    throw new PlatformError('too_large', `${length} ${field} at once; at most ${storeLimits.operationsMax}`, { field });
  }
}

function encodeMessage(message: LogMessage): EncodedMessage {
  const { group, unique } = message;
  checkName('message id', message.id);
  checkText('message body', message.body);
  const notBeforeMs = message.notBeforeMs ?? 0;
  checkMs('notBeforeMs', notBeforeMs);
  if (group !== undefined) checkName('group', group.name);
  if (unique !== undefined) {
    checkName('key', unique.key);
    checkMs('untilMs', unique.untilMs);
  }
  // A body is text in UTF-8 on disk: a lone surrogate would come back as another character.
  return {
    id: message.id,
    body: message.body.toWellFormed(),
    notBeforeMs: Math.ceil(notBeforeMs),
    ...(group === undefined ? {} : { group: { name: group.name, ordered: group.ordered } }),
    ...(unique === undefined ? {} : { unique: { key: unique.key, untilMs: Math.ceil(unique.untilMs) } }),
  };
}

export function encodeMessages(topic: string, messages: readonly LogMessage[]): EncodedMessage[] {
  checkName('topic', topic);
  checkLength('messages', messages.length);
  return messages.map(encodeMessage);
}

function encodeOperation(operation: Operation): EncodedOperation {
  switch (operation.kind) {
    case 'check':
      checkName('key', operation.key);
      return { kind: 'check', key: operation.key, revision: operation.revision };
    case 'put': {
      checkName('key', operation.key);
      const json = JSON.stringify(operation.value) as string | undefined;
      if (json === undefined) {
        throw new PlatformError(
          'invalid_argument',
          `the value of '${operation.key}' is not JSON (${typeof operation.value})`,
          {
            field: 'value',
          },
        );
      }
      checkText(`value of '${operation.key}'`, json);
      return { kind: 'put', key: operation.key, json };
    }
    case 'delete':
      checkName('key', operation.key);
      return { kind: 'delete', key: operation.key };
    case 'take':
      checkName('topic', operation.topic);
      checkName('message id', operation.id);
      return { kind: 'take', topic: operation.topic, id: operation.id };
    case 'append':
      checkName('topic', operation.topic);
      return { kind: 'append', topic: operation.topic, ...encodeMessage(operation.message) };
    default:
      return never(operation);
  }
}

export function encodeOperations(operations: readonly Operation[]): EncodedOperation[] {
  checkLength('operations', operations.length);
  return operations.map(encodeOperation);
}

export function checkRange(range: Range): void {
  checkCount('limit', range.limit, storeLimits.rangeEntriesMax);
  for (const field of ['prefix', 'after', 'from', 'before'] as const) {
    if (range[field]?.isWellFormed() === false) {
      throw new PlatformError('invalid_argument', `${field} is not well-formed Unicode`, { field });
    }
  }
}

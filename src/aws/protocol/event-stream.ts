/**
 * Event streams: an answer that is a sequence of messages, each with typed headers, a payload and two checksums.
 *
 *     u32 length of all │ u32 length of the headers │ u32 CRC-32 of both │ headers │ payload │ u32 CRC-32 of all before
 *
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 */
import { crc32 } from 'node:zlib';
import type { Member, Shape, StructureShape } from './shape.ts';

export const eventStreamType = 'application/vnd.amazon.eventstream';

/** One of the union's members, by its name: `{ PayloadChunk: { Payload } }`. */
type StreamedEvent = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

type HeaderValue = string | boolean | number | Date | Uint8Array;
type Headers = Readonly<Record<string, HeaderValue>>;

const preludeBytes = 12;
const checksumBytes = 4;
/** Larger payloads are refused by the official clients. */
const payloadBytesMax = 24 * 1024 * 1024;

/** `document`: how the protocol writes a structure that is an event's whole payload, and what that is called. */
export type EventDocument = { contentType: string; encode(member: Member, value: unknown): string };

export const isEventStream = (shape: Shape): shape is StructureShape =>
  shape.type === 'structure' && shape.union && shape.traits.streaming === true;

/** `events`: a union's, one after the other. An error of theirs cuts the answer, which the client can see. */
export async function* encodeEventStream(
  union: StructureShape,
  events: AsyncIterable<StreamedEvent>,
  document: EventDocument,
): AsyncGenerator<Uint8Array> {
  for await (const event of events) yield encodeEvent(union, event, document);
}

function encodeEvent(union: StructureShape, event: StreamedEvent, document: EventDocument): Uint8Array {
  const [[name, content] = ['', {}]] = Object.entries(event);
  const member = union.byName.get(name);
  if (member?.shape.type !== 'structure') throw new Error(`invariant broken: '${name}' is no event of ${union.name}`);
  const headers: Record<string, HeaderValue> = { ':message-type': 'event', ':event-type': name };
  for (const { name: of, traits } of member.shape.members) {
    const value = content[of];
    if (traits.eventHeader === true && value !== undefined) headers[of] = value as HeaderValue;
  }
  const whole = member.shape.members.find(({ traits }) => traits.eventPayload === true);
  const [contentType, payload] =
    whole === undefined ? structured(member, content, document) : payloadOf(whole, content[whole.name], document);
  return encodeMessage({ ...headers, ':content-type': contentType }, payload);
}

function payloadOf(
  member: Member,
  value: unknown,
  document: EventDocument,
): [contentType: string, payload: Uint8Array] {
  if (member.shape.type === 'blob')
    return ['application/octet-stream', value === undefined ? Buffer.alloc(0) : (value as Uint8Array)];
  if (member.shape.type === 'string') return ['text/plain', Buffer.from(typeof value === 'string' ? value : '')];
  return structured(member, value, document);
}

function structured(
  member: Member,
  value: unknown,
  document: EventDocument,
): [contentType: string, payload: Uint8Array] {
  return [document.contentType, Buffer.from(document.encode(member, value))];
}

export function encodeMessage(headers: Headers, payload: Uint8Array): Uint8Array {
  if (payload.byteLength > payloadBytesMax) {
    throw new Error(
      `invariant broken: an event of ${payload.byteLength} bytes, where at most ${payloadBytesMax} go into one`,
    );
  }
  const encoded = Buffer.concat(Object.entries(headers).flatMap(([name, value]) => encodeHeader(name, value)));
  const bytes = preludeBytes + encoded.length + payload.byteLength + checksumBytes;
  const message = Buffer.allocUnsafe(bytes);
  message.writeUInt32BE(bytes, 0);
  message.writeUInt32BE(encoded.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  encoded.copy(message, preludeBytes);
  message.set(payload, preludeBytes + encoded.length);
  message.writeUInt32BE(crc32(message.subarray(0, bytes - checksumBytes)), bytes - checksumBytes);
  return message;
}

/** The numbers of the header types. */
const types = { true: 0, false: 1, integer: 4, long: 5, bytes: 6, string: 7, timestamp: 8 } as const;

function encodeHeader(name: string, value: HeaderValue): Uint8Array[] {
  const head = Buffer.from(`_${name}`);
  head[0] = head.length - 1;
  return [head, ...encodeHeaderValue(value)];
}

function encodeHeaderValue(value: HeaderValue): Uint8Array[] {
  if (typeof value === 'boolean') return [Buffer.from([value ? types.true : types.false])];
  if (value instanceof Date) return [Buffer.from([types.timestamp]), long(value.getTime())];
  if (typeof value === 'number') {
    if (Math.trunc(value) !== Math.trunc(value) >> 0) return [Buffer.from([types.long]), long(value)];
    const integer = Buffer.allocUnsafe(4);
    integer.writeInt32BE(Math.trunc(value));
    return [Buffer.from([types.integer]), integer];
  }
  const bytes = Buffer.from(value);
  const head = Buffer.from([typeof value === 'string' ? types.string : types.bytes, 0, 0]);
  head.writeUInt16BE(bytes.length, 1);
  return [head, bytes];
}

function long(value: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(Math.trunc(value)));
  return bytes;
}

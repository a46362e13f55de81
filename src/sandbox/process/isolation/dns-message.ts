/**
 * As much of a name server's messages as answering about addresses takes. Pure. RFC 1035, 4.1; a question of more than one
 * name, or with a compressed one, is nobody's who asks for an address.
 */

export type DnsQuestion = {
  id: number;
  /** In lower case, without a dot at its end. */
  name: string;
  type: number;
  isRecursionDesired: boolean;
  /** As it came, to be said again in the answer. */
  bytes: Buffer;
};

export type DnsAnswer =
  | { code: 'ok'; addresses: readonly string[]; ttlSeconds: number }
  | { code: 'failed' | 'no-such-name' };

export const addressType = 1;
const internetClass = 1;
const headerBytes = 12;
/** What an answer without extensions may be at most (RFC 1035, 4.2.1). */
const messageBytesMax = 512;
const recordBytes = 16;
const codes = { ok: 0, failed: 2, 'no-such-name': 3 } as const;

/** Undefined: no question that can be answered; nothing is said to it. */
export function parseQuestion(message: Buffer): DnsQuestion | undefined {
  if (message.length < headerBytes || message.length > messageBytesMax) return undefined;
  const flags = message.readUInt16BE(2);
  const [isAnswer, operation] = [(flags & 0x8000) !== 0, (flags >> 11) & 15];
  if (isAnswer || operation !== 0 || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = headerBytes;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63) return undefined;
    at += 1;
    if (length === 0) break;
    if (at + length > message.length) return undefined;
    labels.push(message.toString('latin1', at, at + length));
    at += length;
  }
  if (at + 4 > message.length || message.readUInt16BE(at + 2) !== internetClass) return undefined;
  return {
    id: message.readUInt16BE(0),
    name: labels.join('.').toLowerCase(),
    type: message.readUInt16BE(at),
    isRecursionDesired: (flags & 0x0100) !== 0,
    bytes: message.subarray(headerBytes, at + 4),
  };
}

/** How many addresses an answer to it has room for. */
export const addressesMax = ({ bytes }: DnsQuestion): number =>
  Math.floor((messageBytesMax - headerBytes - bytes.length) / recordBytes);

export function writeAnswer(question: DnsQuestion, answer: DnsAnswer): Buffer {
  const addresses = answer.code === 'ok' ? answer.addresses.slice(0, addressesMax(question)) : [];
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(question.id, 0);
  header.writeUInt16BE(0x8080 | (question.isRecursionDesired ? 0x0100 : 0) | codes[answer.code], 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) => {
    const record = Buffer.alloc(recordBytes);
    // The name is that of the question, which stands right behind the header.
    record.writeUInt16BE(0xc000 | headerBytes, 0);
    record.writeUInt16BE(addressType, 2);
    record.writeUInt16BE(internetClass, 4);
    record.writeUInt32BE(answer.code === 'ok' ? answer.ttlSeconds : 0, 6);
    record.writeUInt16BE(4, 10);
    address.split('.').forEach((part, index) => record.writeUInt8(Number(part), 12 + index));
    return record;
  });
  return Buffer.concat([header, question.bytes, ...records]);
}

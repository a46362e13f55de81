/** The head of an executable file for x86-64 that needs no library, as the small programs that we make ourselves are. Pure. */

/** From <elf.h>. */
const kinds = { load: 1, stack: 0x6474_e551 } as const;
export const segmentAccess = { executable: 1, writable: 2, readable: 4 } as const;

/** `fileBytes`: of the file, from its beginning; what it has more in memory is zero. */
export type Segment = {
  kind: keyof typeof kinds;
  access: number;
  address: number;
  fileBytes: number;
  memoryBytes: number;
};

const [fixedBytes, segmentBytes] = [64, 56] as const;

export const headBytes = (segments: number): number => fixedBytes + segments * segmentBytes;

/** `entry`: the address at which it begins. */
export function executableHead(entry: number, segments: readonly Segment[]): Buffer {
  const head = Buffer.alloc(headBytes(segments.length));
  // 64 bits, lowest byte first, version 1; an executable for x86-64.
  head.write('7f454c46020101', 'hex');
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(62, 18);
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(BigInt(entry), 24);
  head.writeBigUInt64LE(BigInt(fixedBytes), 32);
  head.writeUInt16LE(fixedBytes, 52);
  head.writeUInt16LE(segmentBytes, 54);
  head.writeUInt16LE(segments.length, 56);
  for (const [index, { kind, access, address, fileBytes, memoryBytes }] of segments.entries()) {
    const at = headBytes(index);
    head.writeUInt32LE(kinds[kind], at);
    head.writeUInt32LE(access, at + 4);
    head.writeBigUInt64LE(BigInt(address), at + 16);
    head.writeBigUInt64LE(BigInt(address), at + 24);
    head.writeBigUInt64LE(BigInt(fileBytes), at + 32);
    head.writeBigUInt64LE(BigInt(memoryBytes), at + 40);
    head.writeBigUInt64LE(0x1000n, at + 48);
  }
  return head;
}

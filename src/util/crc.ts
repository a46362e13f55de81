/**
 * The two CRCs of S3 that Node.js has no code for, eight bytes a step ("slicing by eight": a table for each of the
 * eight bytes, so that they are looked up independently). Both are reflected, start from and end with all ones.
 * CRC-32C: RFC 3720, appendix B.4. CRC-64/NVME: NVM Command Set Specification, section 5.2.1.3.4.
 */

const slices = 8;

/** `tables[slice * 256 + byte]`, from the reflected polynomial. */
function crc32Tables(polynomial: number): Int32Array {
  const tables = new Int32Array(slices * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? polynomial : 0);
    tables[byte] = value;
  }
  for (let index = 256; index < tables.length; index += 1) {
    const before = tables[index - 256] ?? 0;
    tables[index] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
}

/** The same of 64 bits, as low and high halves: JavaScript's fast integers have 32. */
function crc64Tables(polynomial: bigint): { low: Int32Array; high: Int32Array } {
  const low = new Int32Array(slices * 256);
  const high = new Int32Array(slices * 256);
  const whole: bigint[] = [];
  for (let byte = 0; byte < 256; byte += 1) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = (value >> 1n) ^ (value & 1n ? polynomial : 0n);
    whole.push(value);
  }
  for (let index = 256; index < slices * 256; index += 1) {
    const before = whole[index - 256] ?? 0n;
    whole.push((before >> 8n) ^ (whole[Number(before & 0xffn)] ?? 0n));
  }
  whole.forEach((value, index) => {
    low[index] = Number(BigInt.asIntN(32, value));
    high[index] = Number(BigInt.asIntN(32, value >> 32n));
  });
  return { low, high };
}

const crc32cTables = crc32Tables(0x82_f6_3b_78);
const crc64nvmeTables = crc64Tables(0x9a_6c_93_29_ac_4b_c9_b5n);

/** `value`: of what came before; 0 at the start. */
export function crc32c(bytes: Uint8Array, value: number): number {
  const tables = crc32cTables;
  const { length } = bytes;
  let crc = ~value;
  let at = 0;
  // Indexes are in range by construction; `| 0` tells the compiler of types and of machine code alike.
  for (const end = length - 7; at < end; at += 8) {
    const first =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    crc =
      (tables[1792 + (first & 0xff)] as number) ^
      (tables[1536 + ((first >>> 8) & 0xff)] as number) ^
      (tables[1280 + ((first >>> 16) & 0xff)] as number) ^
      (tables[1024 + (first >>> 24)] as number) ^
      (tables[768 + (bytes[at + 4] as number)] as number) ^
      (tables[512 + (bytes[at + 5] as number)] as number) ^
      (tables[256 + (bytes[at + 6] as number)] as number) ^
      (tables[bytes[at + 7] as number] as number);
  }
  for (; at < length; at += 1) crc = (crc >>> 8) ^ (tables[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
}

export type Crc64 = { low: number; high: number };

/** Changes `crc`, which starts as zeros. */
export function crc64nvme(bytes: Uint8Array, crc: Crc64): void {
  const { low: lowTables, high: highTables } = crc64nvmeTables;
  const { length } = bytes;
  let low = ~crc.low;
  let high = ~crc.high;
  let at = 0;
  for (const end = length - 7; at < end; at += 8) {
    const first =
      low ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    const second =
      high ^
      ((bytes[at + 4] as number) |
        ((bytes[at + 5] as number) << 8) |
        ((bytes[at + 6] as number) << 16) |
        ((bytes[at + 7] as number) << 24));
    const [i0, i1, i2, i3] = [
      1792 + (first & 0xff),
      1536 + ((first >>> 8) & 0xff),
      1280 + ((first >>> 16) & 0xff),
      1024 + (first >>> 24),
    ];
    const [i4, i5, i6, i7] = [
      768 + (second & 0xff),
      512 + ((second >>> 8) & 0xff),
      256 + ((second >>> 16) & 0xff),
      second >>> 24,
    ];
    low =
      (lowTables[i0] as number) ^
      (lowTables[i1] as number) ^
      (lowTables[i2] as number) ^
      (lowTables[i3] as number) ^
      (lowTables[i4] as number) ^
      (lowTables[i5] as number) ^
      (lowTables[i6] as number) ^
      (lowTables[i7] as number);
    high =
      (highTables[i0] as number) ^
      (highTables[i1] as number) ^
      (highTables[i2] as number) ^
      (highTables[i3] as number) ^
      (highTables[i4] as number) ^
      (highTables[i5] as number) ^
      (highTables[i6] as number) ^
      (highTables[i7] as number);
  }
  for (; at < length; at += 1) {
    const index = (low ^ (bytes[at] as number)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (lowTables[index] as number);
    high = (high >>> 8) ^ (highTables[index] as number);
  }
  crc.low = ~low;
  crc.high = ~high;
}

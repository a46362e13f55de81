/**
 * CBOR, RFC 8949, as far as RPC v2 needs it: every major type, definite and indefinite lengths, the tags for times and
 * big integers. Objects have text keys.
 */
import { PlatformError } from '../../util/errors.ts';
import { setEntry } from './protocol.ts';

/** As of JSON documents. */
const depthMax = 128;

const major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
const indefinite = -1;
const breakMark = Symbol('break');

export function encodeCbor(value: unknown): Uint8Array {
  const pieces: Uint8Array[] = [];
  write(value, pieces);
  return Buffer.concat(pieces);
}

function write(value: unknown, pieces: Uint8Array[]): void {
  if (value === null || value === undefined) pieces.push(Buffer.of(0xf6));
  else if (typeof value === 'boolean') pieces.push(Buffer.of(value ? 0xf5 : 0xf4));
  else if (typeof value === 'number') writeNumber(value, pieces);
  else if (typeof value === 'bigint') writeBigInteger(value, pieces);
  else if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    pieces.push(head(major.text, bytes.length), bytes);
  } else if (value instanceof Uint8Array) {
    pieces.push(head(major.bytes, value.length), value);
  } else if (value instanceof Date) {
    pieces.push(head(major.tag, 1));
    writeNumber(value.getTime() / 1000, pieces);
  } else if (Array.isArray(value)) {
    pieces.push(head(major.array, value.length));
    for (const item of value) write(item, pieces);
  } else {
    const entries = Object.entries(value);
    pieces.push(head(major.map, entries.length));
    for (const [key, item] of entries) {
      write(key, pieces);
      write(item, pieces);
    }
  }
}

function head(type: number, argument: number | bigint): Buffer {
  const first = type << 5;
  if (argument < 24) return Buffer.of(first | Number(argument));
  if (argument < 0x1_00) return Buffer.of(first | 24, Number(argument));
  const bytes = Buffer.alloc(argument < 0x1_00_00 ? 3 : argument < 0x1_00_00_00_00 ? 5 : 9);
  bytes[0] = first | (bytes.length === 3 ? 25 : bytes.length === 5 ? 26 : 27);
  if (bytes.length === 9) bytes.writeBigUInt64BE(BigInt(argument), 1);
  else bytes.writeUIntBE(Number(argument), 1, bytes.length - 1);
  return bytes;
}

function writeNumber(value: number, pieces: Uint8Array[]): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    pieces.push(value >= 0 ? head(major.unsigned, value) : head(major.negative, -1 - value));
    return;
  }
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xfb;
  bytes.writeDoubleBE(value, 1);
  pieces.push(bytes);
}

function writeBigInteger(value: bigint, pieces: Uint8Array[]): void {
  const magnitude = value >= 0n ? value : -1n - value;
  if (magnitude < 1n << 64n) {
    pieces.push(head(value >= 0n ? major.unsigned : major.negative, magnitude));
    return;
  }
  const hex = magnitude.toString(16);
  pieces.push(head(major.tag, value >= 0n ? 2 : 3));
  write(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'), pieces);
}

/** Errors: `invalid_argument`, reason MalformedInput. */
export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (value === breakMark || !reader.isAtEnd) throw malformed('there is more than one value');
  return value;
}

function malformed(why: string): PlatformError {
  return new PlatformError('invalid_argument', `The request body is not CBOR: ${why}.`, { reason: 'MalformedInput' });
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): unknown {
    if (depth > depthMax) throw malformed(`it is nested deeper than ${depthMax} levels`);
    const first = this.#take(1).readUInt8();
    const [type, short] = [first >> 5, first & 0x1f];
    if (type === major.simple) return this.#simple(short);
    const argument = this.#argument(short);
    switch (type) {
      case major.unsigned:
        return argument;
      case major.negative:
        return typeof argument === 'bigint' ? -1n - argument : -1 - argument;
      case major.bytes:
        return argument === indefinite
          ? Buffer.concat(this.#chunks(depth, Buffer.isBuffer))
          : this.#take(this.#length(argument));
      case major.text:
        return argument === indefinite
          ? this.#chunks(depth, (part) => typeof part === 'string').join('')
          : this.#take(this.#length(argument)).toString('utf8');
      case major.array:
        return [...this.#items(argument, depth)];
      case major.map:
        return this.#map(argument, depth);
      case major.tag:
        return tagged(Number(argument), this.value(depth + 1));
      default:
        throw malformed(`${type} is no type`);
    }
  }

  /** The number after the first byte; those that JavaScript's numbers cannot hold are bigints. */
  #argument(short: number): number | bigint {
    switch (short) {
      case 24:
        return this.#take(1).readUInt8();
      case 25:
        return this.#take(2).readUInt16BE();
      case 26:
        return this.#take(4).readUInt32BE();
      case 27: {
        const long = this.#take(8).readBigUInt64BE();
        return long <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(long) : long;
      }
      case 31:
        return indefinite;
      default:
        if (short > 27) throw malformed(`${short} is no length`);
        return short;
    }
  }

  #simple(short: number): unknown {
    switch (short) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return null;
      case 25:
        return halfFloat(this.#take(2).readUInt16BE());
      case 26:
        return this.#take(4).readFloatBE();
      case 27:
        return this.#take(8).readDoubleBE();
      case 31:
        return breakMark;
      default:
        throw malformed(`the simple value ${short} means nothing here`);
    }
  }

  #length(argument: number | bigint): number {
    if (argument > this.#bytes.length - this.#at) throw malformed('it ends too early');
    return Number(argument);
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw malformed('it ends too early');
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  /** As many as `argument` says, or up to the mark. */
  *#items(argument: number | bigint, depth: number): Generator<unknown> {
    // An item has at least a byte: a longer array is a lie, and must not make us allocate.
    const count = argument === indefinite ? Number.POSITIVE_INFINITY : this.#length(argument);
    for (let index = 0; index < count; index += 1) {
      const item = this.value(depth + 1);
      if (item === breakMark) {
        if (argument === indefinite) return;
        throw malformed('a list ends before its length');
      }
      yield item;
    }
  }

  #chunks<Part>(depth: number, isPart: (item: unknown) => item is Part): Part[] {
    return [...this.#items(indefinite, depth)].map((item) => {
      if (!isPart(item)) throw malformed('a string in pieces has pieces of another type');
      return item;
    });
  }

  #map(argument: number | bigint, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    const count = argument === indefinite ? indefinite : this.#length(argument) * 2;
    let key: string | undefined;
    for (const item of this.#items(count, depth)) {
      if (key !== undefined) {
        setEntry(map, key, item);
        key = undefined;
      } else if (typeof item === 'string') {
        key = item;
      } else {
        throw malformed('a key is not text');
      }
    }
    if (key !== undefined) throw malformed('a key has no value');
    return map;
  }
}

function tagged(tag: number, value: unknown): unknown {
  switch (tag) {
    case 1:
      if (typeof value !== 'number') throw malformed('a time is not a number of seconds');
      return new Date(Math.round(value * 1000));
    case 2:
    case 3: {
      if (!Buffer.isBuffer(value)) throw malformed('a big integer is not bytes');
      const magnitude = BigInt(`0x${value.toString('hex') || '0'}`);
      return tag === 2 ? magnitude : -1n - magnitude;
    }
    default:
      return value;
  }
}

/** RFC 8949, appendix D. */
function halfFloat(half: number): number {
  const [exponent, mantissa] = [(half >> 10) & 0x1f, half & 0x3ff];
  const magnitude =
    exponent === 0
      ? mantissa * 2 ** -24
      : exponent !== 31
        ? (mantissa + 1024) * 2 ** (exponent - 25)
        : mantissa === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN;
  return half & 0x80_00 ? -magnitude : magnitude;
}

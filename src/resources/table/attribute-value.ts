/**
 * What an attribute of an item is: a value with the name of its type, as on the wire, except that binary values are
 * bytes and numbers are in their canonical form (number.ts). A parsed value is never changed: who wants another one
 * makes another one, so that items may be shared.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
import { compareDecimals } from './number.ts';

export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: Uint8Array }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly Uint8Array[] };

/** By the attributes' names. Made with `newItem`, so that an attribute may have any name, `__proto__` too. */
export type Item = Readonly<Record<string, AttributeValue>>;

export const attributeTypes = ['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS'] as const;
export type AttributeType = (typeof attributeTypes)[number];

/** Without a prototype: no name means anything but the attribute of that name. */
export function newItem(entries: Iterable<readonly [string, AttributeValue]> = []): Record<string, AttributeValue> {
  const item = Object.create(null) as Record<string, AttributeValue>;
  for (const [name, value] of entries) item[name] = value;
  return item;
}

export function typeOf(value: AttributeValue): AttributeType {
  for (const type in value) return type as AttributeType;
  throw new Error('an attribute value has no type');
}

/** The same type and value; of sets whatever their order. */
export function isEqual(one: AttributeValue, other: AttributeValue): boolean {
  if (one === other) return true;
  if ('S' in one) return 'S' in other && one.S === other.S;
  if ('N' in one) return 'N' in other && one.N === other.N;
  if ('B' in one) return 'B' in other && isSameBytes(one.B, other.B);
  if ('BOOL' in one) return 'BOOL' in other && one.BOOL === other.BOOL;
  if ('NULL' in one) return 'NULL' in other;
  if ('L' in one) {
    if (!('L' in other) || other.L.length !== one.L.length) return false;
    const { L: others } = other;
    return one.L.every((value, index) => {
      const beside = others[index];
      return beside !== undefined && isEqual(value, beside);
    });
  }
  if ('M' in one) return 'M' in other && isSameItem(one.M, other.M);
  if ('SS' in one) return 'SS' in other && isSameSet(one.SS, other.SS);
  if ('NS' in one) return 'NS' in other && isSameSet(one.NS, other.NS);
  return 'BS' in other && isSameSet(one.BS.map(bytesKey), other.BS.map(bytesKey));
}

export function isSameItem(one: Item, other: Item): boolean {
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => {
    const value = one[name];
    const beside = other[name];
    return value !== undefined && beside !== undefined && isEqual(value, beside);
  });
}

/** Below 0, 0, or above 0, of two strings, numbers or binary values; undefined: they have no order. */
export function compareValues(one: AttributeValue, other: AttributeValue): number | undefined {
  if ('S' in one && 'S' in other) return compareTexts(one.S, other.S);
  if ('N' in one && 'N' in other) return compareDecimals(one.N, other.N);
  if ('B' in one && 'B' in other) return Buffer.compare(one.B, other.B);
  return undefined;
}

/** From this length on bytes are made of both and compared: five times as quick where they differ late. */
const comparedAsBytesMin = 256;

/** By the bytes of UTF-8, which is the order of code points, and not that of JavaScript's. */
export function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  const length = Math.min(one.length, other.length);
  if (length >= comparedAsBytesMin) return Buffer.compare(Buffer.from(one), Buffer.from(other));
  for (let index = 0; index < length; index += 1) {
    const left = one.charCodeAt(index);
    const right = other.charCodeAt(index);
    if (left === right) continue;
    const isLeftPaired = left >= 0xd800 && left <= 0xdfff;
    const isRightPaired = right >= 0xd800 && right <= 0xdfff;
    // Half of a pair stands for a code point above all that are written with one unit.
    if (isLeftPaired !== isRightPaired) return isLeftPaired ? 1 : -1;
    return left - right;
  }
  return one.length - other.length;
}

/** What tells binary values apart in a set or map of JavaScript's. */
export const bytesKey = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const isSameBytes = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  const members = new Set(one);
  return other.every((member) => members.has(member));
}

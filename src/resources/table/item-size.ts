/**
 * How many bytes an item counts for: its limit, what a page holds, what is metered.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
import type { AttributeValue, Item } from './attribute-value.ts';

/** 400 KB, names included. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
export const itemBytesMax = 400 * 1024;

/** Of a list or map, beside its elements, and of each of these. */
const documentBytes = 3;
const elementBytes = 1;

/** `enough`: where it is larger than that, how much larger does not matter. Attributes may be the same many times over. */
export function itemSizeBytes(item: Item, enough = Infinity): number {
  let bytes = 0;
  for (const name in item) {
    bytes += Buffer.byteLength(name) + valueSizeBytes(item[name] as AttributeValue);
    if (bytes > enough) break;
  }
  return bytes;
}

export function valueSizeBytes(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberBytes(value.N);
  if ('B' in value) return value.B.byteLength;
  if ('BOOL' in value || 'NULL' in value) return 1;
  if ('L' in value) return value.L.reduce((bytes, item) => bytes + elementBytes + valueSizeBytes(item), documentBytes);
  if ('M' in value) return documentBytes + itemSizeBytes(value.M) + elementBytes * Object.keys(value.M).length;
  if ('SS' in value) return value.SS.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
  if ('NS' in value) return value.NS.reduce((bytes, number) => bytes + numberBytes(number), 0);
  return value.BS.reduce((bytes, member) => bytes + member.byteLength, 0);
}

/** About a byte for two significant digits and one more, and one for the minus. `number`: in its canonical form. */
function numberBytes(number: string): number {
  const minus = number.startsWith('-') ? 1 : 0;
  const point = number.indexOf('.');
  let digits = number.length - minus;
  if (point === -1) {
    let end = number.length;
    while (end > minus && number.charCodeAt(end - 1) === zeroCode) end -= 1;
    digits = end - minus;
  } else {
    digits -= 1;
    let first = minus;
    while (number.charCodeAt(first) === zeroCode || first === point) first += 1;
    digits = number.length - first - (first < point ? 1 : 0);
  }
  return 1 + Math.ceil(digits / 2) + minus;
}

const zeroCode = 0x30;

/**
 * A key's value as text that sorts as DynamoDB sorts the values: strings and binary values by their bytes, numbers by
 * value. The text is printable ASCII without the space, so that bytes, code points and JavaScript agree about its order, and a
 * space after one value sorts below whatever could follow in a longer one: `${keyText(partition)} ${keyText(sort)}`.
 * The text of a string or binary value begins with the text of each of its beginnings.
 */
import type { AttributeValue } from './attribute-value.ts';
import { decimalOf } from './number.ts';

export type KeyValue = Extract<AttributeValue, { S: string } | { N: string } | { B: Uint8Array }>;

export function keyText(value: KeyValue): string {
  if ('N' in value) return numberText(value.N);
  return 'S' in value ? textOfString(value.S) : textOfBytes(value.B);
}

/** What need not be written in another way: from above `!` to below `~`, the marks of what is. */
const plain = /^[\x22-\x7d]*$/;
const lowestPlain = 0x22;
const highestPlain = 0x7d;

function textOfString(text: string): string {
  return plain.test(text) ? text : textOfBytes(Buffer.from(text, 'utf8'));
}

function textOfBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte >= lowestPlain && byte <= highestPlain) text += String.fromCharCode(byte);
    else text += (byte < lowestPlain ? '!' : '~') + byte.toString(16).padStart(2, '0');
  }
  return text;
}

/** The sign, the exponent as three digits, the digits; of negative numbers what these lack of nines, and an end above all digits. */
function numberText(number: string): string {
  const { sign, digits, exponent } = decimalOf(number);
  if (sign === 0) return '1';
  const magnitude = String(exponent + exponentBias) + digits;
  return sign === 1 ? `2${magnitude}` : `0${complementOf(magnitude)}~`;
}

/** Makes three digits of every exponent from -130 to 125. */
const exponentBias = 500;
const nineCode = 0x39;
const zeroCode = 0x30;

function complementOf(digits: string): string {
  let text = '';
  for (let index = 0; index < digits.length; index += 1)
    text += String.fromCharCode(nineCode + zeroCode - digits.charCodeAt(index));
  return text;
}

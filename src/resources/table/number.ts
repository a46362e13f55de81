/**
 * DynamoDB's numbers: decimal, 38 significant digits, magnitudes from 1E-130 to 9.99…E+125, and zero.
 * The canonical form is the plain one, without exponent and without zeros that say nothing (`1E2` is `100`, `-0` is
 * `0`), so that equal numbers are equal texts.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
 */

/** `sign` × d.ddd × 10^`exponent`; `digits` without zeros at either end, empty for zero. */
export type Decimal = { sign: -1 | 0 | 1; digits: string; exponent: number };

export type NumberProblem = 'not a number' | 'too precise' | 'overflow' | 'underflow';

const significantDigitsMax = 38;
const exponentMax = 125;
const exponentMin = -130;

const zero: Decimal = Object.freeze({ sign: 0, digits: '', exponent: 0 });
const plainInteger = /^(?:0|-?[1-9]\d{0,37})$/;
const written = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** The canonical form of a number as somebody wrote it (`1.50`, `15e-1`). */
export function canonicalNumber(text: string): { number: string } | { problem: NumberProblem } {
  if (plainInteger.test(text)) return { number: text };
  const parsed = readDecimal(text);
  if (parsed === undefined) return { problem: 'not a number' };
  const problem = problemOf(parsed);
  return problem === undefined ? { number: formatDecimal(parsed) } : { problem };
}

/** Of canonical numbers. */
export function addNumbers(one: string, other: string): { number: string } | { problem: NumberProblem } {
  return sumOf(decimalOf(one), decimalOf(other));
}

/** `one` minus `other`, of canonical numbers. */
export function subtractNumbers(one: string, other: string): { number: string } | { problem: NumberProblem } {
  const { sign, digits, exponent } = decimalOf(other);
  return sumOf(decimalOf(one), { sign: sign === 0 ? 0 : sign === 1 ? -1 : 1, digits, exponent });
}

/** Below 0, 0, or above 0, of canonical numbers. */
export function compareDecimals(one: string, other: string): number {
  if (one === other) return 0;
  const left = decimalOf(one);
  const right = decimalOf(other);
  if (left.sign !== right.sign) return left.sign - right.sign;
  const larger = left.exponent - right.exponent || (left.digits < right.digits ? -1 : 1);
  return left.sign === 1 ? larger : -larger;
}

/** Of a canonical number. */
export function decimalOf(number: string): Decimal {
  const decimal = readDecimal(number);
  if (decimal === undefined) throw new Error(`not a number in its canonical form: '${number}'`);
  return decimal;
}

function readDecimal(text: string): Decimal | undefined {
  const match = written.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  const all = whole + fraction;
  if (all === '') return undefined;
  let first = 0;
  while (first < all.length && all.charCodeAt(first) === zeroCode) first += 1;
  if (first === all.length) return zero;
  let end = all.length;
  while (all.charCodeAt(end - 1) === zeroCode) end -= 1;
  const exponent = Number(exponentText) + whole.length - 1 - first;
  return { sign: sign === '-' ? -1 : 1, digits: all.slice(first, end), exponent };
}

const zeroCode = 0x30;

function problemOf({ sign, digits, exponent }: Decimal): NumberProblem | undefined {
  if (sign === 0) return undefined;
  if (exponent > exponentMax) return 'overflow';
  if (exponent < exponentMin) return 'underflow';
  return digits.length > significantDigitsMax ? 'too precise' : undefined;
}

function formatDecimal({ sign, digits, exponent }: Decimal): string {
  if (sign === 0) return '0';
  const minus = sign === -1 ? '-' : '';
  if (exponent < 0) return `${minus}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const wholeLength = exponent + 1;
  if (digits.length <= wholeLength) return minus + digits.padEnd(wholeLength, '0');
  return `${minus}${digits.slice(0, wholeLength)}.${digits.slice(wholeLength)}`;
}

/** Exact, by whole numbers of the smaller one's last digit. */
function sumOf(one: Decimal, other: Decimal): { number: string } | { problem: NumberProblem } {
  const lastDigit = Math.min(lastDigitOf(one), lastDigitOf(other));
  const sum = scaled(one, lastDigit) + scaled(other, lastDigit);
  const text = `${sum}e${lastDigit}`;
  return canonicalNumber(text);
}

/** The power of ten of the last digit. */
const lastDigitOf = ({ digits, exponent }: Decimal): number => (digits === '' ? 0 : exponent - digits.length + 1);

function scaled({ sign, digits, exponent }: Decimal, lastDigit: number): bigint {
  if (sign === 0) return 0n;
  const zeros = exponent - digits.length + 1 - lastDigit;
  return BigInt((sign === -1 ? '-' : '') + digits + '0'.repeat(zeros));
}

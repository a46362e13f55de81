import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { addNumbers, canonicalNumber, compareDecimals, subtractNumbers } from './number.ts';
import { keyText } from './key-text.ts';

const canonical = (text: string): string => {
  const result = canonicalNumber(text);
  return 'number' in result ? result.number : result.problem;
};

test('a number has one form', () => {
  for (const [written, expected] of [
    ['0', '0'],
    ['-0', '0'],
    ['0.000', '0'],
    ['+7', '7'],
    ['007', '7'],
    ['1.50', '1.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e2', '100'],
    ['15E-1', '1.5'],
    ['-1.20e-3', '-0.0012'],
    ['1e125', `1${'0'.repeat(125)}`],
    ['9.9999999999999999999999999999999999999E+125', '99999999999999999999999999999999999999'.padEnd(126, '0')],
    ['1e-130', `0.${'0'.repeat(129)}1`],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    ['100000000000000000000000000000000000000000', '100000000000000000000000000000000000000000'],
  ] as const)
    assert.equal(canonical(written), expected, written);
});

test('a number that cannot be kept is told why', () => {
  for (const [written, expected] of [
    ['', 'not a number'],
    ['.', 'not a number'],
    ['-', 'not a number'],
    ['e5', 'not a number'],
    ['1e', 'not a number'],
    ['abc', 'not a number'],
    [' 1', 'not a number'],
    ['NaN', 'not a number'],
    ['Infinity', 'not a number'],
    ['0x10', 'not a number'],
    ['1e126', 'overflow'],
    ['-1e126', 'overflow'],
    ['1e99999999999999999999', 'overflow'],
    ['1e-131', 'underflow'],
    ['123456789012345678901234567890123456789', 'too precise'],
    ['0.123456789012345678901234567890123456789', 'too precise'],
  ] as const)
    assert.equal(canonical(written), expected, written);
});

test('sums, differences and order are those of decimal arithmetic', () => {
  const program = `
import random, decimal, json
decimal.getcontext().prec = 600
decimal.getcontext().Emax = 9999
decimal.getcontext().Emin = -9999
random.seed(5)
def one():
    digits = ''.join(random.choice('0123456789') for _ in range(random.choice([1, 2, 5, 20, 38])))
    low, high = random.choice([(-3, 3), (-20, 20), (-130, 80)])
    sign = random.choice(['', '-'])
    return decimal.Decimal(sign + digits + 'E' + str(random.randint(low, high)))
def ok(d):
    if d == 0: return True
    digits = ''.join(map(str, d.as_tuple().digits)).strip('0')
    return len(digits) <= 38 and -130 <= d.adjusted() <= 125
def plain(d):
    text = format(d, 'f')
    if '.' in text: text = text.rstrip('0').rstrip('.')
    return '0' if text in ('-0', '') else text
rows = []
while len(rows) < 4000:
    a, b = one(), one()
    if not ok(a) or not ok(b): continue
    if random.random() < 0.05: b = a
    rows.append([str(a), str(b), plain(a + b) if ok(a + b) else None, plain(a - b) if ok(a - b) else None, (a > b) - (a < b), plain(a)])
print(json.dumps(rows))`;
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const rows = JSON.parse(stdout || assert.fail(stderr)) as [
    string,
    string,
    string | null,
    string | null,
    number,
    string,
  ][];
  assert.equal(rows.length, 4000);
  let exact = 0;
  for (const [first, second, sum, difference, order, plainFirst] of rows) {
    const one = canonical(first);
    const other = canonical(second);
    assert.equal(one, plainFirst, first);
    for (const [result, expected] of [
      [addNumbers(one, other), sum],
      [subtractNumbers(one, other), difference],
    ] as const) {
      if (expected === null) assert.ok('problem' in result, `${one}, ${other}`);
      else {
        exact += 1;
        assert.deepEqual(result, { number: expected }, `${one}, ${other}`);
      }
    }
    assert.equal(Math.sign(compareDecimals(one, other)), order, `${one} beside ${other}`);
    const [oneText, otherText] = [`${keyText({ N: one })} `, `${keyText({ N: other })} `];
    assert.equal(oneText < otherText ? -1 : oneText > otherText ? 1 : 0, order, `keys ${one} beside ${other}`);
  }
  assert.ok(exact > 3000, `${exact} results to compare`);
});

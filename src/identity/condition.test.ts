import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCondition } from './condition.ts';
import { keysOf, type KeyValue } from './condition-keys.ts';

const refuse = (why: string): never => {
  throw new Error(why);
};

/** Whether `value` of a key is well by `operator` with `wanted`. */
const holds = (operator: string, value: KeyValue | undefined, ...wanted: string[]): boolean =>
  readCondition(operator, 'aws:Key', wanted, { hasVariables: true, refuse }).holds(keysOf({ 'aws:key': value }));

test('every operator tells values that are well from others', () => {
  const cases: readonly (readonly [operator: string, wanted: string, well: string, others: readonly string[]])[] = [
    ['StringEquals', 'a*', 'a*', ['A*', 'ab']],
    ['StringEqualsIgnoreCase', 'Ab', 'aB', ['b']],
    ['StringLike', 'a?c*', 'abcd', ['ABCD', 'ac']],
    ['NumericEquals', '3', '3.0', ['4', 'x']],
    ['NumericLessThan', '3', '2.5', ['3', '']],
    ['NumericLessThanEquals', '3', '3', ['3.01']],
    ['NumericGreaterThan', '-1', '0', ['-1']],
    ['NumericGreaterThanEquals', '10', '10', ['9']],
    ['DateEquals', '2026-01-01T00:00:00Z', '1767225600', ['2026-01-02']],
    ['DateLessThan', '2026-01-01', '2025-12-31T23:59:59Z', ['2026-01-01T00:00:00Z']],
    ['DateLessThanEquals', '2026-01-01T01:00:00+01:00', '2026-01-01', ['2026-01-01T00:00:01Z']],
    ['DateGreaterThan', '2026', '2026-02', ['2026-01-01']],
    ['DateGreaterThanEquals', '2026', '2026-01-01', ['2025', 'never']],
    ['Bool', 'true', 'TRUE', ['false', 'yes']],
    ['BinaryEquals', 'QmluYXJ5VmFsdWVJbkJhc2U2NA==', 'QmluYXJ5VmFsdWVJbkJhc2U2NA==', ['QmluYXJ5', '*']],
    ['IpAddress', '203.0.113.0/24', '203.0.113.255', ['203.0.114.0', '::1', 'x']],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5678::1', ['2001:db8:1234:5679::1', '1.2.3.4']],
    ['IpAddress', '10.0.0.1', '::ffff:10.0.0.1', ['10.0.0.2']],
    ['ArnEquals', 'arn:aws:sns:*:123456789012:t*', 'arn:aws:sns:us-east-1:123456789012:topic', ['arn:aws:sns:a:b:t']],
    ['ArnLike', 'arn:aws:s3:::b/*', 'arn:aws:s3:::b/c:d', ['arn:aws:s3:::c', 'arn:aws:s3']],
  ];
  for (const [operator, wanted, well, others] of cases) {
    assert.equal(holds(operator, well, wanted), true, `${operator} ${wanted}: ${well}`);
    for (const other of others) assert.equal(holds(operator, other, wanted), false, `${operator} ${wanted}: ${other}`);
    assert.equal(holds(operator, undefined, wanted), false, `${operator}: nothing`);
    assert.equal(holds(`${operator}IfExists`, undefined, wanted), true);
    assert.equal(holds(`${operator}IfExists`, others[0], wanted), false);
    assert.equal(
      holds(operator, well, others.find(isWell(operator)) ?? wanted, wanted),
      true,
      'one of several is enough',
    );
  }
});

/** A value of a request's that may be wanted as well. */
const isWell = (operator: string) => (value: string) => {
  try {
    readCondition(operator, 'k', [value], { hasVariables: false, refuse });
    return true;
  } catch {
    return false;
  }
};

test('what an operator wants not to be may be absent, and may not be any of what is named', () => {
  const pairs = [
    ['StringNotEquals', 'StringEquals', ['a', 'b']],
    ['StringNotEqualsIgnoreCase', 'StringEqualsIgnoreCase', ['a', 'B']],
    ['StringNotLike', 'StringLike', ['a*', '?b']],
    ['NumericNotEquals', 'NumericEquals', ['1', '2']],
    ['DateNotEquals', 'DateEquals', ['2026', '2027']],
    ['NotIpAddress', 'IpAddress', ['10.0.0.0/8', '::/8']],
    ['ArnNotEquals', 'ArnEquals', ['arn:aws:a:::x', 'arn:aws:a:::y*']],
    ['ArnNotLike', 'ArnLike', ['arn:aws:a:::x', 'arn:aws:a:::y*']],
  ] as const;
  const values = ['a', 'B', 'ab', '1', '2.0', '2026', '10.1.1.1', '::1', 'arn:aws:a:::y1', ''];
  for (const [negative, positive, wanted] of pairs) {
    for (const value of values)
      assert.equal(holds(negative, value, ...wanted), !holds(positive, value, ...wanted), `${negative} ${value}`);
    assert.equal(holds(negative, undefined, ...wanted), true);
  }
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
test('of a key with several values, all must be wanted or any, as it is said', () => {
  const all = 'ForAllValues:StringLike';
  const any = 'ForAnyValue:StringLike';
  assert.equal(holds(all, ['a1', 'b'], 'a*', 'b'), true);
  assert.equal(holds(all, ['a1', 'c'], 'a*', 'b'), false);
  assert.equal(holds(all, undefined, 'a'), true, 'AWS warns of it: nothing is all of what it should be');
  assert.equal(holds(all, [], 'a'), true);
  assert.equal(holds(any, ['c', 'a1'], 'a*'), true);
  assert.equal(holds(any, ['c'], 'a*'), false);
  assert.equal(holds(any, undefined, 'a'), false);
  assert.equal(holds('ForAnyValue:StringNotEquals', undefined, 'a'), false);
  assert.equal(holds('ForAnyValue:StringNotEquals', ['a', 'b'], 'a'), true);
  assert.equal(holds('ForAllValues:StringNotEquals', ['a', 'b'], 'a'), false);
  assert.equal(holds('ForAnyValue:StringEqualsIfExists', undefined, 'a'), true);
  assert.equal(holds('StringNotEquals', ['a', 'b'], 'a'), false);
  assert.equal(holds('Null', [], 'true'), true);
});

test('Null asks whether a key is there', () => {
  assert.equal(holds('Null', undefined, 'true'), true);
  assert.equal(holds('Null', 'x', 'true'), false);
  assert.equal(holds('Null', 'x', 'False'), true);
  assert.throws(() => holds('Null', 'x', 'perhaps'));
});

test('variables are replaced in texts and ARNs', () => {
  const keys = keysOf({ 'aws:key': 'arn:aws:iam::1:user/alice', 'aws:username': 'alice', 'aws:principalaccount': '1' });
  const read = (operator: string, wanted: string) =>
    readCondition(operator, 'aws:key', [wanted], { hasVariables: true, refuse });
  assert.equal(read('ArnEquals', 'arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}').holds(keys), true);
  assert.equal(read('StringLike', '*/${aws:username}').holds(keys), true);
  assert.equal(read('StringEquals', '*/${aws:username}').holds(keys), false);
  assert.deepEqual(read('ArnLike', 'arn:aws:iam::${aws:PrincipalAccount}:*').variables, ['aws:PrincipalAccount']);
});

test('an operator or a value that is not known is refused, never passed over', () => {
  for (const [operator, wanted] of [
    ['StringMatches', 'a'],
    ['', 'a'],
    ['ForSomeValues:StringEquals', 'a'],
    ['toString', 'a'],
    ['NumericEquals', 'many'],
    ['DateLessThan', 'tomorrow'],
    ['Bool', '1'],
    ['IpAddress', '10.0.0.0/33'],
    ['IpAddress', '10.0.0'],
    ['BinaryEquals', '*'],
  ] as const)
    assert.throws(() => holds(operator, 'a', wanted), `${operator} ${wanted}`);
});

test('no operator says yes and no to the same, whatever the value', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (value, wanted) => {
      for (const name of ['Equals', 'Like', 'EqualsIgnoreCase'])
        assert.notEqual(holds(`String${name}`, value, wanted), holds(`StringNot${name}`, value, wanted));
      if (!value.includes('${')) assert.equal(holds('StringEquals', value, value), true);
    }),
  );
});

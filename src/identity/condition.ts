/**
 * One condition of a statement: an operator, a key, and the values that are wanted. Read once, then asked of requests.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { BlockList, isIP } from 'node:net';
import type { ConditionKeys, KeyValue } from './condition-keys.ts';
import { matchesPattern, readPattern, variablesOf, type Pattern } from './pattern.ts';

export type Condition = {
  /** As it was written: `ForAllValues:StringLikeIfExists`. */
  operator: string;
  /** As it was written. */
  key: string;
  /** As they were written. */
  wanted: readonly string[];
  /** Keys that its wanted values name. */
  variables: readonly string[];
  holds(keys: ConditionKeys): boolean;
};

/** Whether one value of the request's is what one wanted value describes. */
type Test = (value: string, keys: ConditionKeys) => boolean;

/** `read`: a test for a wanted value; undefined: it is no value for this operator. */
type Operator = { read(wanted: string, hasVariables: boolean): ReadTest | undefined; isNegative?: true };
type ReadTest = { test: Test; variables?: readonly string[] };

/** Errors: what `refuse` throws, for operators and values that are not known: a condition is never passed over. */
export function readCondition(
  operator: string,
  key: string,
  wanted: readonly string[],
  { hasVariables, refuse }: { hasVariables: boolean; refuse: (why: string) => never },
): Condition {
  const name = key.toLowerCase();
  const [, quantifier = '', plain = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/i.exec(operator) ?? [];
  if (plain.toLowerCase() === 'null') return isAbsent(operator, key, wanted, refuse);
  const found = Object.hasOwn(operators, plain.toLowerCase()) ? operators[plain.toLowerCase()] : undefined;
  if (found === undefined) return refuse(`the condition ${operator} is not known`);
  const tests = wanted.map(
    (one) => found.read(one, hasVariables) ?? refuse(`${one} is no value for ${operator} of ${key}`),
  );
  const isNegative = found.isNegative === true;
  const each = quantifier.toLowerCase();
  // A set that is not there is a set without values: of which all are well, and none is.
  const whenAbsent = each === 'forallvalues' || ifExists !== undefined || (isNegative && each === '');
  const fits = (value: string, keys: ConditionKeys): boolean =>
    tests.some(({ test }) => test(value, keys)) !== isNegative;
  // Of a key with several values and an operator for one: any may be wanted, none may be unwanted.
  const takesAll = each === 'forallvalues' || (each === '' && isNegative);
  return {
    operator,
    key,
    wanted,
    variables: tests.flatMap(({ variables = [] }) => variables),
    holds(keys) {
      const value = keys(name);
      if (value === undefined) return whenAbsent;
      if (typeof value === 'string') return fits(value, keys);
      if (value.length === 0) return whenAbsent;
      return takesAll ? value.every((one) => fits(one, keys)) : value.some((one) => fits(one, keys));
    },
  };
}

function isAbsent(operator: string, key: string, wanted: readonly string[], refuse: (why: string) => never): Condition {
  const [first = '', ...more] = wanted.map((one) => one.toLowerCase());
  if ((first !== 'true' && first !== 'false') || more.some((one) => one !== first))
    return refuse(`${wanted.join(', ')} is not true or false, as ${operator} of ${key} needs it`);
  const isEmpty = (value: KeyValue | undefined): boolean => value === undefined || value.length === 0;
  const name = key.toLowerCase();
  return { operator, key, wanted, variables: [], holds: (keys) => isEmpty(keys(name)) === (first === 'true') };
}

const text =
  (options: { hasWildcards: boolean; folds: boolean }): Operator['read'] =>
  (wanted, hasVariables) => {
    const pattern = readPattern(wanted, { ...options, hasVariables });
    const test: Test = options.folds
      ? (value, keys) => matchesPattern(pattern, value.toLowerCase(), keys)
      : (value, keys) => matchesPattern(pattern, value, keys);
    return { test, variables: variablesOf(pattern) };
  };

const number =
  (compare: (value: number, wanted: number) => boolean): Operator['read'] =>
  (wanted) => {
    const limit = numberOf(wanted);
    if (limit === undefined) return undefined;
    return {
      test: (value) => {
        const found = numberOf(value);
        return found !== undefined && compare(found, limit);
      },
    };
  };

const date =
  (compare: (value: number, wanted: number) => boolean): Operator['read'] =>
  (wanted) => {
    const limit = dateMs(wanted);
    if (limit === undefined) return undefined;
    return {
      test: (value) => {
        const found = dateMs(value);
        return found !== undefined && compare(found, limit);
      },
    };
  };

const arn: Operator['read'] = (wanted, hasVariables) => {
  const patterns = arnParts(wanted).map((part) =>
    readPattern(part, { hasWildcards: true, hasVariables, folds: false }),
  );
  return {
    test: (value, keys) => matchesArn(patterns, value, keys),
    variables: patterns.flatMap(variablesOf),
  };
};

const bool: Operator['read'] = (wanted) => {
  const truth = wanted.toLowerCase();
  return truth === 'true' || truth === 'false' ? { test: (value) => value.toLowerCase() === truth } : undefined;
};

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

const binary: Operator['read'] = (wanted) => {
  if (!base64.test(wanted)) return undefined;
  const bytes = Buffer.from(wanted, 'base64');
  return { test: (value) => base64.test(value) && bytes.equals(Buffer.from(value, 'base64')) };
};

const address: Operator['read'] = (wanted) => {
  const [first = '', bits, ...more] = wanted.split('/');
  const family = isIP(first);
  const bitsMax = family === 4 ? 32 : 128;
  if (family === 0 || more.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined;
  if (Number(bits ?? 0) > bitsMax) return undefined;
  const range = new BlockList();
  range.addSubnet(first, Number(bits ?? bitsMax), family === 4 ? 'ipv4' : 'ipv6');
  return {
    test: (value) => {
      // As sockets of both families name an address of the older one.
      const plain = /^::ffff:\d/i.test(value) ? value.slice('::ffff:'.length) : value;
      const found = isIP(plain);
      return found !== 0 && range.check(plain, found === 4 ? 'ipv4' : 'ipv6');
    },
  };
};

/** By name in lower case. `isNegative`: none of the wanted values may match, and a key that is not there is well. */
const operators: Readonly<Record<string, Operator>> = {
  stringequals: { read: text({ hasWildcards: false, folds: false }) },
  stringnotequals: { read: text({ hasWildcards: false, folds: false }), isNegative: true },
  stringequalsignorecase: { read: text({ hasWildcards: false, folds: true }) },
  stringnotequalsignorecase: { read: text({ hasWildcards: false, folds: true }), isNegative: true },
  stringlike: { read: text({ hasWildcards: true, folds: false }) },
  stringnotlike: { read: text({ hasWildcards: true, folds: false }), isNegative: true },
  numericequals: { read: number((value, wanted) => value === wanted) },
  numericnotequals: { read: number((value, wanted) => value === wanted), isNegative: true },
  numericlessthan: { read: number((value, wanted) => value < wanted) },
  numericlessthanequals: { read: number((value, wanted) => value <= wanted) },
  numericgreaterthan: { read: number((value, wanted) => value > wanted) },
  numericgreaterthanequals: { read: number((value, wanted) => value >= wanted) },
  dateequals: { read: date((value, wanted) => value === wanted) },
  datenotequals: { read: date((value, wanted) => value === wanted), isNegative: true },
  datelessthan: { read: date((value, wanted) => value < wanted) },
  datelessthanequals: { read: date((value, wanted) => value <= wanted) },
  dategreaterthan: { read: date((value, wanted) => value > wanted) },
  dategreaterthanequals: { read: date((value, wanted) => value >= wanted) },
  bool: { read: bool },
  binaryequals: { read: binary },
  ipaddress: { read: address },
  notipaddress: { read: address, isNegative: true },
  arnequals: { read: arn },
  arnlike: { read: arn },
  arnnotequals: { read: arn, isNegative: true },
  arnnotlike: { read: arn, isNegative: true },
};

function numberOf(value: string): number | undefined {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(value.trim()) ? Number(value) : undefined;
}

/** ISO 8601 as the W3C has it (a year, a day, a time with its zone), or seconds since the epoch. */
function dateMs(value: string): number | undefined {
  if (/^-?\d{5,}(\.\d+)?$/.test(value)) return Number(value) * 1000;
  if (!/^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?$/i.test(value)) return undefined;
  const isLocal = /T[^Z+-]*$/i.test(value);
  const ms = Date.parse(isLocal ? `${value}Z` : value);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Each of the six parts by itself, so that a `*` does not reach over a colon. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN */
function matchesArn(patterns: readonly Pattern[], value: string, keys: ConditionKeys): boolean {
  const parts = value.split(':');
  const found = [...parts.slice(0, 5), parts.slice(5).join(':')];
  return (
    parts.length >= 6 &&
    patterns.length === found.length &&
    patterns.every((pattern, index) => matchesPattern(pattern, found[index] ?? '', keys))
  );
}

/** The colons of `${aws:username}` divide nothing. */
function arnParts(wanted: string): string[] {
  const parts = [''];
  for (const run of wanted.match(/\$\{[^}]*\}|:|[^:$]+|\$/g) ?? []) {
    if (run === ':' && parts.length < 6) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${run}`);
  }
  return parts;
}

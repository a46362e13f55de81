import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeValue } from '../../../resources/table/attribute-value.ts';
import { PlatformError } from '../../../util/errors.ts';
import { readItem, type WireItem } from '../attribute-input.ts';
import { applyUpdate } from './apply-update.ts';
import { parseCondition } from './condition.ts';
import { holds } from './condition-holds.ts';
import { createExpressionNames } from './expression-names.ts';
import { parseKeyCondition } from './key-condition.ts';
import { parseProjection, project } from './projection.ts';
import { attributesOfUpdate } from '../named-attributes.ts';
import { parseUpdate } from './update.ts';

const names = { '#a': 'a', '#dash': 'b-c', '#status': 'status', '#size': 'size' };
const values: WireItem = {
  ':s': { S: 'abc' },
  ':b': { S: 'b' },
  ':e': { S: '' },
  ':n': { N: '5' },
  ':m': { N: '2' },
  ':x': { B: Buffer.from('bin') },
  ':ss': { SS: ['a', 'b'] },
  ':sa': { SS: ['a'] },
  ':ns': { NS: ['1', '2'] },
  ':bs': { BS: [Buffer.from('p')] },
  ':l': { L: [{ S: 'new' }] },
  ':map': { M: { k: { S: 'v' } } },
  ':t': { BOOL: true },
  ':z': { NULL: true },
  ':tS': { S: 'S' },
  ':tNS': { S: 'NS' },
  ':big': { N: '9e125' },
  ':fine': { N: '1e-100' },
};

const item = readItem({
  a: { S: 'abcdef' },
  b: { N: '5' },
  c: { N: '10' },
  'b-c': { S: 'dashed' },
  status: { S: 'open' },
  bin: { B: Buffer.from('binary') },
  ss: { SS: ['a', 'b', 'c'] },
  ns: { NS: ['1', '2', '3'] },
  bs: { BS: [Buffer.from('p'), Buffer.from('q')] },
  l: { L: [{ S: 'zero' }, { N: '1' }, { M: { leaf: { S: 'two' } } }, { S: 'three' }] },
  m: { M: { x: { N: '1' }, y: { M: { z: { S: 'deep' } } } } },
  t: { BOOL: true },
  z: { NULL: true },
  e: { S: '' },
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PlatformError, String(error));
    assert.equal(error.reason, 'ValidationException');
    return error.message;
  }
  assert.fail('nothing was refused');
}

const newNames = () => createExpressionNames(names, values);

const isTrue = `
a = a2 OR b = :n | b = :n | :n = b | b <> :m | b <> :s | nothing <> :n | nothing <> nowhere | b < c | b <= :n | c > b | c >= :n
a > :b OR a < :b | a >= :s | bin < ss OR bin > :x | #dash <> :s | #status <> :s | #a = a3 OR attribute_exists(#a)
b BETWEEN :m AND :n | b BETWEEN :m AND c | :n BETWEEN b AND c | a BETWEEN :s AND :b | b IN (:m, :n) | b IN (b2, :n) | b in (:n)
ss = :ss OR contains(ss, :b) | NOT ss = :ss | attribute_exists(m.y.z) | attribute_not_exists(m.y.q) | attribute_not_exists(l[9])
attribute_exists(l[2].leaf) | attribute_type(a, :tS) | attribute_type(ns, :tNS) | attribute_type(:s, :tS) | begins_with(a, :s)
begins_with(a, :e) | begins_with(bin, :x) | contains(a, :b) | contains(bin, :x) | contains(ns, :m) | contains(bs, l[9]) OR contains(ss, :b)
contains(l, l[1]) | size(a) = size(:s) OR size(a) > :n | size(ss) < :n | size(l) < :n | size(m) = :m | size(e) < :m | size(bin) > :n
(b = :n) AND (c > b) | b = :m OR b = :n AND c > b | (b = :m OR b = :n) AND c > b | NOT b = :m AND NOT b = c | NOT (b = :m OR b = c)
not b = :m and not b = c | t = :t | z = :z | m.x < :m | (b) = :n | (m).x < :m | a <> b | m.y.z > :s | l[0] > :s | NOT NOT b = :n
`;
const isFalse = `
b = :m | b = :s | nothing = :n | nothing = nowhere | nothing < :n | nothing > :n | b <> :n | b > :s | b < :s | t < b
NOT b = :n | b BETWEEN c AND :m | nothing BETWEEN :m AND :n | a BETWEEN :m AND :n | b IN (:m, :s) | nothing IN (:n) | nothing IN (nowhere)
attribute_exists(nothing) | attribute_exists(a.b) | attribute_exists(l.a) | attribute_exists(m[0]) | attribute_not_exists(a)
attribute_type(a, :tNS) | attribute_type(nothing, :tS) | begins_with(b, :s) | begins_with(nothing, :s) | begins_with(:s, a)
contains(b, :n) | contains(m, :s) | contains(ns, :s) | contains(nothing, :s) | size(b) = :n | size(t) > :m | size(z) < :n | size(nothing) < :n
b = :m AND c > b | (b = :m OR b = :n) AND c < b | l = :l | m = :map | ss = ns | size(a) = :s
`;
const cells = (table: string): string[] =>
  table
    .split(/[|\n]/)
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '');

test('conditions hold of an item, or do not', () => {
  for (const source of cells(isTrue))
    assert.equal(holds(parseCondition('ConditionExpression', source, newNames()), item), true, source);
  for (const source of cells(isFalse))
    assert.equal(holds(parseCondition('ConditionExpression', source, newNames()), item), false, source);
});

test('what is large is compared once, however often a condition asks', () => {
  let comparisons = 0;
  const values: AttributeValue[] = [{ S: 'x' }, { N: '1' }];
  const { every } = values;
  const L = Object.assign([...values], {
    every: (...given: Parameters<typeof every>) => {
      comparisons += 1;
      return every.apply(values, given);
    },
  });
  const source = Array.from({ length: 100 }, () => 'a = b').join(' AND ');
  assert.equal(holds(parseCondition('FilterExpression', source, newNames()), { a: { L }, b: { L: values } }), true);
  assert.equal(comparisons, 1);
});

const parensTooDeep = `${'('.repeat(301)}a = :n${')'.repeat(301)}`;
const wrongConditions: [string, string][] = [
  ['', 'The expression can not be empty;'],
  ['a', 'Syntax error; token: "<EOF>", near: "a"'],
  [':n', 'Syntax error; token: "<EOF>", near: ":n"'],
  ['a =', 'Syntax error; token: "<EOF>", near: "="'],
  ['a = 3', 'Syntax error; token: "3", near: "= 3"'],
  ['a == :n', 'Syntax error; token: "=", near: "== :n"'],
  ['a = :n AND', 'Syntax error; token: "<EOF>", near: "AND"'],
  ['a = :n b = :m', 'Syntax error; token: "b", near: ":n b ="'],
  ['a = :n OR OR b = :m', 'Syntax error; token: "OR", near: "OR OR b"'],
  ['(a = :n', 'Syntax error; token: "<EOF>", near: ":n"'],
  ['a = :n)', 'Syntax error; token: ")", near: ":n)"'],
  ['attribute_exists(a', 'Syntax error; token: "<EOF>", near: "a"'],
  ['attribute_exists()', 'Syntax error; token: ")", near: "()"'],
  ['a IN ()', 'Syntax error; token: ")", near: "()"'],
  ['a IN :n', 'Syntax error; token: ":n", near: "IN :n"'],
  ['a BETWEEN :m OR :n', 'Syntax error; token: "OR", near: ":m OR :n"'],
  ['a BETWEEN :m', 'Syntax error; token: "<EOF>", near: ":m"'],
  ['a[x] = :n', 'Syntax error; token: "x", near: "[x]"'],
  ['a. = :n', 'Syntax error; token: "=", near: ". = :n"'],
  ['a[-1] = :n', 'Syntax error; token: "-", near: "[-1"'],
  ['a + b = :n', 'Syntax error; token: "+", near: "a + b"'],
  ['a = @b', 'Syntax error; token: "@", near: "= @b"'],
  ['a = : n', 'Syntax error; token: ":", near: "= : n"'],
  ['_a = :n', 'Syntax error; token: "_", near: "_a"'],
  ['b-c = :n', 'Syntax error; token: "-", near: "b-c"'],
  ['AND = :n', 'Syntax error; token: "AND", near: "AND ="'],
  ['status = :s', 'Attribute name is a reserved keyword; reserved keyword: status'],
  ['a.NAME = :s', 'Attribute name is a reserved keyword; reserved keyword: NAME'],
  ['#no = :s', 'An expression attribute name used in the document path is not defined; attribute name: #no'],
  ['a = :no', 'An expression attribute value used in expression is not defined; attribute value: :no'],
  ['foo(a)', 'Invalid function name; function: foo'],
  ['Attribute_Exists(a)', 'Invalid function name; function: Attribute_Exists'],
  ['size(a)', 'The function is not allowed to be used this way in an expression; function: size'],
  ['NOT size(a)', 'The function is not allowed to be used this way in an expression; function: size'],
  [
    'attribute_exists(a) = :t',
    'The function is not allowed to be used this way in an expression; function: attribute_exists',
  ],
  [
    'size(begins_with(a, :s)) = :n',
    'The function is not allowed to be used this way in an expression; function: begins_with',
  ],
  [
    'attribute_exists(a, b)',
    'Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2',
  ],
  [
    'contains(a)',
    'Incorrect number of operands for operator or function; operator or function: contains, number of operands: 1',
  ],
  ['attribute_exists(:s)', 'Operator or function requires a document path; operator or function: attribute_exists'],
  [
    'begins_with(a, :n)',
    'Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
  ],
  [
    'attribute_type(a, b)',
    'Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}',
  ],
  [
    'attribute_type(a, :s)',
    'Invalid attribute type name found; type: abc, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}',
  ],
  ['size(:n) = :n', 'Incorrect operand type for operator or function; operator or function: size, operand type: N'],
  ['a < :t', 'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL'],
  ['a >= :ss', 'Incorrect operand type for operator or function; operator or function: >=, operand type: SS'],
  [
    'a BETWEEN :n AND :m',
    'The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {N:2}',
  ],
  [
    'a BETWEEN :n AND :s',
    'The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {S:abc}',
  ],
  [
    'a = a',
    'The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]',
  ],
  [
    'contains(m.x, m.x)',
    'The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [m, x]',
  ],
  ['((a = :n))', 'The expression has redundant parentheses;'],
  ['((a)) = :n', 'The expression has redundant parentheses;'],
  [parensTooDeep, 'The expression contains too many operators; operator count: 301'],
  [
    Array.from({ length: 302 }, () => 'a=:n').join(' OR '),
    'The expression contains too many operators; operator count: 301',
  ],
  [
    `a = :n OR ${'a'.repeat(4_100)} = :n`,
    'Expression size has exceeded the maximum allowed size; expression size: 4115',
  ],
  [
    `a IN (${Array.from({ length: 101 }, () => ':n').join(',')})`,
    'The IN operator is provided with too many operands; number of operands: 101',
  ],
];

test('a condition that is none is told why', () => {
  for (const [source, message] of wrongConditions)
    assert.equal(
      messageOf(() => parseCondition('ConditionExpression', source, newNames())),
      `Invalid ConditionExpression: ${message}`,
      source,
    );
});

const keyConditions: [string, unknown][] = [
  ['a = :s', { a: { operator: '=', value: { S: 'abc' } } }],
  [':s = a', { a: { operator: '=', value: { S: 'abc' } } }],
  ['a = :s AND b > :n', { a: { operator: '=', value: { S: 'abc' } }, b: { operator: '>', value: { N: '5' } } }],
  ['(a = :s) AND (:n > b)', { a: { operator: '=', value: { S: 'abc' } }, b: { operator: '<', value: { N: '5' } } }],
  [
    '#a = :s and b BETWEEN :m AND :n',
    { a: { operator: '=', value: { S: 'abc' } }, b: { operator: 'between', low: { N: '2' }, high: { N: '5' } } },
  ],
  [
    'begins_with(b, :b) AND a = :s',
    { b: { operator: 'begins_with', value: { S: 'b' } }, a: { operator: '=', value: { S: 'abc' } } },
  ],
];
const wrongKeyConditions: [string, string][] = [
  ['a = ', 'Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "="'],
  ['a = :s OR b = :n', 'Invalid operator used in KeyConditionExpression: OR'],
  ['NOT a = :s', 'Invalid operator used in KeyConditionExpression: NOT'],
  ['a IN (:s)', 'Invalid operator used in KeyConditionExpression: IN'],
  ['a <> :s', 'Invalid operator used in KeyConditionExpression: <>'],
  ['contains(a, :s)', 'Invalid operator used in KeyConditionExpression: contains'],
  ['attribute_exists(a)', 'Invalid operator used in KeyConditionExpression: attribute_exists'],
  ['size(a) = :n', 'KeyConditionExpressions cannot contain nested operations'],
  ['a.b = :n', 'KeyConditionExpressions cannot have conditions on nested attributes'],
  ['a = b', 'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition'],
  [':n = :m', 'Invalid condition in KeyConditionExpression: No key attribute specified'],
  [
    'begins_with(:s, a)',
    'Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its first operand',
  ],
  [
    ':n BETWEEN a AND :n',
    'Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand',
  ],
  ['a = :s AND a = :b', 'KeyConditionExpressions must only contain one condition per key'],
];

test('key conditions are of one attribute each', () => {
  for (const [source, expected] of keyConditions)
    assert.deepEqual(Object.fromEntries(parseKeyCondition(source, newNames())), expected, source);
  for (const [source, message] of wrongKeyConditions)
    assert.equal(
      messageOf(() => parseKeyCondition(source, newNames())),
      message,
      source,
    );
});

const projections: [string, unknown][] = [
  ['a', { a: { S: 'abcdef' } }],
  ['a, nothing, b', { a: { S: 'abcdef' }, b: { N: '5' } }],
  ['#dash, #status', { 'b-c': { S: 'dashed' }, status: { S: 'open' } }],
  ['m.x', { m: { M: { x: { N: '1' } } } }],
  ['m.y.z, m.x', { m: { M: { y: { M: { z: { S: 'deep' } } }, x: { N: '1' } } } }],
  ['l[3], l[0]', { l: { L: [{ S: 'zero' }, { S: 'three' }] } }],
  ['l[2].leaf, l[1]', { l: { L: [{ N: '1' }, { M: { leaf: { S: 'two' } } }] } }],
  ['l[9]', {}],
  ['m.nothing', {}],
  ['a.b', {}],
];
const wrongProjections: [string, string][] = [
  ['', 'The expression can not be empty;'],
  ['a,', 'Syntax error; token: "<EOF>", near: ","'],
  [',a', 'Syntax error; token: ",", near: ",a"'],
  ['a b', 'Syntax error; token: "b", near: "a b"'],
  ['a[]', 'Syntax error; token: "]", near: "[]"'],
  [':s', 'Syntax error; token: ":s", near: ":s"'],
  ['name', 'Attribute name is a reserved keyword; reserved keyword: name'],
  ['#no', 'An expression attribute name used in the document path is not defined; attribute name: #no'],
  [
    'a, b, a',
    'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]',
  ],
  [
    'm.y.z, m.y',
    'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m, y, z], path two: [m, y]',
  ],
  [
    'm.y, m[0]',
    'Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, y], path two: [m, [0]]',
  ],
];

test('a projection is the parts that are there, in their places', () => {
  for (const [source, expected] of projections)
    assert.deepEqual(JSON.parse(JSON.stringify(project(item, parseProjection(source, newNames())))), expected, source);
  for (const [source, message] of wrongProjections)
    assert.equal(
      messageOf(() => parseProjection(source, newNames())),
      `Invalid ProjectionExpression: ${message}`,
      source,
    );
});

/** What becomes of the attributes that are named. */
const updates: [string, Record<string, unknown>][] = [
  ['SET a = :s', { a: { S: 'abc' } }],
  ['SET a = b, b = a', { a: { N: '5' }, b: { S: 'abcdef' } }],
  ['SET b = b + :n, c = c - :m', { b: { N: '10' }, c: { N: '8' } }],
  ['SET b = :n - b', { b: { N: '0' } }],
  ['set b = (b) + (:n)', { b: { N: '10' } }],
  ['SET fresh = if_not_exists(nothing, :n) + :m', { fresh: { N: '7' } }],
  ['SET b = if_not_exists(b, :m)', { b: { N: '5' } }],
  [
    'SET l = list_append(l, :l)',
    { l: { L: [{ S: 'zero' }, { N: '1' }, { M: { leaf: { S: 'two' } } }, { S: 'three' }, { S: 'new' }] } },
  ],
  ['SET fresh = list_append(:l, if_not_exists(nothing, :l))', { fresh: { L: [{ S: 'new' }, { S: 'new' }] } }],
  ['SET m.x = :n, m.y.q = :s', { m: { M: { x: { N: '5' }, y: { M: { z: { S: 'deep' }, q: { S: 'abc' } } } } } }],
  ['SET l[1] = :s', { l: { L: [{ S: 'zero' }, { S: 'abc' }, { M: { leaf: { S: 'two' } } }, { S: 'three' }] } }],
  [
    'SET l[70] = :s, l[20] = :n',
    { l: { L: [{ S: 'zero' }, { N: '1' }, { M: { leaf: { S: 'two' } } }, { S: 'three' }, { N: '5' }, { S: 'abc' }] } },
  ],
  ['REMOVE a, nothing, m.x', { a: undefined, m: { M: { y: { M: { z: { S: 'deep' } } } } } }],
  ['REMOVE l[0], l[2]', { l: { L: [{ N: '1' }, { S: 'three' }] } }],
  ['REMOVE l[0] SET l[1] = :s', { l: { L: [{ S: 'abc' }, { M: { leaf: { S: 'two' } } }, { S: 'three' }] } }],
  ['REMOVE l[9]', { l: { L: [{ S: 'zero' }, { N: '1' }, { M: { leaf: { S: 'two' } } }, { S: 'three' }] } }],
  ['ADD b :n', { b: { N: '10' } }],
  ['ADD fresh :n, newset :ss', { fresh: { N: '5' }, newset: { SS: ['a', 'b'] } }],
  ['ADD ss :ss', { ss: { SS: ['a', 'b', 'c'] } }],
  ['ADD m.x :n', { m: { M: { x: { N: '6' }, y: { M: { z: { S: 'deep' } } } } } }],
  ['DELETE ss :ss', { ss: { SS: ['c'] } }],
  ['DELETE ns :ns', { ns: { NS: ['3'] } }],
  ['DELETE nothing :ss', { nothing: undefined }],
  ['DELETE ss :ss REMOVE a ADD b :n SET c = :n', { ss: { SS: ['c'] }, a: undefined, b: { N: '10' }, c: { N: '5' } }],
  ['SET #status = :s, #dash = #status', { status: { S: 'abc' }, 'b-c': { S: 'open' } }],
];

test('an update is of the item as it was', () => {
  for (const [source, expected] of updates) {
    const changed = applyUpdate(item, parseUpdate(source, newNames()));
    for (const [name, value] of Object.entries(expected))
      assert.deepEqual(
        changed[name] === undefined ? undefined : JSON.parse(JSON.stringify(changed[name])),
        value,
        `${source}: ${name}`,
      );
  }
  assert.deepEqual(applyUpdate({ lone: { SS: ['a'] } }, parseUpdate('DELETE lone :sa', newNames()))['lone'], undefined);
});

const wrongUpdates: [string, string][] = [
  ['', 'The expression can not be empty;'],
  ['INVALID SYNTAX HERE', 'Syntax error; token: "INVALID", near: "INVALID SYNTAX"'],
  ['SET', 'Syntax error; token: "<EOF>", near: "SET"'],
  ['SET a', 'Syntax error; token: "<EOF>", near: "a"'],
  ['SET a = VALUE 1', 'Syntax error; token: "1", near: "VALUE 1"'],
  ['SET a = :n,', 'Syntax error; token: "<EOF>", near: ","'],
  ['SET a = :n + :m + :n', 'Syntax error; token: "+", near: ":m + :n"'],
  ['ADD hits : incr', 'Syntax error; token: ":", near: "hits : incr"'],
  ['ADD a b', 'Syntax error; token: "b", near: "a b"'],
  ['REMOVE a = :n', 'Syntax error; token: "=", near: "a = :n"'],
  ['SET a = :n SET b = :n', 'The "SET" section can only be used once in an update expression;'],
  ['SET status = :n', 'Attribute name is a reserved keyword; reserved keyword: status'],
  ['SET a = foo(:n)', 'Invalid function name; function: foo'],
  ['SET #no = :n', 'An expression attribute name used in the document path is not defined; attribute name: #no'],
  ['SET a = :no', 'An expression attribute value used in expression is not defined; attribute value: :no'],
  [
    'SET a = :n, a = :m',
    'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]',
  ],
  [
    'SET m.x = :n REMOVE m',
    'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m, x], path two: [m]',
  ],
  [
    'SET m.x = :n, m[1] = :m',
    'Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, x], path two: [m, [1]]',
  ],
  [
    'ADD a :s',
    'Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND',
  ],
  [
    'DELETE a :n',
    'Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND',
  ],
  [
    'SET a = if_not_exists(a)',
    'Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1',
  ],
  [
    'SET a = if_not_exists(:n, :m)',
    'Operator or function requires a document path; operator or function: if_not_exists',
  ],
  [
    'SET a = list_append(:n, :l)',
    'Incorrect operand type for operator or function; operator or function: list_append, operand type: N',
  ],
  ['SET a = b + :s', 'Incorrect operand type for operator or function; operator or function: +, operand type: S'],
];
const refusedUpdates: [string, string][] = [
  ['SET a = nothing', 'The provided expression refers to an attribute that does not exist in the item'],
  ['SET a = nothing + :n', 'The provided expression refers to an attribute that does not exist in the item'],
  ['SET b = a + :n', 'An operand in the update expression has an incorrect data type'],
  ['SET a = list_append(a, :l)', 'An operand in the update expression has an incorrect data type'],
  ['ADD a :n', 'An operand in the update expression has an incorrect data type'],
  ['ADD b :ss', 'An operand in the update expression has an incorrect data type'],
  ['DELETE ss :ns', 'An operand in the update expression has an incorrect data type'],
  ['SET nothing.x = :n', 'The document path provided in the update expression is invalid for update'],
  ['SET a.x = :n', 'The document path provided in the update expression is invalid for update'],
  ['SET m[0] = :n', 'The document path provided in the update expression is invalid for update'],
  ['REMOVE nothing.x', 'The document path provided in the update expression is invalid for update'],
  ['SET b = :big + :big', 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
  ['SET b = :fine + :n', 'Attempting to store more than 38 significant digits in a Number'],
];

test('an update that is none, or not of this item, is told why', () => {
  for (const [source, message] of wrongUpdates)
    assert.equal(
      messageOf(() => parseUpdate(source, newNames())),
      `Invalid UpdateExpression: ${message}`,
      source,
    );
  for (const [source, message] of refusedUpdates)
    assert.equal(
      messageOf(() => applyUpdate(item, parseUpdate(source, newNames()))),
      message,
      source,
    );
});

test('names and values are of references, and all are used', () => {
  const wrong: [Record<string, string> | undefined, WireItem | undefined, string][] = [
    [{}, undefined, 'ExpressionAttributeNames must not be empty'],
    [undefined, {}, 'ExpressionAttributeValues must not be empty'],
    [{ a: 'a' }, undefined, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'],
    [{ '#': 'a' }, undefined, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "#"'],
    [undefined, { '#a': { S: '' } }, 'ExpressionAttributeValues contains invalid key: Syntax error; key: "#a"'],
    [
      undefined,
      { ':a': { N: 'x' } },
      'ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x for key :a',
    ],
    [
      undefined,
      { ':a': {} },
      'ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :a',
    ],
  ];
  for (const [givenNames, givenValues, message] of wrong)
    assert.equal(
      messageOf(() => createExpressionNames(givenNames, givenValues)),
      message,
    );
  const given = createExpressionNames({ '#a': 'a', '#b': 'b' }, { ':a': { S: '' }, ':b': { S: '' } });
  parseCondition('FilterExpression', '#a = :a', given);
  assert.equal(
    messageOf(() => given.requireAllUsed()),
    'Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}',
  );
  parseCondition('FilterExpression', '#b = :a', given);
  assert.equal(
    messageOf(() => given.requireAllUsed()),
    'Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}',
  );
});

test('an update names what it reads as well as what it writes', () => {
  const update = parseUpdate(
    'SET x = b, m.q = if_not_exists(c, t), y[0] = list_append(l, ss) REMOVE bs',
    createExpressionNames(undefined, undefined),
  );
  assert.deepEqual(new Set(attributesOfUpdate(update)), new Set(['x', 'm', 'y', 'bs', 'b', 'c', 't', 'l', 'ss']));
});

test('lists that no item can have are not put together first', () => {
  const long: AttributeValue = { L: Array.from({ length: 200_000 }, (): AttributeValue => ({ NULL: true })) };
  const refused = (source: string): string =>
    messageOf(() => applyUpdate({ a: long }, parseUpdate(source, createExpressionNames(undefined, undefined))));
  let nested = 'a';
  for (let depth = 0; depth < 150; depth += 1) nested = `list_append(${nested}, a)`;
  const each = Array.from({ length: 100 }, (_, index) => `b${index} = list_append(a, a)`).join(', ');
  for (const source of [`SET b = ${nested}`, `SET ${each}`])
    assert.equal(refused(source), 'Item size to update has exceeded the maximum allowed size');
  const { actions } = parseUpdate(
    'SET b = list_append(list_append(a, a), a)',
    createExpressionNames(undefined, undefined),
  );
  const short: AttributeValue = { L: [{ S: '1' }, { S: '2' }] };
  assert.deepEqual(applyUpdate({ a: short }, { actions })['b'], { L: [...short.L, ...short.L, ...short.L] });
});

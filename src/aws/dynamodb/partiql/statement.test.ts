import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeValue, Item } from '../../../resources/table/attribute-value.ts';
import { PlatformError } from '../../../util/errors.ts';
import { readItem } from '../attribute-input.ts';
import { applyUpdate } from '../expression/apply-update.ts';
import { holds } from '../expression/condition-holds.ts';
import { parseStatement } from './statement.ts';

const item = readItem({
  id: { S: 'x' },
  n: { N: '5' },
  l: { L: [{ N: '1' }, { M: { x: { S: 'y' } } }] },
  m: { M: { x: { N: '1' }, 'y z': { S: 'q' } } },
  ss: { SS: ['a', 'b'] },
  nothing: { NULL: true },
  t: { BOOL: true },
});
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function isSo(where: string, parameters: readonly AttributeValue[] = []): boolean {
  const statement = parseStatement(`SELECT * FROM t WHERE ${where}`, parameters);
  assert.ok(statement.kind === 'select' && statement.where !== undefined);
  return holds(statement.where, item);
}

function messageOf(source: string, parameters: readonly AttributeValue[] = []): string {
  try {
    parseStatement(source, parameters);
  } catch (error) {
    assert.ok(error instanceof PlatformError);
    return error.message;
  }
  assert.fail(`nothing was refused: ${source}`);
}

test('what stands after WHERE holds of an item, or does not', () => {
  for (const where of [
    "id = 'x'",
    "'x' = id AND n > 4.5e0",
    'n BETWEEN 1 AND 5 AND NOT n IN [1, 2]',
    'n IN (1, 5)',
    'n NOT IN (1, 2)',
    "n != 4 AND n <> 'five'",
    '"id" = \'x\' OR missing = 1',
    "m.x = 1 AND m.\"y z\" = 'q' AND m['y z'] = 'q' AND l[1].x = 'y'",
    'missing IS MISSING AND n IS NOT MISSING',
    'nothing IS NULL AND n IS NOT NULL',
    "contains(ss, 'a') AND begins_with(id, 'x') AND size(l) = 2 AND attribute_type(n, 'N')",
    "ss = <<'b', 'a'>> AND t = TRUE AND nothing = null",
    "l = [1, {'x': 'y'}]",
    "(id = 'y' OR n = 5) AND n >= -1",
    "id = 'x' -- as a comment says",
  ])
    assert.equal(isSo(where), true, where);
  for (const where of [
    "id = 'y'",
    'missing = 1',
    'missing < 1',
    "n = '5'",
    "id = 'it''s'",
    'n IS MISSING',
    'missing IS NULL',
  ])
    assert.equal(isSo(where), false, where);
  assert.equal(isSo('id = ? AND n = ?', [{ S: 'x' }, { N: '5' }]), true);
});

test('an update sets, removes and changes sets', () => {
  const changed = (clauses: string): Item => {
    const statement = parseStatement(`UPDATE t ${clauses} WHERE id = 'x'`, []);
    assert.ok(statement.kind === 'update');
    return applyUpdate(item, statement);
  };
  assert.deepEqual(plain(changed('SET n = n + 1 SET a = 1, b = if_not_exists(n, 0) REMOVE m.x')), {
    ...(plain(item) as object),
    n: { N: '6' },
    a: { N: '1' },
    b: { N: '5' },
    m: { M: { 'y z': { S: 'q' } } },
  });
  assert.deepEqual(plain(changed("SET ss = set_add(ss, <<'c'>>) SET l = list_append(l, [2])")['ss']), {
    SS: ['a', 'b', 'c'],
  });
  assert.deepEqual(plain(changed("SET ss = set_delete(ss, <<'a'>>)")['ss']), { SS: ['b'] });
});

test('a statement that is none is told why', () => {
  const malformed = "Statement wasn't well formed, can't be processed: ";
  const wrong: [string, string][] = [
    ['', `${malformed}Expected data manipulation`],
    ['SLECT * FROM t', `${malformed}Expected data manipulation`],
    ['SELECT * FROM t WHERE', `${malformed}expected a path or a value, found 'the end'`],
    ["SELECT * FROM t WHERE a = 'x", `${malformed}the quote at position 27 has no end`],
    ['SELECT * FROM t WHERE a = 1 extra', `${malformed}expected the end of the statement, found 'extra'`],
    ['SELECT * FROM t.i.j', 'A path may contain at most 2 components in the FROM clause'],
    ['SELECT * FROM ""', 'Path component cannot be an empty string'],
    ['SELECT * FROM t WHERE a = ?', "Number of parameters in request and statement don't match."],
    ['SELECT * FROM t WHERE lower(a) = 1', 'Invalid function name; function: lower'],
    [
      'SELECT * FROM t WHERE a < true',
      'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL',
    ],
    ["INSERT INTO t VALUE 'x'", `${malformed}expected a map of attributes after VALUE`],
    ["INSERT INTO t VALUE {'a': <<1, 'b'>>}", `${malformed}the members of a set must be of one type`],
    ['UPDATE t WHERE a = 1', `${malformed}expected SET or REMOVE, found 'WHERE'`],
    [
      'UPDATE t SET a = 1 REMOVE a WHERE b = 1',
      'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]',
    ],
    [
      'DELETE FROM t WHERE a = 1 RETURNING MODIFIED OLD *',
      'Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements.',
    ],
    [
      `SELECT * FROM t WHERE a IN [${'1, '.repeat(100)}1]`,
      'The IN operator is provided with too many operands; number of operands: 101',
    ],
    [`SELECT * FROM t WHERE ${'('.repeat(200)}a = 1`, `${malformed}it is nested deeper than 100 levels`],
  ];
  for (const [source, message] of wrong) assert.equal(messageOf(source), message, source);
  assert.equal(
    messageOf('SELECT * FROM t', [{ S: 'x' }]),
    "Number of parameters in request and statement don't match.",
  );
});

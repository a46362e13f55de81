/** What anybody who may use a table writes: expressions and statements, and the items that they are asked of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readItem, type WireItem } from '../../src/aws/dynamodb/attribute-input.ts';
import { applyUpdate } from '../../src/aws/dynamodb/expression/apply-update.ts';
import { parseCondition } from '../../src/aws/dynamodb/expression/condition.ts';
import { holds } from '../../src/aws/dynamodb/expression/condition-holds.ts';
import { createExpressionNames } from '../../src/aws/dynamodb/expression/expression-names.ts';
import { parseKeyCondition } from '../../src/aws/dynamodb/expression/key-condition.ts';
import { parseProjection, project } from '../../src/aws/dynamodb/expression/projection.ts';
import { parseUpdate } from '../../src/aws/dynamodb/expression/update.ts';
import { pickPaths } from '../../src/aws/dynamodb/partiql/select-items.ts';
import { parseStatement } from '../../src/aws/dynamodb/partiql/statement.ts';
import type { AttributeValue } from '../../src/resources/table/attribute-value.ts';
import { itemSizeBytes } from '../../src/resources/table/item-size.ts';
import { canonicalNumber } from '../../src/resources/table/number.ts';
import { PlatformError } from '../../src/util/errors.ts';
import { fuzz } from './fuzz.ts';

const given: WireItem = {
  a: { S: 'text' },
  n: { N: '5' },
  l: { L: [{ N: '1' }, { M: { x: { S: 'y' } } }] },
  m: { M: { x: { N: '1e10' } } },
  ss: { SS: ['a', 'b'] },
  b: { B: Buffer.from('bytes') },
};
const item = readItem(given);
const values: WireItem = {
  ':s': { S: 'te' },
  ':n': { N: '2' },
  ':l': { L: [] },
  ':ss': { SS: ['a'] },
  ':t': { S: 'S' },
};
const newNames = () => createExpressionNames({ '#a': 'a', '#m': 'm' }, values);

/** Nothing but a ValidationException, in a text that says so. */
function validated<Result>(work: () => Result): Result | string {
  try {
    return work();
  } catch (error) {
    assert.ok(error instanceof PlatformError, String(error));
    assert.equal(error.reason, 'ValidationException');
    // What it repeats has no end; what it says first is what it is.
    return error.message.replaceAll(/"[^"]*"|\[[^\]]*\]|: [^:;]*$/g, '').slice(0, 80);
  }
}

const words = [
  ...`AND OR NOT BETWEEN IN ( ) = <> < <= , . [0] [99999999999999999999] #a #m :s :n :l :ss :t :none #none a m.x l[1].x size( contains(
    SET REMOVE ADD DELETE + - if_not_exists( list_append( attribute_exists( name SELECT * FROM WHERE INSERT INTO VALUE UPDATE RETURNING
    ALL OLD ORDER BY IS MISSING { } << >> ' " ? NULL true -- 1e130 EXISTS(`.split(/\s+/),
  '('.repeat(500),
  'NOT '.repeat(500),
  '['.repeat(300),
  '<<'.repeat(300),
  "''".repeat(400),
  '{'.repeat(300),
];

test('expressions are understood or refused, and what is understood can be asked of an item', async () => {
  const { runs } = await fuzz({
    corpus: [
      'a = :s AND NOT (n < :n OR contains(ss, :s))',
      'n BETWEEN :n AND m.x',
      'attribute_type(a, :t) OR size(l[1].x) IN (:n, n)',
      'SET a = :s, n = n + :n REMOVE l[0], m.x ADD k :n DELETE ss :ss',
      'SET l = list_append(if_not_exists(l, :l), :l)',
      'a, l[0], l[1].x, m.x, #m',
      'a = :s AND begins_with(n, :s)',
    ],
    words,
    bytesMax: 4_200,
    run(input) {
      const source = input.toString('utf8');
      const condition = validated(() => holds(parseCondition('ConditionExpression', source, newNames()), item));
      const update = validated(() => {
        const changed = applyUpdate(item, parseUpdate(source, newNames()));
        // What is kept is of what may be kept.
        readItem(JSON.parse(JSON.stringify({ ...changed, b: undefined })) as WireItem);
        return itemSizeBytes(changed) > 0;
      });
      const projection = validated(() => itemSizeBytes(project(item, parseProjection(source, newNames()))) >= 0);
      const key = validated(() => parseKeyCondition(source, newNames()).size);
      assert.equal(JSON.stringify(item), JSON.stringify(readItem(given)), 'the item itself was changed');
      return [condition, update, projection, key].map(String).join(' / ');
    },
  });
  assert.ok(runs >= 100);
});

test('statements are understood or refused', async () => {
  const parameters: AttributeValue[] = [{ S: 'x' }, { N: '1' }];
  await fuzz({
    corpus: [
      'SELECT a, m.x, l[1].x FROM "t"."i" WHERE a = \'x\' AND n IN [1, 2] OR NOT contains(ss, \'a\') ORDER BY a DESC',
      "INSERT INTO t VALUE {'a': 'x', 'l': [1, {'b': null}], 's': <<'a', 'b'>>, 'n': -1.5e3, 't': true}",
      "UPDATE t SET a = 1 SET l = list_append(l, [2]), s = set_add(s, <<'c'>>) REMOVE m.x WHERE a = ? AND n = ? RETURNING ALL NEW *",
      "DELETE FROM t WHERE a = 'it''s' AND n BETWEEN 1 AND 2 RETURNING ALL OLD *",
      'EXISTS(SELECT * FROM t WHERE a = ? AND n IS NOT MISSING AND b IS NULL)',
    ],
    words,
    bytesMax: 8_192,
    run(input) {
      const source = input.toString('utf8');
      const read = validated(() => {
        const count = source.split('?').length - 1;
        const statement = parseStatement(source, parameters.slice(0, count));
        if (statement.kind === 'select') pickPaths(item, statement.paths);
        if ('where' in statement && statement.where !== undefined) holds(statement.where, item);
        if (statement.kind === 'update') applyUpdate(item, statement);
        return statement.kind;
      });
      return read;
    },
  });
});

test('numbers have one form, which is their own', async () => {
  await fuzz({
    corpus: ['0', '-1.50', '1e125', '9.99e-130', '+.5', '00012', '12345678901234567890123456789012345678'],
    words: ['e', 'E', '-', '+', '.', '0'.repeat(400), '9'.repeat(60), 'e-', 'Infinity', '0x'],
    run(input) {
      const text = input.toString('latin1');
      const read = canonicalNumber(text);
      if ('problem' in read) return read.problem;
      assert.deepEqual(canonicalNumber(read.number), read);
      if (/^[-+.\deE]+$/.test(text))
        assert.ok(Math.abs(Number(text) - Number(read.number)) <= Math.abs(Number(text)) * 1e-12);
      return 'a number';
    },
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AttributeValue, compareTexts, isEqual, newItem } from './attribute-value.ts';
import { itemSizeBytes, valueSizeBytes } from './item-size.ts';
import { keyText } from './key-text.ts';

test('sets are equal whatever their order, lists are not', () => {
  assert.ok(isEqual({ SS: ['a', 'b'] }, { SS: ['b', 'a'] }));
  assert.ok(isEqual({ NS: ['1', '2'] }, { NS: ['2', '1'] }));
  assert.ok(isEqual({ BS: [Buffer.from('a'), Buffer.from('b')] }, { BS: [Buffer.from('b'), Buffer.from('a')] }));
  assert.ok(!isEqual({ SS: ['a', 'b'] }, { SS: ['b', 'c'] }));
  assert.ok(!isEqual({ L: [{ S: 'a' }, { S: 'b' }] }, { L: [{ S: 'b' }, { S: 'a' }] }));
  assert.ok(isEqual({ M: { a: { N: '1' }, b: { NULL: true } } }, { M: { b: { NULL: true }, a: { N: '1' } } }));
  assert.ok(!isEqual({ M: { a: { N: '1' } } }, { M: { a: { S: '1' } } }));
  assert.ok(!isEqual({ S: '1' }, { N: '1' }));
  assert.ok(!isEqual({ BOOL: true }, { BOOL: false }));
});

test('texts of keys sort as the bytes of the values', () => {
  const order = (one: string, other: string): number => Math.sign(Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const text = fc.string({ unit: 'binary', maxLength: 6 });
  fc.assert(
    fc.property(text, text, (one, other) => {
      assert.equal(Math.sign(compareTexts(one, other)), order(one, other));
      const [long, longer] = [`${'x'.repeat(300)}${one}`, `${'x'.repeat(300)}${other}`];
      assert.equal(Math.sign(compareTexts(long, longer)), order(one, other));
      const [oneKey, otherKey] = [`${keyText({ S: one })} `, `${keyText({ S: other })} `];
      assert.equal(oneKey < otherKey ? -1 : oneKey > otherKey ? 1 : 0, order(one, other));
      assert.equal(
        keyText({ S: other }).startsWith(keyText({ S: one })),
        Buffer.from(other).indexOf(Buffer.from(one)) === 0,
      );
    }),
    { numRuns: 1_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5 }), fc.uint8Array({ maxLength: 5 }), (one, other) => {
      const [oneKey, otherKey] = [`${keyText({ B: one })} `, `${keyText({ B: other })} `];
      assert.equal(oneKey < otherKey ? -1 : oneKey > otherKey ? 1 : 0, Buffer.compare(one, other));
    }),
  );
});

test('an item counts its names, and what each value is by its type', () => {
  const sizes: [AttributeValue, number][] = [
    [{ S: '' }, 0],
    [{ S: 'häu' }, 4],
    [{ N: '0' }, 1],
    [{ N: '1' }, 2],
    [{ N: '100' }, 2],
    [{ N: '-12' }, 3],
    [{ N: '123.45' }, 4],
    [{ N: '0.001' }, 2],
    [{ B: new Uint8Array(7) }, 7],
    [{ BOOL: false }, 1],
    [{ NULL: true }, 1],
    [{ L: [] }, 3],
    [{ L: [{ S: 'ab' }, { NULL: true }] }, 8],
    [{ M: {} }, 3],
    [{ M: { ab: { S: 'c' } } }, 7],
    [{ SS: ['ab', 'c'] }, 3],
    [{ NS: ['1', '22'] }, 4],
    [{ BS: [new Uint8Array(2)] }, 2],
  ];
  for (const [value, bytes] of sizes) assert.equal(valueSizeBytes(value), bytes, JSON.stringify(value));
  assert.equal(itemSizeBytes({ id: { S: 'x' }, count: { N: '1' } }), 2 + 1 + 5 + 2);
});

test('an attribute may have any name', () => {
  const item = newItem([['__proto__', { S: 'x' }]]);
  assert.deepEqual(Object.keys(item), ['__proto__']);
  assert.equal(item['constructor'], undefined);
});

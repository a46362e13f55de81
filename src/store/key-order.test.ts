import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { afterPrefix, compareKeys } from './key-order.ts';

test('what starts with a prefix sorts before what comes after it, and nothing else does', () => {
  const text = fc.string({ unit: 'binary', maxLength: 3 });
  fc.assert(
    fc.property(text, text, (prefix, key) => {
      const end = afterPrefix(prefix);
      const isInside = compareKeys(key, prefix) >= 0 && (end === undefined || compareKeys(key, end) < 0);
      assert.equal(isInside, key.startsWith(prefix));
    }),
  );
  assert.equal(afterPrefix('a/'), 'a0');
  assert.equal(afterPrefix('a\ud7ff'), 'a\ue000');
  assert.equal(afterPrefix('a\u{10ffff}'), 'b');
  assert.equal(afterPrefix(''), undefined);
  assert.equal(afterPrefix('\u{10ffff}'), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, property, uint8Array } from 'fast-check';
import { GatheredBytes } from './gathered-bytes.ts';

test('the pieces, one after the other', () => {
  check(
    property(array(uint8Array({ maxLength: 50 }), { maxLength: 30 }), (pieces) => {
      const gathered = new GatheredBytes();
      for (const piece of pieces) gathered.append(piece);
      const all = Buffer.concat(pieces);
      assert.deepEqual([gathered.length, Buffer.from(gathered.bytes)], [all.length, all]);
    }),
  );
});

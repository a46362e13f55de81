import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areMapped } from './claim-privilege.ts';

test('ids are usable where the user namespace has all of them', () => {
  assert.equal(areMapped('         0          0 4294967295\n', 1_900_000_000, 32_768), true);
  assert.equal(areMapped('         0     100000      65536\n', 1_900_000_000, 32_768), false);
  assert.equal(areMapped('0 100000 65536\n', 40_000, 32_768), false);
  assert.equal(areMapped('', 1, 1), false);
});

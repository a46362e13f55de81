import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomIds } from './ids.ts';

test('random ids are UUIDs of version 7, each another, in the order of their milliseconds', () => {
  const before = Date.now();
  const ids = Array.from({ length: 5_000 }, () => randomIds.uuid());
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(ids).size, ids.length);
  const times = ids.map((id) => Number.parseInt(id.replace('-', '').slice(0, 12), 16));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.ok((times[0] ?? 0) >= before && (times.at(-1) ?? 0) <= Date.now());
  for (const variant of '89ab')
    assert.ok(
      ids.some((id) => id[19] === variant),
      variant,
    );
});

test('random hex has the length that is asked for, each another', () => {
  for (const bytes of [1, 12, 16, 32, 64, 8_192, 10_000])
    assert.match(randomIds.hex(bytes), new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
  const drawn = Array.from({ length: 2_000 }, () => randomIds.hex(16));
  assert.equal(new Set(drawn).size, drawn.length);
  assert.ok(!drawn.includes('0'.repeat(32)));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RequestId, VersionId } from '../util/ids.ts';
import { pickVersion } from './pick-version.ts';

const alias = (weights: Record<string, number>) => ({
  name: 'live',
  version: '1' as VersionId,
  weights,
  history: [],
  revisionId: 'first',
});
const idOf = (index: number): RequestId => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}` as RequestId;

test('one request always gets the same version, and only one that the alias names', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (id, two, three) => {
        const weighted = alias({ '2': two, '3': three });
        const picked = pickVersion(weighted, id as RequestId);
        assert.equal(pickVersion(weighted, id as RequestId), picked);
        assert.ok(['1', '2', '3'].includes(picked));
      },
    ),
  );
});

test('shares are kept within a few percent, for ids that differ in one digit too', () => {
  const counts: Record<string, number> = {};
  for (let index = 0; index < 10_000; index++) {
    const version = pickVersion(alias({ '2': 0.1, '3': 0.3 }), idOf(index));
    counts[version] = (counts[version] ?? 0) + 1;
  }
  assert.ok(Math.abs((counts['2'] ?? 0) - 1_000) < 150, JSON.stringify(counts));
  assert.ok(Math.abs((counts['3'] ?? 0) - 3_000) < 300, JSON.stringify(counts));
});

test('a weight of 0 gets nothing, of 1 everything, and none at all is the alias’s version', () => {
  for (let index = 0; index < 200; index++) {
    assert.equal(pickVersion(alias({ '2': 0 }), idOf(index)), '1');
    assert.equal(pickVersion(alias({ '2': 1 }), idOf(index)), '2');
    assert.equal(pickVersion(alias({}), idOf(index)), '1');
  }
});

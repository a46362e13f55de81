import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VersionId } from '../util/ids.ts';
import { noExtras, type Alias } from './function.ts';
import { allProvisioned, provisionedVersions } from './provisioned-versions.ts';

const alias = (version: string, weights: Record<string, number> = {}): Alias => ({
  name: 'any',
  version: version as VersionId,
  weights,
  history: [],
  revisionId: 'first',
});

const record = (aliases: Record<string, Alias>, provisioned: Record<string, number>) => ({
  aliases,
  extras: {
    ...noExtras,
    provisioned: Object.fromEntries(
      Object.entries(provisioned).map(([qualifier, count]) => [qualifier, { count, modifiedMs: 0 }]),
    ),
  },
});

test("an alias's provisioned concurrency is that of the version it points to, divided by its weights", () => {
  assert.deepEqual([...provisionedVersions(record({ live: alias('3') }, { live: 4 }), 'live')], [['3', 4]]);
  assert.deepEqual(
    [...provisionedVersions(record({ live: alias('3', { 4: 0.25 }) }, { live: 4 }), 'live')],
    [
      ['4', 1],
      ['3', 3],
    ],
  );
  assert.deepEqual([...provisionedVersions(record({ live: alias('3', { 4: 1 }) }, { live: 4 }), 'live')], [['4', 4]]);
});

test('what several qualifiers ask of one version adds up', () => {
  const counts = allProvisioned(record({ one: alias('3'), other: alias('3') }, { one: 2, other: 1, 4: 5 }));
  assert.deepEqual(Object.fromEntries(counts), { 3: 3, 4: 5 });
});

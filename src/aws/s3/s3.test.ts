import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTestBuckets } from '../../resources/bucket/open-test-buckets.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { randomIds } from '../../util/ids.ts';
import { noTelling } from '../../registry/bucket-notices.ts';
import type { Bindings } from '../../registry/binding.ts';
import { createS3Service } from './s3.ts';

const bindings: Bindings = {
  list: () => [],
  ofKind: () => [],
  put: async () => undefined,
  delete: async () => false,
  watch: () => ({ stop: () => undefined }),
};

test('the reference says of each operation whether it is built', async () => {
  const { buckets } = await openTestBuckets();
  const parts = {
    buckets,
    bindings,
    notices: { of: () => noTelling, put: () => Promise.resolve() },
    noticeSender: { permission: () => 'allowed' as const, test: () => Promise.resolve() },
    destination: () => 'allowed' as const,
    clock: new FakeClock(),
    ids: randomIds,
  };
  const { operations } = createS3Service(parts);
  const built = Object.entries(operations).map(([name, entry]) => [name, entry === 'not built' ? 'gap' : 'built']);
  const reference = readFileSync(join(import.meta.dirname, '../../../docs/reference/s3.md'), 'utf8');
  const said = [...reference.matchAll(/^\| (\w+) \| (gap|built)/gm)].map(([, name, state]) => [name, state]);
  const byName = ([a = '']: (string | undefined)[], [b = '']: (string | undefined)[]): number => (a < b ? -1 : 1);
  assert.deepEqual(said.toSorted(byName), built.toSorted(byName));
});

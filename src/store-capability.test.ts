import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from './store/memory/open-memory-store.ts';
import { FakeClock } from './util/fake-clock.ts';
import { PlatformError } from './util/errors.ts';
import { storeCapability } from './store-capability.ts';

test('what the disk refuses is said until it takes something again, which asking finds out', async () => {
  const { records } = openMemoryStore({ clock: new FakeClock() });
  let [isRefused, refused]: [boolean, string | undefined] = [true, undefined];
  const store = {
    records: {
      ...records,
      async transact(operations: Parameters<typeof records.transact>[0]) {
        refused = isRefused ? 'the disk has refused to keep what was written' : undefined;
        if (isRefused) throw new PlatformError('unavailable', 'no');
        return records.transact(operations);
      },
    },
    refusal: () => refused,
  };
  assert.equal((await storeCapability(store)).status, 'ok', 'nobody is asked while nothing is wrong');
  await assert.rejects(store.records.transact([{ kind: 'put', key: 'a', value: 1 }]));
  const { status, finding } = await storeCapability(store);
  assert.equal(status, 'degraded');
  assert.match(finding, /^the disk has refused to keep what was written: .* is refused, reading goes on/);
  isRefused = false;
  assert.equal((await storeCapability(store)).status, 'ok');
});

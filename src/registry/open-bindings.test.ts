import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { AccountId } from '../util/ids.ts';
import type { Binding } from './binding.ts';
import { openBindings } from './open-bindings.ts';

const account = '000000000000' as AccountId;
const route: Binding = {
  id: 'a',
  account,
  functionName: 'hello',
  qualifier: 'live',
  createdMs: 1,
  source: { kind: 'http', method: 'GET', path: '/hello' },
};
const queue: Binding = {
  ...route,
  id: 'b',
  account: '111111111111' as AccountId,
  source: { kind: 'queue', queue: 'jobs', batchMax: 10, windowMs: 0, reportsFailures: false },
};

test('bindings are listed by account and by kind, told of, and there again after a restart', async () => {
  await using store = openMemoryStore({ clock: new FakeClock() });
  const bindings = await openBindings({ records: store.records });
  let changes = 0;
  const watch = bindings.watch(() => changes++);
  await bindings.put(route);
  await bindings.put(queue);
  assert.deepEqual(bindings.list(account), [route]);
  assert.deepEqual(bindings.ofKind('queue'), [queue]);
  assert.equal(changes, 2);
  watch.stop();

  const again = await openBindings({ records: store.records });
  assert.deepEqual(again.ofKind('http'), [route]);
  assert.equal(await again.delete(account, 'a'), true);
  assert.equal(await again.delete(account, 'a'), false);
  assert.deepEqual((await openBindings({ records: store.records })).list(account), []);
  assert.equal(changes, 2, 'who has left is not called');
});

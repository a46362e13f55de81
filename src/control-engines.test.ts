import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlBuckets, controlQueues } from './control-engines.ts';
import { account, actor, bytesOf, openTestBuckets } from './resources/bucket/open-test-buckets.ts';
import { Queues } from './resources/queue.ts';
import { openMemoryStore } from './store/memory/open-memory-store.ts';
import { FakeClock } from './util/fake-clock.ts';
import { randomIds } from './util/ids.ts';

test('buckets are shown with their objects and bytes, page after page, and without where there are very many', async () => {
  const { buckets } = await openTestBuckets(() => false);
  for (const bucket of ['empty', 'large', 'small']) await buckets.create({ account, bucket });
  for (let at = 0; at < 1_203; at += 1)
    await buckets.put({ account, bucket: 'small', key: `a/${at}` }, bytesOf('four'), {}, actor);
  await buckets.put({ account, bucket: 'small', key: 'b' }, bytesOf(''), {}, actor);
  const seen = { items: [{ bytes: 1 }], prefixes: [], next: 'more' } as unknown as Awaited<
    ReturnType<typeof buckets.objects>
  >;
  const engine = controlBuckets({
    ...buckets,
    objects: (address, options) =>
      address.bucket === 'large' ? Promise.resolve(seen) : buckets.objects(address, options),
  });
  assert.deepEqual(await engine.list(account), [
    { name: 'empty', objects: 0, bytes: 0 },
    { name: 'large' },
    { name: 'small', objects: 1_204, bytes: 4_812 },
  ]);
});

test('a deployment leaves of a queue what a manifest cannot say, and takes back what it says no more', async () => {
  const clock = new FakeClock();
  const engine = await Queues.open({ ...openMemoryStore({ clock }), clock, ids: randomIds });
  const queues = controlQueues(engine);
  const redrive = { deadLetterQueue: 'dead', receivesMax: 3 };
  assert.equal(await queues.put(account, { name: 'jobs', visibilityMs: 30_000, redrive }, 'shop'), 'created');
  const encryption = { kind: 'kms', keyId: 'alias/jobs' } as const;
  await engine.update(account, 'jobs', { encryption, retentionMs: 1_209_600_000, policy: '{}' });
  assert.equal(await queues.put(account, { name: 'jobs', visibilityMs: 30_000, redrive }, 'shop'), 'unchanged');
  assert.equal(await queues.put(account, { name: 'jobs', visibilityMs: 60_000 }, 'shop'), 'updated');
  const settings = engine.get(account, 'jobs')?.settings;
  assert.deepEqual(
    [settings?.encryption, settings?.retentionMs, settings?.policy, settings?.visibilityMs, settings?.redrive],
    [encryption, 1_209_600_000, '{}', 60_000, undefined],
  );
});

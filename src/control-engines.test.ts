import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlBuckets } from './control-engines.ts';
import { account, actor, bytesOf, openTestBuckets } from './resources/bucket/open-test-buckets.ts';

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

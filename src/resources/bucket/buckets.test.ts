import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import { bucketNameFault } from './bucket-name.ts';
import { account, actor, assertSweptOnOpen, bytesOf, openTestBuckets, reopen, textOf } from './open-test-buckets.ts';
import { asBucket, newBucketAccess } from './records.ts';

const pictures = { account, bucket: 'pictures' };
const reason = (expected: string) => (error: unknown) => error instanceof PlatformError && error.reason === expected;

test('names that S3 accepts are accepted, and others are refused with the reason', () => {
  for (const name of ['abc', 'my.bucket-1', '0a0', 'x'.repeat(63), '1.2.3', '2026-01-01'])
    assert.equal(bucketNameFault(name), undefined, name);
  for (const name of [
    'ab',
    'x'.repeat(64),
    'Abc',
    'a_b',
    '-abc',
    'abc-',
    '.abc',
    'a..b',
    '192.168.5.4',
    'xn--abc',
    'sthree-x',
    'abc-s3alias',
    'abc--ol-s3',
    'a b',
    '',
  ]) {
    assert.notEqual(bucketNameFault(name), undefined, name);
  }
});

test('a bucket is made once, listed by name, and gone when deleted', async () => {
  const { buckets, clock } = await openTestBuckets();
  assert.equal(await buckets.create(pictures), 'created');
  assert.equal(await buckets.create(pictures), 'exists');
  await assert.rejects(buckets.create({ account, bucket: 'Bad' }), reason('InvalidBucketName'));
  for (const bucket of ['photos', 'archive']) await buckets.create({ account, bucket });
  assert.deepEqual(
    (await buckets.list(account, { limit: 10 })).items.map(({ name }) => name),
    ['archive', 'photos', 'pictures'],
  );
  assert.deepEqual(await buckets.list(account, { prefix: 'p', limit: 1 }), {
    items: [{ name: 'photos', createdMs: clock.now(), tags: [], access: newBucketAccess }],
    prefixes: [],
    next: 'photos',
  });
  assert.deepEqual(
    (await buckets.list(account, { prefix: 'p', after: 'photos', limit: 1 })).items.map(({ name }) => name),
    ['pictures'],
  );
  await buckets.delete(pictures);
  assert.equal(await buckets.bucket(pictures), undefined);
  await assert.rejects(buckets.delete(pictures), reason('NoSuchBucket'));
});

test('accounts with buckets of the same name do not see each other', async () => {
  const { buckets } = await openTestBuckets();
  const other = { account: '111111111111' as AccountId, bucket: 'pictures' };
  await buckets.create(pictures);
  await assert.rejects(buckets.head({ ...other, key: 'a' }), reason('NoSuchBucket'));
  await buckets.create(other);
  await buckets.put({ ...pictures, key: 'a' }, bytesOf('mine'), {}, actor);
  await assert.rejects(buckets.head({ ...other, key: 'a' }), reason('NoSuchKey'));
  assert.deepEqual((await buckets.objects(other, { limit: 10 })).items, []);
});

test('a bucket with objects is not deleted; one with unfinished uploads is, with them', async () => {
  const opened = await openTestBuckets();
  const { buckets } = opened;
  await buckets.create(pictures);
  await buckets.put({ ...pictures, key: 'a' }, bytesOf('x'), {}, actor);
  await assert.rejects(buckets.delete(pictures), reason('BucketNotEmpty'));
  await buckets.put({ ...pictures, key: 'a' }, bytesOf('y'), {}, actor);
  await buckets.remove({ ...pictures, key: 'a' }, {}, actor);
  const { uploadId } = await buckets.createUpload({ ...pictures, key: 'b' }, {});
  await buckets.uploadPart({ ...pictures, key: 'b', uploadId }, 1, bytesOf('part'), {});
  await buckets.delete(pictures);
  await buckets.create(pictures);
  assert.deepEqual((await buckets.uploads(pictures, { limit: 10 })).items, []);
  await buckets[Symbol.asyncDispose]();
  await assertSweptOnOpen(opened);
  assert.deepEqual(await Array.fromAsync(opened.store.blobs.list('')), []);
});

test('no put slips into a bucket that is being deleted', async () => {
  for (let delay = 0; delay < 12; delay++) {
    const { buckets } = await openTestBuckets();
    await buckets.create(pictures);
    async function* slow(): AsyncGenerator<Uint8Array> {
      for (let wait = 0; wait < delay; wait++) await Promise.resolve();
      yield Buffer.from('x');
    }
    const [put, deletion] = await Promise.allSettled([
      buckets.put({ ...pictures, key: 'a' }, slow(), {}, actor),
      buckets.delete(pictures),
    ]);
    const isThere = (await buckets.bucket(pictures)) !== undefined;
    assert.equal(deletion.status === 'rejected', isThere);
    if (put.status === 'fulfilled') {
      assert.ok(isThere);
      assert.equal(await textOf((await buckets.get({ ...pictures, key: 'a' })).body), 'x');
    }
  }
});

test('a deletion that a crash interrupted is finished, or undone when the bucket is not empty', async () => {
  const opened = await openTestBuckets();
  await opened.buckets.create(pictures);
  await opened.buckets.create({ account, bucket: 'empty' });
  await opened.buckets.put({ ...pictures, key: 'a' }, bytesOf('x'), {}, actor);
  for (const key of [`bucket/${account}/pictures`, `bucket/${account}/empty`]) {
    const entry = await opened.store.records.get(key);
    assert.ok(entry !== undefined);
    await opened.store.records.transact([{ kind: 'put', key, value: { ...asBucket(entry), deleting: true } }]);
  }
  await assert.rejects(
    opened.buckets.put({ ...pictures, key: 'b' }, bytesOf('x'), {}, actor),
    reason('OperationAborted'),
  );
  const buckets = await reopen(opened);
  assert.equal(await buckets.bucket({ account, bucket: 'empty' }), undefined);
  await buckets.put({ ...pictures, key: 'b' }, bytesOf('x'), {}, actor);
});

test('who has a bucket of a name is known at once, the earliest first, also after a start', async () => {
  const opened = await openTestBuckets();
  const { buckets, clock } = opened;
  const other = { account: '111111111111' as AccountId, bucket: pictures.bucket };
  const owners = (held: typeof buckets.held): string[] => held(pictures.bucket).map((one) => one.account);
  await buckets.create(other);
  await clock.advance(1);
  await buckets.create(pictures);
  assert.deepEqual(owners(buckets.held), [other.account, account]);
  await buckets.changeAccess(pictures, (access) => ({ ...access, policy: '{}' }));
  await buckets.tagBucket(pictures, [{ key: 'a', value: 'b' }]);
  assert.equal(buckets.held(pictures.bucket)[1]?.access.policy, '{}');
  await buckets.delete(other);
  assert.deepEqual(owners(buckets.held), [account]);

  await using again = await reopen(opened);
  assert.deepEqual(owners(again.held), [account]);
  assert.deepEqual(again.held(pictures.bucket)[0]?.access, { ...newBucketAccess, policy: '{}' });
  assert.deepEqual(again.held('elsewhere'), []);
});

test('what a change of access refuses is not changed', async () => {
  const { buckets } = await openTestBuckets();
  await buckets.create(pictures);
  const refused = new PlatformError('permission_denied', 'no', { reason: 'AccessDenied' });
  const change = buckets.changeAccess(pictures, () => {
    throw refused;
  });
  await assert.rejects(change, refused);
  assert.deepEqual((await buckets.bucket(pictures))?.access, newBucketAccess);
  await assert.rejects(
    buckets.changeAccess({ account, bucket: 'nowhere' }, (access) => access),
    reason('NoSuchBucket'),
  );
});

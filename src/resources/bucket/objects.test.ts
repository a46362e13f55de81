import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../../util/errors.ts';
import type { ObjectAddress } from '../bucket.ts';
import {
  account,
  actor,
  assertNothingLeaks,
  assertSweptOnOpen,
  bytesOf,
  eventsOf,
  md5,
  openTestBuckets,
  textOf,
} from './open-test-buckets.ts';

const bucket = { account, bucket: 'pictures' };
const at = (key: string): ObjectAddress => ({ ...bucket, key });

const reason = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof PlatformError, String(error));
  assert.equal(error.reason, expected);
  return true;
};

async function open(...options: Parameters<typeof openTestBuckets>) {
  const opened = await openTestBuckets(...options);
  await opened.buckets.create(bucket);
  return opened;
}

test('an object comes back with its bytes, its ETag and all that was said about it', async () => {
  const { buckets } = await open();
  const description = {
    headers: { contentType: 'text/plain', cacheControl: 'no-store' },
    metadata: { colour: 'blue' },
    tags: [{ key: 'team', value: 'a b' }],
  };
  const stored = await buckets.put(
    at('notes/ü.txt'),
    bytesOf('hel', 'lo'),
    { ...description, checksum: { algorithm: 'CRC32' } },
    actor,
  );
  assert.equal(stored.etag, md5('hello'));
  assert.deepEqual(stored.checksum, { algorithm: 'CRC32', type: 'FULL_OBJECT', value: 'NhCmhg==' });
  const { object, body, bytes } = await buckets.get(at('notes/ü.txt'));
  assert.deepEqual(object, stored);
  assert.deepEqual({ headers: object.headers, metadata: object.metadata, tags: object.tags }, description);
  assert.equal(bytes, 5);
  assert.equal(await textOf(body), 'hello');
  assert.deepEqual((await buckets.head(at('notes/ü.txt'))).object, stored);
});

test('ranges give the bytes they name, and are refused past the end', async () => {
  const { buckets } = await open();
  await buckets.put(at('a'), bytesOf('0123456789'), {}, actor);
  const read = async (range: Parameters<typeof buckets.get>[1]) => textOf((await buckets.get(at('a'), range)).body);
  assert.equal(await read({ range: { kind: 'from', first: 2, last: 4 } }), '234');
  assert.equal(await read({ range: { kind: 'from', first: 7 } }), '789');
  assert.equal(await read({ range: { kind: 'from', first: 7, last: 700 } }), '789');
  assert.equal(await read({ range: { kind: 'suffix', bytes: 3 } }), '789');
  assert.equal(await read({ range: { kind: 'suffix', bytes: 30 } }), '0123456789');
  assert.deepEqual((await buckets.head(at('a'), { range: { kind: 'suffix', bytes: 3 } })).slice, { first: 7, last: 9 });
  assert.equal(await read({ part: 1 }), '0123456789');
  await assert.rejects(buckets.get(at('a'), { range: { kind: 'from', first: 10 } }), reason('InvalidRange'));
  await assert.rejects(buckets.get(at('a'), { range: { kind: 'suffix', bytes: 0 } }), reason('InvalidRange'));
  await assert.rejects(buckets.get(at('a'), { part: 2 }), reason('InvalidPartNumber'));
  await buckets.put(at('empty'), bytesOf(), {}, actor);
  await assert.rejects(buckets.get(at('empty'), { range: { kind: 'from', first: 0 } }), reason('InvalidRange'));
  assert.equal(await textOf((await buckets.get(at('empty'))).body), '');
});

test('what is not there is named as S3 names it', async () => {
  const { buckets } = await open();
  await assert.rejects(buckets.get(at('nothing')), reason('NoSuchKey'));
  await assert.rejects(buckets.get({ account, bucket: 'nowhere', key: 'a' }), reason('NoSuchBucket'));
  await assert.rejects(
    buckets.put({ account, bucket: 'nowhere', key: 'a' }, bytesOf(), {}, actor),
    reason('NoSuchBucket'),
  );
  await assert.rejects(buckets.put(at('ü'.repeat(513)), bytesOf(), {}, actor), reason('KeyTooLongError'));
  await buckets.put(at('ü'.repeat(512)), bytesOf(), {}, actor);
  assert.equal(await buckets.remove(at('nothing'), {}, actor), false);
});

test('each change is told in its own transaction, and only to who listens', async () => {
  const { buckets, store } = await open(
    (_account, name, event) => name === 'pictures' && event !== 'ObjectCreated:Copy',
  );
  await buckets.create({ account, bucket: 'silent' });
  await buckets.put(at('a b'), bytesOf('one'), {}, actor);
  await buckets.put({ account, bucket: 'silent', key: 'a' }, bytesOf('one'), {}, actor);
  await buckets.copy(at('a b'), at('c'), {}, actor);
  await buckets.remove(at('a b'), {}, actor);
  await buckets.remove(at('a b'), {}, actor);
  const [created, removed, ...more] = await eventsOf(store);
  assert.deepEqual(more, []);
  assert.partialDeepStrictEqual(created, {
    name: 'ObjectCreated:Put',
    key: 'a b',
    bytes: 3,
    etag: md5('one'),
    ...actor,
  });
  assert.partialDeepStrictEqual(removed, { name: 'ObjectRemoved:Delete', key: 'a b' });
  assert.equal(removed?.bytes, undefined);
  assert.ok(created !== undefined && removed !== undefined && created.sequencer < removed.sequencer);
});

test('the bytes of what is replaced or removed go, and those of a failed put never stay', async () => {
  const opened = await open();
  const { buckets, store } = opened;
  for (const text of ['one', 'two', 'three']) await buckets.put(at('a'), bytesOf(text), {}, actor);
  await buckets.put(at('b'), bytesOf('gone'), {}, actor);
  await buckets.remove(at('b'), {}, actor);
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('some');
    throw new PlatformError('invalid_argument', 'the client went away');
  }
  await assert.rejects(buckets.put(at('c'), broken(), {}, actor), /went away/);
  await assert.rejects(
    buckets.put(at('a'), bytesOf('x'), { conditions: { ifNoneMatch: '*' } }, actor),
    reason('PreconditionFailed'),
  );
  await assertNothingLeaks(store);
  await buckets[Symbol.asyncDispose]();
  assert.equal((await Array.fromAsync(store.blobs.list('bucket/'))).length, 1);
  await assertSweptOnOpen(opened);
  assert.equal(await textOf((await buckets.get(at('a'))).body), 'three');
});

test('conditions on writing: create only, and change only what one has seen', async () => {
  const { buckets } = await open();
  await assert.rejects(
    buckets.put(at('a'), bytesOf('1'), { conditions: { ifMatch: `"${md5('0')}"` } }, actor),
    reason('NoSuchKey'),
  );
  const first = await buckets.put(at('a'), bytesOf('1'), { conditions: { ifNoneMatch: '*' } }, actor);
  await assert.rejects(
    buckets.put(at('a'), bytesOf('2'), { conditions: { ifNoneMatch: '*' } }, actor),
    reason('PreconditionFailed'),
  );
  await buckets.put(at('a'), bytesOf('2'), { conditions: { ifMatch: `"${first.etag}"` } }, actor);
  await assert.rejects(
    buckets.put(at('a'), bytesOf('3'), { conditions: { ifMatch: first.etag } }, actor),
    reason('PreconditionFailed'),
  );
  await assert.rejects(buckets.remove(at('a'), { ifMatch: first.etag }, actor), reason('PreconditionFailed'));
  assert.equal(await buckets.remove(at('a'), { ifMatch: '*' }, actor), true);
});

test('of many who create the same key at once, on condition that it is new, one does', async () => {
  const { buckets, store } = await open();
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, (_, index) =>
      buckets.put(at('lock'), bytesOf(String(index)), { conditions: { ifNoneMatch: '*' } }, actor),
    ),
  );
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
  assert.equal((await eventsOf(store)).length, 1);
  await assertNothingLeaks(store);
});

test('conditions on reading go in the order of RFC 9110', async () => {
  const { buckets, clock } = await open();
  await clock.advance(500);
  const { etag, modifiedMs } = await buckets.put(at('a'), bytesOf('1'), {}, actor);
  const second = Math.floor(modifiedMs / 1000) * 1000;
  const head = (conditions: NonNullable<Parameters<typeof buckets.head>[1]>['conditions']) =>
    buckets.head(at('a'), conditions === undefined ? {} : { conditions });
  await head({ ifMatch: etag });
  await head({ ifMatch: `"nothing", "${etag}"` });
  await assert.rejects(head({ ifMatch: 'other' }), reason('PreconditionFailed'));
  await assert.rejects(head({ ifNoneMatch: etag }), reason('NotModified'));
  await assert.rejects(head({ ifNoneMatch: '*' }), reason('NotModified'));
  await assert.rejects(head({ ifModifiedSinceMs: second }), reason('NotModified'));
  await head({ ifModifiedSinceMs: second - 1000 });
  await head({ ifUnmodifiedSinceMs: second });
  await assert.rejects(head({ ifUnmodifiedSinceMs: second - 1000 }), reason('PreconditionFailed'));
  // If-Match holds: If-Unmodified-Since does not count. If-None-Match does not match: nor does If-Modified-Since.
  await head({ ifMatch: etag, ifUnmodifiedSinceMs: second - 1000 });
  await head({ ifNoneMatch: 'other', ifModifiedSinceMs: second });
});

test('a copy has bytes of its own, and the description of its source unless another is given', async () => {
  const { buckets, store } = await open();
  const source = await buckets.put(
    at('a'),
    bytesOf('hello'),
    { headers: { contentType: 'text/plain' }, metadata: { x: '1' } },
    actor,
  );
  const copied = await buckets.copy(at('a'), at('b'), {}, actor);
  assert.partialDeepStrictEqual(copied, { etag: source.etag, headers: source.headers, metadata: { x: '1' } });
  const changed = await buckets.copy(at('a'), at('a'), { headers: { contentType: 'text/html' }, metadata: {} }, actor);
  assert.partialDeepStrictEqual(changed, { etag: source.etag, headers: { contentType: 'text/html' }, metadata: {} });
  await buckets.remove(at('a'), {}, actor);
  assert.equal(await textOf((await buckets.get(at('b'))).body), 'hello');
  await assert.rejects(
    buckets.copy(at('b'), at('c'), { sourceConditions: { ifNoneMatch: source.etag } }, actor),
    reason('PreconditionFailed'),
  );
  await assert.rejects(buckets.copy(at('gone'), at('c'), {}, actor), reason('NoSuchKey'));
  await assertNothingLeaks(store);
});

test('one who reads goes on reading what he began, whatever happens to the key', async () => {
  const { buckets, store } = await open();
  await buckets.put(at('a'), bytesOf('x'.repeat(200_000)), {}, actor);
  const { body } = await buckets.get(at('a'));
  const iterator = body[Symbol.asyncIterator]();
  const first = await iterator.next();
  await buckets.put(at('a'), bytesOf('new'), {}, actor);
  await buckets.remove(at('a'), {}, actor);
  await buckets[Symbol.asyncDispose]();
  assert.deepEqual(await Array.fromAsync(store.blobs.list('bucket/')), []);
  let bytes = first.done === true ? 0 : first.value.length;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) bytes += next.value.length;
  assert.equal(bytes, 200_000);
});

test('puts, reads and removals of one key at once: the last one wins, readers see one whole version, nothing leaks', async () => {
  const opened = await open();
  const { buckets, store } = opened;
  const versions = Array.from({ length: 40 }, (_, index) => `${index}-`.repeat(100));
  await buckets.put(at('a'), bytesOf('start'), {}, actor);
  const reads = Array.from({ length: 40 }, async () => {
    try {
      const { object, body } = await buckets.get(at('a'));
      assert.equal(md5(await textOf(body)), object.etag);
    } catch (error) {
      reason('NoSuchKey')(error);
    }
  });
  const writes = versions.map((text, index) =>
    index % 10 === 9 ? buckets.remove(at('a'), {}, actor) : buckets.put(at('a'), bytesOf(text), {}, actor),
  );
  await Promise.all([...reads, ...writes]);
  const events = await eventsOf(store);
  const last = events.toSorted((a, b) => (a.sequencer < b.sequencer ? -1 : 1)).at(-1);
  assert.deepEqual(
    events.map((event) => event.sequencer),
    events.map((event) => event.sequencer).toSorted(),
  );
  const now = await buckets.head(at('a')).then(
    ({ object }) => object.etag,
    () => undefined,
  );
  assert.equal(now, last?.etag);
  await assertNothingLeaks(store);
  await buckets[Symbol.asyncDispose]();
  await assertSweptOnOpen(opened);
});

test('tags change without touching bytes or time', async () => {
  const { buckets, clock, store } = await open();
  const before = await buckets.put(at('a'), bytesOf('x'), { tags: [{ key: 'a', value: '1' }] }, actor);
  await clock.advance(5_000);
  await buckets.tag(at('a'), [], actor);
  assert.deepEqual((await buckets.head(at('a'))).object, { ...before, tags: [] });
  await assert.rejects(buckets.tag(at('none'), [], actor), reason('NoSuchKey'));
  await assertNothingLeaks(store);
  await buckets.tag(at('a'), undefined, actor);
  assert.deepEqual(
    (await eventsOf(store)).map(({ name, etag }) => [name, etag]),
    ['ObjectCreated:Put', 'ObjectTagging:Put', 'ObjectTagging:Delete'].map((name) => [name, before.etag]),
  );
});

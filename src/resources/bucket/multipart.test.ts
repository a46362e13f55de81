import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { PlatformError } from '../../util/errors.ts';
import type { Buckets, CompletedPart, Part, UploadAddress, UploadOptions } from '../bucket.ts';
import { newDigest } from '../../util/checksum.ts';
import {
  account,
  actor,
  assertNothingLeaks,
  assertSweptOnOpen,
  bytesOf,
  eventsOf,
  md5,
  openTestBuckets,
  reopen,
  textOf,
} from './open-test-buckets.ts';

const mib = 1024 * 1024;
const bucket = { account, bucket: 'films' };
const at = { ...bucket, key: 'film.mp4' };
const reason = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof PlatformError, String(error));
  assert.equal(error.reason, expected, error.message);
  return true;
};

async function open(options: UploadOptions = {}) {
  const opened = await openTestBuckets();
  await opened.buckets.create(bucket);
  const { uploadId } = await opened.buckets.createUpload(at, options);
  return { ...opened, upload: { ...at, uploadId } };
}

const put = (buckets: Buckets, upload: UploadAddress, number: number, bytes: Uint8Array): Promise<Part> =>
  buckets.uploadPart(upload, number, bytesOf(bytes), {});

const named = (parts: readonly Part[]): CompletedPart[] =>
  parts.map(({ number, etag, checksum }) => ({
    number,
    etag: `"${etag}"`,
    ...(checksum === undefined ? {} : { checksum }),
  }));

const sha = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');
async function hashOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha1');
  for await (const chunk of body) hash.update(chunk);
  return hash.digest('hex');
}

test('parts become one object, readable whole, by range across parts, and by part', async () => {
  const { buckets, store, clock, upload } = await open({ headers: { contentType: 'video/mp4' }, metadata: { a: 'b' } });
  const createdMs = clock.now();
  await clock.advance(60_000);
  const pieces = [randomBytes(5 * mib), randomBytes(5 * mib + 1), randomBytes(10)];
  const parts = await Promise.all(pieces.map((bytes, index) => put(buckets, upload, index * 7 + 1, bytes)));
  const stored = await buckets.completeUpload(upload, named(parts), {}, actor);
  const whole = Buffer.concat(pieces);
  const etag = `${md5(Buffer.concat(pieces.map((bytes) => createHash('md5').update(bytes).digest())))}-3`;
  assert.partialDeepStrictEqual(stored, {
    etag,
    bytes: whole.length,
    partsCount: 3,
    modifiedMs: createdMs,
    metadata: { a: 'b' },
  });

  assert.equal(await hashOf((await buckets.get(at)).body), sha(whole));
  for (const [first, last] of [
    [0, 0],
    [5 * mib - 2, 5 * mib + 1],
    [5 * mib, 10 * mib],
    [10 * mib, whole.length - 1],
    [3, whole.length - 2],
  ] as const) {
    const { body, bytes } = await buckets.get(at, { range: { kind: 'from', first, last } });
    assert.equal(bytes, last - first + 1);
    assert.equal(await hashOf(body), sha(whole.subarray(first, last + 1)), `${first}-${last}`);
  }
  const second = await buckets.get(at, { part: 2 });
  assert.deepEqual(second.slice, { first: 5 * mib, last: 10 * mib });
  assert.equal(await hashOf(second.body), sha(pieces[1] ?? whole));
  await assert.rejects(buckets.get(at, { part: 4 }), reason('InvalidPartNumber'));
  assert.deepEqual(
    (await buckets.objectParts(at))?.map(({ number, bytes }) => [number, bytes]),
    [
      [1, 5 * mib],
      [2, 5 * mib + 1],
      [3, 10],
    ],
  );
  assert.deepEqual(
    (await eventsOf(store)).map(({ name, bytes }) => [name, bytes]),
    [['ObjectCreated:CompleteMultipartUpload', whole.length]],
  );
  assert.deepEqual((await buckets.uploads(bucket, { limit: 10 })).items, []);
  await assertNothingLeaks(store);
});

test('a part that is put again replaces the first one, and parts left out go', async () => {
  const opened = await open();
  const { buckets, store, upload } = opened;
  await put(buckets, upload, 1, Buffer.alloc(5 * mib));
  const kept = await put(buckets, upload, 1, Buffer.alloc(5 * mib, 1));
  const last = await put(buckets, upload, 2, Buffer.from('end'));
  await put(buckets, upload, 3, Buffer.from('left out'));
  assert.deepEqual((await buckets.parts(upload, { limit: 2 })).parts, [kept, last]);
  assert.equal((await buckets.parts(upload, { limit: 2 })).next, 2);
  assert.deepEqual(
    (await buckets.parts(upload, { after: 2, limit: 2 })).parts.map(({ number }) => number),
    [3],
  );
  await buckets.completeUpload(upload, named([kept, last]), {}, actor);
  await assertNothingLeaks(store);
  await buckets[Symbol.asyncDispose]();
  await assertSweptOnOpen(opened);
  assert.equal((await Array.fromAsync(store.blobs.list('bucket/'))).length, 2);
  assert.deepEqual(await store.records.range({ prefix: 'bucket-part/', limit: 1 }), []);
});

test('what does not fit together is refused by its name, and the upload goes on', async () => {
  const { buckets, upload } = await open();
  const small = await put(buckets, upload, 1, Buffer.from('small'));
  const other = await put(buckets, upload, 2, Buffer.from('other'));
  const complete = (parts: readonly CompletedPart[], options = {}) =>
    buckets.completeUpload(upload, parts, options, actor);
  await assert.rejects(complete([]), reason('MalformedXML'));
  await assert.rejects(complete(named([other, small])), reason('InvalidPartOrder'));
  await assert.rejects(complete(named([small, small])), reason('InvalidPartOrder'));
  await assert.rejects(complete(named([small, other])), reason('EntityTooSmall'));
  await assert.rejects(complete([{ number: 1, etag: other.etag }]), reason('InvalidPart'));
  await assert.rejects(complete([{ number: 9, etag: small.etag }]), reason('InvalidPart'));
  await assert.rejects(complete(named([small]), { bytes: 4 }), reason('InvalidRequest'));
  await assert.rejects(complete(named([small]), { conditions: { ifMatch: '*' } }), reason('NoSuchKey'));
  await assert.rejects(put(buckets, upload, 0, Buffer.from('x')), reason('InvalidArgument'));
  await assert.rejects(put(buckets, upload, 10_001, Buffer.from('x')), reason('InvalidArgument'));
  await assert.rejects(put(buckets, { ...upload, uploadId: 'no' }, 1, Buffer.from('x')), reason('NoSuchUpload'));
  assert.equal((await complete(named([small]))).bytes, 5);
});

test('completing again, as after a lost answer, answers the same; after a change of the object it does not', async () => {
  const { buckets, store, upload } = await open();
  const part = await put(buckets, upload, 1, Buffer.from('x'));
  const first = await buckets.completeUpload(upload, named([part]), {}, actor);
  assert.deepEqual(await buckets.completeUpload(upload, named([part]), {}, actor), first);
  assert.equal((await eventsOf(store)).length, 1);
  await buckets.put(at, bytesOf('y'), {}, actor);
  await assert.rejects(buckets.completeUpload(upload, named([part]), {}, actor), reason('NoSuchUpload'));
});

test('an aborted upload leaves nothing, and its parts cannot come back', async () => {
  const opened = await open();
  const { buckets, store, upload } = opened;
  for (let number = 1; number <= 3; number++) await put(buckets, upload, number, Buffer.from('part'));
  const late = put(buckets, upload, 4, Buffer.from('late'));
  await Promise.allSettled([late, buckets.abortUpload(upload)]);
  await assert.rejects(put(buckets, upload, 5, Buffer.from('x')), reason('NoSuchUpload'));
  await assert.rejects(buckets.abortUpload(upload), reason('NoSuchUpload'));
  await assertNothingLeaks(store);
  await buckets[Symbol.asyncDispose]();
  await assertSweptOnOpen(opened);
  assert.deepEqual(await Array.fromAsync(store.blobs.list('bucket/')), []);
});

test('one who reads a multipart object keeps all of its parts until he is done', async () => {
  const opened = await open();
  const { buckets, store, clock, upload } = opened;
  const pieces = [Buffer.alloc(5 * mib, 1), Buffer.alloc(5 * mib, 2), Buffer.alloc(1, 3)];
  const parts: Part[] = [];
  for (const [index, bytes] of pieces.entries()) parts.push(await put(buckets, upload, index + 1, bytes));
  await buckets.completeUpload(upload, named(parts), {}, actor);
  const { body } = await buckets.get(at);
  const untouched = (await buckets.get(at)).body;
  const iterator = body[Symbol.asyncIterator]();
  const hash = createHash('sha1');
  const first = await iterator.next();
  if (first.done !== true) hash.update(first.value);
  await buckets.put(at, bytesOf('new'), {}, actor);
  for (let minutes = 0; minutes < 5; minutes++) await clock.advance(60_000);
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) hash.update(next.value);
  assert.equal(hash.digest('hex'), sha(Buffer.concat(pieces)));
  await clock.advance(60_000);
  await clock.advance(60_000);
  assert.equal((await Array.fromAsync(store.blobs.list('bucket/'))).length, 1);
  // Who did not begin in time is told so, and gets no wrong bytes.
  await assert.rejects(textOf(untouched), /replaced before/);
  await assertNothingLeaks(store);
});

test('checksums of parts make a composite, or that of the full object', async () => {
  const pieces = [randomBytes(5 * mib), randomBytes(100)];
  for (const [checksumAlgorithm, checksumType] of [
    ['SHA256', 'COMPOSITE'],
    ['CRC32', 'COMPOSITE'],
    ['CRC32', 'FULL_OBJECT'],
    ['CRC64NVME', 'FULL_OBJECT'],
  ] as const) {
    const { buckets, upload } = await open({ checksumAlgorithm, checksumType });
    const parts = await Promise.all(pieces.map((bytes, index) => put(buckets, upload, index + 1, bytes)));
    const digest = newDigest(checksumAlgorithm);
    if (checksumType === 'FULL_OBJECT') for (const bytes of pieces) digest.update(bytes);
    else for (const { checksum } of parts) digest.update(Buffer.from(checksum ?? '', 'base64'));
    const value = digest.digest().toString('base64') + (checksumType === 'COMPOSITE' ? '-2' : '');
    if (checksumType === 'COMPOSITE') {
      const withoutChecksums = parts.map(({ number, etag }) => ({ number, etag }));
      await assert.rejects(buckets.completeUpload(upload, withoutChecksums, {}, actor), reason('InvalidRequest'));
    }
    await assert.rejects(
      buckets.completeUpload(upload, named(parts), { checksum: 'AAAAAA==' }, actor),
      reason('BadDigest'),
    );
    const { checksum } = await buckets.completeUpload(upload, named(parts), { checksum: value }, actor);
    assert.deepEqual(checksum, { algorithm: checksumAlgorithm, type: checksumType, value });
  }
});

test('checksums of parts that the upload did not announce are answered and then forgotten', async () => {
  const { buckets, upload } = await open();
  const part = await buckets.uploadPart(upload, 1, bytesOf('x'), { checksum: { algorithm: 'CRC32' } });
  assert.equal(part.checksum, 'jNwWgw==');
  assert.equal((await buckets.completeUpload(upload, named([part]), {}, actor)).checksum, undefined);
  const other = await open({ checksumAlgorithm: 'SHA1' });
  const wrong = { checksum: { algorithm: 'CRC32' } } as const;
  await assert.rejects(other.buckets.uploadPart(other.upload, 1, bytesOf('x'), wrong), reason('InvalidRequest'));
});

test('a part is copied from an object, whole or a range of it', async () => {
  const { buckets, upload } = await open();
  const source = { ...bucket, key: 'source' };
  await buckets.put(source, bytesOf('0123456789'), {}, actor);
  const range = { kind: 'from', first: 2, last: 4 } as const;
  assert.equal((await buckets.copyPart(source, { range }, upload, 1)).etag, md5('234'));
  await assert.rejects(
    buckets.copyPart(source, { range: { ...range, last: 10 } }, upload, 1),
    reason('InvalidArgument'),
  );
  const whole = await buckets.copyPart(source, {}, upload, 1);
  await buckets.completeUpload(upload, named([whole]), {}, actor);
  assert.equal(await textOf((await buckets.get(at)).body), '0123456789');
});

test('uploads are listed by key and then by age, in pages, with common prefixes', async () => {
  const { buckets, clock } = await openTestBuckets();
  await buckets.create(bucket);
  const begun: string[] = [];
  for (const key of ['b', 'a/1', 'b', 'a', 'a/2', 'b/c']) {
    const { uploadId } = await buckets.createUpload({ ...bucket, key }, {});
    begun.push(`${key} ${uploadId}`);
    await clock.advance(1);
  }
  const seen: string[] = [];
  let after: { key: string; uploadId?: string } | undefined;
  for (;;) {
    const page = await buckets.uploads(bucket, { limit: 2, ...(after === undefined ? {} : { after }) });
    seen.push(...page.items.map(({ key, uploadId }) => `${key} ${uploadId}`));
    if (page.next === undefined) break;
    after = page.next;
  }
  assert.deepEqual(seen, begun.toSorted());
  const rolledUp = await buckets.uploads(bucket, { delimiter: '/', limit: 10 });
  assert.deepEqual(rolledUp.prefixes, ['a/', 'b/']);
  assert.deepEqual(
    rolledUp.items.map(({ key }) => key),
    ['a', 'b', 'b'],
  );
  assert.deepEqual(
    (await buckets.uploads(bucket, { after: { key: 'a/1' }, limit: 1 })).items.map(({ key }) => key),
    ['a/2'],
  );
});

test('an upload of ten thousand parts is completed and removed in transactions of bounded size', async () => {
  const opened = await open();
  const { buckets, store, upload } = opened;
  const big = await put(buckets, upload, 1, Buffer.alloc(5 * mib));
  // The parts' records are written directly: 50 GB of parts would prove nothing more.
  const value = (await store.records.range({ prefix: 'bucket-part/', limit: 1 }))[0]?.value;
  for (let number = 2; number <= 10_000; number += 1_000) {
    const numbers = Array.from({ length: Math.min(1_000, 10_001 - number) }, (_, index) => number + index);
    await store.records.transact(
      numbers.map((one) => ({
        kind: 'put',
        key: `bucket-part/${upload.uploadId}/${String(one).padStart(5, '0')}`,
        value,
      })),
    );
  }
  const parts = Array.from({ length: 10_000 }, (_, index) => ({ ...big, number: index + 1 }));
  const stored = await buckets.completeUpload(upload, named(parts), {}, actor);
  assert.equal(stored.bytes, 10_000 * 5 * mib);
  assert.ok(stored.etag.endsWith('-10000'));
  await buckets[Symbol.asyncDispose]();
  const again = await reopen(opened);
  assert.deepEqual(await store.records.range({ prefix: 'bucket-part/', limit: 1 }), []);
  const { body } = await again.get(at, { range: { kind: 'suffix', bytes: 3 } });
  assert.equal(await textOf(body), '\0\0\0');
  assert.equal(await again.remove(at, {}, actor), true);
});

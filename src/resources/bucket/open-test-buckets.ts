/** For tests of this folder: an engine over a store in memory, and what they ask of both. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { scan } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { newCause } from '../../util/cause.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { randomIds } from '../../util/ids.ts';
import type { AccountId } from '../../util/ids.ts';
import type { Actor, Buckets, WantsEvents } from '../bucket.ts';
import { bucketEventsTopic } from '../bucket-event.ts';
import type { BucketEvent } from '../bucket-event.ts';
import { openBuckets } from './open-buckets.ts';
import { asObject, asPart, asParts, asUnowned, asUpload, partsFolder, unownedFolder } from './records.ts';

export const account = '000000000000' as AccountId;

export const actor: Actor = {
  cause: newCause(0, '0123456789abcdef01234567'),
  sourceIp: '127.0.0.1',
  principalId: 'AIDAEXAMPLE',
  requestId: 'REQUEST1',
};

export type TestBuckets = { clock: FakeClock; store: Store; buckets: Buckets };

export async function openTestBuckets(wantsEvents: WantsEvents = () => true): Promise<TestBuckets> {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  return { clock, store, buckets: await openBuckets({ ...store, clock, ids: randomIds, wantsEvents }) };
}

export const reopen = ({ clock, store }: TestBuckets): Promise<Buckets> =>
  openBuckets({ ...store, clock, ids: randomIds, wantsEvents: () => true });

export async function* bytesOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export const md5 = (text: string | Uint8Array): string => createHash('md5').update(text).digest('hex');

export async function eventsOf(store: Store): Promise<BucketEvent[]> {
  const messages = await store.log.peek(bucketEventsTopic, 1_000);
  return messages.map((message) => JSON.parse(message.body) as BucketEvent);
}

async function referencedBlobs(store: Store): Promise<string[]> {
  const blobs: string[] = [];
  for await (const entry of scan(store.records, 'bucket-object/')) {
    const { content } = asObject(entry);
    if (content.kind === 'blob') blobs.push(content.blob);
  }
  for await (const entry of scan(store.records, 'bucket-parts/'))
    blobs.push(...asParts(entry).parts.map((part) => part.blob));
  // Nothing leads to the parts of an upload that has ended.
  const uploads = (await Array.fromAsync(scan(store.records, 'bucket-upload/'))).map(
    (entry) => asUpload(entry).uploadId,
  );
  for await (const entry of scan(store.records, 'bucket-part/')) {
    if (uploads.some((uploadId) => entry.key.startsWith(partsFolder(uploadId)))) blobs.push(asPart(entry).blob);
  }
  return blobs.sort();
}

/** Every record's bytes are there, and every byte is either some record's or on record to be removed. */
export async function assertNothingLeaks(store: Store): Promise<void> {
  const referenced = await referencedBlobs(store);
  const unowned: string[] = [];
  for await (const entry of scan(store.records, unownedFolder)) unowned.push(...asUnowned(entry).blobs);
  const stored = (await Array.fromAsync(store.blobs.list('bucket/'))).sort();
  assert.deepEqual(
    referenced.filter((blob) => !stored.includes(blob)),
    [],
    'records without bytes',
  );
  assert.deepEqual(
    stored.filter((blob) => !referenced.includes(blob) && !unowned.includes(blob)),
    [],
    'bytes without a record',
  );
  assert.deepEqual(
    referenced.filter((blob) => unowned.includes(blob)),
    [],
    'bytes to be removed that are in use',
  );
}

/** After a new start nothing is left to be removed: what is stored is exactly what records point at. */
export async function assertSweptOnOpen(test: TestBuckets): Promise<void> {
  await using _ = await reopen(test);
  assert.deepEqual((await Array.fromAsync(test.store.blobs.list('bucket/'))).sort(), await referencedBlobs(test.store));
  assert.deepEqual(await test.store.records.range({ prefix: unownedFolder, limit: 1 }), []);
}

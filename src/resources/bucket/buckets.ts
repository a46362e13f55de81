/** Making, finding and deleting buckets. */
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { Bucket, BucketAccess, BucketAddress, DefaultEncryption, Listing, Tag } from '../bucket.ts';
import { assertBucketName } from './bucket-name.ts';
import { findBucket, needBucket, operationAborted, unchanged, untilCommitted } from './core.ts';
import type { Core, FoundBucket } from './core.ts';
import { listKeys } from './list-keys.ts';
import { abortUploadRecord } from './multipart.ts';
import {
  asBucket,
  asUpload,
  bucketKey,
  bucketsFolder,
  bucketView,
  newBucketAccess,
  objectsFolder,
  uploadsFolder,
} from './records.ts';
import type { BucketRecord } from './records.ts';

export async function createBucket(core: Core, address: BucketAddress): Promise<'created' | 'exists'> {
  const { account, bucket: name } = address;
  assertBucketName(name);
  const key = bucketKey(account, name);
  const record: BucketRecord = { id: core.ids.hex(8), createdMs: core.clock.now() };
  const committed = await core.records.transact([
    { kind: 'check', key, revision: 0 },
    { kind: 'put', key, value: record },
  ]);
  if (committed.status !== 'committed') return 'exists';
  core.directory.note(address, record);
  return 'created';
}

export async function readBucket(core: Core, address: BucketAddress): Promise<Bucket | undefined> {
  const found = await findBucket(core, address);
  return found === undefined ? undefined : bucketView(address.bucket, found.record);
}

export async function listBuckets(
  core: Core,
  account: AccountId,
  options: { prefix?: string; after?: string; limit: number },
): Promise<Listing<Bucket>> {
  const { items, ...rest } = await listKeys(core.records, bucketsFolder(account), options);
  return { ...rest, items: items.map(({ name, entry }) => bucketView(name, asBucket(entry))) };
}

export async function tagBucket(core: Core, address: BucketAddress, tags: readonly Tag[]): Promise<void> {
  await untilCommitted(async () => {
    const found = await needBucket(core, address);
    return replace(core, found, { ...found.record, tags });
  });
}

export async function changeAccess(
  core: Core,
  address: BucketAddress,
  change: (access: BucketAccess) => BucketAccess,
): Promise<void> {
  await untilCommitted(async () => {
    const found = await needBucket(core, address);
    return replace(core, found, { ...found.record, access: change(found.record.access ?? newBucketAccess) });
  });
}

export async function encryptBucket(
  core: Core,
  address: BucketAddress,
  encryption: DefaultEncryption | undefined,
): Promise<void> {
  await untilCommitted(async () => {
    const found = await needBucket(core, address);
    const { encryption: _, ...record } = found.record;
    return replace(core, found, encryption === undefined ? record : { ...record, encryption });
  });
}

/**
 * Nothing may be put between finding it empty and deleting it. So it is marked first, which makes every change that began
 * before fail its check and every later one see the mark; then it is looked at; then it goes, or the mark does.
 */
export async function deleteBucket(core: Core, address: BucketAddress): Promise<void> {
  const found = await needBucket(core, address);
  if (!(await isEmpty(core, found))) throw bucketNotEmpty(address.bucket);
  if ((await replace(core, found, { ...found.record, deleting: true })) === undefined) throw operationAborted();
  const marked = await needBucket(core, address);
  if (!(await finishDeleting(core, marked))) throw bucketNotEmpty(address.bucket);
}

/** True: it is gone. False: it was not empty, and is as it was before. */
export async function finishDeleting(core: Core, marked: FoundBucket): Promise<boolean> {
  if (!(await isEmpty(core, marked))) {
    const { deleting: _, ...record } = marked.record;
    await replace(core, marked, record);
    return false;
  }
  for (;;) {
    const uploads = await core.records.range({ prefix: uploadsFolder(marked.record.id), limit: 100 });
    if (uploads.length === 0) break;
    for (const entry of uploads) await abortUploadRecord(core, entry.key, asUpload(entry));
  }
  const leaving = marked.record.access?.policy === undefined ? undefined : core.leftNames.leaving(marked.address);
  const operations = leaving?.operations ?? [];
  const committed = await core.records.transact([
    unchanged(marked),
    { kind: 'delete', key: marked.key },
    ...operations,
  ]);
  if (committed.status !== 'committed') return true;
  leaving?.noted();
  core.directory.note(marked.address, undefined);
  return true;
}

async function isEmpty(core: Core, { record }: FoundBucket): Promise<boolean> {
  return (await core.records.range({ prefix: objectsFolder(record.id), limit: 1 })).length === 0;
}

async function replace(core: Core, found: FoundBucket, record: BucketRecord): Promise<true | undefined> {
  const isShut = found.record.access?.policy !== undefined && record.access?.policy === undefined;
  const leaving = isShut ? core.leftNames.leaving(found.address) : undefined;
  const committed = await core.records.transact([
    unchanged(found),
    { kind: 'put', key: found.key, value: record },
    ...(leaving?.operations ?? []),
  ]);
  if (committed.status !== 'committed') return undefined;
  leaving?.noted();
  core.directory.note(found.address, record);
  return true;
}

function bucketNotEmpty(name: string): PlatformError {
  return new PlatformError('conflict', 'The bucket you tried to delete is not empty', {
    reason: 'BucketNotEmpty',
    facts: { BucketName: name },
  });
}

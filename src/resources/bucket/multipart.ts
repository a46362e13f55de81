/**
 * Objects uploaded in parts.
 *
 *     created → (parts put, replaced) → completed: the object points at the parts' blobs, in order; nothing is copied
 *                                     ↘ aborted: everything goes
 *
 * Parts are put, and uploads ended, under a lock for each upload, so that its end sees all of its parts. Their records are
 * removed after that, a page at a time: there may be more of them than one transaction takes.
 */
import type { Operation } from '../../store/records.ts';
import { PlatformError } from '../../util/errors.ts';
import type {
  BucketAddress,
  ChecksumSource,
  ListUploadsOptions,
  ObjectAddress,
  Part,
  Selection,
  Upload,
  UploadAddress,
  UploadListing,
  UploadOptions,
} from '../bucket.ts';
import { checksumTypes } from './checksum.ts';
import { assertCopyable } from './conditions.ts';
import { needBucket, operationAborted, unchanged, untilCommitted } from './core.ts';
import type { Core } from './core.ts';
import { encryptionFor, sealingOf, type KeyBringer } from './encryption.ts';
import { listKeys } from './list-keys.ts';
import { assertObjectKey } from './object-key.ts';
import { getObject } from './read-object.ts';
import {
  asPart,
  asUpload,
  descriptionRecord,
  partKey,
  partNumberOf,
  partsFolder,
  partView,
  uploadKey,
  uploadSeparator,
  uploadsFolder,
  uploadView,
} from './records.ts';
import type { PartRecord, UploadRecord } from './records.ts';
import { adopting, writeBlob } from './write-blob.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const partsMax = 10_000;

export const uploadLock = (uploadId: string): string => `upload ${uploadId}`;

export async function createUpload(core: Core, address: ObjectAddress, options: UploadOptions): Promise<Upload> {
  assertObjectKey(address.key);
  const { checksumAlgorithm } = options;
  const { record: ofBucket } = await needBucket(core, address);
  const sealing = await encryptionFor(core, ofBucket.encryption, options.encryption);
  const createdMs = core.clock.now();
  const record: UploadRecord = {
    key: address.key,
    // In order of creation for the uploads of one key.
    uploadId: createdMs.toString(16).padStart(12, '0') + core.ids.hex(16),
    createdMs,
    ...(checksumAlgorithm === undefined
      ? {}
      : {
          checksumAlgorithm,
          checksumType: options.checksumType ?? checksumTypes[checksumAlgorithm][0] ?? 'FULL_OBJECT',
        }),
    ...(sealing === undefined ? {} : { encryption: sealing.encryption }),
    ...descriptionRecord(options),
  };
  return untilCommitted(async () => {
    const bucket = await needBucket(core, address);
    if (bucket.record.deleting) throw operationAborted();
    const committed = await core.records.transact([
      unchanged(bucket),
      { kind: 'put', key: uploadKey(bucket.record.id, address.key, record.uploadId), value: record },
    ]);
    return committed.status === 'committed' ? uploadView(record) : undefined;
  });
}

export type FoundUpload = { key: string; revision: number; record: UploadRecord };

export async function findUpload(core: Core, address: UploadAddress): Promise<FoundUpload | undefined> {
  const bucket = await needBucket(core, address);
  const key = uploadKey(bucket.record.id, address.key, address.uploadId);
  const entry = await core.records.get(key);
  return entry === undefined ? undefined : { key, revision: entry.revision, record: asUpload(entry) };
}

async function needUpload(core: Core, address: UploadAddress): Promise<FoundUpload> {
  const found = await findUpload(core, address);
  if (found === undefined) throw noSuchUpload(address.uploadId);
  return found;
}

export function noSuchUpload(uploadId: string): PlatformError {
  return new PlatformError(
    'not_found',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { reason: 'NoSuchUpload', facts: { UploadId: uploadId } },
  );
}

export async function readUpload(core: Core, address: UploadAddress): Promise<Upload | undefined> {
  const found = await findUpload(core, address);
  return found === undefined ? undefined : uploadView(found.record);
}

export async function putPart(
  core: Core,
  address: UploadAddress,
  number: number,
  body: AsyncIterable<Uint8Array>,
  options: { checksum?: ChecksumSource; keys?: KeyBringer },
): Promise<Part> {
  assertPartNumber(number);
  const { record: upload } = await needUpload(core, address);
  const { claim, bytes, etag, checksum } = await writeBlob(core, body, {
    checksum: partChecksum(upload, options.checksum),
    sealing: await sealingOf(core, upload.encryption, options.keys ?? {}),
  });
  const part: PartRecord = {
    blob: claim.blob,
    bytes,
    etag,
    modifiedMs: core.clock.now(),
    // A checksum that the upload did not announce is answered, but not part of the object's.
    ...(checksum === undefined || upload.checksumAlgorithm === undefined ? {} : { checksum }),
  };
  await adopting(core, claim, () =>
    core.inTurn(uploadLock(address.uploadId), () =>
      untilCommitted(() => commitPart(core, address, number, part, core.unowned.adopted(claim))),
    ),
  );
  return { number, bytes, etag, modifiedMs: part.modifiedMs, ...(checksum === undefined ? {} : { checksum }) };
}

function partChecksum(
  { checksumAlgorithm }: UploadRecord,
  given: ChecksumSource | undefined,
): ChecksumSource | undefined {
  if (checksumAlgorithm === undefined || given?.algorithm === checksumAlgorithm) return given;
  if (given === undefined) return { algorithm: checksumAlgorithm };
  const [expected, actual] = [checksumAlgorithm.toLowerCase(), given.algorithm.toLowerCase()];
  throw new PlatformError(
    'invalid_argument',
    `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`,
    { reason: 'InvalidRequest' },
  );
}

async function commitPart(
  core: Core,
  address: UploadAddress,
  number: number,
  part: PartRecord,
  adopted: Operation,
): Promise<true | undefined> {
  const upload = await needUpload(core, address);
  const key = partKey(address.uploadId, number);
  const entry = await core.records.get(key);
  const replaced = entry === undefined ? undefined : asPart(entry).blob;
  const retired = replaced === undefined ? undefined : { id: core.ids.hex(16), blobs: [replaced] };
  const committed = await core.records.transact([
    { kind: 'check', key: upload.key, revision: upload.revision },
    { kind: 'check', key, revision: entry?.revision ?? 0 },
    { kind: 'put', key, value: part },
    adopted,
    ...(retired === undefined ? [] : [core.unowned.retired(retired)]),
  ]);
  if (committed.status === 'conflict') return undefined;
  if (retired !== undefined) await core.unowned.remove(retired);
  return true;
}

export async function copyPart(
  core: Core,
  source: ObjectAddress,
  { range, conditions, keys }: Omit<Selection, 'part'>,
  target: UploadAddress,
  number: number,
  targetKeys?: KeyBringer,
): Promise<Part> {
  assertPartNumber(number);
  await needUpload(core, target);
  const selection = { ...(range === undefined ? {} : { range }), ...(keys === undefined ? {} : { keys }) };
  const { body } = await getObject(core, source, selection, (record) => {
    assertCopyable(record, conditions);
    if (range?.kind === 'from' && (range.last ?? 0) >= record.bytes) throw outsideSource(record.bytes);
  });
  return putPart(core, target, number, body, targetKeys === undefined ? {} : { keys: targetKeys });
}

function outsideSource(bytes: number): PlatformError {
  return new PlatformError('invalid_argument', `Range specified is not valid for source object of size: ${bytes}`, {
    field: 'CopySourceRange',
    reason: 'InvalidArgument',
  });
}

function assertPartNumber(number: number): void {
  if (Number.isInteger(number) && number >= 1 && number <= partsMax) return;
  throw new PlatformError('invalid_argument', `Part number must be an integer between 1 and ${partsMax}, inclusive`, {
    field: 'PartNumber',
    reason: 'InvalidArgument',
    facts: { ArgumentName: 'partNumber', ArgumentValue: String(number) },
  });
}

export async function listParts(
  core: Core,
  address: UploadAddress,
  { after = 0, limit }: { after?: number; limit: number },
): Promise<{ parts: Part[]; next?: number }> {
  await needUpload(core, address);
  if (limit === 0) return { parts: [] };
  const entries = await core.records.range({
    prefix: partsFolder(address.uploadId),
    after: partKey(address.uploadId, after),
    limit: limit + 1,
  });
  const parts = entries.slice(0, limit).map((entry) => partView(asPart(entry), partNumberOf(entry)));
  const last = parts.at(-1);
  return { parts, ...(entries.length > limit && last !== undefined ? { next: last.number } : {}) };
}

export async function listUploads(
  core: Core,
  address: BucketAddress,
  options: ListUploadsOptions,
): Promise<UploadListing> {
  const bucket = await needBucket(core, address);
  const { after, ...rest } = options;
  const position = after === undefined ? undefined : `${after.key}${uploadSeparator}${after.uploadId ?? '\u{10ffff}'}`;
  const { items, prefixes, next } = await listKeys(
    core.records,
    uploadsFolder(bucket.record.id),
    { ...rest, ...(position === undefined ? {} : { after: position }) },
    (name) => splitUploadName(name).key,
  );
  return {
    items: items.map(({ entry }) => uploadView(asUpload(entry))),
    prefixes,
    ...(next === undefined ? {} : { next: splitUploadName(next) }),
  };
}

function splitUploadName(name: string): { key: string; uploadId?: string } {
  const at = name.lastIndexOf(uploadSeparator);
  return at === -1 ? { key: name } : { key: name.slice(0, at), uploadId: name.slice(at + 1) };
}

export async function abortUpload(core: Core, address: UploadAddress): Promise<void> {
  const { key, record } = await needUpload(core, address);
  await abortUploadRecord(core, key, record);
}

export async function abortUploadRecord(core: Core, key: string, { uploadId }: UploadRecord): Promise<void> {
  await core.inTurn(uploadLock(uploadId), async () => {
    const parts = await core.records.range({ prefix: partsFolder(uploadId), limit: partsMax });
    const doomed = { id: uploadId, blobs: parts.map((entry) => asPart(entry).blob), uploadId };
    await core.records.transact([{ kind: 'delete', key }, core.unowned.retired(doomed)]);
    await core.unowned.remove(doomed);
  });
}

import { PlatformError } from '../../util/errors.ts';
import type {
  BucketAddress,
  Listing,
  ListOptions,
  ObjectAddress,
  Part,
  Selected,
  Selection,
  StoredObject,
  Tag,
} from '../bucket.ts';
import { assertReadable, noSuchKey } from './conditions.ts';
import { findBucket, needBucket } from './core.ts';
import type { Core } from './core.ts';
import { decrypted, encryptedRange } from './encrypted-blob.ts';
import { assertApplicable, dataKeyOf } from './encryption.ts';
import { listKeys } from './list-keys.ts';
import { assertObjectKey } from './object-key.ts';
import { asObject, asParts, objectKey, objectsFolder, objectView, partsKey, partView } from './records.ts';
import type { ObjectRecord, PartRecord } from './records.ts';
import { piecesOf, sliceOfPart, sliceOfRange } from './select-bytes.ts';
import type { Slice } from './select-bytes.ts';

/** How often a reader starts again because the object was replaced just then. */
const attemptsMax = 100;

export type ReadableObject = Selected & { bytes: number; body: AsyncIterable<Uint8Array> };

async function needObject(core: Core, address: ObjectAddress): Promise<ObjectRecord> {
  assertObjectKey(address.key);
  const bucket = await needBucket(core, address);
  const entry = await core.records.get(objectKey(bucket.record.id, address.key));
  if (entry === undefined) throw noSuchKey(address.key);
  return asObject(entry);
}

export async function objectTags(core: Core, address: ObjectAddress): Promise<readonly Tag[]> {
  const bucket = await findBucket(core, address);
  const entry = bucket && (await core.records.get(objectKey(bucket.record.id, address.key)));
  return entry === undefined ? [] : (asObject(entry).tags ?? []);
}

export async function headObject(core: Core, address: ObjectAddress, selection: Selection = {}): Promise<Selected> {
  const record = await needObject(core, address);
  assertReadable(record, selection.conditions);
  assertApplicable(record.encryption, selection.keys ?? {});
  const slice = sliceOf(selection, record, selection.part === undefined ? undefined : await partsOf(core, record));
  return { object: objectView(address.key, record), ...(slice === undefined ? {} : { slice }) };
}

/** `check` throws when this version is not wanted, before anything of it is opened. */
export async function getObject(
  core: Core,
  address: ObjectAddress,
  selection: Selection = {},
  check: (record: ObjectRecord) => void = (record) => assertReadable(record, selection.conditions),
): Promise<ReadableObject> {
  for (let attempts = 0; attempts < attemptsMax; attempts++) {
    const record = await needObject(core, address);
    check(record);
    const readable = await open(core, address.key, record, selection);
    if (readable !== undefined) return readable;
  }
  throw new PlatformError('unavailable', `The object '${address.key}' is replaced faster than it can be opened.`);
}

/** Undefined: its bytes have gone since the record was read. */
async function open(
  core: Core,
  key: string,
  record: ObjectRecord,
  selection: Selection,
): Promise<ReadableObject | undefined> {
  const object = objectView(key, record);
  const parts = record.content.kind === 'parts' ? await partsOf(core, record) : undefined;
  if (record.content.kind === 'parts' && parts === undefined) return undefined;
  const slice = sliceOf(selection, record, parts);
  const wanted =
    slice ?? (record.bytes === 0 || isEmptyPart(selection, parts) ? undefined : { first: 0, last: record.bytes - 1 });
  const answer = {
    object,
    bytes: wanted === undefined ? 0 : wanted.last - wanted.first + 1,
    ...(slice === undefined ? {} : { slice }),
  };
  const { encryption } = record;
  const keys = selection.keys ?? {};
  if (encryption === undefined) assertApplicable(encryption, keys);
  const dataKey = encryption && (await dataKeyOf(core, encryption, keys));
  if (wanted === undefined) return { ...answer, body: nothing() };
  if (record.content.kind === 'parts')
    return { ...answer, body: readParts(core, record.content.id, parts ?? [], wanted, dataKey) };
  const piece = { blob: record.content.blob, bytes: record.bytes };
  const body = await readBlob(core, piece, slice === undefined ? undefined : wanted, dataKey);
  return body === undefined ? undefined : { ...answer, body };
}

/** `slice`: absent: all of it. Undefined: it has gone. */
async function readBlob(
  core: Core,
  { blob, bytes }: { blob: string; bytes: number },
  slice: Slice | undefined,
  dataKey: Buffer | undefined,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (dataKey === undefined)
    return core.blobs.read(blob, slice === undefined ? undefined : { start: slice.first, end: slice.last });
  const wanted = slice ?? { first: 0, last: bytes - 1 };
  const source = await core.blobs.read(blob, encryptedRange(wanted));
  return source && decrypted(source, dataKey, { blob, bytes }, wanted);
}

function sliceOf(
  { range, part }: Selection,
  record: ObjectRecord,
  parts: readonly PartRecord[] | undefined,
): Slice | undefined {
  if (part !== undefined)
    return sliceOfPart(
      part,
      (parts ?? [record]).map((one) => one.bytes),
    );
  return range === undefined ? undefined : sliceOfRange(range, record.bytes);
}

function isEmptyPart({ part }: Selection, parts: readonly PartRecord[] | undefined): boolean {
  return part !== undefined && parts?.[part - 1]?.bytes === 0;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Pinned while it is read, so that replacing the object does not take the later blobs away. */
async function* readParts(
  core: Core,
  contentId: string,
  parts: readonly PartRecord[],
  wanted: Slice,
  dataKey: Buffer | undefined,
): AsyncGenerator<Uint8Array> {
  core.unowned.pin(contentId);
  try {
    for (const { piece, slice } of piecesOf(parts, wanted)) {
      const body = await readBlob(core, piece, slice, dataKey);
      if (body === undefined) {
        throw new PlatformError('unavailable', 'The object was replaced before its bytes were read.');
      }
      yield* body;
    }
  } finally {
    core.unowned.unpin(contentId);
  }
}

async function partsOf(core: Core, { content }: ObjectRecord): Promise<readonly PartRecord[] | undefined> {
  if (content.kind === 'blob') return undefined;
  const entry = await core.records.get(partsKey(content.id));
  return entry === undefined ? undefined : asParts(entry).parts;
}

export async function listObjects(
  core: Core,
  address: BucketAddress,
  options: ListOptions,
): Promise<Listing<StoredObject>> {
  const bucket = await needBucket(core, address);
  const { items, ...rest } = await listKeys(core.records, objectsFolder(bucket.record.id), options);
  return { ...rest, items: items.map(({ name, entry }) => objectView(name, asObject(entry))) };
}

export async function objectParts(core: Core, address: ObjectAddress): Promise<Part[] | undefined> {
  const parts = await partsOf(core, await needObject(core, address));
  return parts?.map((part, index) => partView(part, index + 1));
}

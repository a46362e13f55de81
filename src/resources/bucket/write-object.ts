import { assert } from '../../util/assert.ts';
import type {
  Actor,
  CopyOptions,
  ObjectAddress,
  ObjectHeaders,
  PutOptions,
  StoredObject,
  Tag,
  WriteConditions,
} from '../bucket.ts';
import type { BucketEvent } from '../bucket-event.ts';
import { changeObject } from './change-object.ts';
import { assertCopyable, assertWritable, noSuchKey } from './conditions.ts';
import { needBucket } from './core.ts';
import type { Core } from './core.ts';
import { assertObjectKey } from './object-key.ts';
import { encryptionFor, type Sealing } from './encryption.ts';
import { getObject } from './read-object.ts';
import { asObject, descriptionRecord, objectKey, objectView } from './records.ts';
import type { BucketRecord, ObjectRecord } from './records.ts';
import { adopting, tooLarge, uploadBytesMax, writeBlob } from './write-blob.ts';

export async function putObject(
  core: Core,
  address: ObjectAddress,
  body: AsyncIterable<Uint8Array>,
  options: PutOptions,
  actor: Actor,
): Promise<StoredObject> {
  assertObjectKey(address.key);
  const { encryption } = await bucketWorthWriting(core, address, options.conditions);
  const sealing = await encryptionFor(core, encryption, options.encryption);
  return store(core, address, body, { ...options, sealing }, actor, 'ObjectCreated:Put');
}

export async function copyObject(
  core: Core,
  source: ObjectAddress,
  target: ObjectAddress,
  options: CopyOptions,
  actor: Actor,
): Promise<StoredObject> {
  assertObjectKey(target.key);
  const { encryption } = await bucketWorthWriting(core, target, options.conditions);
  const selection = options.sourceKeys === undefined ? {} : { keys: options.sourceKeys };
  const { object, body } = await getObject(core, source, selection, (record) => {
    assertCopyable(record, options.sourceConditions);
    if (record.bytes > uploadBytesMax) throw tooLarge(record.bytes);
  });
  const algorithm = options.checksumAlgorithm ?? object.checksum?.algorithm;
  const put: PutOptions = {
    headers: options.headers ?? copiedHeaders(object.headers),
    metadata: options.metadata ?? object.metadata,
    tags: options.tags ?? object.tags,
    ...(options.conditions === undefined ? {} : { conditions: options.conditions }),
    ...(algorithm === undefined ? {} : { checksum: { algorithm } }),
  };
  const sealing = await encryptionFor(core, encryption, options.encryption);
  return store(core, target, body, { ...put, sealing }, actor, 'ObjectCreated:Copy');
}

/** Where an object redirects to is its own affair, and not copied. */
function copiedHeaders(headers: ObjectHeaders): ObjectHeaders {
  const { redirectLocation: _, ...copied } = headers;
  return copied;
}

async function store(
  core: Core,
  address: ObjectAddress,
  body: AsyncIterable<Uint8Array>,
  options: Omit<PutOptions, 'encryption'> & { sealing: Sealing | undefined },
  actor: Actor,
  event: BucketEvent['name'],
): Promise<StoredObject> {
  const { sealing } = options;
  const { claim, bytes, etag, checksum } = await writeBlob(core, body, { checksum: options.checksum, sealing });
  const { change } = await adopting(core, claim, () =>
    changeObject(core, address, actor, (current, sequencer) => {
      assertWritable(address.key, current, options.conditions);
      const record: ObjectRecord = {
        bytes,
        etag,
        modifiedMs: core.clock.now(),
        sequencer,
        content: { kind: 'blob', blob: claim.blob },
        ...(checksum === undefined || options.checksum === undefined
          ? {}
          : { checksum: { algorithm: options.checksum.algorithm, type: 'FULL_OBJECT', value: checksum } }),
        ...(sealing === undefined ? {} : { encryption: sealing.encryption }),
        ...descriptionRecord(options),
      };
      return { record, operations: [core.unowned.adopted(claim)], event };
    }),
  );
  assert(change !== undefined, 'a put always changes the object');
  return objectView(address.key, change.record);
}

/** What is sure to be refused is refused before gigabytes are taken in. */
async function bucketWorthWriting(
  core: Core,
  address: ObjectAddress,
  conditions: WriteConditions | undefined,
): Promise<BucketRecord> {
  const { record } = await needBucket(core, address);
  if (conditions === undefined) return record;
  const entry = await core.records.get(objectKey(record.id, address.key));
  assertWritable(address.key, entry === undefined ? undefined : asObject(entry), conditions);
  return record;
}

export async function removeObject(
  core: Core,
  address: ObjectAddress,
  conditions: WriteConditions,
  actor: Actor,
): Promise<boolean> {
  assertObjectKey(address.key);
  const { before } = await changeObject(core, address, actor, (current) => {
    assertWritable(address.key, current, conditions);
    return { record: undefined, event: 'ObjectRemoved:Delete' };
  });
  return before !== undefined;
}

/** The bytes and the time stay as they are, as S3 has it. */
export async function tagObject(
  core: Core,
  address: ObjectAddress,
  tags: readonly Tag[] | undefined,
  actor: Actor,
): Promise<void> {
  assertObjectKey(address.key);
  await changeObject(core, address, actor, (current) => {
    if (current === undefined) throw noSuchKey(address.key);
    const { tags: _, ...rest } = current;
    return {
      record: tags === undefined || tags.length === 0 ? rest : { ...rest, tags },
      event: tags === undefined ? 'ObjectTagging:Delete' : 'ObjectTagging:Put',
    };
  });
}

import { scan } from '../../store/records.ts';
import { createInTurn } from '../../util/in-turn.ts';
import type { Buckets } from '../bucket.ts';
import { createBucketDirectory } from './bucket-directory.ts';
import {
  changeAccess,
  createBucket,
  deleteBucket,
  finishDeleting,
  listBuckets,
  encryptBucket,
  readBucket,
  tagBucket,
} from './buckets.ts';
import { completeUpload } from './complete-upload.ts';
import { sequencers } from './core.ts';
import type { Core } from './core.ts';
import { LeftNames } from './left-names.ts';
import { abortUpload, copyPart, createUpload, listParts, listUploads, putPart, readUpload } from './multipart.ts';
import { getObject, headObject, listObjects, objectParts, objectTags } from './read-object.ts';
import { asBucket, bucketAddressOf } from './records.ts';
import { UnownedBlobs } from './unowned-blobs.ts';
import { copyObject, putObject, removeObject, tagObject } from './write-object.ts';

/** Opens the buckets of a store, after finishing what a crash interrupted. Close it before the store. */
export async function openBuckets(
  parts: Pick<Core, 'records' | 'blobs' | 'clock' | 'ids' | 'wantsEvents' | 'sealer'>,
): Promise<Buckets> {
  const unowned = await UnownedBlobs.open(parts);
  const directory = createBucketDirectory();
  const core: Core = {
    ...parts,
    directory,
    leftNames: await LeftNames.open(parts),
    unowned,
    inTurn: createInTurn(),
    nextSequencer: sequencers(parts.clock),
  };
  for await (const entry of scan(core.records, 'bucket/')) {
    const record = asBucket(entry);
    const address = bucketAddressOf(entry.key);
    directory.note(address, record);
    if (record.deleting) await finishDeleting(core, { address, key: entry.key, revision: entry.revision, record });
  }
  return {
    create: (address) => createBucket(core, address),
    bucket: (address) => readBucket(core, address),
    list: (account, options) => listBuckets(core, account, options),
    held: (name) => directory.held(name),
    leftBy: (name) => core.leftNames.of(name),
    changeAccess: (address, change) => changeAccess(core, address, change),
    delete: (address) => deleteBucket(core, address),
    tagBucket: (address, tags) => tagBucket(core, address, tags),
    encryptBucket: (address, encryption) => encryptBucket(core, address, encryption),

    put: (address, body, options, actor) => putObject(core, address, body, options, actor),
    head: (address, selection) => headObject(core, address, selection),
    get: (address, selection) => getObject(core, address, selection),
    remove: (address, conditions, actor) => removeObject(core, address, conditions, actor),
    copy: (source, target, options, actor) => copyObject(core, source, target, options, actor),
    tag: (address, tags, actor) => tagObject(core, address, tags, actor),
    objectTags: (address) => objectTags(core, address),
    objects: (address, options) => listObjects(core, address, options),
    objectParts: (address) => objectParts(core, address),

    createUpload: (address, options) => createUpload(core, address, options),
    upload: (address) => readUpload(core, address),
    uploadPart: (address, number, body, options) => putPart(core, address, number, body, options),
    copyPart: (source, selection, target, number, keys) => copyPart(core, source, selection, target, number, keys),
    parts: (address, options) => listParts(core, address, options),
    uploads: (address, options) => listUploads(core, address, options),
    completeUpload: (address, completed, options, actor) => completeUpload(core, address, completed, options, actor),
    abortUpload: (address) => abortUpload(core, address),

    [Symbol.asyncDispose]: () => unowned[Symbol.asyncDispose](),
  };
}

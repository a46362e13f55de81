/**
 * The records that buckets are made of, and their keys. Objects lie under their bucket's id, not its name: a bucket made
 * again under an old name starts empty, whatever is still being cleaned up. The rest of a record's key is the object's
 * key as it is, so that the store's order of keys is S3's order of listing.
 *
 *     bucket/<account>/<name>                    BucketRecord
 *     bucket-object/<bucket id>/<key>            ObjectRecord
 *     bucket-parts/<content id>                  PartsRecord      what a multipart object is made of
 *     bucket-upload/<bucket id>/<key>␁<upload>   UploadRecord     begun and neither completed nor aborted
 *     bucket-part/<upload id>/<number>           PartRecord       uploaded so far
 *     bucket-unowned/<id>                        UnownedRecord    what is to be removed: see unowned-blobs.ts
 */
import type { Entry } from '../../store/records.ts';
import type { AccountId } from '../../util/ids.ts';
import type { Encryption } from './encryption.ts';
import type {
  Bucket,
  BucketAccess,
  BucketAddress,
  DefaultEncryption,
  ObjectHeaders,
  Part,
  StoredObject,
  Tag,
  Upload,
} from '../bucket.ts';
import type { Checksum, ChecksumType } from './checksum.ts';
import type { ChecksumAlgorithm } from '../../util/checksum.ts';

export type BucketRecord = {
  id: string;
  createdMs: number;
  tags?: readonly Tag[];
  encryption?: DefaultEncryption;
  /** Absent: as of a new one. */
  access?: BucketAccess;
  /** Somebody is deleting it: nothing may be added. */
  deleting?: true;
};

/** Where an object's bytes are. `parts`: in several blobs, named in a PartsRecord. */
export type Content = { kind: 'blob'; blob: string } | { kind: 'parts'; id: string; count: number };

/** What is empty is left out: listings read whole records. */
type DescriptionRecord = {
  headers?: ObjectHeaders;
  metadata?: Readonly<Record<string, string>>;
  tags?: readonly Tag[];
};

export type ObjectRecord = DescriptionRecord & {
  bytes: number;
  etag: string;
  modifiedMs: number;
  sequencer: string;
  content: Content;
  checksum?: Checksum;
  encryption?: Encryption;
  /** The upload that it came from, to recognise a repeated completion. */
  uploadId?: string;
};

/** `checksum`: base64, of the upload's algorithm. */
export type PartRecord = { blob: string; bytes: number; etag: string; modifiedMs: number; checksum?: string };
export type PartsRecord = { parts: readonly PartRecord[] };

export type UploadRecord = DescriptionRecord & {
  key: string;
  uploadId: string;
  createdMs: number;
  checksumAlgorithm?: ChecksumAlgorithm;
  checksumType?: ChecksumType;
  encryption?: Encryption;
};

/** `uploadId`: the records of that upload's parts go as well; by then nothing leads to them any more. */
export type UnownedRecord = { blobs: readonly string[]; uploadId?: string };

/** Sorts a key before its own extensions. A key may contain it itself; the record says which key it is of. */
export const uploadSeparator = '\u0001';

export const bucketsFolder = (account: AccountId): string => `bucket/${account}/`;
export const objectsFolder = (bucketId: string): string => `bucket-object/${bucketId}/`;
export const uploadsFolder = (bucketId: string): string => `bucket-upload/${bucketId}/`;
export const partsFolder = (uploadId: string): string => `bucket-part/${uploadId}/`;
export const unownedFolder = 'bucket-unowned/';

export const bucketKey = (account: AccountId, name: string): string => bucketsFolder(account) + name;
export function bucketAddressOf(key: string): BucketAddress {
  const [, account = '', bucket = ''] = key.split('/');
  return { account: account as AccountId, bucket };
}
export const objectKey = (bucketId: string, key: string): string => objectsFolder(bucketId) + key;
export const uploadKey = (bucketId: string, key: string, uploadId: string): string =>
  `${uploadsFolder(bucketId)}${key}${uploadSeparator}${uploadId}`;
export const partKey = (uploadId: string, number: number): string =>
  partsFolder(uploadId) + String(number).padStart(5, '0');
export const partsKey = (contentId: string): string => `bucket-parts/${contentId}`;
export const unownedKey = (id: string): string => unownedFolder + id;

export const partNumberOf = (entry: Entry): number => Number(entry.key.slice(entry.key.lastIndexOf('/') + 1));

// The store gives back what this folder put there.
export const asBucket = (entry: Entry): BucketRecord => entry.value as BucketRecord;
export const asObject = (entry: Entry): ObjectRecord => entry.value as ObjectRecord;
export const asUpload = (entry: Entry): UploadRecord => entry.value as UploadRecord;
export const asPart = (entry: Entry): PartRecord => entry.value as PartRecord;
export const asParts = (entry: Entry): PartsRecord => entry.value as PartsRecord;
export const asUnowned = (entry: Entry): UnownedRecord => entry.value as UnownedRecord;

/** As of every bucket that was made since April 2023. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export const newBucketAccess: BucketAccess = Object.freeze({
  publicAccess: Object.freeze({ blocksAcls: true, ignoresAcls: true, blocksPolicies: true, restrictsBucket: true }),
  hasOwnershipControls: true,
});

export function bucketView(name: string, record: BucketRecord): Bucket {
  const { createdMs, tags = [], encryption, access = newBucketAccess } = record;
  return { name, createdMs, tags, access, ...(encryption !== undefined && { encryption }) };
}

export function objectView(key: string, record: ObjectRecord): StoredObject {
  return {
    key,
    bytes: record.bytes,
    etag: record.etag,
    modifiedMs: record.modifiedMs,
    headers: record.headers ?? {},
    metadata: record.metadata ?? {},
    tags: record.tags ?? [],
    ...(record.checksum === undefined ? {} : { checksum: record.checksum }),
    ...(record.encryption === undefined ? {} : { encryption: record.encryption }),
    ...(record.content.kind === 'parts' ? { partsCount: record.content.count } : {}),
  };
}

export function partView({ bytes, etag, modifiedMs, checksum }: PartRecord, number: number): Part {
  return { number, bytes, etag, modifiedMs, ...(checksum === undefined ? {} : { checksum }) };
}

export function uploadView(record: UploadRecord): Upload {
  return { ...record, headers: record.headers ?? {}, metadata: record.metadata ?? {}, tags: record.tags ?? [] };
}

/** The part of a record that describes, with what is empty left out. */
export function descriptionRecord(description: DescriptionRecord): DescriptionRecord {
  const { headers = {}, metadata = {}, tags = [] } = description;
  return {
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

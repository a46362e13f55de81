/**
 * Buckets of objects: names, bytes, and what was said about them. The port, and what it is made of.
 *
 * An object is a small record that points at immutable bytes in the store's blobs. A change writes bytes first, then,
 * in one transaction, the record, the ownership of the bytes (bucket/unowned-blobs.ts) and the event for whoever listens
 * (bucket-event.ts). So what was answered survives a crash, and bytes that no record points at are found and removed.
 *
 * It knows no HTTP and no XML. Its errors are PlatformErrors whose `reason` is S3's code for them. It never delivers
 * events: it appends to the log, and events/ reads that.
 */
import type { Cause } from '../util/cause.ts';
import type { AccountId } from '../util/ids.ts';
import type { Checksum, ChecksumType } from './bucket/checksum.ts';
import type { Encryption, EncryptionChoice, KeyBringer } from './bucket/encryption.ts';
import type { ChecksumAlgorithm } from '../util/checksum.ts';
import type { BucketEvent } from './bucket-event.ts';

export type BucketAddress = { account: AccountId; bucket: string };
export type ObjectAddress = BucketAddress & { key: string };
export type UploadAddress = ObjectAddress & { uploadId: string };

export type Tag = { key: string; value: string };
export type Bucket = {
  name: string;
  createdMs: number;
  tags: readonly Tag[];
  encryption?: DefaultEncryption;
  access: BucketAccess;
};

/** Who may use a bucket, beside those of its account whom policies of their own let. */
export type BucketAccess = {
  /** JSON; absent: it has none. */
  policy?: string;
  /** Absent: it was taken away, and nothing is blocked. */
  publicAccess?: PublicAccessBlock;
  hasOwnershipControls: boolean;
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html */
export type PublicAccessBlock = {
  blocksAcls: boolean;
  ignoresAcls: boolean;
  /** A policy that lets everybody in is not taken. */
  blocksPolicies: boolean;
  /** While its policy lets everybody in, it lets in nobody but services and its own account. */
  restrictsBucket: boolean;
};

/** A bucket as it is known without reading anything. */
export type HeldBucket = BucketAddress & { createdMs: number; access: BucketAccess };

/** Of objects that are written without saying how. `keyId`: as it was given; absent: the account's own for S3. */
export type DefaultEncryption = { kind: 'platform' } | { kind: 'kms'; keyId?: string; usesBucketKey: boolean };

/** Who changes an object, and why: goes into the event. */
export type Actor = {
  cause: Cause;
  sourceIp: string;
  principalId: string;
  /** The account that asked; absent: the bucket's own. */
  requester?: AccountId;
  requestId: string;
};

/** Kept and given back as they came; nothing here acts on them. */
export type ObjectHeaders = {
  contentType?: string;
  cacheControl?: string;
  contentDisposition?: string;
  contentEncoding?: string;
  contentLanguage?: string;
  expires?: string;
  redirectLocation?: string;
};

export type Description = {
  headers: ObjectHeaders;
  /** Names in lower case. Names and values together at most 2 KB. */
  metadata: Readonly<Record<string, string>>;
  tags: readonly Tag[];
};

export type StoredObject = Description & {
  key: string;
  bytes: number;
  /** Without quotes: the MD5 in hex, or `<MD5 of the parts' MD5s>-<parts>`. */
  etag: string;
  modifiedMs: number;
  checksum?: Checksum;
  /** Present when it was uploaded in parts. */
  partsCount?: number;
  encryption?: Encryption;
};

/** As in HTTP: `*`, or ETags, with or without quotes, separated by commas. */
export type WriteConditions = { ifMatch?: string; ifNoneMatch?: string };
export type ReadConditions = WriteConditions & { ifModifiedSinceMs?: number; ifUnmodifiedSinceMs?: number };

/** First and last inclusive; `last` absent: to the end. Or the last so many bytes. */
export type ByteRange = { kind: 'from'; first: number; last?: number } | { kind: 'suffix'; bytes: number };

export type Selection = {
  conditions?: ReadConditions;
  /** Not together with `part`. */
  range?: ByteRange;
  /** From 1: the bytes of one part. An object that came in one piece has part 1 only. */
  part?: number;
  /** What an encrypted object is read with. */
  keys?: KeyBringer;
};

/** `slice`, both inclusive, is there when a range or part was asked for. */
export type Selected = { object: StoredObject; slice?: { first: number; last: number } };

/**
 * A checksum to keep with the bytes. `value`: somebody else computes it while they are read, and knows it (base64) once they
 * have been read to their end; absent: it is computed here.
 */
export type ChecksumSource = { algorithm: ChecksumAlgorithm; value?: () => string };

export type PutOptions = Partial<Description> & {
  conditions?: WriteConditions;
  checksum?: ChecksumSource;
  /** Absent: with the platform's own key if the bucket encrypts, else not. */
  encryption?: EncryptionChoice;
};

export type CopyOptions = {
  conditions?: WriteConditions;
  sourceConditions?: ReadConditions;
  /** Absent: the source's own. */
  headers?: ObjectHeaders;
  metadata?: Readonly<Record<string, string>>;
  tags?: readonly Tag[];
  /** Absent: the source's, if it has one. */
  checksumAlgorithm?: ChecksumAlgorithm;
  /** Of the copy; as of `PutOptions`. */
  encryption?: EncryptionChoice;
  /** What the source is read with. */
  sourceKeys?: KeyBringer;
};

export type ListOptions = {
  prefix?: string;
  /** Keys that have it after the prefix are rolled up into one common prefix each. */
  delimiter?: string;
  /** Only keys and common prefixes after this one. */
  after?: string;
  /** Keys and common prefixes together, at most; 0 to 1,000. */
  limit: number;
};

export type Listing<Item> = {
  items: Item[];
  /** Common prefixes. */
  prefixes: string[];
  /** There is more, after this one. */
  next?: string;
};

export type ListUploadsOptions = Omit<ListOptions, 'after'> & {
  /** Only uploads of keys after this one, or, with an upload's id, also of this key after that upload. */
  after?: { key: string; uploadId?: string };
};

/** `next` has no upload's id when it is a common prefix. */
export type UploadListing = Omit<Listing<Upload>, 'next'> & { next?: { key: string; uploadId?: string } };

export type UploadOptions = Partial<Description> & {
  checksumAlgorithm?: ChecksumAlgorithm;
  checksumType?: ChecksumType;
  /** As of `PutOptions`. */
  encryption?: EncryptionChoice;
};

export type Upload = Description & {
  key: string;
  uploadId: string;
  createdMs: number;
  checksumAlgorithm?: ChecksumAlgorithm;
  checksumType?: ChecksumType;
  encryption?: Encryption;
};

export type Part = { number: number; bytes: number; etag: string; modifiedMs: number; checksum?: string };

export type CompletedPart = { number: number; etag: string; checksum?: string };
export type CompleteOptions = {
  conditions?: WriteConditions;
  /** What the whole object must have; refused otherwise. */
  bytes?: number;
  checksum?: string;
};

/**
 * Errors of every method: `not_found` NoSuchBucket, NoSuchKey, NoSuchUpload; `invalid_argument` KeyTooLongError and
 * what else is wrong with an input; `unavailable` when the disk refuses.
 */
export interface Buckets extends AsyncDisposable {
  /** `exists`: the account has it already. Errors: InvalidBucketName. */
  create(address: BucketAddress): Promise<'created' | 'exists'>;
  /** Undefined: no such bucket. */
  bucket(address: BucketAddress): Promise<Bucket | undefined>;
  /** By name. */
  list(account: AccountId, options: { prefix?: string; after?: string; limit: number }): Promise<Listing<Bucket>>;
  /** With its unfinished uploads. Errors: `conflict` BucketNotEmpty. */
  delete(address: BucketAddress): Promise<void>;
  /** Of all accounts that have one of this name, the earliest made first. */
  held(name: string): readonly HeldBucket[];
  /** The account that let others into a bucket of this name, and does so no more, since less than five weeks; undefined: none. */
  leftBy(name: string): AccountId | undefined;
  tagBucket(address: BucketAddress, tags: readonly Tag[]): Promise<void>;
  /** What `change` throws is thrown, and nothing is changed. */
  changeAccess(address: BucketAddress, change: (access: BucketAccess) => BucketAccess): Promise<void>;
  /** Of what is written from now on; undefined: nothing is encrypted that does not ask for it. */
  encryptBucket(address: BucketAddress, encryption: DefaultEncryption | undefined): Promise<void>;

  /** Errors: `precondition_failed`, `too_large` EntityTooLarge, and whatever reading `body` throws; nothing is changed then. */
  put(
    address: ObjectAddress,
    body: AsyncIterable<Uint8Array>,
    options: PutOptions,
    actor: Actor,
  ): Promise<StoredObject>;
  /** Errors: `precondition_failed` PreconditionFailed and NotModified, `invalid_argument` InvalidRange and InvalidPartNumber. */
  head(address: ObjectAddress, selection?: Selection): Promise<Selected>;
  /** As `head`, with the bytes: exactly `bytes` of them. They stay those of this version, whatever happens to the key meanwhile. */
  get(
    address: ObjectAddress,
    selection?: Selection,
  ): Promise<Selected & { bytes: number; body: AsyncIterable<Uint8Array> }>;
  /** False: there was none. */
  remove(address: ObjectAddress, conditions: WriteConditions, actor: Actor): Promise<boolean>;
  /** Copies the bytes: the copy is whole and single, with an ETag of its own, as S3 does it. */
  copy(source: ObjectAddress, target: ObjectAddress, options: CopyOptions, actor: Actor): Promise<StoredObject>;
  /** Undefined: those that it has are deleted. */
  tag(address: ObjectAddress, tags: readonly Tag[] | undefined, actor: Actor): Promise<void>;
  /** Of what is there; none of what is not. */
  objectTags(address: ObjectAddress): Promise<readonly Tag[]>;
  /** By the bytes of the keys in UTF-8. */
  objects(address: BucketAddress, options: ListOptions): Promise<Listing<StoredObject>>;
  /** The parts that the present object was made of, in order, numbered from 1; undefined when it came in one piece. */
  objectParts(address: ObjectAddress): Promise<Part[] | undefined>;

  createUpload(address: ObjectAddress, options: UploadOptions): Promise<Upload>;
  /** Undefined: no such upload. */
  upload(address: UploadAddress): Promise<Upload | undefined>;
  /** `number` from 1 to 10,000; replaces the part of that number. */
  uploadPart(
    address: UploadAddress,
    number: number,
    body: AsyncIterable<Uint8Array>,
    options: { checksum?: ChecksumSource; keys?: KeyBringer },
  ): Promise<Part>;
  copyPart(
    source: ObjectAddress,
    selection: Omit<Selection, 'part'>,
    target: UploadAddress,
    number: number,
    targetKeys?: KeyBringer,
  ): Promise<Part>;
  parts(address: UploadAddress, options: { after?: number; limit: number }): Promise<{ parts: Part[]; next?: number }>;
  /** By key, then by the time they were begun. */
  uploads(address: BucketAddress, options: ListUploadsOptions): Promise<UploadListing>;
  /**
   * Errors: `invalid_argument` InvalidPart, InvalidPartOrder, EntityTooSmall, BadDigest. Saying it again for the same upload, as a
   * client does that missed the answer, gives the same answer while the object is still that one.
   */
  completeUpload(
    address: UploadAddress,
    parts: readonly CompletedPart[],
    options: CompleteOptions,
    actor: Actor,
  ): Promise<StoredObject>;
  abortUpload(address: UploadAddress): Promise<void>;
}

/** Whether anybody listens: only then an event is written. */
export type WantsEvents = (account: AccountId, bucket: string, name: BucketEvent['name']) => boolean;

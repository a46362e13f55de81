/**
 * The zip that a call brings or names in a bucket, stored as a bundle.
 *
 * Gaps: container images (`ImageUri`) and zips under a key of the caller's (`SourceKMSKeyArn`) are refused by name;
 * versions of objects (`S3ObjectVersion`) too, since buckets here keep none.
 */
import { createHash, hash } from 'node:crypto';
import type { ObjectAddress } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';
import type { BundleHash } from '../../util/ids.ts';
import { limits } from '../../util/limits.ts';
import { objectKeyOpener } from '../key-use.ts';
import type { Access, AwsContext } from '../service.ts';
import { invalidParameterValue, notHere } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** The members that a function's code and a layer's content share. */
export type CodeSource = {
  ZipFile?: Uint8Array | undefined;
  S3Bucket?: string | undefined;
  S3Key?: string | undefined;
  S3ObjectVersion?: string | undefined;
  ImageUri?: string | undefined;
  SourceKMSKeyArn?: string | undefined;
};

/** What reading the zip needs permission for. */
export function codeAccess({ S3Bucket, S3Key }: CodeSource): readonly Access[] {
  if (S3Bucket === undefined || S3Key === undefined) return [];
  return [{ action: 's3:GetObject', resource: `arn:aws:s3:::${S3Bucket}/${S3Key}` }];
}

/** Stores the zip, unpacked. Errors: InvalidParameterValueException, in Lambda's words for each thing that can be wrong with it. */
export async function addCode(parts: LambdaParts, context: AwsContext, source: CodeSource): Promise<BundleHash> {
  if (source.ImageUri !== undefined) {
    throw notHere('ImageUri', 'functions are made of zips; package the code as one (PackageType Zip).');
  }
  if (source.SourceKMSKeyArn !== undefined && source.SourceKMSKeyArn !== '') {
    throw notHere('SourceKMSKeyArn', 'there is no key service.');
  }
  if (source.S3ObjectVersion !== undefined) {
    throw notHere('S3ObjectVersion', 'buckets keep no versions of their objects.');
  }
  const { ZipFile, S3Bucket, S3Key } = source;
  if (ZipFile !== undefined) {
    if (S3Bucket !== undefined || S3Key !== undefined) {
      throw invalidParameterValue('Please do not provide other FunctionCode parameters when providing a ZipFile.');
    }
    const bundle = hash('sha256', ZipFile) as BundleHash;
    await store(parts, bundle, inOnePiece(ZipFile));
    return bundle;
  }
  if (S3Bucket === undefined || S3Key === undefined) {
    throw invalidParameterValue('Please provide a source for function code.');
  }
  return await addFromBucket(parts, context, { account: context.account, bucket: S3Bucket, key: S3Key });
}

// oxlint-disable-next-line require-await -- a body is asynchronous to its reader
async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Read twice, first for its hash: a zip may be larger than what fits into memory at ease. */
async function addFromBucket(parts: LambdaParts, context: AwsContext, address: ObjectAddress): Promise<BundleHash> {
  const { buckets, objectKeys } = parts;
  const keys = objectKeys === undefined ? {} : { openKms: objectKeyOpener(objectKeys, context) };
  const { body, object } = await fromBucket(() => buckets.get(address, { keys }));
  const sum = createHash('sha256');
  for await (const piece of body) sum.update(piece);
  const bundle = sum.digest('hex') as BundleHash;
  const again = await fromBucket(() => buckets.get(address, { keys, conditions: { ifMatch: object.etag } }));
  await store(parts, bundle, again.body);
  return bundle;
}

async function fromBucket<Got>(get: () => Promise<Got>): Promise<Got> {
  try {
    return await get();
  } catch (cause) {
    if (!(cause instanceof PlatformError) || cause.fault === 'platform') throw cause;
    throw invalidParameterValue(
      `Error occurred while GetObject. S3 Error Code: ${cause.reason ?? cause.code}. S3 Error Message: ${cause.message}`,
      { field: 'S3Key', cause },
    );
  }
}

async function store(parts: LambdaParts, bundle: BundleHash, zip: AsyncIterable<Uint8Array>): Promise<void> {
  const { files } = await inLambdasWords(() => parts.registry.addBundle(bundle, zip));
  if (files === 0) throw invalidParameterValue('Uploaded file must be a non-empty zip');
}

async function inLambdasWords<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof PlatformError)) throw cause;
    if (cause.code === 'invalid_argument') {
      throw invalidParameterValue('Could not unzip uploaded file. Please check your file, then try to upload again.', {
        cause,
      });
    }
    if (cause.code === 'too_large') {
      throw invalidParameterValue(`Unzipped size must be smaller than ${limits.bundleBytesMax} bytes`, { cause });
    }
    throw cause;
  }
}

/**
 * What clients say of encryption: in headers of a request for what is written, with what is read, and for a bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
 */
import { createHash } from 'node:crypto';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { BucketAddress, DefaultEncryption } from '../../resources/bucket.ts';
import type { Encryption, EncryptionChoice, KeyBringer } from '../../resources/bucket/encryption.ts';
import { PlatformError } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';
import { objectKeyOpener } from '../key-use.ts';
import type { AwsContext } from '../service.ts';
import { present } from './description.ts';
import { invalidArgument } from './listing.ts';
import type { S3Parts } from './s3-operation.ts';
import { notImplemented } from './unsupported.ts';

type CustomerKey = {
  SSECustomerAlgorithm?: string | undefined;
  SSECustomerKey?: string | undefined;
  SSECustomerKeyMD5?: string | undefined;
};

type Asked = CustomerKey & {
  ServerSideEncryption?: string | undefined;
  SSEKMSKeyId?: string | undefined;
  SSEKMSEncryptionContext?: string | undefined;
  BucketKeyEnabled?: boolean | undefined;
};

/** What is asked for, or what the bucket does where nothing is. */
export function encryptionOf(
  { keyUse }: Pick<S3Parts, 'keyUse'>,
  context: AwsContext,
  address: BucketAddress & { key: string },
  input: Asked,
): EncryptionChoice {
  return async (ofBucket) => {
    const key = customerKeyOf(input);
    if (key !== undefined && input.ServerSideEncryption !== undefined)
      throw invalidArgument(
        'x-amz-server-side-encryption',
        input.ServerSideEncryption,
        'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
      );
    if (key !== undefined) return { kind: 'customer', key };
    const wanted = askedFor(input) ?? ofBucket;
    if (wanted?.kind !== 'kms') return wanted;
    if (keyUse === undefined) throw notImplemented('x-amz-server-side-encryption', ': aws:kms');
    const encryptionContext = {
      ...givenContext(input.SSEKMSEncryptionContext),
      'aws:s3:arn': `arn:aws:s3:::${address.bucket}/${address.key}`,
    };
    const { keyId, usesBucketKey } = wanted;
    const made = await translated(() => keyUse.dataKey(ofCaller(context), { keyId, context: encryptionContext }));
    return {
      kind: 'kms',
      keyArn: made.keyArn,
      sealedKey: made.ciphertext.toString('base64'),
      context: encryptionContext,
      usesBucketKey,
      dataKey: made.plain,
    };
  };
}

function askedFor(input: Asked): DefaultEncryption | undefined {
  const { ServerSideEncryption: method, SSEKMSKeyId: keyId, BucketKeyEnabled: usesBucketKey = false } = input;
  if (keyId !== undefined && method !== 'aws:kms')
    throw invalidArgument(
      'x-amz-server-side-encryption',
      method ?? '',
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
    );
  return method === undefined ? undefined : methodOf(method, 'x-amz-server-side-encryption', keyId, usesBucketKey);
}

export function methodOf(
  method: string,
  field: string,
  keyId: string | undefined,
  usesBucketKey: boolean,
): DefaultEncryption {
  switch (method) {
    case 'AES256':
      return { kind: 'platform' };
    case 'aws:kms':
      return { kind: 'kms', usesBucketKey, ...(keyId !== undefined && { keyId }) };
    case 'aws:kms:dsse':
    case 'aws:fsx':
      throw notImplemented(field, `: ${method}`);
    default:
      throw invalidArgument(field, method, 'The encryption method specified is not supported');
  }
}

/** Names of keys are those of the account that asks, whosever the bucket is. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html */
const ofCaller = (context: AwsContext): AwsContext => ({ ...context, account: context.principal.account });

/** Base64 of an object of texts. */
function givenContext(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
    const entries = isObject(read) ? Object.entries(read) : undefined;
    const texts = entries?.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    if (texts !== undefined && texts.length === entries?.length) return Object.fromEntries(texts);
  } catch {
    // As what is no object.
  }
  throw invalidArgument(
    'x-amz-server-side-encryption-context',
    '',
    'The encryption context has to be base64 of a JSON object whose values are texts',
  );
}

const customerKeyBytes = 32;

function customerKeyOf(input: CustomerKey): Buffer | undefined {
  const { SSECustomerAlgorithm: algorithm, SSECustomerKey: text, SSECustomerKeyMD5: md5 } = input;
  if (algorithm === undefined && text === undefined && md5 === undefined) return undefined;
  const field = 'x-amz-server-side-encryption';
  if (algorithm === undefined || text === undefined || md5 === undefined)
    throw invalidArgument(
      field,
      '',
      'Requests specifying Server Side Encryption with Customer provided keys must provide the algorithm, an appropriate secret key, and the client calculated MD5 hash of the secret key.',
    );
  if (algorithm !== 'AES256')
    throw new PlatformError(
      'invalid_argument',
      'The encryption request you specified is not valid. Supported value: AES256.',
      {
        reason: 'InvalidEncryptionAlgorithmError',
        facts: { ArgumentName: field, ArgumentValue: algorithm },
      },
    );
  const key = Buffer.from(text, 'base64');
  if (key.length !== customerKeyBytes)
    throw invalidArgument(field, '', 'The secret key was invalid for the specified algorithm.');
  if (createHash('md5').update(key).digest('base64') !== md5)
    throw invalidArgument(field, '', 'The calculated MD5 hash of the key did not match the hash that was provided.');
  return key;
}

/** What an object is read with, or a part of it written. */
export function keysOf({ keyUse }: Pick<S3Parts, 'keyUse'>, context: AwsContext, input: CustomerKey): KeyBringer {
  const customerKey = customerKeyOf(input);
  return {
    ...(customerKey !== undefined && { customerKey }),
    ...(keyUse !== undefined && {
      openKms: (encryption) => translated(() => objectKeyOpener(keyUse, context)(encryption)),
    }),
  };
}

type SourceKey = {
  CopySourceSSECustomerAlgorithm?: string | undefined;
  CopySourceSSECustomerKey?: string | undefined;
  CopySourceSSECustomerKeyMD5?: string | undefined;
};

export const sourceKeysOf = (parts: Pick<S3Parts, 'keyUse'>, context: AwsContext, input: SourceKey): KeyBringer =>
  keysOf(parts, context, {
    SSECustomerAlgorithm: input.CopySourceSSECustomerAlgorithm,
    SSECustomerKey: input.CopySourceSSECustomerKey,
    SSECustomerKeyMD5: input.CopySourceSSECustomerKeyMD5,
  });

type Members = Pick<
  GetObjectCommandOutput,
  'ServerSideEncryption' | 'SSEKMSKeyId' | 'BucketKeyEnabled' | 'SSECustomerAlgorithm' | 'SSECustomerKeyMD5'
>;

/** What every answer about an object says of it. */
export function encryptionMembers(encryption: Encryption | undefined): Members {
  switch (encryption?.kind) {
    case undefined:
      return {};
    case 'platform':
      return { ServerSideEncryption: 'AES256' };
    case 'kms':
      return {
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: encryption.keyArn,
        ...present({ BucketKeyEnabled: encryption.usesBucketKey ? true : undefined }),
      };
    case 'customer':
      return { SSECustomerAlgorithm: 'AES256', SSECustomerKeyMD5: encryption.keyMd5 };
  }
}

/** S3 says of keys what KMS says, under names of its own. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlatformError) || error.reason === undefined || error.code === 'permission_denied')
      throw error;
    throw new PlatformError('invalid_argument', error.message, { reason: `KMS.${error.reason}`, cause: error });
  }
}

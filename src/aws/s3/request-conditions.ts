/**
 * What conditions of policies may ask of a request to S3, beside what they may ask of any.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys
 */
import type { ConditionContext } from '../../identity/condition-keys.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Tag } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Access, AwsContext, OperationEntry, OperationTable } from '../service.ts';
import { heldBucket } from './held-bucket.ts';
import { encryptionMembers } from './encryption.ts';
import type { S3Parts } from './s3-operation.ts';

/** Members of inputs that are keys of the same name. */
const headers = {
  ACL: 's3:x-amz-acl',
  GrantFullControl: 's3:x-amz-grant-full-control',
  GrantRead: 's3:x-amz-grant-read',
  GrantReadACP: 's3:x-amz-grant-read-acp',
  GrantWrite: 's3:x-amz-grant-write',
  GrantWriteACP: 's3:x-amz-grant-write-acp',
  CopySource: 's3:x-amz-copy-source',
  MetadataDirective: 's3:x-amz-metadata-directive',
  ServerSideEncryption: 's3:x-amz-server-side-encryption',
  SSEKMSKeyId: 's3:x-amz-server-side-encryption-aws-kms-key-id',
  SSECustomerAlgorithm: 's3:x-amz-server-side-encryption-customer-algorithm',
  StorageClass: 's3:x-amz-storage-class',
  WebsiteRedirectLocation: 's3:x-amz-website-redirect-location',
  ObjectOwnership: 's3:x-amz-object-ownership',
  IfMatch: 's3:if-match',
  IfNoneMatch: 's3:if-none-match',
} as const;

const writeActions: ReadonlySet<string> = new Set([
  's3:PutObject',
  's3:PutObjectTagging',
  's3:PutObjectAcl',
  's3:PutBucketAcl',
  's3:CreateBucket',
]);
/** Policies may ask for the tags that an object has before. */
const tagActions: ReadonlySet<string> = new Set([
  's3:GetObject',
  's3:GetObjectAcl',
  's3:GetObjectAttributes',
  's3:GetObjectTagging',
  's3:PutObjectAcl',
  's3:PutObjectTagging',
  's3:DeleteObjectTagging',
]);

const existingTagPrefix = 's3:existingobjecttag/';

type Input = Readonly<Record<string, unknown>>;

/** The same operations, whose accesses say what conditions may ask. */
export function withConditions<Name extends string>(
  operations: OperationTable<Name>,
  parts: Parts,
): OperationTable<string> {
  return Object.fromEntries(
    Object.entries<OperationEntry | 'not built'>(operations).map(([name, entry]) => {
      if (entry === 'not built') return [name, entry];
      const access: OperationEntry['access'] = async (context, input) => {
        const accesses = await entry.access(context, input);
        return Promise.all(accesses.map((one) => conditioned(parts, context, one, input)));
      };
      return [name, { ...entry, access }];
    }),
  );
}

type Parts = Pick<S3Parts, 'buckets' | 'policiesAsk'>;

async function conditioned(parts: Parts, context: AwsContext, access: Access, input: Input): Promise<Access> {
  const { action } = access;
  const found: Record<string, string | readonly string[]> = {};
  const note = (members: Readonly<Record<string, string>>, given: Input): void => {
    for (const [member, key] of Object.entries(members)) {
      const value = given[member];
      if (typeof value === 'string' || typeof value === 'number') found[key] = String(value);
    }
  };
  if (typeof input['VersionId'] === 'string') found['s3:versionid'] = input['VersionId'];
  if (writeActions.has(action)) {
    note(headers, input);
    note(headers, await ofUpload(parts, context, input));
    const tags = requestTags(input['Tagging']);
    for (const [key, value] of tags) found[`s3:requestobjecttag/${key.toLowerCase()}`] = value;
    if (tags.length > 0) found['s3:requestobjecttagkeys'] = tags.map(([key]) => key);
    const location = locationOf(input);
    if (location !== undefined) found['s3:locationconstraint'] = location;
  }
  if (tagActions.has(action))
    for (const { key, value } of await existingTags(parts, context.principal, access.resource))
      found[existingTagPrefix + key.toLowerCase()] = value;
  return { ...access, conditions: { ...found, ...access.conditions } satisfies ConditionContext };
}

/** A part, and what completes an upload, is encrypted as the upload was begun, and does not say so. */
async function ofUpload(
  { buckets, policiesAsk }: Parts,
  { account, principal }: AwsContext,
  input: Input,
): Promise<Input> {
  const { Bucket: bucket, Key: key, UploadId: uploadId } = input;
  if (typeof bucket !== 'string' || typeof key !== 'string' || typeof uploadId !== 'string' || key === '') return {};
  if (policiesAsk?.(principal, bucket, headers.ServerSideEncryption) === false) return {};
  try {
    const upload = await buckets.upload({ account, bucket, key, uploadId });
    return encryptionMembers(upload?.encryption);
  } catch (error) {
    // Of what is not there the operation says so, to whom it may be said.
    if (error instanceof PlatformError && error.fault !== 'platform') return {};
    throw error;
  }
}

/** `arn:aws:s3:::bucket/key`. */
async function existingTags(
  { buckets, policiesAsk }: Parts,
  principal: Principal,
  resource: string,
): Promise<readonly Tag[]> {
  const [, bucket, key] = /^arn:aws:s3:::([^/]+)\/(.+)$/s.exec(resource) ?? [];
  const held = bucket === undefined ? undefined : heldBucket(buckets, principal, bucket);
  if (held === undefined || key === undefined) return [];
  if (policiesAsk?.(principal, held.bucket, existingTagPrefix) === false) return [];
  return buckets.objectTags({ account: held.account, bucket: held.bucket, key });
}

/** Of a header, as in a query, or of a document. */
function requestTags(tagging: unknown): (readonly [string, string])[] {
  if (typeof tagging === 'string') return [...new URLSearchParams(tagging)];
  const { TagSet = [] } = (tagging ?? {}) as { TagSet?: readonly { Key?: string; Value?: string }[] };
  return TagSet.map(({ Key = '', Value = '' }) => [Key, Value] as const);
}

function locationOf({ CreateBucketConfiguration: configuration }: Input): string | undefined {
  const { LocationConstraint } = (configuration ?? {}) as { LocationConstraint?: unknown };
  return typeof LocationConstraint === 'string' ? LocationConstraint : undefined;
}

/**
 * Whose objects are, and who else may use them: the bucket's owner has them all, and ACLs say nothing.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
import type {
  DeleteBucketOwnershipControlsCommandInput,
  DeleteBucketOwnershipControlsCommandOutput,
  GetBucketOwnershipControlsCommandInput,
  GetBucketOwnershipControlsCommandOutput,
  PutBucketAclCommandInput,
  PutBucketAclCommandOutput,
  PutBucketOwnershipControlsCommandInput,
  PutBucketOwnershipControlsCommandOutput,
  PutObjectAclCommandInput,
  PutObjectAclCommandOutput,
} from '@aws-sdk/client-s3';
import { PlatformError } from '../../util/errors.ts';
import { bucketAddress, objectAddress, onBucket, onObject } from './address.ts';
import { existingBucket } from './existing-bucket.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { noAcls } from './unsupported.ts';

/** The others would have ACLs mean something. */
export const putBucketOwnershipControls = ({
  buckets,
}: S3Parts): S3Operation<PutBucketOwnershipControlsCommandInput, PutBucketOwnershipControlsCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:PutBucketOwnershipControls', input)],
  async run(context, input) {
    const [rule, ...more] = input.OwnershipControls?.Rules ?? [];
    const known = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'];
    if (rule?.ObjectOwnership === undefined || !known.includes(rule.ObjectOwnership) || more.length > 0)
      throw new PlatformError(
        'invalid_argument',
        'The XML you provided was not well-formed or did not validate against our published schema',
        { reason: 'MalformedXML' },
      );
    if (rule.ObjectOwnership !== 'BucketOwnerEnforced')
      throw new PlatformError(
        'not_implemented',
        `ObjectOwnership ${rule.ObjectOwnership} is not built: buckets here are BucketOwnerEnforced, without ACLs.`,
        { reason: 'NotImplemented' },
      );
    await buckets.changeAccess(bucketAddress(context, input), (access) => ({ ...access, hasOwnershipControls: true }));
    return {};
  },
});

export const getBucketOwnershipControls = ({
  buckets,
}: S3Parts): S3Operation<GetBucketOwnershipControlsCommandInput, GetBucketOwnershipControlsCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:GetBucketOwnershipControls', input)],
  async run(context, input) {
    const { name, access } = await existingBucket(buckets, bucketAddress(context, input));
    if (!access.hasOwnershipControls)
      throw new PlatformError('not_found', 'The bucket ownership controls were not found', {
        reason: 'OwnershipControlsNotFoundError',
        facts: { BucketName: name },
      });
    return { OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] } };
  },
});

/** Tools do so before they delete the bucket. ACLs mean as little afterwards. It may be done again. */
export const deleteBucketOwnershipControls = ({
  buckets,
}: S3Parts): S3Operation<DeleteBucketOwnershipControlsCommandInput, DeleteBucketOwnershipControlsCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:PutBucketOwnershipControls', input)],
  async run(context, input) {
    await buckets.changeAccess(bucketAddress(context, input), (access) => ({ ...access, hasOwnershipControls: false }));
    return {};
  },
});

export const putBucketAcl = ({
  buckets,
}: S3Parts): S3Operation<PutBucketAclCommandInput, PutBucketAclCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:PutBucketAcl', input)],
  async run(context, input) {
    await existingBucket(buckets, bucketAddress(context, input));
    throw noAcls();
  },
});

/** The one ACL that is taken says what is the case. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html */
export const putObjectAcl = ({
  buckets,
}: S3Parts): S3Operation<PutObjectAclCommandInput, PutObjectAclCommandOutput> => ({
  access: (_context, input) => [onObject('s3:PutObjectAcl', input)],
  async run(context, input) {
    await buckets.head(objectAddress(context, input));
    if (input.ACL !== 'bucket-owner-full-control') throw noAcls();
    return {};
  },
});

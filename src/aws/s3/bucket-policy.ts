/** A bucket's policy: who may use it, and whether that is everybody. */
import type {
  DeleteBucketPolicyCommandInput,
  DeleteBucketPolicyCommandOutput,
  GetBucketPolicyCommandInput,
  GetBucketPolicyCommandOutput,
  GetBucketPolicyStatusCommandInput,
  GetBucketPolicyStatusCommandOutput,
  PutBucketPolicyCommandInput,
  PutBucketPolicyCommandOutput,
} from '@aws-sdk/client-s3';
import { parsePolicyDocument } from '../../identity/policy-document.ts';
import { isPublicPolicy } from '../../identity/public-policy.ts';
import type { Bucket } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext } from '../service.ts';
import { acceptedPolicy } from './accepted-policy.ts';
import { bucketAddress, onBucket } from './address.ts';
import { existingBucket } from './existing-bucket.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html */
export const putBucketPolicy = ({
  buckets,
}: S3Parts): S3Operation<PutBucketPolicyCommandInput, PutBucketPolicyCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:PutBucketPolicy', input)],
  async run(context, input) {
    const address = bucketAddress(context, input);
    await existingBucket(buckets, address);
    assertOwn(context);
    const policy = input.Policy ?? '';
    const document = acceptedPolicy(policy, address.bucket);
    await buckets.changeAccess(address, (access) => {
      if (access.publicAccess?.blocksPolicies === true && isPublicPolicy(document))
        throw isBlocked(context, address.bucket);
      return { ...access, policy };
    });
    return {};
  },
});

/** As it was put, to the letter. */
export const getBucketPolicy = ({
  buckets,
}: S3Parts): S3Operation<GetBucketPolicyCommandInput, GetBucketPolicyCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:GetBucketPolicy', input)],
  async run(context, input) {
    const bucket = await existingBucket(buckets, bucketAddress(context, input));
    assertOwn(context);
    return { Policy: policyOf(bucket) };
  },
});

/** It may be done again. */
export const deleteBucketPolicy = ({
  buckets,
}: S3Parts): S3Operation<DeleteBucketPolicyCommandInput, DeleteBucketPolicyCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:DeleteBucketPolicy', input)],
  async run(context, input) {
    const address = bucketAddress(context, input);
    assertOwn(context);
    await buckets.changeAccess(address, (access) => {
      const { policy: _, ...rest } = access;
      return rest;
    });
    return {};
  },
});

export const getBucketPolicyStatus = ({
  buckets,
}: S3Parts): S3Operation<GetBucketPolicyStatusCommandInput, GetBucketPolicyStatusCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:GetBucketPolicyStatus', input)],
  async run(context, input) {
    const policy = policyOf(await existingBucket(buckets, bucketAddress(context, input)));
    return { PolicyStatus: { IsPublic: isPublicPolicy(parsePolicyDocument(policy)) } };
  },
});

function policyOf({ name, access: { policy } }: Bucket): string {
  if (policy !== undefined) return policy;
  throw new PlatformError('not_found', 'The bucket policy does not exist', {
    reason: 'NoSuchBucketPolicy',
    facts: { BucketName: name },
  });
}

/** Whoever is of another account may do much that the policy lets him, but not change or read the policy. */
function assertOwn({ principal, account, request }: AwsContext): void {
  if (principal.account === account) return;
  throw new PlatformError('invalid_argument', 'The specified method is not allowed against this resource.', {
    reason: 'MethodNotAllowed',
    facts: { Method: request.method, ResourceType: 'BUCKETPOLICY' },
  });
}

const isBlocked = ({ principal }: AwsContext, bucket: string): PlatformError =>
  new PlatformError(
    'permission_denied',
    `User: ${principal.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${bucket}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
    { reason: 'AccessDenied' },
  );

import type { DeleteBucketCommandInput, DeleteBucketCommandOutput } from '@aws-sdk/client-s3';
import { noTelling } from '../../registry/bucket-notices.ts';
import { bucketAddress, onBucket } from './address.ts';
import { notificationBindings } from './notification-bindings.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html */
export const deleteBucket = ({
  buckets,
  bindings,
  notices,
}: S3Parts): S3Operation<DeleteBucketCommandInput, DeleteBucketCommandOutput> => ({
  access: (_context, input) => [onBucket('s3:DeleteBucket', input)],
  async run(context, input) {
    const address = bucketAddress(context, input);
    await buckets.delete(address);
    // The configuration goes with its bucket; what a deployment declared waits for a bucket of that name.
    for (const { id, application } of notificationBindings(bindings, address)) {
      if (application === undefined) await bindings.delete(address.account, id);
    }
    await notices.put(address.account, address.bucket, noTelling);
    return {};
  },
});

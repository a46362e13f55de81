import { noSuchBucket } from '../../resources/bucket/core.ts';
import type { Bucket, BucketAddress, Buckets } from '../../resources/bucket.ts';

/** The bucket, or NoSuchBucket. */
export async function existingBucket(buckets: Buckets, address: BucketAddress): Promise<Bucket> {
  const bucket = await buckets.bucket(address);
  if (bucket !== undefined) return bucket;
  throw noSuchBucket(address.bucket);
}

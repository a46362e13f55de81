import type {
  DeletedObject,
  DeleteObjectsCommandInput,
  DeleteObjectsCommandOutput,
  ObjectIdentifier,
} from '@aws-sdk/client-s3';
import type { Actor, BucketAddress, Buckets } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';
import { actorOf, assertVersion, bucketAddress, needed, onObject } from './address.ts';
import { existingBucket } from './existing-bucket.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';
import { notImplemented } from './unsupported.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const objectsMax = 1_000;
/** Removals at once: enough that one trip to the disk serves many of them. */
const atOnce = 64;

export const deleteObjects = ({
  buckets,
}: S3Parts): S3Operation<DeleteObjectsCommandInput, DeleteObjectsCommandOutput> => ({
  access: (_context, input) =>
    (input.Delete?.Objects ?? []).map(({ Key }) => onObject('s3:DeleteObject', { Bucket: input.Bucket, Key })),
  async run(context, input) {
    const address = bucketAddress(context, input);
    const objects = input.Delete?.Objects ?? [];
    if (objects.length === 0 || objects.length > objectsMax) {
      throw new PlatformError(
        'invalid_argument',
        `The list of objects to delete has to have 1 to ${objectsMax} of them, and has ${objects.length}.`,
        {
          reason: 'MalformedXML',
        },
      );
    }
    await existingBucket(buckets, address);
    const outcomes: Outcome[] = [];
    for (let start = 0; start < objects.length; start += atOnce) {
      const batch = objects
        .slice(start, start + atOnce)
        .map((object) => removeOne(buckets, address, object, actorOf(context)));
      outcomes.push(...(await Promise.all(batch)));
    }
    const failures = outcomes.flatMap((outcome) =>
      outcome.error === undefined ? [] : [{ Key: outcome.key, ...outcome.error }],
    );
    const deleted = outcomes.flatMap((outcome): DeletedObject[] =>
      outcome.error === undefined ? [{ Key: outcome.key }] : [],
    );
    return {
      ...(input.Delete?.Quiet === true || deleted.length === 0 ? {} : { Deleted: deleted }),
      ...(failures.length === 0 ? {} : { Errors: failures }),
    };
  },
});

type Outcome = { key: string; error?: { Code: string; Message: string } };

async function removeOne(
  buckets: Buckets,
  address: BucketAddress,
  object: ObjectIdentifier,
  actor: Actor,
): Promise<Outcome> {
  const key = object.Key ?? '';
  try {
    if (object.VersionId !== undefined) assertVersion(object.VersionId);
    // Conditions of directory buckets only.
    if (object.Size !== undefined || object.LastModifiedTime !== undefined)
      throw notImplemented('Size and LastModifiedTime');
    const conditions = object.ETag === undefined ? {} : { ifMatch: object.ETag };
    await buckets.remove({ ...address, key: needed(key, 'Key') }, conditions, actor);
    return { key };
  } catch (error) {
    if (!(error instanceof PlatformError) || error.fault === 'platform') throw error;
    return { key, error: { Code: error.reason ?? 'InvalidRequest', Message: error.message } };
  }
}

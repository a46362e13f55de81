import type { FunctionPermission, Permission } from '../../events/function-permission.ts';
import type { BucketAddress } from '../../resources/bucket.ts';

export type Destination = Permission;

/** Whether a bucket's notifications may go to a function. https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html */
export function notificationDestination(
  permission: FunctionPermission,
): (bucket: BucketAddress, name: string, qualifier: string) => Destination {
  return ({ account, bucket }, name, qualifier) =>
    permission(account, name, qualifier, {
      service: 's3.amazonaws.com',
      sourceArn: `arn:aws:s3:::${bucket}`,
      sourceAccount: account,
    });
}

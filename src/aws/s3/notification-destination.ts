import { resourcePolicyAllows } from '../../identity/resource-policy.ts';
import { resourceStatements } from '../../registry/function.ts';
import type { Registry } from '../../registry/registry.ts';
import type { BucketAddress } from '../../resources/bucket.ts';
import type { Ids, RequestId } from '../../util/ids.ts';

/** Whether a bucket's notifications may go to a function: there is one, and it lets S3 call it for that bucket. */
export type Destination = 'allowed' | 'missing' | 'not_allowed';

/**
 * What a deployment made is granted by the deployment; a function of somebody's own says in its resource policy who may
 * call it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
 */
export function notificationDestination(
  registry: Pick<Registry, 'get' | 'resolve'>,
  ids: Ids,
): (bucket: BucketAddress, name: string, qualifier: string) => Destination {
  return ({ account, bucket }, name, qualifier) => {
    const record = registry.get(account, name);
    const resolved = registry.resolve(account, name, qualifier, ids.uuid() as RequestId);
    if (record === undefined || resolved === undefined) return 'missing';
    if (record.application !== undefined) return 'allowed';
    const isAllowed = resourcePolicyAllows(resourceStatements(record, qualifier), {
      action: 'lambda:InvokeFunction',
      asker: {
        kind: 'service',
        service: 's3.amazonaws.com',
        sourceArn: `arn:aws:s3:::${bucket}`,
        sourceAccount: account,
      },
    });
    return isAllowed ? 'allowed' : 'not_allowed';
  };
}

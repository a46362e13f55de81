import type {
  GetBucketNotificationConfigurationCommandInput,
  GetBucketNotificationConfigurationCommandOutput,
} from '@aws-sdk/client-s3';
import { bucketAddress, onBucket } from './address.ts';
import { existingBucket } from './existing-bucket.ts';
import { configurationOf, notificationBindings } from './notification-bindings.ts';
import { configurationsOfNotices } from './notification-notices.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** With those that deployments declared. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html */
export const getBucketNotificationConfiguration = ({
  buckets,
  bindings,
  notices,
}: S3Parts): S3Operation<
  GetBucketNotificationConfigurationCommandInput,
  GetBucketNotificationConfigurationCommandOutput
> => ({
  access: (_context, input) => [onBucket('s3:GetBucketNotification', input)],
  async run(context, input) {
    const address = bucketAddress(context, input);
    await existingBucket(buckets, address);
    const configurations = notificationBindings(bindings, address).map((binding) =>
      configurationOf(address, context.region, binding),
    );
    const { notices: others, isOnEventBridge } = notices.of(address.account, address.bucket);
    return {
      ...(configurations.length > 0 && { LambdaFunctionConfigurations: configurations }),
      ...configurationsOfNotices(others),
      ...(isOnEventBridge && { EventBridgeConfiguration: {} }),
    };
  },
});

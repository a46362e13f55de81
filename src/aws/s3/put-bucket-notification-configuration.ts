import type {
  NotificationConfiguration,
  PutBucketNotificationConfigurationCommandInput,
  PutBucketNotificationConfigurationCommandOutput,
} from '@aws-sdk/client-s3';
import type { BucketAddress } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';
import { functionArn, latestVersion } from '../../util/ids.ts';
import { bucketAddress, onBucket } from './address.ts';
import { existingBucket } from './existing-bucket.ts';
import { assertNoOverlap, bindingOf, notificationBindings } from './notification-bindings.ts';
import type { Destination } from './notification-destination.ts';
import type { S3Operation, S3Parts } from './s3-operation.ts';

/** Configurations of one bucket. https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html */
const configurationsMax = 100;

/**
 * Replaces the bucket's configuration. What deployments declared is theirs: it stays, whether it is repeated here (as by a
 * client that reads, adds and writes) or left out. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
 */
export const putBucketNotificationConfiguration = ({
  buckets,
  bindings,
  destination,
  clock,
  ids,
}: S3Parts): S3Operation<
  PutBucketNotificationConfigurationCommandInput,
  PutBucketNotificationConfigurationCommandOutput
> => ({
  access: (_context, input) => [onBucket('s3:PutBucketNotification', input)],
  async run(context, input) {
    const address = bucketAddress(context, input);
    await existingBucket(buckets, address);
    const present = notificationBindings(bindings, address);
    const declared = new Set(present.filter(({ application }) => application !== undefined).map(({ id }) => id));
    const wanted = configurationsOf(input.NotificationConfiguration)
      .filter(({ Id }) => Id === undefined || !declared.has(Id))
      .map((configuration) => bindingOf(address, configuration, { id: ids.uuid(), createdMs: clock.now() }));
    assertNoOverlap(wanted);
    if (new Set(wanted.map(({ id }) => id)).size < wanted.length) {
      throw new PlatformError('invalid_argument', 'Same ID used for multiple configurations. IDs must be unique', {
        reason: 'InvalidArgument',
      });
    }
    if (input.SkipDestinationValidation !== true) {
      const unreachable = wanted.flatMap(({ functionName, qualifier }) => {
        const status = destination(address, functionName, qualifier);
        return status === 'allowed' ? [] : [{ status, arn: arnOf(context.region, address, functionName, qualifier) }];
      });
      if (unreachable.length > 0) throw cannotReach(unreachable);
    }
    for (const { id, application } of present) {
      const isKept = application !== undefined || wanted.some((binding) => binding.id === id);
      if (!isKept) await bindings.delete(address.account, id);
    }
    for (const binding of wanted) await bindings.put(binding);
    return {};
  },
});

function configurationsOf(
  configuration: NotificationConfiguration | undefined,
): NonNullable<NotificationConfiguration['LambdaFunctionConfigurations']> {
  const unbuilt = {
    TopicConfiguration: configuration?.TopicConfigurations?.length,
    QueueConfiguration: configuration?.QueueConfigurations?.length,
    EventBridgeConfiguration: configuration?.EventBridgeConfiguration === undefined ? 0 : 1,
  };
  for (const [name, count = 0] of Object.entries(unbuilt)) {
    if (count > 0)
      throw new PlatformError('not_implemented', `${name} is not built: notifications go to functions.`, {
        reason: 'NotImplemented',
      });
  }
  const functions = configuration?.LambdaFunctionConfigurations ?? [];
  if (functions.length > configurationsMax) {
    throw new PlatformError(
      'invalid_argument',
      `There are ${functions.length} configurations: a bucket has at most ${configurationsMax}.`,
      { reason: 'InvalidArgument' },
    );
  }
  return functions;
}

function arnOf(region: string, { account }: BucketAddress, name: string, qualifier: string): string {
  const arn = functionArn(region, account, name);
  return qualifier === latestVersion ? arn : `${arn}:${qualifier}`;
}

/** All of them in one answer, numbered, as S3 does. */
function cannotReach(destinations: readonly { status: Exclude<Destination, 'allowed'>; arn: string }[]): PlatformError {
  const facts = destinations.map(({ status, arn }, index): [string, string][] => [
    [`ArgumentName${index + 1}`, `${arn}, null`],
    [
      `ArgumentValue${index + 1}`,
      status === 'missing' ? 'The destination Lambda does not exist' : `Not authorized to invoke function [${arn}]`,
    ],
  ]);
  return new PlatformError('invalid_argument', 'Unable to validate the following destination configurations', {
    reason: 'InvalidArgument',
    facts: Object.fromEntries(facts.flat()),
  });
}

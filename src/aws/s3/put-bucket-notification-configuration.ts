import type {
  PutBucketNotificationConfigurationCommandInput,
  PutBucketNotificationConfigurationCommandOutput,
} from '@aws-sdk/client-s3';
import type { BucketAddress } from '../../resources/bucket.ts';
import type { Cause } from '../../util/cause.ts';
import { PlatformError } from '../../util/errors.ts';
import { functionArn, latestVersion } from '../../util/ids.ts';
import type { AwsContext } from '../service.ts';
import { bucketAddress, onBucket } from './address.ts';
import { existingBucket } from './existing-bucket.ts';
import { assertNoOverlap, bindingOf, idPrefix, notificationBindings } from './notification-bindings.ts';
import type { Destination } from './notification-destination.ts';
import { noticesOf } from './notification-notices.ts';
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
  notices,
  noticeSender,
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
    const wanted = (input.NotificationConfiguration?.LambdaFunctionConfigurations ?? [])
      .filter(({ Id }) => Id === undefined || !declared.has(Id))
      .map((configuration) => bindingOf(address, configuration, { id: ids.uuid(), createdMs: clock.now() }));
    const others = noticesOf(input.NotificationConfiguration, () => ids.uuid());
    assertNoOverlap([...wanted.map(({ source }) => source), ...others]);
    const wantedIds = [...wanted.map(({ id }) => id), ...others.map(({ id }) => idPrefix(address) + id)];
    if (wantedIds.length > configurationsMax) throw tooMany(wantedIds.length);
    if (new Set(wantedIds).size < wantedIds.length) {
      throw new PlatformError('invalid_argument', 'Same ID used for multiple configurations. IDs must be unique', {
        reason: 'InvalidArgument',
      });
    }
    if (input.SkipDestinationValidation !== true) {
      const unreachable = [
        ...wanted.map(({ functionName, qualifier }) => ({
          status: destination(address, functionName, qualifier),
          arn: arnOf(context.region, address, functionName, qualifier),
        })),
        ...others.map(({ target }) => ({
          status: noticeSender.permission(address.account, address.bucket, target),
          arn: target,
        })),
      ].flatMap(({ status, arn }) => (status === 'allowed' ? [] : [{ status, arn }]));
      if (unreachable.length > 0) throw cannotReach(unreachable);
      for (const { target } of others)
        await noticeSender.test(
          address.account,
          address.bucket,
          target,
          testOf(context, address, { id: ids.uuid(), nowMs: clock.now() }),
        );
    }
    for (const { id, application } of present) {
      const isKept = application !== undefined || wanted.some((binding) => binding.id === id);
      if (!isKept) await bindings.delete(address.account, id);
    }
    for (const binding of wanted) await bindings.put(binding);
    await notices.put(address.account, address.bucket, {
      notices: others,
      isOnEventBridge: input.NotificationConfiguration?.EventBridgeConfiguration !== undefined,
    });
    return {};
  },
});

const tooMany = (count: number): PlatformError =>
  new PlatformError(
    'invalid_argument',
    `There are ${count} configurations: a bucket has at most ${configurationsMax}.`,
    { reason: 'InvalidArgument' },
  );

function arnOf(region: string, { account }: BucketAddress, name: string, qualifier: string): string {
  const arn = functionArn(region, account, name);
  return qualifier === latestVersion ? arn : `${arn}:${qualifier}`;
}

/** What S3 sends to see whether somebody listens. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
function testOf(
  { requestId, cause }: AwsContext,
  { bucket }: BucketAddress,
  { id, nowMs }: { id: string; nowMs: number },
): { id: string; text: string; cause: Cause } {
  const text = JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(nowMs).toISOString(),
    Bucket: bucket,
    RequestId: requestId,
    HostId: Buffer.from(requestId).toString('base64'),
  });
  return { id, text, cause };
}

/** Why a destination cannot be reached, in S3's words. */
function reasonOf(status: Exclude<Destination, 'allowed'>, arn: string): string {
  const kind = { sns: 'topic', sqs: 'queue' }[arn.split(':')[2] ?? ''];
  if (kind === undefined)
    return status === 'missing'
      ? 'The destination Lambda does not exist'
      : `Not authorized to invoke function [${arn}]`;
  return status === 'missing'
    ? `The destination ${kind} does not exist`
    : `Permissions on the destination ${kind} do not allow S3 to publish notifications from this bucket`;
}

/** All of them in one answer, numbered, as S3 does. */
function cannotReach(destinations: readonly { status: Exclude<Destination, 'allowed'>; arn: string }[]): PlatformError {
  const facts = destinations.map(({ status, arn }, index): [string, string][] => [
    [`ArgumentName${index + 1}`, `${arn}, null`],
    [`ArgumentValue${index + 1}`, reasonOf(status, arn)],
  ]);
  return new PlatformError('invalid_argument', 'Unable to validate the following destination configurations', {
    reason: 'InvalidArgument',
    facts: Object.fromEntries(facts.flat()),
  });
}

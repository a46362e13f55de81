/** SNS's operations through the official JavaScript SDK. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddPermissionCommand,
  CreatePlatformApplicationCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetDataProtectionPolicyCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  paginateListTopics,
  PublishBatchCommand,
  PutDataProtectionPolicyCommand,
  RemovePermissionCommand,
  SetTopicAttributesCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns';
import { helloArn, refusal, snsCalls } from './harness/sns-calls.ts';
import { account, openSnsRig, type SnsRig } from './harness/sns-rig.ts';

let rig: SnsRig;
before(async () => (rig = await openSnsRig()));
after(async () => {
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.errors, []);
});

const { topic, subscribed, publish } = snsCalls(() => rig);
const unknownTopic = 'arn:aws:sns:us-east-1:000000000000:nowhere';

test('a topic is made once, listed, set, and gone with its subscriptions when deleted', async () => {
  const arn = await topic({ DisplayName: 'News' });
  const Name = arn.split(':').at(-1);
  assert.equal((await rig.sns.send(new CreateTopicCommand({ Name }))).TopicArn, arn);
  const different = await refusal(rig.sns.send(new CreateTopicCommand({ Name, Attributes: { DisplayName: 'Other' } })));
  assert.equal(different.name, 'InvalidParameterException');
  assert.match(different.message, /already exists with different attributes/);
  const { Attributes } = await rig.sns.send(new GetTopicAttributesCommand({ TopicArn: arn }));
  assert.equal(Attributes?.['DisplayName'], 'News');
  assert.equal(Attributes?.['Owner'], account);
  assert.equal(JSON.parse(Attributes?.['Policy'] ?? '').Statement[0].Resource, arn);
  await rig.sns.send(
    new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: 'SignatureVersion', AttributeValue: '2' }),
  );
  const queue = await rig.openQueue('of-a-topic');
  const subscription = await subscribed(arn, 'sqs', queue);
  await rig.sns.send(new DeleteTopicCommand({ TopicArn: arn }));
  await rig.sns.send(new DeleteTopicCommand({ TopicArn: arn }));
  const gone = await refusal(rig.sns.send(new GetTopicAttributesCommand({ TopicArn: arn })));
  assert.equal(gone.name, 'NotFoundException');
  assert.equal(gone.$metadata.httpStatusCode, 404);
  const { Subscriptions } = await rig.sns.send(new ListSubscriptionsCommand({}));
  assert.ok(!Subscriptions?.some(({ SubscriptionArn }) => SubscriptionArn === subscription));
});

test('topics are listed a hundred at a time', async () => {
  for (let at = 0; at < 105; at += 1) await rig.topics.create(account, `page-${String(at).padStart(3, '0')}`);
  const pages: number[] = [];
  for await (const { Topics = [] } of paginateListTopics({ client: rig.sns }, {})) pages.push(Topics.length);
  assert.equal(pages[0], 100);
  assert.ok(pages.length >= 2 && (await rig.sns.send(new ListTopicsCommand({}))).NextToken !== undefined);
});

test('tags, permissions and a data protection policy are kept', async () => {
  const arn = await topic();
  const ResourceArn = arn;
  await rig.sns.send(
    new TagResourceCommand({
      ResourceArn,
      Tags: [
        { Key: 'team', Value: 'a' },
        { Key: 'x', Value: '' },
      ],
    }),
  );
  await rig.sns.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['x'] }));
  const { Tags } = await rig.sns.send(new ListTagsForResourceCommand({ ResourceArn }));
  assert.deepEqual(Tags, [{ Key: 'team', Value: 'a' }]);
  const untagged = await refusal(rig.sns.send(new ListTagsForResourceCommand({ ResourceArn: unknownTopic })));
  assert.equal(untagged.name, 'ResourceNotFoundException');
  const permission = { TopicArn: arn, Label: 'others', AWSAccountId: ['111111111111'], ActionName: ['Publish'] };
  await rig.sns.send(new AddPermissionCommand(permission));
  assert.match((await refusal(rig.sns.send(new AddPermissionCommand(permission)))).message, /already exists/);
  const policy = async () =>
    JSON.parse((await rig.sns.send(new GetTopicAttributesCommand({ TopicArn: arn }))).Attributes?.['Policy'] ?? '');
  assert.deepEqual((await policy()).Statement[1], {
    Sid: 'others',
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111111111111:root' },
    Action: 'SNS:Publish',
    Resource: arn,
  });
  await rig.sns.send(new RemovePermissionCommand({ TopicArn: arn, Label: 'others' }));
  assert.equal((await policy()).Statement.length, 1);
  const DataProtectionPolicy = '{"Name":"none","Version":"2021-06-01","Statement":[]}';
  await rig.sns.send(new PutDataProtectionPolicyCommand({ ResourceArn, DataProtectionPolicy }));
  const kept = await rig.sns.send(new GetDataProtectionPolicyCommand({ ResourceArn }));
  assert.equal(kept.DataProtectionPolicy, DataProtectionPolicy);
});

test('a batch takes what is acceptable and says what is not', async () => {
  const arn = await topic();
  await subscribed(arn, 'sqs', await rig.openQueue('batched'), { RawMessageDelivery: 'true' });
  const entries = [
    { Id: 'a', Message: 'one' },
    { Id: 'b', Message: 'two', Subject: 'line\nbreak' },
    { Id: 'c', Message: 'three' },
  ];
  const batch = (PublishBatchRequestEntries: typeof entries) =>
    rig.sns.send(new PublishBatchCommand({ TopicArn: arn, PublishBatchRequestEntries }));
  const { Successful, Failed } = await batch(entries);
  assert.deepEqual(
    Successful?.map(({ Id }) => Id),
    ['a', 'c'],
  );
  assert.deepEqual(Failed, [
    { Id: 'b', Code: 'InvalidParameter', Message: 'Invalid parameter: Subject', SenderFault: true },
  ]);
  assert.deepEqual((await rig.received('batched', 2)).map(({ body }) => body).toSorted(), ['one', 'three']);
  const [first] = entries;
  assert.equal((await refusal(batch([first!, first!]))).name, 'BatchEntryIdsNotDistinctException');
  assert.equal((await refusal(batch([]))).name, 'EmptyBatchRequestException');
  const eleven = Array.from({ length: 11 }, (_, at) => ({ Id: `e${at}`, Message: 'x' }));
  assert.equal((await refusal(batch(eleven as typeof entries))).name, 'TooManyEntriesInBatchRequestException');
});

test('a topic’s policy keeps out whom it denies, and can still be changed', async () => {
  const arn = await topic();
  const policy = (Statement: object) =>
    rig.sns.send(
      new SetTopicAttributesCommand({
        TopicArn: arn,
        AttributeName: 'Policy',
        AttributeValue: JSON.stringify({ Version: '2012-10-17', Statement }),
      }),
    );
  await policy({ Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: arn });
  const denied = await refusal(publish(arn, 'x'));
  assert.equal(denied.name, 'AuthorizationErrorException');
  assert.equal(denied.$metadata.httpStatusCode, 403);
  assert.match((await refusal(policy({ Effect: 'Maybe' }))).message, /Policy Reason/);
  await policy({ Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: arn });
  await publish(arn, 'x');
});

test('what SNS refuses is refused with its own name and words', async () => {
  const arn = await topic();
  const cases: [() => Promise<unknown>, string, RegExp][] = [
    [() => publish(unknownTopic, 'x'), 'NotFoundException', /Topic does not exist/],
    [() => publish('topic', 'x'), 'InvalidParameterException', /at least 6 elements, not 1/],
    [() => publish(arn, ''), 'InvalidParameterException', /Empty message/],
    [() => publish(arn, 'x'.repeat(262_145)), 'InvalidParameterException', /Message too long/],
    [() => publish(arn, 'x', { Subject: 's'.repeat(101) }), 'InvalidParameterException', /Subject/],
    [() => publish(arn, 'x', { MessageDeduplicationId: 'd' }), 'InvalidParameterException', /MessageDeduplicationId/],
    [
      () => publish(arn, 'x', { MessageAttributes: { a: { DataType: 'Number', StringValue: 'x' } } }),
      'InvalidParameterValueException',
      /Could not cast/,
    ],
    [() => subscribed(arn, 'smoke', 'x'), 'InvalidParameterException', /does not support this protocol string: smoke/],
    [
      () => subscribed(arn, 'http', 'https://x.example/'),
      'InvalidParameterException',
      /must match the specified protocol/,
    ],
    [() => subscribed(arn, 'sqs', 'queue'), 'InvalidParameterException', /SQS endpoint ARN/],
    [
      () => subscribed(arn, 'lambda', helloArn, { RawMessageDelivery: 'true' }),
      'InvalidParameterException',
      /does not support raw/,
    ],
    [() => rig.sns.send(new CreateTopicCommand({ Name: 'a.b' })), 'InvalidParameterException', /Topic Name/],
    [() => rig.sns.send(new CreateTopicCommand({ Name: 'a.fifo' })), 'InvalidParameterException', /Topic Name/],
    [
      () => rig.sns.send(new CreateTopicCommand({ Name: 'a', Attributes: { FifoTopic: 'true' } })),
      'InvalidParameterException',
      /must end with .fifo/,
    ],
    [
      () => rig.sns.send(new CreatePlatformApplicationCommand({ Name: 'a', Platform: 'GCM', Attributes: {} })),
      'NotImplemented',
      /CreatePlatformApplication is not built/,
    ],
  ];
  for (const [call, name, message] of cases) {
    const error = await refusal(call());
    assert.equal(error.name, name, error.message);
    assert.match(error.message, message);
  }
});

import type { Seen, Step, Walk } from '../harness/walk.ts';

const topicArn = 'arn:aws:sns:us-east-1:000000000000:news';
const queueArn = 'arn:aws:sqs:us-east-1:000000000000:inbox';
const TopicArn = topicArn;
const subscription = (seen: Seen): { SubscriptionArn: string } => ({
  SubscriptionArn: seen('subscribe', 'SubscriptionArn'),
});

/** Somebody who is asked whether he wants to be subscribed: `http://127.0.0.1:1234/`, and what he is told to confirm with. */
export type Subscriber = { address: string; token(): Promise<string> };

/** What each says of wrong input, test/harness/sns_clients.py has. */
const steps = (subscriber: Subscriber): Step[] => [
  { name: 'a queue', service: 'sqs', operation: 'CreateQueue', input: { QueueName: 'inbox' } },
  {
    name: 'make a topic',
    operation: 'CreateTopic',
    input: { Name: 'news', Tags: [{ Key: 'team', Value: 'blue' }] },
    gives: { TopicArn },
  },
  { name: 'topics', operation: 'ListTopics', input: {}, gives: { Topics: [{ TopicArn }] } },
  {
    name: 'change a topic',
    operation: 'SetTopicAttributes',
    input: { TopicArn, AttributeName: 'DisplayName', AttributeValue: 'News' },
  },
  {
    name: 'a topic',
    operation: 'GetTopicAttributes',
    input: { TopicArn },
    gives: { Attributes: { TopicArn, DisplayName: 'News', Owner: '000000000000' } },
  },
  { name: 'no topic', operation: 'GetTopicAttributes', input: { TopicArn: `${topicArn}-none` }, refused: 'NotFound' },
  {
    name: 'tag a topic',
    operation: 'TagResource',
    input: { ResourceArn: topicArn, Tags: [{ Key: 'stage', Value: 'test' }] },
  },
  { name: 'take a tag from a topic', operation: 'UntagResource', input: { ResourceArn: topicArn, TagKeys: ['team'] } },
  {
    name: 'tags of a topic',
    operation: 'ListTagsForResource',
    input: { ResourceArn: topicArn },
    gives: { Tags: [{ Key: 'stage', Value: 'test' }] },
  },
  {
    name: 'let an account publish',
    operation: 'AddPermission',
    input: { TopicArn, Label: 'them', AWSAccountId: ['111111111111'], ActionName: ['Publish'] },
  },
  { name: 'let it no more', operation: 'RemovePermission', input: { TopicArn, Label: 'them' } },
  {
    name: 'mask what is published',
    operation: 'PutDataProtectionPolicy',
    input: { ResourceArn: topicArn, DataProtectionPolicy: '' },
  },
  { name: 'what is masked', operation: 'GetDataProtectionPolicy', input: { ResourceArn: topicArn } },
  {
    name: 'subscribe',
    operation: 'Subscribe',
    input: { TopicArn, Protocol: 'sqs', Endpoint: queueArn, ReturnSubscriptionArn: true },
  },
  {
    name: 'change a subscription',
    operation: 'SetSubscriptionAttributes',
    input: (seen) => ({ ...subscription(seen), AttributeName: 'RawMessageDelivery', AttributeValue: 'true' }),
  },
  {
    name: 'a subscription',
    operation: 'GetSubscriptionAttributes',
    input: subscription,
    gives: { Attributes: { Protocol: 'sqs', Endpoint: queueArn, RawMessageDelivery: 'true', TopicArn } },
  },
  {
    name: 'subscriptions',
    operation: 'ListSubscriptions',
    input: {},
    gives: { Subscriptions: [{ Protocol: 'sqs', Endpoint: queueArn, TopicArn }] },
  },
  {
    name: 'subscriptions of a topic',
    operation: 'ListSubscriptionsByTopic',
    input: { TopicArn },
    gives: { Subscriptions: [{ Protocol: 'sqs', Endpoint: queueArn }] },
  },
  {
    name: 'subscribe somebody who is asked',
    operation: 'Subscribe',
    input: { TopicArn, Protocol: 'http', Endpoint: subscriber.address },
    gives: { SubscriptionArn: 'pending confirmation' },
  },
  {
    name: 'confirm with what is no token',
    operation: 'ConfirmSubscription',
    input: { TopicArn, Token: 'none' },
    refused: 'InvalidParameter',
  },
  {
    name: 'confirm',
    operation: 'ConfirmSubscription',
    input: async () => ({ TopicArn, Token: await subscriber.token() }),
  },
  {
    name: 'publish',
    operation: 'Publish',
    input: {
      TopicArn,
      Message: 'hello',
      Subject: 'hi',
      MessageAttributes: { n: { DataType: 'Number', StringValue: '1' } },
    },
  },
  {
    name: 'publish a batch',
    operation: 'PublishBatch',
    input: {
      TopicArn,
      PublishBatchRequestEntries: [
        { Id: 'a', Message: 'a' },
        { Id: 'b', Message: 'b' },
      ],
    },
    gives: { Successful: [{ Id: 'a' }, { Id: 'b' }], Failed: [] },
  },
  { name: 'unsubscribe', operation: 'Unsubscribe', input: subscription },
  { name: 'delete a topic', operation: 'DeleteTopic', input: { TopicArn } },
];

export const snsWalk = (subscriber: Subscriber): Walk => ({ service: 'sns', steps: steps(subscriber) });

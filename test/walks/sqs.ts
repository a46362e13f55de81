import type { Seen, Step, Walk } from '../harness/walk.ts';

const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const jobs = (seen: Seen): { QueueUrl: string } => ({ QueueUrl: seen('make a queue', 'QueueUrl') });
const dead = (seen: Seen): { QueueUrl: string } => ({ QueueUrl: seen('make a dead-letter queue', 'QueueUrl') });
const receipt = (seen: Seen, step: string): string =>
  seen(step, 'Messages', (messages) => (messages as { ReceiptHandle: string }[])[0]?.ReceiptHandle);

/** What each says of wrong input, test/harness/sqs_clients.py has. */
const steps: Step[] = [
  {
    name: 'make a dead-letter queue',
    operation: 'CreateQueue',
    input: { QueueName: 'letters', tags: { team: 'blue' } },
  },
  {
    name: 'make a queue',
    operation: 'CreateQueue',
    input: {
      QueueName: 'work',
      Attributes: {
        VisibilityTimeout: '0',
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('letters'), maxReceiveCount: 3 }),
      },
    },
  },
  {
    name: 'make a queue again, otherwise',
    operation: 'CreateQueue',
    input: { QueueName: 'work', Attributes: { VisibilityTimeout: '9' } },
    refused: 'QueueAlreadyExists',
    says: 'A queue already exists with the same name and a different value for attribute VisibilityTimeout',
  },
  { name: 'a queue’s address', operation: 'GetQueueUrl', input: { QueueName: 'work' } },
  { name: 'queues', operation: 'ListQueues', input: { QueueNamePrefix: 'none' }, gives: { QueueUrls: undefined } },
  {
    name: 'change a queue',
    operation: 'SetQueueAttributes',
    input: (seen) => ({ ...jobs(seen), Attributes: { DelaySeconds: '0', VisibilityTimeout: '30' } }),
  },
  {
    name: 'a queue’s attributes',
    operation: 'GetQueueAttributes',
    input: (seen) => ({ ...jobs(seen), AttributeNames: ['VisibilityTimeout', 'QueueArn'] }),
    gives: { Attributes: { VisibilityTimeout: '30', QueueArn: queueArn('work') } },
  },
  { name: 'tag a queue', operation: 'TagQueue', input: (seen) => ({ ...dead(seen), Tags: { stage: 'test' } }) },
  { name: 'take a tag from a queue', operation: 'UntagQueue', input: (seen) => ({ ...dead(seen), TagKeys: ['team'] }) },
  { name: 'tags of a queue', operation: 'ListQueueTags', input: dead, gives: { Tags: { stage: 'test' } } },
  {
    name: 'let an account send',
    operation: 'AddPermission',
    input: (seen) => ({ ...jobs(seen), Label: 'them', AWSAccountIds: ['111111111111'], Actions: ['SendMessage'] }),
  },
  { name: 'let it no more', operation: 'RemovePermission', input: (seen) => ({ ...jobs(seen), Label: 'them' }) },
  { name: 'whose letters these are', operation: 'ListDeadLetterSourceQueues', input: dead },
  {
    name: 'send',
    operation: 'SendMessage',
    input: (seen) => ({
      ...jobs(seen),
      MessageBody: 'one',
      MessageAttributes: { n: { DataType: 'Number', StringValue: '1' } },
    }),
    gives: { MD5OfMessageBody: 'f97c5d29941bfb1b2fdab0874906ab82' },
  },
  {
    name: 'receive',
    operation: 'ReceiveMessage',
    input: (seen) => ({ ...jobs(seen), MessageAttributeNames: ['All'] }),
    gives: { Messages: [{ Body: 'one', MessageAttributes: { n: { DataType: 'Number', StringValue: '1' } } }] },
  },
  {
    name: 'hide a message longer',
    operation: 'ChangeMessageVisibility',
    input: (seen) => ({ ...jobs(seen), ReceiptHandle: receipt(seen, 'receive'), VisibilityTimeout: 60 }),
  },
  {
    name: 'delete a message',
    operation: 'DeleteMessage',
    input: (seen) => ({ ...jobs(seen), ReceiptHandle: receipt(seen, 'receive') }),
  },
  {
    name: 'send a batch',
    operation: 'SendMessageBatch',
    input: (seen) => ({
      ...jobs(seen),
      Entries: [
        { Id: 'a', MessageBody: 'two' },
        { Id: 'b', MessageBody: 'b', DelaySeconds: 901 },
      ],
    }),
    gives: {
      Successful: [{ Id: 'a', MD5OfMessageBody: 'b8a9f715dbb64fd5c56e7783c6820a61' }],
      Failed: [{ Id: 'b', Code: 'InvalidParameterValue' }],
    },
  },
  { name: 'receive of the batch', operation: 'ReceiveMessage', input: jobs, gives: { Messages: [{ Body: 'two' }] } },
  {
    name: 'hide a batch longer',
    operation: 'ChangeMessageVisibilityBatch',
    input: (seen) => ({
      ...jobs(seen),
      Entries: [{ Id: 'a', ReceiptHandle: receipt(seen, 'receive of the batch'), VisibilityTimeout: 60 }],
    }),
    gives: { Successful: [{ Id: 'a' }] },
  },
  {
    name: 'delete a batch',
    operation: 'DeleteMessageBatch',
    input: (seen) => ({
      ...jobs(seen),
      Entries: [
        { Id: 'a', ReceiptHandle: receipt(seen, 'receive of the batch') },
        { Id: 'none', ReceiptHandle: 'nothing' },
      ],
    }),
    gives: { Successful: [{ Id: 'a' }], Failed: [{ Id: 'none', Code: 'ReceiptHandleIsInvalid', SenderFault: true }] },
  },
  {
    name: 'nothing is left',
    operation: 'GetQueueAttributes',
    input: (seen) => ({
      ...jobs(seen),
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
    gives: { Attributes: { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' } },
  },
  {
    name: 'send letters',
    operation: 'SendMessageBatch',
    input: (seen) => ({
      ...dead(seen),
      Entries: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({ Id: `${n}`, MessageBody: `${n}` })),
    }),
  },
  // At one a second it is still there to be cancelled.
  {
    name: 'move letters back',
    operation: 'StartMessageMoveTask',
    input: { SourceArn: queueArn('letters'), DestinationArn: queueArn('work'), MaxNumberOfMessagesPerSecond: 1 },
  },
  {
    name: 'what is moved',
    operation: 'ListMessageMoveTasks',
    input: { SourceArn: queueArn('letters') },
    gives: { Results: [{ Status: 'RUNNING', MaxNumberOfMessagesPerSecond: 1 }] },
  },
  {
    name: 'move no more',
    operation: 'CancelMessageMoveTask',
    input: (seen) => ({ TaskHandle: seen('move letters back', 'TaskHandle') }),
  },
  {
    name: 'move with no task',
    operation: 'CancelMessageMoveTask',
    input: { TaskHandle: 'none' },
    refused: 'InvalidParameterValue',
  },
  { name: 'empty a queue', operation: 'PurgeQueue', input: jobs },
  { name: 'delete a queue', operation: 'DeleteQueue', input: jobs },
  { name: 'delete the other', operation: 'DeleteQueue', input: dead },
];

export const sqsWalk: Walk = { service: 'sqs', steps };

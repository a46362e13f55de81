/**
 * Messages of which one in a hundred is poison, partial answers, and a platform that is killed half way: everything
 * that can be done is done, exactly the poison lies in the dead-letter queue, and moving it back empties that.
 *
 * A tenth of the full size; `MAYFLY_QUEUE_MESSAGES=10000` runs all of it (a minute or two).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateEventSourceMappingCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  SendMessageBatchCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { filesOf } from '../harness/files-of.ts';
import { openLambdaRig } from '../harness/lambda-rig.ts';

const messages = Number(process.env['MAYFLY_QUEUE_MESSAGES'] ?? 1_000);
const poisonEvery = 100;
const poison = messages / poisonEvery;
const waitMs = 120_000 + messages * 20;

const arnOf = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const urlOf = (name: string): string => `http://127.0.0.1:4566/000000000000/${name}`;

/** Says what it has done, and which it could not do. */
const code = {
  'index.mjs': `
export const handler = async ({ Records }) => {
  const failed = Records.filter(({ body }) => body.startsWith('poison') && process.env.CURE !== 'yes');
  const done = Records.filter((record) => !failed.includes(record));
  console.log('DONE ' + done.map(({ body }) => body).join(' '));
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`,
};

test(`${messages} messages, ${poison} of them poison, and a kill half way`, async () => {
  await using rig = await openLambdaRig();
  await rig.make('work', code, { Timeout: 3 });
  let sqs = new SQSClient(awsClient(rig.mayfly));
  const countsOf = async (name: string): Promise<number> => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: ['All'] }),
    );
    const { ApproximateNumberOfMessages: ready, ApproximateNumberOfMessagesNotVisible: hidden } = Attributes;
    return Number(ready) + Number(hidden);
  };
  await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 2 });
  const Attributes = { VisibilityTimeout: '3', RedrivePolicy };
  await sqs.send(new CreateQueueCommand({ QueueName: 'jobs', Attributes }));

  const bodies = Array.from({ length: messages }, (_, at) => (at % poisonEvery === 7 ? `poison-${at}` : `job-${at}`));
  for (let at = 0; at < messages; at += 10) {
    const Entries = bodies.slice(at, at + 10).map((MessageBody, index) => ({ Id: `${index}`, MessageBody }));
    const { Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: urlOf('jobs'), Entries }));
    assert.equal(Failed, undefined);
  }
  await rig.lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'work',
      EventSourceArn: arnOf('jobs'),
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    }),
  );

  await eventually('half of them done', waitMs, async () =>
    (await countsOf('jobs')) <= messages / 2 ? true : undefined,
  );
  await using again = await rig.mayfly.killAndRestart();
  sqs.destroy();
  sqs = new SQSClient(awsClient(again));
  await eventually('nothing left but poison', waitMs, async () => ((await countsOf('jobs')) === 0 ? true : undefined));
  assert.equal(await countsOf('dead'), poison);

  const cured = bodies.filter((body) => !body.startsWith('poison')).toSorted();
  assert.deepEqual([...(await doneIn(again.data))].toSorted(), cured, 'all the others were done, and no poison');

  using lambda = disposable(new LambdaClient(awsClient(again)));
  const FunctionName = 'work';
  await lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: { CURE: 'yes' } } }),
  );
  await waitUntilFunctionUpdatedV2(
    { client: lambda, minDelay: 0.05, maxDelay: 0.5, maxWaitTime: 30 },
    { FunctionName },
  );
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf('dead') }));
  await eventually('the dead-letter queue is empty, and what was in it done', waitMs, async () =>
    (await countsOf('dead')) + (await countsOf('jobs')) === 0 ? true : undefined,
  );
  const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf('dead') }));
  assert.partialDeepStrictEqual(Results, [{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: poison }]);
  assert.deepEqual([...(await doneIn(again.data))].toSorted(), bodies.toSorted());
  sqs.destroy();
});

const disposable = (client: LambdaClient): LambdaClient & Disposable =>
  Object.assign(client, { [Symbol.dispose]: () => client.destroy() });

/** What the function's lines on disk say: those of a batch are there before its messages are deleted. */
async function doneIn(data: string): Promise<Set<string>> {
  const done = new Set<string>();
  for await (const { bytes } of filesOf(data, 'logs'))
    for (const [one] of bytes.toString().matchAll(/(?:job|poison)-\d+/g)) done.add(one);
  return done;
}

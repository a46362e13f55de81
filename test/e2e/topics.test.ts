/** Topics of a manifest on the whole platform, killed (-9) while messages go out: each reaches its function and its queue. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PublishBatchCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { DeleteMessageCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const messages = 60;
const waitMs = 60_000;

const code = `const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
exports.news = async ({ Records }) => {
  await pause();
  for (const { Sns } of Records) console.log('got ' + Sns.Message);
};
`;

const manifest = `application: topics
functions:
  news:
    runtime: nodejs
    handler: news.news
    code: news.cjs
    memory: 256
    events: [{ topic: { name: news, filter: { kind: [wanted] } } }]
resources:
  queues: [inbox]
`;

let project: string;
let mayfly: StartedMayfly;

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'mayfly-topics-'));
  await writeFile(join(project, 'mayfly.yaml'), manifest);
  await writeFile(join(project, 'news.cjs'), code);
  mayfly = await startMayfly();
  await mayfly.json('deploy', project);
});

after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

const TopicArn = 'arn:aws:sns:us-east-1:000000000000:news';

async function heard(): Promise<Set<string>> {
  const { lines } = (await mayfly.json('logs', 'news', '--limit', '10000')) as { lines: { text: string }[] };
  return new Set(lines.flatMap(({ text }) => /\tgot (.*)$/.exec(text)?.[1] ?? []));
}

test(
  'what was published reaches the function and the queue, though the platform is killed meanwhile',
  { timeout: 280_000 },
  async () => {
    const sns = new SNSClient(awsClient(mayfly));
    const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:inbox';
    const Attributes = { RawMessageDelivery: 'true', FilterPolicy: '{"kind":["wanted"]}' };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
    const kind = (StringValue: string) => ({ kind: { DataType: 'String', StringValue } });
    await sns.send(new PublishCommand({ TopicArn, Message: 'unwanted', MessageAttributes: kind('unwanted') }));
    const accepted: string[] = [];
    for (let first = 0; first < messages; first += 10) {
      const PublishBatchRequestEntries = Array.from({ length: 10 }, (_, each) => ({
        Id: String(each),
        Message: `message ${first + each}`,
        MessageAttributes: kind('wanted'),
      }));
      const { Successful = [] } = await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
      accepted.push(...Successful.map(({ Id }) => `message ${first + Number(Id)}`));
    }
    sns.destroy();
    mayfly = await mayfly.killAndRestart();
    const got = await eventually('every message in the function', waitMs, async () => {
      const found = await heard();
      return accepted.every((text) => found.has(text)) ? found : undefined;
    });
    assert.equal(accepted.length, messages);
    assert.ok(!got.has('unwanted'));

    const sqs = new SQSClient(awsClient(mayfly));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'inbox' }));
    const bodies = new Set<string>();
    await eventually('every message in the queue', waitMs, async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      for (const { Body = '', ReceiptHandle } of Messages) {
        bodies.add(Body);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      return accepted.every((text) => bodies.has(text)) ? true : undefined;
    });
    assert.ok(!bodies.has('unwanted'));
    sqs.destroy();
  },
);

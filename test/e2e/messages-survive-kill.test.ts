/** kill -9 in the middle of every kind of traffic between services: what was accepted arrives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { Pipes } from '@aws-sdk/client-pipes';
import { Scheduler } from '@aws-sdk/client-scheduler';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { anyRoleArn, makeAnyRole } from '../harness/any-role.ts';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
const RoleArn = anyRoleArn;
const ways = ['topic', 'bus', 'pipe', 'schedule'] as const;
const kills = 3;
/** Between a start and its end: each a little longer, so that they hit different moments. */
const sendMs = 500;
const sendMoreMs = 137;
const waitMs = 60_000;

type Clients = { sns: SNS; sqs: SQS; events: EventBridge; pipes: Pipes; scheduler: Scheduler };

/** `work` with clients of the platform as it runs now. */
async function withClients<Answer>(
  mayfly: StartedMayfly,
  work: (clients: Clients) => Promise<Answer>,
): Promise<Answer> {
  const settings = awsClient(mayfly);
  const clients = {
    sns: new SNS(settings),
    sqs: new SQS(settings),
    events: new EventBridge(settings),
    pipes: new Pipes(settings),
    scheduler: new Scheduler(settings),
  };
  try {
    return await work(clients);
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

async function build({ sns, sqs, events, pipes }: Clients): Promise<void> {
  await sqs.createQueue({ QueueName: 'from' });
  for (const way of ways) await sqs.createQueue({ QueueName: way });
  await sns.createTopic({ Name: 'news' });
  const policy = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arn('sqs', 'topic'),
  };
  const { QueueUrl } = await sqs.getQueueUrl({ QueueName: 'topic' });
  await sqs.setQueueAttributes({
    QueueUrl,
    Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [policy] }) },
  });
  const Attributes = { RawMessageDelivery: 'true' };
  await sns.subscribe({ TopicArn: arn('sns', 'news'), Protocol: 'sqs', Endpoint: arn('sqs', 'topic'), Attributes });
  await events.putRule({ Name: 'all', EventPattern: '{"source":["test"]}' });
  const target = { Id: 'a', Arn: arn('sqs', 'bus'), RoleArn, InputPath: '$.detail.n' };
  await events.putTargets({ Rule: 'all', Targets: [target] });
  await pipes.createPipe({
    Name: 'carry',
    RoleArn,
    Source: arn('sqs', 'from'),
    Target: arn('sqs', 'pipe'),
    TargetParameters: { InputTemplate: '"<$.body>"' },
  });
}

const answered = (error: unknown): boolean =>
  error instanceof Error && '$response' in error && error.$response !== undefined;

/** Sends by every way until the platform is gone; what it has acknowledged is in `accepted`. */
async function send(
  clients: Clients,
  accepted: Map<string, Set<string>>,
  next: () => string,
  from: string,
): Promise<void> {
  const { sns, sqs, events, scheduler } = clients;
  const one: Record<string, (n: string) => Promise<unknown>> = {
    topic: (n) => sns.publish({ TopicArn: arn('sns', 'news'), Message: JSON.stringify(n) }),
    bus: (n) => events.putEvents({ Entries: [{ Source: 'test', DetailType: 'n', Detail: JSON.stringify({ n }) }] }),
    pipe: (n) => sqs.sendMessage({ QueueUrl: from, MessageBody: n }),
    schedule: (n) =>
      scheduler.createSchedule({
        Name: n,
        ScheduleExpression: `at(${new Date().toISOString().slice(0, 19)})`,
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: { Arn: arn('sqs', 'schedule'), RoleArn, Input: JSON.stringify(n) },
      }),
  };
  await Promise.all(
    Object.entries(one).map(async ([way, call]) => {
      for (;;) {
        const n = next();
        try {
          await call(n);
        } catch (error) {
          // An answer is a refusal, which nobody expects; none is the platform's end.
          if (answered(error)) throw error;
          return;
        }
        accepted.get(way)?.add(n);
      }
    }),
  );
}

test('kill -9 in the middle of messages, events, pipes and schedules loses none that was accepted', async () => {
  let mayfly = await startMayfly();
  try {
    let count = 0;
    const next = (): string => `n${++count}`;
    const accepted = new Map<string, Set<string>>(ways.map((way) => [way, new Set<string>()]));
    await makeAnyRole(awsClient(mayfly));
    await withClients(mayfly, build);
    for (let kill = 0; kill < kills; kill++) {
      await withClients(mayfly, async (clients) => {
        const { QueueUrl = '' } = await clients.sqs.getQueueUrl({ QueueName: 'from' });
        const sending = send(clients, accepted, next, QueueUrl);
        await new Promise((resolve) => setTimeout(resolve, sendMs + kill * sendMoreMs));
        await mayfly.killed();
        await sending;
      });
      mayfly = await mayfly.killAndRestart();
    }
    await withClients(mayfly, async ({ sqs }) => {
      for (const [way, wanted] of accepted) {
        assert.ok(wanted.size > 0, way);
        const { QueueUrl } = await sqs.getQueueUrl({ QueueName: way });
        const missing = new Set(wanted);
        await eventually(`all that was sent by ${way}`, waitMs, async () => {
          const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
          for (const { Body = '' } of Messages) missing.delete(JSON.parse(Body) as string);
          return missing.size === 0 ? true : undefined;
        });
      }
    });
  } finally {
    await mayfly[Symbol.asyncDispose]();
  }
});

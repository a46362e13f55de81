/** What one account deploys and sends, aimed at what another account has. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { AddLayerVersionPermissionCommand, LambdaClient, PublishLayerVersionCommand } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { echo, zipOf } from '../harness/lambda-rig.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);
const command = join(import.meta.dirname, '../../bin/mayfly');
const waitMs = 60_000;

type Key = { accessKeyId: string; secretAccessKey: string };
type Team = { id: string; key: Key };

let mayfly: StartedMayfly;
let folder: string;
let stranger: Team;
let victim: Team;

const project = `application: shop
functions:
  hello:
    runtime: python
    handler: app.handler
    code: app.py
    events: [{ queue: { name: orders } }, { topic: { name: news } }]
`;
const code = `def handler(event, context):
    print('CALLED WITH', event)
`;

/** A mayfly command of somebody who has the address and his key alone. */
async function as({ key }: Team, ...words: string[]): Promise<string> {
  const { stdout } = await run(command, [...words, '--json'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      MAYFLY_ENDPOINT: mayfly.api,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    },
  });
  return stdout;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-senders-'));
  mayfly = await startMayfly();
  const team = async (name: string): Promise<Team> => {
    const { account, key } = (await mayfly.json('accounts', 'create', name)) as { account: { id: string }; key: Key };
    return { id: account.id, key };
  };
  [stranger, victim] = [await team('stranger'), await team('victim')];
  await writeFile(join(folder, 'mayfly.yaml'), project);
  await writeFile(join(folder, 'app.py'), code);
  await as(victim, 'deploy', folder);
});
after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const configuration = ({ key }: Team) => ({ endpoint: mayfly.api, region: 'us-east-1', credentials: key });
const arnIn = (service: string, { id }: Team, name: string): string => `arn:aws:${service}:us-east-1:${id}:${name}`;

test('what a deployment made lets its own account’s senders in, and no other’s', async () => {
  const queues = new SQSClient(configuration(stranger));
  const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: 'dead' }));
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }],
  });
  await queues.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const DeadLetterConfig = { Arn: arnIn('sqs', stranger, 'dead') };
  const events = new EventBridgeClient(configuration(stranger));
  const targets: Target[] = [
    arnIn('lambda', victim, 'function:hello'),
    arnIn('sqs', victim, 'orders'),
    arnIn('sns', victim, 'news'),
  ].map((Arn, index) => ({ Id: String(index), Arn, Input: '{"by":"a stranger"}', DeadLetterConfig }));
  await events.send(new PutRuleCommand({ Name: 'all', EventPattern: '{"source":["app"]}' }));
  await events.send(new PutTargetsCommand({ Rule: 'all', Targets: targets }));
  await events.send(new PutEventsCommand({ Entries: [{ Source: 'app', DetailType: 'x', Detail: '{}' }] }));
  const dead: string[] = [];
  await eventually('all of it in the dead-letter queue', waitMs, async () => {
    const { Messages = [] } = await queues.send(
      new ReceiveMessageCommand({
        QueueUrl,
        WaitTimeSeconds: 1,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
      }),
    );
    dead.push(...Messages.map(({ MessageAttributes = {} }) => MessageAttributes['TARGET_ARN']?.StringValue ?? ''));
    return dead.length === targets.length ? true : undefined;
  });
  assert.deepEqual(new Set(dead), new Set(targets.map(({ Arn }) => Arn)));
  assert.doesNotMatch(await as(victim, 'logs', 'hello'), /a stranger/);
});

test('a layer of another account is deployed with only once its owner opens it', async () => {
  const lambda = new LambdaClient(configuration(victim));
  const { LayerVersionArn: layer = '' } = await lambda.send(
    new PublishLayerVersionCommand({ LayerName: 'private', Content: { ZipFile: await zipOf(echo) } }),
  );
  const project = join(folder, 'curious');
  await mkdir(project);
  await writeFile(
    join(project, 'mayfly.yaml'),
    `application: curious\nfunctions:\n  look: { runtime: python, handler: app.handler, code: app.py, layers: ['${layer}'] }\n`,
  );
  await writeFile(join(project, 'app.py'), code);
  await assert.rejects(as(stranger, 'deploy', project), ({ stdout, stderr }: { stdout: string; stderr: string }) =>
    `${stdout}${stderr}`.includes('is not here'),
  );
  await lambda.send(
    new AddLayerVersionPermissionCommand({
      LayerName: 'private',
      VersionNumber: 1,
      StatementId: 'open',
      Action: 'lambda:GetLayerVersion',
      Principal: stranger.id,
    }),
  );
  await as(stranger, 'deploy', project);
});

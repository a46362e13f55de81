/** Two teams on one platform: the same names, and nothing of one is in sight of the other. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { GetAccountSettingsCommand, InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { AddPermissionCommand } from '@aws-sdk/client-lambda';
import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateTopicCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);
const command = join(import.meta.dirname, '../../bin/mayfly');
const waitMs = 60_000;

type Key = { accessKeyId: string; secretAccessKey: string };
type Denied = { operation: string; actor: { account: string }; resources: string[] };
type Team = { id: string; key: Key };

let mayfly: StartedMayfly;
let folder: string;
let red: Team;
let blue: Team;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-teams-'));
  mayfly = await startMayfly();
  const team = async (name: string): Promise<Team> => {
    const { account, key } = (await mayfly.json('accounts', 'create', name)) as { account: { id: string }; key: Key };
    await writeFile(
      join(folder, `${name}.yaml`),
      `application: shop\nfunctions:\n  hello:\n    runtime: python\n    handler: ${name}.handler\n    code: ${name}.py\n    events: [{ http: GET /${name} }]\n`,
    );
    await writeFile(
      join(folder, `${name}.py`),
      `def handler(event, context):\n    print('seen by ${name}')\n    return '${name}'\n`,
    );
    return { id: account.id, key };
  };
  [red, blue] = [await team('red'), await team('blue')];
  for (const [name, of] of [['red', red] as const, ['blue', blue] as const])
    await as(of.key, 'deploy', join(folder, `${name}.yaml`));
});
after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A mayfly command as somebody else than the operator, who has the address alone. */
async function as(key: Key, ...words: string[]): Promise<unknown> {
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
  return JSON.parse(stdout) as unknown;
}
const refusedTo = (key: Key, ...words: string[]): Promise<string> =>
  as(key, ...words).then(
    () => assert.fail(`${words.join(' ')} was not refused`),
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
const configuration = ({ key }: Team | { key: Key }) => ({
  endpoint: mayfly.api,
  region: 'us-east-1',
  credentials: key,
  forcePathStyle: true,
  maxAttempts: 1,
});
const lambda = (team: Team): LambdaClient => new LambdaClient(configuration(team));
const sqs = (team: Team): SQSClient => new SQSClient(configuration(team));
const s3 = (team: Team): S3Client => new S3Client(configuration(team));
const arn = ({ id }: Team): string => `arn:aws:lambda:us-east-1:${id}:function:hello`;
const called = async (team: Team, FunctionName: string): Promise<string> => {
  const { Payload } = await lambda(team).send(new InvokeCommand({ FunctionName }));
  return Buffer.from(Payload ?? []).toString();
};

test('the same names are different things, with logs and a bill each', async () => {
  assert.deepEqual(
    [await called(red, 'hello'), await called(red, 'hello'), await called(blue, 'hello')],
    ['"red"', '"red"', '"blue"'],
  );
  for (const [name, team, other] of [
    ['red', red, 'blue'],
    ['blue', blue, 'red'],
  ] as const) {
    const { lines } = (await eventually(`the logs of ${name}`, waitMs, async () => {
      const read = (await as(team.key, 'logs', 'hello')) as { lines: { text: string }[] };
      return read.lines.some(({ text }) => text.includes(`seen by ${name}`)) ? read : undefined;
    })) as { lines: { text: string }[] };
    assert.ok(lines.every(({ text }) => !text.includes(`seen by ${other}`)));
    const { Functions = [] } = await lambda(team).send(new ListFunctionsCommand({}));
    assert.deepEqual(
      Functions.map(({ FunctionArn }) => FunctionArn),
      [arn(team)],
    );
    const client = s3(team);
    await client.send(new CreateBucketCommand({ Bucket: 'pictures' }));
    await client.send(new PutObjectCommand({ Bucket: 'pictures', Key: 'a', Body: name }));
    const { QueueUrl } = await sqs(team).send(new CreateQueueCommand({ QueueName: 'jobs' }));
    await sqs(team).send(new SendMessageCommand({ QueueUrl, MessageBody: name }));
  }
  for (const [name, team] of [['red', red] as const, ['blue', blue] as const]) {
    const { Body } = await s3(team).send(new GetObjectCommand({ Bucket: 'pictures', Key: 'a' }));
    assert.equal(await Body?.transformToString(), name);
    const QueueUrl = `${mayfly.api}/${team.id}/jobs`;
    const { Messages = [] } = await sqs(team).send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    assert.deepEqual(
      Messages.map((message) => message.Body),
      [name],
    );
    const bill = await eventually(`the bill of ${name}`, waitMs, async () => {
      const found = (await as(team.key, 'bill')) as { account: string; requests?: number };
      return JSON.stringify(found).includes('hello') ? found : undefined;
    });
    assert.ok(!JSON.stringify(bill).includes(team === red ? blue.id : red.id));
  }
});

test('another account’s things are out of reach until both sides allow it', async () => {
  const denied = { name: 'AccessDeniedException' };
  await assert.rejects(called(red, arn(blue)), denied);
  for (const team of [red, blue]) {
    const { entries } = (await as(team.key, 'audit', 'log', '--denied')) as { entries: Denied[] };
    assert.ok(
      entries.some(
        ({ operation, actor, resources }) =>
          operation === 'Invoke' && actor.account === red.id && resources[0] === arn(blue),
      ),
      'both accounts have it in their audit log',
    );
  }
  const queue = `${mayfly.api}/${blue.id}/jobs`;
  const send = () => sqs(red).send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'from red' }));
  await assert.rejects(send(), /not authorized|AccessDenied|does not exist/);

  await lambda(blue).send(
    new AddPermissionCommand({
      FunctionName: 'hello',
      StatementId: 'red',
      Action: 'lambda:InvokeFunction',
      Principal: red.id,
    }),
  );
  assert.equal(await called(red, arn(blue)), '"blue"');
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${red.id}:root` },
        Action: 'sqs:SendMessage',
        Resource: `arn:aws:sqs:us-east-1:${blue.id}:jobs`,
      },
    ],
  });
  await sqs(blue).send(new SetQueueAttributesCommand({ QueueUrl: queue, Attributes: { Policy } }));
  assert.ok((await send()).MessageId);

  // A user of red's who may nothing of his own is not let by what blue allows red.
  const iam = new IAMClient(configuration(red));
  await iam.send(new CreateUserCommand({ UserName: 'intern' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'intern' }));
  assert.ok(AccessKey?.AccessKeyId !== undefined && AccessKey.SecretAccessKey !== undefined);
  const intern: Team = {
    id: red.id,
    key: { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey },
  };
  await assert.rejects(called(intern, arn(blue)), denied);
  await assert.rejects(called(intern, 'hello'), denied);
  assert.match(await refusedTo(intern.key, 'ls'), /not authorized to perform: mayfly:/);
  const attach = (name: string) =>
    iam.send(new AttachUserPolicyCommand({ UserName: 'intern', PolicyArn: `arn:aws:iam::aws:policy/mayfly/${name}` }));
  await attach('MayflyViewer');
  assert.match(JSON.stringify(await as(intern.key, 'ls')), /"hello"/);
  assert.match(await refusedTo(intern.key, 'invoke', 'hello'), /not authorized to perform: mayfly:Invoke/);
  await attach('MayflyDeployer');
  assert.match(JSON.stringify(await as(intern.key, 'invoke', 'hello')), /red/);
  assert.match(await refusedTo(intern.key, 'rm', 'shop'), /not authorized to perform: mayfly:/);
});

test('a queue hears another account’s topic once the topic lets its account subscribe, and the queue lets SNS in', async () => {
  const sns = (team: Team) => new SNSClient(configuration(team));
  const { TopicArn = '' } = await sns(blue).send(new CreateTopicCommand({ Name: 'open' }));
  const queueArn = `arn:aws:sqs:us-east-1:${red.id}:listener`;
  const letIn = (Principal: object, Action: string, Resource: string): string =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Principal, Action, Resource } });
  const Policy = letIn({ Service: 'sns.amazonaws.com' }, 'sqs:SendMessage', queueArn);
  const made = await sqs(red).send(new CreateQueueCommand({ QueueName: 'listener', Attributes: { Policy } }));
  const subscription = { TopicArn, Protocol: 'sqs', Endpoint: queueArn };
  const subscribe = (team: Team) => sns(team).send(new SubscribeCommand(subscription));
  await assert.rejects(subscribe(red), /not authorized|AuthorizationError/);
  // Nor does who has the topic say what another's queue is to hear.
  await assert.rejects(subscribe(blue), { name: 'InvalidParameterException' });
  const AttributeValue = letIn({ AWS: red.id }, 'sns:Subscribe', TopicArn);
  await sns(blue).send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
  await subscribe(red);
  await sns(blue).send(new PublishCommand({ TopicArn, Message: 'from blue' }));
  const heard = await eventually('the message', waitMs, async () => {
    const asked = new ReceiveMessageCommand({ QueueUrl: made.QueueUrl, WaitTimeSeconds: 1 });
    return (await sqs(red).send(asked)).Messages?.[0]?.Body;
  });
  assert.equal((JSON.parse(heard) as { Message: string }).Message, 'from blue');
});

test('a route is one account’s, and another hears no more than that it is taken', async () => {
  const file = join(folder, 'taken.yaml');
  await writeFile(
    file,
    'application: shop\nfunctions:\n  hello:\n    runtime: python\n    handler: blue.handler\n    code: blue.py\n    events: [{ http: GET /red }]\n',
  );
  const refusal = await refusedTo(blue.key, 'deploy', file);
  assert.match(refusal, /GET \/red of function 'hello' .* is taken by another account/);
});

test('the platform is the operator’s alone, whatever somebody may in his own account', async () => {
  assert.match(await refusedTo(red.key, 'accounts', 'ls'), /mayfly:ListAccounts is about the platform/);
  assert.match(await refusedTo(red.key, 'doctor'), /mayfly:GetDoctor is about the platform/);
  const metrics = await fetch(`${mayfly.api}/_mayfly/metrics`);
  assert.equal(metrics.status, 403);
});

test('limits, policies and suspension bound everybody in an account, and nobody else', async () => {
  await mayfly.json('accounts', 'limit', 'red', '--concurrency', '7');
  const { AccountLimit } = await lambda(red).send(new GetAccountSettingsCommand({}));
  assert.equal(AccountLimit?.ConcurrentExecutions, 7);
  const policy = join(folder, 'no-queues.json');
  await writeFile(
    policy,
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: 'sqs:CreateQueue', Resource: '*' },
      ],
    }),
  );
  await mayfly.json('accounts', 'limit', 'red', '--policy', policy);
  const create = (team: Team) => sqs(team).send(new CreateQueueCommand({ QueueName: 'more' }));
  await assert.rejects(create(red), /explicit deny in a service control policy/);
  assert.ok((await create(blue)).QueueUrl);

  await lambda(red).send(
    new AddPermissionCommand({
      FunctionName: 'hello',
      StatementId: 'blue',
      Action: 'lambda:InvokeFunction',
      Principal: blue.id,
    }),
  );
  assert.equal(await called(blue, arn(red)), '"red"');

  await mayfly.json('accounts', 'suspend', 'red');
  await assert.rejects(called(red, 'hello'), /service control policy/);
  await assert.rejects(called(blue, arn(red)), /the account that it belongs to is suspended/);
  assert.notEqual((await fetch(`${mayfly.http}/red`)).status, 200);
  assert.equal(await (await fetch(`${mayfly.http}/blue`)).text(), '"blue"');
  mayfly = await mayfly.killAndRestart();
  await assert.rejects(called(red, 'hello'), /service control policy/);
  await mayfly.json('accounts', 'resume', 'red');
  assert.equal(await called(red, 'hello'), '"red"');
});

test('an account that holds something stays, and one that holds nothing goes with its users', async () => {
  await assert.rejects(mayfly.json('accounts', 'rm', 'blue'), (error: { stdout: string; stderr: string }) =>
    /still has 1 function, 1 bucket, 2 queues/.test(error.stdout + error.stderr),
  );
  const { key } = (await mayfly.json('accounts', 'create', 'short', '--id', '123456789012')) as { key: Key };
  const team = { id: '123456789012', key };
  const parameters = new SSMClient(configuration(team));
  await parameters.send(new PutParameterCommand({ Name: 'left', Value: 'x', Type: 'String' }));
  await assert.rejects(mayfly.json('accounts', 'rm', 'short'), (error: { stdout: string; stderr: string }) =>
    /still has 1 parameter/.test(error.stdout + error.stderr),
  );
  await parameters.send(new DeleteParameterCommand({ Name: 'left' }));
  assert.deepEqual((await lambda(team).send(new ListFunctionsCommand({}))).Functions, []);
  await mayfly.json('accounts', 'rm', 'short');
  await assert.rejects(
    lambda(team).send(new ListFunctionsCommand({})),
    /security token included in the request is invalid/,
  );
});

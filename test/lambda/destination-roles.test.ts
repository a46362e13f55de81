/** Where a function's records and dead letters go as its role: refused when it is configured, and left with the function when it is delivered. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateRoleCommand, DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  InvokeCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { openLambdaRig, type LambdaRig } from '../harness/lambda-rig.ts';

const queueArn = 'arn:aws:sqs:us-east-1:000000000000:told';
const waitMs = 30_000;
let rig: LambdaRig;
let iam: IAMClient;
let sqs: SQSClient;
let Role: string;

before(async () => {
  rig = await openLambdaRig();
  iam = new IAMClient(awsClient(rig.mayfly));
  sqs = new SQSClient(awsClient(rig.mayfly));
  await sqs.send(new CreateQueueCommand({ QueueName: 'told' }));
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: trust });
  const made = await iam.send(new CreateRoleCommand({ RoleName: 'teller', AssumeRolePolicyDocument }));
  Role = made.Role?.Arn ?? '';
});
after(() => rig[Symbol.asyncDispose]());

const allow = () =>
  iam.send(
    new PutRolePolicyCommand({
      RoleName: 'teller',
      PolicyName: 'tells',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queueArn },
      }),
    }),
  );

const refused = { name: 'InvalidParameterValueException', message: /execution role does not have .* SendMessage/ };

test('a destination and a dead-letter queue are configured where the role may send there, and not before', async () => {
  const DestinationConfig = { OnSuccess: { Destination: queueArn } };
  const DeadLetterConfig = { TargetArn: queueArn };
  const echo = { 'index.mjs': 'export const handler = async (event) => event;\n' };
  await assert.rejects(rig.make('letters', echo, { Role, DeadLetterConfig }), refused);
  await rig.make('teller', echo, { Role });
  const configure = () =>
    rig.lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: 'teller', DestinationConfig }));
  const update = () =>
    rig.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'teller', DeadLetterConfig }));
  await assert.rejects(configure(), refused);
  await assert.rejects(update(), refused);
  await allow();
  await configure();
  await update();
});

test('a record is sent as the role while it may, and what it may not send any more stays with the function', async () => {
  const FunctionName = 'teller';
  const invoke = (payload: string) =>
    rig.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from(payload) }));
  const QueueUrl = 'http://localhost/000000000000/told';
  await invoke('{"n":1}');
  const record = await eventually('the record', waitMs, async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    return Messages[0]?.Body;
  });
  assert.deepEqual((JSON.parse(record) as { responsePayload: unknown }).responsePayload, { n: 1 });

  await rig.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Handler: 'index.none' }));
  await rig.updated(FunctionName);
  const DestinationConfig = { OnFailure: { Destination: queueArn } };
  const config = { FunctionName, DestinationConfig, MaximumRetryAttempts: 0 };
  await rig.lambda.send(new PutFunctionEventInvokeConfigCommand(config));
  await iam.send(new DeleteRolePolicyCommand({ RoleName: 'teller', PolicyName: 'tells' }));
  await invoke('{"n":2}');
  const [letter] = await eventually('the letter', waitMs, async () => {
    const shown = await rig.mayfly.json('dlq', 'show', FunctionName).catch(() => undefined);
    const { letters = [] } = (shown ?? {}) as { letters?: { payload: unknown }[] };
    return letters.length > 0 ? letters : undefined;
  });
  assert.deepEqual(letter?.payload, { n: 2 });
});

/** What users, roles and functions may on a running platform, through the genuine SDK: the worked examples of IAM's pages among it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { IAM } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { S3 } from '@aws-sdk/client-s3';
import { SQS } from '@aws-sdk/client-sqs';
import { awsClient } from './harness/aws-client.ts';
import { eventually } from './harness/eventually.ts';
import { openLambdaRig, runtime, zipOf, type LambdaRig } from './harness/lambda-rig.ts';

const account = '000000000000';
const waitMs = 60_000;
const document = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements.map((one) => ({ Effect: 'Allow', ...one })) });
const trusting = (service: string): string => document({ Principal: { Service: service }, Action: 'sts:AssumeRole' });

let rig: LambdaRig;
let iam: IAM;
let s3: S3;
let sqs: SQS;

before(async () => {
  rig = await openLambdaRig();
  iam = new IAM(awsClient(rig.mayfly));
  s3 = new S3({ ...awsClient(rig.mayfly), forcePathStyle: true });
  sqs = new SQS(awsClient(rig.mayfly));
});

after(async () => {
  for (const client of [iam, s3, sqs]) client.destroy();
  await rig[Symbol.asyncDispose]();
});

/** How a new user reaches the platform. */
async function newUser(UserName: string, PolicyDocument?: string) {
  await iam.createUser({ UserName });
  if (PolicyDocument !== undefined) await iam.putUserPolicy({ UserName, PolicyName: 'own', PolicyDocument });
  const { AccessKey } = await iam.createAccessKey({ UserName });
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
  return { ...awsClient(rig.mayfly), credentials };
}

const isDenied = { name: /AccessDenied/ };

/** Sends a message with its own credentials, signed by hand: no SDK is in the zip. Answers `sent`, or why not. */
const sendsMessages = {
  'index.mjs': `import { createHash, createHmac } from 'node:crypto';
const hash = (text) => createHash('sha256').update(text).digest('hex');
const mac = (key, text) => createHmac('sha256', key).update(text).digest();
export const handler = async ({ url }) => {
  const { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  const body = JSON.stringify({ QueueUrl: url, MessageBody: 'x' });
  const time = new Date().toISOString().replace(/[:-]|[.][0-9]+/g, '');
  const endpoint = process.env.AWS_ENDPOINT_URL;
  const signed = { 'content-type': 'application/x-amz-json-1.0', host: new URL(endpoint).host, 'x-amz-date': time,
    'x-amz-security-token': token, 'x-amz-target': 'AmazonSQS.SendMessage' };
  const names = Object.keys(signed).join(';');
  const headers = Object.entries(signed).map(([name, value]) => name + ':' + value + '\\n').join('');
  const scope = time.slice(0, 8) + '/us-east-1/sqs/aws4_request';
  const text = ['AWS4-HMAC-SHA256', time, scope, hash(['POST', '/', '', headers, names, hash(body)].join('\\n'))].join('\\n');
  const signing = scope.split('/').reduce(mac, 'AWS4' + secret);
  const signature = createHmac('sha256', signing).update(text).digest('hex');
  const authorization = 'AWS4-HMAC-SHA256 Credential=' + key + '/' + scope + ', SignedHeaders=' + names + ', Signature=' + signature;
  const answer = await fetch(endpoint, { method: 'POST', body, headers: { ...signed, authorization } });
  return answer.ok ? 'sent' : answer.text();
};
`,
};

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_s3_home-directory-man.html
test('each user has a folder of his own in one bucket, by one policy of their group', async () => {
  await s3.createBucket({ Bucket: 'homes' });
  await iam.createGroup({ GroupName: 'staff' });
  await iam.putGroupPolicy({
    GroupName: 'staff',
    PolicyName: 'home',
    PolicyDocument: document(
      {
        Action: 's3:ListBucket',
        Resource: 'arn:aws:s3:::homes',
        Condition: { StringLike: { 's3:prefix': ['', 'home/', 'home/${aws:username}/*'] } },
      },
      { Action: 's3:*Object', Resource: 'arn:aws:s3:::homes/home/${aws:username}/*' },
    ),
  });
  const settings = await newUser('david');
  const david = new S3({ ...settings, forcePathStyle: true });
  await assert.rejects(david.putObject({ Bucket: 'homes', Key: 'home/david/a', Body: 'a' }), isDenied);
  await iam.addUserToGroup({ GroupName: 'staff', UserName: 'david' });
  await david.putObject({ Bucket: 'homes', Key: 'home/david/a', Body: 'a' });
  await assert.rejects(david.putObject({ Bucket: 'homes', Key: 'home/eve/a', Body: 'a' }), isDenied);
  assert.equal((await david.listObjectsV2({ Bucket: 'homes', Prefix: 'home/david/' })).KeyCount, 1);
  await assert.rejects(david.listObjectsV2({ Bucket: 'homes', Prefix: 'home/eve/' }), isDenied);
  await assert.rejects(david.listObjectsV2({ Bucket: 'homes' }), isDenied);
  await iam.removeUserFromGroup({ GroupName: 'staff', UserName: 'david' });
  await assert.rejects(david.getObject({ Bucket: 'homes', Key: 'home/david/a' }), isDenied);
  david.destroy();
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
test('whoever makes users within a boundary only cannot make one who may more than he', async () => {
  const { Policy } = await iam.createPolicy({
    PolicyName: 'bound',
    PolicyDocument: document({ Action: 'sqs:*', Resource: '*' }),
  });
  const boundary = Policy?.Arn ?? '';
  const settings = await newUser(
    'maker',
    document(
      {
        Action: ['iam:CreateUser', 'iam:PutUserPolicy', 'iam:AttachUserPolicy', 'iam:DeleteUserPolicy'],
        Resource: '*',
        Condition: { StringEquals: { 'iam:PermissionsBoundary': boundary } },
      },
      { Action: 'iam:CreateAccessKey', Resource: '*' },
    ),
  );
  const maker = new IAM(settings);
  await assert.rejects(maker.createUser({ UserName: 'made' }), isDenied);
  await maker.createUser({ UserName: 'made', PermissionsBoundary: boundary });
  // Whose policies he then writes: of who is bound so, and of nobody else.
  const policy = { PolicyName: 'p', PolicyDocument: document({ Action: '*', Resource: '*' }) };
  await maker.putUserPolicy({ UserName: 'made', ...policy });
  await assert.rejects(maker.putUserPolicy({ UserName: 'maker', ...policy }), isDenied);
  const attached = { PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' };
  await maker.attachUserPolicy({ UserName: 'made', ...attached });
  await assert.rejects(maker.attachUserPolicy({ UserName: 'maker', ...attached }), isDenied);
  await assert.rejects(maker.deleteUserPolicy({ UserName: 'maker', PolicyName: 'own' }), isDenied);
  maker.destroy();
});

test('only who may pass a role gives it, to the services that his permission names', async () => {
  const RoleName = 'works';
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: trusting('lambda.amazonaws.com') });
  const RoleArn = `arn:aws:iam::${account}:role/${RoleName}`;
  const settings = await newUser(
    'rules',
    document(
      { Action: 'events:*', Resource: '*' },
      {
        Action: 'iam:PassRole',
        Resource: RoleArn,
        Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      },
    ),
  );
  const events = new EventBridge(settings);
  await events.putRule({ Name: 'r', ScheduleExpression: 'rate(1 day)' });
  const Arn = `arn:aws:sqs:us-east-1:${account}:any`;
  await assert.rejects(events.putTargets({ Rule: 'r', Targets: [{ Id: '1', Arn, RoleArn }] }), isDenied);
  await events.putTargets({ Rule: 'r', Targets: [{ Id: '1', Arn }] });
  events.destroy();
});

test('a function is the role that it was given, from the moment that the role changes', async () => {
  const RoleName = 'for-function';
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: trusting('ec2.amazonaws.com') });
  const Role = `arn:aws:iam::${account}:role/${RoleName}`;
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'jobs' });
  const making = rig.lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'sends',
      Runtime: runtime,
      Handler: 'index.handler',
      Role,
      Code: { ZipFile: await zipOf(sendsMessages) },
    }),
  );
  await assert.rejects(making, {
    name: 'InvalidParameterValueException',
    message: 'The role defined for the function cannot be assumed by Lambda.',
  });
  await iam.updateAssumeRolePolicy({ RoleName, PolicyDocument: trusting('lambda.amazonaws.com') });
  await rig.make('sends', sendsMessages, { Role });
  const ask = async () => (await rig.ask('sends', { url: QueueUrl })).payload;
  assert.match(String(await ask()), /assumed-role\/for-function\/sends is not authorized to perform: sqs:SendMessage/);
  await iam.attachRolePolicy({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AmazonSQSFullAccess' });
  assert.equal(await ask(), 'sent');
  const { Policy } = await iam.createPolicy({
    PolicyName: 'only-s3',
    PolicyDocument: document({ Action: 's3:*', Resource: '*' }),
  });
  await iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary: Policy?.Arn ?? '' });
  assert.match(String(await ask()), /because no permissions boundary allows the sqs:SendMessage action/);
  await iam.createRole({ RoleName: 'not-for-lambda', AssumeRolePolicyDocument: trusting('ec2.amazonaws.com') });
  await assert.rejects(
    rig.lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: 'sends',
        Role: `arn:aws:iam::${account}:role/not-for-lambda`,
      }),
    ),
    { name: 'InvalidParameterValueException' },
  );
});

test('a rule sends with a role what the role allows, and not what it does not', async () => {
  const RoleName = 'for-rules';
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: trusting('events.amazonaws.com') });
  const RoleArn = `arn:aws:iam::${account}:role/${RoleName}`;
  const arn = (queue: string): string => `arn:aws:sqs:us-east-1:${account}:${queue}`;
  for (const QueueName of ['let', 'not-let', 'letters']) await sqs.createQueue({ QueueName });
  await iam.putRolePolicy({
    RoleName,
    PolicyName: 'sends',
    PolicyDocument: document({ Action: 'sqs:SendMessage', Resource: [arn('let'), arn('letters')] }),
  });
  const events = new EventBridge(awsClient(rig.mayfly));
  await events.putRule({ Name: 'all', EventPattern: '{"source":["test"]}' });
  const DeadLetterConfig = { Arn: arn('letters') };
  await events.putTargets({
    Rule: 'all',
    Targets: [
      { Id: 'let', Arn: arn('let'), RoleArn },
      { Id: 'not', Arn: arn('not-let'), RoleArn, DeadLetterConfig },
    ],
  });
  await events.putEvents({ Entries: [{ Source: 'test', DetailType: 'any', Detail: '{}' }] });
  const next = async (queue: string) => {
    const QueueUrl = `${rig.mayfly.api}/${account}/${queue}`;
    return eventually(`a message in ${queue}`, waitMs, async () => {
      const { Messages: [message] = [] } = await sqs.receiveMessage({
        QueueUrl,
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['All'],
      });
      return message;
    });
  };
  await next('let');
  const letter = await next('letters');
  const why = letter.MessageAttributes?.['ERROR_MESSAGE']?.StringValue ?? '';
  assert.match(why, /the role .*for-rules does not allow sqs:SendMessage on .*not-let/);
  events.destroy();
});

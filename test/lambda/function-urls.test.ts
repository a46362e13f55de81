/** Function URLs and resource policies through the official client, called by curl, which signs as AWS documents it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  DeleteResourcePolicyCommand,
  GetFunctionCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  GetResourcePolicyCommand,
  ListFunctionUrlConfigsCommand,
  PublishVersionCommand,
  PutResourcePolicyCommand,
  RemovePermissionCommand,
  UpdateFunctionUrlConfigCommand,
  type AddPermissionCommandInput,
  type Cors as CorsConfiguration,
  type LambdaServiceException,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { awsClient } from '../harness/aws-client.ts';
import { arnOf, openLambdaRig, type LambdaRig } from '../harness/lambda-rig.ts';

const run = promisify(execFile);
const source = {
  'index.mjs': `export const handler = async (event) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json', 'x-total': '7' },
  body: JSON.stringify({ context: event.requestContext, body: event.body, path: event.rawPath }),
});`,
};
const forbidden =
  '{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}';

let rig: LambdaRig;

before(async () => {
  rig = await openLambdaRig();
});
after(() => rig[Symbol.asyncDispose]());

type Reply = { status: number; headers: string; body: string };

async function curl(url: string, ...options: string[]): Promise<Reply> {
  const { stdout } = await run('curl', ['-s', '-i', '--max-time', '20', ...options, url]);
  const [headers = '', body = ''] = stdout.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(headers)?.[1]), headers, body };
}

/** As curl signs. */
function signed(change: { secret?: string; service?: string } = {}, by = rig): string[] {
  const { accessKeyId, secretAccessKey } = awsClient(by.mayfly).credentials;
  const { secret = secretAccessKey, service = 'lambda' } = change;
  return ['--aws-sigv4', `aws:amz:us-east-1:${service}`, '--user', `${accessKeyId}:${secret}`];
}

const permit = (
  FunctionName: string,
  more: Partial<AddPermissionCommandInput>,
): Promise<{ Statement?: string | undefined }> =>
  rig.lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: 'one',
      Action: 'lambda:InvokeFunction',
      Principal: '*',
      ...more,
    }),
  );

/** What AWS asks for since October 2025. */
async function open(FunctionName: string, more: Partial<AddPermissionCommandInput> = {}): Promise<void> {
  await permit(FunctionName, {
    StatementId: 'url',
    Action: 'lambda:InvokeFunctionUrl',
    FunctionUrlAuthType: 'NONE',
    ...more,
  });
  await permit(FunctionName, { StatementId: 'invoke', InvokedViaFunctionUrl: true, ...more });
}

async function makeUrl(
  FunctionName: string,
  more: Partial<ConstructorParameters<typeof CreateFunctionUrlConfigCommand>[0]> = {},
): Promise<string> {
  await rig.make(FunctionName, source);
  const made = await rig.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', ...more }));
  return made.FunctionUrl ?? '';
}

async function refusedAs(send: Promise<unknown>, name: string, message: RegExp): Promise<void> {
  await assert.rejects(send, (error: LambdaServiceException) => {
    assert.equal(error.name, name);
    assert.match(error.message, message);
    return true;
  });
}

test('an open URL is closed until the resource policy allows both actions to everybody', async () => {
  const url = await makeUrl('public');
  assert.match(url, /^http:\/\/[0-9a-f]{32}\.lambda-url\.us-east-1\.localhost:\d+\/$/);
  const closed = await curl(url);
  assert.equal(closed.status, 403);
  assert.equal(closed.body, forbidden);
  assert.match(closed.headers, /^x-amzn-errortype: AccessDeniedException\r?$/im);
  assert.match(closed.headers, /^x-amzn-requestid: /im);

  await permit('public', { StatementId: 'url', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' });
  assert.equal((await curl(url)).status, 403);
  await permit('public', { StatementId: 'invoke', InvokedViaFunctionUrl: true });
  const answer = await curl(`${url}some/where?a=b`);
  assert.equal(answer.status, 200);
  const { context, path } = JSON.parse(answer.body) as { context: Record<string, unknown>; path: string };
  assert.equal(path, '/some/where');
  assert.equal(context['accountId'], 'anonymous');
  assert.equal(context['authorizer'], undefined);

  await rig.lambda.send(new RemovePermissionCommand({ FunctionName: 'public', StatementId: 'url' }));
  assert.equal((await curl(url)).status, 403);
});

test('a URL with AWS_IAM wants a signature, and tells the function whose it is', async () => {
  const url = await makeUrl('signed', { AuthType: 'AWS_IAM' });
  const unsigned = await curl(url);
  assert.equal(unsigned.status, 403);
  assert.equal(unsigned.body, forbidden);

  const answer = await curl(`${url}x?a=1&b=2`, ...signed(), '-H', 'content-type: text/plain', '-d', 'the body');
  assert.equal(answer.status, 200, answer.body);
  const { context, body } = JSON.parse(answer.body) as { context: Record<string, unknown>; body: string };
  assert.equal(body, 'the body');
  assert.equal(context['accountId'], '000000000000');
  const { accessKeyId } = awsClient(rig.mayfly).credentials;
  assert.deepEqual(context['authorizer'], {
    iam: {
      accessKey: accessKeyId,
      accountId: '000000000000',
      callerId: '000000000000',
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: 'arn:aws:iam::000000000000:root',
      userId: '000000000000',
    },
  });

  const wrong = await curl(url, ...signed({ secret: 'wrong' }));
  assert.equal(wrong.status, 403);
  assert.match(wrong.headers, /^x-amzn-errortype: InvalidSignatureException\r?$/im);
  assert.match(wrong.body, /^\{"message":"The request signature we calculated does not match/);
  assert.equal((await curl(url, ...signed({ service: 's3' }))).status, 403);

  await rig.lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'signed', AuthType: 'NONE' }));
  await open('signed');
  assert.equal((await curl(url)).status, 200);
});

test('an alias has an address and a policy of its own', async () => {
  await rig.make('aliased', source);
  await rig.lambda.send(new PublishVersionCommand({ FunctionName: 'aliased' }));
  await rig.lambda.send(new CreateAliasCommand({ FunctionName: 'aliased', Name: 'prod', FunctionVersion: '1' }));
  const { FunctionUrl = '', FunctionArn } = await rig.lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: 'aliased', Qualifier: 'prod', AuthType: 'NONE' }),
  );
  assert.equal(FunctionArn, `${arnOf('aliased')}:prod`);
  await open('aliased');
  assert.equal((await curl(FunctionUrl)).status, 403, 'the policy of the function is not the one of the alias');
  await open('aliased', { Qualifier: 'prod' });
  assert.equal((await curl(FunctionUrl)).status, 200);

  const { Policy = '' } = await rig.lambda.send(new GetPolicyCommand({ FunctionName: 'aliased', Qualifier: 'prod' }));
  assert.deepEqual(JSON.parse(Policy), {
    Version: '2012-10-17',
    Id: 'default',
    Statement: [
      {
        Sid: 'url',
        Effect: 'Allow',
        Principal: '*',
        Action: 'lambda:InvokeFunctionUrl',
        Resource: `${arnOf('aliased')}:prod`,
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } },
      },
      {
        Sid: 'invoke',
        Effect: 'Allow',
        Principal: '*',
        Action: 'lambda:InvokeFunction',
        Resource: `${arnOf('aliased')}:prod`,
        Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
      },
    ],
  });
});

test('browsers are answered by the configuration, without the function', async () => {
  const shop = 'https://shop.example';
  const url = await makeUrl('browsed', {
    Cors: {
      AllowOrigins: [shop],
      AllowMethods: ['PUT'],
      AllowHeaders: ['X-Own'],
      ExposeHeaders: ['X-Total'],
      MaxAge: 60,
    },
  });
  const preflight = ['-X', 'OPTIONS', '-H', `origin: ${shop}`, '-H', 'access-control-request-method: PUT'];
  const allowed = await curl(url, ...preflight);
  assert.equal(allowed.status, 200);
  assert.match(allowed.headers, /^access-control-allow-origin: https:\/\/shop\.example\r?$/im);
  assert.match(allowed.headers, /^access-control-allow-methods: PUT\r?$/im);
  assert.match(allowed.headers, /^access-control-allow-headers: x-own\r?$/im);
  assert.match(allowed.headers, /^access-control-max-age: 60\r?$/im);

  await open('browsed');
  const answer = await curl(url, '-H', `origin: ${shop}`);
  assert.match(answer.headers, /^access-control-expose-headers: X-Total\r?$/im);
  assert.match(answer.headers, /^vary: Origin\r?$/im);
  assert.doesNotMatch((await curl(url)).headers, /access-control/i);

  await rig.lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'browsed', Cors: {} }));
  const { Cors } = await rig.lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'browsed' }));
  assert.equal(Cors, undefined);
});

test('configurations are made once, changed, listed, and gone for good', async () => {
  const url = await makeUrl('configured', { InvokeMode: 'RESPONSE_STREAM' });
  const FunctionName = 'configured';
  await refusedAs(
    rig.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' })),
    'ResourceConflictException',
    /^Failed to create function url config for \[functionArn = .*:function:configured\]\. Error message: {2}FunctionUrlConfig exists for this Lambda function$/,
  );
  const updated = await rig.lambda.send(
    new UpdateFunctionUrlConfigCommand({ FunctionName, AuthType: 'AWS_IAM', InvokeMode: 'BUFFERED' }),
  );
  assert.deepEqual([updated.AuthType, updated.InvokeMode, updated.FunctionUrl], ['AWS_IAM', 'BUFFERED', url]);
  assert.match(updated.LastModifiedTime ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  const { FunctionUrlConfigs } = await rig.lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName }));
  assert.deepEqual(
    FunctionUrlConfigs?.map(({ FunctionUrl, AuthType }) => [FunctionUrl, AuthType]),
    [[url, 'AWS_IAM']],
  );
  await rig.lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName }));
  assert.equal((await curl(url)).status, 404);
  await refusedAs(
    rig.lambda.send(new GetFunctionUrlConfigCommand({ FunctionName })),
    'ResourceNotFoundException',
    /^The resource you requested does not exist\.$/,
  );
  const withCors = (Cors: CorsConfiguration): Promise<unknown> =>
    rig.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', Cors }));
  const wrong = 'InvalidParameterValueException';
  await refusedAs(withCors({ AllowMethods: ['OPTION'] }), wrong, /^Invalid method OPTION in Cors AllowMethods\./);
  await refusedAs(withCors({ ExposeHeaders: ['a\r\nb'] }), wrong, /^Cors ExposeHeaders holds .*cannot be in a header/);
  await refusedAs(withCors({ AllowHeaders: ['水'] }), wrong, /^Cors AllowHeaders holds/);
  await refusedAs(
    withCors({ MaxAge: 86_401 }),
    'ValidationException',
    /at 'cors\.maxAge' failed to satisfy constraint/,
  );
  await refusedAs(
    rig.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName: 'none', AuthType: 'NONE' })),
    'ResourceNotFoundException',
    /^Function does not exist$/,
  );
  await refusedAs(
    rig.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', Qualifier: '1' })),
    'ValidationException',
    /^1 validation error detected: Value '1' at 'qualifier' failed to satisfy constraint/,
  );
});

test('of changes of a policy that name the same revision at the same time, one is made', async () => {
  const FunctionName = 'contended';
  await rig.make(FunctionName, source);
  await rig.lambda.send(new PublishVersionCommand({ FunctionName }));
  for (const Qualifier of [undefined, '1']) {
    await permit(FunctionName, { StatementId: 'first', Qualifier });
    const { RevisionId } = await rig.lambda.send(new GetPolicyCommand({ FunctionName, Qualifier }));
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((StatementId) => permit(FunctionName, { StatementId, Qualifier, RevisionId })),
    );
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).name] : []));
    assert.deepEqual(refused, ['PreconditionFailedException', 'PreconditionFailedException']);
  }
});

test('a policy is added to, shown as AWS writes it, and taken from, each time under another revision', async () => {
  const FunctionName = 'governed';
  await rig.make(FunctionName, source);
  const first = await rig.lambda.send(new GetFunctionCommand({ FunctionName }));
  const { Statement } = await permit(FunctionName, {
    StatementId: 's3',
    Principal: 's3.amazonaws.com',
    SourceArn: 'arn:aws:s3:::photos',
    SourceAccount: '000000000000',
  });
  const written =
    `{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"${arnOf(FunctionName)}",` +
    '"Condition":{"StringEquals":{"AWS:SourceAccount":"000000000000"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::photos"}}}';
  assert.equal(Statement, written);
  const policy = await rig.lambda.send(new GetPolicyCommand({ FunctionName }));
  assert.equal(policy.Policy, `{"Version":"2012-10-17","Id":"default","Statement":[${written}]}`);
  assert.notEqual(policy.RevisionId, first.Configuration?.RevisionId);
  const second = await rig.lambda.send(new GetFunctionCommand({ FunctionName }));
  assert.equal(policy.RevisionId, second.Configuration?.RevisionId);

  const account: unknown = JSON.parse(
    (await permit(FunctionName, { StatementId: 'account', Principal: '111111111111' })).Statement ?? '',
  );
  assert.deepEqual((account as { Principal: unknown }).Principal, { AWS: 'arn:aws:iam::111111111111:root' });

  const wrong: [Partial<AddPermissionCommandInput>, string, RegExp][] = [
    [{ StatementId: 's3' }, 'ResourceConflictException', /^The statement id \(s3\) provided already exists\./],
    [{ StatementId: 'a.b' }, 'ValidationException', /Value 'a\.b' at 'statementId' failed to satisfy constraint/],
    [{ Principal: 'nobody' }, 'InvalidParameterValueException', /^The provided principal was invalid\./],
    [
      { FunctionUrlAuthType: 'NONE' },
      'InvalidParameterValueException',
      /^FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action$/,
    ],
    [{ RevisionId: 'old' }, 'PreconditionFailedException', /^The Revision Id provided does not match/],
    [
      { Qualifier: '$LATEST' },
      'InvalidParameterValueException',
      /^We currently do not support adding policies for \$LATEST\.$/,
    ],
    [{ Qualifier: 'nope' }, 'ResourceNotFoundException', /^Cannot find alias arn: .*:governed:nope$/],
    [{ Qualifier: '42' }, 'ResourceNotFoundException', /^Function not found: .*:governed:42$/],
    [{ FunctionName: 'none' }, 'ResourceNotFoundException', /^Function not found: .*:none$/],
    [{ StatementId: undefined } as never, 'ValidationException', /Value null at 'statementId'/],
  ];
  for (const [change, name, message] of wrong) await refusedAs(permit(FunctionName, change), name, message);

  const remove = (StatementId: string, more = {}): Promise<unknown> =>
    rig.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId, ...more }));
  await refusedAs(remove('none'), 'ResourceNotFoundException', /^Statement none is not found in resource policy\.$/);
  await refusedAs(remove('s3', { FunctionName: 'none' }), 'ResourceNotFoundException', /^No policy found for: /);
  await remove('s3');
  await remove('account');
  await refusedAs(remove('s3'), 'ResourceNotFoundException', /^No policy is associated with the given resource\.$/);
  await refusedAs(
    rig.lambda.send(new GetPolicyCommand({ FunctionName })),
    'ResourceNotFoundException',
    /^The resource you requested does not exist\.$/,
  );
});

test('a policy is put as a whole, in the place of what was there, and deleted', async () => {
  const FunctionName = 'replaced';
  const ResourceArn = arnOf(FunctionName);
  await rig.make(FunctionName, source);
  await permit(FunctionName, { StatementId: 'before' });
  const statement = {
    Sid: 'events',
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: ResourceArn,
    Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:events:us-east-1:000000000000:rule/*' } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: [statement] });
  const put = await rig.lambda.send(new PutResourcePolicyCommand({ ResourceArn, Policy }));
  assert.equal(put.Policy, Policy);
  const got = await rig.lambda.send(new GetResourcePolicyCommand({ ResourceArn }));
  assert.deepEqual([got.Policy, got.RevisionId], [put.Policy, put.RevisionId]);
  assert.equal((await rig.lambda.send(new GetPolicyCommand({ FunctionName }))).Policy, Policy);
  await refusedAs(
    rig.lambda.send(new PutResourcePolicyCommand({ ResourceArn, Policy, RevisionId: 'old' })),
    'PreconditionFailedException',
    /^The Revision Id provided does not match/,
  );
  await refusedAs(
    rig.lambda.send(new PutResourcePolicyCommand({ ResourceArn, Policy: Policy.replace('Allow', 'Deny') })),
    'InvalidParameterValueException',
    /only Allow is available here/,
  );
  await refusedAs(
    rig.lambda.send(new GetResourcePolicyCommand({ ResourceArn: FunctionName })),
    'ValidationException',
    /at 'resourceArn' failed to satisfy constraint/,
  );
  await rig.lambda.send(new DeleteResourcePolicyCommand({ ResourceArn }));
  await refusedAs(
    rig.lambda.send(new GetResourcePolicyCommand({ ResourceArn })),
    'ResourceNotFoundException',
    /^The resource you requested does not exist\.$/,
  );
});

test('a policy has a limit, and statements that were there before it stay', async () => {
  const FunctionName = 'crowded';
  await rig.make(FunctionName, source);
  let failure: LambdaServiceException | undefined;
  let added = 0;
  for (; failure === undefined && added < 200; added++) {
    const statement = { StatementId: `s${added}`.padEnd(100, 'x'), Principal: 'events.amazonaws.com' };
    await permit(FunctionName, statement).catch((error: unknown) => (failure = error as LambdaServiceException));
  }
  assert.equal(failure?.name, 'PolicyLengthExceededException');
  assert.match(failure.message, /^The final policy size \(\d+\) is bigger than the limit \(20480\)\.$/);
  const { Policy = '' } = await rig.lambda.send(new GetPolicyCommand({ FunctionName }));
  assert.equal((JSON.parse(Policy) as { Statement: unknown[] }).Statement.length, added - 1);
});

test('a bucket tells a function what happens only once the function lets it', async () => {
  const FunctionName = 'told';
  const Bucket = 'telling';
  await rig.make(FunctionName, source);
  const s3 = new S3Client({ ...awsClient(rig.mayfly), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
  const tell = (): Promise<unknown> =>
    s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          LambdaFunctionConfigurations: [{ LambdaFunctionArn: arnOf(FunctionName), Events: ['s3:ObjectCreated:*'] }],
        },
      }),
    );
  await assert.rejects(tell(), (error: Error & { ArgumentName1?: string; ArgumentValue1?: string }) => {
    assert.equal(error.name, 'InvalidArgument');
    assert.equal(error.message, 'Unable to validate the following destination configurations');
    assert.equal(error.ArgumentName1, `${arnOf(FunctionName)}, null`);
    assert.equal(error.ArgumentValue1, `Not authorized to invoke function [${arnOf(FunctionName)}]`);
    return true;
  });
  await permit(FunctionName, { Principal: 's3.amazonaws.com', SourceArn: `arn:aws:s3:::${Bucket}` });
  await tell();
  s3.destroy();
});

test('dev, which trusts this machine otherwise, asks for signatures where a URL does', async () => {
  const project = await mkdtemp(join(tmpdir(), 'mayfly-urls-'));
  await writeFile(
    join(project, 'mayfly.yaml'),
    'application: own\nfunctions:\n  open: { runtime: python, handler: open.handler, code: [open.py], events: [{ url: true }] }\n',
  );
  await writeFile(join(project, 'open.py'), 'def handler(event, context):\n    return "hello"\n');
  {
    await using dev = await openLambdaRig({ devProject: project });
    await dev.make('closed', source);
    const { FunctionUrl = '' } = await dev.lambda.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: 'closed', AuthType: 'AWS_IAM' }),
    );
    assert.equal((await curl(FunctionUrl)).status, 403);
    assert.equal((await curl(FunctionUrl, ...signed({ secret: 'wrong' }, dev))).status, 403);
    assert.equal((await curl(FunctionUrl, ...signed({}, dev))).status, 200);

    const open = await dev.lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'open', Qualifier: 'live' }));
    assert.equal((await curl(open.FunctionUrl ?? '')).body, '"hello"');
    const { Policy = '' } = await dev.lambda.send(new GetPolicyCommand({ FunctionName: 'open', Qualifier: 'live' }));
    const { Statement } = JSON.parse(Policy) as { Statement: { Sid: string }[] };
    assert.deepEqual(
      Statement.map(({ Sid }) => Sid),
      ['FunctionURLAllowPublicAccess', 'FunctionURLAllowInvokeAction'],
    );
  }
  await rm(project, { recursive: true });
});

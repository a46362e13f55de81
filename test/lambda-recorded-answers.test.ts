/**
 * Answers member by member as AWS's own were recorded, where clients could tell: what lists leave out, what is there
 * though empty, how ARNs end, which statuses come back.
 * https://github.com/localstack/localstack/blob/master/tests/aws/services/lambda_/test_lambda_api.snapshot.json
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  ListLayerVersionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { arnOf, echo, openLambdaRig, role, runtime, zipOf, type LambdaRig } from './harness/lambda-rig.ts';

const FunctionName = 'recorded';
const arn = arnOf(FunctionName);

let rig: LambdaRig;
let lambda: LambdaClient;
before(async () => {
  rig = await openLambdaRig();
  lambda = rig.lambda;
  await rig.make(FunctionName, echo);
});
after(() => rig[Symbol.asyncDispose]());

/** What every description of a version has, wherever it stands. */
const described = [
  'Architectures',
  'CodeSha256',
  'CodeSize',
  'Description',
  'EphemeralStorage',
  'FunctionArn',
  'FunctionName',
  'Handler',
  'LastModified',
  'LoggingConfig',
  'MemorySize',
  'PackageType',
  'RevisionId',
  'Role',
  'Runtime',
  'SnapStart',
  'Timeout',
  'TracingConfig',
  'Version',
];

const members = (description: object): string[] => Object.keys(description).toSorted();

test('a version is described whole where it is asked for, and without its states in lists', async () => {
  const published = await lambda.send(new PublishVersionCommand({ FunctionName }));
  assert.equal(published.$metadata.httpStatusCode, 201);
  assert.equal(published.FunctionArn, `${arn}:1`);
  const again = await lambda.send(new PublishVersionCommand({ FunctionName }));
  assert.deepEqual([again.$metadata.httpStatusCode, again.Version], [201, '1']);

  const whole = [...described, 'LastUpdateStatus', 'RuntimeVersionConfig', 'State'].toSorted();
  for (const [Qualifier, ending] of [
    [undefined, ''],
    ['1', ':1'],
    ['$LATEST', ':$LATEST'],
  ] as const) {
    const { Configuration = {}, Code } = await lambda.send(new GetFunctionCommand({ FunctionName, Qualifier }));
    assert.equal(Configuration.FunctionArn, arn + ending);
    assert.deepEqual(members(Configuration), whole);
    assert.equal(Code?.RepositoryType, 'S3');
  }
  const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
  assert.deepEqual(
    Versions.map(({ FunctionArn }) => FunctionArn),
    [`${arn}:$LATEST`, `${arn}:1`],
  );
  for (const version of Versions) assert.deepEqual(members(version), described);
});

test('an update is in progress, with the reason that Lambda gives', async () => {
  const { LastUpdateStatus, LastUpdateStatusReason, LastUpdateStatusReasonCode, State, Environment } =
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: {} } }));
  assert.deepEqual(
    [LastUpdateStatus, LastUpdateStatusReason, LastUpdateStatusReasonCode, State],
    ['InProgress', 'The function is being created.', 'Creating', 'Active'],
  );
  assert.equal(Environment, undefined, 'without variables there is no environment');
  await rig.updated(FunctionName);
});

test('an alias without weights has none, and one that is not there may be deleted', async () => {
  const alias = await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
  const { $metadata, RevisionId, ...rest } = alias;
  assert.equal($metadata.httpStatusCode, 201);
  assert.match(RevisionId ?? '', /^[0-9a-f-]{36}$/);
  assert.deepEqual(rest, { AliasArn: `${arn}:live`, Description: '', FunctionVersion: '1', Name: 'live' });
  const { $metadata: gone } = await lambda.send(new DeleteAliasCommand({ FunctionName, Name: 'none' }));
  assert.equal(gone.httpStatusCode, 204);
});

test('asynchronous settings name both destinations, there or not, and the qualifier', async () => {
  const put = await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 }));
  const { $metadata, LastModified, ...rest } = put;
  assert.equal($metadata.httpStatusCode, 200);
  assert.ok(LastModified instanceof Date);
  assert.deepEqual(rest, {
    DestinationConfig: { OnFailure: {}, OnSuccess: {} },
    FunctionArn: `${arn}:$LATEST`,
    MaximumRetryAttempts: 1,
  });
  const Destination = 'arn:aws:iam:us-east-1:000000000000:role/any';
  await assert.rejects(
    lambda.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName, DestinationConfig: { OnSuccess: { Destination } } }),
    ),
    {
      name: 'InvalidParameterValueException',
      message: `The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=${Destination}), onFailure=null) is invalid.`,
    },
  );
});

test('statements of a policy are written as AWS writes them', async () => {
  const permit = (more: object) =>
    lambda.send(
      new AddPermissionCommand({
        FunctionName,
        Action: 'lambda:InvokeFunction',
        StatementId: 'none',
        Principal: '*',
        ...more,
      }),
    );
  const { Statement = '' } = await permit({
    StatementId: 's3',
    Principal: 's3.amazonaws.com',
    SourceArn: 'arn:aws:s3:::photos',
  });
  const s3 = {
    Sid: 's3',
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: arn,
    Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::photos' } },
  };
  assert.deepEqual(JSON.parse(Statement), s3);
  const account = await permit({ StatementId: 'account', Principal: '123456789012' });
  assert.deepEqual((JSON.parse(account.Statement ?? '') as typeof s3).Principal, {
    AWS: 'arn:aws:iam::123456789012:root',
  });
  const url = await permit({
    StatementId: 'url',
    Action: 'lambda:InvokeFunctionUrl',
    FunctionUrlAuthType: 'NONE',
    PrincipalOrgID: 'o-1234567890',
    SourceAccount: '000000000000',
  });
  assert.deepEqual((JSON.parse(url.Statement ?? '') as typeof s3).Condition, {
    StringEquals: {
      'lambda:FunctionUrlAuthType': 'NONE',
      'aws:PrincipalOrgID': 'o-1234567890',
      'AWS:SourceAccount': '000000000000',
    },
  });
  const { Policy = '' } = await lambda.send(new GetPolicyCommand({ FunctionName }));
  const policy = JSON.parse(Policy) as { Version: string; Id: string; Statement: object[] };
  assert.deepEqual([policy.Version, policy.Id, policy.Statement[0]], ['2012-10-17', 'default', s3]);
});

test('layers and tags that are not there may be deleted, and lists of nothing are empty', async () => {
  const gone = await lambda.send(new DeleteLayerVersionCommand({ LayerName: 'none', VersionNumber: 1 }));
  assert.equal(gone.$metadata.httpStatusCode, 204);
  const { LayerVersions } = await lambda.send(new ListLayerVersionsCommand({ LayerName: 'none' }));
  assert.deepEqual(LayerVersions, []);
  const { Tags } = await lambda.send(new ListTagsCommand({ Resource: arn }));
  assert.deepEqual(Tags, {});
  const untagged = await lambda.send(new UntagResourceCommand({ Resource: arn, TagKeys: ['none'] }));
  assert.equal(untagged.$metadata.httpStatusCode, 204);
  await assert.rejects(lambda.send(new TagResourceCommand({ Resource: arn, Tags: {} })), {
    name: 'InvalidParameterValueException',
    message: 'An error occurred and the request cannot be processed.',
  });
});

test('a layer of a runtime that there is not is refused with those that there are', async () => {
  const Content = { ZipFile: await zipOf(echo) };
  const CompatibleRuntimes = ['cobol' as typeof runtime, runtime];
  await assert.rejects(
    lambda.send(new PublishLayerVersionCommand({ LayerName: 'faulty', Content, CompatibleRuntimes })),
    {
      name: 'ValidationException',
      message:
        /^1 validation error detected: Value '\[cobol, nodejs24\.x\]' at 'compatibleRuntimes' failed to satisfy constraint: Member must satisfy enum value set: \[.*nodejs24\.x.*\]$/,
    },
  );
});

test('deleting answers without content', async () => {
  const FunctionToDelete = 'short-lived';
  await rig.make(FunctionToDelete, echo, { Role: role });
  const { $metadata } = await lambda.send(new DeleteFunctionCommand({ FunctionName: FunctionToDelete }));
  assert.equal($metadata.httpStatusCode, 204);
});

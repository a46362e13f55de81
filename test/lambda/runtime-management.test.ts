/** Patch releases of runtimes through Lambda's API: which one a function has, staying with it, and what is refused. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  GetRuntimeManagementConfigCommand,
  LambdaClient,
  ListFunctionsCommand,
  PublishVersionCommand,
  PutRuntimeManagementConfigCommand,
  type PutRuntimeManagementConfigCommandInput,
} from '@aws-sdk/client-lambda';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { awsClient } from '../harness/aws-client.ts';
import { arnOf, echo, openLambdaRig, role, zipOf, type LambdaRig } from '../harness/lambda-rig.ts';

describe('runtime management', () => {
  let rig: LambdaRig;
  before(async () => {
    rig = await openLambdaRig();
    await rig.make('hello', echo);
    await rig.ask('hello');
  });
  after(() => rig[Symbol.asyncDispose]());

  const put = (input: Omit<PutRuntimeManagementConfigCommandInput, 'FunctionName'>) =>
    rig.lambda.send(new PutRuntimeManagementConfigCommand({ FunctionName: 'hello', ...input }));
  const get = async (Qualifier?: string) => {
    const { $metadata: _metadata, ...answer } = await rig.lambda.send(
      new GetRuntimeManagementConfigCommand({ FunctionName: 'hello', Qualifier }),
    );
    return answer;
  };
  const versionArn = async (): Promise<string> => {
    const { RuntimeVersionConfig } = await rig.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'hello' }),
    );
    return RuntimeVersionConfig?.RuntimeVersionArn ?? '';
  };
  const latest = `${arnOf('hello')}:$LATEST`;

  test('a function has a version of its runtime, and newer ones automatically unless it says otherwise', async () => {
    assert.match(await versionArn(), /^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/);
    assert.deepEqual(await get(), { UpdateRuntimeOn: 'Auto', FunctionArn: latest });
    const { Functions } = await rig.lambda.send(new ListFunctionsCommand());
    assert.equal(Functions?.[0]?.RuntimeVersionConfig, undefined, 'of which lists say nothing');
  });

  test('the answer that a function is made names it already, and it is the same after a restart', async () => {
    const own = await openLambdaRig();
    const made = await own.lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'new',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: role,
        Code: { ZipFile: await zipOf(echo) },
      }),
    );
    const named = made.RuntimeVersionConfig?.RuntimeVersionArn ?? '';
    assert.match(named, /:runtime:[0-9a-f]{64}$/);
    assert.notEqual(named, await versionArn(), 'another runtime’s is another');
    own.lambda.destroy();
    await using again = await own.mayfly.killAndRestart();
    const lambda = new LambdaClient(awsClient(again));
    const { RuntimeVersionConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'new' }));
    assert.equal(RuntimeVersionConfig?.RuntimeVersionArn, named);
    lambda.destroy();
  });

  test('it may stay with its version, which is then kept; a version published has the same', async () => {
    const RuntimeVersionArn = await versionArn();
    const manual = { UpdateRuntimeOn: 'Manual', RuntimeVersionArn } as const;
    const { $metadata, ...answer } = await put(manual);
    assert.deepEqual([$metadata.httpStatusCode, answer], [200, { ...manual, FunctionArn: latest }]);
    const id = RuntimeVersionArn.split(':').at(-1) ?? '';
    assert.ok(existsSync(join(rig.mayfly.data, 'runtimes', 'nodejs24.x', id, 'release.json')));
    await rig.lambda.send(new PublishVersionCommand({ FunctionName: 'hello' }));
    assert.deepEqual(await get('1'), { ...manual, FunctionArn: `${arnOf('hello')}:1` });
    assert.deepEqual((await rig.ask('hello', { from: 'what is kept' })).payload, { hello: { from: 'what is kept' } });
    await put({ Qualifier: '1', UpdateRuntimeOn: 'FunctionUpdate' });
    assert.deepEqual(await get('1'), { UpdateRuntimeOn: 'FunctionUpdate', FunctionArn: `${arnOf('hello')}:1` });
    assert.deepEqual(await get(), { ...manual, FunctionArn: latest });
    await put({ UpdateRuntimeOn: 'Auto' });
    assert.deepEqual(await get(), { UpdateRuntimeOn: 'Auto', FunctionArn: latest });
  });

  test('what is wrong is refused', async () => {
    const arn = `arn:aws:lambda:us-east-1::runtime:${'0'.repeat(64)}`;
    const wrong: [Parameters<typeof put>[0], RegExp][] = [
      [{ UpdateRuntimeOn: 'Manual' }, /RuntimeVersionArn is required/],
      [{ UpdateRuntimeOn: 'Auto', RuntimeVersionArn: arn }, /can only be provided when/],
      [{ UpdateRuntimeOn: 'Manual', RuntimeVersionArn: arn }, /not a version of nodejs24\.x/],
      [
        { UpdateRuntimeOn: 'Manual', RuntimeVersionArn: (await versionArn()).replace('us-east-1', 'eu-west-1') },
        /not a version of nodejs24\.x/,
      ],
    ];
    for (const [input, message] of wrong)
      await assert.rejects(put(input), { name: 'InvalidParameterValueException', message });
    await assert.rejects(put({ UpdateRuntimeOn: 'Auto', Qualifier: '7' }), { name: 'ResourceNotFoundException' });
  });
});

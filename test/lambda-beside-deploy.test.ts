/** Functions made through Lambda's API and functions of a deployment are of one kind: each way sees, calls and changes both. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { echo, openLambdaRig, type LambdaRig } from './harness/lambda-rig.ts';

let rig: LambdaRig;
let project: string;
before(async () => {
  rig = await openLambdaRig();
  project = await mkdtemp(join(tmpdir(), 'mayfly-beside-'));
  await writeFile(
    join(project, 'mayfly.yaml'),
    `application: shop
functions:
  counter:
    runtime: nodejs
    handler: index.handler
    code: index.mjs
    timeout: 7
`,
  );
  await writeFile(join(project, 'index.mjs'), echo['index.mjs']);
  await rig.make('lone', echo);
  await rig.mayfly.json('deploy', project);
});
after(async () => {
  await rig[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

test('both are listed by the API and by the command line', async () => {
  const { Functions = [] } = await rig.lambda.send(new ListFunctionsCommand({}));
  assert.deepEqual(
    Functions.map(({ FunctionName }) => FunctionName),
    ['counter', 'lone'],
  );
  const { functions } = (await rig.mayfly.json('ls')) as { functions: { name: string }[] };
  assert.deepEqual(functions.map(({ name }) => name).toSorted(), ['counter', 'lone']);
});

test('both are called by the API and by the command line', async () => {
  assert.deepEqual((await rig.ask('counter', 1, { Qualifier: 'live' })).payload, { hello: 1 });
  for (const name of ['counter', 'lone']) {
    const { payload } = (await rig.mayfly.json('invoke', name, '--data', '2')) as { payload: unknown };
    assert.deepEqual(payload, { hello: 2 });
  }
});

test('a deployed one is changed through the API, and again by the next deployment, which leaves the other alone', async () => {
  const FunctionName = 'counter';
  const timeout = async (): Promise<number | undefined> =>
    (await rig.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).Timeout;
  assert.equal(await timeout(), 7);
  await rig.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 9 }));
  assert.equal(await timeout(), 9);
  const live = () => rig.lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }));
  const { FunctionVersion } = await live();
  await writeFile(join(project, 'index.mjs'), echo['index.mjs'].replace('hello', 'goodbye'));
  await rig.mayfly.json('deploy', project);
  assert.equal(await timeout(), 7);
  assert.notEqual((await live()).FunctionVersion, FunctionVersion);
  assert.deepEqual((await rig.ask(`${FunctionName}:live`, 3)).payload, { goodbye: 3 });
  assert.deepEqual((await rig.ask('lone', 3)).payload, { hello: 3 });
});

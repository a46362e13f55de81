/** What functions have in their environment variables: readable in the function and through the API, nowhere on the disk, in no log and in no error. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { callApi, invokeFunction } from '../harness/api-client.ts';
import { awsClient } from '../harness/aws-client.ts';
import { filesOf } from '../harness/files-of.ts';
import { echo, role, runtime, zipOf } from '../harness/lambda-rig.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const deployed = 'tiger-in-the-shop-4711';
const throughApi = 'heron-at-the-lake-0815';
const replaced = 'otter-under-the-bridge-2342';
const secrets = [deployed, throughApi, replaced, 'TOKEN_OF_THE_SHOP'];

describe('environment variables at rest', () => {
  let mayfly: StartedMayfly;
  let project: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'mayfly-rest-'));
    await writeFile(
      join(project, 'hello.py'),
      'import os\ndef lambda_handler(event, context):\n    return {"same": os.environ[event["name"]] == event["expected"]}\n',
    );
    await writeFile(
      join(project, 'mayfly.yaml'),
      `application: rest\nfunctions:\n  hello: { runtime: python, handler: hello.lambda_handler, code: hello.py, environment: { TOKEN_OF_THE_SHOP: ${deployed} } }\n`,
    );
    mayfly = await startMayfly();
    await mayfly.json('deploy', project);
    const lambda = new LambdaClient(awsClient(mayfly));
    const FunctionName = 'made';
    const withValue = (value: string) => ({ Variables: { TOKEN_OF_THE_SHOP: value } });
    const ZipFile = await zipOf(echo);
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: runtime,
        Handler: 'index.handler',
        Role: role,
        Code: { ZipFile },
        Environment: withValue(replaced),
      }),
    );
    await lambda.send(new PublishVersionCommand({ FunctionName }));
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: withValue(throughApi) }));
    lambda.destroy();
  });

  after(async () => {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  });

  /** Every byte below the data folder: the database, its write-ahead log, blobs, logs. */
  async function assertNowhere(): Promise<void> {
    const paths: string[] = [];
    for await (const { path, bytes } of filesOf(mayfly.data)) {
      paths.push(path);
      for (const secret of secrets) assert.ok(!bytes.includes(secret), `${secret} is in ${path}`);
    }
    assert.ok(paths.includes('mayfly.db') && paths.includes('mayfly.db-wal'), paths.join(' '));
  }

  test('they are in the function, and in no file of the platform', async () => {
    const { payload } = await invokeFunction(mayfly, 'hello', { name: 'TOKEN_OF_THE_SHOP', expected: deployed });
    assert.deepEqual(payload, { same: true });
    await assertNowhere();
  });

  test('who may read the function reads them; views, metrics, the list of invocations and errors do not show them', async () => {
    const lambda = new LambdaClient(awsClient(mayfly));
    const read = async (Qualifier?: string) =>
      (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'made', Qualifier }))).Environment;
    assert.deepEqual(await read(), { Variables: { TOKEN_OF_THE_SHOP: throughApi } });
    assert.deepEqual(await read('1'), { Variables: { TOKEN_OF_THE_SHOP: replaced } });
    lambda.destroy();

    const targets = [
      'functions',
      'functions/hello',
      'functions/made',
      'invocations',
      'metrics',
      'doctor',
      'deployments',
    ];
    for (const path of targets) {
      const answer = await callApi(mayfly, { target: `/_mayfly/${path}`, service: 'mayfly' });
      assert.equal(answer.status, 200, path);
      const text = await answer.text();
      for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} is in ${path}`);
    }
    const settings = {
      runtime: 'python',
      handler: 'hello.lambda_handler',
      bundle: '0'.repeat(64),
      network: 'none',
      memoryMb: 128,
      timeoutMs: 1_000,
      environment: { TOKEN_OF_THE_SHOP: `${deployed}\0` },
    };
    const one = { name: 'beyond', url: false, sources: [], settings };
    const refused = await callApi(mayfly, {
      method: 'POST',
      target: '/_mayfly/deployments',
      service: 'mayfly',
      body: JSON.stringify({ application: 'beyond', functions: [one], buckets: [], queues: [] }),
    });
    const text = await refused.text();
    assert.deepEqual([refused.status, text.includes('environment.TOKEN_OF_THE_SHOP is not text')], [400, true]);
    assert.ok(!text.includes(deployed));
  });

  test('after a kill and a restart they are in the function still, and in no file', async () => {
    mayfly = await mayfly.killAndRestart();
    assert.deepEqual(
      (await invokeFunction(mayfly, 'hello', { name: 'TOKEN_OF_THE_SHOP', expected: deployed })).payload,
      { same: true },
    );
    await assertNowhere();
  });

  test('with a new master key they are sealed anew while the platform runs, and the old one opens nothing', async () => {
    const old = await readFile(join(mayfly.data, 'master.key'), 'utf8');
    const rotated = (await mayfly.json('keys', 'rotate')) as { resealed: { records: number; left: string[] } };
    assert.deepEqual(rotated.resealed.left, []);
    assert.ok(rotated.resealed.records >= 2, JSON.stringify(rotated));
    assert.notEqual(await readFile(join(mayfly.data, 'master.key'), 'utf8'), old);
    mayfly = await mayfly.killAndRestart();
    const { payload } = await invokeFunction(mayfly, 'hello', { name: 'TOKEN_OF_THE_SHOP', expected: deployed });
    assert.deepEqual(payload, { same: true });
    await assertNowhere();
  });
});

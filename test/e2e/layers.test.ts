/** Layers through the official client, from their publication to a function that imports from them, and after a kill. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  AddLayerVersionPermissionCommand,
  CreateFunctionCommand,
  DeleteLayerVersionCommand,
  GetFunctionCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  RemoveLayerVersionPermissionCommand,
  UpdateFunctionConfigurationCommand,
  type PublishLayerVersionCommandInput,
} from '@aws-sdk/client-lambda';
import { exampleZip, type ExampleEntry } from '../../src/registry/example-zip.ts';
import { awsClient } from '../harness/aws-client.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const role = 'arn:aws:iam::000000000000:role/any';

let mayfly: StartedMayfly;
let lambda: LambdaClient;

before(async () => {
  mayfly = await startMayfly();
  lambda = new LambdaClient(awsClient(mayfly));
});

after(async () => {
  lambda.destroy();
  await mayfly[Symbol.asyncDispose]();
});

const zipOf = async (...entries: ExampleEntry[]): Promise<Buffer> => (await exampleZip(entries)).zip;

async function publish(
  name: string,
  entries: ExampleEntry[],
  more: Partial<PublishLayerVersionCommandInput> = {},
): Promise<string> {
  const content = { ZipFile: await zipOf(...entries) };
  const published = await lambda.send(new PublishLayerVersionCommand({ LayerName: name, Content: content, ...more }));
  return published.LayerVersionArn ?? '';
}

async function create(name: string, entries: ExampleEntry[], layers: string[], runtime = 'nodejs26.x'): Promise<void> {
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: runtime as never,
      Handler: 'index.handler',
      Role: role,
      Code: { ZipFile: await zipOf(...entries) },
      Layers: layers,
    }),
  );
}

async function call(name: string): Promise<unknown> {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: name }));
  return JSON.parse(Payload?.transformToString() ?? 'null');
}

const code = async (command: Promise<unknown>): Promise<string> =>
  command.then(
    () => 'done',
    (error: unknown) => (error as Error).name,
  );

test('a Node.js function requires and imports what two layers bring, the later over the earlier', async () => {
  const first = await publish('node-one', [
    { path: 'nodejs/node_modules/greeting/index.js', text: "module.exports = 'hello from one'" },
    { path: 'nodejs/node_modules/name/index.js', text: "module.exports = 'one'" },
  ]);
  const second = await publish('node-two', [
    { path: 'nodejs/node_modules/name/index.js', text: "module.exports = 'two'" },
  ]);
  const source = `
    import greeting from 'greeting';
    import { createRequire } from 'node:module';
    export const handler = async () => [greeting, createRequire(import.meta.url)('name')];`;
  await create('imports', [{ path: 'index.mjs', text: source }], [first, second]);
  assert.deepEqual(await call('imports'), ['hello from one', 'two']);

  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'imports', Layers: [second, first] }));
  assert.deepEqual(await call('imports'), ['hello from one', 'one']);
});

test('a Python function imports from a layer, and runs a program that the layer brings', async () => {
  const arn = await publish('python-layer', [
    { path: 'python/helper.py', text: 'def shout(text):\n    return text.upper() + "!"\n' },
    { path: 'bin/answer', text: '#!/bin/sh\necho 42', mode: 0o100755 },
  ]);
  const source = `
import subprocess
import helper
def handler(event, context):
    return [helper.shout('hello'), subprocess.check_output(['answer'], text=True).strip()]
`;
  await create('shouts', [{ path: 'index.py', text: source }], [arn], 'python');
  assert.deepEqual(await call('shouts'), ['HELLO!', '42']);
});

test('a function keeps a deleted version, also when everything is killed, and the number is not given again', async () => {
  const entries = [{ path: 'python/kept.py', text: 'value = "kept"' }];
  const arn = await publish('kept', entries);
  const other = await publish('other', [{ path: 'python/other.py', text: 'value = "other"' }]);
  const source = 'import kept, other\ndef handler(event, context):\n    return [kept.value, other.value]\n';
  await create('keeps', [{ path: 'index.py', text: source }], [arn, other], 'python');
  await lambda.send(new DeleteLayerVersionCommand({ LayerName: 'kept', VersionNumber: 1 }));

  lambda.destroy();
  mayfly = await mayfly.killAndRestart();
  lambda = new LambdaClient(awsClient(mayfly));
  assert.deepEqual(await call('keeps'), ['kept', 'other']);
  assert.equal(await code(lambda.send(new GetLayerVersionByArnCommand({ Arn: arn }))), 'ResourceNotFoundException');
  assert.match(await publish('kept', entries), /:layer:kept:2$/);

  const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: 'keeps' }));
  assert.deepEqual(
    Configuration?.Layers?.map((layer) => layer.Arn),
    [arn, other],
  );
});

test('a manifest names layers, and a deployment without one that is there is refused', async () => {
  await publish('of-manifest', [{ path: 'python/greeting.py', text: 'text = "from a layer"' }]);
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-layers-'));
  const write = (version: number): Promise<void> =>
    writeFile(
      join(folder, 'mayfly.yaml'),
      `application: layered\nfunctions:\n  greets: { runtime: python, handler: greets.handler, code: [greets.py], layers: [of-manifest:${version}] }\n`,
    );
  await writeFile(
    join(folder, 'greets.py'),
    'import greeting\ndef handler(event, context):\n    return greeting.text\n',
  );
  await write(1);
  await mayfly.json('deploy', folder);
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'greets', Qualifier: 'live' }));
  assert.equal(Payload?.transformToString(), '"from a layer"');
  await write(2);
  await assert.rejects(mayfly.json('deploy', folder), ({ stdout }: { stdout: string }) =>
    /of-manifest:2, which is not here; publish it first/.test(stdout),
  );
  await rm(folder, { recursive: true });
});

test('versions are described, listed newest first, and found by what they are for', async () => {
  const zip = await zipOf({ path: 'python/a.py', text: 'a = 1' });
  const published = await lambda.send(
    new PublishLayerVersionCommand({
      LayerName: 'described',
      Description: 'what it is',
      LicenseInfo: 'MIT',
      CompatibleRuntimes: ['python3.12'],
      CompatibleArchitectures: ['x86_64', 'arm64'],
      Content: { ZipFile: zip },
    }),
  );
  await publish('described', [{ path: 'python/a.py', text: 'a = 2' }]);
  const got = await lambda.send(new GetLayerVersionCommand({ LayerName: 'described', VersionNumber: 1 }));
  assert.deepEqual(
    { ...got, Content: undefined, $metadata: undefined },
    {
      ...published,
      Content: undefined,
      $metadata: undefined,
    },
  );
  assert.equal(got.Content?.CodeSize, zip.byteLength);
  assert.match(got.CreatedDate ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  const location = await fetch(got.Content?.Location ?? '');
  assert.deepEqual(Buffer.from(await location.arrayBuffer()), zip);

  const { LayerVersions } = await lambda.send(new ListLayerVersionsCommand({ LayerName: 'described' }));
  assert.deepEqual(
    LayerVersions?.map(({ Version }) => Version),
    [2, 1],
  );
  const { Layers } = await lambda.send(new ListLayersCommand({ CompatibleRuntime: 'python3.12' }));
  assert.deepEqual(
    Layers?.map(({ LayerName, LatestMatchingVersion }) => [LayerName, LatestMatchingVersion?.Version]),
    [['described', 1]],
  );
  assert.deepEqual((await lambda.send(new ListLayerVersionsCommand({ LayerName: 'nothing' }))).LayerVersions, []);
});

test('permissions on a version are added, shown, and removed, each under a revision', async () => {
  await publish('shared', [{ path: 'python/a.py', text: 'a = 1' }]);
  const version = { LayerName: 'shared', VersionNumber: 1 };
  const statement = { ...version, StatementId: 'all', Action: 'lambda:GetLayerVersion', Principal: '*' };
  assert.equal(await code(lambda.send(new GetLayerVersionPolicyCommand(version))), 'ResourceNotFoundException');
  const added = await lambda.send(new AddLayerVersionPermissionCommand(statement));
  const written = {
    Sid: 'all',
    Effect: 'Allow',
    Principal: '*',
    Action: 'lambda:GetLayerVersion',
    Resource: 'arn:aws:lambda:us-east-1:000000000000:layer:shared:1',
  };
  assert.equal(added.Statement, JSON.stringify(written));
  const policy = await lambda.send(new GetLayerVersionPolicyCommand(version));
  assert.equal(policy.Policy, JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: [written] }));
  assert.equal(policy.RevisionId, added.RevisionId);

  const refused: [() => Promise<unknown>, string][] = [
    [() => lambda.send(new AddLayerVersionPermissionCommand(statement)), 'ResourceConflictException'],
    [
      () => lambda.send(new AddLayerVersionPermissionCommand({ ...statement, StatementId: 'b', RevisionId: 'old' })),
      'PreconditionFailedException',
    ],
    [
      () => lambda.send(new AddLayerVersionPermissionCommand({ ...statement, StatementId: 'b', Action: '*' })),
      'ValidationException',
    ],
    [
      () => lambda.send(new AddLayerVersionPermissionCommand({ ...statement, StatementId: 'b', Principal: 'nobody' })),
      'ValidationException',
    ],
    [
      () => lambda.send(new RemoveLayerVersionPermissionCommand({ ...version, StatementId: 'none' })),
      'ResourceNotFoundException',
    ],
    [
      () => lambda.send(new RemoveLayerVersionPermissionCommand({ ...version, VersionNumber: 9, StatementId: 'all' })),
      'ResourceNotFoundException',
    ],
  ];
  for (const [send, name] of refused) assert.equal(await code(send()), name);
  await lambda.send(new RemoveLayerVersionPermissionCommand({ ...version, StatementId: 'all' }));
  assert.equal(await code(lambda.send(new GetLayerVersionPolicyCommand(version))), 'ResourceNotFoundException');
});

test('wrong requests are refused as Lambda does', async () => {
  const ZipFile = await zipOf({ path: 'a', text: 'a' });
  const Content = { ZipFile };
  const arn = await publish('right', [{ path: 'a', text: 'a' }]);
  const refused: [() => Promise<unknown>, string, RegExp][] = [
    [
      () => lambda.send(new PublishLayerVersionCommand({ LayerName: 'not a name', Content })),
      'ValidationException',
      /at 'layerName' failed to satisfy constraint: Member must satisfy regular expression pattern/,
    ],
    [
      () =>
        lambda.send(new PublishLayerVersionCommand({ LayerName: 'x', Content: { ZipFile: Buffer.from('no zip') } })),
      'InvalidParameterValueException',
      /Could not unzip uploaded file/,
    ],
    [
      () =>
        lambda.send(
          new PublishLayerVersionCommand({ LayerName: 'x', Content, CompatibleRuntimes: ['cobol' as never] }),
        ),
      'ValidationException',
      /Value '\[cobol\]' at 'compatibleRuntimes'/,
    ],
    [
      () => lambda.send(new GetLayerVersionCommand({ LayerName: 'right', VersionNumber: 0 })),
      'InvalidParameterValueException',
      /^Layer Version Cannot be less than 1$/,
    ],
    [
      () => lambda.send(new GetLayerVersionCommand({ LayerName: 'right', VersionNumber: 9 })),
      'ResourceNotFoundException',
      /^The resource you requested does not exist\.$/,
    ],
    [
      () => lambda.send(new GetLayerVersionByArnCommand({ Arn: arn.replace('000000000000', '111111111111') })),
      'AccessDeniedException',
      /is not authorized to perform: lambda:GetLayerVersion on resource/,
    ],
    [
      () => create('wrong', [{ path: 'index.js', text: '' }], [`${arn}9`]),
      'InvalidParameterValueException',
      /^Layer version .*:right:19 does not exist\.$/,
    ],
    [
      () => create('wrong', [{ path: 'index.js', text: '' }], [arn, arn]),
      'InvalidParameterValueException',
      /^Two different versions of the same layer are not allowed to be referenced in the same function\. .*:right:1 and .*:right:1 are versions of the same layer\.$/,
    ],
    [
      () => create('wrong', [{ path: 'index.js', text: '' }], [arn.replace('000000000000', '111111111111')]),
      'AccessDeniedException',
      /is not authorized to perform: lambda:GetLayerVersion on resource/,
    ],
  ];
  for (const [send, name, message] of refused) {
    await assert.rejects(send, (error: Error) => {
      assert.equal(error.name, name);
      assert.match(error.message, message);
      return true;
    });
  }
});

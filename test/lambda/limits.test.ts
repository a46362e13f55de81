/**
 * Lambda's limits through its API, one row each: what is exactly at the limit is accepted, one more is refused with
 * Lambda's own code and message. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 * docs/reference/limits.md lists them with those that other tests hold (time, files, processes, memory, code storage).
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buffer } from 'node:stream/consumers';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  TagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type CreateFunctionCommandInput,
  type UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';
import { ZipFile } from 'yazl';
import { callApi } from '../harness/api-client.ts';
import { arnOf, echo, openLambdaRig, role, runtime, zipOf, type LambdaRig } from '../harness/lambda-rig.ts';

type Refusal = { name: string; message: string | RegExp };

/** `within`: requests at a limit, on both sides where there are two; `beyond`: one more, or one less. */
type Row = {
  what: string;
  within: readonly (() => Promise<unknown>)[];
  beyond: readonly [ask: () => Promise<unknown>, refusal: Refusal][];
};

const mib = 1024 * 1024;
const FunctionName = 'limited';

describe('limits', () => {
  let rig: LambdaRig;
  let zip: Uint8Array;
  let created = 0;

  before(async () => {
    rig = await openLambdaRig();
    zip = await zipOf(echo);
    await rig.make(FunctionName, echo);
    await rig.lambda.send(new PublishVersionCommand({ FunctionName }));
    await publishLayers(6);
  });
  after(() => rig[Symbol.asyncDispose]());

  const layers: string[] = [];
  async function publishLayers(count: number): Promise<void> {
    for (let made = 0; made < count; made += 1) {
      const Content = { ZipFile: await zipOf({ 'a.txt': String(made) }) };
      const { LayerVersionArn } = await rig.lambda.send(
        new PublishLayerVersionCommand({ LayerName: `layer-${made}`, Content }),
      );
      layers.push(LayerVersionArn ?? '');
    }
  }

  const create = (input: Partial<CreateFunctionCommandInput>) => () =>
    rig.lambda.send(
      new CreateFunctionCommand({
        FunctionName: `made-${(created += 1)}`,
        Runtime: runtime,
        Handler: 'index.handler',
        Role: role,
        Code: { ZipFile: zip },
        ...input,
      }),
    );
  const configure = (input: Partial<UpdateFunctionConfigurationCommandInput>) => () =>
    rig.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...input }));
  const alias =
    (Name: string, Description = '') =>
    () =>
      rig.lambda.send(new CreateAliasCommand({ FunctionName, Name, FunctionVersion: '1', Description }));
  const tag = (Tags: Record<string, string>) => () =>
    rig.lambda.send(new TagResourceCommand({ Resource: arnOf(FunctionName), Tags }));
  const invoke = (bytes: number, InvocationType: 'RequestResponse' | 'Event') => () =>
    rig.lambda.send(
      new InvokeCommand({
        FunctionName,
        InvocationType,
        Payload: Buffer.from(JSON.stringify('x'.repeat(bytes - '""'.length))),
      }),
    );

  const validation = (field: string, rule: string): Refusal => ({
    name: 'ValidationException',
    message: new RegExp(
      `^1 validation error detected: Value '.*' at '${field}' failed to satisfy constraint: ${rule}$`,
      's',
    ),
  });
  const notLess = (field: string, bound: number): Refusal =>
    validation(field, `Member must have value greater than or equal to ${bound}`);
  const notMore = (field: string, bound: number): Refusal =>
    validation(field, `Member must have value less than or equal to ${bound}`);
  const notLonger = (field: string, length: number): Refusal =>
    validation(field, `Member must have length less than or equal to ${length}`);
  const parameter = (message: string | RegExp): Refusal => ({ name: 'InvalidParameterValueException', message });

  /** So many bytes as Lambda counts them: their JSON. */
  const variables = (bytes: number) => ({
    Environment: { Variables: { PAD: 'x'.repeat(bytes - JSON.stringify({ PAD: '' }).length) } },
  });
  const tags = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, 'value']));

  const rows: readonly Row[] = [
    {
      what: 'memory: 128 to 10,240 MB',
      within: [create({ MemorySize: 128 }), configure({ MemorySize: 128 }), configure({ MemorySize: 10_240 })],
      beyond: [
        [create({ MemorySize: 127 }), notLess('memorySize', 128)],
        [configure({ MemorySize: 127 }), notLess('memorySize', 128)],
        [create({ MemorySize: 10_241 }), notMore('memorySize', 10_240)],
        [configure({ MemorySize: 10_241 }), notMore('memorySize', 10_240)],
      ],
    },
    {
      what: 'time-out: 1 to 900 s',
      within: [create({ Timeout: 900 }), configure({ Timeout: 1 }), configure({ Timeout: 900 })],
      beyond: [
        [create({ Timeout: 901 }), notMore('timeout', 900)],
        [configure({ Timeout: 901 }), notMore('timeout', 900)],
        [configure({ Timeout: 0 }), notLess('timeout', 1)],
      ],
    },
    {
      what: '/tmp: 512 to 10,240 MB',
      within: [configure({ EphemeralStorage: { Size: 512 } }), configure({ EphemeralStorage: { Size: 10_240 } })],
      beyond: [
        [configure({ EphemeralStorage: { Size: 511 } }), notLess('ephemeralStorage.size', 512)],
        [configure({ EphemeralStorage: { Size: 10_241 } }), notMore('ephemeralStorage.size', 10_240)],
      ],
    },
    {
      what: 'environment variables: 4 KB',
      within: [create(variables(4_096)), configure(variables(4_096))],
      beyond: [create, configure].map((ask) => [
        ask(variables(4_097)),
        parameter(
          /^Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit\. String measured: \{"PAD":"x+"\}$/,
        ),
      ]),
    },
    {
      what: 'environment variables: not those that are Lambda’s own',
      within: [configure({ Environment: { Variables: { MY_REGION: 'x', TZ: ':UTC', LD_LIBRARY_PATH: '/opt' } } })],
      beyond: [
        [
          configure({ Environment: { Variables: { AWS_REGION: 'x', MINE: 'y', LAMBDA_TASK_ROOT: 'z' } } }),
          parameter(
            'Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION, LAMBDA_TASK_ROOT',
          ),
        ],
      ],
    },
    {
      what: 'handler: 128 characters',
      within: [configure({ Handler: `${'h'.repeat(120)}.handler` })],
      beyond: [[configure({ Handler: `${'h'.repeat(121)}.handler` }), notLonger('handler', 128)]],
    },
    {
      what: 'description: 256 characters, of a function and of an alias',
      within: [configure({ Description: 'd'.repeat(256) }), alias('described', 'd'.repeat(256))],
      beyond: [
        [configure({ Description: 'd'.repeat(257) }), notLonger('description', 256)],
        [alias('over', 'd'.repeat(257)), notLonger('description', 256)],
      ],
    },
    {
      what: 'name of a function: 64 characters',
      within: [create({ FunctionName: 'n'.repeat(64) })],
      beyond: [
        [
          create({ FunctionName: 'n'.repeat(65) }),
          parameter(
            /at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64$/,
          ),
        ],
      ],
    },
    {
      what: 'name of an alias: 128 characters',
      within: [alias('a'.repeat(128))],
      beyond: [[alias('a'.repeat(129)), notLonger('name', 128)]],
    },
    {
      what: 'tags: 50, of 128 and 256 characters',
      within: [tag(tags(49)), tag({ ['k'.repeat(128)]: 'v'.repeat(256) })],
      beyond: [
        [tag({ more: 'x' }), parameter('Number of tags exceeds resource tag limit.')],
        [create({ Tags: tags(51) }), parameter('Number of tags exceeds resource tag limit.')],
        [create({ Tags: { ['k'.repeat(129)]: '' } }), parameter(/^The tag key 'k+' is not accepted/)],
        [create({ Tags: { k: 'v'.repeat(257) } }), parameter(/^The value of the tag 'k' is not accepted/)],
      ],
    },
    {
      what: 'layers: 5',
      within: [() => configure({ Layers: layers.slice(0, 5) })()],
      beyond: [[() => configure({ Layers: layers })(), parameter('Cannot reference more than 5 layers.')]],
    },
    {
      what: 'a synchronous event: 6 MB',
      within: [invoke(6 * mib, 'RequestResponse')],
      beyond: [
        [
          invoke(6 * mib + 1, 'RequestResponse'),
          {
            name: 'RequestEntityTooLargeException',
            message: /^Request must be smaller than 6291456 bytes for the InvokeFunction operation$/,
          },
        ],
      ],
    },
    {
      what: 'an event for later: 1 MB',
      within: [invoke(mib, 'Event')],
      beyond: [
        [
          invoke(mib + 1, 'Event'),
          {
            name: 'RequestEntityTooLargeException',
            message: '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
          },
        ],
      ],
    },
  ];

  for (const { what, within, beyond } of rows) {
    test(what, async () => {
      for (const ask of within) await ask();
      const before = await settingsOf();
      for (const [ask, { name, message }] of beyond) {
        await assert.rejects(ask(), (error: Error) => {
          assert.equal(error.name, name, error.message);
          if (typeof message === 'string') assert.equal(error.message, message);
          else assert.match(error.message, message);
          return true;
        });
      }
      assert.deepEqual(await settingsOf(), before, 'and what is refused changes nothing');
    });
  }

  async function settingsOf(): Promise<unknown> {
    const { Configuration, Tags } = await rig.lambda.send(new GetFunctionCommand({ FunctionName }));
    return { Configuration, Tags };
  }

  test('a resource policy: 20 KB', async () => {
    const add = (StatementId: string, SourceArn = 'arn:aws:s3:::bucket') =>
      rig.lambda.send(
        new AddPermissionCommand({
          FunctionName,
          StatementId,
          Action: 'lambda:InvokeFunction',
          Principal: 's3.amazonaws.com',
          SourceArn,
        }),
      );
    const size = async (): Promise<number> =>
      (await rig.lambda.send(new GetPolicyCommand({ FunctionName }))).Policy?.length ?? 0;
    await add('first');
    const one = await size();
    await add('second');
    // What a statement costs whose id has no characters.
    const each = (await size()) - one - 'second'.length;
    const longest = 'arn:aws:s3:::'.padEnd(2_000, 'x');
    const extra = longest.length - 'arn:aws:s3:::bucket'.length;
    let left = 20 * 1024 - (await size());
    for (let index = 0; left > each + extra + 100 + each; index += 1) {
      await add(`statement-${index}`, longest);
      left = 20 * 1024 - (await size());
    }
    const arn = (bytes: number): string => 'arn:aws:s3:::bucket'.padEnd('arn:aws:s3:::bucket'.length + bytes, 'y');
    const padding = left - each - 'last'.length;
    await assert.rejects(add('last', arn(padding + 1)), {
      name: 'PolicyLengthExceededException',
      message: 'The final policy size (20481) is bigger than the limit (20480).',
    });
    await add('last', arn(padding));
    assert.equal(await size(), 20 * 1024);
  });

  test('a request with a zip in it: 70,167,211 bytes', async () => {
    const body = JSON.stringify({
      FunctionName: 'in-a-large-request',
      Runtime: runtime,
      Handler: 'index.handler',
      Role: role,
      Code: { ZipFile: Buffer.from(zip).toString('base64') },
    });
    const send = (bytes: number) =>
      callApi(rig.mayfly, {
        method: 'POST',
        target: '/2015-03-31/functions',
        service: 'lambda',
        headers: { 'content-type': 'application/json' },
        body: body.padEnd(bytes),
      });
    const refused = await send(70_167_212);
    assert.deepEqual(
      [
        refused.status,
        refused.headers.get('x-amzn-errortype'),
        ((await refused.json()) as { Message?: string; message?: string }).message,
      ],
      [
        413,
        'RequestEntityTooLargeException',
        'Request must be smaller than 70167211 bytes for the CreateFunction operation',
      ],
    );
    assert.equal((await send(70_167_211)).status, 201);
  });

  test('code: 250 MB unzipped, layers included', async () => {
    const ofBytes = async (bytes: number): Promise<Uint8Array> => {
      const file = new ZipFile();
      file.addBuffer(Buffer.alloc(bytes), 'index.mjs', { compressionLevel: 1 });
      file.end();
      return buffer(file.outputStream);
    };
    const max = 250 * mib;
    const update = async (bytes: number) =>
      rig.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'sized', ZipFile: await ofBytes(bytes) }));
    await create({ FunctionName: 'sized' })();
    await update(max);
    await assert.rejects(update(max + 1), {
      name: 'InvalidParameterValueException',
      message: `Unzipped size must be smaller than ${max} bytes`,
    });

    // Of one byte.
    const useLayer = () =>
      rig.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'sized', Layers: layers.slice(0, 1) }));
    await assert.rejects(useLayer(), {
      name: 'InvalidParameterValueException',
      message: `Function code combined with layers exceeds the maximum allowed size of ${max} bytes. The actual size is ${max + 1} bytes.`,
    });
    await update(max - 1);
    await useLayer();
  });

  test('a streamed answer: 200 MB', async () => {
    const handler = `export const handler = awslambda.streamifyResponse(async ({ bytes }, out) => {
  const piece = Buffer.alloc(1024 * 1024);
  for (let left = bytes; left > 0; left -= piece.length)
    if (!out.write(piece.subarray(0, left))) await new Promise((resolve) => out.once('drain', resolve));
  out.end();
});`;
    await rig.make('streaming', { 'index.mjs': handler }, { Timeout: 60, MemorySize: 1_769 });
    const read = async (bytes: number) => {
      const { EventStream = [] } = await rig.lambda.send(
        new InvokeWithResponseStreamCommand({
          FunctionName: 'streaming',
          Payload: Buffer.from(JSON.stringify({ bytes })),
        }),
      );
      let received = 0;
      let error: string | undefined;
      for await (const { PayloadChunk, InvokeComplete } of EventStream) {
        received += PayloadChunk?.Payload?.length ?? 0;
        error ??= /Function\.ResponseSizeTooLarge/.exec(InvokeComplete?.ErrorDetails ?? '')?.[0];
      }
      return { received, error };
    };
    const max = 200 * mib;
    assert.deepEqual(await read(max), { received: max, error: undefined });
    assert.deepEqual(await read(max + 1), { received: max, error: 'Function.ResponseSizeTooLarge' });
  });
});

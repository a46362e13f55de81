/** Streamed answers from end to end: readers that are slow or go away, and boto3. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  InvokeWithResponseStreamCommand,
} from '@aws-sdk/client-lambda';
import { eventually } from '../harness/eventually.ts';
import { inTime } from '../harness/in-time.ts';
import { openLambdaRig, type LambdaRig } from '../harness/lambda-rig.ts';

const run = promisify(execFile);
const mb = 1024 * 1024;
/** Sockets, ours and the kernel's, hold some megabytes of what nobody reads. */
const bufferedBytesMax = 16 * mb;

const code = {
  'index.mjs': `
export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const bytesMax = event.bytes ?? Number(event.queryStringParameters?.bytes ?? 0);
  const chunk = Buffer.alloc(100_000, 'x');
  let written = 0;
  const told = setInterval(() => console.log('written ' + written), 100);
  while (written < bytesMax) {
    if (!responseStream.write(chunk)) await new Promise((drained) => responseStream.once('drain', drained));
    written += chunk.length;
  }
  clearInterval(told);
  console.log('all written ' + written);
  responseStream.end();
});
`,
  'pieces.mjs': `
export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  for (const word of ['one ', 'two ', 'three']) {
    responseStream.write(word);
    await new Promise((resolve) => setTimeout(resolve, event.waitMs));
  }
  if (event.fails) throw new TypeError('asked to');
  responseStream.end();
});
`,
};

let rig: LambdaRig;
let url: URL;
before(async () => {
  rig = await openLambdaRig();
  await rig.make('much', code, { Timeout: 60 });
  await rig.make('pieces', code, { Handler: 'pieces.handler', Timeout: 60 });
  const anybody = { FunctionName: 'much', Principal: '*' };
  for (const permission of [
    { StatementId: 'url', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' },
    { StatementId: 'invoke', Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true },
  ] as const) {
    await rig.lambda.send(new AddPermissionCommand({ ...anybody, ...permission }));
  }
  const made = await rig.lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: 'much', AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' }),
  );
  url = new URL(made.FunctionUrl ?? '');
});
after(() => rig[Symbol.asyncDispose]());

async function open(bytes: number): Promise<IncomingMessage> {
  const headers = { host: url.host };
  const path = `/?bytes=${bytes}`;
  const sent = httpRequest({ host: '127.0.0.1', port: url.port, path, headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

/** What the function says that it has written, since `sinceMs`. */
async function written(sinceMs: number): Promise<number[]> {
  const { lines } = (await rig.mayfly.json('logs', 'much')) as { lines: { text: string; timeMs: number }[] };
  return lines
    .filter(({ timeMs }) => timeMs >= sinceMs)
    .flatMap(({ text }) => /written (\d+)/.exec(text)?.[1] ?? [])
    .map(Number);
}

test('a reader that stops reading stops the writer, and gets everything once it reads', async () => {
  const sinceMs = Date.now();
  const bytes = 60_000_000;
  const response = await open(bytes);
  const stalled = await eventually('the writer waits', 60_000, async () => {
    const said = await written(sinceMs);
    return said.length > 3 && said.at(-1) === said.at(-2) && said.at(-1) !== 0 ? said.at(-1) : undefined;
  });
  assert.ok(stalled < bufferedBytesMax, `${stalled} bytes were written to nobody`);
  let got = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) got += chunk.length;
  assert.equal(got, bytes);
});

test('a reader that goes away leaves the function to write to its end', async () => {
  const sinceMs = Date.now();
  const response = await open(60_000_000);
  await once(response, 'data');
  response.destroy();
  await eventually('the function has written all', 60_000, async () =>
    (await written(sinceMs)).at(-1) === 60_000_000 ? true : undefined,
  );
});

test('the same through the API', async () => {
  const sinceMs = Date.now();
  const abort = new AbortController();
  const { EventStream } = await rig.lambda.send(
    new InvokeWithResponseStreamCommand({ FunctionName: 'much', Payload: Buffer.from('{"bytes":60000000}') }),
    { abortSignal: abort.signal },
  );
  for await (const event of EventStream ?? []) {
    assert.ok(event.PayloadChunk !== undefined);
    abort.abort();
    break;
  }
  await eventually('the function has written all', 60_000, async () =>
    (await written(sinceMs)).at(-1) === 60_000_000 ? true : undefined,
  );
});

test('an answer of many times what is answered whole arrives whole', async () => {
  const { EventStream } = await rig.lambda.send(
    new InvokeWithResponseStreamCommand({ FunctionName: 'much', Payload: Buffer.from('{"bytes":40000000}') }),
  );
  let got = 0;
  for await (const event of EventStream ?? []) got += event.PayloadChunk?.Payload?.length ?? 0;
  assert.equal(got, 40_000_000);
});

const script = `
import boto3, json, os, time
client = boto3.client("lambda", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
answer = client.invoke_with_response_stream(FunctionName="pieces", LogType="Tail", Payload=os.environ["EVENT"])
out = {"version": answer["ExecutedVersion"], "chunks": [], "times": [], "complete": None}
for event in answer["EventStream"]:
    if "PayloadChunk" in event:
        out["chunks"].append(event["PayloadChunk"]["Payload"].decode())
        out["times"].append(time.time())
    else:
        out["complete"] = event["InvokeComplete"]
print(json.dumps(out))
`;

const canStream = `import boto3; boto3.client("lambda", region_name="us-east-1").invoke_with_response_stream`;

type FromBoto3 = { version: string; chunks: string[]; times: number[]; complete: Record<string, string> };

for (const fails of [false, true]) {
  test(`boto3 reads a stream piece by piece${fails ? ', and how it failed' : ''}`, async (t) => {
    const python = await run('python3', ['-c', canStream]).then(
      () => 'python3',
      () => undefined,
    );
    if (python === undefined) return t.skip('boto3 is not installed, or older than streaming');
    await inTime(100, async (waitMs) => {
      const { stdout } = await run(python, ['-c', script], {
        env: { ...rig.mayfly.awsEnvironment, EVENT: JSON.stringify({ fails, waitMs }) },
      });
      const { version, chunks, times, complete } = JSON.parse(stdout) as FromBoto3;
      assert.deepEqual([version, chunks.join('')], ['$LATEST', 'one two three']);
      assert.equal(complete['ErrorCode'], fails ? 'Unhandled' : undefined);
      if (fails) assert.match(complete['ErrorDetails'] ?? '', /"errorType":"TypeError","errorMessage":"asked to"/);
      assert.match(Buffer.from(complete['LogResult'] ?? '', 'base64').toString(), /^START .*\n(.*\n)*REPORT /);
      // Each piece by itself, and the first before the last was written.
      return chunks.length === 3 && (times.at(-1) ?? 0) - (times[0] ?? 0) > waitMs / 1_000;
    });
  });
}

/**
 * Claim: Lambda's API costs little, although what it accepts is durable and every function is isolated. Through the
 * official SDK, in the same run: making a function and calling it for the first time, calling it warm, and handing in
 * asynchronous events; beside serverless-offline (which calls but makes nothing) and moto's server (which makes, and
 * needs Docker to call).
 */
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { awsClient } from '../test/harness/aws-client.ts';
import { openLambdaRig, role, runtime, zipOf } from '../test/harness/lambda-rig.ts';
import { startMoto } from '../test/harness/start-moto.ts';
import { machine } from './harness/machine.ts';
import { startPeer } from './harness/peer.ts';

const secondsEach = 4;
const functions = 20;
const connections = 16;

const code = {
  'index.mjs': `export const handler = async () => ({ message: 'Hello, World!' });\n`,
};

type Row = { name: string; made: string; madeAndCalled: string; warm: string; perSecond: string; accepted: string };
const none = '–';

const anybody = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'any' };
const clientOf = (endpoint: string): LambdaClient =>
  new LambdaClient({ endpoint, region: 'us-east-1', maxAttempts: 1, credentials: anybody });

function percentile(times: readonly number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
}

const figures = (times: readonly number[]): string =>
  `p50 ${percentile(times, 0.5)} ms, p99 ${percentile(times, 0.99)} ms`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Calls on so many connections for some seconds: how long each took. */
async function callsFor(lanes: number, call: () => Promise<unknown>): Promise<{ times: number[]; perSecond: string }> {
  await call();
  const times: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + secondsEach * 1_000;
  const lane = async (): Promise<void> => {
    while (performance.now() < endMs) times.push(await timed(call));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { times, perSecond: (times.length / ((performance.now() - startMs) / 1_000)).toFixed(0) };
}

async function invocations(
  client: LambdaClient,
  FunctionName: string,
): Promise<Pick<Row, 'warm' | 'perSecond' | 'accepted'>> {
  const Payload = Buffer.from('{"name":"Ada"}');
  const call = (InvocationType: 'RequestResponse' | 'Event') => async (): Promise<void> => {
    const { StatusCode, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName, InvocationType, Payload }),
    );
    const expected = InvocationType === 'Event' ? 202 : 200;
    if (StatusCode !== expected || FunctionError !== undefined)
      throw new Error(`${FunctionName} answered ${StatusCode} ${FunctionError ?? ''}`);
  };
  const one = await callsFor(1, call('RequestResponse'));
  const many = await callsFor(connections, call('RequestResponse'));
  const accepted = await callsFor(connections, call('Event'));
  return { warm: figures(one.times), perSecond: many.perSecond, accepted: accepted.perSecond };
}

const creation = (FunctionName: string, ZipFile: Buffer) =>
  new CreateFunctionCommand({
    FunctionName,
    Runtime: runtime,
    Handler: 'index.handler',
    Role: role,
    MemorySize: 1_769,
    Code: { ZipFile },
  });

async function measureMayfly(): Promise<Row> {
  await using rig = await openLambdaRig();
  const client = new LambdaClient(awsClient(rig.mayfly));
  const made: number[] = [];
  const madeAndCalled: number[] = [];
  for (let n = 0; n < functions; n += 1) {
    const ZipFile = await zipOf({ ...code, 'number.txt': String(n) });
    const makeMs = await timed(() => client.send(creation(`hello-${n}`, ZipFile)));
    made.push(makeMs);
    madeAndCalled.push(makeMs + (await timed(() => rig.ask(`hello-${n}`))));
  }
  const rest = await invocations(client, 'hello-0');
  return { name: 'mayfly', made: figures(made), madeAndCalled: figures(madeAndCalled), ...rest };
}

async function measureServerlessOffline(): Promise<Row> {
  await using peer = await startPeer('serverless-offline');
  const rest = await invocations(clientOf(peer.lambdaUrl), 'hello-dev-hello');
  return { name: 'serverless-offline', made: none, madeAndCalled: none, ...rest };
}

/** Undefined, and says so, where moto is not installed. */
async function measureMoto(): Promise<Row | undefined> {
  await using moto = await startMoto();
  if (moto === undefined) {
    console.log('moto’s server is not here (pip install "moto[server]"): left out');
    return undefined;
  }
  const { url } = moto;
  await makeRole(url);
  const client = clientOf(url);
  const made: number[] = [];
  for (let n = 0; n < functions; n += 1) {
    const ZipFile = await zipOf({ ...code, 'number.txt': String(n) });
    made.push(await timed(() => client.send(creation(`hello-${n}`, ZipFile))));
  }
  return { name: 'moto', made: figures(made), madeAndCalled: none, warm: none, perSecond: none, accepted: none };
}

/** Moto looks whether the role is there; it checks no signature, and takes the service from its scope. */
async function makeRole(url: string): Promise<void> {
  const trusted = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=any/20200101/us-east-1/iam/aws4_request' },
    body: new URLSearchParams({
      Action: 'CreateRole',
      Version: '2010-05-08',
      RoleName: role.split('/')[1] ?? '',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trusted] }),
    }),
  });
  if (!response.ok) throw new Error(`moto makes no role: ${response.status} ${await response.text()}`);
}

const rows = [await measureServerlessOffline(), await measureMoto(), await measureMayfly()];
console.log(`lambda: through the SDK for JavaScript, one run. ${machine()}`);
console.log(
  `| | create | create and first call | warm call, 1 connection | calls/s, ${connections} connections | asynchronous events accepted/s, ${connections} connections |`,
);
console.log('| --- | --- | --- | --- | --: | --: |');
for (const row of rows) {
  if (row === undefined) continue;
  console.log(
    `| ${row.name} | ${row.made} | ${row.madeAndCalled} | ${row.warm} | ${row.perSecond} | ${row.accepted} |`,
  );
}

/**
 * Claim: a cold start that keeps full isolation costs little, and there is nothing in it that we cannot name. The first
 * call of an environment as an HTTP client sees it, one at a time, the environment ended between two: on each way to
 * start one, beside how long the bare languages take to start, and serverless-offline's workers, which are not isolated.
 *
 *   npm run bench -- cold
 *   bin/node bench/cold.ts --calls 20 --json
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { awsClient } from '../test/harness/aws-client.ts';
import { callApi } from '../test/harness/api-client.ts';
import { startMayfly, type StartedMayfly } from '../test/harness/start-mayfly.ts';
import { machine } from './harness/machine.ts';
import { startPeer } from './harness/peer.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const { values: options } = parseArgs({ options: { calls: { type: 'string' }, json: { type: 'boolean' } } });

const calls = Number(options.calls ?? 200);
/** Between two calls: what the last one used up is made again meanwhile (a pre-booted environment, a launcher). */
const pauseMs = 400;
/** Starts of the bare languages, and workers of serverless-offline: each is a program or a function of its own. */
const floorRuns = 40;
const peerFunctions = 20;

const answer = `{ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{"message":"Hello, World!"}' }`;
const functions = {
  node: {
    settings: 'runtime: nodejs26.x, handler: hello.handler, code: node',
    files: { 'node/hello.mjs': `export const handler = async () => (${answer});\n` },
  },
  python: {
    settings: 'runtime: python, handler: hello.handler, code: python',
    files: {
      'python/hello.py': `def handler(event, context):\n    return ${answer.replace(/(statusCode|headers|body)/g, `'$1'`)}\n`,
    },
  },
  resize: {
    settings: 'runtime: python, handler: resize.handler, code: resize',
    files: {
      'resize/resize.py':
        `import io\n\nimport boto3\nfrom PIL import Image\n\ns3 = boto3.client("s3")\n\n\n` +
        `def handler(event, context):\n    image = Image.new("RGB", (64, 64))\n    image.thumbnail((16, 16))\n` +
        `    image.save(io.BytesIO(), "PNG")\n    return ${answer.replace(/(statusCode|headers|body)/g, `'$1'`)}\n`,
    },
  },
  s3: {
    settings: 'runtime: nodejs26.x, handler: index.handler, code: s3',
    files: {
      's3/index.ts':
        `import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';\n\nconst s3 = new S3Client({});\n\n` +
        `export const handler = async () => (typeof s3.send === 'function' && ListBucketsCommand.name !== '' ? ${answer} : undefined);\n`,
    },
  },
} as const;

type Name = keyof typeof functions;
type Kind = { what: string; function: Name; flags: readonly string[]; aim: string };

const kinds: readonly Kind[] = [
  { what: 'Node.js hello', function: 'node', flags: [], aim: '3 / 10' },
  { what: 'Node.js hello, pool empty', function: 'node', flags: ['--prebooted', '0'], aim: '45 / 90' },
  { what: 'Python hello', function: 'python', flags: [], aim: '5 / 15' },
  { what: 'Python hello, pool empty', function: 'python', flags: ['--prebooted', '0'], aim: '' },
  { what: 'Python resize (boto3, Pillow)', function: 'resize', flags: [], aim: '10 / 30' },
  { what: 'Node.js with the AWS S3 client', function: 's3', flags: [], aim: '40' },
];

/** Only what is used here; what else stands in a row is others' business. */
type UsageRow = { functionName: string; start: string; timeMs: number; initUs: number; handlerUs: number };

type Figures = { p50: number; p99: number; max: number };
type Row = Kind & { ms: Figures; starts: Readonly<Record<string, number>>; initMs?: Figures; handlerMs?: Figures };

function figures(times: readonly number[]): Figures {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pauseMs));

async function writeProject(folder: string): Promise<void> {
  const lines = ['application: cold', 'functions:'];
  for (const [name, { settings, files }] of Object.entries(functions)) {
    lines.push(`  ${name}: { ${settings}, memory: 1769 }`);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'mayfly.yaml'), `${lines.join('\n')}\n`);
}

/** Milliseconds until the whole answer of a call on a connection of its own. */
function timedCall(base: string, host: string | undefined, path = '/'): Promise<number> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    request(`${base}${path}`, { agent: false, headers }, (response) => {
      response.resume();
      response.once('end', () =>
        response.statusCode === 200
          ? resolve(performance.now() - startMs)
          : reject(new Error(`${path} answered ${response.statusCode}`)),
      );
    })
      .once('error', reject)
      .end();
  });
}

/** A URL of the function as it is now, whose settings the bench may change. Answers its host. */
async function giveUrl(client: LambdaClient, FunctionName: string): Promise<string> {
  const { FunctionUrl = '' } = await client.send(
    new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }),
  );
  const anybody = { FunctionName, Principal: '*' };
  await client.send(
    new AddPermissionCommand({
      ...anybody,
      StatementId: 'url',
      Action: 'lambda:InvokeFunctionUrl',
      FunctionUrlAuthType: 'NONE',
    }),
  );
  await client.send(
    new AddPermissionCommand({
      ...anybody,
      StatementId: 'invoke',
      Action: 'lambda:InvokeFunction',
      InvokedViaFunctionUrl: true,
    }),
  );
  return new URL(FunctionUrl).host;
}

async function measure(kind: Kind, folder: string): Promise<Row> {
  await using mayfly = await startMayfly({ flags: kind.flags });
  await mayfly.json('deploy', folder);
  const client = new LambdaClient(awsClient(mayfly));
  const FunctionName = kind.function;
  const host = await giveUrl(client, FunctionName);
  const times: number[] = [];
  for (let call = 0; call < calls; call += 1) {
    // Its environment ends: what runs has another setting now.
    const Environment = { Variables: { CALL: String(call) } };
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment }));
    await pause();
    times.push(await timedCall(mayfly.http, host));
  }
  const rows = await usageOf(mayfly, FunctionName);
  const starts: Record<string, number> = {};
  for (const { start } of rows) starts[start] = (starts[start] ?? 0) + 1;
  const of = (field: 'initUs' | 'handlerUs'): Figures => figures(rows.map((row) => row[field] / 1_000));
  return { ...kind, ms: figures(times), starts, initMs: of('initUs'), handlerMs: of('handlerUs') };
}

async function usageOf(mayfly: StartedMayfly, functionName: string): Promise<UsageRow[]> {
  const answered = await callApi(mayfly, { target: '/_mayfly/usage', service: 'mayfly' });
  const rows = (await answered.text()).split('\n').filter((line) => line !== '');
  return rows.map((line) => JSON.parse(line) as UsageRow).filter((row) => row.functionName === functionName);
}

/** Spawn to exit, of a program that does nothing. */
async function floorOf(
  what: string,
  program: string,
  words: readonly string[],
): Promise<{ what: string; ms: Figures }> {
  const times: number[] = [];
  for (let n = 0; n < floorRuns; n += 1) {
    await pause();
    const startMs = performance.now();
    await run(program, words);
    times.push(performance.now() - startMs);
  }
  return { what, ms: figures(times) };
}

/** The first call of each of some functions: serverless-offline starts a worker thread for it, in its own process. */
async function measurePeer(folder: string): Promise<{ what: string; ms: Figures }> {
  const peers = join(import.meta.dirname, 'peers');
  const project = join(folder, 'peer');
  await cp(join(peers, 'hello'), project, { recursive: true });
  const names = Array.from({ length: peerFunctions }, (_, n) => `hello${n}`);
  const lines = [
    'service: cold',
    'provider: { name: aws, runtime: nodejs20.x }',
    'plugins: [serverless-offline]',
    'functions:',
    `  hello: { handler: hello.handler, events: [{ httpApi: GET /hello }] }`,
    ...names.map((name) => `  ${name}: { handler: hello.handler, events: [{ httpApi: GET /${name} }] }`),
  ];
  await writeFile(join(project, 'serverless.yml'), `${lines.join('\n')}\n`);
  await symlink(join(peers, 'node_modules'), join(project, 'node_modules'));
  await using peer = await startPeer('serverless-offline', project);
  const times: number[] = [];
  for (const name of names) {
    await pause();
    times.push(await timedCall(new URL(peer.url).origin, undefined, `/${name}`));
  }
  return { what: "serverless-offline's first call of a function (a worker thread, no isolation)", ms: figures(times) };
}

const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-cold-'));
try {
  const project = join(folder, 'project');
  await mkdir(project);
  await writeProject(project);
  const beside = [
    await floorOf('node -e 0, spawn to exit', join(root, 'node_modules/node/bin/node'), ['-e', '0']),
    await floorOf('python3 -I -S -c 0, spawn to exit', '/usr/bin/python3', ['-I', '-S', '-c', '0']),
    await measurePeer(folder),
  ];
  const rows: Row[] = [];
  for (const kind of kinds) rows.push(await measure(kind, project));
  if (options.json) console.log(JSON.stringify({ machine: machine(), calls, rows, beside }));
  else print(rows, beside);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function print(rows: readonly Row[], beside: readonly { what: string; ms: Figures }[]): void {
  const ms = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(1));
  console.log(`cold: ${calls} first calls of each kind, one at a time, in ms. ${machine()}`);
  console.log('| | p50 | p99 | max | aim, p50 / p99 | started | init p50 | handler p50 |');
  console.log('| --- | --: | --: | --: | --: | --- | --: | --: |');
  for (const { what, ms: seen, aim, starts, initMs, handlerMs } of rows) {
    const started = Object.entries(starts)
      .map(([start, count]) => `${count} ${start}`)
      .join(', ');
    console.log(
      `| ${what} | ${ms(seen.p50)} | ${ms(seen.p99)} | ${ms(seen.max)} | ${aim} | ${started} | ${ms(initMs?.p50)} | ${ms(handlerMs?.p50)} |`,
    );
  }
  for (const { what, ms: seen } of beside)
    console.log(`| ${what} | ${ms(seen.p50)} | ${ms(seen.p99)} | ${ms(seen.max)} | | | | |`);
}

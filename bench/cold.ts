/**
 * Claim: a cold start that keeps full isolation costs little, and there is nothing in it that we cannot name. The first
 * call of an environment as an HTTP client sees it, one at a time, the environment ended between two: on each way to
 * start one, beside a bare server that is up, how long the bare languages take to start, and serverless-offline's
 * workers, which are not isolated.
 *
 *   npm run bench -- cold
 *   bin/node bench/cold.ts --calls 20 --only python --json
 *   bin/node bench/cold.ts --connection kept      a connection that is there already, as most clients have one; otherwise each call makes its own
 *   bin/node bench/cold.ts --client socket        a bare socket instead of Node.js's own HTTP client, which itself takes most of the floor
 *   bin/node bench/cold.ts --beside 200           while another function is called so often each second: no machine that is in use is as cold as an idle one
 */
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { callApi } from '../test/harness/api-client.ts';
import { startMayfly, type StartedMayfly } from '../test/harness/start-mayfly.ts';
import { machine } from './harness/machine.ts';
import { startPeer } from './harness/peer.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: {
    calls: { type: 'string' },
    only: { type: 'string' },
    connection: { type: 'string', default: 'new' },
    client: { type: 'string', default: 'node' },
    beside: { type: 'string' },
    json: { type: 'boolean' },
  },
});

const calls = Number(options.calls ?? 200);
if (options.client !== 'node' && options.client !== 'socket') throw new Error('--client is node or socket');
const besidePerSecond = Number(options.beside ?? 0);
const agent = options.connection === 'kept' ? new Agent({ keepAlive: true, maxSockets: 1 }) : undefined;
/** Between two calls what the first has used up is made again: a pre-booted environment, a sandbox. */
const pauseMs = 350;
/** Functions that are called in turn: an environment that is kept for no time ends one to two seconds after its call. */
const copies = 8;
/** The first call of each, which is not counted, shows what a template is worth; by then all are made. */
const templateMs = 10_000;
/** Starts of the bare languages, and workers of serverless-offline: each is a program or a function of its own. */
const floorRuns = 40;
const peerFunctions = 20;

const answer = `{ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{"message":"Hello, World!"}' }`;
const pythonAnswer = answer.replace(/(statusCode|headers|body)/g, `'$1'`);
const files = {
  'node/hello.mjs': `export const handler = async () => (${answer});\n`,
  'python/hello.py': `def handler(event, context):\n    return ${pythonAnswer}\n`,
  'resize/resize.py': `import io

import boto3
from PIL import Image

s3 = boto3.client("s3")


def handler(event, context):
    image = Image.new("RGB", (64, 64))
    image.thumbnail((16, 16))
    image.save(io.BytesIO(), "PNG")
    return ${pythonAnswer}
`,
  's3/index.ts': `import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});

export const handler = async () => (typeof s3.send === 'function' && ListBucketsCommand.name !== '' ? ${answer} : undefined);
`,
} as const;

type Kind = {
  name: string;
  what: string;
  settings: string;
  flags: readonly string[];
  /** Milliseconds, p50 / p99, where there is one. */
  aim: string;
};

const [node, python] = [
  'runtime: nodejs26.x, handler: hello.handler, code: node',
  'runtime: python, handler: hello.handler, code: python',
];
const resize = 'runtime: python, handler: resize.handler, code: resize';
const s3 = 'runtime: nodejs26.x, handler: index.handler, code: s3';
const empty = ['--prebooted', '0'];
const allKinds: readonly Kind[] = [
  { name: 'node', what: 'Node.js hello, pre-booted', settings: node, flags: [], aim: '3 / 10' },
  { name: 'node-empty', what: 'Node.js hello, pool empty', settings: node, flags: empty, aim: '45 / 90' },
  { name: 'python', what: 'Python hello, pre-booted', settings: python, flags: [], aim: '5 / 15' },
  { name: 'python-empty', what: 'Python hello, pool empty', settings: python, flags: empty, aim: '' },
  { name: 'resize', what: 'Python, boto3 and Pillow, template', settings: resize, flags: [], aim: '10 / 30' },
  { name: 'resize-anew', what: 'the same, no template', settings: `${resize}, template: false`, flags: [], aim: '' },
  { name: 's3', what: 'Node.js, AWS S3 client, compiled before', settings: s3, flags: [], aim: '40' },
  { name: 's3-anew', what: 'the same, compiled anew', settings: `${s3}, template: false`, flags: [], aim: '' },
];
const kinds = allKinds.filter(({ name }) => options.only === undefined || name.startsWith(options.only));

const phases = ['queueUs', 'placeUs', 'provisionUs', 'initUs', 'handlerUs', 'replyUs'] as const;
type Phase = (typeof phases)[number];
/** Only what is used here; what else stands in a row is others' business. A phase that took nothing is left out. */
type UsageRow = { functionName: string; start: string; timeMs: number } & Partial<Record<Phase, number>>;

type Figures = { p50: number; p99: number; max: number };
type Row = Kind & { ms: Figures; starts: Record<string, number>; phasesMs: Record<Phase, Figures> };
type Floor = { what: string; ms: Figures };

function figures(times: readonly number[]): Figures {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

const pause = (ms = pauseMs): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function writeProject(folder: string): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
}

/** Milliseconds until the whole answer of a call. */
const timedCall = (url: string): Promise<number> =>
  options.client === 'socket' ? timedBySocket(url) : timedByHttp(url);

/** Where connections are kept: by address. */
const keptSockets = new Map<string, Socket>();

/** What is sent is put together before, and of what comes the status is looked at, and how long it says that it is. */
function timedBySocket(url: string): Promise<number> {
  const { host, hostname, pathname, port } = new URL(url);
  const isKept = options.connection === 'kept';
  const sent = Buffer.from(
    `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\nconnection: ${isKept ? 'keep-alive' : 'close'}\r\n\r\n`,
  );
  const kept = keptSockets.get(host);
  const startMs = performance.now();
  const socket = kept ?? connect({ host: hostname, port: Number(port), noDelay: true });
  if (isKept) keptSockets.set(host, socket);
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (failure?: Error): void => {
      const tookMs = performance.now() - startMs;
      socket.removeAllListeners();
      socket.on('error', () => keptSockets.delete(host));
      if (!isKept) socket.destroy();
      if (failure === undefined) return resolve(tookMs);
      keptSockets.delete(host);
      reject(failure);
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const bodyAt = text.indexOf('\r\n\r\n') + 4;
      const bytes = Number(/^content-length: (\d+)\r$/im.exec(text)?.[1]);
      if (bodyAt < 4 || !(text.length >= bodyAt + bytes)) return;
      settle(text.startsWith('HTTP/1.1 200 ') ? undefined : new Error(`${url} answered ${text.split('\r\n')[0]}`));
    });
    socket.once('error', settle);
    socket.once('close', () => settle(new Error(`${url}: the connection ended before the answer`)));
    socket.write(sent);
  });
}

function timedByHttp(url: string): Promise<number> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    request(url, { agent: agent ?? false }, (response) => {
      response.resume();
      response.once('end', () =>
        response.statusCode === 200
          ? resolve(performance.now() - startMs)
          : reject(new Error(`${url} answered ${response.statusCode}`)),
      );
    })
      .once('error', reject)
      .end();
  });
}

/** Calls it so often each second, from a process of its own, until it is disposed of. */
function callRegularly(url: string, perSecond: number): AsyncDisposable {
  const words = [join(import.meta.dirname, 'harness/call-regularly.ts'), url, String(perSecond)];
  const child = spawn(process.execPath, words, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Its environments are kept for no time, so that every call is the first of one. */
async function measure(kind: Kind, folder: string): Promise<Row> {
  const paths = Array.from({ length: copies }, (_, n) => `/${kind.name}-${n}`);
  const functions = paths.map(
    (path) => `  ${path.slice(1)}: { ${kind.settings}, memory: 1769, keepWarm: 0s, events: [{ http: GET ${path} }] }\n`,
  );
  if (besidePerSecond > 0) functions.push(`  beside: { ${node}, events: [{ http: GET /beside }] }\n`);
  await writeFile(join(folder, 'mayfly.yaml'), `application: cold\nfunctions:\n${functions.join('')}`);
  await using mayfly = await startMayfly({ flags: kind.flags });
  await mayfly.json('deploy', folder);
  for (const path of paths) {
    await pause();
    await timedCall(mayfly.http + path);
  }
  await using _beside = besidePerSecond > 0 ? callRegularly(`${mayfly.http}/beside`, besidePerSecond) : undefined;
  await pause(templateMs);
  const sinceMs = Date.now();
  const times: number[] = [];
  for (let call = 0; call < calls; call += 1) {
    await pause();
    times.push(await timedCall(`${mayfly.http}${paths[call % copies]}`));
  }
  const rows = (await usageOf(mayfly)).filter((row) => row.timeMs >= sinceMs && row.functionName !== 'beside');
  const starts: Record<string, number> = {};
  for (const { start } of rows) starts[start] = (starts[start] ?? 0) + 1;
  const of = (phase: Phase): Figures => figures(rows.map((row) => (row[phase] ?? 0) / 1_000));
  const phasesMs = Object.fromEntries(phases.map((phase) => [phase, of(phase)])) as Row['phasesMs'];
  return { ...kind, ms: figures(times), starts, phasesMs };
}

async function usageOf(mayfly: StartedMayfly): Promise<UsageRow[]> {
  const answered = await callApi(mayfly, { target: '/_mayfly/usage', service: 'mayfly' });
  const lines = (await answered.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as UsageRow);
}

/** Spawn to exit, of a program that does nothing. */
async function floorOf(what: string, program: string, words: readonly string[]): Promise<Floor> {
  const times: number[] = [];
  for (let n = 0; n < floorRuns; n += 1) {
    await pause(100);
    const startMs = performance.now();
    await run(program, words);
    times.push(performance.now() - startMs);
  }
  return { what, ms: figures(times) };
}

/** A server that is up and does nothing, called as rarely: what the client, the connection and a listener that was idle take. */
async function floorOfHttp(): Promise<Floor> {
  await using peer = await startPeer('node:http');
  const times: number[] = [];
  for (let call = 0; call < floorRuns; call += 1) {
    await pause();
    times.push(await timedCall(peer.url));
  }
  return { what: 'node:http, up and idle, the same client', ms: figures(times) };
}

/** The first call of each of some functions: serverless-offline starts a worker thread for it, in its own process. */
async function measurePeer(folder: string): Promise<Floor> {
  const peers = join(import.meta.dirname, 'peers');
  const project = join(folder, 'peer');
  await cp(join(peers, 'hello'), project, { recursive: true });
  const names = Array.from({ length: peerFunctions }, (_, n) => `hello${n}`);
  const lines = ['hello', ...names].map(
    (name) => `  ${name}: { handler: hello.lambda, events: [{ httpApi: GET /${name} }] }\n`,
  );
  const head =
    'service: cold\nprovider: { name: aws, runtime: nodejs20.x }\nplugins: [serverless-offline]\nfunctions:\n';
  await writeFile(join(project, 'serverless.yml'), head + lines.join(''));
  await symlink(join(peers, 'node_modules'), join(project, 'node_modules'));
  await using peer = await startPeer('serverless-offline', project);
  const times: number[] = [];
  for (const name of names) {
    await pause();
    times.push(await timedCall(new URL(`/${name}`, peer.url).href));
  }
  return { what: 'serverless-offline, first call of a function (a worker thread, not isolated)', ms: figures(times) };
}

function print(rows: readonly Row[], beside: readonly Floor[]): void {
  const ms = (value: number): string => value.toFixed(1);
  console.log(
    `cold: ${calls} first calls of each kind, one at a time, each on a ${agent === undefined ? 'new' : 'kept'} connection by ${options.client === 'node' ? 'Node.js’s HTTP client' : 'a bare socket'}${besidePerSecond > 0 ? `, beside ${besidePerSecond} warm calls a second` : ''}, in ms. ${machine()}`,
  );
  console.log(`| | p50 | p99 | max | aim | started | ${phases.map((phase) => phase.replace('Us', '')).join(' | ')} |`);
  console.log(`| --- | --: | --: | --: | --: | --- |${' --: |'.repeat(phases.length)}`);
  for (const { what, ms: seen, aim, starts, phasesMs } of rows) {
    const started = Object.entries(starts).map(([start, count]) => `${count} ${start}`);
    const medians = phases.map((phase) => phasesMs[phase].p50.toFixed(2));
    console.log(
      `| ${what} | ${ms(seen.p50)} | ${ms(seen.p99)} | ${ms(seen.max)} | ${aim} | ${started.join(', ')} | ${medians.join(' | ')} |`,
    );
  }
  const none = ' |'.repeat(phases.length + 2);
  for (const { what, ms: seen } of beside)
    console.log(`| ${what} | ${ms(seen.p50)} | ${ms(seen.p99)} | ${ms(seen.max)} |${none}`);
}

const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-cold-'));
try {
  const project = join(folder, 'project');
  await mkdir(project);
  await writeProject(project);
  const beside: Floor[] = [await floorOfHttp()];
  if (options.only === undefined)
    beside.push(
      await floorOf('node -e 0, spawn to exit', join(root, 'node_modules/node/bin/node'), ['-e', '0']),
      await floorOf('python3 -I -S -c 0, spawn to exit', '/usr/bin/python3', ['-I', '-S', '-c', '0']),
      await measurePeer(folder),
    );
  const rows: Row[] = [];
  for (const kind of kinds) rows.push(await measure(kind, project));
  const { connection, client } = options;
  const setting = { machine: machine(), connection, client, besidePerSecond, calls };
  if (options.json) console.log(JSON.stringify({ ...setting, rows, beside }));
  else print(rows, beside);
} finally {
  agent?.destroy();
  for (const socket of keptSockets.values()) socket.destroy();
  await rm(folder, { recursive: true, force: true });
}

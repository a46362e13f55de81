/**
 * Claim: a warm call costs little over bare node:http although every function is fully isolated, and a first call is
 * quick. The same hello, in the same run: node:http, functions-framework, serverless-offline, Mayfly (Node, Python).
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machine } from './harness/machine.ts';
import { startMayfly, type StartedMayfly } from '../test/harness/start-mayfly.ts';
import { peerNames, startPeer } from './harness/peer.ts';
import { load, type Load } from './harness/wrk.ts';

const secondsEach = 4;
const firstCalls = 40;
/** Between two first calls: time for the pre-booted environment to be replaced. */
const pauseMs = 250;

const handlers = {
  node: {
    runtime: 'nodejs26.x',
    handler: 'hello.handler',
    file: 'hello.mjs',
    code: `export const handler = async () => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{"message":"Hello, World!"}' });\n`,
  },
  python: {
    runtime: 'python',
    handler: 'hello.handler',
    file: 'hello.py',
    code: `def handler(event, context):\n    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": '{"message":"Hello, World!"}'}\n`,
  },
} as const;

type Row = { name: string; one: Load; sixteen: Load; first: string };

async function writeProject(folder: string, copies: number): Promise<void> {
  const functions: string[] = [];
  for (const [language, { runtime, handler, file, code }] of Object.entries(handlers)) {
    await mkdir(join(folder, language), { recursive: true });
    await writeFile(join(folder, language, file), code);
    for (let n = 0; n < copies; n += 1) {
      functions.push(
        `  ${language}-${n}:\n    runtime: ${runtime}\n    handler: ${handler}\n    code: ${language}\n    memory: 1769\n    events: [{ http: GET /${language}-${n} }]\n`,
      );
    }
  }
  await writeFile(join(folder, 'mayfly.yaml'), `application: bench\nfunctions:\n${functions.join('')}`);
}

/** Milliseconds until the whole answer of a call on a connection of its own. */
function timedCall(url: string): Promise<number> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    request(url, { agent: false }, (response) => {
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

async function firstCall(mayfly: StartedMayfly, language: string): Promise<string> {
  const times: number[] = [];
  for (let n = 1; n <= firstCalls; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    times.push(await timedCall(`${mayfly.http}/${language}-${n}`));
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

/** One platform after the other: what the first keeps warm is memory that the second would have to wait for. */
async function measureMayfly(folder: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const language of Object.keys(handlers)) {
    const { prebooted, one, sixteen } = await measureWarm(folder, language);
    const cold = await measureCold(folder, language);
    rows.push({ name: `mayfly (${language})`, one, sixteen, first: `pre-booted ${prebooted}; without ${cold}` });
  }
  return rows;
}

async function measureWarm(folder: string, language: string): Promise<{ prebooted: string; one: Load; sixteen: Load }> {
  await using mayfly = await startMayfly();
  await mayfly.json('deploy', folder);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const prebooted = await firstCall(mayfly, language);
  const url = `${mayfly.http}/${language}-0`;
  await load(url, 16, 1);
  return { prebooted, one: await load(url, 1, secondsEach), sixteen: await load(url, 16, secondsEach) };
}

async function measureCold(folder: string, language: string): Promise<string> {
  await using mayfly = await startMayfly({ flags: ['--prebooted', '0'] });
  await mayfly.json('deploy', folder);
  return await firstCall(mayfly, language);
}

async function measurePeers(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of peerNames) {
    await using peer = await startPeer(name);
    await load(peer.url, 16, 1);
    const one = await load(peer.url, 1, secondsEach);
    const sixteen = await load(peer.url, 16, secondsEach);
    rows.push({ name, one, sixteen, first: `from start of the program ${peer.firstAnswerMs.toFixed(0)} ms` });
  }
  return rows;
}

const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-project-'));
try {
  await writeProject(folder, firstCalls + 1);
  const rows = [...(await measurePeers()), ...(await measureMayfly(folder))];
  const bare = rows.find(({ name }) => name === 'node:http');
  const framework = rows.find(({ name }) => name === 'functions-framework');
  console.log(`http: the same hello, one run. ${machine()}`);
  console.log(
    '| | 1 connection: p50 | added over node:http | p99 | 16 connections: requests/s | × functions-framework | × node:http | errors | first call |',
  );
  console.log('| --- | --: | --: | --: | --: | --: | --: | --: | --- |');
  for (const { name, one, sixteen, first } of rows) {
    const ratio = (row: Row | undefined): string =>
      (sixteen.requestsPerSecond / (row?.sixteen.requestsPerSecond ?? Number.NaN)).toFixed(2);
    console.log(
      `| ${name} | ${(one.p50Us / 1000).toFixed(3)} ms | ${((one.p50Us - (bare?.one.p50Us ?? Number.NaN)) / 1000).toFixed(3)} ms | ${(one.p99Us / 1000).toFixed(3)} ms | ` +
        `${sixteen.requestsPerSecond.toFixed(0)} | ${ratio(framework)} | ${ratio(bare)} | ${one.errors + sixteen.errors} | ${first} |`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

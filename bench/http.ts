/**
 * Claim: a warm call costs little over bare node:http although every function is fully isolated, and a first call is
 * quick. The same hello, in the same run: node:http, functions-framework, serverless-offline, Mayfly (Node, Python).
 *
 * All are there at once and take turns, a second or two each: the machine changes from minute to minute by more than what is asked,
 * and where the kernel puts processes that talk with each other (on one processor or on two) is decided anew each time. What is told
 * is the middle one of the rounds, and the least and the most.
 *
 *   npm run bench -- http                                   (under three minutes)
 *   bin/node bench/http.ts --seconds 2 --rounds 9 --json
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from './harness/machine.ts';
import { startMayfly, type StartedMayfly } from '../test/harness/start-mayfly.ts';
import { peerNames, startPeer } from './harness/peer.ts';
import { load, type Load } from './harness/wrk.ts';

const { values: options } = parseArgs({
  options: { seconds: { type: 'string' }, rounds: { type: 'string' }, json: { type: 'boolean' } },
});
/** Of one turn, whole seconds: wrk knows no parts of them. */
const seconds = Number(options.seconds ?? 1);
const rounds = Number(options.rounds ?? 7);
/** At 16 connections, before the first round: as long as V8 goes on compiling, which takes a platform's other processor. */
const warmUpSeconds = 4;
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

type Language = keyof typeof handlers;
const languages = Object.keys(handlers) as Language[];

const rest = (forMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs));

/** Somebody to be measured, and what came of each of its turns. */
type Subject = { name: string; url: string; first: string; one: Load[]; sixteen: Load[] };

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

async function firstCall(mayfly: StartedMayfly, language: Language): Promise<string> {
  const times: number[] = [];
  for (let n = 1; n <= firstCalls; n += 1) {
    await rest(pauseMs);
    times.push(await timedCall(`${mayfly.http}/${language}-${n}`));
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

async function startPeers(stack: AsyncDisposableStack): Promise<Subject[]> {
  const subjects: Subject[] = [];
  for (const name of peerNames) {
    const { url, firstAnswerMs } = stack.use(await startPeer(name));
    subjects.push({
      name,
      url,
      first: `from start of the program ${firstAnswerMs.toFixed(0)} ms`,
      one: [],
      sixteen: [],
    });
  }
  return subjects;
}

/** One platform after the other: what the first keeps warm is memory that the second would have to wait for. */
async function firstCallsUnprepared(folder: string): Promise<ReadonlyMap<Language, string>> {
  await using mayfly = await startMayfly({ flags: ['--prebooted', '0'] });
  await mayfly.json('deploy', folder);
  const times = new Map<Language, string>();
  for (const language of languages) times.set(language, await firstCall(mayfly, language));
  return times;
}

async function startOurs(stack: AsyncDisposableStack, folder: string): Promise<Subject[]> {
  const unprepared = await firstCallsUnprepared(folder);
  const mayfly = stack.use(await startMayfly());
  await mayfly.json('deploy', folder);
  await rest(1_000);
  const subjects: Subject[] = [];
  for (const language of languages) {
    const first = `pre-booted ${await firstCall(mayfly, language)}; without ${unprepared.get(language)}`;
    subjects.push({ name: `mayfly (${language})`, url: `${mayfly.http}/${language}-0`, first, one: [], sixteen: [] });
  }
  return subjects;
}

async function takeTurns(subjects: readonly Subject[]): Promise<void> {
  for (const { url } of subjects) await load(url, 16, warmUpSeconds);
  for (let round = 0; round < rounds; round += 1) {
    for (const { url, one, sixteen } of subjects) {
      one.push(await load(url, 1, seconds));
      sixteen.push(await load(url, 16, seconds));
    }
  }
}

type Range = { middle: number; least: number; most: number };

function rangeOf(loads: readonly Load[], field: keyof Load): Range {
  const values = loads.map((load) => load[field]).toSorted((a, b) => a - b);
  const at = (index: number): number => values[index] ?? Number.NaN;
  return { middle: at(Math.floor(values.length / 2)), least: at(0), most: at(values.length - 1) };
}

function summary({ name, first, one, sixteen }: Subject) {
  const times = (loads: readonly Load[]) => ({
    p50Us: rangeOf(loads, 'p50Us'),
    p99Us: rangeOf(loads, 'p99Us'),
    p999Us: rangeOf(loads, 'p999Us'),
  });
  return {
    name,
    first,
    one: times(one),
    sixteen: { requestsPerSecond: rangeOf(sixteen, 'requestsPerSecond'), ...times(sixteen) },
    errors: [...one, ...sixteen].reduce((sum, { errors }) => sum + errors, 0),
  };
}

function print(rows: readonly ReturnType<typeof summary>[]): void {
  const ofOne = (name: string) => rows.find((row) => row.name === name);
  const [bare, framework] = [ofOne('node:http'), ofOne('functions-framework')];
  const ms = (us: number): string => (us / 1_000).toFixed(3);
  const msRange = ({ middle, least, most }: Range): string => `${ms(middle)} (${ms(least)} to ${ms(most)})`;
  const perSecond = ({ middle, least, most }: Range): string =>
    `${middle.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`;
  console.log(
    `http: the same hello, ${rounds} turns of ${seconds} s each: the middle one, and the least and most. ${machine()}`,
  );
  console.log('\n| 1 connection, ms | p50 | added over node:http | p99 | p99.9 | first call |');
  console.log('| --- | --: | --: | --: | --: | --- |');
  for (const { name, one, first } of rows) {
    const added = one.p50Us.middle - (bare?.one.p50Us.middle ?? Number.NaN);
    console.log(
      `| ${name} | ${msRange(one.p50Us)} | ${ms(added)} | ${msRange(one.p99Us)} | ${msRange(one.p999Us)} | ${first} |`,
    );
  }
  console.log(
    '\n| 16 connections, ms | requests/s | × functions-framework | × node:http | p50 | p99 | p99.9 | errors of all |',
  );
  console.log('| --- | --: | --: | --: | --: | --: | --: | --: |');
  for (const { name, sixteen, errors } of rows) {
    const ratio = (row: typeof bare): string =>
      (sixteen.requestsPerSecond.middle / (row?.sixteen.requestsPerSecond.middle ?? Number.NaN)).toFixed(2);
    console.log(
      `| ${name} | ${perSecond(sixteen.requestsPerSecond)} | ${ratio(framework)} | ${ratio(bare)} | ${msRange(sixteen.p50Us)} | ` +
        `${msRange(sixteen.p99Us)} | ${msRange(sixteen.p999Us)} | ${errors} |`,
    );
  }
}

const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-project-'));
try {
  await writeProject(folder, firstCalls + 1);
  await using stack = new AsyncDisposableStack();
  const ours = await startOurs(stack, folder);
  const subjects = [...(await startPeers(stack)), ...ours];
  await takeTurns(subjects);
  const rows = subjects.map(summary);
  if (options.json) console.log(JSON.stringify({ machine: machine(), seconds, rounds, rows }));
  else print(rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

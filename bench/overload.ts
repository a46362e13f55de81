/**
 * Claim: under five times more load than the machine can serve, it goes on serving what it can: successful answers stay
 * at 80 % of their peak or more, memory stays flat (in the last third of the time at most a twentieth above the most of the middle
 * third; in the first, code is compiled and what is kept of the latest calls is filled), everybody else is told 429 or 503 and when to come back, and within two
 * seconds after the load has stopped an answer takes as long as before.
 *
 *   npm run bench -- overload                          ten seconds, for a trial
 *   npm run bench -- overload --seconds 60 --json      the claim
 *   … --work 5 --factor 10 --body 262144               another function, more load, requests with bodies
 */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startMayfly } from '../test/harness/start-mayfly.ts';
import { closedLoop, openClient, openLoop, percentile, type Call } from './harness/client.ts';
import { machine } from './harness/machine.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    factor: { type: 'string', default: '5' },
    /** Milliseconds of a processor that each call takes. */
    work: { type: 'string', default: '20' },
    /** Bytes of each request's body. */
    body: { type: 'string', default: '0' },
    runtime: { type: 'string', default: 'nodejs26.x' },
    json: { type: 'boolean', default: false },
  },
});
const [seconds, factor, workMs, bodyBytes] = [values.seconds, values.factor, values.work, values.body].map(Number);

const code = `export const handler = async () => {
  const until = process.cpuUsage();
  for (let used = 0; used < ${workMs} * 1000; ) {
    for (let n = 0; n < 2e4; n++) Math.sqrt(n);
    const { user, system } = process.cpuUsage(until);
    used = user + system;
  }
  return { statusCode: 200, body: 'ok' };
};
`;
/** As long as a client waits at most; API Gateway's own bound is 30 s. */
const clientTimeoutMs = 30_000;
/** How the most that can be served is found: so many callers for each processor, one after the other. */
const callersPerProcessor = [1, 2, 4];
const peakSeconds = 4;
const probes = 40;
/** The platform's memory is told for each stretch of the load. */
const stretchSeconds = 10;
const samplesPerSecond = 4;
/** An answer is as quick as before when it takes no longer than this many times the median then. */
const backFactor = 3;

const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-overload-'));
try {
  await mkdir(join(folder, 'code'));
  await writeFile(join(folder, 'code', 'app.mjs'), code);
  const settings = `runtime: ${values.runtime}, handler: app.handler, code: code, memory: 1769, timeout: 30`;
  const manifest = `application: overload\nfunctions:\n  works: { ${settings}, events: [{ http: ANY /works }] }\n`;
  await writeFile(join(folder, 'mayfly.yaml'), manifest);
  await using mayfly = await startMayfly();
  await mayfly.json('deploy', folder);
  using client = openClient({ timeoutMs: clientTimeoutMs });
  const body = bodyBytes === undefined || bodyBytes === 0 ? undefined : new Uint8Array(bodyBytes).fill(0x61);
  const call = (): Promise<Call> => client.call(`${mayfly.http}/works`, body);
  const residentMb = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${mayfly.pid}/status`, 'utf8'))?.[1]) / 1024;

  await closedLoop(call, availableParallelism(), 2);
  const before: number[] = [];
  for (let probe = 0; probe < probes; probe++) before.push((await call()).tookMs);
  const beforeMs = percentile(before, 0.5);
  let peak = 0;
  for (const callers of callersPerProcessor) {
    const served = (await closedLoop(call, callers * availableParallelism(), peakSeconds)).filter(isServed).length;
    peak = Math.max(peak, served / peakSeconds);
  }

  const memory: number[] = [];
  let environmentsMost = 0;
  const sampler = setInterval(() => {
    memory.push(residentMb());
    environmentsMost = Math.max(environmentsMost, environmentsOf(mayfly.pid));
  }, 1_000 / samplesPerSecond);
  const beganMs = performance.now();
  const load = openLoop(call, peak * (factor ?? 0), seconds ?? 0);
  await new Promise((resolve) => setTimeout(resolve, (seconds ?? 0) * 1_000));
  const stoppedMs = performance.now();
  const backMs = await untilBack(call, stoppedMs, beforeMs * backFactor);
  const calls = await load;
  clearInterval(sampler);
  const inTime = calls.filter((one) => isServed(one) && one.startedMs + one.tookMs <= stoppedMs);
  const refused = calls.filter(({ status }) => status === 429 || status === 503);
  const loaded = memory.slice(0, Math.floor(((stoppedMs - beganMs) / 1_000) * samplesPerSecond));
  const third = Math.floor(loaded.length / 3);
  const [middleMb, lastMb] = [most(loaded.slice(third, 2 * third)), most(loaded.slice(2 * third))];
  const servedMs = calls.filter(isServed).map(({ tookMs }) => tookMs);
  const refusedMs = refused.map(({ tookMs }) => tookMs);
  const result = {
    workMs,
    seconds,
    factor,
    bodyBytes,
    peakPerSecond: round(peak),
    offeredPerSecond: round(calls.length / (seconds ?? 1)),
    servedPerSecond: round(inTime.length / ((stoppedMs - beganMs) / 1_000)),
    servedOfPeak: round(inTime.length / ((stoppedMs - beganMs) / 1_000) / peak),
    refused: refused.length,
    refusedWithoutRetryAfter: refused.filter(({ retryAfter }) => retryAfter === undefined).length,
    otherAnswers: calls.filter((one) => !isServed(one)).length - refused.length,
    served: { p50Ms: round(percentile(servedMs, 0.5)), p99Ms: round(percentile(servedMs, 0.99)) },
    refusal: { p50Ms: round(percentile(refusedMs, 0.5)), p99Ms: round(percentile(refusedMs, 0.99)) },
    memoryMb: {
      each10s: inStretches(loaded, stretchSeconds * samplesPerSecond).map(most),
      middleThird: middleMb,
      lastThird: lastMb,
      lastOfMiddle: round(lastMb / middleMb),
    },
    beforeMs: round(beforeMs),
    backAfterMs: round(backMs),
    processesMost: environmentsMost,
  };
  if (values.json) console.log(JSON.stringify({ bench: 'overload', machine: machine(), ...result }));
  else {
    console.log(`overload: ${factor} times what can be served, for ${seconds} s. ${machine()}`);
    for (const [name, value] of Object.entries(result)) console.log(`  ${name}: ${JSON.stringify(value)}`);
    console.log(
      'claims: servedOfPeak ≥ 0.8, memoryMb.lastOfMiddle ≤ 1.05, otherAnswers 0, refusedWithoutRetryAfter 0, backAfterMs ≤ 2000',
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Processes that the platform has started: one for each environment, and a few that are kept for the next. */
function environmentsOf(pid: number): number {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').length;
}

function inStretches(values: readonly number[], length: number): readonly number[][] {
  const count = Math.ceil(values.length / length);
  return Array.from({ length: count }, (_, at) => values.slice(at * length, (at + 1) * length));
}

function most(values: readonly number[]): number {
  return round(Math.max(...values));
}

function isServed({ status }: Call): boolean {
  return status === 200;
}

/** Calls one after the other until three in a row are as quick as before; how long after the load stopped the first of them began. */
async function untilBack(call: () => Promise<Call>, stoppedMs: number, withinMs: number): Promise<number> {
  let quick: Call[] = [];
  while (performance.now() - stoppedMs < clientTimeoutMs) {
    const one = await call();
    quick = isServed(one) && one.tookMs <= withinMs ? [...quick, one] : [];
    const [first] = quick;
    if (quick.length === 3 && first !== undefined) return first.startedMs - stoppedMs;
    if (!isServed(one)) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return Number.POSITIVE_INFINITY;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

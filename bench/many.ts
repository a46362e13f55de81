/**
 * Claim: a function that nobody calls costs next to nothing, however many there are. Ten thousand are deployed, one of
 * them is called each second at random, and the platform's memory stays flat; then a thousand are warm at once, and each
 * costs what its runtime does.
 *
 *   npm run bench -- many
 *   bin/node bench/many.ts --trial --json       (a thousand functions, twenty seconds, fifty warm)
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startMayfly, type StartedMayfly } from '../test/harness/start-mayfly.ts';
import { openClient, percentile, type Client } from './harness/client.ts';
import { machine } from './harness/machine.ts';
import { availableMb, cpuMsOf, descendants, kernelMb, memoryOf } from './harness/memory.ts';

const { values: options } = parseArgs({
  options: {
    functions: { type: 'string' },
    seconds: { type: 'string' },
    warm: { type: 'string' },
    trial: { type: 'boolean' },
    json: { type: 'boolean' },
  },
});
const functions = Number(options.functions ?? (options.trial ? 1_000 : 10_000));
const seconds = Number(options.seconds ?? (options.trial ? 20 : 600));
const warm = Number(options.warm ?? (options.trial ? 50 : 1_000));
/** Of one deployment; each function has an address of its own. */
const applicationFunctions = 1_000;
/** Calls at once while the warm ones are started. */
const startersAtOnce = 8;
const callTimeoutMs = 60_000;
const warmMemoryMb = Math.floor((totalmem() / 2 ** 20) * 0.75);

const languages = {
  node: { runtime: 'nodejs26.x', file: 'hello.mjs', code: `export const handler = async () => 'hello';\n` },
  python: { runtime: 'python', file: 'hello.py', code: `def handler(event, context):\n    return "hello"\n` },
} as const;
type Language = keyof typeof languages;

const nameOf = (number: number): string => `many-${String(number).padStart(5, '0')}`;
/** Every other one. */
const languageOf = (number: number): Language => (number % 2 === 0 ? 'node' : 'python');

async function writeApplication(folder: string, application: string, first: number, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { file, code } of Object.values(languages)) await writeFile(join(folder, file), code);
  const entries = Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const { runtime, file } = languages[languageOf(number)];
    return `  ${nameOf(number)}: { runtime: ${runtime}, handler: hello.handler, code: ${file}, memory: 128, events: [{ http: GET /${nameOf(number)} }] }\n`;
  });
  await writeFile(join(folder, 'mayfly.yaml'), `application: ${application}\nfunctions:\n${entries.join('')}`);
}

async function deployAll(mayfly: StartedMayfly, folder: string): Promise<number[]> {
  const tookMs: number[] = [];
  for (let first = 0; first < functions; first += applicationFunctions) {
    const project = join(folder, `part-${first}`);
    await writeApplication(project, `part-${first}`, first, Math.min(applicationFunctions, functions - first));
    const sinceMs = performance.now();
    await mayfly.json('deploy', project);
    tookMs.push(performance.now() - sinceMs);
  }
  return tookMs;
}

/** It takes a quarter of an hour. */
const progress = (what: string): void => console.error(`many: ${what}`);

type Sample = { atS: number; pssMb: number; environments: number };

const environmentsOf = (pid: number): number =>
  descendants(pid).filter(({ command, depth }) => command === 'bwrap' && depth === 1).length;

/** One call each second, of a function chosen at random. */
async function callAtRandom(
  mayfly: StartedMayfly,
  client: Client,
): Promise<{ tookMs: number[]; failed: string[]; samples: Sample[]; cpuShare: number }> {
  const tookMs: number[] = [];
  const samples: Sample[] = [];
  const failed: string[] = [];
  const beganMs = performance.now();
  const cpuBefore = cpuMsOf(mayfly.pid);
  for (let second = 0; second < seconds; second += 1) {
    const dueMs = beganMs + second * 1_000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const call = await client.call(`${mayfly.http}/${nameOf(Math.floor(Math.random() * functions))}`);
    if (call.status === 200) tookMs.push(call.tookMs);
    else failed.push(`after ${second} s: ${call.status ?? call.error}`);
    if (second % Math.max(1, Math.floor(seconds / 60)) === 0)
      samples.push({ atS: second, pssMb: memoryOf(mayfly.pid).pssMb, environments: environmentsOf(mayfly.pid) });
  }
  const cpuShare = (cpuMsOf(mayfly.pid) - cpuBefore) / (performance.now() - beganMs);
  return { tookMs, failed, samples, cpuShare };
}

type Warm = {
  language: Language;
  count: number;
  failed: number;
  startedInS: number;
  eachPssMb: number;
  eachBesideMb: number;
  platformMb: number;
  idleCpuShare: number;
};

/** `count` functions of one language at once: what each needs by itself, and what the whole machine has less. */
async function warmUp(mayfly: StartedMayfly, client: Client, language: Language, count: number): Promise<Warm> {
  const before = { availableMb: availableMb(), environments: environmentsOf(mayfly.pid) };
  const numbers = Array.from({ length: functions }, (_, number) => number)
    .filter((number) => languageOf(number) === language)
    .slice(0, count);
  const wanted = [...numbers];
  const sinceMs = performance.now();
  let failed = 0;
  const starter = async (): Promise<void> => {
    for (let number = wanted.pop(); number !== undefined; number = wanted.pop()) {
      const { status } = await client.call(`${mayfly.http}/${nameOf(number)}`);
      if (status !== 200) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: startersAtOnce }, starter));
  const startedInS = (performance.now() - sinceMs) / 1_000;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const all = descendants(mayfly.pid);
  // Without the outer and the inner bwrap, which are some hundred kilobytes each, the deepest are the runtimes.
  const inside = all.filter(({ depth }) => depth >= 3);
  const pssMb = inside.reduce((sum, { pid }) => sum + memoryOf(pid).pssMb, 0);
  const present = environmentsOf(mayfly.pid);
  const watched = [mayfly.pid, ...inside.map(({ pid }) => pid)];
  const cpuBefore = watched.map(cpuMsOf);
  const watchMs = 5_000;
  await new Promise((resolve) => setTimeout(resolve, watchMs));
  // One that has ended meanwhile has none to tell.
  const busyMs = watched.reduce((sum, pid, index) => sum + Math.max(0, cpuMsOf(pid) - (cpuBefore[index] ?? 0) || 0), 0);
  return {
    language,
    count: present,
    failed,
    startedInS,
    eachPssMb: pssMb / present,
    eachBesideMb: (before.availableMb - availableMb()) / Math.max(1, present - before.environments),
    platformMb: memoryOf(mayfly.pid).pssMb,
    idleCpuShare: busyMs / watchMs,
  };
}

const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-many-'));
let mayfly = await startMayfly();
try {
  using client = openClient({ timeoutMs: callTimeoutMs });
  const emptyMb = memoryOf(mayfly.pid).pssMb;
  const deployMs = await deployAll(mayfly, folder);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const deployedMb = memoryOf(mayfly.pid).pssMb;
  const restartSinceMs = performance.now();
  mayfly = await mayfly.stopAndRestart();
  const restartMs = performance.now() - restartSinceMs;
  const restartedMb = memoryOf(mayfly.pid).pssMb;

  progress(
    `${functions} functions are deployed, in ${(deployMs.reduce((sum, ms) => sum + ms, 0) / 1_000).toFixed(1)} s`,
  );
  const random = await callAtRandom(mayfly, client);
  progress(`called at random for ${seconds} s`);
  const settled = random.samples.filter(({ atS }) => atS >= Math.min(60, seconds / 4));
  const half = Math.floor(settled.length / 2);
  const median = (samples: readonly Sample[], of: 'pssMb' | 'environments' = 'pssMb'): number =>
    percentile(
      samples.map((sample) => sample[of]),
      0.5,
    );
  const kernelBeforeMb = kernelMb();
  const warmed: Warm[] = [];
  for (const language of ['node', 'python'] as const) {
    const { data } = mayfly;
    await mayfly.killed();
    // As many as are wanted are to be there at once, whatever they are worth.
    mayfly = await startMayfly({ data, flags: ['--keep-warm', '10m', '--warm-memory', String(warmMemoryMb)] });
    const row = await warmUp(mayfly, client, language, Math.min(warm, functions / 2));
    warmed.push(row);
    progress(`${row.count} of ${language} are warm: ${row.eachPssMb.toFixed(1)} MB each`);
  }
  const report = {
    functions,
    emptyMb,
    deployMs: { total: deployMs.reduce((sum, ms) => sum + ms, 0), first: deployMs[0], last: deployMs.at(-1) },
    deployedMb,
    restartMs,
    restartedMb,
    random: {
      seconds,
      failed: random.failed.length,
      failedAs: random.failed,
      p50Ms: percentile(random.tookMs, 0.5),
      p99Ms: percentile(random.tookMs, 0.99),
      platformMbFirstHalf: median(settled.slice(0, half)),
      platformMbSecondHalf: median(settled.slice(half)),
      environmentsFirstHalf: median(settled.slice(0, half), 'environments'),
      environmentsSecondHalf: median(settled.slice(half), 'environments'),
      platformMbMost: Math.max(...settled.map(({ pssMb }) => pssMb)),
      environmentsMost: Math.max(...settled.map(({ environments }) => environments)),
      cpuShare: random.cpuShare,
    },
    warmed,
    kernelBeforeMb,
  };
  if (options.json) console.log(JSON.stringify({ machine: machine(), ...report }));
  else {
    const mb = (value: number): string => `${value.toFixed(1)} MB`;
    console.log(`many: ${functions} deployed functions, every other one Python. ${machine()}`);
    console.log(
      `The platform without any: ${mb(emptyMb)}; with all: ${mb(deployedMb)}; restarted with them in ${(restartMs / 1_000).toFixed(1)} s: ${mb(restartedMb)}`,
    );
    console.log(
      `Deployed in ${(report.deployMs.total / 1_000).toFixed(1)} s, ${applicationFunctions} at a time: the first in ${(deployMs[0] ?? 0).toFixed(0)} ms, the last in ${(deployMs.at(-1) ?? 0).toFixed(0)} ms`,
    );
    console.log(
      `One called each second at random for ${seconds} s: p50 ${report.random.p50Ms.toFixed(1)} ms, p99 ${report.random.p99Ms.toFixed(1)} ms, ${[random.failed.length, ...random.failed].join(' ')} failed; ` +
        `the platform's memory ${mb(report.random.platformMbFirstHalf)} in the first half, ${mb(report.random.platformMbSecondHalf)} in the second, ${mb(report.random.platformMbMost)} at most; ` +
        `${report.random.environmentsFirstHalf} environments in the first half, ${report.random.environmentsSecondHalf} in the second, ${report.random.environmentsMost} at most; ${(random.cpuShare * 100).toFixed(1)} % of a processor`,
    );
    console.log(
      '| warm at once | failed | started in | each: own memory (PSS) | each: less on the machine | platform | processor while idle |',
    );
    console.log('| --- | --: | --: | --: | --: | --: | --: |');
    for (const row of warmed)
      console.log(
        `| ${row.count} ${row.language} | ${row.failed} | ${row.startedInS.toFixed(1)} s | ${mb(row.eachPssMb)} | ${mb(row.eachBesideMb)} | ${mb(row.platformMb)} | ${(row.idleCpuShare * 100).toFixed(1)} % |`,
      );
  }
} finally {
  await mayfly[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

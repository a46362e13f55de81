/** A thousand functions that nobody calls: they cost the disk they are on, and next to nothing else. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callApi } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const functions = 1_000;
const sample = 20;
/** The platform keeps generic environments booted and empty sandboxes ready, whatever is deployed; no function's code is in them. */
const sparesMax = 16;
const residentMbMax = 250;
const watchMs = 3_000;
/** A fifth of one processor. */
const busyMsMax = 600;

const nameOf = (number: number): string => `idle-${String(number).padStart(4, '0')}`;

const code = `import os
def handler(event, context):
    return {"name": os.environ["AWS_LAMBDA_FUNCTION_NAME"]}
`;

const manifest = `application: idle
functions:
${Array.from(
  { length: functions },
  (_, number) => `  ${nameOf(number)}:
    runtime: python
    handler: idle.handler
    code: idle.py
    events: [{ http: GET /${nameOf(number)} }]
`,
).join('')}`;

describe(`${functions} functions that nobody calls`, () => {
  let mayfly: StartedMayfly;
  let project: string;
  let deployMs: number;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'mayfly-idle-'));
    await writeFile(join(project, 'mayfly.yaml'), manifest);
    await writeFile(join(project, 'idle.py'), code);
    await keepCompiled();
    mayfly = await startMayfly();
    const startMs = performance.now();
    await mayfly.json('deploy', project);
    deployMs = performance.now() - startMs;
  });

  after(async () => {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  });

  test('are deployed with one bundle for all of them', (t) => {
    t.diagnostic(`deployed in ${Math.round(deployMs)} ms`);
    assert.equal(readdirSync(join(mayfly.data, 'bundles')).length, 1);
  });

  test('have no process', async () => {
    const answer = await callApi(mayfly, { target: '/_mayfly/functions', service: 'mayfly' });
    const { functions: views } = (await answer.json()) as {
      functions: { environments: { busy: number; idle: number } }[];
    };
    assert.equal(views.length, functions);
    const inUse = views.reduce((sum, { environments: { busy, idle } }) => sum + busy + idle, 0);
    assert.equal(inUse, 0);
    assert.ok(sandboxesOf(mayfly.pid) <= sparesMax, `${sandboxesOf(mayfly.pid)} sandboxes`);
  });

  test(`cost under ${residentMbMax} MB of memory and hardly any processor time`, async (t) => {
    // What deploying leaves to be done (pre-booting, the journal) is done soon.
    const busyMs = await eventually('hardly busy', 60_000, async () => {
      const before = cpuMsOf(mayfly.pid);
      await sleep(watchMs);
      const tookMs = cpuMsOf(mayfly.pid) - before;
      return tookMs < busyMsMax ? tookMs : undefined;
    });
    const residentMb = residentMbOf(mayfly.pid);
    t.diagnostic(`resident: ${Math.round(residentMb)} MB; busy: ${busyMs} ms of ${watchMs} ms`);
    assert.ok(residentMb < residentMbMax, `${Math.round(residentMb)} MB`);
  });

  test('answer when somebody does call', async (t) => {
    for (let n = 0; n < sample; n += 1) {
      const name = nameOf(Math.floor((n * functions) / sample));
      const startMs = performance.now();
      const response = await fetch(`${mayfly.http}/${name}`);
      if (n === 0) t.diagnostic(`first call: ${Math.round(performance.now() - startMs)} ms`);
      assert.deepEqual(await response.json(), { name });
    }
    assert.ok(sandboxesOf(mayfly.pid) >= sample, 'sandboxes are counted where they are');
  });

  test('are there again after a restart, soon', async (t) => {
    const startMs = performance.now();
    mayfly = await mayfly.killAndRestart();
    t.diagnostic(`ready again after ${Math.round(performance.now() - startMs)} ms`);
    const name = nameOf(functions - 1);
    assert.deepEqual(await (await fetch(`${mayfly.http}/${name}`)).json(), { name });
  });
});

/** What a first start has to strip and compile stays in memory, and is no part of what is claimed: another one comes before. */
async function keepCompiled(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-idle-'));
  await using first = await startMayfly();
  await writeFile(
    join(folder, 'mayfly.yaml'),
    `functions: { first: { runtime: python, handler: idle.handler, code: idle.py, events: [{ http: GET /first }] } }\n`,
  );
  await writeFile(join(folder, 'idle.py'), code);
  await first.json('deploy', folder);
  assert.equal((await fetch(`${first.http}/first`)).status, 200);
  await rm(folder, { recursive: true, force: true });
}

type Process = { pid: number; parent: number; command: string };

function processes(): Process[] {
  return readdirSync('/proc').flatMap((name): Process[] => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, command = '', , parent = ''] =
        /^\d+ \((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      return [{ pid: Number(name), parent: Number(parent), command }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

/** Sandboxes are the platform's only children of this name. */
const sandboxesOf = (pid: number): number =>
  processes().filter(({ parent, command }) => parent === pid && command === 'bwrap').length;

/** User and system time. man 5 proc_pid_stat */
function cpuMsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const ticksPerSecond = 100;
  return (ticks * 1000) / ticksPerSecond;
}

function residentMbOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

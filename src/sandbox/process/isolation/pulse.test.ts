import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as rest } from 'node:timers/promises';
import { PlatformError } from '../../../util/errors.ts';
import { openChildCalls } from './child-calls.ts';
import { Children, type Program } from './children.ts';
import { openLibc, type Libc } from './libc.ts';
import { allowedProcessors, Pulse } from './pulse.ts';

const skip = process.arch !== 'x64' ? 'the program is for x86-64' : process.getuid?.() === 0 ? false : 'it takes root';

async function open(t: TestContext, libc: Pick<Libc, 'runFirst'> = openLibc()) {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-pulse-'));
  const children = new Children(openChildCalls());
  const programs: Program[] = [];
  const complaints: string[] = [];
  const pulse = new Pulse({
    children: {
      startProgram(words, variables) {
        const program = children.startProgram(words, variables);
        programs.push(program);
        return program;
      },
    },
    libc,
    folder,
    log: (message) => void complaints.push(message),
  });
  t.after(async () => {
    await pulse[Symbol.asyncDispose]();
    children[Symbol.dispose]();
    await rm(folder, { recursive: true });
  });
  return { pulse, programs, complaints };
}

const statusOf = ({ pid }: Program): string => readFileSync(`/proc/${pid}/status`, 'utf8');
const rests = (program: Program): number => Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(statusOf(program))?.[1]);

async function wakesAgainAndAgain(program: Program): Promise<void> {
  const enough = rests(program) + 20;
  while (rests(program) < enough) await rest(5);
}

test('each processor is woken by a process of its own, before all others, until that ends', { skip }, async (t) => {
  const { pulse, programs, complaints } = await open(t);
  pulse.set(false);
  assert.equal(programs.length, 0);
  pulse.set(true);
  assert.deepEqual(complaints, []);
  const processors = allowedProcessors(readFileSync('/proc/self/status', 'utf8'));
  assert.deepEqual(
    programs.map((program) => allowedProcessors(statusOf(program))),
    processors.map((processor) => [processor]),
  );
  for (const program of programs) {
    await wakesAgainAndAgain(program);
    // man 5 proc_pid_stat: the 41st field is the policy, and 1 is SCHED_FIFO.
    const afterName = readFileSync(`/proc/${program.pid}/stat`, 'utf8').split(') ')[1];
    assert.equal(afterName?.split(' ')[38], '1');
  }
  pulse.set(false);
  pulse.set(true);
  assert.equal(programs.length, processors.length);
  const [first] = programs;
  assert.ok(first);
  first.kill();
  await first.exited;
  pulse.set(false);
  pulse.set(true);
  assert.equal(programs.length, processors.length + 1);
  const last = programs.at(-1);
  assert.ok(last);
  await wakesAgainAndAgain(last);
  await pulse[Symbol.asyncDispose]();
  assert.ok(programs.every(({ hasExited }) => hasExited));
  pulse.set(false);
  pulse.set(true);
  assert.equal(programs.length, processors.length + 1);
});

test('where it may not run before others it says so once, and nothing is left of it', { skip }, async (t) => {
  const refused = new PlatformError('unavailable', 'could not have it run before others: EPERM');
  const { pulse, programs, complaints } = await open(t, {
    runFirst() {
      throw refused;
    },
  });
  pulse.set(true);
  pulse.set(false);
  pulse.set(true);
  assert.equal(complaints.length, 1);
  assert.match(String(complaints[0]), /a call may wait .* EPERM/);
  assert.equal(programs.length, 1);
  await programs[0]?.exited;
});

test('processors are numbers and ranges', () => {
  assert.deepEqual(
    allowedProcessors('Name:\tx\nCpus_allowed_list:\t0-2,5,7-8\nMems_allowed:\t1\n'),
    [0, 1, 2, 5, 7, 8],
  );
  assert.deepEqual(allowedProcessors('Name:\tx\n'), []);
});

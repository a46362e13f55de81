import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PlatformError } from '../../../util/errors.ts';
import { openChildCalls } from './child-calls.ts';
import { Children, type Program } from './children.ts';
import { openLibc, type Libc } from './libc.ts';
import { eventually } from './eventually.ts';
import { allowedProcessors, among, Pulse, whyNoPulse, type PulseOptions } from './pulse.ts';

const isOtherMachine = process.arch === 'x64' ? false : 'the program is for x86-64';
const skip = isOtherMachine || (process.getuid?.() === 0 ? false : 'it takes root');
/** Looks for what is to come, up to 50 ms apart: a minute. */
const lookedMax = 1_200;

async function open(
  t: TestContext,
  libc: Pick<Libc, 'runFirst'> = openLibc(),
  of: Pick<PulseOptions, 'processors'> = {},
) {
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
    ...of,
    log: (message) => void complaints.push(message),
  });
  t.after(async () => {
    await pulse[Symbol.asyncDispose]();
    children[Symbol.dispose]();
    await rm(folder, { recursive: true });
  });
  const started = async (count: number): Promise<void> =>
    assert.ok(await eventually(() => programs.length >= count, lookedMax), `${programs.length} of ${count} started`);
  return { pulse, programs, complaints, started };
}

const statusOf = ({ pid }: Program): string => readFileSync(`/proc/${pid}/status`, 'utf8');
const rests = (program: Program): number => Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(statusOf(program))?.[1]);

async function wakesAgainAndAgain(program: Program): Promise<void> {
  const enough = rests(program) + 20;
  assert.ok(await eventually(() => rests(program) >= enough, lookedMax), `${rests(program)} of ${enough} times`);
}

test('each processor is woken by a process of its own, before all others, until that ends', { skip }, async (t) => {
  const { pulse, programs, complaints, started } = await open(t);
  pulse.set(false);
  assert.equal(programs.length, 0);
  pulse.set(true);
  const processors = among(
    allowedProcessors(readFileSync('/proc/self/status', 'utf8')),
    readFileSync('/sys/devices/system/cpu/online', 'utf8'),
  );
  await started(processors.length);
  assert.deepEqual(complaints, []);
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
  await started(processors.length + 1);
  const last = programs.at(-1);
  assert.ok(last);
  await wakesAgainAndAgain(last);
  await pulse[Symbol.asyncDispose]();
  assert.ok(programs.every(({ hasExited }) => hasExited));
  pulse.set(false);
  pulse.set(true);
  assert.equal(programs.length, processors.length + 1);
});

test(
  'where it may not run before others it says so once, and nothing is left of it',
  { skip: isOtherMachine },
  async (t) => {
    const refused = new PlatformError('unavailable', 'could not have it run before others: EPERM', { reason: 'EPERM' });
    const { pulse, programs, complaints } = await open(t, {
      runFirst() {
        throw refused;
      },
    });
    pulse.set(true);
    assert.ok(await eventually(() => complaints.length > 0, lookedMax), 'it says nothing');
    pulse.set(false);
    pulse.set(true);
    await turns(10);
    assert.equal(complaints.length, 1);
    assert.match(String(complaints[0]), /^a call may wait .* computes: could not have it run before others: EPERM$/);
    assert.equal(programs.length, 1);
    await programs[0]?.exited;
  },
);

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
};

test(
  'a processor that is refused, or a process that cannot be started, takes nothing from the others',
  {
    skip: isOtherMachine,
  },
  async (t) => {
    const { pulse, programs, complaints, started } = await open(
      t,
      {
        runFirst(pid, processor) {
          if (processor === 2) throw new PlatformError('unavailable', `keep ${pid}: EINVAL`, { reason: 'EINVAL' });
        },
      },
      { processors: () => [0, 1, 2] },
    );
    pulse.set(true);
    await started(3);
    const [first, second, third] = programs;
    assert.ok(first && second && third);
    await third.exited;
    await turns(10);
    assert.deepEqual(complaints, []);
    for (const program of [first, second]) await wakesAgainAndAgain(program);
    // And it is tried again when they are wanted again.
    pulse.set(false);
    pulse.set(true);
    await started(4);
  },
);

test('where it can be for no processor it says so once', { skip: isOtherMachine }, async (t) => {
  const offline = new PlatformError('unavailable', 'could not keep it on processor 7: EINVAL', { reason: 'EINVAL' });
  const { pulse, programs, complaints } = await open(
    t,
    {
      runFirst() {
        throw offline;
      },
    },
    { processors: () => [7, 8] },
  );
  pulse.set(true);
  assert.ok(await eventually(() => complaints.length > 0, lookedMax), 'it says nothing');
  assert.match(complaints.join(), /a call may wait .* EINVAL/);
  assert.equal(programs.length, 2);
  await Promise.all(programs.map(({ exited }) => exited));
});

test(
  'they are started one in a turn, after who wants them, while they are wanted',
  {
    skip: isOtherMachine,
  },
  async (t) => {
    const processors = Array.from({ length: 32 }, (_, at) => at);
    const { pulse, programs, complaints, started } = await open(
      t,
      { runFirst: () => undefined },
      { processors: () => processors },
    );
    pulse.set(true);
    assert.equal(programs.length, 0);
    let before = 0;
    while (before < 8) {
      await nextTurn();
      assert.ok(programs.length - before <= 1, `${programs.length - before} in one turn`);
      before = programs.length;
    }
    pulse.set(false);
    await turns(10);
    assert.equal(programs.length, before);
    pulse.set(true);
    await started(before + 2);
    await pulse[Symbol.asyncDispose]();
    const atEnd = programs.length;
    assert.ok(atEnd >= before + 2 && atEnd < processors.length && programs.every(({ hasExited }) => hasExited));
    await turns(10);
    assert.equal(programs.length, atEnd);
    assert.deepEqual(complaints, []);
  },
);

test('only processors that are there are used', () => {
  const possible = allowedProcessors('Cpus_allowed_list:\t0-127\n');
  assert.deepEqual(among(possible, '0-2,5\n'), [0, 1, 2, 5]);
  assert.deepEqual(among([1, 2], '0-3\n'), [1, 2]);
});

test('what it takes is known before it is tried', () => {
  assert.equal(whyNoPulse('CapEff:\t000001ffffffffff\n', 'x64'), undefined);
  assert.match(whyNoPulse('CapEff:\t000001ffff7fffff\n', 'x64')?.why ?? '', /CAP_SYS_NICE/);
  assert.match(whyNoPulse('Name:\tx\n', 'x64')?.why ?? '', /CAP_SYS_NICE/);
  assert.match(whyNoPulse('CapEff:\t000001ffffffffff\n', 'arm64')?.why ?? '', /x86-64/);
});

test('processors are numbers and ranges', () => {
  assert.deepEqual(
    allowedProcessors('Name:\tx\nCpus_allowed_list:\t0-2,5,7-8\nMems_allowed:\t1\n'),
    [0, 1, 2, 5, 7, 8],
  );
  assert.deepEqual(allowedProcessors('Name:\tx\n'), []);
});

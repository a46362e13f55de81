import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { NoImage } from './no-image.ts';
import { TracedProcess } from './traced-process.ts';
import { openTracingCalls } from './tracing-calls.ts';
import { whyNoTemplates } from './why-no-templates.ts';

const options = { skip: whyNoTemplates() ?? false };

/** A process that sleeps, and its parent, which ends once it has been told of its end. */
async function sleeper(): Promise<{ pid: number; parentEnded: Promise<unknown> }> {
  const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const parentEnded = once(parent, 'exit');
  const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
  const pid = Number(line);
  after(() => {
    for (const one of [pid, parent.pid ?? 0]) {
      try {
        process.kill(one, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  });
  return { pid, parentEnded };
}

const tracerOf = (pid: number): string | undefined =>
  /^TracerPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

test('a process that turns out not to be as expected is not held any longer', options, async () => {
  const { pid } = await sleeper();
  const calls = openTracingCalls();
  const refuse = (): never => {
    throw new NoImage('has child processes');
  };
  assert.throws(() => new TracedProcess(calls, pid, refuse), NoImage);
  assert.equal(tracerOf(pid), '0');
  assert.throws(() => new TracedProcess(calls, pid, () => false), /unavailable|traced/);
  assert.equal(tracerOf(pid), '0');
});

test('one that is killed while it stands still is given up, and its end told to its parent', options, async () => {
  const { pid, parentEnded } = await sleeper();
  const traced = new TracedProcess(openTracingCalls(), pid, () => true);
  process.kill(pid, 'SIGKILL');
  assert.throws(() => {
    // The signal may take a moment.
    for (;;) void traced.registers;
  });
  assert.throws(() => traced.detach());
  traced.giveUp();
  await parentEnded;
});

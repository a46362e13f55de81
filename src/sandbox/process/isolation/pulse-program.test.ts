import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as rest } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { pulseProgram } from './pulse-program.ts';

const skip = process.arch === 'x64' ? false : 'the program is for x86-64';
/** Looks for what is to come, up to 50 ms apart: a minute. */
const lookedMax = 1_200;

async function run(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-pulse-'));
  const path = join(folder, 'pulse');
  await writeFile(path, pulseProgram(1_000), { mode: 0o755 });
  const child = spawn(path, { stdio: ['pipe', 'ignore', 'ignore'] });
  t.after(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });
  /** How often it has gone to sleep. */
  const rests = (): number => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(status)?.[1]);
  };
  /** Waits until it has done so this often more. */
  const more = async (times: number): Promise<void> => {
    const enough = rests() + times;
    assert.ok(await eventually(() => rests() >= enough, lookedMax), `${rests()} of ${enough} times`);
  };
  return { child, rests, more };
}

test('it wakes again and again while it is to, and ends with its input', { skip }, async (t) => {
  const { child, rests, more } = await run(t);
  child.stdin.write('1');
  await more(50);
  child.stdin.write('0');
  // What it was told it has read once it rests no more: it wakes 50 times in the time between two looks.
  let before = -1;
  for (let looks = 0; rests() !== before; looks += 1) {
    assert.ok(looks < lookedMax, 'it goes on to rest');
    before = rests();
    await rest(50);
  }
  child.stdin.write('1');
  await more(50);
  const ended = once(child, 'exit');
  child.stdin.end();
  assert.deepEqual(await ended, [0, null]);
});

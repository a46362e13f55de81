import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openChildCalls } from './child-calls.ts';
import { Children } from './children.ts';
import type { ControlGroup } from './control-groups.ts';
import { endOf, SpawnedProcess } from './spawned-process.ts';

test('an exit code beyond 128 is the signal that ended the command', () => {
  assert.deepEqual(endOf({ code: 0, signal: null }), { code: 0, signal: undefined });
  assert.deepEqual(endOf({ code: 1, signal: null }), { code: 1, signal: undefined });
  assert.deepEqual(endOf({ code: 137, signal: null }), { code: undefined, signal: 'SIGKILL' });
  assert.deepEqual(endOf({ code: 139, signal: null }), { code: undefined, signal: 'SIGSEGV' });
  assert.deepEqual(endOf({ code: 255, signal: null }), { code: 255, signal: undefined });
  assert.deepEqual(endOf({ code: null, signal: 'SIGKILL' }), { code: undefined, signal: 'SIGKILL' });
});

test('what the kernel does not tell is unknown, and the process is freed all the same', async () => {
  const refuse = (): never => {
    throw new Error('EMFILE: too many open files');
  };
  let freed = 0;
  using children = new Children(openChildCalls());
  const child = children.start(['/bin/sleep', '60']);
  const group = { usage: refuse, outOfMemory: refuse, kill: refuse } as Partial<ControlGroup> as ControlGroup;
  const free = (): Promise<void> => Promise.resolve(void (freed += 1));
  const process = new SpawnedProcess(child, { group, limit: () => {}, attach: () => {}, onRefusal: () => {}, free });
  assert.deepEqual(await process.usage(), { memoryBytesMax: undefined, cpuMs: undefined });
  process.kill();
  assert.deepEqual(await process.ended, { code: undefined, signal: 'SIGKILL', outOfMemory: false });
  assert.equal(freed, 1);
});

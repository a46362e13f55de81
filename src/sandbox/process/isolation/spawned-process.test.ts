import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOf } from './spawned-process.ts';

test('an exit code beyond 128 is the signal that ended the command', () => {
  assert.deepEqual(endOf(0, null), { code: 0, signal: undefined });
  assert.deepEqual(endOf(1, null), { code: 1, signal: undefined });
  assert.deepEqual(endOf(137, null), { code: undefined, signal: 'SIGKILL' });
  assert.deepEqual(endOf(139, null), { code: undefined, signal: 'SIGSEGV' });
  assert.deepEqual(endOf(255, null), { code: 255, signal: undefined });
  assert.deepEqual(endOf(null, 'SIGKILL'), { code: undefined, signal: 'SIGKILL' });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOf } from './spawned-process.ts';

test('an exit code beyond 128 is the signal that ended the command', () => {
  assert.deepEqual(endOf({ code: 0, signal: null }), { code: 0, signal: undefined });
  assert.deepEqual(endOf({ code: 1, signal: null }), { code: 1, signal: undefined });
  assert.deepEqual(endOf({ code: 137, signal: null }), { code: undefined, signal: 'SIGKILL' });
  assert.deepEqual(endOf({ code: 139, signal: null }), { code: undefined, signal: 'SIGSEGV' });
  assert.deepEqual(endOf({ code: 255, signal: null }), { code: 255, signal: undefined });
  assert.deepEqual(endOf({ code: null, signal: 'SIGKILL' }), { code: undefined, signal: 'SIGKILL' });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endReasons } from '../telemetry/start-reason.ts';
import { startReason, type Present } from './start-reason.ts';

const alone: Present = { busy: 0, starting: 0, waitedForRoomMs: 0 };

test('the first of its function, and the first of its version', () => {
  assert.deepEqual(startReason(alone, { status: 'none' }), { kind: 'first' });
  assert.deepEqual(startReason(alone, { status: 'other_version' }), { kind: 'deploy' });
});

test('others that are busy or starting explain it, whatever has ended before', () => {
  const past = { status: 'ended', reason: 'idle', endedMs: 5 } as const;
  assert.deepEqual(startReason({ ...alone, busy: 3 }, past), { kind: 'scale_out', busy: 3, starting: 0 });
  assert.deepEqual(startReason({ ...alone, starting: 1 }, past), { kind: 'scale_out', busy: 0, starting: 1 });
});

test('a start that waited for the machine to have room says so', () => {
  const present = { busy: 2, starting: 0, waitedForRoomMs: 120 };
  assert.deepEqual(startReason(present, { status: 'none' }), { kind: 'limit', waitedMs: 120 });
});

test('with none there, it is what became of the last one', () => {
  for (const reason of endReasons) {
    const decided = startReason(alone, { status: 'ended', reason, endedMs: 7, detail: 'kept for 12 min' });
    if (reason === 'deploy') assert.deepEqual(decided, { kind: 'deploy' });
    else if (reason === 'shutdown') assert.deepEqual(decided, { kind: 'restart', endedMs: 7 });
    else assert.deepEqual(decided, { kind: reason, endedMs: 7, detail: 'kept for 12 min' });
  }
  assert.deepEqual(startReason(alone, { status: 'lost' }), { kind: 'restart' });
});

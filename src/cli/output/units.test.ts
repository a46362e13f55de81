import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, bytesText, clockTime, count, milliseconds } from './units.ts';

test('bytes', () =>
  assert.deepEqual([0, 999, 1_000, 12_400, 5_600_000, 3e9, 5e12].map(bytesText), [
    '0 B',
    '999 B',
    '1.0 kB',
    '12.4 kB',
    '5.6 MB',
    '3.0 GB',
    '5000.0 GB',
  ]));
test('milliseconds', () =>
  assert.deepEqual([0, 0.42, 9.96, 12.4, 999, 1_500, 42_000].map(milliseconds), [
    '0.0 ms',
    '0.4 ms',
    '10.0 ms',
    '12 ms',
    '999 ms',
    '1.5 s',
    '42 s',
  ]));
test('how long ago', () => {
  const nowMs = 1e12;
  assert.deepEqual(
    [0, 30_000, 300_000, 7_200_000, 86_400_000, 3 * 86_400_000, -5_000].map((ms) => ago(nowMs - ms, nowMs)),
    ['just now', '30 s ago', '5 min ago', '2 h ago', 'yesterday', '3 days ago', 'just now'],
  );
});
test('the time of day', () => assert.match(clockTime(1_234), /^\d\d:\d\d:01\.234$/));
test('one and many', () =>
  assert.deepEqual(
    [count(1, 'file'), count(2, 'file'), count(1_200, 'usage row')],
    ['1 file', '2 files', '1,200 usage rows'],
  ));

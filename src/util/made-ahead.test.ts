import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMadeAhead } from './made-ahead.ts';

function rig(max: number) {
  const tasks: (() => void)[] = [];
  let made = 0;
  const ahead = createMadeAhead({ make: () => ++made, max, later: (task) => tasks.push(task) });
  return { ahead, tasks, made: () => made };
}

test('what is taken was made before, once there was time, and is made at once where there was none', () => {
  const { ahead, tasks, made } = rig(2);
  assert.equal(ahead.take(), 1);
  assert.equal(tasks.length, 1);
  tasks.shift()?.();
  assert.equal(made(), 3);
  assert.deepEqual([ahead.take(), ahead.take()], [3, 2]);
  assert.equal(made(), 3);
  assert.equal(ahead.take(), 4);
});

test('however many are taken, it is asked for time once, and as many are kept as may be', () => {
  const { ahead, tasks, made } = rig(2);
  for (let taken = 0; taken < 5; taken += 1) ahead.take();
  assert.equal(tasks.length, 1);
  tasks.shift()?.();
  assert.equal(made(), 7);
});

test('what was dropped is never given', () => {
  const { ahead, tasks } = rig(2);
  tasks.shift()?.();
  ahead.drop();
  assert.equal(ahead.take(), 3);
});

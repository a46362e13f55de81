import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trouble } from './trouble.ts';

test('a trouble is said once when it begins, and once when it is over', () => {
  const said: string[] = [];
  const trouble = new Trouble((message) => said.push(message));
  trouble.over('never said: nothing was wrong');
  for (let times = 0; times < 3; times += 1) trouble.met('wrong');
  for (let times = 0; times < 3; times += 1) trouble.over('right');
  trouble.met('wrong again');
  assert.deepEqual(said, ['wrong', 'right', 'wrong again']);
});

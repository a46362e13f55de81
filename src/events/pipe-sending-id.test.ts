import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pipeSendingId } from './pipe-sending-id.ts';

const pipe = { arn: 'arn:aws:pipes:us-east-1:000000000000:pipe/p', life: '1' };

test('a message that is sent alone has the same id in whatever batch it comes', () => {
  assert.equal(pipeSendingId(pipe, ['a', 'b'], 1, true), pipeSendingId(pipe, ['b', 'c'], 0, true));
  assert.notEqual(pipeSendingId(pipe, ['a', 'b'], 1, true), pipeSendingId(pipe, ['a', 'c'], 1, true));
  assert.notEqual(pipeSendingId(pipe, ['a'], 0, true), pipeSendingId({ ...pipe, life: '2' }, ['a'], 0, true));
});

test('what is made of a whole batch has another id where the batch is another one', () => {
  assert.equal(pipeSendingId(pipe, ['a', 'b'], 0, false), pipeSendingId(pipe, ['a', 'b'], 0, false));
  assert.notEqual(pipeSendingId(pipe, ['a', 'b'], 0, false), pipeSendingId(pipe, ['a', 'c'], 0, false));
  assert.notEqual(pipeSendingId(pipe, ['a', 'b'], 0, false), pipeSendingId(pipe, ['a', 'b'], 1, false));
});

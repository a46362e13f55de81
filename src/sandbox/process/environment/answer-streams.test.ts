import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InvokeRequest } from '../../sandbox.ts';
import type { Answer } from '../runtimes/runtime.ts';
import { AnswerStreams } from './answer-streams.ts';

const running = {} as InvokeRequest;
const whole = (text: string): Answer => ({ status: 'response', payload: Buffer.from(text) });
const failed: Answer = { status: 'error', error: { errorType: 'E', errorMessage: 'no' }, fatal: false };

test('an answer is what was streamed, and the next is another', () => {
  const streams = new AnswerStreams(() => {});
  assert.deepEqual(
    [streams.began('a/b', running), streams.streamed(Buffer.from('12')), streams.ended()],
    [undefined, undefined, undefined],
  );
  assert.deepEqual(streams.answered(whole('')), {
    status: 'response',
    payload: Buffer.from('12'),
    streamed: { bytes: 2, contentType: 'a/b' },
  });
  assert.deepEqual(streams.answered(whole('3')), whole('3'));
  assert.equal(streams.began(undefined, running), undefined);
});

test('an error counts, whatever had been streamed, and what was on its way is credited', () => {
  let credited = 0;
  const streams = new AnswerStreams((cost) => (credited += cost));
  streams.began(undefined, running);
  streams.streamed(Buffer.alloc(10));
  assert.deepEqual(streams.answered(failed), { status: 'error', error: { errorType: 'E', errorMessage: 'no' } });
  assert.ok(credited > 10);
});

test('what is out of turn is said: nothing runs, nothing was begun, it was begun already, or it has ended', () => {
  const streams = new AnswerStreams(() => {});
  assert.match(streams.began(undefined, undefined) ?? '', /the beginning of a streamed answer that nobody waits for/);
  assert.match(streams.streamed(Buffer.alloc(1)) ?? '', /a piece of/);
  assert.match(streams.ended() ?? '', /the end of/);
  streams.began(undefined, running);
  assert.match(streams.began(undefined, running) ?? '', /the beginning of/);
  streams.ended();
  assert.match(streams.streamed(Buffer.alloc(1)) ?? '', /a piece of/);
  assert.match(streams.ended() ?? '', /the end of/);
  assert.equal(streams.answered(whole('1')), 'a whole answer besides one that was streamed');
  streams.began(undefined, running);
  assert.equal(streams.answered(whole('')), 'a whole answer besides one that was streamed', 'it has not ended');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TakenAnswer } from '../../../../test/fakes/taken-answer.ts';
import { limits } from '../../../util/limits.ts';
import { responseBytesMax, streamCost, streamedBytesMax } from '../channel/frame.ts';
import { AnswerStream } from './answer-stream.ts';

/** Writes so many bytes, in pieces; answers how it came out, and what credit was given. */
function write(bytes: number, options: { pieceBytes?: number; taker?: TakenAnswer } = {}) {
  const { pieceBytes = streamedBytesMax, taker } = options;
  let cost = 0;
  let credit = 0;
  const stream = new AnswerStream('a/b', { taker, credit: (given) => (credit += given) });
  const piece = Buffer.alloc(pieceBytes, 'x');
  for (let left = bytes; left > 0; left -= pieceBytes) {
    const part = piece.subarray(0, left);
    cost += streamCost(part.length);
    assert.equal(stream.take(part), true);
  }
  stream.end();
  stream.over();
  assert.equal(credit, cost, 'all of the window is given back');
  return stream.outcome(undefined);
}

test('without a taker as much is gathered as a whole answer may have, and not a byte more', () => {
  const most = write(responseBytesMax);
  assert.equal(most.status === 'response' && most.payload.byteLength, responseBytesMax);
  const over = write(responseBytesMax + 1);
  assert.equal(over.status === 'error' && over.error.errorType, 'Function.ResponseSizeTooLarge');
});

test('pieces of a byte cost no more memory than their bytes', () => {
  const before = process.memoryUsage().rss;
  const outcome = write(2_000_000, { pieceBytes: 1 });
  assert.equal(outcome.status === 'response' && outcome.payload.byteLength, 2_000_000);
  assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
});

test('a taker gets as much as may be streamed, and then neither more nor an end', () => {
  const most = new TakenAnswer();
  const outcome = write(limits.streamedPayloadBytesMax, { taker: most });
  assert.deepEqual(outcome, {
    status: 'response',
    payload: Buffer.alloc(0),
    streamed: { bytes: limits.streamedPayloadBytesMax, contentType: 'a/b' },
  });
  assert.deepEqual([most.bytesSeen, most.hasEnded], [limits.streamedPayloadBytesMax, true]);
  const taken = new TakenAnswer();
  const over = write(limits.streamedPayloadBytesMax + 1, { taker: taken });
  assert.equal(over.status === 'error' && over.error.errorType, 'Function.ResponseSizeTooLarge');
  assert.deepEqual([taken.bytesSeen, taken.hasEnded], [limits.streamedPayloadBytesMax, false]);
});

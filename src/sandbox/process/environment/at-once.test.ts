import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../util/fake-clock.ts';
import type { RequestId } from '../../../util/ids.ts';
import type { InvokeRequest } from '../../sandbox.ts';
import type { Answer } from '../runtimes/runtime.ts';
import { AtOnce } from './at-once.ts';

function open(max = 3) {
  const clock = new FakeClock();
  const slots: number[] = [];
  const said: string[] = [];
  let answered = 0;
  const atOnce = new AtOnce({
    clock,
    max,
    send: (_request, slot) => slots.push(slot),
    answered: () => (answered += 1),
    idle: () => said.push('idle'),
    drained: () => said.push('drained'),
  });
  let count = 0;
  const begin = (timeoutMs = 3_000) => {
    const request = { requestId: `r-${(count += 1)}` as RequestId, timeoutMs } as InvokeRequest;
    const outcome = atOnce.begin(request);
    return { outcome, slot: slots.at(-1) ?? assert.fail('it was not sent') };
  };
  return { atOnce, clock, said, begin, answered: () => answered };
}

const answer = (text: string): Answer => ({ status: 'response', payload: Buffer.from(text) });
const failed: Answer = { status: 'error', error: { errorType: 'E', errorMessage: 'no' }, fatal: false };

test('each has the answer of its slot, in whatever order they come', async () => {
  const { atOnce, begin, said } = open();
  const [first, second] = [begin(), begin()];
  assert.equal(atOnce.room, 1);
  assert.equal(atOnce.requestId(second.slot), 'r-2');
  assert.equal(atOnce.answered(second.slot, failed), true);
  assert.equal((await second.outcome).status, 'error');
  assert.deepEqual(said, []);
  assert.equal(atOnce.answered(first.slot, answer('1')), true);
  assert.equal((await first.outcome).status, 'response');
  assert.deepEqual([said, atOnce.room], [['idle'], 3]);
});

test('an answer of a slot that nothing runs in is nobody’s, also a second one', async () => {
  const { atOnce, begin, answered } = open();
  const { outcome, slot } = begin();
  assert.equal(atOnce.answered(slot + 1, answer('?')), false);
  assert.equal(atOnce.answered(slot, answer('1')), true);
  assert.equal(atOnce.answered(slot, answer('again')), false);
  assert.equal((await outcome).status, 'response');
  assert.equal(atOnce.requestId(slot), undefined);
  assert.equal(answered(), 1, 'nor counted');
});

test('after a time-out no more are taken, the late answer is dropped, its lines are still its own, and the last one drains it', async () => {
  const { atOnce, begin, clock, said, answered } = open();
  const [late, other] = [begin(100), begin(1_000)];
  await clock.advance(100);
  assert.equal((await late.outcome).status, 'timeout');
  assert.equal(atOnce.room, 0);
  assert.equal(atOnce.requestId(late.slot), 'r-1');
  assert.equal(atOnce.answered(late.slot, answer('too late')), true);
  assert.deepEqual(said, []);
  atOnce.answered(other.slot, answer('in time'));
  assert.equal((await other.outcome).status, 'response');
  assert.deepEqual(said, ['drained']);
  assert.equal(answered(), 1, 'the late one does not count as answered');
});

test('an end is the end of all, and of one its own failure', async () => {
  const { atOnce, begin, said } = open();
  const [thrower, other] = [begin(), begin()];
  const verdict = { status: 'exit', code: 1, signal: undefined } as const;
  const failure = { status: 'error', error: { errorType: 'RangeError', errorMessage: 'mine' } } as const;
  atOnce.failed(thrower.slot, failure);
  atOnce.failed(other.slot, { status: 'timeout' });
  atOnce.over(verdict);
  assert.equal((await thrower.outcome).status, 'error');
  assert.equal((await other.outcome).status, 'exit');
  assert.deepEqual(said, [], 'there is nothing left to be idle');
});

test('what each is given of the time adds up to what passed', async () => {
  const { atOnce, begin, clock } = open();
  const first = begin();
  await clock.advance(100);
  const second = begin();
  await clock.advance(100);
  atOnce.answered(first.slot, answer('1'));
  await clock.advance(50);
  atOnce.answered(second.slot, answer('2'));
  const shares = await Promise.all(
    [first, second].map(async ({ outcome }) => {
      const settled = await outcome;
      return settled.status === 'response' ? settled.sharedMs : undefined;
    }),
  );
  assert.deepEqual(shares, [150, 100]);
});

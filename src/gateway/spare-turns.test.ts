import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import type { Clock } from '../util/clock.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { SpareTurns } from './spare-turns.ts';

/** A clock that also goes on while something is at work. */
function workedClock(): { clock: Clock; advance: FakeClock['advance']; work: (ms: number) => void } {
  const fake = new FakeClock();
  let workedMs = 0;
  const clock: Clock = {
    now: () => fake.now() + workedMs,
    monotonicMs: () => fake.monotonicMs() + workedMs,
    schedule: (delayMs, task) => fake.schedule(delayMs, task),
  };
  return { clock, advance: (ms) => fake.advance(ms), work: (ms) => void (workedMs += ms) };
}

/** Takes pieces, each of which takes so long, and counts them. */
function taking(
  work: (ms: number) => void,
  turns: SpareTurns,
  pieceMs: number,
): { taken: number; over: Promise<void> } {
  const state = { taken: 0, over: Promise.resolve() };
  const take = async (): Promise<void> => {
    for (let piece = 0; piece < 100; piece += 1) {
      await turns.next();
      state.taken += 1;
      work(pieceMs);
    }
  };
  state.over = take();
  return state;
}

const someTurns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
};

test('while nobody else is served, there is a piece in each turn', async () => {
  const { clock, work } = workedClock();
  const state = taking(work, new SpareTurns(clock), 5);
  await state.over;
  assert.equal(state.taken, 100);
});

test('beside who is served from outside, each rests for three times as long as it took, whoever sends the next', async () => {
  const { clock, advance, work } = workedClock();
  const turns = new SpareTurns(clock);
  turns.served(clock.monotonicMs());
  const [one, other] = [taking(work, turns, 2), taking(work, turns, 2)];
  await someTurns();
  assert.equal(one.taken + other.taken, 1);
  await advance(5);
  await someTurns();
  assert.equal(one.taken + other.taken, 1);
  await advance(1);
  await someTurns();
  assert.deepEqual([one.taken, other.taken], [1, 1]);
});

test('a turn that took long is rested from for twenty milliseconds at most', async () => {
  const { clock, advance, work } = workedClock();
  const turns = new SpareTurns(clock);
  turns.served(clock.monotonicMs());
  const state = taking(work, turns, 100);
  await someTurns();
  await advance(19);
  await someTurns();
  assert.equal(state.taken, 1);
  await advance(1);
  await someTurns();
  assert.equal(state.taken, 2);
});

test('a quarter of a second after who was served last, nothing rests any more', async () => {
  const { clock, advance, work } = workedClock();
  const turns = new SpareTurns(clock);
  turns.served(clock.monotonicMs());
  await advance(251);
  const state = taking(work, turns, 5);
  await state.over;
  assert.equal(state.taken, 100);
});

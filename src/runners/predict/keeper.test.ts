import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Keeper, restMs, type KeepPolicy, type Situation } from './keeper.ts';
import { Season } from './season.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const cost = { memoryMb: 128, price: 2e8, startMs: 300 };
const predicted: KeepPolicy = { kind: 'predicted', season: true };

const look = (keeper: Keeper, nowMs: number, more: Partial<Situation> = {}) =>
  keeper.look({ nowMs, policy: predicted, cost, freeSinceMs: [], resting: 0, inUse: 0, startingAhead: 0, ...more });

test('an environment rests once it has been free for a second, and is one too many when its fixed time is over', () => {
  const keeper = new Keeper();
  const policy: KeepPolicy = { kind: 'fixed', idleMs: 10 * minuteMs };
  const early = look(keeper, 500, { policy, freeSinceMs: [0] });
  assert.deepEqual([early.rest, early.end, early.nextMs], [0, 0, restMs]);
  const rested = look(keeper, restMs, { policy, freeSinceMs: [0] });
  assert.deepEqual([rested.rest, rested.end, rested.nextMs], [1, 0, 10 * minuteMs]);
  assert.equal(look(keeper, 10 * minuteMs - 1, { policy, resting: 1 }).end, 0);
  assert.equal(look(keeper, 10 * minuteMs, { policy, resting: 1 }).end, 1);
});

/** Called every hour, and free again ten seconds later. */
function hourly(calls: number): { keeper: Keeper; freeMs: number } {
  const keeper = new Keeper();
  let freeMs = 0;
  for (let call = 0; call < calls; call += 1) {
    keeper.called(call * hourMs, 1);
    freeMs = call * hourMs + 10_000;
    look(keeper, freeMs + restMs, { freeSinceMs: [freeMs] });
  }
  return { keeper, freeMs };
}

test('what is called each hour is ended at once, and another one started just before the next call', () => {
  const { keeper, freeMs } = hourly(12);
  const after = look(keeper, freeMs + 2 * restMs, { resting: 1 });
  assert.equal(after.end, 1);
  const againMs = after.nextMs ?? 0;
  assert.ok(againMs > freeMs + 50 * minuteMs && againMs < freeMs + hourMs - 10_000, String(againMs - freeMs));
  const ahead = look(keeper, againMs);
  assert.equal(ahead.startAhead, 1);
  // It is on its way, then there, and stays until the call is overdue.
  assert.equal(look(keeper, againMs, { startingAhead: 1 }).startAhead, 0);
  const there = look(keeper, againMs + 300, { resting: 1 });
  assert.deepEqual([there.end, there.startAhead], [0, 0]);
  assert.equal(look(keeper, (there.nextMs ?? 0) + 1, { resting: 1 }).end, 1);
});

test('after a restart it is started in time all the same', () => {
  const { keeper, freeMs } = hourly(12);
  const written = JSON.parse(JSON.stringify(keeper.write())) as ReturnType<Keeper['write']>;
  const again = Keeper.read(written);
  const { nextMs } = look(keeper, freeMs + 5 * minuteMs);
  assert.deepEqual(look(again, freeMs + restMs).startAhead, 0, 'what was kept is not started for that alone');
  assert.equal(look(again, freeMs + 5 * minuteMs).nextMs, nextMs);
  assert.equal(look(again, nextMs ?? 0).startAhead, 1);
});

test('what was given up to make room is not started again at once', () => {
  const keeper = new Keeper();
  keeper.called(0, 1);
  assert.equal(look(keeper, restMs, { freeSinceMs: [0] }).end, 0);
  keeper.givenUp(2 * restMs, 1, 'pause');
  assert.equal(look(keeper, 3 * restMs, { resting: 0 }).startAhead, 0);
});

test('a spike of each working day is awaited at its time, with as many as it takes, and not on a day off', () => {
  const keeper = new Keeper();
  // The first of January 1970 was a Thursday; day 4 is a Monday.
  const nineMs = 9 * hourMs;
  for (let day = 4; day < 4 + 12; day += 1)
    if ((day - 4) % 7 < 5) for (let call = 1; call <= 8; call += 1) keeper.called(day * dayMs + nineMs + call, call);
  const at = (day: number, timeMs: number) => look(keeper, day * dayMs + timeMs);
  assert.equal(at(18, nineMs - 2 * minuteMs).startAhead, 8, 'Monday');
  assert.equal(at(18, 8 * hourMs).startAhead, 0, 'an hour before');
  assert.equal(at(18, 10 * hourMs).startAhead, 0, 'an hour after');
  assert.equal(at(16, nineMs - 2 * minuteMs).startAhead, 0, 'Saturday');
  const before = at(18, 8 * hourMs);
  assert.ok((before.nextMs ?? 0) < 18 * dayMs + nineMs, 'it looks again before');
  assert.equal(look(keeper, 18 * dayMs + nineMs - 1, { policy: { kind: 'predicted', season: false } }).startAhead, 0);
});

test('a season that keeps failing is believed less and less', () => {
  const season = new Season();
  let expectations = 0;
  // Each day at the same time for a week, and then never again but for one call at night.
  for (let day = 1; day <= 8; day += 1) season.record(day * dayMs + 9 * hourMs, 1);
  for (let day = 9; day <= 13; day += 1)
    if (season.expected(day * dayMs + 9 * hourMs - 1, (share) => share > 0.5) !== undefined) expectations += 1;
  assert.ok(expectations > 0 && expectations < 5, String(expectations));
});

test('a season is the same after it was written and read', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 20 * dayMs }), fc.integer({ min: 1, max: 300 })), { maxLength: 80 }),
      fc.integer({ min: 20 * dayMs, max: 22 * dayMs }),
      (calls, nowMs) => {
        const season = new Season();
        for (const [timeMs, inUse] of calls.toSorted(([one], [other]) => one - other)) season.record(timeMs, inUse);
        const written = season.write();
        const read = written === undefined ? new Season() : Season.read(written);
        assert.deepEqual(read.nextMs(nowMs), season.nextMs(nowMs));
        const often = (share: number) => share > 0.3;
        assert.deepEqual(read.expected(nowMs, often), season.expected(nowMs, often));
      },
    ),
  );
});

test('whatever happens: no more are ended than rest, none is ended and started at once, and the next look is later', () => {
  const step = fc.record({
    afterMs: fc.integer({ min: 1, max: 3 * hourMs }),
    kind: fc.constantFrom('call' as const, 'free' as const, 'evict' as const),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const keeper = new Keeper();
      let [nowMs, inUse, resting] = [0, 0, 0];
      let fresh: number[] = [];
      for (const { afterMs, kind } of steps) {
        nowMs += afterMs;
        if (kind === 'call') {
          if (fresh.length > 0) fresh.pop();
          else {
            resting = Math.max(0, resting - 1);
            keeper.called(nowMs, inUse + 1);
          }
          inUse += 1;
        } else if (kind === 'free' && inUse > 0) {
          inUse -= 1;
          fresh.push(nowMs);
        } else if (kind === 'evict' && resting > 0) {
          resting -= 1;
          keeper.givenUp(nowMs, 1, 'pause');
        }
        const { rest, end, startAhead, nextMs } = look(keeper, nowMs, { freeSinceMs: fresh, resting, inUse });
        assert.ok(rest <= fresh.length && end <= resting + rest && startAhead >= 0);
        assert.ok(end === 0 || startAhead === 0);
        assert.ok(nextMs === undefined || nextMs > nowMs);
        fresh = fresh.slice(rest);
        resting += rest - end + startAhead;
      }
    }),
  );
});

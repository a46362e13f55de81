import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { forecastIdle } from './forecast-idle.ts';
import { binEndsMs, binOf, IdleHistory } from './idle-history.ts';
import { KeepPlanner } from './keep-planner.ts';

const minuteMs = 60_000;
const cost = { memoryMb: 128, price: 2e8, startMs: 100 };

test('an idle time is in the bin that it fits', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e10, noNaN: true }), (idleMs) => {
      const bin = binOf(idleMs);
      assert.ok(idleMs <= (binEndsMs[bin] ?? 0) * (1 + 1e-6));
      assert.ok(bin === 0 || idleMs >= (binEndsMs[bin - 1] ?? 0) * (1 - 1e-6));
    }),
  );
});

test('what was long ago fades', () => {
  const history = new IdleHistory();
  for (let n = 0; n < 10_000; n += 1) history.add(minuteMs);
  for (let n = 0; n < 2_000; n += 1) history.add(10 * minuteMs);
  assert.ok((history.counts[binOf(minuteMs)] ?? 0) < (history.counts[binOf(10 * minuteMs)] ?? 0) / 2);
  assert.ok(history.weight <= 600);
});

test('a rhythm is forecast, also one of two pauses in turn, and chance is not', () => {
  const hourly = Array.from({ length: 10 }, (_, n) => 60 * minuteMs + (n % 3) * 100);
  const { fromMs = 0, untilMs = 0 } = forecastIdle(hourly) ?? {};
  assert.ok(fromMs < 60 * minuteMs && untilMs > 60 * minuteMs && untilMs - fromMs < 2 * minuteMs);
  const inTurn = Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? 10 : 50) * minuteMs);
  const next = forecastIdle(inTurn);
  assert.ok(next !== undefined && next.fromMs < 10 * minuteMs && next.untilMs > 10 * minuteMs);
  assert.equal(forecastIdle([1, 90, 4, 30, 300, 2, 50, 700].map((minutes) => minutes * minuteMs)), undefined);
});

test('a function that is called each hour is let go and started again just before', () => {
  const planner = new KeepPlanner();
  for (let n = 0; n < 20; n += 1) {
    planner.plan(0, cost);
    planner.observe(0, 60 * minuteMs);
  }
  const { keepMs, again, reason } = planner.plan(0, cost);
  assert.equal(reason, 'forecast');
  assert.equal(keepMs, 0);
  assert.ok(again !== undefined && again.fromMs > 55 * minuteMs && again.fromMs < 60 * minuteMs);
  assert.ok(again.untilMs > 60 * minuteMs);
});

test('a function that is called every few seconds is kept over its pauses, a rare one is not', () => {
  const busy = new KeepPlanner();
  for (let n = 0; n < 500; n += 1) busy.observe(0, 1_000 + (n % 17) * 700);
  assert.ok(busy.plan(0, cost).keepMs >= 12_000);
  const rare = new KeepPlanner();
  for (let n = 0; n < 100; n += 1) rare.observe(0, (5 + ((n * 37) % 100)) * 60 * minuteMs);
  assert.ok(rare.plan(0, cost).keepMs < 10 * minuteMs);
});

test('dearer memory is never held longer', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1, max: 1e8, noNaN: true }), { maxLength: 60 }), (idleTimes) => {
      const planner = new KeepPlanner();
      for (const idleMs of idleTimes) planner.observe(0, idleMs);
      const cheap = planner.plan(0, { ...cost, memoryMb: 1 }).keepMs;
      const dear = new KeepPlanner();
      for (const idleMs of idleTimes) dear.observe(0, idleMs);
      const { keepMs, reason } = dear.plan(0, { ...cost, memoryMb: 10_000 });
      assert.ok(reason === 'forecast' || keepMs <= cheap || cheap === 0);
    }),
  );
});

test('a forecast that keeps failing is no longer followed', () => {
  const planner = new KeepPlanner();
  // Ten regular pauses, then one that is far off, over and over: the rhythm is there, and useless.
  for (let n = 0; n < 400; n += 1) {
    planner.plan(0, cost);
    planner.observe(0, n % 2 === 0 ? 30 * minuteMs : (1 + ((n * 7919) % 59)) * minuteMs);
  }
  assert.equal(planner.plan(0, cost).reason, 'histogram');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConcurrencyWindows, utilisation, wantedEnvironments } from './utilisation.ts';

test('the average is over time, not over changes', () => {
  const windows = new ConcurrencyWindows();
  windows.set(10, 0);
  windows.set(0, 3_000);
  assert.equal(windows.average(utilisation.panicMs, 6_000), 5);
  assert.equal(windows.average(utilisation.stableMs, 60_000), 0.5);
  assert.equal(windows.average(utilisation.stableMs, 500_000), 0, 'and nothing is remembered for ever');
});

test('a version just begun is judged by what has been seen of it', () => {
  const windows = new ConcurrencyWindows();
  windows.set(8, 10_250);
  assert.equal(windows.average(utilisation.stableMs, 10_250), 8);
  assert.ok(Math.abs(windows.average(utilisation.stableMs, 11_750) - 8) < 1e-9);
});

test('70 invocations at once of environments that take ten each are ten environments', () => {
  const seen = { nowMs: 0, stable: 70, panic: 70, ready: 10, perEnvironment: 10 };
  assert.deepEqual(wantedEnvironments(seen, undefined), { wanted: 10 });
  assert.deepEqual(wantedEnvironments({ ...seen, stable: 0, panic: 0 }, undefined), { wanted: 0 }, 'scales to zero');
});

test('twice what there is in six seconds is acted on, and not taken back for a minute', () => {
  const calm = { nowMs: 0, stable: 7, panic: 7, ready: 1, perEnvironment: 10 };
  assert.equal(wantedEnvironments(calm, undefined).panic, undefined);
  const burst = wantedEnvironments({ ...calm, panic: 35 }, undefined);
  assert.equal(burst.wanted, 5);
  const after = wantedEnvironments({ ...calm, nowMs: 59_999, ready: 5 }, burst.panic);
  assert.equal(after.wanted, 5);
  assert.deepEqual(wantedEnvironments({ ...calm, nowMs: 60_000, ready: 5 }, after.panic), { wanted: 1 });
});

test('always a whole number, never fewer than the stable window wants, and more load never wants fewer', () => {
  const seen = fc.record({
    nowMs: fc.nat(1e6),
    stable: fc.double({ min: 0, max: 5_000, noNaN: true }),
    panic: fc.double({ min: 0, max: 5_000, noNaN: true }),
    ready: fc.nat(1_000),
    perEnvironment: fc.integer({ min: 1, max: 1_000 }),
  });
  const panic = fc.option(fc.record({ untilMs: fc.nat(1e6), most: fc.nat(1_000) }), { nil: undefined });
  fc.assert(
    fc.property(seen, panic, fc.double({ min: 0, max: 1_000, noNaN: true }), (given, before, more) => {
      const { wanted } = wantedEnvironments(given, before);
      assert.ok(Number.isInteger(wanted) && wanted >= 0);
      assert.ok(wanted >= Math.ceil(given.stable / (given.perEnvironment * utilisation.target)));
      const busier = wantedEnvironments({ ...given, stable: given.stable + more, panic: given.panic + more }, before);
      assert.ok(busier.wanted >= wanted);
    }),
  );
});

test('windows hold what was put into them, whenever they are asked', () => {
  const step = fc.record({ pauseMs: fc.nat(5_000), concurrency: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
      const windows = new ConcurrencyWindows();
      let [nowMs, now, sum] = [0, 0, 0];
      windows.set(0, 0);
      for (const { pauseMs, concurrency } of steps) {
        sum += now * pauseMs;
        nowMs += pauseMs;
        windows.set(concurrency, nowMs);
        now = concurrency;
        const average = windows.average(utilisation.stableMs, nowMs);
        if (nowMs > 0 && nowMs < 59_000) assert.ok(Math.abs(average * nowMs - sum) < 1e-6 * Math.max(1, sum));
      }
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../util/fake-clock.ts';
import { Agenda } from './agenda.ts';

test('everything is done once, at the last time it was given, in order and not before', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 10_000 })), { maxLength: 60 }),
      async (given) => {
        const clock = new FakeClock();
        const startMs = clock.now();
        const done: { key: number; timeMs: number }[] = [];
        const agenda = new Agenda<number>(clock, (key) => done.push({ key, timeMs: clock.now() - startMs }));
        for (const [key, timeMs] of given) agenda.at(key, startMs + timeMs);
        const last = new Map(given);
        await clock.advance(11_000);
        assert.deepEqual(new Set(done.map(({ key }) => key)), new Set(last.keys()));
        assert.equal(done.length, last.size);
        for (const { key, timeMs } of done) {
          const dueMs = last.get(key) ?? 0;
          assert.ok(timeMs >= dueMs && timeMs <= dueMs + 100, `${key} was due at ${dueMs} and done at ${timeMs}`);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('thousands that are due at once are done a part at a time, and none is left out', async () => {
  const clock = new FakeClock();
  const done: number[] = [];
  const times = new Set<number>();
  const agenda = new Agenda<number>(clock, (key) => {
    done.push(key);
    times.add(clock.now());
  });
  for (let key = 0; key < 1_000; key += 1) agenda.at(key, clock.now() + 50);
  agenda.drop(7);
  await clock.advance(1_000);
  assert.equal(done.length, 999);
  assert.equal(times.size, 5);
});

test('what is asked for while others are done, and after the end, is done and is not', async () => {
  const clock = new FakeClock();
  let done = 0;
  const agenda = new Agenda<string>(clock, (key) => {
    done += 1;
    if (done < 5) agenda.at(key, clock.now() + 10);
  });
  agenda.at('again', clock.now());
  await clock.advance(2_000);
  assert.equal(done, 5);
  agenda.at('later', clock.now() + 1_000);
  agenda.close();
  agenda.at('never', clock.now());
  await clock.advance(2_000);
  assert.equal(done, 5);
});

test('it has one timer, however often what it does asks for more', async () => {
  const clock = new FakeClock();
  const agenda = new Agenda<number>(clock, (key) => agenda.at(key, clock.now() + 150 + key));
  for (let key = 0; key < 10; key += 1) agenda.at(key, clock.now() + 30 * key);
  await clock.advance(10_000);
  assert.equal(clock.timers, 1);
  agenda.close();
  assert.equal(clock.timers, 0);
});

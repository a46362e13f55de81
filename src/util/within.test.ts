import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './fake-clock.ts';
import { within } from './within.ts';

test('true with what is done in time, false once the time is over', async () => {
  const clock = new FakeClock();
  const late = Promise.withResolvers<void>();
  const asked = within(1_000, late.promise, clock);
  await clock.advance(1_000);
  assert.equal(await asked, false);
  late.resolve();
  assert.equal(await within(1_000, late.promise, clock), true);
});

test('rejects with what fails in time', async () => {
  await assert.rejects(within(1_000, Promise.reject(new Error('no')), new FakeClock()), /no/);
});

test('what fails later is nobody’s', async () => {
  const clock = new FakeClock();
  const late = Promise.withResolvers<void>();
  const asked = within(1_000, late.promise, clock);
  await clock.advance(1_000);
  assert.equal(await asked, false);
  late.reject(new Error('too late'));
  await new Promise((resolve) => setImmediate(resolve));
});

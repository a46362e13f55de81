import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Environment } from '../sandbox/sandbox.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { HeldEnvironments, newHeld, type Held } from './held.ts';
import { Pace } from './pace.ts';
import type { Origin } from './runners.ts';

const busy = (leases: number, room = 5): Held => ({
  ...newHeld({ room } as Environment, {} as Origin, 0),
  leases,
});

test('the fullest that comes to one more soon enough is chosen; one that is full, held up or ended is not', () => {
  const held = new HeldEnvironments();
  const pace = new Pace(new FakeClock());
  for (let n = 0; n < 20; n += 1) pace.learnBusy(0.06, false);
  const [one, two, three, four] = [busy(1), busy(2), busy(3), busy(4)];
  const useless = [busy(3, 0), { ...busy(3), heldUp: true }, { ...busy(3), ended: true }];
  for (const each of [...useless, two, four, one]) held.occupy(each);
  assert.equal(held.fullestWithin(pace, 0.2), two);
  held.occupy(three);
  assert.equal(held.fullestWithin(pace, 0.2), three);
  assert.equal(held.fullestWithin(pace, 0.05), undefined);
  assert.equal(held.quickest(pace, 1), one);
});

test('behind none of them while it is not known that they are quick', () => {
  const held = new HeldEnvironments();
  held.occupy(busy(1));
  assert.equal(held.fullestWithin(new Pace(new FakeClock()), 1), undefined);
});

test('what a few have lost to others does not show in what is usual, unless it is often', () => {
  const pace = new Pace(new FakeClock());
  for (let n = 0; n < 1_000; n += 1) pace.learnBusy(n % 100 === 99 ? 3 : 0.01, false);
  assert.equal(pace.fits(2, 0.2), false, 'one has just lost three milliseconds');
  assert.equal(pace.comesSoon(2, 0.2), true);
  for (let n = 0; n < 1_000; n += 1) pace.learnBusy(n % 5 === 4 ? 3 : 0.01, false);
  assert.equal(pace.comesSoon(2, 0.2), false);
});

test('who comes to be free leaves the others busy, however often and in whatever order', () => {
  const held = new HeldEnvironments();
  const all = Array.from({ length: 5 }, () => busy(1));
  for (const each of [...all, ...all]) held.occupy(each);
  assert.deepEqual(new Set(held.busy), new Set(all));
  const [first, second, third, ...rest] = all;
  assert.ok(first && second && third);
  for (const each of [third, first, first, second]) held.vacate(each);
  assert.deepEqual(new Set(held.busy), new Set(rest));
  held.occupy(first);
  for (const each of all) held.vacate(each);
  assert.deepEqual(held.busy, []);
  assert.ok(all.every(({ busyAt }) => busyAt === undefined));
});

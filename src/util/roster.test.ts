import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Roster } from './roster.ts';

test('it has what a set would have, whatever comes and goes, and no more seats than there ever were at once', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (steps) => {
      const roster = new Roster<{ name: number }>();
      const there = new Map<number, { seat: number; item: { name: number } }>();
      let most = 0;
      for (const name of steps) {
        const known = there.get(name);
        if (known === undefined) {
          const item = { name };
          there.set(name, { item, seat: roster.add(item) });
        } else {
          there.delete(name);
          roster.remove(known.seat, known.item);
          roster.remove(known.seat, known.item);
        }
        most = Math.max(most, there.size);
        assert.equal(roster.size, there.size);
        for (let one = 0; one <= 20; one += 1)
          assert.equal(
            roster.find((item) => item.name === one),
            there.get(one)?.item,
          );
        assert.ok([...there.values()].every(({ seat }) => seat < most));
      }
    }),
  );
});

test('who has given up a seat does not take it from the next', () => {
  const roster = new Roster<object>();
  const [first, second] = [{}, {}];
  const seat = roster.add(first);
  roster.remove(seat, first);
  assert.equal(roster.add(second), seat);
  roster.remove(seat, first);
  assert.equal(roster.size, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { functionArn, type AccountId } from '../util/ids.ts';
import { FairTurns, type Claim } from './fair-turns.ts';

const claim = (account: string, name: string, cost = 1): Claim => ({
  account: account as AccountId,
  functionArn: functionArn('us-east-1', account as AccountId, name),
  cost,
});

test('functions of one account take turns, whatever each asks for', () => {
  const turns = new FairTurns();
  const claims = [claim('1', 'a'), claim('1', 'b'), claim('1', 'c')];
  const given = Array.from({ length: 6 }, () => turns.next(claims));
  assert.deepEqual(given, [...claims, ...claims]);
});

test('an account with many functions has no more than one with a single one', () => {
  const turns = new FairTurns();
  const claims = [claim('1', 'only'), ...Array.from({ length: 50 }, (_, n) => claim('2', `f${n}`))];
  const given = Array.from({ length: 40 }, () => turns.next(claims));
  assert.equal(given.filter((one) => one?.account === '1').length, 20);
});

test('who stayed away has saved nothing up, and is next all the same', () => {
  const turns = new FairTurns();
  const [busy, late] = [claim('1', 'busy'), claim('1', 'late')];
  for (let count = 0; count < 100; count++) turns.next([busy]);
  const given = Array.from({ length: 4 }, () => turns.next([busy, late]));
  assert.deepEqual(new Set(given.slice(0, 2)), new Set([busy, late]));
  assert.equal(given.filter((one) => one === late).length, 2);
});

test('nobody is left', () => assert.equal(new FairTurns().next([]), undefined));

test('what each has cost differs by no more than one turn of the dearest, between accounts and within one', () => {
  const costs = fc.array(
    fc.record({ account: fc.constantFrom('1', '2', '3'), cost: fc.integer({ min: 1, max: 50 }) }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(costs, fc.integer({ min: 1, max: 200 }), (given, count) => {
      const turns = new FairTurns();
      const claims = given.map(({ account, cost }, n) => claim(account, `f${n}`, cost));
      const spent = new Map(claims.map((one) => [one, 0]));
      for (let turn = 0; turn < count; turn++) {
        const next = turns.next(claims);
        assert.ok(next !== undefined);
        spent.set(next, (spent.get(next) ?? 0) + next.cost);
      }
      const dearest = Math.max(...claims.map(({ cost }) => cost));
      const within = (values: number[]) => assert.ok(Math.max(...values) - Math.min(...values) <= dearest);
      const accounts = Map.groupBy(spent, ([{ account }]) => account);
      for (const functions of accounts.values()) within(functions.map(([, cost]) => cost));
      within([...accounts.values()].map((functions) => functions.reduce((sum, [, cost]) => sum + cost, 0)));
    }),
  );
});

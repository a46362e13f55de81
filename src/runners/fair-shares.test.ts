import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccountId } from '../util/ids.ts';
import { fairShares, shouldYield, tenantShares, type Tenant } from './fair-shares.ts';

const tenant = (account: string, present: number, demand: number): Tenant => ({
  account: account as AccountId,
  present,
  demand,
});

test('what one does not need goes to the others', () => {
  assert.deepEqual(fairShares(10, [1, 20, 20]), [1, 4, 5]);
  assert.deepEqual(fairShares(10, [3, 3]), [3, 3]);
  assert.deepEqual(fairShares(0, [3]), [0]);
});

test('an account with many functions gets no more than one with a single one', () => {
  const shares = tenantShares(10, [tenant('1', 0, 100), tenant('2', 0, 50), tenant('2', 0, 50)]);
  assert.equal(shares[0], 5);
  assert.deepEqual(new Set(shares.slice(1)), new Set([2, 3]));
});

test('who has more than its share makes room for who has less, and only for that', () => {
  const [greedy, poor] = [tenant('1', 10, 1_000), tenant('1', 0, 1)];
  assert.equal(shouldYield(10, [greedy, poor], greedy), true);
  assert.equal(shouldYield(10, [greedy, poor], poor), false);
  const served = tenant('1', 1, 1);
  const rest = tenant('1', 9, 1_000);
  assert.equal(shouldYield(10, [rest, served], rest), false, 'both have what is due');
});

test('nobody gets more than it asks for, nothing is left while somebody wants it, and nobody envies a larger share', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }), (capacity, demands) => {
      const shares = fairShares(capacity, demands);
      const sum = shares.reduce((a, b) => a + b, 0);
      assert.equal(
        sum,
        Math.min(
          capacity,
          demands.reduce((a, b) => a + b, 0),
        ),
      );
      for (const [at, share] of shares.entries()) {
        const demand = demands[at] ?? 0;
        assert.ok(share <= demand);
        // One that got less than it wanted has as much as any other, but for the odd one that cannot be divided.
        if (share < demand) for (const other of shares) assert.ok(other <= share + 1);
      }
    }),
  );
});

test('giving way comes to an end', () => {
  const tenants = fc.array(fc.record({ account: fc.constantFrom('1', '2'), present: fc.nat(20), demand: fc.nat(60) }), {
    minLength: 2,
    maxLength: 8,
  });
  fc.assert(
    fc.property(tenants, (given) => {
      const all = given.map(({ account, present, demand }) => tenant(account, present, Math.max(present, demand)));
      const capacity = all.reduce((sum, { present }) => sum + present, 0);
      for (let turn = 0; turn <= capacity * all.length; turn++) {
        const giver = all.find((one) => shouldYield(capacity, all, one));
        if (giver === undefined) return;
        const shares = tenantShares(capacity, all);
        const taker = all.find(({ present, demand }, at) => present < Math.min(demand, shares[at] ?? 0));
        assert.ok(taker !== undefined);
        giver.present -= 1;
        taker.present += 1;
      }
      assert.fail('still giving way');
    }),
  );
});

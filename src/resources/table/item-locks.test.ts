import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '../../util/ids.ts';
import { createItemLocks, type HeldItem } from './item-locks.ts';

const itemOf = (account: string, place: string): HeldItem => ({ account: account as AccountId, place });

test('who changes an item has it for himself, in the order of asking', async () => {
  const locks = createItemLocks();
  const one = itemOf('1', 'a');
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const all = [
    locks.hold([one, itemOf('1', 'b')], async () => {
      await first.promise;
      seen.push('first');
    }),
    locks.hold([one], async () => void seen.push('second')),
    locks.hold([itemOf('1', 'b')], async () => void seen.push('third')),
  ];
  assert.ok(locks.isHeld('a') && locks.isHeld('b'));
  first.resolve();
  await Promise.all(all);
  assert.deepEqual(seen, ['first', 'second', 'third']);
  assert.ok(!locks.isHeld('a') && !locks.isHeld('b'));
});

test('an item of one account’s that everybody changes leaves room for others’ to wait', async () => {
  const locks = createItemLocks();
  const held = Promise.withResolvers<void>();
  const waiting: Promise<unknown>[] = [];
  let refused: unknown;
  for (const account of ['1', '2']) waiting.push(locks.hold([itemOf(account, account)], () => held.promise));
  const hold = (account: string): Promise<unknown> => locks.hold([itemOf(account, account)], () => Promise.resolve());
  while (refused === undefined && waiting.length < 20_000) {
    const one = hold('1');
    waiting.push(one.catch((error: unknown) => (refused ??= error)));
    await Promise.resolve();
  }
  assert.equal((refused as { code?: string } | undefined)?.code, 'throttled');
  assert.ok(waiting.length > 5_000, String(waiting.length));
  let isRefused = false;
  waiting.push(hold('2').catch(() => (isRefused = true)));
  held.resolve();
  await Promise.all(waiting);
  assert.ok(!isRefused);
  await hold('1');
});

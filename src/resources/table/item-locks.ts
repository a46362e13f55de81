/** Whoever changes items has them for himself meanwhile: each waits for those who asked for any of his before. */
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import { leavesRoom } from '../../util/leaves-room.ts';

/** Who waits, at once. Behind an item that everybody changes: ten seconds' worth. No account's items take all of it. */
const waitingMax = 10_000;

/** Where an item lies, and whose it is. */
export type HeldItem = { account: AccountId; place: string };

export type ItemLocks = {
  /** Errors: `throttled`. */
  hold<Result>(items: readonly HeldItem[], work: () => Promise<Result>): Promise<Result>;
  /** Whether somebody has it, or waits for it. */
  isHeld(place: string): boolean;
};

/** Nobody waits for somebody who waits for him: all of somebody's items are asked for at once. */
export function createItemLocks(): ItemLocks {
  const last = new Map<string, Promise<void>>();
  let waiting = 0;
  const waitingOf = new Map<AccountId, number>();

  return { hold, isHeld: (place) => last.has(place) };

  function count(account: AccountId, difference: 1 | -1): void {
    waiting += difference;
    const own = (waitingOf.get(account) ?? 0) + difference;
    if (own === 0) waitingOf.delete(account);
    else waitingOf.set(account, own);
  }

  async function hold<Result>(items: readonly HeldItem[], work: () => Promise<Result>): Promise<Result> {
    const account = items.find(({ place }) => last.has(place))?.account;
    const own = account === undefined ? 0 : (waitingOf.get(account) ?? 0);
    if (account !== undefined && !leavesRoom({ own, taken: waiting, max: waitingMax }))
      throw new PlatformError('throttled', 'Too many changes wait for others of the same items: try again later.', {
        reason: 'ThrottlingException',
      });
    const before = items.flatMap(({ place }) => last.get(place) ?? []);
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    for (const { place } of items) last.set(place, done);
    try {
      if (account !== undefined) {
        count(account, 1);
        await Promise.all(before).finally(() => count(account, -1));
      }
      return await work();
    } finally {
      for (const { place } of items) if (last.get(place) === done) last.delete(place);
      release();
    }
  }
}

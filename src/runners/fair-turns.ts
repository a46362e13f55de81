/**
 * Whose turn it is, where many want what only a few can have at once (to start an environment). Accounts share equally, and
 * within an account its functions do, whatever they ask for: one function's thousand callers wait behind each other, not
 * before another's first one. Shares are of cost, not of turns, so that who is slow to start gets fewer starts.
 *
 * Start-time fair queueing (Goyal, Vin, Cheng, 1996): each has a tag that moves on by what its turns have cost, and the
 * lowest tag is next. Who comes, or comes back, begins at the present tag: nobody saves up turns by staying away.
 */
import type { AccountId, FunctionArn } from '../util/ids.ts';

/** `cost`: of one turn, over 0; any unit, the same for all. */
export type Claim = { account: AccountId; functionArn: FunctionArn; cost: number };

/** `now`: the tag of the last turn that was given. */
type Level<Key> = { now: number; tags: Map<Key, number> };

/** Tags that lie behind are forgotten when there are more than this many. */
const tagsMax = 1_024;

export class FairTurns {
  readonly #accounts: Level<AccountId> = { now: 0, tags: new Map() };
  readonly #functions = new Map<AccountId, Level<FunctionArn>>();

  /** One of the claims; it has had its turn then. Of equal ones the first. Undefined: there are none. */
  next<Claimed extends Claim>(claims: readonly Claimed[]): Claimed | undefined {
    const ofAccount = lowest(this.#accounts, claims, ({ account }) => account);
    if (ofAccount === undefined) return undefined;
    const { account } = ofAccount;
    const functions = this.#functions.get(account) ?? { now: 0, tags: new Map() };
    const own = claims.filter((claim) => claim.account === account);
    const chosen = lowest(functions, own, ({ functionArn }) => functionArn) ?? ofAccount;
    advance(functions, chosen.functionArn, chosen.cost);
    this.#functions.set(account, functions);
    advance(this.#accounts, account, chosen.cost);
    if (this.#functions.size > tagsMax)
      for (const known of this.#functions.keys()) if (!this.#accounts.tags.has(known)) this.#functions.delete(known);
    return chosen;
  }
}

const tagOf = <Key>({ now, tags }: Level<Key>, key: Key): number => Math.max(now, tags.get(key) ?? now);

function lowest<Key, Claimed extends Claim>(
  level: Level<Key>,
  claims: readonly Claimed[],
  keyOf: (claim: Claimed) => Key,
): Claimed | undefined {
  let best: Claimed | undefined;
  let bestTag = Infinity;
  for (const claim of claims) {
    const tag = tagOf(level, keyOf(claim));
    if (tag < bestTag) [best, bestTag] = [claim, tag];
  }
  return best;
}

function advance<Key>(level: Level<Key>, key: Key, cost: number): void {
  const tag = tagOf(level, key);
  level.now = tag;
  level.tags.set(key, tag + cost);
  if (level.tags.size <= tagsMax) return;
  for (const [known, at] of level.tags) if (at <= level.now) level.tags.delete(known);
}

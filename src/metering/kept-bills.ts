import type { Clock } from '../util/clock.ts';
import type { AccountId } from '../util/ids.ts';
import type { Bill } from './bill.ts';

/** A bill is the sum of its rows, each time. A million of them take some three seconds of this thread, a page at a time. */
const quickMs = 500;
/** One that took longer is answered again for so many times as long: who looks again and again costs a tenth of a processor. */
const restFactor = 10;
/** Bills that are kept; the oldest goes first. */
const billsMax = 1_000;

/** `tookMs`: absent while it is being made. */
type Made = { bill: Promise<Bill>; startedMs: number; tookMs?: number };

/** `ageMs`: what has settled since is not in it. */
export type KeptBill = Bill & { ageMs?: number };

/** `make`, or what it answered shortly before, or is about to, where that is much work. */
export function keepBills(
  clock: Clock,
  make: (account: AccountId, month: string) => Promise<Bill>,
): (account: AccountId, month: string) => Promise<KeptBill> {
  const kept = new Map<string, Made>();

  function begin(key: string, account: AccountId, month: string): Promise<Bill> {
    const made: Made = { bill: make(account, month), startedMs: clock.monotonicMs() };
    const forget = (): void => void (kept.get(key) === made && kept.delete(key));
    kept.delete(key);
    kept.set(key, made);
    const [oldest] = kept.keys();
    if (kept.size > billsMax && oldest !== undefined) kept.delete(oldest);
    made.bill.then(() => {
      made.tookMs = clock.monotonicMs() - made.startedMs;
      if (made.tookMs <= quickMs) forget();
    }, forget);
    return made.bill;
  }

  return async (account, month) => {
    const key = `${account}/${month}`;
    const made = kept.get(key);
    if (made === undefined) return begin(key, account, month);
    const { bill, startedMs, tookMs } = made;
    const ageMs = clock.monotonicMs() - startedMs;
    const isGood = tookMs === undefined ? ageMs > quickMs : ageMs < tookMs * (1 + restFactor);
    return isGood ? { ...(await bill), ageMs: Math.round(ageMs) } : begin(key, account, month);
  };
}

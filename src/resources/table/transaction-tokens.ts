/**
 * Tokens by which a transaction that was asked for twice is made once, for ten minutes. A token is kept in the transaction's own commit:
 * it is there if and only if the transaction was made.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-apis-txwriteitems-idempotency
 */
import { type Operation, type Records, scan } from '../../store/records.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import { leavesRoom } from '../../util/leaves-room.ts';

const prefix = 'table-transaction/';
const keptMs = 10 * 60_000;
/** A hundred bytes each. No account has all of them. */
const tokensMaxDefault = 1_000_000;
/** Those whose time is over go with the commits of others: more than come, so that they end. */
const forgottenAtOnceMax = 20;

/** `digest`: of everything that the transaction says. */
export type TransactionToken = { account: string; token: string; digest: string };

export type TransactionClaim = Disposable &
  (
    | { status: 'done' }
    /** `operations`: for the transaction's commit. `written`: it is on disk. Given back when disposed of before. */
    | { status: 'new'; operations: readonly Operation[]; written(): void }
  );

type Known = { account: string; digest: string; untilMs: number; isDone: boolean };

export class TransactionTokens {
  readonly #clock: Clock;
  readonly #tokensMax: number;
  /** By their records' keys, the oldest first. */
  readonly #known = new Map<string, Known>();
  /** By account. */
  readonly #counts = new Map<string, number>();

  private constructor(clock: Clock, tokensMax: number) {
    this.#clock = clock;
    this.#tokensMax = tokensMax;
  }

  static async open(parts: { records: Records; clock: Clock; tokensMax?: number }): Promise<TransactionTokens> {
    const { records, clock, tokensMax = tokensMaxDefault } = parts;
    const tokens = new TransactionTokens(clock, tokensMax);
    const kept: [string, Known][] = [];
    for await (const { key, value } of scan(records, prefix)) {
      const { digest, untilMs } = value as { digest: string; untilMs: number };
      const account = key.slice(prefix.length).split('/', 1)[0] ?? '';
      kept.push([key, { account, digest, untilMs, isDone: true }]);
    }
    kept.sort(([, one], [, other]) => one.untilMs - other.untilMs);
    for (const [key, known] of kept) tokens.#keep(key, known);
    return tokens;
  }

  /** Errors: IdempotentParameterMismatchException, TransactionInProgressException, `throttled`. */
  claim({ account, token, digest }: TransactionToken): TransactionClaim {
    const key = `${prefix}${account}/${encodeURIComponent(token)}`;
    const nowMs = this.#clock.now();
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > nowMs) {
      if (known.digest !== digest) throw mismatch();
      if (!known.isDone) throw inProgress();
      return { status: 'done', [Symbol.dispose]: () => undefined };
    }
    const over = this.#over(nowMs, key);
    const own =
      (this.#counts.get(account) ?? 0) - over.filter((one) => this.#known.get(one)?.account === account).length;
    if (!leavesRoom({ own, taken: this.#known.size - over.length, max: this.#tokensMax }))
      throw new PlatformError(
        'throttled',
        'Too many transactions of the last ten minutes had tokens: try again later.',
        {
          reason: 'ThrottlingException',
        },
      );
    const mine: Known = { account, digest, untilMs: nowMs + keptMs, isDone: false };
    // Behind all others, which end before it.
    this.#drop(key);
    this.#keep(key, mine);
    return {
      status: 'new',
      operations: [
        { kind: 'put', key, value: { digest, untilMs: mine.untilMs } },
        ...over.map((one): Operation => ({ kind: 'delete', key: one })),
      ],
      written: () => {
        mine.isDone = true;
        for (const one of over) this.#drop(one);
      },
      [Symbol.dispose]: () => {
        if (!mine.isDone && this.#known.get(key) === mine) this.#drop(key);
      },
    };
  }

  #keep(key: string, known: Known): void {
    this.#known.set(key, known);
    this.#counts.set(known.account, (this.#counts.get(known.account) ?? 0) + 1);
  }

  #drop(key: string): void {
    const known = this.#known.get(key);
    if (known === undefined) return;
    this.#known.delete(key);
    const left = (this.#counts.get(known.account) ?? 0) - 1;
    if (left > 0) this.#counts.set(known.account, left);
    else this.#counts.delete(known.account);
  }

  #over(nowMs: number, except: string): string[] {
    const over: string[] = [];
    for (const [key, { untilMs, isDone }] of this.#known) {
      if (untilMs > nowMs || over.length >= forgottenAtOnceMax) break;
      if (isDone && key !== except) over.push(key);
    }
    return over;
  }
}

const mismatch = (): PlatformError =>
  new PlatformError('conflict', 'The provided client token is already in use with different request parameters.', {
    reason: 'IdempotentParameterMismatchException',
  });

const inProgress = (): PlatformError =>
  new PlatformError('conflict', 'The transaction with the given request token is already in progress.', {
    reason: 'TransactionInProgressException',
  });

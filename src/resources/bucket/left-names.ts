/**
 * Names of buckets that others were let into and that are no more, or let nobody in any more. Whoever had been let in knows the
 * name and nothing else, and goes on using it: for a while it means nobody's bucket but of the account that had it, so that
 * nobody else can take what is sent there, or be taken for who had it.
 */
import { scan, type Operation, type Records } from '../../store/records.ts';
import type { Clock } from '../../util/clock.ts';
import type { AccountId } from '../../util/ids.ts';
import type { BucketAddress } from '../bucket.ts';

/** As long as monthly jobs take to notice. */
export const leftMsMax = 35 * 24 * 60 * 60 * 1_000;
/** Of one account; the oldest goes first. */
const namesMax = 1_000;

type Left = { account: AccountId; leftMs: number };

const prefix = 'bucket-left/';

export class LeftNames {
  readonly #clock: Clock;
  /** By name; of one account the oldest first. */
  readonly #left = new Map<string, Left>();

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  static async open({ records, clock }: { records: Records; clock: Clock }): Promise<LeftNames> {
    const names = new LeftNames(clock);
    const found: (Left & { name: string })[] = [];
    for await (const { key, value } of scan(records, prefix))
      found.push({ ...(value as Left), name: key.slice(prefix.length) });
    const [over, kept] = [found.filter((one) => names.#isOver(one)), found.filter((one) => !names.#isOver(one))];
    for (const { name } of over) await records.transact([{ kind: 'delete', key: prefix + name }]);
    for (const { name, account, leftMs } of kept.toSorted((one, other) => one.leftMs - other.leftMs))
      names.#left.set(name, { account, leftMs });
    return names;
  }

  /** Whose the name was; undefined: nobody's, or long enough ago. */
  of(name: string): AccountId | undefined {
    const left = this.#left.get(name);
    return left === undefined || this.#isOver(left) ? undefined : left.account;
  }

  /** For the transaction in which a bucket goes, or shuts others out; `noted` once that is on disk. */
  leaving({ account, bucket }: BucketAddress): { operations: Operation[]; noted: () => void } {
    const before = this.of(bucket);
    // Who takes a name that another has left does not come between that one and those whom he had let in.
    if (before !== undefined && before !== account) return { operations: [], noted: () => {} };
    const own = [...this.#left].filter(([name, left]) => left.account === account && name !== bucket);
    const forgotten = own.slice(0, Math.max(0, own.length + 1 - namesMax)).map(([name]) => name);
    const left: Left = { account, leftMs: this.#clock.now() };
    return {
      operations: [
        { kind: 'put', key: prefix + bucket, value: left },
        ...forgotten.map((name): Operation => ({ kind: 'delete', key: prefix + name })),
      ],
      noted: () => {
        for (const name of [...forgotten, bucket]) this.#left.delete(name);
        this.#left.set(bucket, left);
      },
    };
  }

  #isOver({ leftMs }: Left): boolean {
    return this.#clock.now() - leftMs >= leftMsMax;
  }
}

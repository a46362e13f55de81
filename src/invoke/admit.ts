/**
 * Who may run now: counts what runs and compares with the limits, before anything costs memory. A pure counter; the
 * caller leaves again with `leave`. https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 *
 * What is set aside for a function is its own: the others share what the account has beyond all of that. A function that
 * runs more than was set aside for it takes the rest from what is shared.
 */
import type { AccountId, FunctionArn } from '../util/ids.ts';

/** `shared`: those of `running` that are beyond what is set aside for their functions; `setAside`: of all functions. */
type Account = { running: number; shared: number; setAside: number };

/**
 * Functions whose count is kept when nothing of theirs runs. To take the last entry out of a table makes a smaller one, with every
 * call of a function that is called once at a time; and once one of these is old, all later ones stay until the next great collection.
 */
const restingMax = 1_000;

export class Admission {
  readonly #accountMax: (account: AccountId) => number;
  readonly #byAccount = new Map<AccountId, Account>();
  readonly #byFunction = new Map<FunctionArn, number>();
  readonly #setAside = new Map<FunctionArn, number>();

  /** `accountMax`: invocations at once of an account. */
  constructor(accountMax: (account: AccountId) => number) {
    this.#accountMax = accountMax;
  }

  /** From now on so many invocations at once are the function's alone; 0: none. What runs already is counted anew. */
  setAside(account: AccountId, arn: FunctionArn, count: number): void {
    const before = this.#setAside.get(arn) ?? 0;
    if (before === count) return;
    const counts = this.#accountOf(account);
    const running = this.running(arn);
    counts.shared += Math.max(0, running - count) - Math.max(0, running - before);
    counts.setAside += count - before;
    if (count > 0) this.#setAside.set(arn, count);
    else this.#setAside.delete(arn);
  }

  /** What `enter` would say. */
  look(account: AccountId, arn: FunctionArn, functionMax: number | undefined): 'admitted' | 'function' | 'account' {
    const ofFunction = this.#byFunction.get(arn) ?? 0;
    if (functionMax !== undefined && ofFunction >= functionMax) return 'function';
    if (ofFunction < (this.#setAside.get(arn) ?? 0)) return 'admitted';
    const counts = this.#accountOf(account);
    return counts.shared >= this.#accountMax(account) - counts.setAside ? 'account' : 'admitted';
  }

  /** `functionMax`: invocations at once of this function; undefined: only the account's limit. */
  enter(account: AccountId, arn: FunctionArn, functionMax: number | undefined): 'admitted' | 'function' | 'account' {
    const answer = this.look(account, arn, functionMax);
    if (answer !== 'admitted') return answer;
    const ofFunction = this.#byFunction.get(arn) ?? 0;
    const counts = this.#accountOf(account);
    if (ofFunction >= (this.#setAside.get(arn) ?? 0)) counts.shared += 1;
    this.#byFunction.set(arn, ofFunction + 1);
    counts.running += 1;
    return 'admitted';
  }

  leave(account: AccountId, arn: FunctionArn): void {
    const counts = this.#accountOf(account);
    const ofFunction = this.#byFunction.get(arn) ?? 0;
    if (ofFunction > (this.#setAside.get(arn) ?? 0)) counts.shared -= 1;
    counts.running -= 1;
    if (ofFunction > 1 || this.#byFunction.size <= restingMax) this.#byFunction.set(arn, Math.max(0, ofFunction - 1));
    else this.#byFunction.delete(arn);
  }

  running(arn: FunctionArn): number {
    return this.#byFunction.get(arn) ?? 0;
  }

  get total(): number {
    let total = 0;
    for (const { running } of this.#byAccount.values()) total += running;
    return total;
  }

  #accountOf(account: AccountId): Account {
    let counts = this.#byAccount.get(account);
    if (counts === undefined) this.#byAccount.set(account, (counts = { running: 0, shared: 0, setAside: 0 }));
    return counts;
  }
}

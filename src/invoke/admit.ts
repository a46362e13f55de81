/**
 * Who may run now: counts what runs and compares with the limits, before anything costs memory. A pure counter; the
 * caller leaves again with `leave`. https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
import type { AccountId, FunctionArn } from '../util/ids.ts';

export class Admission {
  readonly #accountMax: number;
  readonly #byAccount = new Map<AccountId, number>();
  readonly #byFunction = new Map<FunctionArn, number>();

  /** `accountMax`: invocations at once of one account. */
  constructor(accountMax: number) {
    this.#accountMax = accountMax;
  }

  /** `functionMax`: invocations at once of this function; undefined: only the account's limit. */
  enter(account: AccountId, arn: FunctionArn, functionMax: number | undefined): 'admitted' | 'function' | 'account' {
    const ofFunction = this.#byFunction.get(arn) ?? 0;
    if (functionMax !== undefined && ofFunction >= functionMax) return 'function';
    const ofAccount = this.#byAccount.get(account) ?? 0;
    if (ofAccount >= this.#accountMax) return 'account';
    this.#byFunction.set(arn, ofFunction + 1);
    this.#byAccount.set(account, ofAccount + 1);
    return 'admitted';
  }

  leave(account: AccountId, arn: FunctionArn): void {
    decrement(this.#byFunction, arn);
    decrement(this.#byAccount, account);
  }

  running(arn: FunctionArn): number {
    return this.#byFunction.get(arn) ?? 0;
  }

  get total(): number {
    let total = 0;
    for (const count of this.#byAccount.values()) total += count;
    return total;
  }
}

function decrement<Key>(counts: Map<Key, number>, key: Key): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}

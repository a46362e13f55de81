/** What came of the last batch of each binding that reads a stream: for who asks how it goes. Since the start. */
import type { Binding } from '../registry/binding.ts';
import type { AccountId } from '../util/ids.ts';

export class ProcessingResults {
  readonly #results = new Map<string, string>();

  /** In Lambda's words: `OK`, `PROBLEM: Function call failed`. */
  note(binding: Pick<Binding, 'account' | 'id'>, result: string): void {
    this.#results.set(keyOf(binding), result);
  }

  of(binding: Pick<Binding, 'account' | 'id'>): string | undefined {
    return this.#results.get(keyOf(binding));
  }

  /** Of those that are no more. */
  keepOnly(bindings: readonly Pick<Binding, 'account' | 'id'>[]): void {
    const kept = new Set(bindings.map(keyOf));
    for (const key of this.#results.keys()) if (!kept.has(key)) this.#results.delete(key);
  }
}

const keyOf = ({ account, id }: { account: AccountId; id: string }): string => `${account}/${id}`;

/** Bindings whose source is being let go of, and of which something still runs: changed, disabled or deleted meanwhile. */
import type { Binding } from '../registry/binding.ts';
import type { AccountId } from '../util/ids.ts';

export class Draining {
  /** As they were. A binding may be changed again before the first has ended. */
  readonly #bindings = new Map<symbol, Binding>();

  /** Until `ended`. */
  async note(binding: Binding, ended: PromiseLike<void>): Promise<void> {
    const key = Symbol(binding.id);
    this.#bindings.set(key, binding);
    await ended;
    this.#bindings.delete(key);
  }

  of(account: AccountId): readonly Binding[] {
    return [...this.#bindings.values()].filter((binding) => binding.account === account);
  }
}

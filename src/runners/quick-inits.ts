import type { Resolved } from '../registry/registry.ts';
import type { Environment } from '../sandbox/sandbox.ts';
import { versionKey } from './version-key.ts';

/**
 * Who goes with an initialisation can go nowhere else until it is over. In this time hardly anything else comes free, and
 * hardly anybody who waits goes away.
 */
const quickUs = 20_000;
/** Versions that are remembered: a line each. */
const rememberedMax = 4_096;

/**
 * Versions whose initialisation was quick when it was last done, and printed nothing that would have to be told apart from
 * what their first invocation prints: that may be handed over with `init`. Of one that has never been initialised nothing is known.
 */
export class QuickInits {
  /** Whose was longest ago is first. */
  readonly #keys = new Set<string>();

  has(resolved: Resolved): boolean {
    return this.#keys.has(versionKey(resolved));
  }

  /** One could not be initialised: who goes with the next would lose his place if that cannot, either. */
  failed(resolved: Resolved): void {
    this.#keys.delete(versionKey(resolved));
  }

  /** It took so long to initialise one. */
  learned(resolved: Resolved, { isOnlyOnChannel }: Pick<Environment, 'isOnlyOnChannel'>, initUs: number): void {
    const key = versionKey(resolved);
    this.#keys.delete(key);
    if (isOnlyOnChannel !== true || initUs > quickUs) return;
    this.#keys.add(key);
    const [oldest] = this.#keys;
    if (oldest !== undefined && this.#keys.size > rememberedMax) this.#keys.delete(oldest);
  }
}

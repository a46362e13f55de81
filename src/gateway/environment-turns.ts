import type { EnvironmentId } from '../util/ids.ts';

/**
 * Requests of one environment that may wait for their turn. An SDK has 50 connections, and one request on each; a function that
 * handles a thousand events at once asks for a few hundred things at a time.
 */
export const waitingRequestsMax = 512;

/**
 * The turns in which what functions ask for is begun: one request in each turn of the event loop, and of environments that ask
 * at once one after the other, so that a thousand requests of one wait behind each other, not before another's first.
 */
export class EnvironmentTurns {
  /** Of environments with requests that wait; the first is next. */
  readonly #waiting = new Map<EnvironmentId, (() => void)[]>();

  /** Resolves in a turn that nobody else is given. Undefined: too many of this environment wait already. */
  next(environmentId: EnvironmentId): Promise<void> | undefined {
    const own = this.#waiting.get(environmentId) ?? [];
    if (own.length >= waitingRequestsMax) return undefined;
    if (this.#waiting.size === 0) setImmediate(() => this.#give());
    if (own.length === 0) this.#waiting.set(environmentId, own);
    return new Promise((resolve) => own.push(resolve));
  }

  #give(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    const [environmentId, own] = next;
    this.#waiting.delete(environmentId);
    const begin = own.shift();
    if (own.length > 0) this.#waiting.set(environmentId, own);
    if (this.#waiting.size > 0) setImmediate(() => this.#give());
    begin?.();
  }
}

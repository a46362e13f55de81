/** Those who wait for an environment of one version: who waits longest is first. Bounded in number, and in time by `expire`. */
import { assert } from '../util/assert.ts';
import type { Clock } from '../util/clock.ts';
import type { Caller, LeaseOutcome, Wait } from './runners.ts';

/** `alone`: an environment that is busy will not do. `caller`: for whom it waits. */
export type Waiter = {
  sinceMs: number;
  alone: boolean;
  caller: Caller | undefined;
  settle: (outcome: LeaseOutcome) => void;
};

/** Invocations that wait for one version; the next is refused. Each holds its event in memory (up to 6 MB). */
const waitersMax = 1_000;
/**
 * How long an invocation waits for an environment before it is told to come back: as long as API Gateway and most
 * clients wait for an answer. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const waitMsMax = 30_000;
/** When it is worth coming back. */
const retryAfterMs = 1_000;

export class Waiters {
  readonly #clock: Clock;
  readonly #waiting: Waiter[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#waiting.length;
  }

  get isFull(): boolean {
    return this.#waiting.length >= waitersMax;
  }

  get first(): Waiter | undefined {
    while (this.#waiting[0]?.caller?.isGone === true) this.#sendAway(0);
    return this.#waiting[0];
  }

  /** How long the first of them has waited. */
  get waitedMs(): number {
    const { first } = this;
    return first === undefined ? 0 : this.#clock.monotonicMs() - first.sinceMs;
  }

  /** Resolves with what came of the wait. Not where it `isFull`. */
  wait({ alone = false, caller, sinceMs = this.#clock.monotonicMs() }: Wait = {}): Promise<LeaseOutcome> {
    assert(!this.isFull, 'whoever comes when too many wait is sent away');
    const behind = this.#waiting.findLastIndex((other) => other.sinceMs <= sinceMs);
    return new Promise((settle) => this.#waiting.splice(behind + 1, 0, { sinceMs, alone, caller, settle }));
  }

  /** The first of them waits no longer: whoever takes it settles it. */
  take(): Waiter | undefined {
    return this.first === undefined ? undefined : this.#waiting.shift();
  }

  /** Sends away who has gone, and who has waited too long, but for the first `spared`: they wait for what comes of starts that are under way. */
  expire(spared: number): void {
    const before = this.#clock.monotonicMs() - waitMsMax;
    while ((this.#waiting[spared]?.sinceMs ?? Infinity) < before) this.#sendAway(spared);
    for (let at = this.#waiting.length - 1; at >= 0; at -= 1)
      if (this.#waiting[at]?.caller?.isGone === true) this.#sendAway(at);
  }

  #sendAway(at: number): void {
    this.#waiting.splice(at, 1)[0]?.settle({ status: 'full', retryAfterMs });
  }

  refuseAll(message: string): void {
    for (const { settle } of this.#waiting.splice(0)) settle({ status: 'unavailable', message });
  }
}

/**
 * The environments of one version, by what they are: idle, provided and free, or busy. Idle ones are used last in, first
 * out, so that the ones beyond what is needed grow old and are reaped. It decides nothing and ends nothing.
 */
import type { Environment } from '../sandbox/sandbox.ts';
import type { EndReason } from '../telemetry/start-reason.ts';
import type { StartKind } from '../telemetry/telemetry.ts';
import { assert } from '../util/assert.ts';
import type { Pace } from './pace.ts';
import type { Origin } from './runners.ts';

/**
 * `busyAt`: its place among the busy; undefined: it is not one of them. `leases`: invocations that hold it; `sinceMs`: since when none does; `heldUp`: something was given back behind what runs;
 * `endsFor`: why it is to end once nobody holds it; `provided`: one of those that are always there; `unused`: how its first lease comes by it, if nobody waited for it.
 */
export type Held = {
  /** Set once it has been free for a while: what it holds, and Greedy-Dual's clock at that time (warm-memory.ts). */
  resting: { bytes: number; clock: number } | undefined;
  environment: Environment;
  origin: Origin;
  busyAt: number | undefined;
  unused: StartKind | undefined;
  bornMs: number;
  sinceMs: number;
  leases: number;
  heldUp: boolean;
  endsFor?: EndReason;
  ended: boolean;
  provided: boolean;
};

/** An environment this old is replaced when it is next free: its credentials last only a little longer. */
export const environmentAgeMsMax = 8 * 3_600_000;

/** One that has just been initialised. */
export function newHeld(environment: Environment, origin: Origin, nowMs: number, provided = false): Held {
  return {
    environment,
    origin,
    busyAt: undefined,
    unused: provided ? 'provisioned' : 'prewarmed',
    resting: undefined,
    bornMs: nowMs,
    sinceMs: nowMs,
    leases: 0,
    heldUp: false,
    ended: false,
    provided,
  };
}

export class HeldEnvironments {
  /** The one that was free first is first. */
  readonly idle: Held[] = [];
  /** Those that are always there, and free. */
  readonly provided: Held[] = [];
  /**
   * Not a `Set`: that makes a smaller table whenever the last of them is free, thousands of times a second, and once one of these is
   * old all later ones stay until the next great collection.
   */
  readonly #busy: Held[] = [];

  /** In no order. */
  get busy(): readonly Held[] {
    return this.#busy;
  }

  /** It has something to do, or goes on having it. */
  occupy(held: Held): void {
    if (held.busyAt !== undefined) return;
    held.busyAt = this.#busy.length;
    this.#busy.push(held);
  }

  /** Nobody holds it any more; it may have been free already. */
  vacate(held: Held): void {
    const at = held.busyAt;
    if (at === undefined) return;
    const last = this.#busy.pop();
    assert(last !== undefined && this.#busy.length >= at, 'who is busy has a place among them');
    held.busyAt = undefined;
    if (last === held) return;
    this.#busy[at] = last;
    last.busyAt = at;
  }

  /** Those that nobody holds. */
  get free(): number {
    return this.idle.length + this.provided.length;
  }

  get count(): number {
    return this.#busy.length + this.free;
  }

  /** Provided environments that are there, free or not. */
  get providedCount(): number {
    let count = this.provided.length;
    for (const held of this.#busy) if (held.provided && !held.ended) count += 1;
    return count;
  }

  /** Busy environments of which the average may be believed. */
  get flowing(): number {
    let count = 0;
    for (const held of this.#busy) if (!held.heldUp) count += 1;
    return count;
  }

  /** The free one to use next, no longer among the free ones. */
  takeNewest(): Held | undefined {
    return this.provided.pop() ?? this.idle.pop();
  }

  /** The busy environment that would come to one more soonest, if that is soon. */
  quickest(pace: Pace, waitMsMax: number): Held | undefined {
    if (this.#busy.length === 0 || !pace.worksAhead) return undefined;
    let best: Held | undefined;
    for (const held of this.#busy)
      if (held.leases < (best?.leases ?? Infinity) && !held.heldUp && hasRoom(held)) best = held;
    return best !== undefined && pace.fits(best.leases, waitMsMax) ? best : undefined;
  }

  /** Of those that would come to one more within `waitMsMax`, the one with most to do: the others fall idle, and need not be woken. */
  fullestWithin(pace: Pace, waitMsMax: number): Held | undefined {
    if (this.#busy.length === 0 || !pace.worksAhead) return undefined;
    let best: Held | undefined;
    for (const held of this.#busy)
      if (held.leases > (best?.leases ?? 0) && !held.heldUp && pace.comesSoon(held.leases, waitMsMax) && hasRoom(held))
        best = held;
    return best;
  }

  /** Where each runs several at once: the one with the most that has fewer than `leases`. */
  fullest(leases: number): Held | undefined {
    let best: Held | undefined;
    for (const held of this.#busy)
      if (held.leases < leases && held.leases > (best?.leases ?? 0) && hasRoom(held)) best = held;
    return best;
  }

  /** The same, and the one with the fewest. */
  emptiest(leases: number): Held | undefined {
    let best: Held | undefined;
    for (const held of this.#busy) if (held.leases < (best?.leases ?? leases) && hasRoom(held)) best = held;
    return best;
  }

  get environments(): Environment[] {
    const all = [...this.#busy, ...this.idle, ...this.provided];
    return all.filter(({ ended }) => !ended).map(({ environment }) => environment);
  }

  /** It has ended. Answers whether it was one of those that are always there, and free. */
  lost(environment: Environment): boolean {
    const at = this.idle.findIndex((held) => held.environment === environment);
    if (at >= 0) this.idle.splice(at, 1);
    for (const held of this.#busy) if (held.environment === environment) held.ended = true;
    const providedAt = this.provided.findIndex((held) => held.environment === environment);
    if (providedAt >= 0) this.provided.splice(providedAt, 1);
    return providedAt >= 0;
  }
}

const hasRoom = ({ environment, ended }: Held): boolean => !ended && environment.room > 0;

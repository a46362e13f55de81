/**
 * The environments of one version.
 *
 *   starting → idle ⇄ busy → ended          a start that fails goes to whoever waits first
 *
 * Idle environments are used last in, first out, so that the ones beyond what is needed grow old and are reaped. Those
 * that are provided (provisioned concurrency) are used first, never reaped nor evicted, and replaced when they end.
 */
import type { Resolved } from '../registry/registry.ts';
import type { Environment, Failure } from '../sandbox/sandbox.ts';
import type { StartKind } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { environmentsToStart } from './autoscale.ts';
import { Provision } from './provision.ts';
import type { Initialization, Lease, LeaseOutcome, Provided, Retried } from './runners.ts';

/** A new environment, initialised, or what came of the attempt. */
export type Started =
  | {
      status: 'ready';
      environment: Environment;
      start: StartKind;
      provisionUs: number;
      initUs: number;
      retried?: Retried;
    }
  | {
      status: 'init_failed';
      failure: Failure;
      environment: Environment;
      start: StartKind;
      provisionUs: number;
      initUs: number;
      memoryBytesMax: number | undefined;
      retried?: Retried;
    }
  | { status: 'full' }
  | { status: 'unavailable'; message: string };

export type RunnerHost = {
  clock: Clock;
  /** Starts of one version under way at the same time: more than keep the processors busy only delay each other. */
  startsAtOnceMax: number;
  start(resolved: Resolved, initialization: Initialization): Promise<Started>;
  /** An environment of this runner has ended or is to be ended; the host stops it and forgets it. */
  end(environment: Environment, reason: string): void;
  /** How many of those that are to be provided are ready has changed. */
  provided(): void;
  /** Free environments have appeared, or the last has gone: the host reaps and evicts by what it finds. */
  changed(): void;
};

type Waiter = { sinceMs: number; alone: boolean; settle: (outcome: LeaseOutcome) => void };
/**
 * `leases`: invocations that hold it; `sinceMs`: since when none does; `heldUp`: something was given back behind what runs;
 * `provided`: one of those that are always there.
 */
type Held = {
  environment: Environment;
  bornMs: number;
  sinceMs: number;
  leases: number;
  heldUp: boolean;
  ended: boolean;
  provided: boolean;
};

/** Invocations that wait for one version; the next is refused. Each holds its event in memory (up to 6 MB). */
const waitersMax = 1_000;
/** How long an invocation waits for an environment before it is told to come back. */
const waitMsMax = 10_000;
/** Waiters are looked at again this often, in case the averages mislead. */
const tickMs = 25;
/** What a start is taken to cost until one has been measured. */
const startMsGuess = 40;
/** The newest measurement's share in a moving average. */
const newestShare = 0.1;
/** An environment this old is replaced when it is next free: its credentials last only a little longer. */
const environmentAgeMsMax = 8 * 3_600_000;
/** A busy environment is handed more ahead only while they would wait for less than this altogether. */
const aheadMsMax = 1;
/** What it takes to wake an idle environment: behind one that is up, a wait shorter than that is the better way. */
const wakeMs = 0.1;
/** One invocation as long as this shows that the next may be, too: for a while nothing is handed over ahead. */
const slowMs = 20;
const slowForMs = 2_000;
/** Invocations after which the average is believed enough to hand over ahead. */
const knownAfter = 20;

export class Runner {
  readonly resolved: Resolved;
  readonly #host: RunnerHost;
  readonly #idle: Held[] = [];
  readonly #busy = new Set<Held>();
  readonly #waiters: Waiter[] = [];
  #starting = 0;
  #retired = false;
  #averageBusyMs: number | undefined;
  #averageStartMs = startMsGuess;
  #invocations = 0;
  #slowUntilMs = 0;
  #ticking = false;
  /** Those that are always there, and free. */
  readonly #provided: Held[] = [];
  readonly #provision: Provision;

  constructor(resolved: Resolved, host: RunnerHost) {
    this.resolved = resolved;
    this.#host = host;
    this.#provision = new Provision({
      clock: host.clock,
      present: () => this.#providedCount,
      room: () => host.startsAtOnceMax - this.#provision.starting - this.#starting,
      start: () => host.start(resolved, 'provisioned-concurrency'),
      ready: (environment) => {
        this.#free(this.#made(environment, true));
        host.provided();
      },
      broken: (environment) => host.end(environment, 'its initialisation failed'),
      over: () => this.empty && host.changed(),
    });
  }

  get counts(): { busy: number; idle: number; starting: number } {
    return {
      busy: this.#busy.size,
      idle: this.#idle.length + this.#provided.length,
      starting: this.#starting + this.#provision.starting,
    };
  }

  /** Nothing in it and nobody waiting: it can be forgotten. */
  get empty(): boolean {
    const { busy, idle, starting } = this.counts;
    return busy + idle + starting + this.#waiters.length + this.#provision.wanted === 0;
  }

  get provided(): Provided {
    const { wanted, failure } = this.#provision;
    return { wanted, ready: Math.min(this.#providedCount, wanted), ...(failure !== undefined && { failure }) };
  }

  /** From now on so many environments are kept ready, whatever is asked for; what is too many goes as it is free. */
  provide(count: number): void {
    if (this.#retired || this.#provision.wanted === count) return;
    this.#provision.want(count);
    while (this.#provided.length > 0 && this.#providedCount > count) {
      const held = this.#provided.shift();
      if (held !== undefined) this.#end(held, 'its provisioned concurrency was taken away');
    }
    this.#provision.keep();
    if (this.provided.ready > 0) this.#host.provided();
    if (this.empty) this.#host.changed();
  }

  /** The time since which the longest idle environment has been idle; undefined when none is. */
  get idleSinceMs(): number | undefined {
    return this.#idle[0]?.sinceMs;
  }

  tryLease(): Lease | undefined {
    const held = this.#quickest(wakeMs) ?? this.#newestIdle() ?? this.#quickest(aheadMsMax);
    return held === undefined ? undefined : this.#leased(held, 'warm', 0, 0);
  }

  #leaseIdle(): Lease | undefined {
    const held = this.#newestIdle();
    return held === undefined ? undefined : this.#leased(held, 'warm', 0, 0);
  }

  lease(alone: boolean): Promise<LeaseOutcome> {
    const free = alone ? this.#leaseIdle() : this.tryLease();
    if (free !== undefined) return Promise.resolve({ status: 'leased', lease: free });
    if (this.#waiters.length >= waitersMax) return Promise.resolve({ status: 'full', retryAfterMs: 1_000 });
    return new Promise((resolve) => {
      const waiter: Waiter = { sinceMs: this.#host.clock.monotonicMs(), alone, settle: resolve };
      this.#waiters.push(waiter);
      this.#scale();
      this.#tick();
    });
  }

  /** Ends idle environments that have been free since before `sinceMs`; answers how many. */
  reap(sinceMs: number, reason: string): number {
    let count = 0;
    while (this.#idle[0] !== undefined && this.#idle[0].sinceMs <= sinceMs) {
      const oldest = this.#idle.shift();
      if (oldest !== undefined) this.#end(oldest, reason);
      count += 1;
    }
    return count;
  }

  /** Ends the environment that has been idle longest, to make room for another version's. */
  evict(): boolean {
    const oldest = this.#idle.shift();
    if (oldest !== undefined) this.#end(oldest, 'evicted to make room');
    return oldest !== undefined;
  }

  /** Its version is no longer wanted: busy environments end when they are free. */
  retire(reason: string): void {
    this.provide(0);
    this.#retired = true;
    this.reap(Number.POSITIVE_INFINITY, reason);
  }

  /** An environment has ended, by itself or by us. */
  lost(environment: Environment): void {
    const at = this.#idle.findIndex((held) => held.environment === environment);
    if (at >= 0) this.#idle.splice(at, 1);
    const providedAt = this.#provided.findIndex((held) => held.environment === environment);
    if (providedAt >= 0) {
      // Code that ends its process as soon as it is up is not begun again and again without a pause.
      this.#provided.splice(providedAt, 1);
      this.#provision.pause();
    }
    for (const held of this.#busy) if (held.environment === environment) held.ended = true;
    this.#provision.keep();
  }

  /** The platform is going down: nobody is served any more. */
  close(): void {
    for (const waiter of this.#waiters.splice(0)) {
      waiter.settle({ status: 'unavailable', message: 'the platform is shutting down' });
    }
    this.retire('the platform is shutting down');
  }

  #newestIdle(): Held | undefined {
    const next = (): Held | undefined => this.#provided.pop() ?? this.#idle.pop();
    for (let held = next(); held !== undefined; held = next()) {
      if (held.environment.room > 0) return held;
      // Its process is gone, though not yet all that it held.
      this.#end(held, 'it ended by itself');
    }
    return undefined;
  }

  /** Whether invocations are so quick that waiting inside a busy environment beats waiting here. */
  #worksAhead(): boolean {
    const average = this.#averageBusyMs;
    if (average === undefined || average >= aheadMsMax || this.#invocations < knownAfter) return false;
    return this.#host.clock.monotonicMs() >= this.#slowUntilMs;
  }

  /** The busy environment that would come to one more soonest, if that is soon. */
  #quickest(waitMsMax: number): Held | undefined {
    if (this.#busy.size === 0 || !this.#worksAhead()) return undefined;
    let best: Held | undefined;
    for (const held of this.#busy)
      if (held.leases < (best?.leases ?? Infinity) && held.environment.room > 0 && !held.heldUp && !held.ended)
        best = held;
    return best !== undefined && this.#fits(best.leases, waitMsMax) ? best : undefined;
  }

  #fits(leases: number, waitMsMax: number): boolean {
    return leases === 0 || leases * (this.#averageBusyMs ?? waitMsMax) < waitMsMax;
  }

  /** Busy environments of which the average may be believed. */
  get #flowing(): number {
    let count = 0;
    for (const held of this.#busy) if (!held.heldUp) count += 1;
    return count;
  }

  #leased(held: Held, start: StartKind, provisionUs: number, initUs: number): Lease {
    held.leases += 1;
    this.#busy.add(held);
    return {
      environment: held.environment,
      start,
      provided: held.provided,
      provisionUs,
      initUs,
      release: (busyMs) => {
        held.heldUp = false;
        this.#learn(busyMs);
        this.#returned(held);
      },
      giveBack: () => {
        // What runs takes longer than the average says: behind that, it would be given back again.
        held.heldUp = held.leases > 1;
        this.#returned(held);
      },
      discard: () => {
        if (!held.ended) this.#end(held, 'ended during an invocation');
        this.#returned(held);
      },
    };
  }

  #learn(busyMs: number): void {
    this.#invocations += 1;
    const average = this.#averageBusyMs;
    this.#averageBusyMs = average === undefined ? busyMs : average + newestShare * (busyMs - average);
    if (busyMs >= slowMs) this.#slowUntilMs = this.#host.clock.monotonicMs() + slowForMs;
  }

  #returned(held: Held): void {
    held.leases -= 1;
    if (held.ended) {
      if (held.leases === 0) this.#busy.delete(held);
      this.#provision.keep();
      this.#host.changed();
      this.#scale();
      return;
    }
    this.#free(held);
  }

  /** It has room: for those who wait, or else it is idle. */
  #free(held: Held): void {
    const now = this.#host.clock.monotonicMs();
    this.#serve(held);
    if (held.leases > 0) return;
    this.#busy.delete(held);
    if (this.#retired || now - held.bornMs > environmentAgeMsMax) {
      this.#end(held, this.#retired ? 'its version was replaced' : 'it was old');
      return;
    }
    held.sinceMs = now;
    if (held.provided && this.#providedCount < this.#provision.wanted) {
      this.#provided.push(held);
      return;
    }
    held.provided = false;
    this.#idle.push(held);
    if (this.#idle.length === 1) this.#host.changed();
  }

  /** One of those who wait, or several where they are quick. */
  #serve(held: Held): void {
    let room = held.environment.room;
    for (let waiter = this.#waiters[0]; room > 0 && waiter !== undefined; waiter = this.#waiters[0]) {
      const mayQueue = !waiter.alone && !held.heldUp && this.#worksAhead() && this.#fits(held.leases, aheadMsMax);
      if (held.leases > 0 && !mayQueue) return;
      room -= 1;
      this.#waiters.shift();
      waiter.settle({ status: 'leased', lease: this.#leased(held, 'warm', 0, 0) });
    }
  }

  #made(environment: Environment, provided: boolean): Held {
    const now = this.#host.clock.monotonicMs();
    return { environment, bornMs: now, sinceMs: now, leases: 0, heldUp: false, ended: false, provided };
  }

  #end(held: Held, reason: string): void {
    held.ended = true;
    this.#host.end(held.environment, reason);
    this.#provision.keep();
    this.#host.changed();
  }

  /** Provided environments that are there, free or not. */
  get #providedCount(): number {
    let count = this.#provided.length;
    for (const held of this.#busy) if (held.provided && !held.ended) count += 1;
    return count;
  }

  #scale(): void {
    const first = this.#waiters[0];
    if (first === undefined) return;
    let count = environmentsToStart({
      waiting: this.#waiters.length,
      waitedMs: this.#host.clock.monotonicMs() - first.sinceMs,
      starting: this.#starting,
      busy: this.#flowing,
      averageBusyMs: this.#averageBusyMs,
      averageStartMs: this.#averageStartMs,
    });
    count = Math.min(count, this.#host.startsAtOnceMax - this.#starting);
    for (; count > 0; count -= 1) void this.#start();
  }

  async #start(): Promise<void> {
    this.#starting += 1;
    const sinceMs = this.#host.clock.monotonicMs();
    const started = await this.#host.start(this.resolved, 'on-demand');
    const now = this.#host.clock.monotonicMs();
    this.#starting -= 1;
    // Whoever waits longest takes what came of it, good or bad.
    const waiter = this.#waiters[0];
    const waitedUs = waiter === undefined ? 0 : (now - waiter.sinceMs) * 1_000;
    switch (started.status) {
      case 'ready': {
        this.#averageStartMs += newestShare * (now - sinceMs - this.#averageStartMs);
        const { environment, start, provisionUs, initUs, retried } = started;
        const held = this.#made(environment, false);
        if (waiter !== undefined) {
          this.#waiters.shift();
          const lease = this.#leased(held, start, provisionUs, initUs);
          waiter.settle({ status: 'leased', lease: retried === undefined ? lease : { ...lease, retried } });
        } else this.#free(held);
        break;
      }
      case 'init_failed': {
        const { failure, environment, start, provisionUs, initUs, memoryBytesMax, retried } = started;
        this.#host.end(environment, 'its initialisation failed');
        if (waiter === undefined) break;
        this.#waiters.shift();
        const queueUs = Math.max(0, waitedUs - provisionUs - initUs - (retried?.spentUs ?? 0));
        waiter.settle({
          status: 'init_failed',
          failure,
          environmentId: environment.id,
          start,
          queueUs,
          provisionUs,
          initUs,
          memoryBytesMax,
          ...(retried === undefined ? {} : { retried }),
        });
        break;
      }
      case 'full':
        // They go on waiting for one of the others to be free; the tick tries again.
        break;
      case 'unavailable':
        if (waiter === undefined) break;
        this.#waiters.shift();
        waiter.settle({ status: 'unavailable', message: started.message });
        break;
    }
    if (started.status !== 'full') this.#scale();
    if (this.empty) this.#host.changed();
  }

  /** While somebody waits: start more if the averages misled, and send away who has waited too long. */
  #tick(): void {
    if (this.#ticking || this.#waiters.length === 0) return;
    this.#ticking = true;
    this.#host.clock.schedule(tickMs, () => {
      this.#ticking = false;
      const now = this.#host.clock.monotonicMs();
      // The first of them wait for starts that are under way, which have a limit of their own: what comes of those is their answer.
      const first = this.#starting;
      while (now - (this.#waiters[first]?.sinceMs ?? now) > waitMsMax) {
        this.#waiters.splice(first, 1)[0]?.settle({ status: 'full', retryAfterMs: 1_000 });
      }
      this.#scale();
      this.#tick();
    });
  }
}

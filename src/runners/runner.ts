/**
 * The environments of one version.
 *
 *   starting → idle ⇄ busy → ended          a start that fails goes to whoever waits first
 *
 * Idle environments are used last in, first out, so that the ones beyond what is needed grow old and are reaped.
 */
import type { Resolved } from '../registry/registry.ts';
import type { Environment, Failure } from '../sandbox/sandbox.ts';
import type { StartKind } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { environmentsToStart } from './autoscale.ts';
import type { Lease, LeaseOutcome } from './runners.ts';

/** A new environment, initialised, or what came of the attempt. */
export type Started =
  | { status: 'ready'; environment: Environment; start: StartKind; provisionUs: number; initUs: number }
  | {
      status: 'init_failed';
      failure: Failure;
      environment: Environment;
      start: StartKind;
      provisionUs: number;
      initUs: number;
      memoryBytesMax: number | undefined;
    }
  | { status: 'full' }
  | { status: 'unavailable'; message: string };

export type RunnerHost = {
  clock: Clock;
  start(resolved: Resolved): Promise<Started>;
  /** An environment of this runner has ended or is to be ended; the host stops it and forgets it. */
  end(environment: Environment, reason: string): void;
  /** Free environments have appeared, or the last has gone: the host reaps and evicts by what it finds. */
  changed(): void;
};

type Waiter = { sinceMs: number; settle: (outcome: LeaseOutcome) => void };
type Idle = { environment: Environment; sinceMs: number };

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

export class Runner {
  readonly resolved: Resolved;
  readonly #host: RunnerHost;
  readonly #idle: Idle[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #born = new Map<Environment, number>();
  /** Have ended by themselves; perhaps while somebody holds them, who must not give them to the next. */
  readonly #lost = new WeakSet<Environment>();
  #busy = 0;
  #starting = 0;
  #retired = false;
  #averageBusyMs: number | undefined;
  #averageStartMs = startMsGuess;
  #ticking = false;

  constructor(resolved: Resolved, host: RunnerHost) {
    this.resolved = resolved;
    this.#host = host;
  }

  get counts(): { busy: number; idle: number; starting: number } {
    return { busy: this.#busy, idle: this.#idle.length, starting: this.#starting };
  }

  /** Nothing in it and nobody waiting: it can be forgotten. */
  get empty(): boolean {
    return this.#busy + this.#idle.length + this.#starting + this.#waiters.length === 0;
  }

  /** The time since which the longest idle environment has been idle; undefined when none is. */
  get idleSinceMs(): number | undefined {
    return this.#idle[0]?.sinceMs;
  }

  tryLease(): Lease | undefined {
    const idle = this.#idle.pop();
    return idle === undefined ? undefined : this.#leased(idle.environment, 'warm', 0, 0, 0);
  }

  lease(): Promise<LeaseOutcome> {
    const free = this.tryLease();
    if (free !== undefined) return Promise.resolve({ status: 'leased', lease: free });
    if (this.#waiters.length >= waitersMax) return Promise.resolve({ status: 'full', retryAfterMs: 1_000 });
    return new Promise((resolve) => {
      const waiter: Waiter = { sinceMs: this.#host.clock.monotonicMs(), settle: resolve };
      this.#waiters.push(waiter);
      this.#scale();
      this.#tick();
    });
  }

  /** Ends idle environments that have been free since before `sinceMs`; answers how many. */
  reap(sinceMs: number, reason: string): number {
    let count = 0;
    while (this.#idle[0] !== undefined && this.#idle[0].sinceMs <= sinceMs) {
      const [oldest] = this.#idle.splice(0, 1);
      if (oldest !== undefined) this.#end(oldest.environment, reason);
      count += 1;
    }
    return count;
  }

  /** Ends the environment that has been idle longest, to make room for another version's. */
  evict(): boolean {
    const oldest = this.#idle.shift();
    if (oldest !== undefined) this.#end(oldest.environment, 'evicted to make room');
    return oldest !== undefined;
  }

  /** Its version is no longer wanted: busy environments end when they are free. */
  retire(reason: string): void {
    this.#retired = true;
    this.reap(Number.POSITIVE_INFINITY, reason);
  }

  /** An environment ended by itself. */
  lost(environment: Environment): void {
    this.#lost.add(environment);
    const at = this.#idle.findIndex((idle) => idle.environment === environment);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#born.delete(environment);
  }

  /** The platform is going down: nobody is served any more. */
  close(): void {
    for (const waiter of this.#waiters.splice(0)) {
      waiter.settle({ status: 'unavailable', message: 'the platform is shutting down' });
    }
    this.retire('the platform is shutting down');
  }

  #leased(environment: Environment, start: StartKind, queueUs: number, provisionUs: number, initUs: number): Lease {
    this.#busy += 1;
    return {
      environment,
      start,
      queueUs,
      provisionUs,
      initUs,
      release: (busyMs) => {
        this.#busy -= 1;
        const average = this.#averageBusyMs;
        this.#averageBusyMs = average === undefined ? busyMs : average + newestShare * (busyMs - average);
        this.#free(environment);
      },
      discard: () => {
        this.#busy -= 1;
        this.#end(environment, 'ended during an invocation');
        this.#scale();
      },
    };
  }

  #free(environment: Environment): void {
    if (this.#lost.has(environment)) {
      this.#host.changed();
      this.#scale();
      return;
    }
    const now = this.#host.clock.monotonicMs();
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      const queueUs = (now - waiter.sinceMs) * 1_000;
      waiter.settle({ status: 'leased', lease: this.#leased(environment, 'warm', queueUs, 0, 0) });
      return;
    }
    const bornMs = this.#born.get(environment) ?? now;
    if (this.#retired || now - bornMs > environmentAgeMsMax) {
      this.#end(environment, this.#retired ? 'its version was replaced' : 'it was old');
      return;
    }
    this.#idle.push({ environment, sinceMs: now });
    if (this.#idle.length === 1) this.#host.changed();
  }

  #end(environment: Environment, reason: string): void {
    this.#born.delete(environment);
    this.#host.end(environment, reason);
    this.#host.changed();
  }

  #scale(): void {
    const first = this.#waiters[0];
    if (first === undefined) return;
    let count = environmentsToStart({
      waiting: this.#waiters.length,
      waitedMs: this.#host.clock.monotonicMs() - first.sinceMs,
      starting: this.#starting,
      busy: this.#busy,
      averageBusyMs: this.#averageBusyMs,
      averageStartMs: this.#averageStartMs,
    });
    for (; count > 0; count -= 1) void this.#start();
  }

  async #start(): Promise<void> {
    this.#starting += 1;
    const sinceMs = this.#host.clock.monotonicMs();
    const started = await this.#host.start(this.resolved);
    const now = this.#host.clock.monotonicMs();
    this.#starting -= 1;
    // Whoever waits longest takes what came of it, good or bad.
    const waiter = this.#waiters[0];
    const waitedUs = waiter === undefined ? 0 : (now - waiter.sinceMs) * 1_000;
    switch (started.status) {
      case 'ready': {
        this.#averageStartMs += newestShare * (now - sinceMs - this.#averageStartMs);
        this.#born.set(started.environment, now);
        if (waiter === undefined) {
          this.#free(started.environment);
          break;
        }
        this.#waiters.shift();
        const { environment, start, provisionUs, initUs } = started;
        const queueUs = Math.max(0, waitedUs - provisionUs - initUs);
        waiter.settle({ status: 'leased', lease: this.#leased(environment, start, queueUs, provisionUs, initUs) });
        break;
      }
      case 'init_failed': {
        const { failure, environment, start, provisionUs, initUs, memoryBytesMax } = started;
        this.#host.end(environment, 'its initialisation failed');
        if (waiter === undefined) break;
        this.#waiters.shift();
        const queueUs = Math.max(0, waitedUs - provisionUs - initUs);
        waiter.settle({
          status: 'init_failed',
          failure,
          environmentId: environment.id,
          start,
          queueUs,
          provisionUs,
          initUs,
          memoryBytesMax,
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
    if (this.empty) this.#host.changed();
  }

  /** While somebody waits: start more if the averages misled, and send away who has waited too long. */
  #tick(): void {
    if (this.#ticking || this.#waiters.length === 0) return;
    this.#ticking = true;
    this.#host.clock.schedule(tickMs, () => {
      this.#ticking = false;
      const now = this.#host.clock.monotonicMs();
      while (this.#waiters[0] !== undefined && now - this.#waiters[0].sinceMs > waitMsMax) {
        this.#waiters.shift()?.settle({ status: 'full', retryAfterMs: 1_000 });
      }
      this.#scale();
      this.#tick();
    });
  }
}

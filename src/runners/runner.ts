/**
 * The environments of one version.
 *
 *   starting → idle ⇄ busy → ended          a start that fails goes to whoever waits first
 *
 * Idle environments are used last in, first out, so that the ones beyond what is needed grow old and are reaped. Those
 * that are provided (provisioned concurrency) are used first, never reaped nor evicted, and replaced when they end.
 */
import type { Resolved } from '../registry/registry.ts';
import type { Environment } from '../sandbox/sandbox.ts';
import type { EndReason } from '../telemetry/start-reason.ts';
import type { EnvironmentId } from '../util/ids.ts';
import { Demand } from './demand.ts';
import { environmentAgeMsMax, HeldEnvironments, newHeld, type Held } from './held.ts';
import type { Tenant } from './fair-shares.ts';
import { aheadMsMax } from './pace.ts';
import { Provision } from './provision.ts';
import type { Initialising, RunnerHost } from './runner-host.ts';
import type { Lease, LeaseOutcome, Provided, Wait } from './runners.ts';
import type { Present } from './start-reason.ts';
import type { Asker } from './start-turns.ts';
import type { Waiter } from './waiters.ts';

/** What it takes to wake an idle environment: behind one that is up, a wait shorter than that is the better way. */
const wakeMs = 0.2;
/** Waiters are looked at again this often, in case the averages mislead. */
const tickMs = 25;

export class Runner {
  readonly resolved: Resolved;
  readonly #host: RunnerHost;
  readonly #held = new HeldEnvironments();
  readonly #demand: Demand;
  readonly #provision: Provision;
  readonly #asker: Asker;
  /** Each environment serves one invocation, and ends. */
  readonly #usedOnce: boolean;
  #starting = 0;
  /** Of those, environments that have their invocation already: nobody else's wait will be over with them. */
  readonly #promised = new Set<Environment>();
  /** Since when the machine has had no room for one more. */
  #noRoomSinceMs: number | undefined;
  #retired: EndReason | undefined;
  #ticking = false;

  constructor(resolved: Resolved, host: RunnerHost) {
    this.resolved = resolved;
    this.#host = host;
    this.#usedOnce = resolved.version.settings.reuse === 'none';
    const demand = new Demand({
      host,
      settings: resolved.version.settings,
      held: this.#held,
      starting: () => this.#starting - this.#promised.size,
      changed: () => this.#scale(),
    });
    this.#demand = demand;
    this.#asker = {
      account: resolved.version.account,
      functionArn: resolved.version.arn,
      get startMs() {
        return demand.pace.averageStartMs;
      },
      wanted: () => this.#toStart,
      start: () => this.#start(),
    };
    this.#provision = new Provision({
      clock: host.clock,
      fraction: () => host.fraction(),
      present: () => this.#held.providedCount,
      room: () => host.startsAtOnceMax - this.#provision.starting,
      start: () => host.start(resolved, 'provisioned-concurrency', this.#present),
      ready: (environment, origin) => {
        this.#free(newHeld(environment, origin, this.#host.clock.monotonicMs(), true));
        host.provided();
      },
      broken: (environment) => host.end(environment, 'init_failed'),
      over: () => this.empty && host.changed(),
    });
  }

  get counts(): { busy: number; idle: number; starting: number } {
    const { busy, free } = this.#held;
    return {
      busy: busy.length,
      idle: free,
      starting: this.#starting - this.#promised.size + this.#provision.starting,
    };
  }

  /** Nothing in it and nobody waiting: it can be forgotten. */
  get empty(): boolean {
    const { busy, idle, starting } = this.counts;
    return busy + idle + starting + this.#demand.waiters.count + this.#provision.wanted === 0;
  }

  get provided(): Provided {
    const { wanted, failure } = this.#provision;
    return { wanted, ready: Math.min(this.#held.providedCount, wanted), ...(failure !== undefined && { failure }) };
  }

  /** What it has of the machine, and could use of it now. */
  get tenant(): Tenant {
    const { busy, idle, starting } = this.counts;
    const demand = busy + Math.ceil(this.#demand.waiters.count / this.#demand.perEnvironment);
    return { account: this.resolved.version.account, present: busy + idle + starting, demand };
  }

  /** Why somebody who came now would be sent away; undefined: nobody would be. */
  get refusal(): { retryAfterMs: number } | undefined {
    return this.#demand.refusal;
  }

  /** From now on so many environments are kept ready, whatever is asked for; what is too many goes as it is free. */
  provide(count: number): void {
    if (this.#retired !== undefined || this.#provision.wanted === count) return;
    this.#provision.want(count);
    while (this.#held.provided.length > 0 && this.#held.providedCount > count) {
      const held = this.#held.provided.shift();
      if (held !== undefined) this.#end(held, 'unprovided');
    }
    this.#provision.keep();
    if (this.provided.ready > 0) this.#host.provided();
    if (this.empty) this.#host.changed();
  }

  /** Free ones that are not to be there always: who was free first is first. */
  get idle(): readonly Held[] {
    return this.#held.idle;
  }

  get isRetired(): boolean {
    return this.#retired !== undefined;
  }

  get uses(): number {
    return this.#demand.pace.invocations;
  }

  tryLease(): Lease | undefined {
    if (!this.#maySkipQueue) return undefined;
    const held =
      this.#demand.perEnvironment === 1
        ? (this.#behindQuickOnes() ?? this.#newestIdle() ?? this.#quickest())
        : this.#leastUtilised();
    return held === undefined ? undefined : this.#leased(held);
  }

  lease(wait: Wait): Promise<LeaseOutcome> {
    const free = wait.alone === true && this.#demand.perEnvironment === 1 ? this.#leaseAlone() : this.tryLease();
    if (free !== undefined) return Promise.resolve({ status: 'leased', lease: free });
    const { refusal } = this;
    if (refusal !== undefined) return Promise.resolve({ status: 'full', ...refusal });
    const outcome = this.#demand.waiters.wait(wait);
    this.#scale();
    this.#tick();
    return outcome;
  }

  /** Ends one that is idle. */
  endIdle(held: Held, reason: EndReason, detail?: string): void {
    this.#held.idle.splice(this.#held.idle.indexOf(held), 1);
    if (held.resting !== undefined) this.#host.restingLost(held, reason);
    this.#end(held, reason, detail);
  }

  /** Starts one that nobody waits for yet; undefined: it could not be. `expected`: why, for the record. */
  async startAhead(expected: string): Promise<EnvironmentId | undefined> {
    this.#starting += 1;
    const { clock } = this.#host;
    const sinceMs = clock.monotonicMs();
    const started = await this.#host.start(this.resolved, 'on-demand', { ...this.#present, expected });
    this.#starting -= 1;
    if (started.status === 'ready') {
      this.#demand.pace.learnStart(clock.monotonicMs() - sinceMs);
      this.#free(newHeld(started.environment, started.origin, clock.monotonicMs()));
    } else if (started.status === 'init_failed') this.#host.end(started.environment, 'init_failed');
    this.#scale();
    if (this.empty) this.#host.changed();
    return started.status === 'ready' ? started.environment.id : undefined;
  }

  /** Its version is no longer wanted: busy environments end when they are free. */
  retire(reason: EndReason): void {
    this.provide(0);
    this.#retired = reason;
    for (let held = this.idle[0]; held !== undefined; held = this.idle[0]) this.endIdle(held, reason);
  }

  /** An environment has ended, by itself or by us. */
  lost(environment: Environment): void {
    const resting = this.#held.idle.find((held) => held.environment === environment && held.resting !== undefined);
    if (resting !== undefined) this.#host.restingLost(resting, 'crash');
    // Code that ends its process as soon as it is up is not begun again and again without a pause.
    if (this.#held.lost(environment)) this.#provision.pause();
    this.#provision.keep();
  }

  /** The platform is going down: nobody is served any more. */
  close(): void {
    this.#demand.waiters.refuseAll('the platform is shutting down');
    this.retire('shutdown');
  }

  /** Where it would wait for less than it takes to wake another. */
  #behindQuickOnes(): Held | undefined {
    return this.#usedOnce ? undefined : this.#held.fullestWithin(this.#demand.pace, wakeMs);
  }

  #quickest(): Held | undefined {
    return this.#usedOnce ? undefined : this.#held.quickest(this.#demand.pace, aheadMsMax);
  }

  /**
   * Where each runs several: the fullest that is below the target, so that those beyond what is needed fall idle; then an
   * idle one; and above the target the one with most room.
   */
  #leastUtilised(): Held | undefined {
    const { perEnvironment, target } = this.#demand;
    return this.#held.fullest(target) ?? this.#newestIdle() ?? this.#held.emptiest(perEnvironment);
  }

  #newestIdle(): Held | undefined {
    for (let held = this.#held.takeNewest(); held !== undefined; held = this.#held.takeNewest()) {
      if (held.environment.room > 0) {
        if (held.resting !== undefined) this.#host.restingUsed(held);
        return held;
      }
      if (held.resting !== undefined) this.#host.restingLost(held, 'crash');
      // Its process is gone, though not yet all that it held.
      this.#end(held, 'crash');
    }
    return undefined;
  }

  /** Where the processors are short, what is idle is left so, and those who wait come first. */
  get #maySkipQueue(): boolean {
    return this.#demand.waiters.count === 0 || this.#demand.mayWork;
  }

  #leaseAlone(): Lease | undefined {
    const held = this.#maySkipQueue ? this.#newestIdle() : undefined;
    return held === undefined ? undefined : this.#leased(held);
  }

  /** `waited`: what it took, where the invocation waited for just this one to be started. */
  #leased(held: Held, waited?: Pick<Lease, 'start' | 'provisionUs' | 'initUs'>): Lease {
    const { provisionUs, initUs } = waited ?? { provisionUs: 0, initUs: 0 };
    const start = waited?.start ?? held.unused ?? 'warm';
    held.unused = undefined;
    held.leases += 1;
    this.#demand.began();
    this.#held.occupy(held);
    if (this.#usedOnce) this.#startNext();
    return {
      environment: held.environment,
      start,
      provided: held.provided,
      origin: held.origin,
      placeUs: waited === undefined ? 0 : held.origin.placeUs,
      provisionUs,
      initUs,
      release: (busyMs) => {
        held.heldUp = false;
        this.#demand.pace.learnBusy(busyMs, this.#demand.waiters.count > 0);
        if (this.#usedOnce && !held.ended) this.#end(held, 'no_reuse');
        this.#returned(held);
      },
      giveBack: () => {
        this.#promised.delete(held.environment);
        // What runs takes longer than the average says: behind that, it would be given back again.
        held.heldUp = held.leases > 1;
        this.#returned(held);
      },
      discard: (reason) => {
        // Others that run in it may go on to their ends: it has no room for more.
        if (this.#demand.perEnvironment > 1 && held.leases > 1) held.endsFor ??= reason;
        else if (!held.ended) this.#end(held, reason);
        this.#returned(held);
      },
    };
  }

  /** Where each serves one invocation: the next finds one that waits, and is served at a warm one's speed. */
  #startNext(): void {
    if (this.#retired !== undefined || this.#held.idle.length + this.#starting + this.#provision.wanted > 0) return;
    if (this.#host.hasRoom()) void this.startAhead('each of its environments serves one invocation');
  }

  #returned(held: Held): void {
    held.leases -= 1;
    this.#demand.ended();
    if (held.ended) {
      if (held.leases === 0) this.#held.vacate(held);
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
    const yields = held.leases === 0 && !held.provided && this.#demand.waiters.count > 0 && this.#host.mustYield();
    if (!yields) this.#serve(held);
    if (held.leases > 0) return;
    if (held.endsFor !== undefined) {
      this.#held.vacate(held);
      this.#end(held, held.endsFor);
      return;
    }
    const { idle, provided } = this.#held;
    this.#held.vacate(held);
    if (yields) {
      this.#end(held, 'evicted');
      return;
    }
    if (this.#retired !== undefined || now - held.bornMs > environmentAgeMsMax) {
      this.#end(held, this.#retired ?? 'age');
      return;
    }
    held.sinceMs = now;
    if (held.provided && this.#held.providedCount < this.#provision.wanted) {
      provided.push(held);
      return;
    }
    held.provided = false;
    idle.push(held);
    this.#host.freed();
    if (idle.length === 1) this.#host.changed();
  }

  /** One of those who wait, or several where they are quick. */
  #serve(held: Held): void {
    // One that is at work counts for itself: it goes on with the next.
    if (held.leases === 0) this.#held.vacate(held);
    if (held.leases === 0 && !this.#demand.mayWork) return;
    let room = held.environment.room;
    for (
      let waiter = this.#demand.waiters.first;
      room > 0 && waiter !== undefined;
      waiter = this.#demand.waiters.first
    ) {
      if (held.leases >= this.#demand.perEnvironment && !this.#mayQueue(held, waiter)) return;
      room -= 1;
      this.#demand.waiters.take();
      waiter.settle({ status: 'leased', lease: this.#leased(held) });
    }
  }

  /** What was left idle while the processors were short, for those who have waited meanwhile. */
  #serveFromIdle(): void {
    while (this.#demand.waiters.first !== undefined && this.#demand.mayWork) {
      const held = this.#newestIdle();
      if (held === undefined) return;
      this.#serve(held);
    }
  }

  #mayQueue(held: Held, waiter: Waiter): boolean {
    if (this.#demand.perEnvironment > 1 || this.#usedOnce || waiter.alone || held.heldUp) return false;
    return this.#demand.pace.worksAhead && this.#demand.pace.fits(held.leases, aheadMsMax);
  }

  /** What is there when one more is started, which is counted already. */
  get #present(): Present {
    const { busy, starting } = this.counts;
    const sinceMs = this.#noRoomSinceMs;
    const waitedForRoomMs = sinceMs === undefined ? 0 : this.#host.clock.monotonicMs() - sinceMs;
    return { busy, starting: starting - 1, waitedForRoomMs };
  }

  #end(held: Held, reason: EndReason, detail?: string): void {
    held.ended = true;
    this.#host.end(held.environment, reason, detail);
    this.#provision.keep();
    this.#host.changed();
  }

  #scale(): void {
    if (this.#toStart === 0) return;
    if (!this.#host.hasRoom()) this.#noRoomSinceMs ??= this.#host.clock.monotonicMs();
    this.#host.turns.ask(this.#asker);
  }

  get #toStart(): number {
    return this.#retired !== undefined && this.#demand.waiters.count === 0 ? 0 : this.#demand.toStart;
  }

  /** Whether there was room for it. */
  async #start(): Promise<boolean> {
    this.#starting += 1;
    const { clock } = this.#host;
    const sinceMs = clock.monotonicMs();
    let handedOver: Lease | undefined;
    const started = await this.#host.start(this.resolved, 'on-demand', this.#present, (initialising) => {
      handedOver = this.#handOver(initialising);
    });
    this.#starting -= 1;
    if (handedOver !== undefined) this.#promised.delete(handedOver.environment);
    if (started.status === 'full') this.#noRoomSinceMs ??= sinceMs;
    else this.#noRoomSinceMs = undefined;
    // Whoever waits longest takes what came of it, good or bad.
    switch (started.status) {
      case 'ready': {
        this.#demand.pace.learnStart(clock.monotonicMs() - sinceMs);
        const { environment, start, origin, provisionUs, initUs, retried } = started;
        if (handedOver?.environment === environment) {
          handedOver.initUs = initUs;
          break;
        }
        const held = newHeld(environment, origin, clock.monotonicMs());
        const waiter = this.#demand.waiters.take();
        if (waiter !== undefined) {
          const lease = this.#leased(held, { start, provisionUs, initUs });
          waiter.settle({ status: 'leased', lease: retried === undefined ? lease : { ...lease, retried } });
          if (this.#demand.perEnvironment > 1) this.#serve(held);
        } else this.#free(held);
        break;
      }
      case 'init_failed': {
        const { environment, ...outcome } = started;
        this.#host.end(environment, 'init_failed');
        this.#demand.waiters.take()?.settle({ ...outcome, environmentId: environment.id });
        break;
      }
      case 'full':
        // They go on waiting for one of the others to be free; the tick tries again.
        break;
      case 'unavailable':
        this.#demand.waiters.take()?.settle({ status: 'unavailable', message: started.message });
        break;
    }
    if (started.status !== 'full') this.#scale();
    if (this.empty) this.#host.changed();
    return started.status !== 'full';
  }

  /** Who waits longest goes with its initialisation: his invocation begins when the code is loaded. */
  #handOver({ environment, start, origin, provisionUs }: Initialising): Lease | undefined {
    // The next one's start would be in the way of this one's.
    const waiter = this.#usedOnce ? undefined : this.#demand.waiters.take();
    if (waiter === undefined) return undefined;
    this.#promised.add(environment);
    const held = newHeld(environment, origin, this.#host.clock.monotonicMs());
    const lease = this.#leased(held, { start, provisionUs, initUs: 0 });
    waiter.settle({ status: 'leased', lease });
    return lease;
  }

  /** While somebody waits: start more if the averages misled, and send away who has waited too long. */
  #tick(): void {
    if (this.#ticking || this.#demand.waiters.count === 0) return;
    this.#ticking = true;
    this.#host.clock.schedule(tickMs, () => {
      this.#ticking = false;
      this.#demand.look();
      this.#serveFromIdle();
      this.#scale();
      this.#tick();
    });
  }
}

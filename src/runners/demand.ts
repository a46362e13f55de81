/**
 * What the callers of one version ask for: those who wait, what is known of how long they will, and how many environments
 * that makes. It starts none and serves nobody; the runner does.
 */
import type { FunctionSettings } from '../registry/function.ts';
import { limits } from '../util/limits.ts';
import { environmentsToStart } from './autoscale.ts';
import type { HeldEnvironments } from './held.ts';
import { Pace } from './pace.ts';
import { ProcessorWatch } from './processor-watch.ts';
import type { RunnerHost } from './runner-host.ts';
import { utilisation } from './utilisation.ts';
import { UtilisationWatch } from './utilisation-watch.ts';
import { Waiters } from './waiters.ts';

/**
 * Where there can be no more environments, nobody begins to wait who would wait for longer than this, or than an invocation
 * takes: those who come faster than they are served would only grow old together, and the last of them be served long
 * after the load has gone.
 */
const hopelessMs = 750;

export type DemandOptions = {
  host: Pick<RunnerHost, 'clock' | 'processors' | 'hasRoom' | 'busyVersions'>;
  settings: FunctionSettings;
  held: HeldEnvironments;
  /** Environments on their way. */
  starting(): number;
  /** More environments may be wanted than before. */
  changed(): void;
};

export class Demand {
  readonly waiters: Waiters;
  readonly pace: Pace;
  /** Invocations that one environment runs at the same time. */
  readonly perEnvironment: number;
  readonly #options: DemandOptions;
  readonly #watch: ProcessorWatch;
  /** Only where environments run several. */
  readonly #utilisation: UtilisationWatch | undefined;

  constructor(options: DemandOptions) {
    const { clock, processors } = options.host;
    this.#options = options;
    this.waiters = new Waiters(clock);
    this.pace = new Pace(clock);
    this.#watch = new ProcessorWatch(clock, processors);
    const { concurrencyPerEnvironment: perEnvironment = 1 } = options.settings;
    this.perEnvironment = perEnvironment;
    if (perEnvironment === 1) return;
    const { changed, held } = options;
    this.#utilisation = new UtilisationWatch({ clock, perEnvironment, ready: () => held.count, decided: changed });
  }

  /** Invocations that one environment is to have; above that it has more only while there is no other. */
  get target(): number {
    return Math.max(1, Math.floor(this.perEnvironment * utilisation.target));
  }

  /** Whether one more environment at work would serve anybody sooner: not where the processors are what is short. */
  get mayWork(): boolean {
    return this.#options.held.busy.length < this.#watch.enough;
  }

  /** Why somebody who came now would be sent away: too many wait, or too long. Undefined: nobody would be. */
  get refusal(): { retryAfterMs: number } | undefined {
    const { held, host, starting } = this.#options;
    if (this.waiters.isFull) return { retryAfterMs: hopelessMs };
    const waiting = this.waiters.count;
    const { averageBusyMs: busyMs, quietBusyMs } = this.pace;
    const busy = held.flowing;
    if (waiting === 0 || busy === 0 || busyMs === undefined) return undefined;
    const mayGrow = this.#watch.enough === Infinity && (starting() > 0 || host.hasRoom());
    if (mayGrow) return undefined;
    const waitMs = (waiting * busyMs) / (busy * this.perEnvironment);
    return waitMs > Math.max(hopelessMs, quietBusyMs ?? busyMs) ? { retryAfterMs: waitMs } : undefined;
  }

  /** Environments to start now. */
  get toStart(): number {
    const { held, starting } = this.#options;
    return environmentsToStart({
      waiting: this.waiters.count,
      waitedMs: this.waiters.waitedMs,
      starting: starting(),
      busy: held.flowing,
      idle: held.free,
      averageBusyMs: this.pace.averageBusyMs,
      averageStartMs: this.pace.averageStartMs,
      perEnvironment: this.perEnvironment,
      wanted: this.#utilisation?.wanted ?? 0,
      enough: this.#watch.enough,
    });
  }

  /** An invocation has been given an environment. */
  began(): void {
    this.#utilisation?.began();
  }

  /** One has given it back. */
  ended(): void {
    this.#utilisation?.ended();
  }

  /** To be called from time to time while somebody waits: sends away who has waited too long, and looks at the processors. */
  look(): void {
    const { held, host, settings, starting } = this.#options;
    const { averageBusyMs, invocations, quietBusyMs } = this.pace;
    this.waiters.expire(starting());
    this.#watch.look(held.environments, {
      versions: host.busyVersions(),
      invocations,
      averageBusyMs,
      quietBusyMs,
      perEnvironment: this.perEnvironment,
      share: settings.memoryMb / limits.memoryMbPerCpu,
    });
  }
}

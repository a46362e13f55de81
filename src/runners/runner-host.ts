/** What the runners of all versions share: what one of them asks of it, and how it is answered. */
import type { Resolved } from '../registry/registry.ts';
import type { Environment, Failure } from '../sandbox/sandbox.ts';
import type { EndReason } from '../telemetry/start-reason.ts';
import type { StartKind } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import type { Held } from './held.ts';
import type { Initialization, Origin, Pause, Retried } from './runners.ts';
import type { Processors } from './processor-watch.ts';
import type { Present } from './start-reason.ts';
import type { StartTurns } from './start-turns.ts';

/** A new environment, initialised, or what came of the attempt. */
export type Started =
  | {
      status: 'ready';
      environment: Environment;
      start: StartKind;
      origin: Origin;
      provisionUs: number;
      initUs: number;
      retried?: Retried;
    }
  | {
      status: 'init_failed';
      failure: Failure;
      environment: Environment;
      start: StartKind;
      origin: Origin;
      provisionUs: number;
      initUs: number;
      memoryBytesMax: number | undefined;
      retried?: Retried;
      /** It was not tried: this is the last failure of several. */
      pause?: Pause;
    }
  | { status: 'full' }
  | { status: 'unavailable'; message: string };

/** An environment whose code is being loaded, and which takes an invocation meanwhile. */
export type Initialising = { environment: Environment; start: StartKind; origin: Origin; provisionUs: number };

export type RunnerHost = {
  clock: Clock;
  /** Chance, from 0 to 1. */
  fraction(): number;
  /** Whose turn it is to start one, among all versions. */
  turns: Pick<StartTurns, 'ask'>;
  /** Whether one more environment may be there, if need be in an idle one's stead. */
  hasRoom(): boolean;
  /** Whether this version has more than its share of the machine while another has less, and waits. */
  mustYield(): boolean;
  /** Versions that have busy environments. */
  busyVersions(): number;
  /** Absent: it is not known how busy they are. */
  processors: Processors | undefined;
  /** Starts of provided environments of one version under way at the same time: nobody waits for those. */
  startsAtOnceMax: number;
  /** `present`: what the runner sees of its others. `initialising`: called at most once, before it resolves. */
  start(
    resolved: Resolved,
    initialization: Initialization,
    present: Present,
    initialising?: (one: Initialising) => void,
  ): Promise<Started>;
  /** An environment of this runner has ended or is to be ended; the host stops it and forgets it. */
  end(environment: Environment, reason: EndReason, detail?: string): void;
  /** How many of those that are to be provided are ready has changed. */
  provided(): void;
  /** One more is free. Called for every request. */
  freed(): void;
  /** One that rested (see `Held`) is in use again. */
  restingUsed(held: Held): void;
  /** One that rested ends, or has ended. */
  restingLost(held: Held, reason: EndReason): void;
  /** Free environments have appeared, or the last has gone: there may be room for others, or nothing left here. */
  changed(): void;
};

/**
 * The port of runners/: warm environments. It leases one environment to one invocation, starts more when somebody
 * waits, keeps those that are free for the next, and ends those that nobody has used for a while.
 *
 * It never asks the registry (invoke/ resolves first and passes the version), never looks at an event, and does not
 * decide who is admitted (invoke/admit.ts). The number of environments, of those who wait and of their patience is bounded.
 */
import type { Resolved } from '../registry/registry.ts';
import type { Environment, Failure } from '../sandbox/sandbox.ts';
import type { EndReason, StartReason } from '../telemetry/start-reason.ts';
import type { StartKind } from '../telemetry/telemetry.ts';
import type { EnvironmentId, FunctionArn } from '../util/ids.ts';

/** Of an environment: when (epoch ms) and why it was started, and how long it took to find a place for it. */
export type Origin = { startedMs: number; reason: StartReason; placeUs: number };

/**
 * One invocation's hold on one environment, which runs it alone or, where it is quick, after others that were handed over
 * before. Ends with exactly one of `release`, `giveBack` and `discard`.
 */
export type Lease = {
  environment: Environment;
  start: StartKind;
  /** It is one of those that are kept ready. */
  provided: boolean;
  origin: Origin;
  /** 0 unless this invocation waited for it. */
  placeUs: number;
  provisionUs: number;
  /** Where the invocation is handed over while its environment is initialised: set when that is over. */
  initUs: number;
  /** Its environment was initialised again, for this invocation. */
  retried?: Retried;
  /** It ran, and the environment is still good. `busyMs`: how long the handler took, without what delayed us. */
  release(busyMs: number): void;
  /** It did not begin: nothing was learned, and it may be leased elsewhere. */
  giveBack(): void;
  /** It has ended, or must not be used again. */
  discard(reason: EndReason): void;
};

/** An initialisation that failed; its environment has ended. */
export type FailedInit = { failure: Failure; environmentId: EnvironmentId; initUs: number };

/**
 * As on Lambda: after an initialisation that failed, another is done in the time of the invocation that waits for it.
 * `spentUs`: how much of that it took. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
 */
export type Retried = { first: FailedInit; spentUs: number };

/** After `failures` initialisations that failed in a row none is tried until then, in epoch ms. */
export type Pause = { failures: number; untilMs: number };

export type LeaseOutcome =
  | { status: 'leased'; lease: Lease }
  /** The function's own code could not be loaded. */
  | {
      status: 'init_failed';
      failure: Failure;
      environmentId: EnvironmentId;
      start: StartKind;
      origin: Origin;
      provisionUs: number;
      initUs: number;
      memoryBytesMax: number | undefined;
      retried?: Retried;
      pause?: Pause;
    }
  /** Every environment that this machine may have is busy, and the wait was over. */
  | { status: 'full'; retryAfterMs: number }
  /** No environment could be made. */
  | { status: 'unavailable'; message: string };

/** Why an environment was initialised: Lambda's words, as its code reads them. */
export type Initialization = 'on-demand' | 'provisioned-concurrency' | 'snap-start';

/** Provisioned concurrency of one version. `failure`: why the last start failed, if it did. */
export type Provided = { wanted: number; ready: number; failure?: string };

/** For whom somebody waits. */
export type Caller = { readonly isGone?: boolean };

/** How somebody waits for an environment. */
export type Wait = {
  /** One that is busy will not do. */
  alone?: boolean;
  /** For whom: who has gone waits no longer. */
  caller?: Caller | undefined;
  /** He has waited before, from then on (monotonic ms), and what he had then came to nothing: he has the place that he had. */
  sinceMs?: number | undefined;
};

export interface Runners extends AsyncDisposable {
  /** An idle environment of this version, at once, or undefined. */
  tryLease(resolved: Resolved): Lease | undefined;
  /** Whether `lease` would send away who came now, and when that one is to come back. */
  refusal(resolved: Resolved): { retryAfterMs: number } | undefined;
  /** An environment, or the reason why not; waits for one to be free or made. */
  lease(resolved: Resolved, wait?: Wait): Promise<LeaseOutcome>;
  /** The version's function was redeployed or removed (`reason`: `deploy`), or its runtime has another release: its environments go as soon as they are free. */
  retire(keep: (resolved: Resolved) => boolean, reason?: EndReason): void;
  /**
   * From now on so many environments of these versions, and of no others, are initialised and stay: used before others,
   * never ended for being idle, replaced when they end.
   */
  provide(wanted: readonly { resolved: Resolved; count: number }[]): void;
  /** Templates of these, which are all that have SnapStart, are made now, and not only once a start has shown that they are worth it. */
  prepare(versions: readonly Resolved[]): Promise<void>;
  /** Why a version's environments begin with no template; undefined: nothing is known that would prevent it. */
  whyNoTemplate(resolved: Resolved): string | undefined;
  /** How far that has come for a version. */
  provided(resolved: Resolved): Provided;
  /** What is there now, of one function or in all, for reports. */
  counts(functionArn?: FunctionArn): { busy: number; idle: number; starting: number; prebooted: number };
  /** Which version lives in an environment; undefined for a generic or ended one. */
  inhabitant(environment: EnvironmentId): Resolved | undefined;
}

/**
 * Why an invocation had no warm environment, and why environments end, in words that are kept on disk and counted in
 * metrics: both sets are bounded. runners/start-reason.ts decides; control/why.ts says it in sentences.
 */

/** Why an environment ended. */
export const endReasons = [
  /** Nobody used it for as long as the policy of its function keeps one. */
  'idle',
  /** Another function's needed its place. */
  'evicted',
  /** The machine's memory, or the share of it that idle environments may have, was used up. */
  'memory',
  /** A deployment, a change of settings or an alias left its version behind. */
  'deploy',
  /** Its credentials would soon have run out. */
  'age',
  /** A newer release of its runtime is there, or did not start it. */
  'runtime_release',
  /** Its process exited or was killed. */
  'crash',
  'timeout',
  'out_of_memory',
  /** Its code could not be loaded. */
  'init_failed',
  /** Its function's environments are used once. */
  'no_reuse',
  /** It was one of those that were kept ready, and no longer is. */
  'unprovided',
  'shutdown',
] as const;
export type EndReason = (typeof endReasons)[number];

/** Why an environment was started. */
export type StartReason =
  /** Nothing is known of an earlier one of this function. */
  | { kind: 'first' }
  /** The function has run, and this version of it, with these settings, has not. */
  | { kind: 'deploy' }
  /** There were others of the version, and none of them had room. */
  | { kind: 'scale_out'; busy: number; starting: number }
  /** The machine had as many environments as it may have; the start waited until one of them had ended. */
  | { kind: 'limit'; waitedMs: number }
  /** There were none: the last one had ended, at `endedMs` (epoch). `detail`: what the policy that ended it says. */
  | { kind: Exclude<EndReason, 'deploy' | 'shutdown'>; endedMs: number; detail?: string }
  /** There were some when the platform stopped, and it has been started since. */
  | { kind: 'restart'; endedMs?: number }
  /** None was: so many initialisations had failed in a row that the next is not tried before `untilMs` (epoch). */
  | { kind: 'paused'; failures: number; untilMs: number }
  /** Nobody waited: provisioned concurrency keeps some ready. */
  | { kind: 'provisioned' }
  /** Nobody waited: an invocation was expected. `detail`: by what. */
  | { kind: 'predicted'; detail?: string };

export type StartReasonKind = StartReason['kind'];

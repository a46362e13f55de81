/** What those who decide what to keep see of one version's environments: a runner, less what serves invocations. */
import type { Resolved } from '../registry/registry.ts';
import type { EndReason } from '../telemetry/start-reason.ts';
import type { EnvironmentId } from '../util/ids.ts';
import type { Held } from './held.ts';

export interface WarmRunner {
  readonly resolved: Resolved;
  /** Free ones that are not to be there always: who was free first is first. */
  readonly idle: readonly Held[];
  /** `idle`: with those that are to be there always. */
  readonly counts: { busy: number; idle: number; starting: number };
  /** Invocations since it has had environments. */
  readonly uses: number;
  /** Ends one that is idle. */
  endIdle(held: Held, reason: EndReason, detail?: string): void;
  /** Starts one that nobody waits for; undefined: it could not be. `expected`: why, for the record. */
  startAhead(expected: string): Promise<EnvironmentId | undefined>;
}

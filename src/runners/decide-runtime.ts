/**
 * Which release of its runtime a version's new environments start with, and what becomes of a newer one. Pure.
 *
 *   found on the machine → tried (`auto`: a share of new environments) → adopted, or refused and never tried again
 *                        → taken at the next deployment (`function_update`), or not at all (`manual`)
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html
 */
import type { FunctionRecord, RuntimeManagement } from '../registry/function.ts';
import { never } from '../util/assert.ts';
import type { VersionId } from '../util/ids.ts';

export type Release = {
  id: string;
  version: string;
  /** When it was first seen on this machine. */
  foundMs: number;
};

/** What one version of a function has decided so far. */
export type Decided = { adopted?: string; refused: readonly string[] };

export type Choice =
  /** `trial`: a newer one that a share of new environments start with. */
  { status: 'use'; release: Release; trial?: Release } | { status: 'gone'; pinned: string };

/** What holds for a version: its own, or what `$LATEST` has, since deployments publish versions without asking for one. */
export function runtimeManagementOf({ extras }: FunctionRecord, version: VersionId): RuntimeManagement {
  return extras.runtimeManagement[version] ?? extras.runtimeManagement['$LATEST'] ?? { mode: 'auto' };
}

/**
 * `releases`: those that environments can start with, oldest first, at least one. `deployedMs`: when the version was
 * made. A release that was there before that needs no trial: whoever deployed saw it work.
 */
export function decideRuntime(
  management: RuntimeManagement,
  deployedMs: number,
  releases: readonly [Release, ...Release[]],
  decided: Decided,
): Choice {
  const { mode } = management;
  const asDeployed = (atMs: number): Release =>
    releases.findLast(({ foundMs, id }) => foundMs <= atMs && !decided.refused.includes(id)) ?? releases[0];
  switch (mode) {
    case 'manual': {
      const pinned = management.runtimeVersion ?? '';
      const release = releases.find(({ id }) => id === pinned);
      return release === undefined ? { status: 'gone', pinned } : { status: 'use', release };
    }
    case 'function_update':
      return { status: 'use', release: asDeployed(Math.max(deployedMs, management.sinceMs ?? 0)) };
    case 'auto': {
      const deployed = asDeployed(deployedMs);
      const adopted = releases.find(({ id }) => id === decided.adopted);
      const release = adopted !== undefined && adopted.foundMs > deployed.foundMs ? adopted : deployed;
      const newest = releases.findLast(({ id }) => !decided.refused.includes(id));
      return newest === undefined || newest.foundMs <= release.foundMs
        ? { status: 'use', release }
        : { status: 'use', release, trial: newest };
    }
    default:
      return never(mode);
  }
}

/** Initialisations and invocations on one release since the trial began. */
export type Tally = { runs: number; failures: number };

/** One failure may be chance. */
const failuresMin = 2;
/** Runs without which nobody can say that it works. */
const runsMin = 20;
/** Functions that are called often have so many runs at once: long enough for what happens every few minutes. */
const trialMsMin = 10 * 60_000;
/** Of functions that are seldom called: long enough for what happens once a day. */
const trialMsMax = 24 * 3_600_000;
/** Functions fail now and then by their own doing: so much more often is no chance. */
const worseFactor = 2;

/** A failure: what the runtime, not the function's own code, reports (`Runtime.*`, the process ended by itself). */
export function judgeTrial(sinceMs: number, nowMs: number, old: Tally, trial: Tally): 'go on' | 'adopt' | 'refuse' {
  const isWorse = shareOf(trial) > worseFactor * shareOf(old);
  const ageMs = nowMs - sinceMs;
  if (trial.failures >= failuresMin && isWorse) return 'refuse';
  if (trial.runs >= runsMin && ageMs >= trialMsMin && !isWorse) return 'adopt';
  if (ageMs < trialMsMax || trial.runs === 0) return 'go on';
  return isWorse ? 'refuse' : 'adopt';
}

const shareOf = ({ runs, failures }: Tally): number => (runs === 0 ? 0 : failures / runs);

/** Warm environments: how many there may be on this machine, which are kept ready, and what becomes of those of older versions. */
import { availableParallelism, totalmem } from 'node:os';
import type { TemporaryCredentials } from './identity/temporary-credentials.ts';
import type { Registry, Resolved } from './registry/registry.ts';
import { machineProcessors } from './runners/machine-processors.ts';
import { OpenRunners } from './runners/open-runners.ts';
import type { KeepPolicy } from './runners/predict/keeper.ts';
import { RuntimeReleases } from './runners/runtime-releases.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import type { Records } from './store/records.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { atMostEvery } from './util/at-most-every.ts';
import type { Clock } from './util/clock.ts';
import type { Ids } from './util/ids.ts';
import { limits } from './util/limits.ts';
import { allVersions, deployedRuntimes, liveVersion, recentVersions } from './deployed-runtimes.ts';
import type { ExplainedStarts } from './explained-starts.ts';
import { createFunctionVariables } from './function-variables.ts';
import type { ResolveReferences } from './resolve-references.ts';
import { historiesOnRecord } from './histories-on-record.ts';
import { toProvide } from './keep-provisioned.ts';
import { snapStarted } from './snap-started.ts';

export type RunnersParts = {
  mode: 'serve' | 'dev';
  region: string;
  sandbox: Sandbox;
  /** A function's own variables, where they refer to something, or are under a key of a customer's. */
  resolveReferences: ResolveReferences;
  records: Records;
  registry: Registry;
  sessions: TemporaryCredentials;
  explained: Pick<ExplainedStarts, 'history'>;
  telemetry: Telemetry;
  prebooted: number;
  /** How long idle environments are kept; absent: as calls are expected. */
  keep?: KeepPolicy;
  /** What idle and pre-booted environments may hold altogether; absent: a share of the machine's memory. */
  warmBytesMax?: number;
  clock: Clock;
  ids: Ids;
  log: (message: string) => void;
  report: (message: string, cause: unknown) => void;
};

export type WiredRunners = AsyncDisposable & { runners: OpenRunners; releases: RuntimeReleases };

/** It looks at every function, of which a deployment may change thousands, one by one. */
const keepWarmEveryMs = 200;
/** The share of the machine's memory that idle environments and pre-booted ones may hold. */
const warmMemoryShare = 0.35;
/**
 * What one environment is taken to need when the machine's memory is shared out: a warm Node.js process, its sandbox and
 * what the kernel has of it. A hello of many measures 12 MB in Node.js, 7 MB in Python (bench/many.ts).
 */
const environmentBytes = 16 * 1024 * 1024;
/** A start is mostly computing, with short waits for the kernel. */
const startsPerProcessor = 2;
/** The share of the machine's memory that environments may have. */
const memoryShare = 0.7;

export async function wireRunners(parts: RunnersParts): Promise<WiredRunners> {
  const { mode, region, sandbox, records, registry, sessions, explained, telemetry } = parts;
  const { clock, ids, log, report } = parts;
  await using opening = new AsyncDisposableStack();
  const releases = await RuntimeReleases.open({
    records,
    sandbox,
    clock,
    ids,
    // Who develops wants the newest at once.
    tries: mode === 'serve',
    deployed: () => allVersions(registry),
    replace(version) {
      runners.retire(
        ({ version: { arn, version: number } }) => arn !== version.arn || number !== version.version,
        'runtime_release',
      );
      keepWarm();
    },
    log,
  });
  opening.defer(() => releases.close());
  telemetry.attach(releases);
  const functionVariables = createFunctionVariables({ region, sessions });
  const runners = opening.use(
    new OpenRunners({
      sandbox,
      releases,
      clock,
      ids,
      telemetry,
      variablesFor(resolved, environmentId, initialization) {
        const { environment, environmentKey, references } = resolved.version.settings;
        const complete = (own: typeof environment): Record<string, string> =>
          functionVariables(resolved, environmentId, { nowMs: clock.now(), initialization, environment: own });
        return references === undefined && environmentKey?.sealed === undefined
          ? complete(environment)
          : parts.resolveReferences(resolved, environmentId).then(complete);
      },
      keep: parts.keep ?? { kind: 'predicted', season: true },
      warmBytesMax: parts.warmBytesMax ?? totalmem() * warmMemoryShare,
      machineMemory: () => ({ totalBytes: totalmem(), availableBytes: process.availableMemory() }),
      histories: historiesOnRecord({ records, clock, onError: report }),
      current: (arn) => liveVersion(registry, arn, ids),
      environmentsMax: Math.min(
        limits.accountConcurrencyMax,
        Math.max(4, Math.floor((totalmem() * memoryShare) / environmentBytes)),
      ),
      prebootedEach: parts.prebooted,
      startsAtOnceMax: startsPerProcessor * availableParallelism(),
      processors: machineProcessors,
      past: ({ version }) => explained.history.past(version),
      warn: log,
    }),
  );
  runners.recall().catch((error: unknown) => report('what was learned of idle times cannot be read', error));
  const keepWarm = atMostEvery(keepWarmEveryMs, clock, () => {
    wantKinds().catch((error: unknown) => report('no environments can be kept ready', error));
    runners.provide(toProvide(registry, ids));
    runners.retire((resolved) => isCurrent(registry, resolved));
    const preparing = snapStarted(registry, ids).then((versions) => runners.prepare(versions));
    preparing.catch((error: unknown) => report('no templates can be made ahead', error));
  });
  let wanted = 0;
  async function wantKinds(): Promise<void> {
    const turn = ++wanted;
    const { kinds, ofAccounts } = await deployedRuntimes({ registry, releases, ids });
    if (turn !== wanted) return;
    runners.want(kinds, ofAccounts);
    await runners.expectCalls(recentVersions(registry, ids, clock.now()));
  }
  keepWarm();
  registry.watch(keepWarm);

  const opened = opening.move();
  return { runners, releases, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** An environment stays while its version is what $LATEST or an alias means, or is to be kept ready. */
function isCurrent(registry: Registry, { version }: Resolved): boolean {
  const record = registry.get(version.account, version.name);
  if (record === undefined) return false;
  const isLatest = version.version === record.latest.version && version.settingsHash === record.latest.settingsHash;
  return (
    isLatest ||
    record.extras.provisioned[version.version] !== undefined ||
    Object.values(record.aliases).some((alias) => alias.version === version.version || version.version in alias.weights)
  );
}

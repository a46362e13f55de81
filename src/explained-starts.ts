/** What starts/ is given of the registry: what a version is, and whose versions there are. */
import type { Registry } from './registry/registry.ts';
import { EnvironmentHistory } from './starts/environment-history.ts';
import { StartCounts } from './starts/start-counts.ts';
import type { Records } from './store/records.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import type { Clock } from './util/clock.ts';
import type { AccountId, BundleHash, Ids, RequestId } from './util/ids.ts';

export type ExplainedStartsOptions = {
  records: Records;
  clock: Clock;
  ids: Ids;
  telemetry: Telemetry;
  registry: Registry & { bundleBytes(hash: BundleHash): number | undefined };
};

export type ExplainedStarts = AsyncDisposable & { history: EnvironmentHistory; counts: StartCounts };

/** Listens from now on. */
export async function explainStarts(options: ExplainedStartsOptions): Promise<ExplainedStarts> {
  const { records, clock, ids, telemetry, registry } = options;
  /** Whoever has functions, or has run something since the platform was started: theirs is what is to be looked after. */
  const accounts = new Set([...options.registry.all()].map(({ account }) => account));
  const settingsOf = (account: AccountId, name: string, version: string | undefined) => {
    accounts.add(account);
    return registry.resolve(account, name, version, ids.uuid() as RequestId)?.version.settings;
  };
  /** The function's code and its layers, zipped. */
  const packageBytes = (account: AccountId, name: string, version: string): number | undefined => {
    const settings = settingsOf(account, name, version);
    const code = settings === undefined ? undefined : registry.bundleBytes(settings.bundle);
    if (code === undefined) return undefined;
    return (settings?.layers ?? []).reduce((sum, { zipBytes }) => sum + zipBytes, code);
  };
  const history = await EnvironmentHistory.open({ records, clock, accounts: () => [...accounts], packageBytes });
  const counts = new StartCounts({
    records,
    clock,
    bootId: ids.hex(8),
    accounts: () => [...accounts],
    kindOf(account, name, version) {
      const runtime = settingsOf(account, name, version)?.runtime;
      return runtime === undefined ? undefined : { runtime, packageBytes: packageBytes(account, name, version) };
    },
  });
  const attached = [history, counts].map((sink) => telemetry.attach(sink));
  return {
    history,
    counts,
    async [Symbol.asyncDispose]() {
      for (const sink of attached) sink.detach();
      await Promise.all([history[Symbol.asyncDispose](), counts[Symbol.asyncDispose]()]);
    },
  };
}

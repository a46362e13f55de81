/** What is deployed, as those see it who keep runtimes ready and look after their releases. */
import { liveQualifier, type FunctionRecord } from './registry/function.ts';
import type { Registry, Resolved } from './registry/registry.ts';
import { bootKind } from './runners/version-key.ts';
import type { BootKind } from './runners/prebooted.ts';
import { runtimeKey, type RuntimeOfAccount } from './runners/runtime-templates.ts';
import type { RuntimeReleases, VersionOfFunction } from './runners/runtime-releases.ts';
import { aheadMax, forgottenMs } from './runners/versions-ahead.ts';
import { parseArn } from './util/arn.ts';
import type { AccountId, FunctionArn, Ids, RequestId } from './util/ids.ts';

/** Runtime, memory, network and size of /tmp together make a kind. */
const prebootedKindsMax = 6;

/**
 * The kinds of environment that functions need, those that most need first: each costs memory even where nobody calls;
 * likewise whose runtimes are which.
 */
export async function deployedRuntimes(options: {
  registry: Registry;
  releases: Pick<RuntimeReleases, 'settled'>;
  ids: Ids;
}): Promise<{ kinds: BootKind[]; ofAccounts: RuntimeOfAccount[] }> {
  const { registry, releases, ids } = options;
  const kinds = new Map<string, { kind: BootKind; functions: number }>();
  const ofAccounts = new Map<string, { whose: RuntimeOfAccount; functions: number }>();
  for (const record of registry.all()) {
    const version = called(registry, record, ids)?.version ?? record.latest;
    const release = await releases.settled({ function: record, version });
    const kind = bootKind(version.settings, release?.id);
    const key = JSON.stringify(kind);
    const counted = kinds.get(key) ?? { kind, functions: 0 };
    kinds.set(key, { kind, functions: counted.functions + 1 });
    if (version.settings.template === false) continue;
    const whose = { account: record.account, kind };
    const runtime = runtimeKey(whose);
    const known = ofAccounts.get(runtime) ?? { whose, functions: 0 };
    ofAccounts.set(runtime, { ...known, functions: known.functions + 1 });
  }
  const byUse = <One extends { functions: number }>(counted: Iterable<One>): One[] =>
    [...counted].sort((a, b) => b.functions - a.functions);
  return {
    kinds: byUse(kinds.values())
      .slice(0, prebootedKindsMax)
      .map(({ kind }) => kind),
    ofAccounts: byUse(ofAccounts.values()).map(({ whose }) => whose),
  };
}

/** What was deployed just now and may be called soon, the newest first. */
export function recentVersions(registry: Registry, ids: Ids, nowMs: number): { resolved: Resolved; agoMs: number }[] {
  const recent: { resolved: Resolved; agoMs: number }[] = [];
  for (const record of registry.all()) {
    const resolved = called(registry, record, ids);
    if (resolved === undefined) continue;
    const agoMs = nowMs - resolved.version.createdMs;
    if (agoMs < forgottenMs) recent.push({ resolved, agoMs });
  }
  return recent.toSorted((a, b) => a.agoMs - b.agoMs).slice(0, aheadMax);
}

/** What a call of a function that names no version would get. */
const called = (registry: Registry, record: FunctionRecord, ids: Ids): Resolved | undefined =>
  registry.resolve(record.account, record.name, liveQualifier(record), ids.uuid() as RequestId);

export function liveVersion(registry: Registry, arn: FunctionArn, ids: Ids): Resolved | undefined {
  const { account = '', resource = '' } = parseArn(arn) ?? {};
  const name = resource.slice('function:'.length);
  const record = registry.get(account as AccountId, name);
  return record === undefined ? undefined : called(registry, record, ids);
}

export async function allVersions(registry: Registry): Promise<VersionOfFunction[]> {
  const all: VersionOfFunction[] = [];
  for (const record of registry.all()) {
    const numbered = await registry.versions(record.account, record.name);
    all.push(...[record.latest, ...numbered].map((version) => ({ function: record, version })));
  }
  return all;
}

/** Between the registry, which knows which versions have SnapStart, and the runners, which make their templates. */
import type { Registry, Resolved } from './registry/registry.ts';
import type { Ids, RequestId } from './util/ids.ts';

/** Of each function: older versions are started as others are, until somebody calls them. */
const newestMax = 2;

/** The versions whose templates are made as soon as they are published: the newest, and those that aliases point to. */
export async function snapStarted(registry: Registry, ids: Ids): Promise<Resolved[]> {
  const found: Resolved[] = [];
  for (const record of registry.all()) {
    if (record.latest.settings.snapStart !== true) continue;
    const versions = await registry.versions(record.account, record.name);
    const withIt = versions.filter(({ settings }) => settings.snapStart === true);
    const newest = withIt.toSorted((a, b) => Number(b.version) - Number(a.version)).slice(0, newestMax);
    const pointedTo = new Set(Object.values(record.aliases).map(({ version }) => version));
    const wanted = withIt.filter((one) => newest.includes(one) || pointedTo.has(one.version));
    for (const { version } of wanted) {
      const resolved = registry.resolve(record.account, record.name, version, ids.uuid() as RequestId);
      if (resolved !== undefined) found.push(resolved);
    }
  }
  return found;
}

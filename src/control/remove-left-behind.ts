import { historyMax, liveAlias, type FunctionRecord } from '../registry/function.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, VersionId } from '../util/ids.ts';
import type { ControlContext } from './endpoint.ts';

/**
 * Versions that deployments made and that a rollback does not come back to any more, and their code with them: who deploys at
 * every change would keep each of them for ever. What something else names stays as long as it does, and what somebody
 * published himself stays until he deletes it.
 */
export async function removeLeftBehind(
  { registry, bindings, isNamedElsewhere }: Pick<ControlContext, 'registry' | 'bindings' | 'isNamedElsewhere'>,
  account: AccountId,
  name: string,
): Promise<void> {
  for (const version of leftBehind(registry.get(account, name))) {
    const isBound = bindings
      .list(account)
      .some(({ functionName, qualifier }) => functionName === name && qualifier === version);
    if (isBound || (await isNamedElsewhere(account, name, version))) continue;
    try {
      await registry.deleteVersion(account, name, version);
    } catch (error) {
      // An alias has just been moved there.
      if (!(error instanceof PlatformError) || error.code !== 'conflict') throw error;
    }
  }
}

/** Older than all that `live` remembers, once it remembers as much as it ever does. */
function leftBehind(record: FunctionRecord | undefined): readonly VersionId[] {
  const live = record?.aliases[liveAlias];
  if (record === undefined || live === undefined || live.history.length < historyMax) return [];
  const oldest = Math.min(...[live.version, ...live.history].map(Number));
  const deployed = record.extras.deployedVersions ?? [];
  return deployed.filter((version) => Number(version) < oldest && !isNamed(record, version));
}

function isNamed({ aliases, extras }: FunctionRecord, version: VersionId): boolean {
  const { urls, policies, eventInvokes, provisioned, runtimeManagement } = extras;
  return (
    Object.values(aliases).some((alias) => alias.version === version || Object.hasOwn(alias.weights, version)) ||
    [urls, policies, eventInvokes, provisioned, runtimeManagement].some((of) => Object.hasOwn(of, version))
  );
}

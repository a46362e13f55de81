import { liveAlias, type FunctionRecord } from '../registry/function.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, VersionId } from '../util/ids.ts';
import type { ControlContext } from './endpoint.ts';

/**
 * Versions that a rollback does not come back to any more since `live` has moved on, and their code with them: who deploys at
 * every change would keep each of them for ever. What something else names stays, and so do versions that no deployment made.
 */
export async function removeLeftBehind(
  { registry, bindings }: Pick<ControlContext, 'registry' | 'bindings'>,
  account: AccountId,
  name: string,
  before: FunctionRecord | undefined,
): Promise<void> {
  const after = registry.get(account, name);
  const [were, are] = [before, after].map((record) => record?.aliases[liveAlias]?.history ?? []);
  const left = were?.filter((version) => are?.includes(version) === false) ?? [];
  for (const version of left) {
    if (after === undefined || isNamed(after, version)) continue;
    const isBound = bindings
      .list(account)
      .some(({ functionName, qualifier }) => functionName === name && qualifier === version);
    if (isBound) continue;
    try {
      await registry.deleteVersion(account, name, version);
    } catch (error) {
      // An alias has just been moved there.
      if (!(error instanceof PlatformError) || error.code !== 'conflict') throw error;
    }
  }
}

function isNamed({ aliases, extras }: FunctionRecord, version: VersionId): boolean {
  const { urls, policies, eventInvokes, provisioned, runtimeManagement } = extras;
  return (
    Object.values(aliases).some((alias) => alias.version === version || Object.hasOwn(alias.weights, version)) ||
    [urls, policies, eventInvokes, provisioned, runtimeManagement].some((of) => Object.hasOwn(of, version))
  );
}

import type { DeployedFunction } from '../manifest/deployment.ts';
import { liveAlias, type FunctionExtras } from '../registry/function.ts';
import type { AccountId, VersionId } from '../util/ids.ts';
import type { ControlContext } from './endpoint.ts';
import { removeLeftBehind } from './remove-left-behind.ts';

/**
 * Settings → version → `live` moves. Where environments are to be kept ready, `live` moves once as many of the new version
 * are, so that nobody waits for one; those of the version before go after that. Repeated after a crash it comes to the same.
 */
export async function deployFunction(
  { registry, bindings, isNamedElsewhere, clock, provisioned: ready }: ControlContext,
  account: AccountId,
  application: string,
  { name, settings, url, provisioned = 0, signature }: DeployedFunction,
): Promise<void> {
  await registry.put(account, name, settings, { application, url, ...(signature !== undefined && { signature }) });
  const { version } = await registry.publish(account, name, { isDeployed: true });
  const live = registry.get(account, name)?.aliases[liveAlias]?.version;
  if (provisioned > 0 && live !== undefined && live !== version) {
    await registry.edit(account, name, ({ extras }) => ({
      ...extras,
      provisioned: { ...extras.provisioned, [version]: { count: provisioned, modifiedMs: clock.now() } },
    }));
    await ready(account, name, version);
  }
  await registry.pointAlias(account, name, liveAlias, version);
  await registry.edit(account, name, ({ extras }) => ({
    ...extras,
    provisioned: withProvisioned(extras.provisioned, version, provisioned, clock.now()),
  }));
  await removeLeftBehind({ registry, bindings, isNamedElsewhere }, account, name);
}

/** What the deployment says is what there is behind its alias and the version there; other qualifiers' are not its own. */
function withProvisioned(
  { [liveAlias]: present, ...provisioned }: FunctionExtras['provisioned'],
  version: VersionId,
  count: number,
  modifiedMs: number,
): FunctionExtras['provisioned'] {
  const { [version]: _ofVersion, ...others } = provisioned;
  if (count === 0) return others;
  return { ...others, [liveAlias]: present?.count === count ? present : { count, modifiedMs } };
}

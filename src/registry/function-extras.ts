/** What a function has beside its settings, when a qualifier goes or a deployment gives it an address. Pure. */
import type { Ids, VersionId } from '../util/ids.ts';
import { liveAlias, publicUrlStatements, type FunctionExtras, type FunctionUrl } from './function.ts';

/** Without what belonged to a qualifier that is gone. */
export function without(extras: FunctionExtras, qualifier: string): FunctionExtras {
  const drop = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(Object.entries(record).filter(([key]) => key !== qualifier));
  return {
    ...extras,
    urls: drop(extras.urls),
    policies: drop(extras.policies),
    eventInvokes: drop(extras.eventInvokes),
    provisioned: drop(extras.provisioned),
    runtimeManagement: drop(extras.runtimeManagement),
    ...(extras.deployedVersions !== undefined && {
      deployedVersions: extras.deployedVersions.filter((version) => version !== qualifier),
    }),
  };
}

/** With the version among those that deployments may remove, or no longer. The same value where nothing changes. */
export function withDeployed(extras: FunctionExtras, version: VersionId, isDeployed: boolean): FunctionExtras {
  const { deployedVersions: before = [] } = extras;
  if (before.includes(version) === isDeployed) return extras;
  const others = before.filter((one) => one !== version);
  return { ...extras, deployedVersions: isDeployed ? [...others, version] : others };
}

/** The address that a deployment gives, or takes back, with everybody's permission to call it. */
export function withDeployedUrl(
  extras: FunctionExtras,
  wanted: boolean | undefined,
  { ids, nowMs }: { ids: Ids; nowMs: number },
): FunctionExtras {
  if (wanted === undefined) return extras;
  const { [liveAlias]: present, ...urls } = extras.urls;
  const { [liveAlias]: statements = [], ...policies } = extras.policies;
  const others = statements.filter(({ id }) => !publicUrlStatements.some((own) => own.id === id));
  if (!wanted)
    return { ...extras, urls, policies: others.length === 0 ? policies : { ...policies, [liveAlias]: others } };
  const made: FunctionUrl = { urlId: ids.hex(16), auth: 'none', streams: false, createdMs: nowMs, modifiedMs: nowMs };
  return {
    ...extras,
    urls: { ...urls, [liveAlias]: present ?? made },
    policies: { ...policies, [liveAlias]: [...others, ...publicUrlStatements] },
  };
}

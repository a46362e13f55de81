/** What functions' resource policies grant, by the ARNs that permissions are asked for. */
import { resourcePolicyAllows } from './identity/resource-policy.ts';
import type { Principal } from './identity/principal.ts';
import { resourceStatements } from './registry/function.ts';
import type { Registry } from './registry/registry.ts';
import { latestVersion, type AccountId } from './util/ids.ts';

/** With or without a version or alias: each has a policy of its own. */
const pattern = /^arn:aws:lambda:[a-z0-9-]+:(\d{12}):function:([A-Za-z0-9_-]+)(?::([A-Za-z0-9_$-]+))?$/;

export function functionGrants(
  registry: Pick<Registry, 'get'>,
): (principal: Principal, access: { action: string; resource: string }) => boolean {
  return (principal, { action, resource }) => {
    const [, account, name, qualifier = latestVersion] = pattern.exec(resource) ?? [];
    if (account === undefined || name === undefined) return false;
    const record = registry.get(account as AccountId, name);
    if (record === undefined) return false;
    return resourcePolicyAllows(resourceStatements(record, qualifier), {
      action,
      asker: { kind: 'principal', principal },
    });
  };
}

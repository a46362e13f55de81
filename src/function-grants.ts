/** What functions' resource policies say of who may use them, by the ARNs that permissions are asked for. */
import type { SideOf } from './aws/authorization.ts';
import { resourceTagKeys } from './identity/condition-keys.ts';
import { createResourcePolicyReader, lambdaKeys } from './identity/resource-policy.ts';
import { resourceStatements } from './registry/function.ts';
import type { Registry } from './registry/registry.ts';
import { latestVersion, type AccountId } from './util/ids.ts';

/** With or without a version or alias: each has a policy of its own. */
const pattern = /^arn:aws:lambda:[a-z0-9-]+:(\d{12}):function:([A-Za-z0-9_-]+)(?::([A-Za-z0-9_$-]+))?$/;

/** What comes over a function's own address is asked for where it comes in. */
const direct = lambdaKeys({});

export function functionSides(registry: Pick<Registry, 'get'>): SideOf {
  const documentOf = createResourcePolicyReader();
  return (_who, { resource }) => {
    const [, account, name, qualifier = latestVersion] = pattern.exec(resource) ?? [];
    if (account === undefined || name === undefined) return undefined;
    const record = registry.get(account as AccountId, name);
    if (record === undefined) return { account };
    const tags = resourceTagKeys(record.extras.tags);
    return {
      account,
      document: documentOf(resourceStatements(record, qualifier)),
      keys: (key) => direct[key] ?? tags(key),
    };
  };
}

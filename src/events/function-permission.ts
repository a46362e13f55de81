import { resourcePolicyAllows } from '../identity/resource-policy.ts';
import { resourceStatements } from '../registry/function.ts';
import type { Registry } from '../registry/registry.ts';
import type { AccountId, Ids, RequestId } from '../util/ids.ts';

/**
 * Whether a service may call a function, or send to a queue or topic: there is one, and it lets that service in for what it
 * names. `denied`: its policy keeps it out, whatever else would let it in.
 */
export type Permission = 'allowed' | 'missing' | 'denied' | 'not_allowed';

/** On whose behalf a service asks. */
export type OnBehalf = { service: string; sourceArn: string; sourceAccount: AccountId };

export type FunctionPermission = (account: AccountId, name: string, qualifier: string, asker: OnBehalf) => Permission;

/**
 * What a deployment made is granted to its own account by the deployment; a function of somebody's own, and senders of
 * other accounts, are what its resource policy is asked for.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
export function functionPermission(registry: Pick<Registry, 'get' | 'resolve'>, ids: Ids): FunctionPermission {
  return (account, name, qualifier, asker) => {
    const record = registry.get(account, name);
    const resolved = registry.resolve(account, name, qualifier, ids.uuid() as RequestId);
    if (record === undefined || resolved === undefined) return 'missing';
    if (record.application !== undefined && asker.sourceAccount === account) return 'allowed';
    const isAllowed = resourcePolicyAllows(resourceStatements(record, qualifier), {
      action: 'lambda:InvokeFunction',
      asker: { kind: 'service', ...asker },
    });
    return isAllowed ? 'allowed' : 'not_allowed';
  };
}

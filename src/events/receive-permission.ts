import { lambdaService } from '../identity/standing.ts';
import type { Binding } from '../registry/binding.ts';
import type { Registry } from '../registry/registry.ts';
import type { Identities } from '../resources/iam/identities.ts';
import { functionArn, type AccountId, type Ids, type RequestId } from '../util/ids.ts';
import type { Roles } from './role-permission.ts';

/** A function and the queue that Lambda takes messages from for it. */
export type Receipt = { account: AccountId; functionName: string; qualifier: string; queue: string };

export type ReceivePermission = {
  /** What the function's role does not allow, and why; undefined: all that it takes, or IAM has no such role. */
  whyNot(receipt: Receipt): { action: string; why: string } | undefined;
  /** Calls back when that may have changed. */
  watch(changed: () => void): { stop(): void };
};

export type ReceivePermissionParts = {
  registry: Pick<Registry, 'resolve' | 'watch'>;
  identities: Pick<Identities, 'roleByArn'>;
  roles: Roles;
  region: string;
  ids: Ids;
};

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions */
const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'] as const;

/**
 * Lambda takes messages as the function's role. A function whose role is none of IAM's has what its deployment gave it, and
 * what is bound to it by the deployment is granted by that.
 */
export function receivePermission(parts: ReceivePermissionParts): ReceivePermission {
  const { registry, identities, roles, region, ids } = parts;
  return {
    whyNot({ account, functionName, qualifier, queue }) {
      const resolved = registry.resolve(account, functionName, qualifier, ids.uuid() as RequestId);
      const role = resolved?.version.settings.role;
      if (role === undefined || identities.roleByArn(role) === undefined) return undefined;
      const sourceArn = functionArn(region, account, functionName);
      const behalf = { service: lambdaService, sourceArn, sourceAccount: account };
      const resource = `arn:aws:sqs:${region}:${account}:${queue}`;
      for (const action of actions) {
        const why = roles.whyNot({ roleArn: role, behalf, action, resource });
        if (why !== undefined) return { action, why };
      }
      return undefined;
    },
    watch(changed) {
      const watches = [roles.watch(changed), registry.watch(changed)];
      return {
        stop() {
          for (const watch of watches) watch.stop();
        },
      };
    },
  };
}

export const receiptOf = ({
  account,
  functionName,
  qualifier,
  source,
}: Binding & { source: { kind: 'queue'; queue: string } }): Receipt => ({
  account,
  functionName,
  qualifier,
  queue: source.queue,
});

import { lambdaService } from '../identity/standing.ts';
import type { Binding } from '../registry/binding.ts';
import type { Registry } from '../registry/registry.ts';
import type { Identities } from '../resources/iam/identities.ts';
import { functionArn, type AccountId, type Ids, type RequestId } from '../util/ids.ts';
import type { Roles } from './role-permission.ts';

/** A function, and what Lambda does in its name to take messages or records for it. */
export type Receipt = {
  account: AccountId;
  functionName: string;
  qualifier: string;
  needs: readonly { action: string; resource: string }[];
};

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

/**
 * Lambda takes messages and records as the function's role. A function whose role is none of IAM's has what its deployment
 * gave it, and what is bound to it by the deployment is granted by that.
 */
export function receivePermission(parts: ReceivePermissionParts): ReceivePermission {
  const { registry, identities, roles, region, ids } = parts;
  return {
    whyNot({ account, functionName, qualifier, needs }) {
      const resolved = registry.resolve(account, functionName, qualifier, ids.uuid() as RequestId);
      const role = resolved?.version.settings.role;
      if (role === undefined || identities.roleByArn(role) === undefined) return undefined;
      const sourceArn = functionArn(region, account, functionName);
      const behalf = { service: lambdaService, sourceArn, sourceAccount: account };
      for (const { action, resource } of needs) {
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

type Reader = Pick<Binding, 'account' | 'functionName' | 'qualifier'>;

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions */
const queueActions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'] as const;

export const receiptOfQueue = (
  region: string,
  { account, functionName, qualifier, source }: Reader & { source: { queue: string } },
): Receipt => {
  const resource = `arn:aws:sqs:${region}:${account}:${source.queue}`;
  return { account, functionName, qualifier, needs: queueActions.map((action) => ({ action, resource })) };
};

/** https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html#events-dynamodb-permissions */
export const streamActions = ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream'] as const;

export const receiptOfStream = ({ account, functionName, qualifier }: Reader, resource: string): Receipt => ({
  account,
  functionName,
  qualifier,
  needs: [...streamActions.map((action) => ({ action, resource })), { action: 'dynamodb:ListStreams', resource: '*' }],
});

import { lambdaService } from '../identity/standing.ts';
import type { Registry } from '../registry/registry.ts';
import type { Identities } from '../resources/iam/identities.ts';
import { parseArn } from '../util/arn.ts';
import { PlatformError } from '../util/errors.ts';
import { functionArn, latestVersion, type AccountId, type Ids, type RequestId } from '../util/ids.ts';
import type { Roles } from './role-permission.ts';

/** A function whose records and dead letters Lambda sends somewhere. */
export type Deliverer = {
  account: AccountId;
  functionName: string;
  qualifier?: string;
  /** Where objects of its kind lie; absent: with those of asynchronous events. */
  folder?: string;
};

export type DeliverPermission = {
  /** What the function's role does not allow, and why; undefined: it may, or IAM has no such role. `destination`: an ARN. */
  whyNot(of: Deliverer, destination: string): { action: string; why: string } | undefined;
  /** The same of a role that a function is to have. */
  whyRoleMayNot(role: string, of: Deliverer, destination: string): { action: string; why: string } | undefined;
};

export type DeliverPermissionParts = {
  registry: Pick<Registry, 'resolve'>;
  identities: Pick<Identities, 'roleByArn'>;
  roles: Pick<Roles, 'whyNot'>;
  region: string;
  ids: Ids;
};

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations */
const actions: Readonly<Record<string, string>> = {
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
  lambda: 'lambda:InvokeFunction',
  events: 'events:PutEvents',
  s3: 's3:PutObject',
};

/**
 * Lambda sends as the function's role. A function whose role is none of IAM's has what its deployment gave it, and what the
 * deployment names as its destination is granted by that.
 */
export function deliverPermission(parts: DeliverPermissionParts): DeliverPermission {
  const { registry, identities, roles, region, ids } = parts;

  function whyRoleMayNot(
    roleArn: string,
    { account, functionName, folder = `async/${functionName}` }: Deliverer,
    destination: string,
  ): { action: string; why: string } | undefined {
    const action = actions[parseArn(destination)?.service ?? ''];
    if (action === undefined || identities.roleByArn(roleArn) === undefined) return undefined;
    const sourceArn = functionArn(region, account, functionName);
    const behalf = { service: lambdaService, sourceArn, sourceAccount: account };
    const resource = action === 's3:PutObject' ? `${destination}/aws/lambda/${folder}/*` : destination;
    const why = roles.whyNot({ roleArn, behalf, action, resource });
    return why === undefined ? undefined : { action, why };
  }

  return {
    whyRoleMayNot,
    whyNot(of, destination) {
      const { account, functionName, qualifier = latestVersion } = of;
      const role = registry.resolve(account, functionName, qualifier, ids.uuid() as RequestId)?.version.settings.role;
      return role === undefined ? undefined : whyRoleMayNot(role, of, destination);
    },
  };
}

/** Throws `permission_denied`. */
export function requireDelivery(permission: DeliverPermission | undefined, of: Deliverer, destination: string): void {
  const refused = permission?.whyNot(of, destination);
  if (refused !== undefined) throw new PlatformError('permission_denied', refused.why);
}

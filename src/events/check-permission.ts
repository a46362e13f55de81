import { PlatformError } from '../util/errors.ts';
import type { OnBehalf, Permission } from './function-permission.ts';

/** Throws `not_found` or `permission_denied` where a service may not. `what`: `the queue jobs`. */
export function checkPermission(permission: Permission, what: string, { service, sourceArn }: OnBehalf): void {
  if (permission === 'missing') throw new PlatformError('not_found', `${what} does not exist`);
  if (permission === 'not_allowed')
    throw new PlatformError('permission_denied', `the policy of ${what} does not let ${service} in for ${sourceArn}`);
}

import { PlatformError } from '../util/errors.ts';
import { parseArn } from '../util/arn.ts';
import type { Permission } from './function-permission.ts';
import type { Sending } from './target.ts';

/**
 * Throws `not_found` or `permission_denied` where what is sent is not let in: by the receiver's own policy, or with a role
 * of the account that sends and receives, which lets in whom that policy does not name but nobody whom it denies.
 * `what`: `the queue jobs`.
 */
export function checkPermission(
  permission: Permission,
  what: string,
  { behalf, roleArn, arn }: Pick<Sending, 'behalf' | 'roleArn' | 'arn'>,
): void {
  if (permission === 'missing') throw new PlatformError('not_found', `${what} does not exist`);
  const { service, sourceArn, sourceAccount } = behalf;
  if (permission === 'denied')
    throw new PlatformError('permission_denied', `the policy of ${what} denies ${service} for ${sourceArn}`);
  const role = roleArn === undefined ? undefined : parseArn(roleArn);
  const isWithinAccount = role?.account === sourceAccount && parseArn(arn)?.account === sourceAccount;
  if (permission === 'not_allowed' && !isWithinAccount)
    throw new PlatformError('permission_denied', `the policy of ${what} does not let ${service} in for ${sourceArn}`);
}

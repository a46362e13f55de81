import { PlatformError } from '../util/errors.ts';
import type { Permission } from './function-permission.ts';
import type { Roles } from './role-permission.ts';
import type { Sending } from './target.ts';

/**
 * Throws `not_found` or `permission_denied` where what is sent is not let in: by the receiver's own policy, or with a role
 * of the account that sends, which must allow it, and which lets in whom that policy does not name but nobody whom
 * it denies. `what`: `the queue jobs`. `action`: what it takes, `sqs:SendMessage`.
 */
export function checkPermission(
  permission: Permission,
  what: string,
  { behalf, roleArn, arn }: Pick<Sending, 'behalf' | 'roleArn' | 'arn'>,
  { action, roles }: { action: string; roles: Pick<Roles, 'whyNot'> },
): void {
  if (permission === 'missing') throw new PlatformError('not_found', `${what} does not exist`);
  const { service, sourceArn } = behalf;
  if (permission === 'denied')
    throw new PlatformError('permission_denied', `the policy of ${what} denies ${service} for ${sourceArn}`);
  if (permission === 'allowed') return;
  const unsaid = `the policy of ${what} does not let ${service} in for ${sourceArn}`;
  if (roleArn === undefined) throw new PlatformError('permission_denied', unsaid);
  const whyNot = roles.whyNot({ roleArn, behalf, action, resource: arn });
  if (whyNot !== undefined) throw new PlatformError('permission_denied', `${unsaid}, and ${whyNot}`);
}

/** Who used what of what he may, as it is kept for whoever wants to allow less. */
import type { Principal } from './identity/principal.ts';
import type { Registry } from './registry/registry.ts';
import type { PermissionHolder, UsedPermissions } from './resources/used-permissions.ts';

type Access = { action: string; resource: string };

/** Of the account itself, and of strangers, there is nothing to allow less. */
export const notePermissionUse =
  (used: UsedPermissions) =>
  (principal: Principal, accesses: readonly Access[]): void => {
    const holder = holderOf(principal);
    if (holder === undefined) return;
    for (const { action, resource } of accesses) used.note(principal.account, holder, action, resource);
  };

function holderOf(principal: Principal): PermissionHolder | undefined {
  if (principal.kind === 'function') return `function/${principal.functionName}`;
  if (principal.kind === 'role') return `role/${principal.roleName}`;
  return principal.kind === 'user' ? `user/${principal.userName}` : undefined;
}

/** A function that is gone leaves nothing to one that gets its name. */
export function forgetUseOfRemoved(used: UsedPermissions, registry: Pick<Registry, 'watch' | 'get'>): void {
  registry.watch((account, name) => {
    if (registry.get(account, name) === undefined) used.forget(account, `function/${name}`);
  });
}

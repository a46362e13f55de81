/**
 * Whom a statement of a resource's policy means.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { generatedRoleArn } from './generated-role.ts';
import type { Principal } from './principal.ts';

/** Who asks: somebody with or without credentials, a service on behalf of a resource, or somebody with another issuer's token. */
export type Asker =
  | { kind: 'principal'; principal: Principal }
  | { kind: 'service'; service: string; sourceArn?: string; sourceAccount?: string }
  | { kind: 'federated'; provider: string };

/**
 * How closely somebody is meant: by an ARN of his own (a user, a session), by that of his role, with everybody, or with all
 * of an account, which leaves it to the account whom of its own it lets.
 */
export type Reach = 'self' | 'role' | 'everyone' | 'account';

export const accountRoot = (account: string): string => `arn:aws:iam::${account}:root`;

/** `AWS`: the names of that kind, and so on; `everyone`: `*` alone. */
export type PrincipalElement =
  | { kind: 'everyone' }
  | {
      kind: 'listed';
      aws: readonly string[];
      services: readonly string[];
      providers: readonly string[];
    };

/** Undefined: not meant. */
export function reachOf(element: PrincipalElement, asker: Asker): Reach | undefined {
  if (element.kind === 'everyone') return 'everyone';
  switch (asker.kind) {
    case 'service':
      return element.services.some((name) => name === '*' || name === asker.service) ? 'self' : undefined;
    case 'federated':
      return element.providers.includes(asker.provider) ? 'self' : undefined;
    case 'principal':
      return closest(element.aws, asker);
  }
}

const order: readonly Reach[] = ['self', 'role', 'everyone', 'account'];

function closest(names: readonly string[], asker: Extract<Asker, { kind: 'principal' }>): Reach | undefined {
  let found: Reach | undefined;
  for (const name of names) {
    const reach = reachOfName(name, asker);
    if (reach !== undefined && (found === undefined || order.indexOf(reach) < order.indexOf(found))) found = reach;
  }
  return found;
}

function reachOfName(name: string, asker: Extract<Asker, { kind: 'principal' }>): Reach | undefined {
  if (name === '*') return 'everyone';
  const { principal } = asker;
  if (principal.kind === 'anonymous') return undefined;
  if (name === principal.account || name === accountRoot(principal.account)) return 'account';
  if (name === principal.arn) return 'self';
  return name === roleArnOf(principal) ? 'role' : undefined;
}

/** Of sessions of roles. */
export function roleArnOf(principal: Principal): string | undefined {
  if (principal.kind === 'role') return principal.roleArn;
  if (principal.kind !== 'function') return undefined;
  return principal.roleArn ?? generatedRoleArn(principal.account, principal.functionName);
}

/** What a role says itself of who may assume it: asked with everything that STS is asked of a role. */
import { parsePolicyDocument, type PolicyDocument } from '../../identity/policy-document.ts';
import type { Role } from '../../resources/iam/iam-entities.ts';
import type { Identities } from '../../resources/iam/identities.ts';
import type { SideOf } from '../authorization.ts';

/** Undefined: it is no role. One that is not there has no trust, so nobody may. */
export function createTrustSide({ identities }: { identities: Pick<Identities, 'roleByArn'> }): SideOf {
  const parsed = new WeakMap<Role, PolicyDocument>();

  return (_principal, { action, resource }) => {
    if (!action.startsWith('sts:')) return undefined;
    const [, account] = /^arn:aws:iam::(\d{12}):role\//.exec(resource) ?? [];
    if (account === undefined) return undefined;
    const role = identities.roleByArn(resource);
    return { account, isRequired: true, document: role === undefined ? undefined : trustOf(role) };
  };

  function trustOf(role: Role): PolicyDocument {
    const document = parsed.get(role) ?? parsePolicyDocument(role.trust, 'trust');
    parsed.set(role, document);
    return document;
  }
}

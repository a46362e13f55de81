/** What a request's sender is known to be, under the names of global keys. What else is known of it comes with the request. */
import { never } from '../util/assert.ts';
import type { ConditionContext, ConditionKeys, KeyValue } from './condition-keys.ts';
import type { Principal } from './principal.ts';
import { userIdOf } from './user-id.ts';
import { roleArnOf, type Asker } from './principal-element.ts';

/** `context` comes first: it says what the sender does not, such as the tags of his user. */
export function askerKeys(asker: Asker, context: ConditionContext = {}): ConditionKeys {
  return (name) => {
    const known = Object.hasOwn(context, name) ? context[name] : undefined;
    return known ?? keyOf(asker, name);
  };
}

function keyOf(asker: Asker, name: string): KeyValue | undefined {
  switch (asker.kind) {
    case 'service':
      return serviceKey(asker, name);
    case 'federated':
      return name === 'aws:federatedprovider' ? asker.provider : undefined;
    case 'principal':
      return principalKey(asker, name);
    default:
      return never(asker);
  }
}

function serviceKey(asker: Extract<Asker, { kind: 'service' }>, name: string): KeyValue | undefined {
  switch (name) {
    case 'aws:sourcearn':
      return asker.sourceArn;
    case 'aws:sourceaccount':
    case 'aws:sourceowner':
      return asker.sourceAccount;
    case 'aws:principalservicename':
      return asker.service;
    case 'aws:principalservicenameslist':
      return [asker.service];
    case 'aws:principalisawsservice':
      return 'true';
    default:
      return undefined;
  }
}

const tagPrefix = 'aws:principaltag/';

function principalKey(asker: Extract<Asker, { kind: 'principal' }>, name: string): KeyValue | undefined {
  const { principal } = asker;
  if (name === 'aws:principalisawsservice') return 'false';
  if (name === 'aws:principaltype') return typeOf(principal);
  if (principal.kind === 'anonymous') return name === 'aws:userid' ? 'anonymous' : undefined;
  if (name.startsWith(tagPrefix)) return tagOf(principal, name.slice(tagPrefix.length));
  const session = 'session' in principal ? principal.session : undefined;
  switch (name) {
    case 'aws:principalarn':
      return roleArnOf(principal) ?? principal.arn;
    case 'aws:principalaccount':
      return principal.account;
    case 'aws:userid':
      return userIdOf(principal);
    case 'aws:username':
      return principal.kind === 'user' ? principal.userName : undefined;
    case 'aws:viaawsservice':
      return 'false';
    case 'aws:tokenissuetime':
      return session === undefined ? undefined : new Date(session.issuedMs).toISOString();
    case 'aws:sourceidentity':
      return session?.sourceIdentity;
    case 'aws:federatedprovider':
      return session?.provider;
    case 'aws:multifactorauthpresent':
      // Nobody here has a second factor; of who signs with a key for long it is not said.
      return session === undefined && principal.kind !== 'function' ? undefined : 'false';
    case 'lambda:sourcefunctionarn':
      return principal.kind === 'function' ? principal.functionArn : undefined;
    default:
      return undefined;
  }
}

/** Keys of tags are compared without regard to case, as those of conditions are. */
function tagOf(principal: Principal, name: string): string | undefined {
  const tags = 'session' in principal ? principal.session?.tags : undefined;
  return Object.entries(tags ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
}

function typeOf(principal: Principal): string {
  switch (principal.kind) {
    case 'administrator':
      return 'Account';
    case 'user':
      return 'User';
    case 'role':
    case 'function':
      return 'AssumedRole';
    case 'federated':
      return 'FederatedUser';
    case 'anonymous':
      return 'Anonymous';
    default:
      return never(principal);
  }
}

/**
 * What somebody may do of himself: the policies of his user, role or function, of his session and of his account, together
 * with what conditions may ask of him. Read from memory; documents are parsed once.
 */
import type { PolicyStatement } from '../registry/function.ts';
import { roleArn, type Permissions, type Tags } from '../resources/iam/iam-entities.ts';
import type { Identities } from '../resources/iam/identities.ts';
import { never } from '../util/assert.ts';
import type { Clock } from '../util/clock.ts';
import type { AccountId } from '../util/ids.ts';
import type { ConditionContext } from './condition-keys.ts';
import { noPolicies, type Policies } from './evaluate.ts';
import { permissionsDocument } from './permissions-document.ts';
import { decide, parsePolicyDocument, type PolicyDocument, type PolicyKind } from './policy-document.ts';
import type { Asker } from './principal-element.ts';
import type { Principal, SessionFacts } from './principal.ts';

export type Standing = {
  asker: Extract<Asker, { kind: 'principal' }>;
  policies: Policies;
  /** His tags, and the time. */
  keys: ConditionContext;
};

/** What a function is given by its maker: statements of its own, or a role. */
export type FunctionGrants = { permissions: readonly PolicyStatement[]; role?: string };

export type StandingParts = {
  /** Absent: there are no users and no roles. */
  identities?: Pick<Identities, 'of' | 'role' | 'roleByArn' | 'policyByArn' | 'revision'>;
  /** Of the version that lives in the environment from which somebody asks; undefined: there is none. */
  grantsOf: (principal: Extract<Principal, { kind: 'function' }>) => FunctionGrants | undefined;
  /**
   * What conditions take for the time where nobody says it with the request: calls of schedules, of keys, of the admin API.
   * Absent: they do not know it there.
   */
  clock?: Pick<Clock, 'now'>;
  /** What an account is bounded by, level by level. */
  limitsOf?: (account: AccountId) => Policies['organisation'];
};

export const lambdaService = 'lambda.amazonaws.com';
/** Documents of each kind kept parsed: those of a few hundred roles; a further one takes the place of the oldest. */
const documentsMax = 2_000;

const everything: PolicyDocument = parsePolicyDocument(
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
  'identity',
);

export type ReadDocument = (text: string, kind: PolicyKind) => PolicyDocument;

export function createPolicyCache(): ReadDocument {
  const ofKind = (): Map<string, PolicyDocument> => new Map();
  // A text is known by itself, without being put together with anything for each question.
  const parsed = { identity: ofKind(), resource: ofKind(), trust: ofKind() };
  return (text, kind) => {
    const documents = parsed[kind];
    const known = documents.get(text);
    if (known !== undefined) return known;
    const document = parsePolicyDocument(text, kind);
    const [oldest] = documents.keys();
    if (documents.size >= documentsMax && oldest !== undefined) documents.delete(oldest);
    documents.set(text, document);
    return document;
  };
}

const nobody: Required<StandingParts>['identities'] = {
  of: () => ({ get: () => undefined, list: () => [] }),
  role: () => undefined,
  roleByArn: () => undefined,
  policyByArn: () => undefined,
  revision: 0,
};

export function createStandings({
  identities = nobody,
  grantsOf,
  clock,
  limitsOf,
}: StandingParts): (principal: Principal) => Standing {
  const read = createPolicyCache();
  const held = new WeakMap<object, { revision: number; policies: Policies }>();
  const ofManifests = new WeakMap<readonly PolicyStatement[], Policies>();

  /** Of a user or a role, as long as nothing has changed. */
  function policiesOf(
    holder: Permissions & { account: AccountId; boundary?: string; groups?: readonly string[] },
  ): Policies {
    const known = held.get(holder);
    if (known?.revision === identities.revision) return known.policies;
    const groups = (holder.groups ?? []).flatMap((name) => identities.of(holder.account).get('group', name) ?? []);
    const policies: Policies = {
      identity: [holder, ...groups].flatMap(permittedBy),
      ...(holder.boundary !== undefined && { boundary: managed(holder.boundary) ?? { statements: [] } }),
    };
    held.set(holder, { revision: identities.revision, policies });
    return policies;
  }

  const permittedBy = ({ inline, attached }: Permissions): PolicyDocument[] => [
    ...Object.values(inline).map((text) => read(text, 'identity')),
    ...attached.flatMap((arn) => managed(arn) ?? []),
  ];

  function managed(arn: string): PolicyDocument | undefined {
    const policy = identities.policyByArn(arn);
    const version = policy?.versions.find(({ id }) => id === policy.defaultVersion);
    return version === undefined ? undefined : read(version.text, 'identity');
  }

  const sessionPolicies = ({ policies, policyArns }: SessionFacts): PolicyDocument[] => [
    ...policies.map((text) => read(text, 'identity')),
    ...policyArns.flatMap((arn) => managed(arn) ?? []),
  ];

  const isNarrowed = ({ policies, policyArns }: SessionFacts): boolean => policies.length + policyArns.length > 0;

  function ofFunction(principal: Extract<Principal, { kind: 'function' }>): Omit<Standing, 'keys'> & { tags: Tags } {
    const grants = grantsOf(principal);
    const role = grants?.role === undefined ? undefined : identities.roleByArn(grants.role);
    if (role !== undefined && role.account === principal.account) {
      // As AWS names it: a session of the role, called like the function.
      const arn = `arn:aws:sts::${role.account}:assumed-role/${role.name}/${principal.functionName}`;
      const asker = {
        kind: 'principal',
        principal: { ...principal, arn, roleId: role.id, roleArn: roleArn(role) },
      } as const;
      const nowMs = clock?.now();
      const isTrusted = trustsService(read(role.trust, 'trust'), lambdaService, principal.functionArn, nowMs);
      return { asker, policies: isTrusted ? policiesOf(role) : noPolicies, tags: role.tags };
    }
    return { asker: askerOf(principal), policies: grants === undefined ? noPolicies : given(grants), tags: {} };
  }

  function given({ permissions }: FunctionGrants): Policies {
    const policies = ofManifests.get(permissions) ?? { identity: [permissionsDocument(permissions)] };
    ofManifests.set(permissions, policies);
    return policies;
  }

  /** A role of the name that the function has is not the function's. */
  function askerOf(principal: Extract<Principal, { kind: 'function' }>): Standing['asker'] {
    const isTaken = identities.role(principal.account, principal.functionName) !== undefined;
    return { kind: 'principal', principal: isTaken ? { ...principal, roleArn: principal.arn } : principal };
  }

  function own(principal: Principal): { asker?: Standing['asker']; policies: Policies; tags: Tags } {
    switch (principal.kind) {
      case 'anonymous':
        return { policies: noPolicies, tags: {} };
      case 'administrator':
        return { policies: { identity: [everything] }, tags: {} };
      case 'function':
        return ofFunction(principal);
      case 'user': {
        const user = identities.of(principal.account).get('user', principal.userName);
        // One of the same name that was made since is somebody else.
        if (user === undefined || user.id !== principal.userId) return { policies: noPolicies, tags: {} };
        return { policies: policiesOf(user), tags: user.tags };
      }
      case 'role': {
        const role = identities.roleByArn(principal.roleArn);
        if (role === undefined || role.id !== principal.roleId) return { policies: noPolicies, tags: {} };
        const policies = policiesOf(role);
        const { session } = principal;
        return {
          policies: isNarrowed(session) ? { ...policies, session: sessionPolicies(session) } : policies,
          tags: role.tags,
        };
      }
      case 'federated': {
        // Whoever gives such a session no policies gives it no permissions.
        const session = sessionPolicies(principal.session);
        if (principal.userName === undefined) return { policies: { identity: [everything], session }, tags: {} };
        const user = identities.of(principal.account).get('user', principal.userName);
        return { policies: user === undefined ? noPolicies : { ...policiesOf(user), session }, tags: {} };
      }
      default:
        return never(principal);
    }
  }

  return (principal) => {
    const { asker = { kind: 'principal', principal }, policies, tags } = own(principal);
    const organisation = limitsOf?.(principal.account);
    return {
      asker,
      policies: organisation === undefined ? policies : { ...policies, organisation },
      keys: {
        ...(clock !== undefined && timeKeys(clock.now())),
        ...tagKeys(tags, 'session' in principal ? principal.session?.tags : undefined),
      },
    };
  };
}

/** As conditions ask for the time. */
export const timeKeys = (nowMs: number): ConditionContext => ({
  'aws:currenttime': new Date(nowMs).toISOString(),
  'aws:epochtime': String(Math.floor(nowMs / 1_000)),
});

/** A session's own stand over those of its role or user. Keys of conditions are compared in lower case. */
function tagKeys(tags: Tags, ofSession: Tags = {}): ConditionContext {
  const all = [...Object.entries(tags), ...Object.entries(ofSession)];
  return Object.fromEntries(all.map(([key, value]) => [`aws:principaltag/${key.toLowerCase()}`, value]));
}

/** Whether a service may have a role. `sourceArn`: of what it acts for. `nowMs`: what conditions take for the time. */
export function trustsService(
  trust: PolicyDocument,
  service: string,
  sourceArn: string,
  nowMs: number | undefined,
): boolean {
  const [, account] = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(sourceArn) ?? [];
  const asker: Asker = {
    kind: 'service',
    service,
    sourceArn,
    ...(account !== undefined && { sourceAccount: account }),
  };
  const context = nowMs === undefined ? {} : timeKeys(nowMs);
  return decide(trust, { action: 'sts:AssumeRole', resource: '', asker, context }) === 'allowed';
}

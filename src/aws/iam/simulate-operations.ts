/**
 * What policies would decide, without asking for it in earnest: the same evaluation as of real calls, with the statements
 * that led there. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
 *
 * Of what a request would have, only what the caller of this gives is known, and who `CallerArn` is.
 */
import type * as Wire from '@aws-sdk/client-iam';
import { askerKeys } from '../../identity/asker-keys.ts';
import type { ConditionContext, ConditionKeys } from '../../identity/condition-keys.ts';
import { evaluate, type Verdict } from '../../identity/evaluate.ts';
import { keysAsked, reachIn, type PolicyDocument, type Statement } from '../../identity/policy-document.ts';
import type { Asker } from '../../identity/principal-element.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Permissions } from '../../resources/iam/iam-entities.ts';
import { parseArn } from '../../util/arn.ts';
import type { AccountId } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onAll, onArn } from './access.ts';
import { isProvided, needGroup, needUser, seenRole } from './entities.ts';
import { invalidInput } from './iam-errors.ts';
import type { IamParts } from './iam-parts.ts';
import { pageOf } from './pages.ts';
import { checkPolicy } from './policy-text.ts';

type Source = { id: string; type: string; text: string; document: PolicyDocument };

type SimulationInput = Omit<Wire.SimulateCustomPolicyRequest, 'PolicyInputList'> & {
  PolicyInputList?: string[] | undefined;
};

export const simulateCustomPolicy = (): OperationEntry => ({
  access: () => onAll('SimulateCustomPolicy'),
  run({ account }: AwsContext, input: SimulationInput): Promise<Wire.SimulatePolicyResponse> {
    return Promise.resolve(simulated(account, input, given(input), input.CallerArn, undefined));
  },
});

export const simulatePrincipalPolicy = (parts: IamParts): OperationEntry => ({
  access: (_context, { PolicySourceArn }: Wire.SimulatePrincipalPolicyRequest) =>
    onArn('SimulatePrincipalPolicy', PolicySourceArn),
  run({ account }: AwsContext, input: Wire.SimulatePrincipalPolicyRequest): Promise<Wire.SimulatePolicyResponse> {
    const { sources, boundary } = ofPrincipal(parts, account, input.PolicySourceArn);
    const isUser = /:user\//.test(input.PolicySourceArn ?? '');
    const caller = input.CallerArn ?? (isUser ? input.PolicySourceArn : undefined);
    return Promise.resolve(simulated(account, input, [...sources, ...given(input)], caller, boundary));
  },
});

export const getContextKeysForCustomPolicy = (): OperationEntry => ({
  access: () => onAll('GetContextKeysForCustomPolicy'),
  run(
    _context: AwsContext,
    input: Wire.GetContextKeysForCustomPolicyRequest,
  ): Promise<Wire.GetContextKeysForPolicyResponse> {
    return Promise.resolve({ ContextKeyNames: keysIn(given(input)) });
  },
});

export const getContextKeysForPrincipalPolicy = (parts: IamParts): OperationEntry => ({
  access: (_context, { PolicySourceArn }: Wire.GetContextKeysForPrincipalPolicyRequest) =>
    onArn('GetContextKeysForPrincipalPolicy', PolicySourceArn),
  run({ account }: AwsContext, input: Wire.GetContextKeysForPrincipalPolicyRequest): Promise<object> {
    const { sources } = ofPrincipal(parts, account, input.PolicySourceArn);
    return Promise.resolve({ ContextKeyNames: keysIn([...sources, ...given(input)]) });
  },
});

const keysIn = (sources: readonly Source[]): string[] => [
  ...new Set(sources.flatMap(({ document }) => [...keysAsked(document)])),
];

const read = (text: string, id: string, type: string): Source => ({
  id,
  type,
  text,
  document: checkPolicy(text, type === 'Resource Policy' ? 'resource' : 'identity'),
});

const given = ({ PolicyInputList: texts = [] }: { PolicyInputList?: string[] | undefined }): Source[] =>
  texts.map((text, index) => read(text, `PolicyInputList.${index + 1}`, 'IAM Policy'));

/** All that somebody has, with its boundary. Errors: NoSuchEntity, InvalidInput. */
function ofPrincipal(
  parts: IamParts,
  account: AccountId,
  arn = '',
): { sources: Source[]; boundary: Source | undefined } {
  const { resource = '', account: owner } = parseArn(arn) ?? {};
  const [kind = '', ...path] = resource.split('/');
  const name = path.at(-1) ?? '';
  if (owner !== account || path.length === 0 || !['user', 'group', 'role'].includes(kind))
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  const reader = parts.identities.of(account);
  const managed = (policyArn: string): Source | undefined => {
    const policy = parts.identities.policyByArn(policyArn);
    const version = policy?.versions.find(({ id }) => id === policy.defaultVersion);
    if (policy === undefined || version === undefined) return undefined;
    return read(version.text, policy.name, isProvided(policy) ? 'aws-managed' : 'user-managed');
  };
  const of = (holder: Permissions & { name: string }, type: string): Source[] => [
    ...Object.entries(holder.inline).map(([policy, text]) => read(text, `${type}_${holder.name}_${policy}`, type)),
    ...holder.attached.flatMap((one) => managed(one) ?? []),
  ];
  if (kind === 'group') return { sources: of(needGroup(reader, name), 'group'), boundary: undefined };
  const bounded = (boundary: string | undefined): Source | undefined =>
    boundary === undefined ? undefined : managed(boundary);
  if (kind === 'role') {
    const role = seenRole(parts, account, name);
    return { sources: of(role, 'role'), boundary: bounded(role.boundary) };
  }
  const user = needUser(reader, name);
  const groups = user.groups.flatMap((one) => reader.get('group', one) ?? []);
  return {
    sources: [...of(user, 'user'), ...groups.flatMap((group) => of(group, 'group'))],
    boundary: bounded(user.boundary),
  };
}

function simulated(
  account: AccountId,
  input: SimulationInput,
  sources: readonly Source[],
  callerArn: string | undefined,
  ownBoundary: Source | undefined,
): Wire.SimulatePolicyResponse {
  const { ActionNames: actions = [], ResourceArns: resources = ['*'], ResourcePolicy: resourceText } = input;
  for (const action of actions)
    if (!/^[a-zA-Z0-9-]+:[a-zA-Z0-9]+$/.test(action)) throw invalidInput(`Invalid Entity Action ${action}`);
  if (resourceText !== undefined && callerArn === undefined)
    throw invalidInput('CallerArn is required with a ResourcePolicy: it says who is meant by it.');
  const resourceSource =
    resourceText === undefined ? undefined : read(resourceText, 'ResourcePolicy', 'Resource Policy');
  const { PermissionsBoundaryPolicyInputList: boundaries = [] } = input;
  const boundary =
    boundaries[0] === undefined
      ? ownBoundary
      : read(boundaries[0], 'PermissionsBoundaryPolicyInputList.1', 'Permissions Boundary Policy');
  const context = contextOf(input.ContextEntries);
  const simulation: Simulation = {
    asker: { kind: 'principal', principal: callerOf(account, callerArn) },
    context,
    sources,
    resourceSource,
    boundary,
    owner: parseArn(input.ResourceOwner ?? '')?.account ?? input.ResourceOwner ?? account,
  };
  const asked = actions.flatMap((action) => resources.map((resource) => ({ action, resource })));
  const { page, facts } = pageOf(asked, input);
  return { EvaluationResults: page.map((one) => resultOf(simulation, one)), ...facts };
}

type Simulation = {
  asker: Asker;
  context: ConditionContext;
  sources: readonly Source[];
  resourceSource: Source | undefined;
  boundary: Source | undefined;
  /** The account of the resource. */
  owner: string;
};

function resultOf(
  { asker, context, sources, resourceSource, boundary, owner }: Simulation,
  { action, resource }: { action: string; resource: string },
): Wire.EvaluationResult {
  const known = askerKeys(asker, context);
  // Nobody in particular has no name rather than an empty one.
  const keys: ConditionKeys = (name) => known(name) || undefined;
  const request = { action, resource, asker, keys };
  const identity = sources.map(({ document }) => document);
  const verdict = evaluate(
    request,
    { identity, boundary: boundary?.document },
    { account: owner, document: resourceSource?.document },
  );
  const all = [...sources, ...(resourceSource === undefined ? [] : [resourceSource])];
  const statementRequest = { ...request, action: action.toLowerCase() };
  const matched = all.flatMap((source) =>
    source.document.statements
      .filter((statement) => reachIn(statement, statementRequest) !== undefined)
      .map((statement) => ({ source, statement })),
  );
  const decisive = matched.filter(({ statement }) => verdict.decision !== 'denied' || statement.effect === 'deny');
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: decisionOf(verdict),
    MatchedStatements: decisive.map(({ source, statement }) => statementShown(source, statement)),
    MissingContextValues: missingKeys([...all, ...(boundary === undefined ? [] : [boundary])], keys),
    ...(boundary !== undefined && {
      PermissionsBoundaryDecisionDetail: {
        AllowedByPermissionsBoundary: evaluate(request, { identity: [boundary.document] }).decision === 'allowed',
      },
    }),
    ...(resourceSource !== undefined && {
      EvalDecisionDetails: {
        'IAM Policy': decisionOf(evaluate(request, { identity })),
        'Resource Policy': decisionOf(
          evaluate(request, { identity: [] }, { account: owner, document: resourceSource.document }),
        ),
      },
    }),
  };
}

const words = { allowed: 'allowed', denied: 'explicitDeny', not_allowed: 'implicitDeny' } as const;

const decisionOf = ({ decision }: Verdict): Wire.PolicyEvaluationDecisionType => words[decision];

const missingKeys = (sources: readonly Source[], keys: ConditionKeys): string[] =>
  keysIn(sources).filter((name) => keys(name.toLowerCase()) === undefined);

function statementShown({ id, type, text }: Source, { extent }: Statement): Wire.Statement {
  return {
    SourcePolicyId: id,
    SourcePolicyType: type as Wire.PolicySourceType,
    ...(extent !== undefined && { StartPosition: placeOf(text, extent.start), EndPosition: placeOf(text, extent.end) }),
  };
}

/** Both counted from 1. */
function placeOf(text: string, at: number): Wire.Position {
  const lines = text.slice(0, at).split('\n');
  return { Line: lines.length, Column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** Keys by name in lower case; those of lists have all their values. */
function contextOf(entries: readonly Wire.ContextEntry[] = []): ConditionContext {
  return Object.fromEntries(
    entries.map(({ ContextKeyName: name = '', ContextKeyValues: values = [], ContextKeyType: type = 'string' }) => [
      name.toLowerCase(),
      type.endsWith('List') ? values : values[0],
    ]),
  );
}

/** Who is simulated: nobody in particular without an ARN. Errors: InvalidInput. */
function callerOf(account: AccountId, arn: string | undefined): Principal {
  const nobody: Principal = { kind: 'user', account, arn: '', accessKeyId: '', userName: '', userId: '' };
  if (arn === undefined) return nobody;
  const { service, account: owner, resource = '' } = parseArn(arn) ?? {};
  const [kind, ...path] = resource.split('/');
  const name = path.at(-1) ?? '';
  if (service === 'iam' && kind === 'user')
    return { ...nobody, account: owner as AccountId, arn, userName: name, userId: '' };
  if (service === 'sts' && kind === 'assumed-role') {
    const [roleName = '', sessionName = ''] = path;
    return {
      kind: 'role',
      account: owner as AccountId,
      arn,
      accessKeyId: '',
      roleArn: `arn:aws:iam::${owner ?? account}:role/${roleName}`,
      roleName,
      roleId: '',
      sessionName,
      session: { issuedMs: 0, policies: [], policyArns: [], tags: {}, transitiveTagKeys: [] },
    };
  }
  if (service === 'iam' && kind === 'root')
    return { kind: 'administrator', account: owner as AccountId, arn, accessKeyId: '' };
  throw invalidInput(
    `Invalid Caller Arn: ${arn}: the ARN of a user, of a session of a role or of an account's root is accepted.`,
  );
}

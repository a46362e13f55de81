import type { AssumeRoleRequest, AssumeRoleResponse } from '@aws-sdk/client-sts';
import type { Principal, SessionFacts } from '../../identity/principal.ts';
import { roleArn, type Role } from '../../resources/iam/iam-entities.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { packedSize, sessionPolicies, tagConditions, tagsOf, wireCredentials } from './session-request.ts';
import { accessDenied, invalidParameter, validationError } from './sts-errors.ts';
import type { StsParts } from './sts-parts.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const secondsDefault = 3_600;
/** With a session of a role, however long the next one's may last. */
const chainedSecondsMax = 3_600;

/**
 * The role's trust policy is the resource's policy here: it has to allow it (also to set tags and a source identity, where
 * the session has any), and who is named in it needs no permission of his own within the account.
 */
export const assumeRole = (parts: StsParts): OperationEntry => ({
  access({ principal }, input: AssumeRoleRequest): readonly Access[] {
    const { RoleArn: resource = '' } = input;
    const tags = tagsOf(input.Tags);
    const before = sessionOf(principal);
    const sourceIdentity = input.SourceIdentity ?? before?.sourceIdentity;
    const conditions = {
      ...tagConditions(tags),
      'sts:rolesessionname': input.RoleSessionName,
      'sts:externalid': input.ExternalId,
      'sts:sourceidentity': input.SourceIdentity,
      'sts:durationseconds': input.DurationSeconds === undefined ? undefined : String(input.DurationSeconds),
      'sts:transitivetagkeys': input.TransitiveTagKeys,
    };
    const hasTags = Object.keys(tags).length > 0 || (before?.transitiveTagKeys.length ?? 0) > 0;
    const actions = [
      'sts:AssumeRole',
      ...(hasTags ? ['sts:TagSession'] : []),
      ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
    ];
    return actions.map((action) => ({ action, resource, conditions }));
  },

  async run({ principal }: AwsContext, input: AssumeRoleRequest): Promise<AssumeRoleResponse> {
    const { RoleArn: arn = '', RoleSessionName: sessionName = '' } = input;
    // As on AWS, where such a session may ask STS for nothing but who it is.
    if (principal.kind === 'federated') throw accessDenied('Cannot call AssumeRole with federated user credentials');
    if (input.SerialNumber !== undefined || input.TokenCode !== undefined || input.ProvidedContexts !== undefined)
      throw new PlatformError(
        'not_implemented',
        'Second factors (SerialNumber, TokenCode) and ProvidedContexts are not built.',
      );
    const role = parts.identities.roleByArn(arn);
    // It was there when its policy was asked.
    if (role === undefined) throw accessDenied(`The role ${arn} is gone.`);
    const nowMs = parts.clock.now();
    const facts: SessionFacts = {
      issuedMs: nowMs,
      ...sessionPolicies(parts, input),
      ...chainedTags(principal, tagsOf(input.Tags), input.TransitiveTagKeys ?? []),
      ...sourceIdentityOf(principal, input.SourceIdentity),
    };
    const packed = packedSize(facts);
    const seconds = secondsOf(principal, role, input.DurationSeconds);
    return {
      ...beginRoleSession(parts, role, { sessionName, facts, expiresMs: nowMs + seconds * 1000 }),
      ...(packed !== undefined && { PackedPolicySize: packed }),
      ...(facts.sourceIdentity !== undefined && { SourceIdentity: facts.sourceIdentity }),
    };
  },
});

export function beginRoleSession(
  { sessions }: Pick<StsParts, 'sessions'>,
  role: Role,
  { sessionName, facts, expiresMs }: { sessionName: string; facts: SessionFacts; expiresMs: number },
): Required<Pick<AssumeRoleResponse, 'Credentials' | 'AssumedRoleUser'>> {
  const { account, name: roleName, id: roleId } = role;
  const arn = `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`;
  const session = sessions.issue(
    { kind: 'role', account, arn, roleArn: roleArn(role), roleName, roleId, sessionName, session: facts },
    expiresMs,
  );
  return {
    Credentials: wireCredentials(session),
    AssumedRoleUser: { AssumedRoleId: `${roleId}:${sessionName}`, Arn: arn },
  };
}

const sessionOf = (principal: Principal): SessionFacts | undefined =>
  'session' in principal ? principal.session : undefined;

/** Errors: ValidationError. */
function secondsOf(principal: Principal, role: Role, wanted: number | undefined): number {
  const isChained = principal.kind === 'role' || principal.kind === 'function';
  if (wanted === undefined) return Math.min(secondsDefault, role.sessionSecondsMax);
  if (isChained && wanted > chainedSecondsMax) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  return atMostOf(role, wanted);
}

/** Errors: ValidationError. */
export function atMostOf(role: Role, seconds: number): number {
  if (seconds <= role.sessionSecondsMax) return seconds;
  throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
}

/** Tags that were to be handed on stay as they are; others end with the session that they were of. Errors: InvalidParameterValue. */
function chainedTags(
  principal: Principal,
  tags: Readonly<Record<string, string>>,
  transitiveTagKeys: readonly string[],
): Pick<SessionFacts, 'tags' | 'transitiveTagKeys'> {
  const isSame = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
  const unknown = transitiveTagKeys.find((key) => !Object.keys(tags).some((one) => isSame(one, key)));
  if (unknown !== undefined)
    throw invalidParameter(`The specified transitive tag key '${unknown}' must be included in the requested tags.`);
  const before = sessionOf(principal);
  const inherited = (before?.transitiveTagKeys ?? []).flatMap((key) =>
    Object.entries(before?.tags ?? {}).filter(([name]) => isSame(name, key)),
  );
  const again = Object.keys(tags).find((key) => inherited.some(([name]) => isSame(name, key)));
  if (again !== undefined)
    throw invalidParameter(
      `One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session: '${again}'.`,
    );
  return {
    tags: { ...Object.fromEntries(inherited), ...tags },
    transitiveTagKeys: [...inherited.map(([key]) => key), ...transitiveTagKeys],
  };
}

/** Once said, it stays for all sessions that follow. Errors: AccessDenied. */
function sourceIdentityOf(principal: Principal, wanted: string | undefined): Pick<SessionFacts, 'sourceIdentity'> {
  const before = sessionOf(principal)?.sourceIdentity;
  if (before !== undefined && wanted !== undefined && before !== wanted)
    throw accessDenied(`The source identity is '${before}', and cannot be set to another value by role chaining.`);
  const sourceIdentity = before ?? wanted;
  return sourceIdentity === undefined ? {} : { sourceIdentity };
}

import type { AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse } from '@aws-sdk/client-sts';
import { decide, parsePolicyDocument } from '../../identity/policy-document.ts';
import type { SessionFacts } from '../../identity/principal.ts';
import type { WebIdentity } from '../../identity/web-identity.ts';
import { roleArn, type Role } from '../../resources/iam/iam-entities.ts';
import { parseArn } from '../../util/arn.ts';
import type { AccountId } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { atMostOf, beginRoleSession } from './assume-role.ts';
import { packedSize, sessionPolicies, tagConditions } from './session-request.ts';
import { accessDenied, validationError } from './sts-errors.ts';
import type { StsParts } from './sts-parts.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const secondsDefault = 3_600;

/** Nobody has signed it: the token is the proof, and the role's trust policy says for whom of that issuer it is enough. */
export const assumeRoleWithWebIdentity = (parts: StsParts): OperationEntry => ({
  isOpen: true,
  access: () => [],
  async run(
    { request }: AwsContext,
    input: AssumeRoleWithWebIdentityRequest,
  ): Promise<AssumeRoleWithWebIdentityResponse> {
    const { RoleArn: arn = '', RoleSessionName: sessionName = '', WebIdentityToken: token = '' } = input;
    if (input.ProviderId !== undefined)
      throw validationError(
        'ProviderId is for OAuth 2.0 access tokens, which are not accepted: send an OpenID Connect token.',
      );
    // The token first: whoever has none that is good is told the same of a role that is there and of one that is not.
    const identity = await parts.checkWebIdentity(token, (parseArn(arn)?.account ?? '') as AccountId);
    const role = parts.identities.roleByArn(arn);
    if (role === undefined) throw notAuthorized();
    checkTrust(role, identity, {
      ...identity.conditions,
      ...tagConditions(identity.tags),
      'aws:sourceip': request.remoteAddress,
      'aws:currenttime': new Date(parts.clock.now()).toISOString(),
      'sts:rolesessionname': sessionName,
      'sts:sourceidentity': identity.sourceIdentity,
      ...(input.DurationSeconds !== undefined && { 'sts:durationseconds': String(input.DurationSeconds) }),
    });
    const nowMs = parts.clock.now();
    const facts: SessionFacts = {
      issuedMs: nowMs,
      ...sessionPolicies(parts, input),
      tags: identity.tags,
      transitiveTagKeys: identity.transitiveTagKeys,
      provider: identity.provider,
      ...(identity.sourceIdentity !== undefined && { sourceIdentity: identity.sourceIdentity }),
    };
    const packed = packedSize(facts);
    const seconds = atMostOf(role, input.DurationSeconds ?? Math.min(secondsDefault, role.sessionSecondsMax));
    return {
      ...beginRoleSession(parts, role, { sessionName, facts, expiresMs: nowMs + seconds * 1000 }),
      SubjectFromWebIdentityToken: identity.subject,
      Audience: identity.audience,
      Provider: identity.provider,
      ...(packed !== undefined && { PackedPolicySize: packed }),
      ...(identity.sourceIdentity !== undefined && { SourceIdentity: identity.sourceIdentity }),
    };
  },
});

function checkTrust(
  role: Role,
  { provider, tags, sourceIdentity }: WebIdentity,
  context: Parameters<typeof decide>[1]['context'],
): void {
  const document = parsePolicyDocument(role.trust, 'trust');
  const actions = [
    'sts:AssumeRoleWithWebIdentity',
    ...(Object.keys(tags).length === 0 ? [] : ['sts:TagSession']),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
  const asker = { kind: 'federated', provider } as const;
  for (const action of actions) {
    const decision = decide(document, {
      action,
      resource: roleArn(role),
      asker,
      ...(context !== undefined && { context }),
    });
    if (decision !== 'allowed') throw notAuthorized(action);
  }
}

/** Whether there is such a role is not told. */
const notAuthorized = (action = 'sts:AssumeRoleWithWebIdentity'): Error =>
  accessDenied(`Not authorized to perform ${action}`);

import type { GetFederationTokenRequest, GetFederationTokenResponse } from '@aws-sdk/client-sts';
import type { SessionFacts } from '../../identity/principal.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { accountSecondsMax } from './get-session-token.ts';
import { packedSize, sessionPolicies, tagConditions, tagsOf, wireCredentials } from './session-request.ts';
import { accessDenied } from './sts-errors.ts';
import type { StsParts } from './sts-parts.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html */
const secondsDefault = 43_200;

export const getFederationToken = (parts: StsParts): OperationEntry => ({
  access(context, { Name: name = '', Tags }: GetFederationTokenRequest): readonly Access[] {
    const resource = arnOf(context, name);
    const conditions = tagConditions(tagsOf(Tags));
    const actions = ['sts:GetFederationToken', ...(Tags === undefined ? [] : ['sts:TagSession'])];
    return actions.map((action) => ({ action, resource, conditions }));
  },
  async run(context: AwsContext, input: GetFederationTokenRequest): Promise<GetFederationTokenResponse> {
    const { account, principal } = context;
    const { Name: name = '', DurationSeconds = secondsDefault } = input;
    if ((principal.kind !== 'user' && principal.kind !== 'administrator') || principal.session !== undefined)
      throw accessDenied('Cannot call GetFederationToken with session credentials');
    const nowMs = parts.clock.now();
    const facts: SessionFacts = {
      issuedMs: nowMs,
      ...sessionPolicies(parts, input),
      tags: tagsOf(input.Tags),
      transitiveTagKeys: [],
    };
    const packed = packedSize(facts);
    const seconds = principal.kind === 'user' ? DurationSeconds : Math.min(DurationSeconds, accountSecondsMax);
    const arn = arnOf(context, name);
    const userName = principal.kind === 'user' ? principal.userName : undefined;
    const session = parts.sessions.issue(
      { kind: 'federated', account, arn, name, userName, session: facts },
      nowMs + seconds * 1000,
    );
    return {
      Credentials: wireCredentials(session),
      FederatedUser: { FederatedUserId: `${account}:${name}`, Arn: arn },
      ...(packed !== undefined && { PackedPolicySize: packed }),
    };
  },
});

const arnOf = ({ account }: AwsContext, name: string): string => `arn:aws:sts::${account}:federated-user/${name}`;

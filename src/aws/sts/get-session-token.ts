import type { GetSessionTokenRequest, GetSessionTokenResponse } from '@aws-sdk/client-sts';
import type { Principal, SessionFacts } from '../../identity/principal.ts';
import type { Bearer } from '../../identity/temporary-credentials.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { wireCredentials } from './session-request.ts';
import { accessDenied } from './sts-errors.ts';
import type { StsParts } from './sts-parts.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
const secondsDefault = 43_200;
/** The account's own may have an hour: what is longer is as if nothing had been asked for. */
export const accountSecondsMax = 3_600;

export const getSessionToken = ({ sessions, clock }: StsParts): OperationEntry => ({
  // AWS asks for no permission: what the session may is what its user may.
  access: () => [],
  run({ principal }: AwsContext, input: GetSessionTokenRequest): Promise<GetSessionTokenResponse> {
    if (input.SerialNumber !== undefined || input.TokenCode !== undefined)
      return Promise.reject(
        new PlatformError('not_implemented', 'Second factors (SerialNumber, TokenCode) are not built.'),
      );
    const nowMs = clock.now();
    const facts: SessionFacts = { issuedMs: nowMs, policies: [], policyArns: [], tags: {}, transitiveTagKeys: [] };
    const wanted = input.DurationSeconds ?? secondsDefault;
    const seconds = principal.kind === 'administrator' ? Math.min(wanted, accountSecondsMax) : wanted;
    const session = sessions.issue(bearerOf(principal, facts), nowMs + seconds * 1000);
    return Promise.resolve({ Credentials: wireCredentials(session) });
  },
});

function bearerOf(principal: Principal, session: SessionFacts): Bearer {
  if ((principal.kind !== 'user' && principal.kind !== 'administrator') || principal.session !== undefined)
    throw accessDenied('Cannot call GetSessionToken with session credentials');
  const { accessKeyId: _key, ...bearer } = principal;
  return { ...bearer, session };
}

import type { TemporaryCredentials } from '../../identity/temporary-credentials.ts';
import type { WebIdentityCheck } from '../../identity/web-identity.ts';
import type { Identities } from '../../resources/iam/identities.ts';
import type { Clock } from '../../util/clock.ts';

/** What STS's operations work on. */
export type StsParts = {
  identities: Pick<Identities, 'of' | 'role' | 'roleByArn' | 'policyByArn'>;
  sessions: TemporaryCredentials;
  /** Tokens of other issuers. */
  checkWebIdentity: WebIdentityCheck;
  clock: Clock;
};

import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { userIdOf } from '../../identity/user-id.ts';
import type { AwsContext, OperationEntry } from '../service.ts';

/** Whoever has a key may ask whose it is; no policy can keep him from it, as on AWS. */
export const getCallerIdentity = (): OperationEntry => ({
  access: () => [],
  run({ principal }: AwsContext): Promise<GetCallerIdentityResponse> {
    if (principal.kind === 'anonymous') throw new Error('invariant broken: nobody asks who he is');
    return Promise.resolve({ UserId: userIdOf(principal), Account: principal.account, Arn: principal.arn });
  },
});

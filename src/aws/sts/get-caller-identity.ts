import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { callerId } from './caller-id.ts';
import type { StsParts } from './sts-parts.ts';

/** Whoever has a key may ask whose it is; no policy can keep him from it, as on AWS. */
export const getCallerIdentity = (parts: StsParts): OperationEntry => ({
  access: () => [],
  run({ principal }: AwsContext): Promise<GetCallerIdentityResponse> {
    const { asker } = parts.standingOf(principal);
    return Promise.resolve({ UserId: callerId(parts, asker), Account: principal.account, Arn: asker.principal.arn });
  },
});

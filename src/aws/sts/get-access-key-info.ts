import type { GetAccessKeyInfoRequest, GetAccessKeyInfoResponse } from '@aws-sdk/client-sts';
import { accountOfAccessKeyId } from '../../identity/access-key-id.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { validationError } from './sts-errors.ts';

export const getAccessKeyInfo = (): OperationEntry => ({
  access: () => [{ action: 'sts:GetAccessKeyInfo', resource: '*' }],
  run(
    { principal }: AwsContext,
    { AccessKeyId: key = '' }: GetAccessKeyInfoRequest,
  ): Promise<GetAccessKeyInfoResponse> {
    // The key of a data folder may be older than this, or have been put there.
    const account = key === principal.accessKeyId ? principal.account : accountOfAccessKeyId(key);
    if (account === undefined) return Promise.reject(validationError(`Invalid access key id ${key}`));
    return Promise.resolve({ Account: account });
  },
});

import type * as Wire from '@aws-sdk/client-iam';
import { newAccessKeyId } from '../../identity/access-key-id.ts';
import { accessKeyPurpose, iamLimits, type AccessKey } from '../../resources/iam/iam-entities.ts';
import type { IdentityReader } from '../../resources/iam/identities.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onAll, onHolder, ownName } from './access.ts';
import { checkQuota, needUser } from './entities.ts';
import { noSuchEntity, validationError } from './iam-errors.ts';
import type { IamParts } from './iam-parts.ts';
import { pageOf } from './pages.ts';
import { keysOf } from './user-operations.ts';

/** As long as AWS's. */
const secretBytes = 30;

/** The only time that the secret is told. */
export const createAccessKey = (parts: IamParts): OperationEntry => ({
  access: (context, { UserName }: Wire.CreateAccessKeyRequest) =>
    onHolder(parts, context, 'CreateAccessKey', 'user', UserName),
  run(context: AwsContext, { UserName }: Wire.CreateAccessKeyRequest): Promise<Wire.CreateAccessKeyResponse> {
    const { account } = context;
    const { identities, ids, sealer, clock } = parts;
    return identities.change(account, (draft) => {
      const user = needUser(draft, nameIn(context, UserName));
      const count = keysOf(draft.list('access-key'), user.name).length;
      checkQuota(count, iamLimits.accessKeysPerUserMax, 'AccessKeysPerUser');
      const id = newAccessKeyId('AKIA', account, ids);
      const secret = Buffer.from(ids.hex(secretBytes), 'hex').toString('base64');
      const key: AccessKey = {
        account,
        name: id,
        userName: user.name,
        sealedSecret: sealer.seal(secret, accessKeyPurpose(id)),
        isActive: true,
        createdMs: clock.now(),
      };
      draft.put('access-key', key);
      return { AccessKey: { ...shown(key), AccessKeyId: id, SecretAccessKey: secret } as Wire.AccessKey };
    });
  },
});

export const listAccessKeys = (parts: IamParts): OperationEntry => ({
  access: (context, { UserName }: Wire.ListAccessKeysRequest) =>
    onHolder(parts, context, 'ListAccessKeys', 'user', UserName),
  run(context: AwsContext, input: Wire.ListAccessKeysRequest): Promise<Wire.ListAccessKeysResponse> {
    // The account's own key is in its data folder, and not IAM's.
    if (input.UserName === undefined && context.principal.kind === 'administrator')
      return Promise.resolve({ AccessKeyMetadata: [], IsTruncated: false });
    const reader = parts.identities.of(context.account);
    const user = needUser(reader, nameIn(context, input.UserName));
    const { page, facts } = pageOf(keysOf(reader.list('access-key'), user.name).toSorted(byAge), input);
    return Promise.resolve({ AccessKeyMetadata: page.map(shown), ...facts });
  },
});

/** An inactive key is refused wherever it signs, from now on. */
export const updateAccessKey = (parts: IamParts): OperationEntry => ({
  access: (context, { UserName }: Wire.UpdateAccessKeyRequest) =>
    onHolder(parts, context, 'UpdateAccessKey', 'user', UserName),
  run(context: AwsContext, input: Wire.UpdateAccessKeyRequest): Promise<object> {
    return parts.identities.change(context.account, (draft) => {
      const key = needKey(draft, nameIn(context, input.UserName), input.AccessKeyId);
      draft.put('access-key', { ...key, isActive: input.Status === 'Active' });
      return {};
    });
  },
});

export const deleteAccessKey = (parts: IamParts): OperationEntry => ({
  access: (context, { UserName }: Wire.DeleteAccessKeyRequest) =>
    onHolder(parts, context, 'DeleteAccessKey', 'user', UserName),
  run(context: AwsContext, input: Wire.DeleteAccessKeyRequest): Promise<object> {
    return parts.identities.change(context.account, (draft) => {
      const key = needKey(draft, nameIn(context, input.UserName), input.AccessKeyId);
      draft.delete('access-key', key.name);
      draft.delete('last-use', key.name);
      return {};
    });
  },
});

export const getAccessKeyLastUsed = ({ identities }: IamParts): OperationEntry => ({
  access: () => onAll('GetAccessKeyLastUsed'),
  run({ account }: AwsContext, input: Wire.GetAccessKeyLastUsedRequest): Promise<Wire.GetAccessKeyLastUsedResponse> {
    const key = identities.accessKey(input.AccessKeyId ?? '');
    if (key === undefined || key.account !== account) throw missingKey(input.AccessKeyId);
    const use = identities.lastUse(account, key.name);
    const used =
      use === undefined
        ? { ServiceName: 'N/A', Region: 'N/A' }
        : { LastUsedDate: new Date(use.atMs), ServiceName: use.service, Region: use.region };
    return Promise.resolve({ UserName: key.userName, AccessKeyLastUsed: used as Wire.AccessKeyLastUsed });
  },
});

/** Errors: ValidationError, where nobody is named and whoever asks is no user. */
function nameIn(context: AwsContext, name: string | undefined): string {
  if (name !== undefined) return name;
  if (context.principal.kind === 'user') return ownName(context);
  throw validationError('Must specify userName when calling with non-User credentials');
}

function needKey(reader: IdentityReader, userName: string, id = ''): AccessKey {
  const user = needUser(reader, userName);
  const key = keysOf(reader.list('access-key'), user.name).find(({ name }) => name === id);
  if (key === undefined) throw missingKey(id);
  return key;
}

const missingKey = (id = '') => noSuchEntity(`The Access Key with id ${id} cannot be found.`);

const byAge = (a: AccessKey, b: AccessKey): number => a.createdMs - b.createdMs;

const shown = (key: AccessKey): Wire.AccessKeyMetadata => ({
  UserName: key.userName,
  AccessKeyId: key.name,
  Status: key.isActive ? 'Active' : 'Inactive',
  CreateDate: new Date(key.createdMs),
});

import type {
  CreateAliasRequest,
  DeleteAliasRequest,
  ListAliasesRequest,
  ListAliasesResponse,
  UpdateAliasRequest,
} from '@aws-sdk/client-kms';
import { invalidAlias, keyValidation } from '../../resources/key/key-errors.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { accessTo, needManagedKey, onKey } from './key-reference.ts';
import type { KmsParts } from './kms-parts.ts';
import { markerPage } from './marker-page.ts';

const onAlias = ({ keys }: KmsParts, context: AwsContext, action: string, name = ''): Access => ({
  action: `kms:${action}`,
  resource: keys.aliasArnOf({ account: context.account, name }),
});

/** The alias and the key are asked for, each by itself. https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html */
export const createAlias = (parts: KmsParts): OperationEntry => ({
  access: (context, input: CreateAliasRequest) => [
    onAlias(parts, context, 'CreateAlias', input.AliasName),
    ...onKey(parts.keys, context, 'CreateAlias', input.TargetKeyId),
  ],
  async run(context: AwsContext, input: CreateAliasRequest): Promise<object> {
    const name = checkedName(input.AliasName);
    const key = needManagedKey(parts.keys, context, input.TargetKeyId);
    await parts.keys.createAlias(key, name);
    return {};
  },
});

export const updateAlias = (parts: KmsParts): OperationEntry => ({
  access(context, input: UpdateAliasRequest) {
    const present = parts.keys.alias(context.account, input.AliasName ?? '');
    const before = present && parts.keys.byId(present.keyId);
    return [
      onAlias(parts, context, 'UpdateAlias', input.AliasName),
      ...(before === undefined ? [] : [accessTo(parts.keys, context, 'UpdateAlias', before)]),
      ...onKey(parts.keys, context, 'UpdateAlias', input.TargetKeyId),
    ];
  },
  async run(context: AwsContext, input: UpdateAliasRequest): Promise<object> {
    const name = checkedName(input.AliasName);
    await parts.keys.pointAlias(needManagedKey(parts.keys, context, input.TargetKeyId), name);
    return {};
  },
});

export const deleteAlias = (parts: KmsParts): OperationEntry => ({
  access(context, input: DeleteAliasRequest) {
    const present = parts.keys.alias(context.account, input.AliasName ?? '');
    const key = present && parts.keys.byId(present.keyId);
    return [
      onAlias(parts, context, 'DeleteAlias', input.AliasName),
      ...(key === undefined ? [] : [accessTo(parts.keys, context, 'DeleteAlias', key)]),
    ];
  },
  async run(context: AwsContext, input: DeleteAliasRequest): Promise<object> {
    await parts.keys.removeAlias(context.account, checkedName(input.AliasName));
    return {};
  },
});

export const listAliases = ({ keys }: KmsParts): OperationEntry => ({
  access: () => [{ action: 'kms:ListAliases', resource: '*' }],
  run(context: AwsContext, input: ListAliasesRequest): Promise<ListAliasesResponse> {
    const keyId = input.KeyId === undefined ? undefined : needManagedKey(keys, context, input.KeyId).id;
    const { page, ...next } = markerPage(keys.aliases(context.account, keyId), input, ({ name }) => name);
    const listed = page.map((alias) => ({
      AliasName: alias.name,
      AliasArn: keys.aliasArnOf(alias),
      TargetKeyId: alias.keyId,
      CreationDate: new Date(alias.createdMs),
      LastUpdatedDate: new Date(alias.modifiedMs),
    }));
    return Promise.resolve({ Aliases: listed, ...next });
  },
});

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
function checkedName(name = ''): string {
  if (!name.startsWith('alias/') || name === 'alias/')
    throw keyValidation(`Alias must start with the prefix "alias/", and have a name behind it; this is ${name}.`);
  if (name.startsWith('alias/aws/')) throw invalidAlias('Names that begin with alias/aws/ are those of the services.');
  if (name.includes(':')) throw invalidAlias(`The alias name ${name} has a colon.`);
  return name;
}

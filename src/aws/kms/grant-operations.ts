import type {
  CreateGrantRequest,
  CreateGrantResponse,
  GrantListEntry,
  ListGrantsRequest,
  ListGrantsResponse,
  ListRetirableGrantsRequest,
  RetireGrantRequest,
  RevokeGrantRequest,
} from '@aws-sdk/client-kms';
import type { Grant } from '../../resources/key.ts';
import { keyValidation } from '../../resources/key/key-errors.ts';
import { isSymmetric } from '../../resources/key/key-specs.ts';
import { isObject } from '../../util/field.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { accessTo, encryptionContextOf, endDryRun, needKey, onKey } from './key-reference.ts';
import type { KmsParts } from './kms-parts.ts';
import { markerPage } from './marker-page.ts';

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html */
export const createGrant = ({ keys, grants }: KmsParts): OperationEntry => ({
  access: (context, input: CreateGrantRequest) =>
    onKey(keys, context, 'CreateGrant', input.KeyId, {
      conditions: {
        'kms:grantoperations': input.Operations ?? [],
        'kms:granteeprincipal': input.GranteePrincipal,
        'kms:retiringprincipal': input.RetiringPrincipal,
        'kms:grantisforawsresource': 'false',
        'kms:grantconstrainttype': constraintName(input),
      },
    }),
  async run(context: AwsContext, input: CreateGrantRequest): Promise<CreateGrantResponse> {
    const key = needKey(keys, context, input.KeyId);
    keys.requireUsable(key);
    const { Operations: operations = [], GranteePrincipal: grantee, RetiringPrincipal: retiring, Name: name } = input;
    if (input.GranteeServicePrincipal !== undefined || input.RetiringServicePrincipal !== undefined)
      throw keyValidation('Grants for services are not available here: a key policy lets them.');
    if (grantee === undefined) throw keyValidation('GranteePrincipal must not be null.');
    if (operations.length === 0) throw keyValidation('Operations must name at least one operation.');
    const constraint = constraintOf(input);
    if (constraint !== undefined && !isSymmetric(key))
      throw keyValidation('A grant for an asymmetric or HMAC key has no constraints by encryption context.');
    endDryRun(input);
    const grant = await grants.create(key, {
      grantee,
      operations,
      issuer: context.account,
      ...(name !== undefined && { name }),
      ...(retiring !== undefined && { retiring }),
      ...(constraint !== undefined && { constraint }),
    });
    return { GrantId: grant.id, GrantToken: tokenOf(grant) };
  },
});

function constraintName({ Constraints }: CreateGrantRequest): string | undefined {
  if (Constraints?.EncryptionContextEquals !== undefined) return 'EncryptionContextEquals';
  return Constraints?.EncryptionContextSubset === undefined ? undefined : 'EncryptionContextSubset';
}

function constraintOf({ Constraints }: CreateGrantRequest): Grant['constraint'] {
  if (Constraints === undefined) return undefined;
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset, SourceArn } = Constraints;
  if (SourceArn !== undefined) throw keyValidation('The constraint SourceArn is not available here.');
  if (equals !== undefined && subset !== undefined)
    throw keyValidation('Constraints has EncryptionContextEquals and EncryptionContextSubset: one of them is taken.');
  if (equals !== undefined) return { kind: 'equals', context: encryptionContextOf(equals) };
  return subset === undefined ? undefined : { kind: 'subset', context: encryptionContextOf(subset) };
}

/** Says which grant it is and proves nothing: grants are in force at once. */
const tokenOf = ({ keyId, id }: Grant): string => Buffer.from(JSON.stringify({ keyId, id })).toString('base64');

function readToken(token: string): Pick<Grant, 'keyId' | 'id'> {
  try {
    const read: unknown = JSON.parse(Buffer.from(token, 'base64').toString());
    if (isObject(read) && typeof read['keyId'] === 'string' && typeof read['id'] === 'string')
      return { keyId: read['keyId'], id: read['id'] };
  } catch {
    // Whatever it is, it was not given out here.
  }
  throw new PlatformError('invalid_argument', 'The grant token is invalid.', { reason: 'InvalidGrantTokenException' });
}

const listed = ({ keys }: KmsParts, grant: Grant): GrantListEntry => ({
  KeyId: keys.arnOf({ account: grant.account, id: grant.keyId }),
  GrantId: grant.id,
  Name: grant.name ?? '',
  CreationDate: new Date(grant.createdMs),
  GranteePrincipal: grant.grantee,
  ...(grant.retiring !== undefined && { RetiringPrincipal: grant.retiring }),
  IssuingAccount: `arn:aws:iam::${grant.issuer}:root`,
  Operations: [...grant.operations] as NonNullable<GrantListEntry['Operations']>,
  ...(grant.constraint !== undefined && {
    Constraints:
      grant.constraint.kind === 'equals'
        ? { EncryptionContextEquals: { ...grant.constraint.context } }
        : { EncryptionContextSubset: { ...grant.constraint.context } },
  }),
});

export const listGrants = (parts: KmsParts): OperationEntry => ({
  access: (context, input: ListGrantsRequest) => onKey(parts.keys, context, 'ListGrants', input.KeyId),
  run(context: AwsContext, input: ListGrantsRequest): Promise<ListGrantsResponse> {
    const { GrantId: id, GranteePrincipal: grantee } = input;
    const found = parts.grants
      .ofKey(needKey(parts.keys, context, input.KeyId).id)
      .filter((grant) => (id === undefined || grant.id === id) && (grantee === undefined || grant.grantee === grantee));
    const { page, ...next } = markerPage(found, input, (grant) => grant.id);
    return Promise.resolve({ Grants: page.map((grant) => listed(parts, grant)), ...next });
  },
});

export const listRetirableGrants = (parts: KmsParts): OperationEntry => ({
  access: () => [{ action: 'kms:ListRetirableGrants', resource: '*' }],
  run(context: AwsContext, input: ListRetirableGrantsRequest): Promise<ListGrantsResponse> {
    const principal = input.RetiringPrincipal ?? '';
    // What others may retire of other accounts' keys is theirs to know.
    const found = parts.grants.retirableBy(principal).filter(({ account }) => account === context.account);
    const { page, ...next } = markerPage(found, input, (grant) => grant.id);
    return Promise.resolve({ Grants: page.map((grant) => listed(parts, grant)), ...next });
  },
});

export const revokeGrant = ({ keys, grants }: KmsParts): OperationEntry => ({
  access: (context, input: RevokeGrantRequest) => onKey(keys, context, 'RevokeGrant', input.KeyId),
  async run(context: AwsContext, input: RevokeGrantRequest): Promise<object> {
    const grant = grants.need(needKey(keys, context, input.KeyId).id, input.GrantId ?? '');
    endDryRun(input);
    await grants.remove(grant);
    return {};
  },
});

/** For whom the grant names: who is to retire it, and who has it, if it lets him. */
export const retireGrant = ({ keys, grants }: KmsParts): OperationEntry => {
  function meant(context: AwsContext, input: RetireGrantRequest): Grant {
    if (input.GrantToken !== undefined) {
      const { keyId, id } = readToken(input.GrantToken);
      return grants.need(keyId, id);
    }
    if (input.KeyId === undefined || input.GrantId === undefined)
      throw keyValidation('RetireGrant takes a GrantToken, or a KeyId together with a GrantId.');
    return grants.need(needKey(keys, context, input.KeyId).id, input.GrantId);
  }
  return {
    access(context, input: RetireGrantRequest) {
      const grant = meant(context, input);
      const key = needKey(keys, context, keys.arnOf({ account: grant.account, id: grant.keyId }));
      return [accessTo(keys, context, 'RetireGrant', key, { grantId: grant.id })];
    },
    async run(context: AwsContext, input: RetireGrantRequest): Promise<object> {
      const grant = meant(context, input);
      endDryRun(input);
      await grants.remove(grant);
      return {};
    },
  };
};

import type {
  BatchGetSecretValueRequest,
  BatchGetSecretValueResponse,
  GetSecretValueRequest,
  GetSecretValueResponse,
  ListSecretVersionIdsRequest,
  ListSecretVersionIdsResponse,
  PutSecretValueRequest,
  PutSecretValueResponse,
  UpdateSecretVersionStageRequest,
  UpdateSecretVersionStageResponse,
} from '@aws-sdk/client-secrets-manager';
import { passes } from '../../resources/secret/find-secrets.ts';
import { invalidParameter, invalidRequest, noSecret, type Secret } from '../../resources/secret/secret.ts';
import type { Secrets } from '../../resources/secret/secrets.ts';
import type { Vault } from '../../resources/vault.ts';
import { PlatformError } from '../../util/errors.ts';
import { pageOf } from '../page.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onAll, onSecret } from './secret-access.ts';
import { filtersOf, named } from './secret-operations.ts';
import { answeredValue, givenValue } from './secret-value.ts';
import type { SecretsManagerParts } from './secretsmanager-parts.ts';

/** Those that a batch gives at once. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html */
const batchMax = 20;

export const getSecretValue = ({ secrets, vaultFor }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: GetSecretValueRequest) => [onSecret(secrets, context, 'GetSecretValue', input.SecretId)],
  run: (context: AwsContext, input: GetSecretValueRequest): Promise<GetSecretValueResponse> =>
    valueOf(
      secrets,
      secrets.need(context.account, input.SecretId ?? ''),
      {
        id: input.VersionId,
        stage: input.VersionStage,
      },
      vaultFor(context),
    ),
});

async function valueOf(
  secrets: Secrets,
  secret: Secret,
  asked: { id?: string | undefined; stage?: string | undefined },
  vault: Vault,
): Promise<GetSecretValueResponse> {
  const version = secrets.version(secret, asked);
  const value = await secrets.read(secret, version, vault);
  return {
    ...named(secrets, secret),
    VersionId: version.id,
    ...answeredValue(value),
    VersionStages: [...version.stages],
    CreatedDate: new Date(version.createdMs),
  };
}

/** Each needs the permission to get its value besides; who lacks it for some is told so in their place. */
export const batchGetSecretValue = ({ secrets, vaultFor, authorization }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: BatchGetSecretValueRequest) => [
    onAll('BatchGetSecretValue'),
    ...(input.Filters === undefined ? [] : [onAll('ListSecrets')]),
  ],
  async run(context: AwsContext, input: BatchGetSecretValueRequest): Promise<BatchGetSecretValueResponse> {
    const { SecretIdList: listed, Filters: filters, MaxResults: max } = input;
    if ((listed === undefined) === (filters === undefined))
      throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
    if (filters === undefined && max !== undefined)
      throw invalidParameter(
        "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
        'MaxResults',
      );
    const { ids, NextToken } = pageOfBatch(secrets, context, input);
    const SecretValues: GetSecretValueResponse[] = [];
    const Errors: { SecretId: string; ErrorCode: string; Message: string }[] = [];
    for (const id of ids) {
      try {
        const access = onSecret(secrets, context, 'GetSecretValue', id);
        authorization(context.principal, [access], { 'aws:sourceip': context.request.remoteAddress });
        SecretValues.push(await valueOf(secrets, secrets.need(context.account, id), {}, vaultFor(context)));
      } catch (error) {
        if (!(error instanceof PlatformError) || error.fault === 'platform') throw error;
        const { code, reason = 'InvalidRequestException', message } = error;
        const ErrorCode = code === 'permission_denied' ? 'AccessDeniedException' : reason;
        Errors.push({ SecretId: id, ErrorCode, Message: message });
      }
    }
    return { SecretValues, Errors, ...(NextToken !== undefined && { NextToken }) };
  },
});

function pageOfBatch(
  secrets: Secrets,
  { account }: AwsContext,
  input: BatchGetSecretValueRequest,
): { ids: string[]; NextToken?: string } {
  if (input.Filters === undefined) return { ids: input.SecretIdList ?? [] };
  const filters = filtersOf(input.Filters);
  const found = secrets
    .list(account)
    .filter((secret) => secret.deleted === undefined && passes(secret, filters))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const { page, ...next } = pageOf(
    found,
    { token: input.NextToken, limit: input.MaxResults ?? batchMax, tokenError: 'InvalidNextTokenException' },
    ({ name }) => name,
  );
  return { ids: page.map((secret) => secrets.arn(secret)), ...next };
}

export const putSecretValue = ({ secrets, vaultFor, ids }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: PutSecretValueRequest) => [onSecret(secrets, context, 'PutSecretValue', input.SecretId)],
  async run(context: AwsContext, input: PutSecretValueRequest): Promise<PutSecretValueResponse> {
    const { SecretId: id = '', ClientRequestToken: token = ids.uuid(), VersionStages: stages } = input;
    const value = givenValue(input);
    if (value === undefined) throw invalidRequest('You must provide either SecretString or SecretBinary.');
    const secret = await secrets.putValue(
      context.account,
      id,
      {
        token,
        value,
        ...(stages !== undefined && { stages }),
      },
      vaultFor(context),
    );
    const version = secret.versions.find((one) => one.id === token);
    return { ...named(secrets, secret), VersionId: token, VersionStages: [...(version?.stages ?? [])] };
  },
});

export const listSecretVersionIds = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: ListSecretVersionIdsRequest) => [
    onSecret(secrets, context, 'ListSecretVersionIds', input.SecretId),
  ],
  run(context: AwsContext, input: ListSecretVersionIdsRequest): Promise<ListSecretVersionIdsResponse> {
    const secret = secrets.find(context.account, input.SecretId ?? '');
    if (secret === undefined) throw noSecret();
    const found = secret.versions
      .filter(({ stages }) => stages.length > 0 || input.IncludeDeprecated === true)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const { page, ...next } = pageOf(
      found,
      { token: input.NextToken, limit: input.MaxResults, tokenError: 'InvalidNextTokenException' },
      ({ id }) => id,
    );
    const Versions = page.map(({ id, stages, createdMs, accessedMs, keyId }) => ({
      VersionId: id,
      VersionStages: [...stages],
      CreatedDate: new Date(createdMs),
      ...(accessedMs !== undefined && { LastAccessedDate: new Date(accessedMs) }),
      KmsKeyIds: [keyId ?? 'DefaultEncryptionKey'],
    }));
    return Promise.resolve({ ...named(secrets, secret), Versions, ...next });
  },
});

export const updateSecretVersionStage = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: UpdateSecretVersionStageRequest) => [
    onSecret(secrets, context, 'UpdateSecretVersionStage', input.SecretId),
  ],
  run: async (context: AwsContext, input: UpdateSecretVersionStageRequest): Promise<UpdateSecretVersionStageResponse> =>
    named(
      secrets,
      await secrets.moveStage(context.account, input.SecretId ?? '', {
        stage: input.VersionStage ?? '',
        fromId: input.RemoveFromVersionId,
        toId: input.MoveToVersionId,
      }),
    ),
});

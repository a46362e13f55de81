import type {
  CreateSecretRequest,
  CreateSecretResponse,
  DeleteSecretRequest,
  DeleteSecretResponse,
  DescribeSecretRequest,
  DescribeSecretResponse,
  ListSecretsRequest,
  ListSecretsResponse,
  RestoreSecretRequest,
  RestoreSecretResponse,
  UpdateSecretRequest,
  UpdateSecretResponse,
} from '@aws-sdk/client-secrets-manager';
import { orderKey, passes, type SecretFilter, type SecretOrder } from '../../resources/secret/find-secrets.ts';
import {
  invalidParameter,
  invalidRequest,
  noSecret,
  secretNamePattern,
  type Secret,
} from '../../resources/secret/secret.ts';
import { rotationWindow } from '../../resources/secret/rotation.ts';
import type { Secrets } from '../../resources/secret/secrets.ts';
import { PlatformError } from '../../util/errors.ts';
import { pageOf } from '../page.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onAll, onSecret } from './secret-access.ts';
import { givenValue } from './secret-value.ts';
import type { SecretsManagerParts } from './secretsmanager-parts.ts';
import { tagList, tagsOf } from './tags.ts';

const dayMs = 24 * 3_600_000;
/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
const recoveryDays = { min: 7, max: 30 };

const wholeName = new RegExp(`^(?:${secretNamePattern.source})$`);

export const createSecret = ({ secrets, vaultFor, ids }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: CreateSecretRequest) => [
    onSecret(secrets, context, 'CreateSecret', input.Name),
    ...(input.Tags === undefined ? [] : [onSecret(secrets, context, 'TagResource', input.Name)]),
  ],
  async run(context: AwsContext, input: CreateSecretRequest): Promise<CreateSecretResponse> {
    const { Name: name = '', Description: description, KmsKeyId: keyId, ClientRequestToken: given } = input;
    if (!wholeName.test(name))
      throw new PlatformError(
        'invalid_argument',
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
        { reason: 'ValidationException', field: 'Name' },
      );
    refuseReplicas(input.AddReplicaRegions);
    refuseType(input.Type);
    const value = givenValue(input);
    const token = given ?? ids.uuid();
    const secret = await secrets.create(
      context.account,
      {
        name,
        token,
        tags: tagsOf(input.Tags),
        ...(value !== undefined && { value }),
        ...(description !== undefined && { description }),
        ...(keyId !== undefined && { keyId }),
      },
      vaultFor(context),
    );
    return { ...named(secrets, secret), ...(value !== undefined && { VersionId: token }) };
  },
});

export const updateSecret = ({ secrets, vaultFor, ids }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: UpdateSecretRequest) => [onSecret(secrets, context, 'UpdateSecret', input.SecretId)],
  async run(context: AwsContext, input: UpdateSecretRequest): Promise<UpdateSecretResponse> {
    const {
      SecretId: id = '',
      Description: description,
      KmsKeyId: keyId,
      ClientRequestToken: token = ids.uuid(),
    } = input;
    refuseType(input.Type);
    const value = givenValue(input);
    const settings = { ...(description !== undefined && { description }), ...(keyId !== undefined && { keyId }) };
    if (value === undefined) {
      const changed =
        keyId === undefined
          ? secrets.update(context.account, id, () => settings)
          : secrets.changeKey(context.account, id, settings, vaultFor(context));
      return named(secrets, await changed);
    }
    const secret = await secrets.putValue(context.account, id, { ...settings, token, value }, vaultFor(context));
    return { ...named(secrets, secret), VersionId: token };
  },
});

export const describeSecret = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: DescribeSecretRequest) => [onSecret(secrets, context, 'DescribeSecret', input.SecretId)],
  run(context: AwsContext, input: DescribeSecretRequest): Promise<DescribeSecretResponse> {
    const secret = secrets.find(context.account, input.SecretId ?? '');
    if (secret === undefined) throw noSecret();
    return Promise.resolve({ ...described(secrets, secret), VersionIdsToStages: stagesOf(secret) });
  },
});

export const listSecrets = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: () => [onAll('ListSecrets')],
  run({ account }: AwsContext, input: ListSecretsRequest): Promise<ListSecretsResponse> {
    const { SortBy: order = 'created-date', SortOrder: direction = 'asc' } = input;
    const isDescending = direction === 'desc';
    const keyOf = (secret: Secret): string => orderKey(secret, order as SecretOrder);
    const found = secrets
      .list(account)
      .filter(({ deleted }) => deleted === undefined || input.IncludePlannedDeletion === true)
      .filter((secret) => passes(secret, filtersOf(input.Filters)))
      .toSorted((a, b) => (keyOf(a) < keyOf(b) === isDescending ? 1 : -1));
    const { page, ...next } = pageOf(
      found,
      { token: input.NextToken, limit: input.MaxResults, isDescending, tokenError: 'InvalidNextTokenException' },
      keyOf,
    );
    const SecretList = page.map((secret) => ({
      ...described(secrets, secret),
      SecretVersionsToStages: stagesOf(secret),
    }));
    return Promise.resolve({ SecretList, ...next });
  },
});

export const filtersOf = (given: ListSecretsRequest['Filters']): SecretFilter[] =>
  (given ?? []).map(({ Key = 'all', Values = [] }) => ({ key: Key as SecretFilter['key'], values: Values }));

/** With `ForceDeleteWithoutRecovery` one that is not there is deleted, too. */
export const deleteSecret = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: DeleteSecretRequest) => [onSecret(secrets, context, 'DeleteSecret', input.SecretId)],
  async run(context: AwsContext, input: DeleteSecretRequest): Promise<DeleteSecretResponse> {
    const { SecretId: id = '', RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: isForced = false } = input;
    if (isForced && days !== undefined)
      throw invalidParameter(
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        'RecoveryWindowInDays',
      );
    if (days !== undefined && (days < recoveryDays.min || days > recoveryDays.max))
      throw invalidParameter(
        `The RecoveryWindowInDays value must be between ${recoveryDays.min} and ${recoveryDays.max} days (inclusive).`,
        'RecoveryWindowInDays',
      );
    if (isForced && secrets.find(context.account, id) === undefined) return { Name: id, DeletionDate: new Date() };
    const secret = await secrets.delete(context.account, id, isForced ? 0 : (days ?? recoveryDays.max) * dayMs);
    return {
      ARN: secrets.arn(secret),
      Name: secret.name,
      ...(secret.deleted !== undefined && { DeletionDate: new Date(secret.deleted.goneMs) }),
    };
  },
});

export const restoreSecret = ({ secrets }: SecretsManagerParts): OperationEntry => ({
  access: (context, input: RestoreSecretRequest) => [onSecret(secrets, context, 'RestoreSecret', input.SecretId)],
  run: async (context: AwsContext, input: RestoreSecretRequest): Promise<RestoreSecretResponse> =>
    named(secrets, await secrets.restore(context.account, input.SecretId ?? '')),
});

export const named = (secrets: Secrets, secret: Secret): { ARN: string; Name: string } => ({
  ARN: secrets.arn(secret),
  Name: secret.name,
});

const date = (name: string, ms: number | undefined): object => (ms === undefined ? {} : { [name]: new Date(ms) });

function described(secrets: Secrets, secret: Secret): DescribeSecretResponse {
  const { description, keyId, rotation, deleted } = secret;
  const rules = rotation?.rules;
  return {
    ...named(secrets, secret),
    ...(description !== undefined && { Description: description }),
    ...(keyId !== undefined && { KmsKeyId: keyId }),
    ...(rotation !== undefined && {
      RotationEnabled: rotation.isEnabled,
      RotationLambdaARN: rotation.functionArn,
      RotationRules: {
        ...(rules?.afterDays !== undefined && { AutomaticallyAfterDays: rules.afterDays }),
        ...(rules?.schedule !== undefined && { ScheduleExpression: rules.schedule }),
        ...(rules?.duration !== undefined && { Duration: rules.duration }),
      },
    }),
    ...date('LastRotatedDate', secret.rotatedMs),
    ...date('LastChangedDate', secret.changedMs),
    ...date('LastAccessedDate', secret.accessedMs),
    ...date('DeletedDate', deleted?.markedMs),
    ...date('NextRotationDate', rotationWindow(secret)?.endMs),
    ...date('CreatedDate', secret.createdMs),
    Tags: tagList(secret.tags),
  };
}

/** Of the versions that have some. */
const stagesOf = ({ versions }: Secret): Record<string, string[]> =>
  Object.fromEntries(versions.flatMap(({ id, stages }) => (stages.length === 0 ? [] : [[id, [...stages]]])));

function refuseReplicas(regions: CreateSecretRequest['AddReplicaRegions']): void {
  if (regions !== undefined)
    throw invalidParameter('AddReplicaRegions is not available here: there is one region.', 'AddReplicaRegions');
}

function refuseType(type: string | undefined): void {
  if (type !== undefined)
    throw invalidRequest('Type is not available here: no partner manages secrets of this platform.');
}

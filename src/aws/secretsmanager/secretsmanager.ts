/**
 * AWS Secrets Manager over the secrets' engine (resources/secret/). docs/reference/secretsmanager.md says what differs.
 *
 * Replication is answered as not built: there is one region.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html
 */
import { constrained } from '../constraints.ts';
import { secretsmanagerModel, type SecretsmanagerOperationName } from '../model/secretsmanager.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';
import { getRandomPassword } from './get-random-password.ts';
import {
  deleteResourcePolicy,
  getResourcePolicy,
  putResourcePolicy,
  validateResourcePolicy,
} from './policy-operations.ts';
import { cancelRotateSecret, rotateSecret } from './rotation-operations.ts';
import {
  createSecret,
  deleteSecret,
  describeSecret,
  listSecrets,
  restoreSecret,
  updateSecret,
} from './secret-operations.ts';
import type { SecretsManagerParts } from './secretsmanager-parts.ts';
import { tagResource, untagResource } from './tag-operations.ts';
import {
  batchGetSecretValue,
  getSecretValue,
  listSecretVersionIds,
  putSecretValue,
  updateSecretVersionStage,
} from './value-operations.ts';

export function createSecretsManagerService(parts: SecretsManagerParts): AwsService {
  const operations: OperationTable<SecretsmanagerOperationName> = {
    BatchGetSecretValue: batchGetSecretValue(parts),
    CancelRotateSecret: cancelRotateSecret(parts),
    CreateSecret: createSecret(parts),
    DeleteResourcePolicy: deleteResourcePolicy(parts),
    DeleteSecret: deleteSecret(parts),
    DescribeSecret: describeSecret(parts),
    GetRandomPassword: getRandomPassword(parts),
    GetResourcePolicy: getResourcePolicy(parts),
    GetSecretValue: getSecretValue(parts),
    ListSecretVersionIds: listSecretVersionIds(parts),
    ListSecrets: listSecrets(parts),
    PutResourcePolicy: putResourcePolicy(parts),
    PutSecretValue: putSecretValue(parts),
    RemoveRegionsFromReplication: 'not built',
    ReplicateSecretToRegions: 'not built',
    RestoreSecret: restoreSecret(parts),
    RotateSecret: rotateSecret(parts),
    StopReplicationToReplica: 'not built',
    TagResource: tagResource(parts),
    UntagResource: untagResource(parts),
    UpdateSecret: updateSecret(parts),
    UpdateSecretVersionStage: updateSecretVersionStage(parts),
    ValidateResourcePolicy: validateResourcePolicy(parts),
  };
  return {
    name: 'secretsmanager',
    signingNames: ['secretsmanager'],
    protocols: ['json-1.1'],
    model: secretsmanagerModel,
    operations: constrained(operations, secretsmanagerModel, { shapes: shapeConstraints, members: memberShapes }),
  };
}

// Generated from @aws-sdk/client-secrets-manager@3.1162.0 by scripts/generate-aws-models.ts. Do not edit: run `npm run generate`.
import type { ModelTable } from '../protocol/shape.ts';

export type SecretsmanagerOperationName =
  | 'BatchGetSecretValue'
  | 'CancelRotateSecret'
  | 'CreateSecret'
  | 'DeleteResourcePolicy'
  | 'DeleteSecret'
  | 'DescribeSecret'
  | 'GetRandomPassword'
  | 'GetResourcePolicy'
  | 'GetSecretValue'
  | 'ListSecretVersionIds'
  | 'ListSecrets'
  | 'PutResourcePolicy'
  | 'PutSecretValue'
  | 'RemoveRegionsFromReplication'
  | 'ReplicateSecretToRegions'
  | 'RestoreSecret'
  | 'RotateSecret'
  | 'StopReplicationToReplica'
  | 'TagResource'
  | 'UntagResource'
  | 'UpdateSecret'
  | 'UpdateSecretVersionStage'
  | 'ValidateResourcePolicy';

export const secretsmanagerModel: ModelTable = {
  generatedFrom: '@aws-sdk/client-secrets-manager@3.1162.0',
  serviceId: 'Secrets Manager',
  version: '2017-10-17',
  namespace: 'com.amazonaws.secretsmanager',
  targetPrefix: 'secretsmanager',
  operations: {
    BatchGetSecretValue: { input: 'BatchGetSecretValueRequest', output: 'BatchGetSecretValueResponse' },
    CancelRotateSecret: { input: 'CancelRotateSecretRequest', output: 'CancelRotateSecretResponse' },
    CreateSecret: { input: 'CreateSecretRequest', output: 'CreateSecretResponse' },
    DeleteResourcePolicy: { input: 'DeleteResourcePolicyRequest', output: 'DeleteResourcePolicyResponse' },
    DeleteSecret: { input: 'DeleteSecretRequest', output: 'DeleteSecretResponse' },
    DescribeSecret: { input: 'DescribeSecretRequest', output: 'DescribeSecretResponse' },
    GetRandomPassword: { input: 'GetRandomPasswordRequest', output: 'GetRandomPasswordResponse' },
    GetResourcePolicy: { input: 'GetResourcePolicyRequest', output: 'GetResourcePolicyResponse' },
    GetSecretValue: { input: 'GetSecretValueRequest', output: 'GetSecretValueResponse' },
    ListSecretVersionIds: { input: 'ListSecretVersionIdsRequest', output: 'ListSecretVersionIdsResponse' },
    ListSecrets: { input: 'ListSecretsRequest', output: 'ListSecretsResponse' },
    PutResourcePolicy: { input: 'PutResourcePolicyRequest', output: 'PutResourcePolicyResponse' },
    PutSecretValue: { input: 'PutSecretValueRequest', output: 'PutSecretValueResponse' },
    RemoveRegionsFromReplication: { input: 'RemoveRegionsFromReplicationRequest', output: 'RemoveRegionsFromReplicationResponse' },
    ReplicateSecretToRegions: { input: 'ReplicateSecretToRegionsRequest', output: 'ReplicateSecretToRegionsResponse' },
    RestoreSecret: { input: 'RestoreSecretRequest', output: 'RestoreSecretResponse' },
    RotateSecret: { input: 'RotateSecretRequest', output: 'RotateSecretResponse' },
    StopReplicationToReplica: { input: 'StopReplicationToReplicaRequest', output: 'StopReplicationToReplicaResponse' },
    TagResource: { input: 'TagResourceRequest', output: 'unit' },
    UntagResource: { input: 'UntagResourceRequest', output: 'unit' },
    UpdateSecret: { input: 'UpdateSecretRequest', output: 'UpdateSecretResponse' },
    UpdateSecretVersionStage: { input: 'UpdateSecretVersionStageRequest', output: 'UpdateSecretVersionStageResponse' },
    ValidateResourcePolicy: { input: 'ValidateResourcePolicyRequest', output: 'ValidateResourcePolicyResponse' },
  },
  shapes: {
    APIErrorListType: { list: '#APIErrorType' },
    APIErrorType: { structure: { SecretId: 'string', ErrorCode: 'string', Message: 'string' } },
    AddReplicaRegionListType: { list: '#ReplicaRegionType' },
    BatchGetSecretValueRequest: { structure: { SecretIdList: '[string]', Filters: '#FiltersListType', MaxResults: 'number', NextToken: 'string' } },
    BatchGetSecretValueResponse: { structure: { SecretValues: '#SecretValuesType', NextToken: 'string', Errors: '#APIErrorListType' } },
    CancelRotateSecretRequest: { structure: { SecretId: 'string' }, required: ['SecretId'] },
    CancelRotateSecretResponse: { structure: { ARN: 'string', Name: 'string', VersionId: 'string' } },
    CreateSecretRequest: { structure: { Name: 'string', ClientRequestToken: ['string', { idempotencyToken: true }], Description: 'string', KmsKeyId: 'string', SecretBinary: 'blob', SecretString: 'string', Tags: '#TagListType', AddReplicaRegions: '#AddReplicaRegionListType', ForceOverwriteReplicaSecret: 'boolean', Type: 'string' }, required: ['Name'] },
    CreateSecretResponse: { structure: { ARN: 'string', Name: 'string', VersionId: 'string', ReplicationStatus: '#ReplicationStatusListType' } },
    DeleteResourcePolicyRequest: { structure: { SecretId: 'string' }, required: ['SecretId'] },
    DeleteResourcePolicyResponse: { structure: { ARN: 'string', Name: 'string' } },
    DeleteSecretRequest: { structure: { SecretId: 'string', RecoveryWindowInDays: 'number', ForceDeleteWithoutRecovery: 'boolean' }, required: ['SecretId'] },
    DeleteSecretResponse: { structure: { ARN: 'string', Name: 'string', DeletionDate: 'timestamp' } },
    DescribeSecretRequest: { structure: { SecretId: 'string' }, required: ['SecretId'] },
    DescribeSecretResponse: { structure: { ARN: 'string', Name: 'string', Type: 'string', Description: 'string', KmsKeyId: 'string', RotationEnabled: 'boolean', RotationLambdaARN: 'string', RotationRules: '#RotationRulesType', ExternalSecretRotationMetadata: '#ExternalSecretRotationMetadataType', ExternalSecretRotationRoleArn: 'string', LastRotatedDate: 'timestamp', LastChangedDate: 'timestamp', LastAccessedDate: 'timestamp', DeletedDate: 'timestamp', NextRotationDate: 'timestamp', Tags: '#TagListType', VersionIdsToStages: '#SecretVersionsToStagesMapType', OwningService: 'string', CreatedDate: 'timestamp', PrimaryRegion: 'string', ReplicationStatus: '#ReplicationStatusListType' } },
    ExternalSecretRotationMetadataItem: { structure: { Key: 'string', Value: 'string' } },
    ExternalSecretRotationMetadataType: { list: '#ExternalSecretRotationMetadataItem' },
    Filter: { structure: { Key: 'string', Values: '[string]' } },
    FiltersListType: { list: '#Filter' },
    GetRandomPasswordRequest: { structure: { PasswordLength: 'number', ExcludeCharacters: 'string', ExcludeNumbers: 'boolean', ExcludePunctuation: 'boolean', ExcludeUppercase: 'boolean', ExcludeLowercase: 'boolean', IncludeSpace: 'boolean', RequireEachIncludedType: 'boolean' } },
    GetRandomPasswordResponse: { structure: { RandomPassword: 'string' } },
    GetResourcePolicyRequest: { structure: { SecretId: 'string' }, required: ['SecretId'] },
    GetResourcePolicyResponse: { structure: { ARN: 'string', Name: 'string', ResourcePolicy: 'string' } },
    GetSecretValueRequest: { structure: { SecretId: 'string', VersionId: 'string', VersionStage: 'string' }, required: ['SecretId'] },
    GetSecretValueResponse: { structure: { ARN: 'string', Name: 'string', VersionId: 'string', SecretBinary: 'blob', SecretString: 'string', VersionStages: '[string]', CreatedDate: 'timestamp' } },
    ListSecretVersionIdsRequest: { structure: { SecretId: 'string', MaxResults: 'number', NextToken: 'string', IncludeDeprecated: 'boolean' }, required: ['SecretId'] },
    ListSecretVersionIdsResponse: { structure: { Versions: '#SecretVersionsListType', NextToken: 'string', ARN: 'string', Name: 'string' } },
    ListSecretsRequest: { structure: { IncludePlannedDeletion: 'boolean', MaxResults: 'number', NextToken: 'string', Filters: '#FiltersListType', SortOrder: 'string', SortBy: 'string' } },
    ListSecretsResponse: { structure: { SecretList: '#SecretListType', NextToken: 'string' } },
    PutResourcePolicyRequest: { structure: { SecretId: 'string', ResourcePolicy: 'string', BlockPublicPolicy: 'boolean' }, required: ['SecretId', 'ResourcePolicy'] },
    PutResourcePolicyResponse: { structure: { ARN: 'string', Name: 'string' } },
    PutSecretValueRequest: { structure: { SecretId: 'string', ClientRequestToken: ['string', { idempotencyToken: true }], SecretBinary: 'blob', SecretString: 'string', VersionStages: '[string]', RotationToken: 'string' }, required: ['SecretId'] },
    PutSecretValueResponse: { structure: { ARN: 'string', Name: 'string', VersionId: 'string', VersionStages: '[string]' } },
    RemoveRegionsFromReplicationRequest: { structure: { SecretId: 'string', RemoveReplicaRegions: '[string]' }, required: ['SecretId', 'RemoveReplicaRegions'] },
    RemoveRegionsFromReplicationResponse: { structure: { ARN: 'string', ReplicationStatus: '#ReplicationStatusListType' } },
    ReplicaRegionType: { structure: { Region: 'string', KmsKeyId: 'string' } },
    ReplicateSecretToRegionsRequest: { structure: { SecretId: 'string', AddReplicaRegions: '#AddReplicaRegionListType', ForceOverwriteReplicaSecret: 'boolean' }, required: ['SecretId', 'AddReplicaRegions'] },
    ReplicateSecretToRegionsResponse: { structure: { ARN: 'string', ReplicationStatus: '#ReplicationStatusListType' } },
    ReplicationStatusListType: { list: '#ReplicationStatusType' },
    ReplicationStatusType: { structure: { Region: 'string', KmsKeyId: 'string', Status: 'string', StatusMessage: 'string', LastAccessedDate: 'timestamp' } },
    RestoreSecretRequest: { structure: { SecretId: 'string' }, required: ['SecretId'] },
    RestoreSecretResponse: { structure: { ARN: 'string', Name: 'string' } },
    RotateSecretRequest: { structure: { SecretId: 'string', ClientRequestToken: ['string', { idempotencyToken: true }], RotationLambdaARN: 'string', RotationRules: '#RotationRulesType', ExternalSecretRotationMetadata: '#ExternalSecretRotationMetadataType', ExternalSecretRotationRoleArn: 'string', RotateImmediately: 'boolean' }, required: ['SecretId'] },
    RotateSecretResponse: { structure: { ARN: 'string', Name: 'string', VersionId: 'string' } },
    RotationRulesType: { structure: { AutomaticallyAfterDays: 'number', Duration: 'string', ScheduleExpression: 'string' } },
    SecretListEntry: { structure: { ARN: 'string', Name: 'string', Type: 'string', Description: 'string', KmsKeyId: 'string', RotationEnabled: 'boolean', RotationLambdaARN: 'string', RotationRules: '#RotationRulesType', ExternalSecretRotationMetadata: '#ExternalSecretRotationMetadataType', ExternalSecretRotationRoleArn: 'string', LastRotatedDate: 'timestamp', LastChangedDate: 'timestamp', LastAccessedDate: 'timestamp', DeletedDate: 'timestamp', NextRotationDate: 'timestamp', Tags: '#TagListType', SecretVersionsToStages: '#SecretVersionsToStagesMapType', OwningService: 'string', CreatedDate: 'timestamp', PrimaryRegion: 'string' } },
    SecretListType: { list: '#SecretListEntry' },
    SecretValueEntry: { structure: { ARN: 'string', Name: 'string', VersionId: 'string', SecretBinary: 'blob', SecretString: 'string', VersionStages: '[string]', CreatedDate: 'timestamp' } },
    SecretValuesType: { list: '#SecretValueEntry' },
    SecretVersionsListEntry: { structure: { VersionId: 'string', VersionStages: '[string]', LastAccessedDate: 'timestamp', CreatedDate: 'timestamp', KmsKeyIds: '[string]' } },
    SecretVersionsListType: { list: '#SecretVersionsListEntry' },
    SecretVersionsToStagesMapType: { map: ['string', '[string]'] },
    StopReplicationToReplicaRequest: { structure: { SecretId: 'string' }, required: ['SecretId'] },
    StopReplicationToReplicaResponse: { structure: { ARN: 'string' } },
    Tag: { structure: { Key: 'string', Value: 'string' } },
    TagListType: { list: '#Tag' },
    TagResourceRequest: { structure: { SecretId: 'string', Tags: '#TagListType' }, required: ['SecretId', 'Tags'] },
    UntagResourceRequest: { structure: { SecretId: 'string', TagKeys: '[string]' }, required: ['SecretId', 'TagKeys'] },
    UpdateSecretRequest: { structure: { SecretId: 'string', ClientRequestToken: ['string', { idempotencyToken: true }], Description: 'string', KmsKeyId: 'string', SecretBinary: 'blob', SecretString: 'string', Type: 'string' }, required: ['SecretId'] },
    UpdateSecretResponse: { structure: { ARN: 'string', Name: 'string', VersionId: 'string' } },
    UpdateSecretVersionStageRequest: { structure: { SecretId: 'string', VersionStage: 'string', RemoveFromVersionId: 'string', MoveToVersionId: 'string' }, required: ['SecretId', 'VersionStage'] },
    UpdateSecretVersionStageResponse: { structure: { ARN: 'string', Name: 'string' } },
    ValidateResourcePolicyRequest: { structure: { ResourcePolicy: 'string', SecretId: 'string' }, required: ['ResourcePolicy'] },
    ValidateResourcePolicyResponse: { structure: { PolicyValidationPassed: 'boolean', ValidationErrors: '#ValidationErrorsType' } },
    ValidationErrorsEntry: { structure: { CheckName: 'string', ErrorMessage: 'string' } },
    ValidationErrorsType: { list: '#ValidationErrorsEntry' },
  },
  errors: {
    DecryptionFailure: { structure: { Message: 'string' }, traits: { fault: 'client' } },
    EncryptionFailure: { structure: { Message: 'string' }, traits: { fault: 'client' } },
    InternalServiceError: { structure: { Message: 'string' }, traits: { fault: 'server' } },
    InvalidNextTokenException: { structure: { Message: 'string' }, traits: { fault: 'client' } },
    InvalidParameterException: { structure: { Message: 'string' }, traits: { fault: 'client' } },
    InvalidRequestException: { structure: { Message: 'string' }, traits: { fault: 'client' } },
    LimitExceededException: { structure: { Message: 'string' }, traits: { fault: 'client' } },
    MalformedPolicyDocumentException: { structure: { Message: 'string' }, traits: { fault: 'client' } },
    PreconditionNotMetException: { structure: { Message: 'string' }, traits: { fault: 'client' } },
    PublicPolicyException: { structure: { Message: 'string' }, traits: { fault: 'client' } },
    ResourceExistsException: { structure: { Message: 'string' }, traits: { fault: 'client' } },
    ResourceNotFoundException: { structure: { Message: 'string' }, traits: { fault: 'client' } },
  },
};

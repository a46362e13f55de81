// Generated from @aws-sdk/client-kms@3.1162.0 by scripts/generate-aws-models.ts. Do not edit: run `npm run generate`.
import type { ModelTable } from '../protocol/shape.ts';

export type KmsOperationName =
  | 'CancelKeyDeletion'
  | 'ConnectCustomKeyStore'
  | 'CreateAlias'
  | 'CreateCustomKeyStore'
  | 'CreateGrant'
  | 'CreateKey'
  | 'Decapsulate'
  | 'Decrypt'
  | 'DeleteAlias'
  | 'DeleteCustomKeyStore'
  | 'DeleteImportedKeyMaterial'
  | 'DeriveSharedSecret'
  | 'DescribeCustomKeyStores'
  | 'DescribeKey'
  | 'DisableKey'
  | 'DisableKeyRotation'
  | 'DisconnectCustomKeyStore'
  | 'EnableKey'
  | 'EnableKeyRotation'
  | 'Encapsulate'
  | 'Encrypt'
  | 'GenerateDataKey'
  | 'GenerateDataKeyPair'
  | 'GenerateDataKeyPairWithoutPlaintext'
  | 'GenerateDataKeyWithoutPlaintext'
  | 'GenerateMac'
  | 'GenerateRandom'
  | 'GetKeyLastUsage'
  | 'GetKeyPolicy'
  | 'GetKeyRotationStatus'
  | 'GetParametersForImport'
  | 'GetPublicKey'
  | 'ImportKeyMaterial'
  | 'ListAliases'
  | 'ListGrants'
  | 'ListKeyPolicies'
  | 'ListKeyRotations'
  | 'ListKeys'
  | 'ListResourceTags'
  | 'ListRetirableGrants'
  | 'PutKeyPolicy'
  | 'ReEncrypt'
  | 'ReplicateKey'
  | 'RetireGrant'
  | 'RevokeGrant'
  | 'RotateKeyOnDemand'
  | 'ScheduleKeyDeletion'
  | 'Sign'
  | 'TagResource'
  | 'UntagResource'
  | 'UpdateAlias'
  | 'UpdateCustomKeyStore'
  | 'UpdateKeyDescription'
  | 'UpdatePrimaryRegion'
  | 'Verify'
  | 'VerifyMac';

export const kmsModel: ModelTable = {
  generatedFrom: '@aws-sdk/client-kms@3.1162.0',
  serviceId: 'KMS',
  version: '2014-11-01',
  namespace: 'com.amazonaws.kms',
  targetPrefix: 'TrentService',
  xmlNamespace: 'https://trent.amazonaws.com/doc/2014-11-01/',
  operations: {
    CancelKeyDeletion: { input: 'CancelKeyDeletionRequest', output: 'CancelKeyDeletionResponse' },
    ConnectCustomKeyStore: { input: 'ConnectCustomKeyStoreRequest', output: 'ConnectCustomKeyStoreResponse' },
    CreateAlias: { input: 'CreateAliasRequest', output: 'unit' },
    CreateCustomKeyStore: { input: 'CreateCustomKeyStoreRequest', output: 'CreateCustomKeyStoreResponse' },
    CreateGrant: { input: 'CreateGrantRequest', output: 'CreateGrantResponse' },
    CreateKey: { input: 'CreateKeyRequest', output: 'CreateKeyResponse' },
    Decapsulate: { input: 'DecapsulateRequest', output: 'DecapsulateResponse' },
    Decrypt: { input: 'DecryptRequest', output: 'DecryptResponse' },
    DeleteAlias: { input: 'DeleteAliasRequest', output: 'unit' },
    DeleteCustomKeyStore: { input: 'DeleteCustomKeyStoreRequest', output: 'DeleteCustomKeyStoreResponse' },
    DeleteImportedKeyMaterial: { input: 'DeleteImportedKeyMaterialRequest', output: 'DeleteImportedKeyMaterialResponse' },
    DeriveSharedSecret: { input: 'DeriveSharedSecretRequest', output: 'DeriveSharedSecretResponse' },
    DescribeCustomKeyStores: { input: 'DescribeCustomKeyStoresRequest', output: 'DescribeCustomKeyStoresResponse' },
    DescribeKey: { input: 'DescribeKeyRequest', output: 'DescribeKeyResponse' },
    DisableKey: { input: 'DisableKeyRequest', output: 'unit' },
    DisableKeyRotation: { input: 'DisableKeyRotationRequest', output: 'unit' },
    DisconnectCustomKeyStore: { input: 'DisconnectCustomKeyStoreRequest', output: 'DisconnectCustomKeyStoreResponse' },
    EnableKey: { input: 'EnableKeyRequest', output: 'unit' },
    EnableKeyRotation: { input: 'EnableKeyRotationRequest', output: 'unit' },
    Encapsulate: { input: 'EncapsulateRequest', output: 'EncapsulateResponse' },
    Encrypt: { input: 'EncryptRequest', output: 'EncryptResponse' },
    GenerateDataKey: { input: 'GenerateDataKeyRequest', output: 'GenerateDataKeyResponse' },
    GenerateDataKeyPair: { input: 'GenerateDataKeyPairRequest', output: 'GenerateDataKeyPairResponse' },
    GenerateDataKeyPairWithoutPlaintext: { input: 'GenerateDataKeyPairWithoutPlaintextRequest', output: 'GenerateDataKeyPairWithoutPlaintextResponse' },
    GenerateDataKeyWithoutPlaintext: { input: 'GenerateDataKeyWithoutPlaintextRequest', output: 'GenerateDataKeyWithoutPlaintextResponse' },
    GenerateMac: { input: 'GenerateMacRequest', output: 'GenerateMacResponse' },
    GenerateRandom: { input: 'GenerateRandomRequest', output: 'GenerateRandomResponse' },
    GetKeyLastUsage: { input: 'GetKeyLastUsageRequest', output: 'GetKeyLastUsageResponse' },
    GetKeyPolicy: { input: 'GetKeyPolicyRequest', output: 'GetKeyPolicyResponse' },
    GetKeyRotationStatus: { input: 'GetKeyRotationStatusRequest', output: 'GetKeyRotationStatusResponse' },
    GetParametersForImport: { input: 'GetParametersForImportRequest', output: 'GetParametersForImportResponse' },
    GetPublicKey: { input: 'GetPublicKeyRequest', output: 'GetPublicKeyResponse' },
    ImportKeyMaterial: { input: 'ImportKeyMaterialRequest', output: 'ImportKeyMaterialResponse' },
    ListAliases: { input: 'ListAliasesRequest', output: 'ListAliasesResponse' },
    ListGrants: { input: 'ListGrantsRequest', output: 'ListGrantsResponse' },
    ListKeyPolicies: { input: 'ListKeyPoliciesRequest', output: 'ListKeyPoliciesResponse' },
    ListKeyRotations: { input: 'ListKeyRotationsRequest', output: 'ListKeyRotationsResponse' },
    ListKeys: { input: 'ListKeysRequest', output: 'ListKeysResponse' },
    ListResourceTags: { input: 'ListResourceTagsRequest', output: 'ListResourceTagsResponse' },
    ListRetirableGrants: { input: 'ListRetirableGrantsRequest', output: 'ListGrantsResponse' },
    PutKeyPolicy: { input: 'PutKeyPolicyRequest', output: 'unit' },
    ReEncrypt: { input: 'ReEncryptRequest', output: 'ReEncryptResponse' },
    ReplicateKey: { input: 'ReplicateKeyRequest', output: 'ReplicateKeyResponse' },
    RetireGrant: { input: 'RetireGrantRequest', output: 'unit' },
    RevokeGrant: { input: 'RevokeGrantRequest', output: 'unit' },
    RotateKeyOnDemand: { input: 'RotateKeyOnDemandRequest', output: 'RotateKeyOnDemandResponse' },
    ScheduleKeyDeletion: { input: 'ScheduleKeyDeletionRequest', output: 'ScheduleKeyDeletionResponse' },
    Sign: { input: 'SignRequest', output: 'SignResponse' },
    TagResource: { input: 'TagResourceRequest', output: 'unit' },
    UntagResource: { input: 'UntagResourceRequest', output: 'unit' },
    UpdateAlias: { input: 'UpdateAliasRequest', output: 'unit' },
    UpdateCustomKeyStore: { input: 'UpdateCustomKeyStoreRequest', output: 'UpdateCustomKeyStoreResponse' },
    UpdateKeyDescription: { input: 'UpdateKeyDescriptionRequest', output: 'unit' },
    UpdatePrimaryRegion: { input: 'UpdatePrimaryRegionRequest', output: 'unit' },
    Verify: { input: 'VerifyRequest', output: 'VerifyResponse' },
    VerifyMac: { input: 'VerifyMacRequest', output: 'VerifyMacResponse' },
  },
  shapes: {
    AliasList: { list: '#AliasListEntry' },
    AliasListEntry: { structure: { AliasName: 'string', AliasArn: 'string', TargetKeyId: 'string', CreationDate: 'timestamp', LastUpdatedDate: 'timestamp' } },
    CancelKeyDeletionRequest: { structure: { KeyId: 'string' }, required: ['KeyId'] },
    CancelKeyDeletionResponse: { structure: { KeyId: 'string' } },
    ConnectCustomKeyStoreRequest: { structure: { CustomKeyStoreId: 'string' }, required: ['CustomKeyStoreId'] },
    ConnectCustomKeyStoreResponse: { structure: {} },
    CreateAliasRequest: { structure: { AliasName: 'string', TargetKeyId: 'string' }, required: ['AliasName', 'TargetKeyId'] },
    CreateCustomKeyStoreRequest: { structure: { CustomKeyStoreName: 'string', CloudHsmClusterId: 'string', TrustAnchorCertificate: 'string', KeyStorePassword: 'string', CustomKeyStoreType: 'string', XksProxyUriEndpoint: 'string', XksProxyUriPath: 'string', XksProxyVpcEndpointServiceName: 'string', XksProxyVpcEndpointServiceOwner: 'string', XksProxyAuthenticationCredential: '#XksProxyAuthenticationCredentialType', XksProxyConnectivity: 'string' }, required: ['CustomKeyStoreName'] },
    CreateCustomKeyStoreResponse: { structure: { CustomKeyStoreId: 'string' } },
    CreateGrantRequest: { structure: { KeyId: 'string', Operations: '[string]', GranteePrincipal: 'string', RetiringPrincipal: 'string', Constraints: '#GrantConstraints', GrantTokens: '[string]', Name: 'string', DryRun: 'boolean', GranteeServicePrincipal: 'string', RetiringServicePrincipal: 'string' }, required: ['KeyId', 'Operations'] },
    CreateGrantResponse: { structure: { GrantToken: 'string', GrantId: 'string' } },
    CreateKeyRequest: { structure: { Policy: 'string', Description: 'string', KeyUsage: 'string', CustomerMasterKeySpec: 'string', KeySpec: 'string', Origin: 'string', CustomKeyStoreId: 'string', BypassPolicyLockoutSafetyCheck: 'boolean', Tags: '#TagList', MultiRegion: 'boolean', XksKeyId: 'string' } },
    CreateKeyResponse: { structure: { KeyMetadata: '#KeyMetadata' } },
    CustomKeyStoresList: { list: '#CustomKeyStoresListEntry' },
    CustomKeyStoresListEntry: { structure: { CustomKeyStoreId: 'string', CustomKeyStoreName: 'string', CloudHsmClusterId: 'string', TrustAnchorCertificate: 'string', ConnectionState: 'string', ConnectionErrorCode: 'string', CreationDate: 'timestamp', CustomKeyStoreType: 'string', XksProxyConfiguration: '#XksProxyConfigurationType' } },
    DecapsulateRequest: { structure: { KeyId: 'string', SharedSecretCiphertextBlob: 'blob', EncapsulationAlgorithm: 'string', GrantTokens: '[string]', DryRun: 'boolean' }, required: ['KeyId', 'SharedSecretCiphertextBlob', 'EncapsulationAlgorithm'] },
    DecapsulateResponse: { structure: { KeyId: 'string', SharedSecret: 'blob', EncapsulationAlgorithm: 'string' } },
    DecryptRequest: { structure: { CiphertextBlob: 'blob', EncryptionContext: '{string}', GrantTokens: '[string]', KeyId: 'string', EncryptionAlgorithm: 'string', Recipient: '#RecipientInfo', DryRun: 'boolean', DryRunModifiers: '[string]' } },
    DecryptResponse: { structure: { KeyId: 'string', Plaintext: 'blob', EncryptionAlgorithm: 'string', CiphertextForRecipient: 'blob', KeyMaterialId: 'string' } },
    DeleteAliasRequest: { structure: { AliasName: 'string' }, required: ['AliasName'] },
    DeleteCustomKeyStoreRequest: { structure: { CustomKeyStoreId: 'string' }, required: ['CustomKeyStoreId'] },
    DeleteCustomKeyStoreResponse: { structure: {} },
    DeleteImportedKeyMaterialRequest: { structure: { KeyId: 'string', KeyMaterialId: 'string' }, required: ['KeyId'] },
    DeleteImportedKeyMaterialResponse: { structure: { KeyId: 'string', KeyMaterialId: 'string' } },
    DeriveSharedSecretRequest: { structure: { KeyId: 'string', KeyAgreementAlgorithm: 'string', PublicKey: 'blob', GrantTokens: '[string]', DryRun: 'boolean', Recipient: '#RecipientInfo' }, required: ['KeyId', 'KeyAgreementAlgorithm', 'PublicKey'] },
    DeriveSharedSecretResponse: { structure: { KeyId: 'string', SharedSecret: 'blob', CiphertextForRecipient: 'blob', KeyAgreementAlgorithm: 'string', KeyOrigin: 'string' } },
    DescribeCustomKeyStoresRequest: { structure: { CustomKeyStoreId: 'string', CustomKeyStoreName: 'string', Limit: 'number', Marker: 'string' } },
    DescribeCustomKeyStoresResponse: { structure: { CustomKeyStores: '#CustomKeyStoresList', NextMarker: 'string', Truncated: 'boolean' } },
    DescribeKeyRequest: { structure: { KeyId: 'string', GrantTokens: '[string]' }, required: ['KeyId'] },
    DescribeKeyResponse: { structure: { KeyMetadata: '#KeyMetadata' } },
    DisableKeyRequest: { structure: { KeyId: 'string' }, required: ['KeyId'] },
    DisableKeyRotationRequest: { structure: { KeyId: 'string' }, required: ['KeyId'] },
    DisconnectCustomKeyStoreRequest: { structure: { CustomKeyStoreId: 'string' }, required: ['CustomKeyStoreId'] },
    DisconnectCustomKeyStoreResponse: { structure: {} },
    EnableKeyRequest: { structure: { KeyId: 'string' }, required: ['KeyId'] },
    EnableKeyRotationRequest: { structure: { KeyId: 'string', RotationPeriodInDays: 'number' }, required: ['KeyId'] },
    EncapsulateRequest: { structure: { KeyId: 'string', EncapsulationAlgorithm: 'string', GrantTokens: '[string]', DryRun: 'boolean' }, required: ['KeyId', 'EncapsulationAlgorithm'] },
    EncapsulateResponse: { structure: { KeyId: 'string', SharedSecret: 'blob', SharedSecretCiphertextBlob: 'blob', EncapsulationAlgorithm: 'string' } },
    EncryptRequest: { structure: { KeyId: 'string', Plaintext: 'blob', EncryptionContext: '{string}', GrantTokens: '[string]', EncryptionAlgorithm: 'string', DryRun: 'boolean' }, required: ['KeyId', 'Plaintext'] },
    EncryptResponse: { structure: { CiphertextBlob: 'blob', KeyId: 'string', EncryptionAlgorithm: 'string' } },
    GenerateDataKeyPairRequest: { structure: { KeyId: 'string', KeyPairSpec: 'string', EncryptionContext: '{string}', GrantTokens: '[string]', Recipient: '#RecipientInfo', DryRun: 'boolean' }, required: ['KeyId', 'KeyPairSpec'] },
    GenerateDataKeyPairResponse: { structure: { PrivateKeyCiphertextBlob: 'blob', PrivateKeyPlaintext: 'blob', PublicKey: 'blob', KeyId: 'string', KeyPairSpec: 'string', CiphertextForRecipient: 'blob', KeyMaterialId: 'string' } },
    GenerateDataKeyPairWithoutPlaintextRequest: { structure: { KeyId: 'string', KeyPairSpec: 'string', EncryptionContext: '{string}', GrantTokens: '[string]', DryRun: 'boolean' }, required: ['KeyId', 'KeyPairSpec'] },
    GenerateDataKeyPairWithoutPlaintextResponse: { structure: { PrivateKeyCiphertextBlob: 'blob', PublicKey: 'blob', KeyId: 'string', KeyPairSpec: 'string', KeyMaterialId: 'string' } },
    GenerateDataKeyRequest: { structure: { KeyId: 'string', EncryptionContext: '{string}', NumberOfBytes: 'number', KeySpec: 'string', GrantTokens: '[string]', Recipient: '#RecipientInfo', DryRun: 'boolean' }, required: ['KeyId'] },
    GenerateDataKeyResponse: { structure: { CiphertextBlob: 'blob', Plaintext: 'blob', KeyId: 'string', CiphertextForRecipient: 'blob', KeyMaterialId: 'string' } },
    GenerateDataKeyWithoutPlaintextRequest: { structure: { KeyId: 'string', EncryptionContext: '{string}', KeySpec: 'string', NumberOfBytes: 'number', GrantTokens: '[string]', DryRun: 'boolean' }, required: ['KeyId'] },
    GenerateDataKeyWithoutPlaintextResponse: { structure: { CiphertextBlob: 'blob', KeyId: 'string', KeyMaterialId: 'string' } },
    GenerateMacRequest: { structure: { Message: 'blob', KeyId: 'string', MacAlgorithm: 'string', GrantTokens: '[string]', DryRun: 'boolean' }, required: ['Message', 'KeyId', 'MacAlgorithm'] },
    GenerateMacResponse: { structure: { Mac: 'blob', MacAlgorithm: 'string', KeyId: 'string' } },
    GenerateRandomRequest: { structure: { NumberOfBytes: 'number', CustomKeyStoreId: 'string', Recipient: '#RecipientInfo' } },
    GenerateRandomResponse: { structure: { Plaintext: 'blob', CiphertextForRecipient: 'blob' } },
    GetKeyLastUsageRequest: { structure: { KeyId: 'string' }, required: ['KeyId'] },
    GetKeyLastUsageResponse: { structure: { KeyId: 'string', KeyLastUsage: '#KeyLastUsageData', TrackingStartDate: 'timestamp', KeyCreationDate: 'timestamp' } },
    GetKeyPolicyRequest: { structure: { KeyId: 'string', PolicyName: 'string' }, required: ['KeyId'] },
    GetKeyPolicyResponse: { structure: { Policy: 'string', PolicyName: 'string' } },
    GetKeyRotationStatusRequest: { structure: { KeyId: 'string' }, required: ['KeyId'] },
    GetKeyRotationStatusResponse: { structure: { KeyRotationEnabled: 'boolean', KeyId: 'string', RotationPeriodInDays: 'number', NextRotationDate: 'timestamp', OnDemandRotationStartDate: 'timestamp' } },
    GetParametersForImportRequest: { structure: { KeyId: 'string', WrappingAlgorithm: 'string', WrappingKeySpec: 'string' }, required: ['KeyId', 'WrappingAlgorithm', 'WrappingKeySpec'] },
    GetParametersForImportResponse: { structure: { KeyId: 'string', ImportToken: 'blob', PublicKey: 'blob', ParametersValidTo: 'timestamp' } },
    GetPublicKeyRequest: { structure: { KeyId: 'string', GrantTokens: '[string]' }, required: ['KeyId'] },
    GetPublicKeyResponse: { structure: { KeyId: 'string', PublicKey: 'blob', CustomerMasterKeySpec: 'string', KeySpec: 'string', KeyUsage: 'string', EncryptionAlgorithms: '[string]', SigningAlgorithms: '[string]', KeyAgreementAlgorithms: '[string]', EncapsulationAlgorithms: '[string]' } },
    GrantConstraints: { structure: { EncryptionContextSubset: '{string}', EncryptionContextEquals: '{string}', SourceArn: 'string' } },
    GrantList: { list: '#GrantListEntry' },
    GrantListEntry: { structure: { KeyId: 'string', GrantId: 'string', Name: 'string', CreationDate: 'timestamp', GranteePrincipal: 'string', RetiringPrincipal: 'string', IssuingAccount: 'string', Operations: '[string]', Constraints: '#GrantConstraints', GranteeServicePrincipal: 'string', RetiringServicePrincipal: 'string' } },
    ImportKeyMaterialRequest: { structure: { KeyId: 'string', ImportToken: 'blob', EncryptedKeyMaterial: 'blob', ValidTo: 'timestamp', ExpirationModel: 'string', ImportType: 'string', KeyMaterialDescription: 'string', KeyMaterialId: 'string' }, required: ['KeyId', 'ImportToken', 'EncryptedKeyMaterial'] },
    ImportKeyMaterialResponse: { structure: { KeyId: 'string', KeyMaterialId: 'string' } },
    KeyLastUsageData: { structure: { Operation: 'string', Timestamp: 'timestamp', CloudTrailEventId: 'string', KmsRequestId: 'string' } },
    KeyList: { list: '#KeyListEntry' },
    KeyListEntry: { structure: { KeyId: 'string', KeyArn: 'string' } },
    KeyMetadata: { structure: { KeyId: 'string', AWSAccountId: 'string', Arn: 'string', CreationDate: 'timestamp', Enabled: 'boolean', Description: 'string', KeyUsage: 'string', KeyState: 'string', DeletionDate: 'timestamp', ValidTo: 'timestamp', Origin: 'string', CustomKeyStoreId: 'string', CloudHsmClusterId: 'string', ExpirationModel: 'string', KeyManager: 'string', CustomerMasterKeySpec: 'string', KeySpec: 'string', EncryptionAlgorithms: '[string]', SigningAlgorithms: '[string]', KeyAgreementAlgorithms: '[string]', EncapsulationAlgorithms: '[string]', MultiRegion: 'boolean', MultiRegionConfiguration: '#MultiRegionConfiguration', PendingDeletionWindowInDays: 'number', MacAlgorithms: '[string]', XksKeyConfiguration: '#XksKeyConfigurationType', CurrentKeyMaterialId: 'string' }, required: ['KeyId'] },
    ListAliasesRequest: { structure: { KeyId: 'string', Limit: 'number', Marker: 'string' } },
    ListAliasesResponse: { structure: { Aliases: '#AliasList', NextMarker: 'string', Truncated: 'boolean' } },
    ListGrantsRequest: { structure: { KeyId: 'string', Limit: 'number', Marker: 'string', GrantId: 'string', GranteePrincipal: 'string', GranteeServicePrincipal: 'string' }, required: ['KeyId'] },
    ListGrantsResponse: { structure: { Grants: '#GrantList', NextMarker: 'string', Truncated: 'boolean' } },
    ListKeyPoliciesRequest: { structure: { KeyId: 'string', Limit: 'number', Marker: 'string' }, required: ['KeyId'] },
    ListKeyPoliciesResponse: { structure: { PolicyNames: '[string]', NextMarker: 'string', Truncated: 'boolean' } },
    ListKeyRotationsRequest: { structure: { KeyId: 'string', IncludeKeyMaterial: 'string', Limit: 'number', Marker: 'string' }, required: ['KeyId'] },
    ListKeyRotationsResponse: { structure: { Rotations: '#RotationsList', NextMarker: 'string', Truncated: 'boolean' } },
    ListKeysRequest: { structure: { Limit: 'number', Marker: 'string' } },
    ListKeysResponse: { structure: { Keys: '#KeyList', NextMarker: 'string', Truncated: 'boolean' } },
    ListResourceTagsRequest: { structure: { KeyId: 'string', Limit: 'number', Marker: 'string' }, required: ['KeyId'] },
    ListResourceTagsResponse: { structure: { Tags: '#TagList', NextMarker: 'string', Truncated: 'boolean' } },
    ListRetirableGrantsRequest: { structure: { Limit: 'number', Marker: 'string', RetiringPrincipal: 'string', RetiringServicePrincipal: 'string' } },
    MultiRegionConfiguration: { structure: { MultiRegionKeyType: 'string', PrimaryKey: '#MultiRegionKey', ReplicaKeys: '#MultiRegionKeyList' } },
    MultiRegionKey: { structure: { Arn: 'string', Region: 'string' } },
    MultiRegionKeyList: { list: '#MultiRegionKey' },
    PutKeyPolicyRequest: { structure: { KeyId: 'string', Policy: 'string', PolicyName: 'string', BypassPolicyLockoutSafetyCheck: 'boolean' }, required: ['KeyId', 'Policy'] },
    ReEncryptRequest: { structure: { DestinationKeyId: 'string', CiphertextBlob: 'blob', SourceEncryptionContext: '{string}', SourceKeyId: 'string', DestinationEncryptionContext: '{string}', SourceEncryptionAlgorithm: 'string', DestinationEncryptionAlgorithm: 'string', GrantTokens: '[string]', DryRun: 'boolean', DryRunModifiers: '[string]' }, required: ['DestinationKeyId'] },
    ReEncryptResponse: { structure: { CiphertextBlob: 'blob', SourceKeyId: 'string', KeyId: 'string', SourceEncryptionAlgorithm: 'string', DestinationEncryptionAlgorithm: 'string', SourceKeyMaterialId: 'string', DestinationKeyMaterialId: 'string' } },
    RecipientInfo: { structure: { KeyEncryptionAlgorithm: 'string', AttestationDocument: 'blob' } },
    ReplicateKeyRequest: { structure: { KeyId: 'string', ReplicaRegion: 'string', Policy: 'string', BypassPolicyLockoutSafetyCheck: 'boolean', Description: 'string', Tags: '#TagList' }, required: ['KeyId', 'ReplicaRegion'] },
    ReplicateKeyResponse: { structure: { ReplicaKeyMetadata: '#KeyMetadata', ReplicaPolicy: 'string', ReplicaTags: '#TagList' } },
    RetireGrantRequest: { structure: { GrantToken: 'string', KeyId: 'string', GrantId: 'string', DryRun: 'boolean' } },
    RevokeGrantRequest: { structure: { KeyId: 'string', GrantId: 'string', DryRun: 'boolean' }, required: ['KeyId', 'GrantId'] },
    RotateKeyOnDemandRequest: { structure: { KeyId: 'string' }, required: ['KeyId'] },
    RotateKeyOnDemandResponse: { structure: { KeyId: 'string' } },
    RotationsList: { list: '#RotationsListEntry' },
    RotationsListEntry: { structure: { KeyId: 'string', KeyMaterialId: 'string', KeyMaterialDescription: 'string', ImportState: 'string', KeyMaterialState: 'string', ExpirationModel: 'string', ValidTo: 'timestamp', RotationDate: 'timestamp', RotationType: 'string' } },
    ScheduleKeyDeletionRequest: { structure: { KeyId: 'string', PendingWindowInDays: 'number' }, required: ['KeyId'] },
    ScheduleKeyDeletionResponse: { structure: { KeyId: 'string', DeletionDate: 'timestamp', KeyState: 'string', PendingWindowInDays: 'number' } },
    SignRequest: { structure: { KeyId: 'string', Message: 'blob', SigningAlgorithm: 'string', MessageType: 'string', GrantTokens: '[string]', DryRun: 'boolean' }, required: ['KeyId', 'Message', 'SigningAlgorithm'] },
    SignResponse: { structure: { KeyId: 'string', Signature: 'blob', SigningAlgorithm: 'string' } },
    Tag: { structure: { TagKey: 'string', TagValue: 'string' }, required: ['TagKey', 'TagValue'] },
    TagList: { list: '#Tag' },
    TagResourceRequest: { structure: { KeyId: 'string', Tags: '#TagList' }, required: ['KeyId', 'Tags'] },
    UntagResourceRequest: { structure: { KeyId: 'string', TagKeys: '[string]' }, required: ['KeyId', 'TagKeys'] },
    UpdateAliasRequest: { structure: { AliasName: 'string', TargetKeyId: 'string' }, required: ['AliasName', 'TargetKeyId'] },
    UpdateCustomKeyStoreRequest: { structure: { CustomKeyStoreId: 'string', NewCustomKeyStoreName: 'string', KeyStorePassword: 'string', CloudHsmClusterId: 'string', XksProxyUriEndpoint: 'string', XksProxyUriPath: 'string', XksProxyVpcEndpointServiceName: 'string', XksProxyVpcEndpointServiceOwner: 'string', XksProxyAuthenticationCredential: '#XksProxyAuthenticationCredentialType', XksProxyConnectivity: 'string' }, required: ['CustomKeyStoreId'] },
    UpdateCustomKeyStoreResponse: { structure: {} },
    UpdateKeyDescriptionRequest: { structure: { KeyId: 'string', Description: 'string' }, required: ['KeyId', 'Description'] },
    UpdatePrimaryRegionRequest: { structure: { KeyId: 'string', PrimaryRegion: 'string' }, required: ['KeyId', 'PrimaryRegion'] },
    VerifyMacRequest: { structure: { Message: 'blob', KeyId: 'string', MacAlgorithm: 'string', Mac: 'blob', GrantTokens: '[string]', DryRun: 'boolean' }, required: ['Message', 'KeyId', 'MacAlgorithm', 'Mac'] },
    VerifyMacResponse: { structure: { KeyId: 'string', MacValid: 'boolean', MacAlgorithm: 'string' } },
    VerifyRequest: { structure: { KeyId: 'string', Message: 'blob', Signature: 'blob', SigningAlgorithm: 'string', MessageType: 'string', GrantTokens: '[string]', DryRun: 'boolean' }, required: ['KeyId', 'Message', 'Signature', 'SigningAlgorithm'] },
    VerifyResponse: { structure: { KeyId: 'string', SignatureValid: 'boolean', SigningAlgorithm: 'string' } },
    XksKeyConfigurationType: { structure: { Id: 'string' } },
    XksProxyAuthenticationCredentialType: { structure: { AccessKeyId: 'string', RawSecretAccessKey: 'string' }, required: ['AccessKeyId', 'RawSecretAccessKey'] },
    XksProxyConfigurationType: { structure: { Connectivity: 'string', AccessKeyId: 'string', UriEndpoint: 'string', UriPath: 'string', VpcEndpointServiceName: 'string', VpcEndpointServiceOwner: 'string' } },
  },
  errors: {
    AlreadyExistsException: { structure: { message: 'string' }, traits: { queryError: ['AlreadyExists', 409], fault: 'client', status: 409 } },
    CloudHsmClusterInUseException: { structure: { message: 'string' }, traits: { queryError: ['CloudHsmClusterInUseException', 400], fault: 'client', status: 400 } },
    CloudHsmClusterInvalidConfigurationException: { structure: { message: 'string' }, traits: { queryError: ['CloudHsmClusterInvalidConfigurationException', 400], fault: 'client', status: 400 } },
    CloudHsmClusterNotActiveException: { structure: { message: 'string' }, traits: { queryError: ['CloudHsmClusterNotActiveException', 400], fault: 'client', status: 400 } },
    CloudHsmClusterNotFoundException: { structure: { message: 'string' }, traits: { queryError: ['CloudHsmClusterNotFoundException', 400], fault: 'client', status: 400 } },
    CloudHsmClusterNotRelatedException: { structure: { message: 'string' }, traits: { queryError: ['CloudHsmClusterNotRelatedException', 400], fault: 'client', status: 400 } },
    ConflictException: { structure: { message: 'string' }, traits: { queryError: ['ConflictException', 409], fault: 'client', status: 409 } },
    CustomKeyStoreHasCMKsException: { structure: { message: 'string' }, traits: { queryError: ['CustomKeyStoreHasCMKsException', 400], fault: 'client', status: 400 } },
    CustomKeyStoreInvalidStateException: { structure: { message: 'string' }, traits: { queryError: ['CustomKeyStoreInvalidStateException', 400], fault: 'client', status: 400 } },
    CustomKeyStoreNameInUseException: { structure: { message: 'string' }, traits: { queryError: ['CustomKeyStoreNameInUseException', 400], fault: 'client', status: 400 } },
    CustomKeyStoreNotFoundException: { structure: { message: 'string' }, traits: { queryError: ['CustomKeyStoreNotFoundException', 400], fault: 'client', status: 400 } },
    DependencyTimeoutException: { structure: { message: 'string' }, traits: { queryError: ['DependencyTimeout', 503], fault: 'server', status: 503 } },
    DisabledException: { structure: { message: 'string' }, traits: { queryError: ['Disabled', 409], fault: 'client', status: 409 } },
    DryRunOperationException: { structure: { message: 'string' }, traits: { queryError: ['DryRunOperation', 412], fault: 'client', status: 412 } },
    ExpiredImportTokenException: { structure: { message: 'string' }, traits: { queryError: ['ExpiredImportTokenException', 400], fault: 'client', status: 400 } },
    IncorrectKeyException: { structure: { message: 'string' }, traits: { queryError: ['IncorrectKeyException', 400], fault: 'client', status: 400 } },
    IncorrectKeyMaterialException: { structure: { message: 'string' }, traits: { queryError: ['IncorrectKeyMaterialException', 400], fault: 'client', status: 400 } },
    IncorrectTrustAnchorException: { structure: { message: 'string' }, traits: { queryError: ['IncorrectTrustAnchorException', 400], fault: 'client', status: 400 } },
    InvalidAliasNameException: { structure: { message: 'string' }, traits: { queryError: ['InvalidAliasName', 400], fault: 'client', status: 400 } },
    InvalidArnException: { structure: { message: 'string' }, traits: { queryError: ['InvalidArn', 400], fault: 'client', status: 400 } },
    InvalidCiphertextException: { structure: { message: 'string' }, traits: { queryError: ['InvalidCiphertext', 400], fault: 'client', status: 400 } },
    InvalidGrantIdException: { structure: { message: 'string' }, traits: { queryError: ['InvalidGrantId', 400], fault: 'client', status: 400 } },
    InvalidGrantTokenException: { structure: { message: 'string' }, traits: { queryError: ['InvalidGrantToken', 400], fault: 'client', status: 400 } },
    InvalidImportTokenException: { structure: { message: 'string' }, traits: { queryError: ['InvalidImportTokenException', 400], fault: 'client', status: 400 } },
    InvalidKeyUsageException: { structure: { message: 'string' }, traits: { queryError: ['InvalidKeyUsage', 400], fault: 'client', status: 400 } },
    InvalidMarkerException: { structure: { message: 'string' }, traits: { queryError: ['InvalidMarker', 400], fault: 'client', status: 400 } },
    KMSInternalException: { structure: { message: 'string' }, traits: { queryError: ['KMSInternal', 500], fault: 'server', status: 500 } },
    KMSInvalidMacException: { structure: { message: 'string' }, traits: { queryError: ['KMSInvalidMac', 400], fault: 'client', status: 400 } },
    KMSInvalidSignatureException: { structure: { message: 'string' }, traits: { queryError: ['KMSInvalidSignature', 400], fault: 'client', status: 400 } },
    KMSInvalidStateException: { structure: { message: 'string' }, traits: { queryError: ['KMSInvalidStateException', 409], fault: 'client', status: 409 } },
    KeyUnavailableException: { structure: { message: 'string' }, traits: { queryError: ['KeyUnavailable', 500], fault: 'server', status: 500 } },
    LimitExceededException: { structure: { message: 'string' }, traits: { queryError: ['LimitExceeded', 400], fault: 'client', status: 400 } },
    MalformedPolicyDocumentException: { structure: { message: 'string' }, traits: { queryError: ['MalformedPolicyDocument', 400], fault: 'client', status: 400 } },
    NotFoundException: { structure: { message: 'string' }, traits: { queryError: ['NotFound', 404], fault: 'client', status: 404 } },
    TagException: { structure: { message: 'string' }, traits: { queryError: ['TagException', 400], fault: 'client', status: 400 } },
    UnsupportedOperationException: { structure: { message: 'string' }, traits: { queryError: ['UnsupportedOperation', 400], fault: 'client', status: 400 } },
    XksKeyAlreadyInUseException: { structure: { message: 'string' }, traits: { queryError: ['XksKeyAlreadyInUse', 400], fault: 'client', status: 400 } },
    XksKeyInvalidConfigurationException: { structure: { message: 'string' }, traits: { queryError: ['XksKeyInvalidConfiguration', 400], fault: 'client', status: 400 } },
    XksKeyNotFoundException: { structure: { message: 'string' }, traits: { queryError: ['XksKeyNotFoundException', 400], fault: 'client', status: 400 } },
    XksProxyIncorrectAuthenticationCredentialException: { structure: { message: 'string' }, traits: { queryError: ['XksProxyIncorrectAuthenticationCredentialException', 400], fault: 'client', status: 400 } },
    XksProxyInvalidConfigurationException: { structure: { message: 'string' }, traits: { queryError: ['XksProxyInvalidConfigurationException', 400], fault: 'client', status: 400 } },
    XksProxyInvalidResponseException: { structure: { message: 'string' }, traits: { queryError: ['XksProxyInvalidResponseException', 400], fault: 'client', status: 400 } },
    XksProxyUriEndpointInUseException: { structure: { message: 'string' }, traits: { queryError: ['XksProxyUriEndpointInUseException', 400], fault: 'client', status: 400 } },
    XksProxyUriInUseException: { structure: { message: 'string' }, traits: { queryError: ['XksProxyUriInUseException', 400], fault: 'client', status: 400 } },
    XksProxyUriUnreachableException: { structure: { message: 'string' }, traits: { queryError: ['XksProxyUriUnreachableException', 400], fault: 'client', status: 400 } },
    XksProxyVpcEndpointServiceInUseException: { structure: { message: 'string' }, traits: { queryError: ['XksProxyVpcEndpointServiceInUseException', 400], fault: 'client', status: 400 } },
    XksProxyVpcEndpointServiceInvalidConfigurationException: { structure: { message: 'string' }, traits: { queryError: ['XksProxyVpcEndpointServiceInvalidConfigurationException', 400], fault: 'client', status: 400 } },
    XksProxyVpcEndpointServiceNotFoundException: { structure: { message: 'string' }, traits: { queryError: ['XksProxyVpcEndpointServiceNotFoundException', 400], fault: 'client', status: 400 } },
  },
};

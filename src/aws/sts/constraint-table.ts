/**
 * What STS's service model (2011-06-15) asks of the members of its inputs, by the model's own names of structures,
 * members and shapes.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
 */
import type { Constraint } from '../constraints.ts';

export const shapeConstraints: Readonly<Record<string, Constraint>> = {
  ProvidedContextsListType: { lengthMax: 5, lengthMin: 1, each: 'ProvidedContext' },
  accessKeyIdType: { lengthMax: 128, lengthMin: 16, pattern: String.raw`[\w]*` },
  arnType: {
    lengthMax: 2048,
    lengthMin: 20,
    pattern: String.raw`[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`,
  },
  clientTokenType: { lengthMax: 20000, lengthMin: 4 },
  contextAssertionType: { lengthMax: 2048, lengthMin: 4 },
  durationSecondsType: { max: 129600, min: 900 },
  externalIdType: { lengthMax: 1224, lengthMin: 2, pattern: String.raw`[\w+=,.@:\/-]*` },
  policyDescriptorListType: { each: 'PolicyDescriptorType' },
  roleDurationSecondsType: { max: 43200, min: 900 },
  roleSessionNameType: { lengthMax: 64, lengthMin: 2, pattern: String.raw`[\w+=,.@-]*` },
  serialNumberType: { lengthMax: 256, lengthMin: 9, pattern: String.raw`[\w+=/:,.@-]*` },
  sessionPolicyDocumentType: { lengthMax: 2048, lengthMin: 1, pattern: String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+` },
  sourceIdentityType: { lengthMax: 64, lengthMin: 2, pattern: String.raw`[\w+=,.@-]*` },
  tagKeyListType: { lengthMax: 50, each: 'tagKeyType' },
  tagKeyType: { lengthMax: 128, lengthMin: 1, pattern: String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]+` },
  tagListType: { lengthMax: 50, each: 'Tag' },
  tagValueType: { lengthMax: 256, pattern: String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]*` },
  tokenCodeType: { lengthMax: 6, lengthMin: 6, pattern: String.raw`[\d]*` },
  unrestrictedSessionPolicyDocumentType: { lengthMin: 1, pattern: String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+` },
  urlType: { lengthMax: 2048, lengthMin: 4 },
  userNameType: { lengthMax: 32, lengthMin: 2, pattern: String.raw`[\w+=,.@-]*` },
};

export const memberShapes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AssumeRoleRequest: {
    RoleArn: 'arnType',
    RoleSessionName: 'roleSessionNameType',
    PolicyArns: 'policyDescriptorListType',
    Policy: 'unrestrictedSessionPolicyDocumentType',
    DurationSeconds: 'roleDurationSecondsType',
    Tags: 'tagListType',
    TransitiveTagKeys: 'tagKeyListType',
    ExternalId: 'externalIdType',
    SerialNumber: 'serialNumberType',
    TokenCode: 'tokenCodeType',
    SourceIdentity: 'sourceIdentityType',
    ProvidedContexts: 'ProvidedContextsListType',
  },
  AssumeRoleWithWebIdentityRequest: {
    RoleArn: 'arnType',
    RoleSessionName: 'roleSessionNameType',
    WebIdentityToken: 'clientTokenType',
    ProviderId: 'urlType',
    PolicyArns: 'policyDescriptorListType',
    Policy: 'sessionPolicyDocumentType',
    DurationSeconds: 'roleDurationSecondsType',
  },
  GetAccessKeyInfoRequest: { AccessKeyId: 'accessKeyIdType' },
  GetFederationTokenRequest: {
    Name: 'userNameType',
    Policy: 'sessionPolicyDocumentType',
    PolicyArns: 'policyDescriptorListType',
    DurationSeconds: 'durationSecondsType',
    Tags: 'tagListType',
  },
  GetSessionTokenRequest: {
    DurationSeconds: 'durationSecondsType',
    SerialNumber: 'serialNumberType',
    TokenCode: 'tokenCodeType',
  },
  PolicyDescriptorType: { arn: 'arnType' },
  ProvidedContext: { ProviderArn: 'arnType', ContextAssertion: 'contextAssertionType' },
  Tag: { Key: 'tagKeyType', Value: 'tagValueType' },
};

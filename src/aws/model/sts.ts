// Generated from @aws-sdk/client-sts@3.1169.0 by scripts/generate-aws-models.ts. Do not edit: run `npm run generate`.
import type { ModelTable } from '../protocol/shape.ts';

export type StsOperationName =
  | 'AssumeRole'
  | 'AssumeRoleWithSAML'
  | 'AssumeRoleWithWebIdentity'
  | 'AssumeRoot'
  | 'DecodeAuthorizationMessage'
  | 'GetAccessKeyInfo'
  | 'GetCallerIdentity'
  | 'GetDelegatedAccessToken'
  | 'GetFederationToken'
  | 'GetSessionToken'
  | 'GetWebIdentityToken';

export const stsModel: ModelTable = {
  generatedFrom: '@aws-sdk/client-sts@3.1169.0',
  serviceId: 'STS',
  version: '2011-06-15',
  namespace: 'com.amazonaws.sts',
  targetPrefix: 'AWSSecurityTokenServiceV20110615',
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  operations: {
    AssumeRole: { input: 'AssumeRoleRequest', output: 'AssumeRoleResponse' },
    AssumeRoleWithSAML: { input: 'AssumeRoleWithSAMLRequest', output: 'AssumeRoleWithSAMLResponse' },
    AssumeRoleWithWebIdentity: { input: 'AssumeRoleWithWebIdentityRequest', output: 'AssumeRoleWithWebIdentityResponse' },
    AssumeRoot: { input: 'AssumeRootRequest', output: 'AssumeRootResponse' },
    DecodeAuthorizationMessage: { input: 'DecodeAuthorizationMessageRequest', output: 'DecodeAuthorizationMessageResponse' },
    GetAccessKeyInfo: { input: 'GetAccessKeyInfoRequest', output: 'GetAccessKeyInfoResponse' },
    GetCallerIdentity: { input: 'GetCallerIdentityRequest', output: 'GetCallerIdentityResponse' },
    GetDelegatedAccessToken: { input: 'GetDelegatedAccessTokenRequest', output: 'GetDelegatedAccessTokenResponse' },
    GetFederationToken: { input: 'GetFederationTokenRequest', output: 'GetFederationTokenResponse' },
    GetSessionToken: { input: 'GetSessionTokenRequest', output: 'GetSessionTokenResponse' },
    GetWebIdentityToken: { input: 'GetWebIdentityTokenRequest', output: 'GetWebIdentityTokenResponse' },
  },
  shapes: {
    AssumeRoleRequest: { structure: { RoleArn: 'string', RoleSessionName: 'string', PolicyArns: '#policyDescriptorListType', Policy: 'string', DurationSeconds: 'number', Tags: '#tagListType', TransitiveTagKeys: '[string]', ExternalId: 'string', SerialNumber: 'string', TokenCode: 'string', SourceIdentity: 'string', ProvidedContexts: '#ProvidedContextsListType', MinimumSessionTokenSize: 'number' }, required: ['RoleArn', 'RoleSessionName'] },
    AssumeRoleResponse: { structure: { Credentials: '#Credentials', AssumedRoleUser: '#AssumedRoleUser', PackedPolicySize: 'number', SourceIdentity: 'string', SessionTokenUtilization: 'number', SessionTokenSize: 'number' } },
    AssumeRoleWithSAMLRequest: { structure: { RoleArn: 'string', PrincipalArn: 'string', SAMLAssertion: 'string', PolicyArns: '#policyDescriptorListType', Policy: 'string', DurationSeconds: 'number', MinimumSessionTokenSize: 'number' }, required: ['RoleArn', 'PrincipalArn', 'SAMLAssertion'] },
    AssumeRoleWithSAMLResponse: { structure: { Credentials: '#Credentials', AssumedRoleUser: '#AssumedRoleUser', PackedPolicySize: 'number', Subject: 'string', SubjectType: 'string', Issuer: 'string', Audience: 'string', NameQualifier: 'string', SourceIdentity: 'string', SessionTokenUtilization: 'number', SessionTokenSize: 'number' } },
    AssumeRoleWithWebIdentityRequest: { structure: { RoleArn: 'string', RoleSessionName: 'string', WebIdentityToken: 'string', ProviderId: 'string', PolicyArns: '#policyDescriptorListType', Policy: 'string', DurationSeconds: 'number', MinimumSessionTokenSize: 'number' }, required: ['RoleArn', 'RoleSessionName', 'WebIdentityToken'] },
    AssumeRoleWithWebIdentityResponse: { structure: { Credentials: '#Credentials', SubjectFromWebIdentityToken: 'string', AssumedRoleUser: '#AssumedRoleUser', PackedPolicySize: 'number', Provider: 'string', Audience: 'string', SourceIdentity: 'string', SessionTokenUtilization: 'number', SessionTokenSize: 'number' } },
    AssumeRootRequest: { structure: { TargetPrincipal: 'string', TaskPolicyArn: '#PolicyDescriptorType', DurationSeconds: 'number', MinimumSessionTokenSize: 'number' }, required: ['TargetPrincipal', 'TaskPolicyArn'] },
    AssumeRootResponse: { structure: { Credentials: '#Credentials', SourceIdentity: 'string', SessionTokenUtilization: 'number', SessionTokenSize: 'number' } },
    AssumedRoleUser: { structure: { AssumedRoleId: 'string', Arn: 'string' }, required: ['AssumedRoleId', 'Arn'] },
    Credentials: { structure: { AccessKeyId: 'string', SecretAccessKey: 'string', SessionToken: 'string', Expiration: 'timestamp' }, required: ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'] },
    DecodeAuthorizationMessageRequest: { structure: { EncodedMessage: 'string' }, required: ['EncodedMessage'] },
    DecodeAuthorizationMessageResponse: { structure: { DecodedMessage: 'string' } },
    FederatedUser: { structure: { FederatedUserId: 'string', Arn: 'string' }, required: ['FederatedUserId', 'Arn'] },
    GetAccessKeyInfoRequest: { structure: { AccessKeyId: 'string' }, required: ['AccessKeyId'] },
    GetAccessKeyInfoResponse: { structure: { Account: 'string' } },
    GetCallerIdentityRequest: { structure: {} },
    GetCallerIdentityResponse: { structure: { UserId: 'string', Account: 'string', Arn: 'string' } },
    GetDelegatedAccessTokenRequest: { structure: { TradeInToken: 'string' }, required: ['TradeInToken'] },
    GetDelegatedAccessTokenResponse: { structure: { Credentials: '#Credentials', PackedPolicySize: 'number', AssumedPrincipal: 'string' } },
    GetFederationTokenRequest: { structure: { Name: 'string', Policy: 'string', PolicyArns: '#policyDescriptorListType', DurationSeconds: 'number', Tags: '#tagListType', MinimumSessionTokenSize: 'number' }, required: ['Name'] },
    GetFederationTokenResponse: { structure: { Credentials: '#Credentials', FederatedUser: '#FederatedUser', PackedPolicySize: 'number', SessionTokenUtilization: 'number', SessionTokenSize: 'number' } },
    GetSessionTokenRequest: { structure: { DurationSeconds: 'number', SerialNumber: 'string', TokenCode: 'string', MinimumSessionTokenSize: 'number' } },
    GetSessionTokenResponse: { structure: { Credentials: '#Credentials', SessionTokenUtilization: 'number', SessionTokenSize: 'number' } },
    GetWebIdentityTokenRequest: { structure: { Audience: '[string]', SigningAlgorithm: 'string', DurationSeconds: 'number', Tags: '#tagListType' }, required: ['Audience', 'SigningAlgorithm'] },
    GetWebIdentityTokenResponse: { structure: { WebIdentityToken: 'string', Expiration: 'timestamp' } },
    PolicyDescriptorType: { structure: { arn: 'string' } },
    ProvidedContext: { structure: { ProviderArn: 'string', ContextAssertion: 'string' } },
    ProvidedContextsListType: { list: '#ProvidedContext' },
    Tag: { structure: { Key: 'string', Value: 'string' }, required: ['Key', 'Value'] },
    policyDescriptorListType: { list: '#PolicyDescriptorType' },
    tagListType: { list: '#Tag' },
  },
  errors: {
    ExpiredTokenException: { structure: { message: 'string' }, traits: { queryError: ['ExpiredTokenException', 400], fault: 'client', status: 400 } },
    ExpiredTradeInTokenException: { structure: { message: 'string' }, traits: { queryError: ['ExpiredTradeInTokenException', 400], fault: 'client', status: 400 } },
    IDPCommunicationErrorException: { structure: { message: 'string' }, traits: { queryError: ['IDPCommunicationError', 400], fault: 'client', status: 400 } },
    IDPRejectedClaimException: { structure: { message: 'string' }, traits: { queryError: ['IDPRejectedClaim', 403], fault: 'client', status: 403 } },
    InvalidAuthorizationMessageException: { structure: { message: 'string' }, traits: { queryError: ['InvalidAuthorizationMessageException', 400], fault: 'client', status: 400 } },
    InvalidIdentityTokenException: { structure: { message: 'string' }, traits: { queryError: ['InvalidIdentityToken', 400], fault: 'client', status: 400 } },
    JWTPayloadSizeExceededException: { structure: { message: 'string' }, traits: { queryError: ['JWTPayloadSizeExceededException', 400], fault: 'client', status: 400 } },
    MalformedPolicyDocumentException: { structure: { message: 'string' }, traits: { queryError: ['MalformedPolicyDocument', 400], fault: 'client', status: 400 } },
    OutboundWebIdentityFederationDisabledException: { structure: { message: 'string' }, traits: { queryError: ['OutboundWebIdentityFederationDisabledException', 403], fault: 'client', status: 403 } },
    PackedPolicyTooLargeException: { structure: { message: 'string' }, traits: { queryError: ['PackedPolicyTooLarge', 400], fault: 'client', status: 400 } },
    RegionDisabledException: { structure: { message: 'string' }, traits: { queryError: ['RegionDisabledException', 403], fault: 'client', status: 403 } },
    SessionDurationEscalationException: { structure: { message: 'string' }, traits: { queryError: ['SessionDurationEscalationException', 403], fault: 'client', status: 403 } },
  },
};

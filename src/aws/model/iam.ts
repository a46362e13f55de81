// Generated from @aws-sdk/client-iam@3.1169.0 by scripts/generate-aws-models.ts. Do not edit: run `npm run generate`.
import type { ModelTable } from '../protocol/shape.ts';

export type IamOperationName =
  | 'AddClientIDToOpenIDConnectProvider'
  | 'AddRoleToInstanceProfile'
  | 'AddUserToGroup'
  | 'AttachGroupPolicy'
  | 'AttachRolePolicy'
  | 'AttachUserPolicy'
  | 'CreateAccessKey'
  | 'CreateAccountAlias'
  | 'CreateGroup'
  | 'CreateInstanceProfile'
  | 'CreateLoginProfile'
  | 'CreateOpenIDConnectProvider'
  | 'CreatePolicy'
  | 'CreatePolicyVersion'
  | 'CreateRole'
  | 'CreateServiceLinkedRole'
  | 'CreateUser'
  | 'DeleteAccessKey'
  | 'DeleteAccountAlias'
  | 'DeleteAccountPasswordPolicy'
  | 'DeleteGroup'
  | 'DeleteGroupPolicy'
  | 'DeleteInstanceProfile'
  | 'DeleteLoginProfile'
  | 'DeleteOpenIDConnectProvider'
  | 'DeletePolicy'
  | 'DeletePolicyVersion'
  | 'DeleteRole'
  | 'DeleteRolePermissionsBoundary'
  | 'DeleteRolePolicy'
  | 'DeleteServiceLinkedRole'
  | 'DeleteUser'
  | 'DeleteUserPermissionsBoundary'
  | 'DeleteUserPolicy'
  | 'DetachGroupPolicy'
  | 'DetachRolePolicy'
  | 'DetachUserPolicy'
  | 'GetAccessKeyLastUsed'
  | 'GetAccountAuthorizationDetails'
  | 'GetAccountPasswordPolicy'
  | 'GetAccountSummary'
  | 'GetContextKeysForCustomPolicy'
  | 'GetContextKeysForPrincipalPolicy'
  | 'GetGroup'
  | 'GetGroupPolicy'
  | 'GetInstanceProfile'
  | 'GetLoginProfile'
  | 'GetOpenIDConnectProvider'
  | 'GetPolicy'
  | 'GetPolicyVersion'
  | 'GetRole'
  | 'GetRolePolicy'
  | 'GetServiceLinkedRoleDeletionStatus'
  | 'GetUser'
  | 'GetUserPolicy'
  | 'ListAccessKeys'
  | 'ListAccountAliases'
  | 'ListAttachedGroupPolicies'
  | 'ListAttachedRolePolicies'
  | 'ListAttachedUserPolicies'
  | 'ListEntitiesForPolicy'
  | 'ListGroupPolicies'
  | 'ListGroups'
  | 'ListGroupsForUser'
  | 'ListInstanceProfileTags'
  | 'ListInstanceProfiles'
  | 'ListInstanceProfilesForRole'
  | 'ListMFADevices'
  | 'ListOpenIDConnectProviderTags'
  | 'ListOpenIDConnectProviders'
  | 'ListPolicies'
  | 'ListPolicyTags'
  | 'ListPolicyVersions'
  | 'ListRolePolicies'
  | 'ListRoleTags'
  | 'ListRoles'
  | 'ListSAMLProviders'
  | 'ListSSHPublicKeys'
  | 'ListServerCertificates'
  | 'ListServiceSpecificCredentials'
  | 'ListSigningCertificates'
  | 'ListUserPolicies'
  | 'ListUserTags'
  | 'ListUsers'
  | 'ListVirtualMFADevices'
  | 'PutGroupPolicy'
  | 'PutRolePermissionsBoundary'
  | 'PutRolePolicy'
  | 'PutUserPermissionsBoundary'
  | 'PutUserPolicy'
  | 'RemoveClientIDFromOpenIDConnectProvider'
  | 'RemoveRoleFromInstanceProfile'
  | 'RemoveUserFromGroup'
  | 'SetDefaultPolicyVersion'
  | 'SimulateCustomPolicy'
  | 'SimulatePrincipalPolicy'
  | 'TagInstanceProfile'
  | 'TagOpenIDConnectProvider'
  | 'TagPolicy'
  | 'TagRole'
  | 'TagUser'
  | 'UntagInstanceProfile'
  | 'UntagOpenIDConnectProvider'
  | 'UntagPolicy'
  | 'UntagRole'
  | 'UntagUser'
  | 'UpdateAccessKey'
  | 'UpdateAccountPasswordPolicy'
  | 'UpdateAssumeRolePolicy'
  | 'UpdateGroup'
  | 'UpdateLoginProfile'
  | 'UpdateOpenIDConnectProviderThumbprint'
  | 'UpdateRole'
  | 'UpdateRoleDescription'
  | 'UpdateUser';

export const iamModel: ModelTable = {
  generatedFrom: '@aws-sdk/client-iam@3.1169.0',
  serviceId: 'IAM',
  version: '2010-05-08',
  namespace: 'com.amazonaws.iam',
  targetPrefix: 'AWSIdentityManagementV20100508',
  xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  operations: {
    AcceptDelegationRequest: { input: 'unit', output: 'unit' },
    AcquireRole: { input: 'unit', output: 'unit' },
    AddClientIDToOpenIDConnectProvider: { input: 'AddClientIDToOpenIDConnectProviderRequest', output: 'unit' },
    AddRoleToInstanceProfile: { input: 'AddRoleToInstanceProfileRequest', output: 'unit' },
    AddUserToGroup: { input: 'AddUserToGroupRequest', output: 'unit' },
    AssociateDelegationRequest: { input: 'unit', output: 'unit' },
    AttachGroupPolicy: { input: 'AttachGroupPolicyRequest', output: 'unit' },
    AttachRolePolicy: { input: 'AttachRolePolicyRequest', output: 'unit' },
    AttachUserPolicy: { input: 'AttachUserPolicyRequest', output: 'unit' },
    ChangePassword: { input: 'unit', output: 'unit' },
    CreateAccessKey: { input: 'CreateAccessKeyRequest', output: 'CreateAccessKeyResponse' },
    CreateAccountAlias: { input: 'CreateAccountAliasRequest', output: 'unit' },
    CreateDelegationRequest: { input: 'unit', output: 'unit' },
    CreateGroup: { input: 'CreateGroupRequest', output: 'CreateGroupResponse' },
    CreateInstanceProfile: { input: 'CreateInstanceProfileRequest', output: 'CreateInstanceProfileResponse' },
    CreateLoginProfile: { input: 'CreateLoginProfileRequest', output: 'CreateLoginProfileResponse' },
    CreateOpenIDConnectProvider: { input: 'CreateOpenIDConnectProviderRequest', output: 'CreateOpenIDConnectProviderResponse' },
    CreatePolicy: { input: 'CreatePolicyRequest', output: 'CreatePolicyResponse' },
    CreatePolicyVersion: { input: 'CreatePolicyVersionRequest', output: 'CreatePolicyVersionResponse' },
    CreateRole: { input: 'CreateRoleRequest', output: 'CreateRoleResponse' },
    CreateSAMLProvider: { input: 'unit', output: 'unit' },
    CreateServiceLinkedRole: { input: 'CreateServiceLinkedRoleRequest', output: 'CreateServiceLinkedRoleResponse' },
    CreateServiceSpecificCredential: { input: 'unit', output: 'unit' },
    CreateUser: { input: 'CreateUserRequest', output: 'CreateUserResponse' },
    CreateVirtualMFADevice: { input: 'unit', output: 'unit' },
    DeactivateMFADevice: { input: 'unit', output: 'unit' },
    DeleteAccessKey: { input: 'DeleteAccessKeyRequest', output: 'unit' },
    DeleteAccountAlias: { input: 'DeleteAccountAliasRequest', output: 'unit' },
    DeleteAccountPasswordPolicy: { input: 'unit', output: 'unit' },
    DeleteGroup: { input: 'DeleteGroupRequest', output: 'unit' },
    DeleteGroupPolicy: { input: 'DeleteGroupPolicyRequest', output: 'unit' },
    DeleteInstanceProfile: { input: 'DeleteInstanceProfileRequest', output: 'unit' },
    DeleteLoginProfile: { input: 'DeleteLoginProfileRequest', output: 'unit' },
    DeleteOpenIDConnectProvider: { input: 'DeleteOpenIDConnectProviderRequest', output: 'unit' },
    DeletePolicy: { input: 'DeletePolicyRequest', output: 'unit' },
    DeletePolicyVersion: { input: 'DeletePolicyVersionRequest', output: 'unit' },
    DeleteRole: { input: 'DeleteRoleRequest', output: 'unit' },
    DeleteRolePermissionsBoundary: { input: 'DeleteRolePermissionsBoundaryRequest', output: 'unit' },
    DeleteRolePolicy: { input: 'DeleteRolePolicyRequest', output: 'unit' },
    DeleteSAMLProvider: { input: 'unit', output: 'unit' },
    DeleteSSHPublicKey: { input: 'unit', output: 'unit' },
    DeleteServerCertificate: { input: 'unit', output: 'unit' },
    DeleteServiceLinkedRole: { input: 'DeleteServiceLinkedRoleRequest', output: 'DeleteServiceLinkedRoleResponse' },
    DeleteServiceSpecificCredential: { input: 'unit', output: 'unit' },
    DeleteSigningCertificate: { input: 'unit', output: 'unit' },
    DeleteUser: { input: 'DeleteUserRequest', output: 'unit' },
    DeleteUserPermissionsBoundary: { input: 'DeleteUserPermissionsBoundaryRequest', output: 'unit' },
    DeleteUserPolicy: { input: 'DeleteUserPolicyRequest', output: 'unit' },
    DeleteVirtualMFADevice: { input: 'unit', output: 'unit' },
    DetachGroupPolicy: { input: 'DetachGroupPolicyRequest', output: 'unit' },
    DetachRolePolicy: { input: 'DetachRolePolicyRequest', output: 'unit' },
    DetachUserPolicy: { input: 'DetachUserPolicyRequest', output: 'unit' },
    DisableOrganizationsRootCredentialsManagement: { input: 'unit', output: 'unit' },
    DisableOrganizationsRootSessions: { input: 'unit', output: 'unit' },
    DisableOutboundWebIdentityFederation: { input: 'unit', output: 'unit' },
    EnableMFADevice: { input: 'unit', output: 'unit' },
    EnableOrganizationsRootCredentialsManagement: { input: 'unit', output: 'unit' },
    EnableOrganizationsRootSessions: { input: 'unit', output: 'unit' },
    EnableOutboundWebIdentityFederation: { input: 'unit', output: 'unit' },
    GenerateCredentialReport: { input: 'unit', output: 'unit' },
    GenerateOrganizationsAccessReport: { input: 'unit', output: 'unit' },
    GenerateServiceLastAccessedDetails: { input: 'unit', output: 'unit' },
    GetAccessKeyLastUsed: { input: 'GetAccessKeyLastUsedRequest', output: 'GetAccessKeyLastUsedResponse' },
    GetAccountAuthorizationDetails: { input: 'GetAccountAuthorizationDetailsRequest', output: 'GetAccountAuthorizationDetailsResponse' },
    GetAccountPasswordPolicy: { input: 'unit', output: 'GetAccountPasswordPolicyResponse' },
    GetAccountProperties: { input: 'unit', output: 'unit' },
    GetAccountSummary: { input: 'unit', output: 'GetAccountSummaryResponse' },
    GetContextKeysForCustomPolicy: { input: 'GetContextKeysForCustomPolicyRequest', output: 'GetContextKeysForPolicyResponse' },
    GetContextKeysForPrincipalPolicy: { input: 'GetContextKeysForPrincipalPolicyRequest', output: 'GetContextKeysForPolicyResponse' },
    GetCredentialReport: { input: 'unit', output: 'unit' },
    GetDelegationRequest: { input: 'unit', output: 'unit' },
    GetGroup: { input: 'GetGroupRequest', output: 'GetGroupResponse' },
    GetGroupPolicy: { input: 'GetGroupPolicyRequest', output: 'GetGroupPolicyResponse' },
    GetHumanReadableSummary: { input: 'unit', output: 'unit' },
    GetInstanceProfile: { input: 'GetInstanceProfileRequest', output: 'GetInstanceProfileResponse' },
    GetLoginProfile: { input: 'GetLoginProfileRequest', output: 'GetLoginProfileResponse' },
    GetMFADevice: { input: 'unit', output: 'unit' },
    GetOpenIDConnectProvider: { input: 'GetOpenIDConnectProviderRequest', output: 'GetOpenIDConnectProviderResponse' },
    GetOrganizationsAccessReport: { input: 'unit', output: 'unit' },
    GetOutboundWebIdentityFederationInfo: { input: 'unit', output: 'unit' },
    GetPolicy: { input: 'GetPolicyRequest', output: 'GetPolicyResponse' },
    GetPolicyVersion: { input: 'GetPolicyVersionRequest', output: 'GetPolicyVersionResponse' },
    GetRole: { input: 'GetRoleRequest', output: 'GetRoleResponse' },
    GetRolePolicy: { input: 'GetRolePolicyRequest', output: 'GetRolePolicyResponse' },
    GetRoleTemplateVersion: { input: 'unit', output: 'unit' },
    GetSAMLProvider: { input: 'unit', output: 'unit' },
    GetSSHPublicKey: { input: 'unit', output: 'unit' },
    GetServerCertificate: { input: 'unit', output: 'unit' },
    GetServiceLastAccessedDetails: { input: 'unit', output: 'unit' },
    GetServiceLastAccessedDetailsWithEntities: { input: 'unit', output: 'unit' },
    GetServiceLinkedRoleDeletionStatus: { input: 'GetServiceLinkedRoleDeletionStatusRequest', output: 'GetServiceLinkedRoleDeletionStatusResponse' },
    GetUser: { input: 'GetUserRequest', output: 'GetUserResponse' },
    GetUserPolicy: { input: 'GetUserPolicyRequest', output: 'GetUserPolicyResponse' },
    ListAccessKeys: { input: 'ListAccessKeysRequest', output: 'ListAccessKeysResponse' },
    ListAccountAliases: { input: 'ListAccountAliasesRequest', output: 'ListAccountAliasesResponse' },
    ListAttachedGroupPolicies: { input: 'ListAttachedGroupPoliciesRequest', output: 'ListAttachedGroupPoliciesResponse' },
    ListAttachedRolePolicies: { input: 'ListAttachedRolePoliciesRequest', output: 'ListAttachedRolePoliciesResponse' },
    ListAttachedUserPolicies: { input: 'ListAttachedUserPoliciesRequest', output: 'ListAttachedUserPoliciesResponse' },
    ListDelegationRequests: { input: 'unit', output: 'unit' },
    ListEntitiesForPolicy: { input: 'ListEntitiesForPolicyRequest', output: 'ListEntitiesForPolicyResponse' },
    ListGroupPolicies: { input: 'ListGroupPoliciesRequest', output: 'ListGroupPoliciesResponse' },
    ListGroups: { input: 'ListGroupsRequest', output: 'ListGroupsResponse' },
    ListGroupsForUser: { input: 'ListGroupsForUserRequest', output: 'ListGroupsForUserResponse' },
    ListInstanceProfileTags: { input: 'ListInstanceProfileTagsRequest', output: 'ListInstanceProfileTagsResponse' },
    ListInstanceProfiles: { input: 'ListInstanceProfilesRequest', output: 'ListInstanceProfilesResponse' },
    ListInstanceProfilesForRole: { input: 'ListInstanceProfilesForRoleRequest', output: 'ListInstanceProfilesForRoleResponse' },
    ListMFADeviceTags: { input: 'unit', output: 'unit' },
    ListMFADevices: { input: 'ListMFADevicesRequest', output: 'ListMFADevicesResponse' },
    ListOpenIDConnectProviderTags: { input: 'ListOpenIDConnectProviderTagsRequest', output: 'ListOpenIDConnectProviderTagsResponse' },
    ListOpenIDConnectProviders: { input: 'ListOpenIDConnectProvidersRequest', output: 'ListOpenIDConnectProvidersResponse' },
    ListOrganizationsFeatures: { input: 'unit', output: 'unit' },
    ListPolicies: { input: 'ListPoliciesRequest', output: 'ListPoliciesResponse' },
    ListPoliciesGrantingServiceAccess: { input: 'unit', output: 'unit' },
    ListPolicyTags: { input: 'ListPolicyTagsRequest', output: 'ListPolicyTagsResponse' },
    ListPolicyVersions: { input: 'ListPolicyVersionsRequest', output: 'ListPolicyVersionsResponse' },
    ListRolePolicies: { input: 'ListRolePoliciesRequest', output: 'ListRolePoliciesResponse' },
    ListRoleTags: { input: 'ListRoleTagsRequest', output: 'ListRoleTagsResponse' },
    ListRoles: { input: 'ListRolesRequest', output: 'ListRolesResponse' },
    ListSAMLProviderTags: { input: 'unit', output: 'unit' },
    ListSAMLProviders: { input: 'ListSAMLProvidersRequest', output: 'ListSAMLProvidersResponse' },
    ListSSHPublicKeys: { input: 'ListSSHPublicKeysRequest', output: 'ListSSHPublicKeysResponse' },
    ListServerCertificateTags: { input: 'unit', output: 'unit' },
    ListServerCertificates: { input: 'ListServerCertificatesRequest', output: 'ListServerCertificatesResponse' },
    ListServiceSpecificCredentials: { input: 'ListServiceSpecificCredentialsRequest', output: 'ListServiceSpecificCredentialsResponse' },
    ListSigningCertificates: { input: 'ListSigningCertificatesRequest', output: 'ListSigningCertificatesResponse' },
    ListUserPolicies: { input: 'ListUserPoliciesRequest', output: 'ListUserPoliciesResponse' },
    ListUserTags: { input: 'ListUserTagsRequest', output: 'ListUserTagsResponse' },
    ListUsers: { input: 'ListUsersRequest', output: 'ListUsersResponse' },
    ListVirtualMFADevices: { input: 'ListVirtualMFADevicesRequest', output: 'ListVirtualMFADevicesResponse' },
    PutAccountProperties: { input: 'unit', output: 'unit' },
    PutGroupPolicy: { input: 'PutGroupPolicyRequest', output: 'unit' },
    PutRolePermissionsBoundary: { input: 'PutRolePermissionsBoundaryRequest', output: 'unit' },
    PutRolePolicy: { input: 'PutRolePolicyRequest', output: 'unit' },
    PutUserPermissionsBoundary: { input: 'PutUserPermissionsBoundaryRequest', output: 'unit' },
    PutUserPolicy: { input: 'PutUserPolicyRequest', output: 'unit' },
    RejectDelegationRequest: { input: 'unit', output: 'unit' },
    RemoveClientIDFromOpenIDConnectProvider: { input: 'RemoveClientIDFromOpenIDConnectProviderRequest', output: 'unit' },
    RemoveRoleFromInstanceProfile: { input: 'RemoveRoleFromInstanceProfileRequest', output: 'unit' },
    RemoveUserFromGroup: { input: 'RemoveUserFromGroupRequest', output: 'unit' },
    ResetServiceSpecificCredential: { input: 'unit', output: 'unit' },
    ResyncMFADevice: { input: 'unit', output: 'unit' },
    SendDelegationToken: { input: 'unit', output: 'unit' },
    SetDefaultPolicyVersion: { input: 'SetDefaultPolicyVersionRequest', output: 'unit' },
    SetSecurityTokenServicePreferences: { input: 'unit', output: 'unit' },
    SimulateCustomPolicy: { input: 'SimulateCustomPolicyRequest', output: 'SimulatePolicyResponse' },
    SimulatePrincipalPolicy: { input: 'SimulatePrincipalPolicyRequest', output: 'SimulatePolicyResponse' },
    TagInstanceProfile: { input: 'TagInstanceProfileRequest', output: 'unit' },
    TagMFADevice: { input: 'unit', output: 'unit' },
    TagOpenIDConnectProvider: { input: 'TagOpenIDConnectProviderRequest', output: 'unit' },
    TagPolicy: { input: 'TagPolicyRequest', output: 'unit' },
    TagRole: { input: 'TagRoleRequest', output: 'unit' },
    TagSAMLProvider: { input: 'unit', output: 'unit' },
    TagServerCertificate: { input: 'unit', output: 'unit' },
    TagUser: { input: 'TagUserRequest', output: 'unit' },
    UntagInstanceProfile: { input: 'UntagInstanceProfileRequest', output: 'unit' },
    UntagMFADevice: { input: 'unit', output: 'unit' },
    UntagOpenIDConnectProvider: { input: 'UntagOpenIDConnectProviderRequest', output: 'unit' },
    UntagPolicy: { input: 'UntagPolicyRequest', output: 'unit' },
    UntagRole: { input: 'UntagRoleRequest', output: 'unit' },
    UntagSAMLProvider: { input: 'unit', output: 'unit' },
    UntagServerCertificate: { input: 'unit', output: 'unit' },
    UntagUser: { input: 'UntagUserRequest', output: 'unit' },
    UpdateAccessKey: { input: 'UpdateAccessKeyRequest', output: 'unit' },
    UpdateAccountPasswordPolicy: { input: 'UpdateAccountPasswordPolicyRequest', output: 'unit' },
    UpdateAssumeRolePolicy: { input: 'UpdateAssumeRolePolicyRequest', output: 'unit' },
    UpdateDelegationRequest: { input: 'unit', output: 'unit' },
    UpdateGroup: { input: 'UpdateGroupRequest', output: 'unit' },
    UpdateLoginProfile: { input: 'UpdateLoginProfileRequest', output: 'unit' },
    UpdateOpenIDConnectProviderThumbprint: { input: 'UpdateOpenIDConnectProviderThumbprintRequest', output: 'unit' },
    UpdateRole: { input: 'UpdateRoleRequest', output: 'UpdateRoleResponse' },
    UpdateRoleDescription: { input: 'UpdateRoleDescriptionRequest', output: 'UpdateRoleDescriptionResponse' },
    UpdateSAMLProvider: { input: 'unit', output: 'unit' },
    UpdateSSHPublicKey: { input: 'unit', output: 'unit' },
    UpdateServerCertificate: { input: 'unit', output: 'unit' },
    UpdateServiceSpecificCredential: { input: 'unit', output: 'unit' },
    UpdateSigningCertificate: { input: 'unit', output: 'unit' },
    UpdateUser: { input: 'UpdateUserRequest', output: 'unit' },
    UploadSSHPublicKey: { input: 'unit', output: 'unit' },
    UploadServerCertificate: { input: 'unit', output: 'unit' },
    UploadSigningCertificate: { input: 'unit', output: 'unit' },
  },
  shapes: {
    AccessKey: { structure: { UserName: 'string', AccessKeyId: 'string', Status: 'string', SecretAccessKey: 'string', CreateDate: 'timestamp' }, required: ['UserName', 'AccessKeyId', 'Status', 'SecretAccessKey'] },
    AccessKeyLastUsed: { structure: { ServiceName: 'string', Region: 'string', LastUsedDate: 'timestamp' }, required: ['ServiceName', 'Region'] },
    AccessKeyMetadata: { structure: { UserName: 'string', AccessKeyId: 'string', Status: 'string', CreateDate: 'timestamp' } },
    AddClientIDToOpenIDConnectProviderRequest: { structure: { OpenIDConnectProviderArn: 'string', ClientID: 'string' }, required: ['OpenIDConnectProviderArn', 'ClientID'] },
    AddRoleToInstanceProfileRequest: { structure: { InstanceProfileName: 'string', RoleName: 'string' }, required: ['InstanceProfileName', 'RoleName'] },
    AddUserToGroupRequest: { structure: { GroupName: 'string', UserName: 'string' }, required: ['GroupName', 'UserName'] },
    AttachGroupPolicyRequest: { structure: { GroupName: 'string', PolicyArn: 'string' }, required: ['GroupName', 'PolicyArn'] },
    AttachRolePolicyRequest: { structure: { RoleName: 'string', PolicyArn: 'string' }, required: ['RoleName', 'PolicyArn'] },
    AttachUserPolicyRequest: { structure: { UserName: 'string', PolicyArn: 'string' }, required: ['UserName', 'PolicyArn'] },
    AttachedPermissionsBoundary: { structure: { PermissionsBoundaryType: 'string', PermissionsBoundaryArn: 'string' } },
    AttachedPolicy: { structure: { PolicyName: 'string', PolicyArn: 'string' } },
    ContextEntry: { structure: { ContextKeyName: 'string', ContextKeyValues: '[string]', ContextKeyType: 'string' } },
    ContextEntryListType: { list: '#ContextEntry' },
    CreateAccessKeyRequest: { structure: { UserName: 'string' } },
    CreateAccessKeyResponse: { structure: { AccessKey: '#AccessKey' }, required: ['AccessKey'] },
    CreateAccountAliasRequest: { structure: { AccountAlias: 'string' }, required: ['AccountAlias'] },
    CreateGroupRequest: { structure: { GroupName: 'string', Path: 'string' }, required: ['GroupName'] },
    CreateGroupResponse: { structure: { Group: '#Group' }, required: ['Group'] },
    CreateInstanceProfileRequest: { structure: { InstanceProfileName: 'string', Path: 'string', Tags: '#tagListType' }, required: ['InstanceProfileName'] },
    CreateInstanceProfileResponse: { structure: { InstanceProfile: '#InstanceProfile' }, required: ['InstanceProfile'] },
    CreateLoginProfileRequest: { structure: { UserName: 'string', Password: 'string', PasswordResetRequired: 'boolean' } },
    CreateLoginProfileResponse: { structure: { LoginProfile: '#LoginProfile' }, required: ['LoginProfile'] },
    CreateOpenIDConnectProviderRequest: { structure: { Url: 'string', ClientIDList: '[string]', ThumbprintList: '[string]', Tags: '#tagListType' }, required: ['Url'] },
    CreateOpenIDConnectProviderResponse: { structure: { OpenIDConnectProviderArn: 'string', Tags: '#tagListType' } },
    CreatePolicyRequest: { structure: { PolicyName: 'string', PolicyDocument: 'string', Path: 'string', Description: 'string', Tags: '#tagListType' }, required: ['PolicyName', 'PolicyDocument'] },
    CreatePolicyResponse: { structure: { Policy: '#Policy' } },
    CreatePolicyVersionRequest: { structure: { PolicyArn: 'string', PolicyDocument: 'string', SetAsDefault: 'boolean' }, required: ['PolicyArn', 'PolicyDocument'] },
    CreatePolicyVersionResponse: { structure: { PolicyVersion: '#PolicyVersion' } },
    CreateRoleRequest: { structure: { RoleName: 'string', AssumeRolePolicyDocument: 'string', Path: 'string', Description: 'string', MaxSessionDuration: 'number', PermissionsBoundary: 'string', Tags: '#tagListType' }, required: ['RoleName', 'AssumeRolePolicyDocument'] },
    CreateRoleResponse: { structure: { Role: '#Role' }, required: ['Role'] },
    CreateServiceLinkedRoleRequest: { structure: { AWSServiceName: 'string', Description: 'string', CustomSuffix: 'string' }, required: ['AWSServiceName'] },
    CreateServiceLinkedRoleResponse: { structure: { Role: '#Role' } },
    CreateUserRequest: { structure: { UserName: 'string', Path: 'string', PermissionsBoundary: 'string', Tags: '#tagListType' }, required: ['UserName'] },
    CreateUserResponse: { structure: { User: '#User' } },
    DeleteAccessKeyRequest: { structure: { AccessKeyId: 'string', UserName: 'string' }, required: ['AccessKeyId'] },
    DeleteAccountAliasRequest: { structure: { AccountAlias: 'string' }, required: ['AccountAlias'] },
    DeleteGroupPolicyRequest: { structure: { GroupName: 'string', PolicyName: 'string' }, required: ['GroupName', 'PolicyName'] },
    DeleteGroupRequest: { structure: { GroupName: 'string' }, required: ['GroupName'] },
    DeleteInstanceProfileRequest: { structure: { InstanceProfileName: 'string' }, required: ['InstanceProfileName'] },
    DeleteLoginProfileRequest: { structure: { UserName: 'string' } },
    DeleteOpenIDConnectProviderRequest: { structure: { OpenIDConnectProviderArn: 'string' }, required: ['OpenIDConnectProviderArn'] },
    DeletePolicyRequest: { structure: { PolicyArn: 'string' }, required: ['PolicyArn'] },
    DeletePolicyVersionRequest: { structure: { PolicyArn: 'string', VersionId: 'string' }, required: ['PolicyArn', 'VersionId'] },
    DeleteRolePermissionsBoundaryRequest: { structure: { RoleName: 'string' }, required: ['RoleName'] },
    DeleteRolePolicyRequest: { structure: { RoleName: 'string', PolicyName: 'string' }, required: ['RoleName', 'PolicyName'] },
    DeleteRoleRequest: { structure: { RoleName: 'string' }, required: ['RoleName'] },
    DeleteServiceLinkedRoleRequest: { structure: { RoleName: 'string' }, required: ['RoleName'] },
    DeleteServiceLinkedRoleResponse: { structure: { DeletionTaskId: 'string' }, required: ['DeletionTaskId'] },
    DeleteUserPermissionsBoundaryRequest: { structure: { UserName: 'string' }, required: ['UserName'] },
    DeleteUserPolicyRequest: { structure: { UserName: 'string', PolicyName: 'string' }, required: ['UserName', 'PolicyName'] },
    DeleteUserRequest: { structure: { UserName: 'string' }, required: ['UserName'] },
    DeletionTaskFailureReasonType: { structure: { Reason: 'string', RoleUsageList: '#RoleUsageListType' } },
    DetachGroupPolicyRequest: { structure: { GroupName: 'string', PolicyArn: 'string' }, required: ['GroupName', 'PolicyArn'] },
    DetachRolePolicyRequest: { structure: { RoleName: 'string', PolicyArn: 'string' }, required: ['RoleName', 'PolicyArn'] },
    DetachUserPolicyRequest: { structure: { UserName: 'string', PolicyArn: 'string' }, required: ['UserName', 'PolicyArn'] },
    EvaluationResult: { structure: { EvalActionName: 'string', EvalDecision: 'string', EvalResourceName: 'string', MatchedStatements: '#StatementListType', MissingContextValues: '[string]', OrganizationsDecisionDetail: '#OrganizationsDecisionDetail', PermissionsBoundaryDecisionDetail: '#PermissionsBoundaryDecisionDetail', EvalDecisionDetails: '{string}', ResourceSpecificResults: '#ResourceSpecificResultListType' }, required: ['EvalActionName', 'EvalDecision'] },
    EvaluationResultsListType: { list: '#EvaluationResult' },
    GetAccessKeyLastUsedRequest: { structure: { AccessKeyId: 'string' }, required: ['AccessKeyId'] },
    GetAccessKeyLastUsedResponse: { structure: { UserName: 'string', AccessKeyLastUsed: '#AccessKeyLastUsed' } },
    GetAccountAuthorizationDetailsRequest: { structure: { Filter: '[string]', MaxItems: 'number', Marker: 'string' } },
    GetAccountAuthorizationDetailsResponse: { structure: { UserDetailList: '#userDetailListType', GroupDetailList: '#groupDetailListType', RoleDetailList: '#roleDetailListType', Policies: '#ManagedPolicyDetailListType', IsTruncated: 'boolean', Marker: 'string' } },
    GetAccountPasswordPolicyResponse: { structure: { PasswordPolicy: '#PasswordPolicy' }, required: ['PasswordPolicy'] },
    GetAccountSummaryResponse: { structure: { SummaryMap: '{number}' } },
    GetContextKeysForCustomPolicyRequest: { structure: { PolicyInputList: '[string]' }, required: ['PolicyInputList'] },
    GetContextKeysForPolicyResponse: { structure: { ContextKeyNames: '[string]' } },
    GetContextKeysForPrincipalPolicyRequest: { structure: { PolicySourceArn: 'string', PolicyInputList: '[string]' }, required: ['PolicySourceArn'] },
    GetGroupPolicyRequest: { structure: { GroupName: 'string', PolicyName: 'string' }, required: ['GroupName', 'PolicyName'] },
    GetGroupPolicyResponse: { structure: { GroupName: 'string', PolicyName: 'string', PolicyDocument: 'string' }, required: ['GroupName', 'PolicyName', 'PolicyDocument'] },
    GetGroupRequest: { structure: { GroupName: 'string', Marker: 'string', MaxItems: 'number' }, required: ['GroupName'] },
    GetGroupResponse: { structure: { Group: '#Group', Users: '#userListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['Group', 'Users'] },
    GetInstanceProfileRequest: { structure: { InstanceProfileName: 'string' }, required: ['InstanceProfileName'] },
    GetInstanceProfileResponse: { structure: { InstanceProfile: '#InstanceProfile' }, required: ['InstanceProfile'] },
    GetLoginProfileRequest: { structure: { UserName: 'string' } },
    GetLoginProfileResponse: { structure: { LoginProfile: '#LoginProfile' }, required: ['LoginProfile'] },
    GetOpenIDConnectProviderRequest: { structure: { OpenIDConnectProviderArn: 'string' }, required: ['OpenIDConnectProviderArn'] },
    GetOpenIDConnectProviderResponse: { structure: { Url: 'string', ClientIDList: '[string]', ThumbprintList: '[string]', CreateDate: 'timestamp', Tags: '#tagListType' } },
    GetPolicyRequest: { structure: { PolicyArn: 'string' }, required: ['PolicyArn'] },
    GetPolicyResponse: { structure: { Policy: '#Policy' } },
    GetPolicyVersionRequest: { structure: { PolicyArn: 'string', VersionId: 'string' }, required: ['PolicyArn', 'VersionId'] },
    GetPolicyVersionResponse: { structure: { PolicyVersion: '#PolicyVersion' } },
    GetRolePolicyRequest: { structure: { RoleName: 'string', PolicyName: 'string' }, required: ['RoleName', 'PolicyName'] },
    GetRolePolicyResponse: { structure: { RoleName: 'string', PolicyName: 'string', PolicyDocument: 'string' }, required: ['RoleName', 'PolicyName', 'PolicyDocument'] },
    GetRoleRequest: { structure: { RoleName: 'string' }, required: ['RoleName'] },
    GetRoleResponse: { structure: { Role: '#Role' }, required: ['Role'] },
    GetServiceLinkedRoleDeletionStatusRequest: { structure: { DeletionTaskId: 'string' }, required: ['DeletionTaskId'] },
    GetServiceLinkedRoleDeletionStatusResponse: { structure: { Status: 'string', Reason: '#DeletionTaskFailureReasonType' }, required: ['Status'] },
    GetUserPolicyRequest: { structure: { UserName: 'string', PolicyName: 'string' }, required: ['UserName', 'PolicyName'] },
    GetUserPolicyResponse: { structure: { UserName: 'string', PolicyName: 'string', PolicyDocument: 'string' }, required: ['UserName', 'PolicyName', 'PolicyDocument'] },
    GetUserRequest: { structure: { UserName: 'string' } },
    GetUserResponse: { structure: { User: '#User' }, required: ['User'] },
    Group: { structure: { Path: 'string', GroupName: 'string', GroupId: 'string', Arn: 'string', CreateDate: 'timestamp' }, required: ['Path', 'GroupName', 'GroupId', 'Arn', 'CreateDate'] },
    GroupDetail: { structure: { Path: 'string', GroupName: 'string', GroupId: 'string', Arn: 'string', CreateDate: 'timestamp', GroupPolicyList: '#policyDetailListType', AttachedManagedPolicies: '#attachedPoliciesListType' } },
    InlinePolicyIdentifierType: { structure: { PolicyName: 'string', AttachmentType: 'string', AttachmentName: 'string' }, required: ['PolicyName', 'AttachmentType', 'AttachmentName'] },
    InstanceProfile: { structure: { Path: 'string', InstanceProfileName: 'string', InstanceProfileId: 'string', Arn: 'string', CreateDate: 'timestamp', Roles: '#roleListType', Tags: '#tagListType' }, required: ['Path', 'InstanceProfileName', 'InstanceProfileId', 'Arn', 'CreateDate', 'Roles'] },
    ListAccessKeysRequest: { structure: { UserName: 'string', Marker: 'string', MaxItems: 'number' } },
    ListAccessKeysResponse: { structure: { AccessKeyMetadata: '#accessKeyMetadataListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['AccessKeyMetadata'] },
    ListAccountAliasesRequest: { structure: { Marker: 'string', MaxItems: 'number' } },
    ListAccountAliasesResponse: { structure: { AccountAliases: '[string]', IsTruncated: 'boolean', Marker: 'string' }, required: ['AccountAliases'] },
    ListAttachedGroupPoliciesRequest: { structure: { GroupName: 'string', PathPrefix: 'string', Marker: 'string', MaxItems: 'number' }, required: ['GroupName'] },
    ListAttachedGroupPoliciesResponse: { structure: { AttachedPolicies: '#attachedPoliciesListType', IsTruncated: 'boolean', Marker: 'string' } },
    ListAttachedRolePoliciesRequest: { structure: { RoleName: 'string', PathPrefix: 'string', Marker: 'string', MaxItems: 'number' }, required: ['RoleName'] },
    ListAttachedRolePoliciesResponse: { structure: { AttachedPolicies: '#attachedPoliciesListType', IsTruncated: 'boolean', Marker: 'string' } },
    ListAttachedUserPoliciesRequest: { structure: { UserName: 'string', PathPrefix: 'string', Marker: 'string', MaxItems: 'number' }, required: ['UserName'] },
    ListAttachedUserPoliciesResponse: { structure: { AttachedPolicies: '#attachedPoliciesListType', IsTruncated: 'boolean', Marker: 'string' } },
    ListEntitiesForPolicyRequest: { structure: { PolicyArn: 'string', EntityFilter: 'string', PathPrefix: 'string', PolicyUsageFilter: 'string', Marker: 'string', MaxItems: 'number' }, required: ['PolicyArn'] },
    ListEntitiesForPolicyResponse: { structure: { PolicyGroups: '#PolicyGroupListType', PolicyUsers: '#PolicyUserListType', PolicyRoles: '#PolicyRoleListType', IsTruncated: 'boolean', Marker: 'string' } },
    ListGroupPoliciesRequest: { structure: { GroupName: 'string', Marker: 'string', MaxItems: 'number' }, required: ['GroupName'] },
    ListGroupPoliciesResponse: { structure: { PolicyNames: '[string]', IsTruncated: 'boolean', Marker: 'string' }, required: ['PolicyNames'] },
    ListGroupsForUserRequest: { structure: { UserName: 'string', Marker: 'string', MaxItems: 'number' }, required: ['UserName'] },
    ListGroupsForUserResponse: { structure: { Groups: '#groupListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['Groups'] },
    ListGroupsRequest: { structure: { PathPrefix: 'string', Marker: 'string', MaxItems: 'number' } },
    ListGroupsResponse: { structure: { Groups: '#groupListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['Groups'] },
    ListInstanceProfileTagsRequest: { structure: { InstanceProfileName: 'string', Marker: 'string', MaxItems: 'number' }, required: ['InstanceProfileName'] },
    ListInstanceProfileTagsResponse: { structure: { Tags: '#tagListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['Tags'] },
    ListInstanceProfilesForRoleRequest: { structure: { RoleName: 'string', Marker: 'string', MaxItems: 'number' }, required: ['RoleName'] },
    ListInstanceProfilesForRoleResponse: { structure: { InstanceProfiles: '#instanceProfileListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['InstanceProfiles'] },
    ListInstanceProfilesRequest: { structure: { PathPrefix: 'string', Marker: 'string', MaxItems: 'number' } },
    ListInstanceProfilesResponse: { structure: { InstanceProfiles: '#instanceProfileListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['InstanceProfiles'] },
    ListMFADevicesRequest: { structure: { UserName: 'string', Marker: 'string', MaxItems: 'number' } },
    ListMFADevicesResponse: { structure: { MFADevices: '#mfaDeviceListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['MFADevices'] },
    ListOpenIDConnectProviderTagsRequest: { structure: { OpenIDConnectProviderArn: 'string', Marker: 'string', MaxItems: 'number' }, required: ['OpenIDConnectProviderArn'] },
    ListOpenIDConnectProviderTagsResponse: { structure: { Tags: '#tagListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['Tags'] },
    ListOpenIDConnectProvidersRequest: { structure: {} },
    ListOpenIDConnectProvidersResponse: { structure: { OpenIDConnectProviderList: '#OpenIDConnectProviderListType' } },
    ListPoliciesRequest: { structure: { Scope: 'string', OnlyAttached: 'boolean', PathPrefix: 'string', PolicyUsageFilter: 'string', Marker: 'string', MaxItems: 'number' } },
    ListPoliciesResponse: { structure: { Policies: '#policyListType', IsTruncated: 'boolean', Marker: 'string' } },
    ListPolicyTagsRequest: { structure: { PolicyArn: 'string', Marker: 'string', MaxItems: 'number' }, required: ['PolicyArn'] },
    ListPolicyTagsResponse: { structure: { Tags: '#tagListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['Tags'] },
    ListPolicyVersionsRequest: { structure: { PolicyArn: 'string', Marker: 'string', MaxItems: 'number' }, required: ['PolicyArn'] },
    ListPolicyVersionsResponse: { structure: { Versions: '#policyDocumentVersionListType', IsTruncated: 'boolean', Marker: 'string' } },
    ListRolePoliciesRequest: { structure: { RoleName: 'string', Marker: 'string', MaxItems: 'number' }, required: ['RoleName'] },
    ListRolePoliciesResponse: { structure: { PolicyNames: '[string]', IsTruncated: 'boolean', Marker: 'string' }, required: ['PolicyNames'] },
    ListRoleTagsRequest: { structure: { RoleName: 'string', Marker: 'string', MaxItems: 'number' }, required: ['RoleName'] },
    ListRoleTagsResponse: { structure: { Tags: '#tagListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['Tags'] },
    ListRolesRequest: { structure: { PathPrefix: 'string', Marker: 'string', MaxItems: 'number' } },
    ListRolesResponse: { structure: { Roles: '#roleListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['Roles'] },
    ListSAMLProvidersRequest: { structure: {} },
    ListSAMLProvidersResponse: { structure: { SAMLProviderList: '#SAMLProviderListType' } },
    ListSSHPublicKeysRequest: { structure: { UserName: 'string', Marker: 'string', MaxItems: 'number' } },
    ListSSHPublicKeysResponse: { structure: { SSHPublicKeys: '#SSHPublicKeyListType', IsTruncated: 'boolean', Marker: 'string' } },
    ListServerCertificatesRequest: { structure: { PathPrefix: 'string', Marker: 'string', MaxItems: 'number' } },
    ListServerCertificatesResponse: { structure: { ServerCertificateMetadataList: '#serverCertificateMetadataListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['ServerCertificateMetadataList'] },
    ListServiceSpecificCredentialsRequest: { structure: { UserName: 'string', ServiceName: 'string', AllUsers: 'boolean', Marker: 'string', MaxItems: 'number' } },
    ListServiceSpecificCredentialsResponse: { structure: { ServiceSpecificCredentials: '#ServiceSpecificCredentialsListType', Marker: 'string', IsTruncated: 'boolean' } },
    ListSigningCertificatesRequest: { structure: { UserName: 'string', Marker: 'string', MaxItems: 'number' } },
    ListSigningCertificatesResponse: { structure: { Certificates: '#certificateListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['Certificates'] },
    ListUserPoliciesRequest: { structure: { UserName: 'string', Marker: 'string', MaxItems: 'number' }, required: ['UserName'] },
    ListUserPoliciesResponse: { structure: { PolicyNames: '[string]', IsTruncated: 'boolean', Marker: 'string' }, required: ['PolicyNames'] },
    ListUserTagsRequest: { structure: { UserName: 'string', Marker: 'string', MaxItems: 'number' }, required: ['UserName'] },
    ListUserTagsResponse: { structure: { Tags: '#tagListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['Tags'] },
    ListUsersRequest: { structure: { PathPrefix: 'string', Marker: 'string', MaxItems: 'number' } },
    ListUsersResponse: { structure: { Users: '#userListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['Users'] },
    ListVirtualMFADevicesRequest: { structure: { AssignmentStatus: 'string', Marker: 'string', MaxItems: 'number' } },
    ListVirtualMFADevicesResponse: { structure: { VirtualMFADevices: '#virtualMFADeviceListType', IsTruncated: 'boolean', Marker: 'string' }, required: ['VirtualMFADevices'] },
    LoginProfile: { structure: { UserName: 'string', CreateDate: 'timestamp', PasswordResetRequired: 'boolean' }, required: ['UserName', 'CreateDate'] },
    MFADevice: { structure: { UserName: 'string', SerialNumber: 'string', EnableDate: 'timestamp' }, required: ['UserName', 'SerialNumber', 'EnableDate'] },
    ManagedPolicyDetail: { structure: { PolicyName: 'string', PolicyId: 'string', Arn: 'string', Path: 'string', DefaultVersionId: 'string', AttachmentCount: 'number', PermissionsBoundaryUsageCount: 'number', IsAttachable: 'boolean', Description: 'string', CreateDate: 'timestamp', UpdateDate: 'timestamp', PolicyVersionList: '#policyDocumentVersionListType' } },
    ManagedPolicyDetailListType: { list: '#ManagedPolicyDetail' },
    OpenIDConnectProviderListEntry: { structure: { Arn: 'string' } },
    OpenIDConnectProviderListType: { list: '#OpenIDConnectProviderListEntry' },
    OrderedOrganizationPolicyType: { structure: { ServiceControlPolicyInputList: '[string]' } },
    OrganizationPolicyListType: { list: '#OrderedOrganizationPolicyType' },
    OrganizationsDecisionDetail: { structure: { AllowedByOrganizations: 'boolean' } },
    PasswordPolicy: { structure: { MinimumPasswordLength: 'number', RequireSymbols: 'boolean', RequireNumbers: 'boolean', RequireUppercaseCharacters: 'boolean', RequireLowercaseCharacters: 'boolean', AllowUsersToChangePassword: 'boolean', ExpirePasswords: 'boolean', MaxPasswordAge: 'number', PasswordReusePrevention: 'number', HardExpiry: 'boolean' } },
    PermissionsBoundaryDecisionDetail: { structure: { AllowedByPermissionsBoundary: 'boolean' } },
    Policy: { structure: { PolicyName: 'string', PolicyId: 'string', Arn: 'string', Path: 'string', DefaultVersionId: 'string', AttachmentCount: 'number', PermissionsBoundaryUsageCount: 'number', IsAttachable: 'boolean', Description: 'string', CreateDate: 'timestamp', UpdateDate: 'timestamp', Tags: '#tagListType' } },
    PolicyDetail: { structure: { PolicyName: 'string', PolicyDocument: 'string' } },
    PolicyExclusionsListType: { list: '#PolicyIdentifier' },
    PolicyGroup: { structure: { GroupName: 'string', GroupId: 'string' } },
    PolicyGroupListType: { list: '#PolicyGroup' },
    PolicyIdentifier: { structure: { PolicyType: 'string', PolicyArn: 'string', InlinePolicyIdentifier: '#InlinePolicyIdentifierType' }, union: true },
    PolicyRole: { structure: { RoleName: 'string', RoleId: 'string' } },
    PolicyRoleListType: { list: '#PolicyRole' },
    PolicyUser: { structure: { UserName: 'string', UserId: 'string' } },
    PolicyUserListType: { list: '#PolicyUser' },
    PolicyVersion: { structure: { Document: 'string', VersionId: 'string', IsDefaultVersion: 'boolean', CreateDate: 'timestamp' } },
    Position: { structure: { Line: 'number', Column: 'number' } },
    PutGroupPolicyRequest: { structure: { GroupName: 'string', PolicyName: 'string', PolicyDocument: 'string' }, required: ['GroupName', 'PolicyName', 'PolicyDocument'] },
    PutRolePermissionsBoundaryRequest: { structure: { RoleName: 'string', PermissionsBoundary: 'string' }, required: ['RoleName', 'PermissionsBoundary'] },
    PutRolePolicyRequest: { structure: { RoleName: 'string', PolicyName: 'string', PolicyDocument: 'string' }, required: ['RoleName', 'PolicyName', 'PolicyDocument'] },
    PutUserPermissionsBoundaryRequest: { structure: { UserName: 'string', PermissionsBoundary: 'string' }, required: ['UserName', 'PermissionsBoundary'] },
    PutUserPolicyRequest: { structure: { UserName: 'string', PolicyName: 'string', PolicyDocument: 'string' }, required: ['UserName', 'PolicyName', 'PolicyDocument'] },
    RemoveClientIDFromOpenIDConnectProviderRequest: { structure: { OpenIDConnectProviderArn: 'string', ClientID: 'string' }, required: ['OpenIDConnectProviderArn', 'ClientID'] },
    RemoveRoleFromInstanceProfileRequest: { structure: { InstanceProfileName: 'string', RoleName: 'string' }, required: ['InstanceProfileName', 'RoleName'] },
    RemoveUserFromGroupRequest: { structure: { GroupName: 'string', UserName: 'string' }, required: ['GroupName', 'UserName'] },
    ResourceSpecificResult: { structure: { EvalResourceName: 'string', EvalResourceDecision: 'string', MatchedStatements: '#StatementListType', MissingContextValues: '[string]', EvalDecisionDetails: '{string}', PermissionsBoundaryDecisionDetail: '#PermissionsBoundaryDecisionDetail' }, required: ['EvalResourceName', 'EvalResourceDecision'] },
    ResourceSpecificResultListType: { list: '#ResourceSpecificResult' },
    Role: { structure: { Path: 'string', RoleName: 'string', RoleId: 'string', Arn: 'string', CreateDate: 'timestamp', AssumeRolePolicyDocument: 'string', Description: 'string', MaxSessionDuration: 'number', PermissionsBoundary: '#AttachedPermissionsBoundary', Tags: '#tagListType', RoleLastUsed: '#RoleLastUsed', SourceRoleTemplate: '#SourceRoleTemplate' }, required: ['Path', 'RoleName', 'RoleId', 'Arn', 'CreateDate'] },
    RoleDetail: { structure: { Path: 'string', RoleName: 'string', RoleId: 'string', Arn: 'string', CreateDate: 'timestamp', AssumeRolePolicyDocument: 'string', InstanceProfileList: '#instanceProfileListType', RolePolicyList: '#policyDetailListType', AttachedManagedPolicies: '#attachedPoliciesListType', PermissionsBoundary: '#AttachedPermissionsBoundary', Tags: '#tagListType', RoleLastUsed: '#RoleLastUsed' } },
    RoleLastUsed: { structure: { LastUsedDate: 'timestamp', Region: 'string' } },
    RoleUsageListType: { list: '#RoleUsageType' },
    RoleUsageType: { structure: { Region: 'string', Resources: '[string]' } },
    SAMLProviderListEntry: { structure: { Arn: 'string', ValidUntil: 'timestamp', CreateDate: 'timestamp' } },
    SAMLProviderListType: { list: '#SAMLProviderListEntry' },
    SSHPublicKeyListType: { list: '#SSHPublicKeyMetadata' },
    SSHPublicKeyMetadata: { structure: { UserName: 'string', SSHPublicKeyId: 'string', Status: 'string', UploadDate: 'timestamp' }, required: ['UserName', 'SSHPublicKeyId', 'Status', 'UploadDate'] },
    ServerCertificateMetadata: { structure: { Path: 'string', ServerCertificateName: 'string', ServerCertificateId: 'string', Arn: 'string', UploadDate: 'timestamp', Expiration: 'timestamp' }, required: ['Path', 'ServerCertificateName', 'ServerCertificateId', 'Arn'] },
    ServiceSpecificCredentialMetadata: { structure: { UserName: 'string', Status: 'string', CreateDate: 'timestamp', ServiceSpecificCredentialId: 'string', ServiceName: 'string', ServiceUserName: 'string', ServiceCredentialAlias: 'string', ExpirationDate: 'timestamp' }, required: ['UserName', 'Status', 'CreateDate', 'ServiceSpecificCredentialId', 'ServiceName'] },
    ServiceSpecificCredentialsListType: { list: '#ServiceSpecificCredentialMetadata' },
    SetDefaultPolicyVersionRequest: { structure: { PolicyArn: 'string', VersionId: 'string' }, required: ['PolicyArn', 'VersionId'] },
    SigningCertificate: { structure: { UserName: 'string', CertificateId: 'string', CertificateBody: 'string', Status: 'string', UploadDate: 'timestamp' }, required: ['UserName', 'CertificateId', 'CertificateBody', 'Status'] },
    SimulateCustomPolicyRequest: { structure: { PolicyInputList: '[string]', ActionNames: '[string]', PermissionsBoundaryPolicyInputList: '[string]', OrderedOrganizationPolicyInputList: '#OrganizationPolicyListType', ResourceArns: '[string]', ResourcePolicy: 'string', ResourceOwner: 'string', CallerArn: 'string', ContextEntries: '#ContextEntryListType', ResourceHandlingOption: 'string', MaxItems: 'number', Marker: 'string' }, required: ['PolicyInputList', 'ActionNames'] },
    SimulatePolicyResponse: { structure: { EvaluationResults: '#EvaluationResultsListType', IsTruncated: 'boolean', Marker: 'string' } },
    SimulatePrincipalPolicyRequest: { structure: { PolicySourceArn: 'string', ActionNames: '[string]', PolicyInputList: '[string]', PermissionsBoundaryPolicyInputList: '[string]', PolicyExclusionList: '#PolicyExclusionsListType', ResourceArns: '[string]', ResourcePolicy: 'string', ResourceOwner: 'string', CallerArn: 'string', ContextEntries: '#ContextEntryListType', ResourceHandlingOption: 'string', MaxItems: 'number', Marker: 'string' }, required: ['PolicySourceArn', 'ActionNames'] },
    SourceRoleTemplate: { structure: { TemplateArn: 'string', TemplateMinorVersion: 'number' }, required: ['TemplateArn', 'TemplateMinorVersion'] },
    Statement: { structure: { SourcePolicyId: 'string', SourcePolicyType: 'string', StartPosition: '#Position', EndPosition: '#Position' } },
    StatementListType: { list: '#Statement' },
    Tag: { structure: { Key: 'string', Value: 'string' }, required: ['Key', 'Value'] },
    TagInstanceProfileRequest: { structure: { InstanceProfileName: 'string', Tags: '#tagListType' }, required: ['InstanceProfileName', 'Tags'] },
    TagOpenIDConnectProviderRequest: { structure: { OpenIDConnectProviderArn: 'string', Tags: '#tagListType' }, required: ['OpenIDConnectProviderArn', 'Tags'] },
    TagPolicyRequest: { structure: { PolicyArn: 'string', Tags: '#tagListType' }, required: ['PolicyArn', 'Tags'] },
    TagRoleRequest: { structure: { RoleName: 'string', Tags: '#tagListType' }, required: ['RoleName', 'Tags'] },
    TagUserRequest: { structure: { UserName: 'string', Tags: '#tagListType' }, required: ['UserName', 'Tags'] },
    UntagInstanceProfileRequest: { structure: { InstanceProfileName: 'string', TagKeys: '[string]' }, required: ['InstanceProfileName', 'TagKeys'] },
    UntagOpenIDConnectProviderRequest: { structure: { OpenIDConnectProviderArn: 'string', TagKeys: '[string]' }, required: ['OpenIDConnectProviderArn', 'TagKeys'] },
    UntagPolicyRequest: { structure: { PolicyArn: 'string', TagKeys: '[string]' }, required: ['PolicyArn', 'TagKeys'] },
    UntagRoleRequest: { structure: { RoleName: 'string', TagKeys: '[string]' }, required: ['RoleName', 'TagKeys'] },
    UntagUserRequest: { structure: { UserName: 'string', TagKeys: '[string]' }, required: ['UserName', 'TagKeys'] },
    UpdateAccessKeyRequest: { structure: { AccessKeyId: 'string', Status: 'string', UserName: 'string' }, required: ['AccessKeyId', 'Status'] },
    UpdateAccountPasswordPolicyRequest: { structure: { MinimumPasswordLength: 'number', RequireSymbols: 'boolean', RequireNumbers: 'boolean', RequireUppercaseCharacters: 'boolean', RequireLowercaseCharacters: 'boolean', AllowUsersToChangePassword: 'boolean', MaxPasswordAge: 'number', PasswordReusePrevention: 'number', HardExpiry: 'boolean' } },
    UpdateAssumeRolePolicyRequest: { structure: { RoleName: 'string', PolicyDocument: 'string' }, required: ['RoleName', 'PolicyDocument'] },
    UpdateGroupRequest: { structure: { GroupName: 'string', NewPath: 'string', NewGroupName: 'string' }, required: ['GroupName'] },
    UpdateLoginProfileRequest: { structure: { UserName: 'string', Password: 'string', PasswordResetRequired: 'boolean' }, required: ['UserName'] },
    UpdateOpenIDConnectProviderThumbprintRequest: { structure: { OpenIDConnectProviderArn: 'string', ThumbprintList: '[string]' }, required: ['OpenIDConnectProviderArn', 'ThumbprintList'] },
    UpdateRoleDescriptionRequest: { structure: { RoleName: 'string', Description: 'string' }, required: ['RoleName', 'Description'] },
    UpdateRoleDescriptionResponse: { structure: { Role: '#Role' } },
    UpdateRoleRequest: { structure: { RoleName: 'string', Description: 'string', MaxSessionDuration: 'number' }, required: ['RoleName'] },
    UpdateRoleResponse: { structure: {} },
    UpdateUserRequest: { structure: { UserName: 'string', NewPath: 'string', NewUserName: 'string' }, required: ['UserName'] },
    User: { structure: { Path: 'string', UserName: 'string', UserId: 'string', Arn: 'string', CreateDate: 'timestamp', PasswordLastUsed: 'timestamp', PermissionsBoundary: '#AttachedPermissionsBoundary', Tags: '#tagListType' }, required: ['Path', 'UserName', 'UserId', 'Arn', 'CreateDate'] },
    UserDetail: { structure: { Path: 'string', UserName: 'string', UserId: 'string', Arn: 'string', CreateDate: 'timestamp', UserPolicyList: '#policyDetailListType', GroupList: '[string]', AttachedManagedPolicies: '#attachedPoliciesListType', PermissionsBoundary: '#AttachedPermissionsBoundary', Tags: '#tagListType' } },
    VirtualMFADevice: { structure: { SerialNumber: 'string', Base32StringSeed: 'blob', QRCodePNG: 'blob', User: '#User', EnableDate: 'timestamp', Tags: '#tagListType' }, required: ['SerialNumber'] },
    accessKeyMetadataListType: { list: '#AccessKeyMetadata' },
    attachedPoliciesListType: { list: '#AttachedPolicy' },
    certificateListType: { list: '#SigningCertificate' },
    groupDetailListType: { list: '#GroupDetail' },
    groupListType: { list: '#Group' },
    instanceProfileListType: { list: '#InstanceProfile' },
    mfaDeviceListType: { list: '#MFADevice' },
    policyDetailListType: { list: '#PolicyDetail' },
    policyDocumentVersionListType: { list: '#PolicyVersion' },
    policyListType: { list: '#Policy' },
    roleDetailListType: { list: '#RoleDetail' },
    roleListType: { list: '#Role' },
    serverCertificateMetadataListType: { list: '#ServerCertificateMetadata' },
    tagListType: { list: '#Tag' },
    userDetailListType: { list: '#UserDetail' },
    userListType: { list: '#User' },
    virtualMFADeviceListType: { list: '#VirtualMFADevice' },
  },
  errors: {
    AccountNotManagementOrDelegatedAdministratorException: { structure: { Message: 'string' }, traits: { fault: 'client', status: 400 } },
    CallerIsNotManagementAccountException: { structure: { Message: 'string' }, traits: { fault: 'client', status: 400 } },
    ConcurrentModificationException: { structure: { message: 'string' }, traits: { queryError: ['ConcurrentModification', 409], fault: 'client', status: 409 } },
    CredentialReportExpiredException: { structure: { message: 'string' }, traits: { queryError: ['ReportExpired', 410], fault: 'client', status: 410 } },
    CredentialReportNotPresentException: { structure: { message: 'string' }, traits: { queryError: ['ReportNotPresent', 410], fault: 'client', status: 410 } },
    CredentialReportNotReadyException: { structure: { message: 'string' }, traits: { queryError: ['ReportInProgress', 404], fault: 'client', status: 404 } },
    DeleteConflictException: { structure: { message: 'string' }, traits: { queryError: ['DeleteConflict', 409], fault: 'client', status: 409 } },
    DuplicateCertificateException: { structure: { message: 'string' }, traits: { queryError: ['DuplicateCertificate', 409], fault: 'client', status: 409 } },
    DuplicateSSHPublicKeyException: { structure: { message: 'string' }, traits: { queryError: ['DuplicateSSHPublicKey', 400], fault: 'client', status: 400 } },
    EntityAlreadyExistsException: { structure: { message: 'string' }, traits: { queryError: ['EntityAlreadyExists', 409], fault: 'client', status: 409 } },
    EntityTemporarilyUnmodifiableException: { structure: { message: 'string' }, traits: { queryError: ['EntityTemporarilyUnmodifiable', 409], fault: 'client', status: 409 } },
    FeatureDisabledException: { structure: { message: 'string' }, traits: { queryError: ['FeatureDisabled', 404], fault: 'client', status: 404 } },
    FeatureEnabledException: { structure: { message: 'string' }, traits: { queryError: ['FeatureEnabled', 409], fault: 'client', status: 409 } },
    InvalidAuthenticationCodeException: { structure: { message: 'string' }, traits: { queryError: ['InvalidAuthenticationCode', 403], fault: 'client', status: 403 } },
    InvalidCertificateException: { structure: { message: 'string' }, traits: { queryError: ['InvalidCertificate', 400], fault: 'client', status: 400 } },
    InvalidInputException: { structure: { message: 'string' }, traits: { queryError: ['InvalidInput', 400], fault: 'client', status: 400 } },
    InvalidPublicKeyException: { structure: { message: 'string' }, traits: { queryError: ['InvalidPublicKey', 400], fault: 'client', status: 400 } },
    InvalidUserTypeException: { structure: { message: 'string' }, traits: { queryError: ['InvalidUserType', 400], fault: 'client', status: 400 } },
    KeyPairMismatchException: { structure: { message: 'string' }, traits: { queryError: ['KeyPairMismatch', 400], fault: 'client', status: 400 } },
    LimitExceededException: { structure: { message: 'string' }, traits: { queryError: ['LimitExceeded', 409], fault: 'client', status: 409 } },
    MalformedCertificateException: { structure: { message: 'string' }, traits: { queryError: ['MalformedCertificate', 400], fault: 'client', status: 400 } },
    MalformedPolicyDocumentException: { structure: { message: 'string' }, traits: { queryError: ['MalformedPolicyDocument', 400], fault: 'client', status: 400 } },
    NameConflictException: { structure: { message: 'string' }, traits: { queryError: ['NameConflict', 409], fault: 'client', status: 409 } },
    NoSuchEntityException: { structure: { message: 'string' }, traits: { queryError: ['NoSuchEntity', 404], fault: 'client', status: 404 } },
    OpenIdIdpCommunicationErrorException: { structure: { message: 'string' }, traits: { queryError: ['OpenIdIdpCommunicationError', 400], fault: 'client', status: 400 } },
    OrganizationNotFoundException: { structure: { Message: 'string' }, traits: { fault: 'client', status: 400 } },
    OrganizationNotInAllFeaturesModeException: { structure: { Message: 'string' }, traits: { fault: 'client', status: 400 } },
    PasswordPolicyViolationException: { structure: { message: 'string' }, traits: { queryError: ['PasswordPolicyViolation', 400], fault: 'client', status: 400 } },
    PolicyEvaluationException: { structure: { message: 'string' }, traits: { queryError: ['PolicyEvaluation', 500], fault: 'server', status: 500 } },
    PolicyNotAttachableException: { structure: { message: 'string' }, traits: { queryError: ['PolicyNotAttachable', 400], fault: 'client', status: 400 } },
    ReportGenerationLimitExceededException: { structure: { message: 'string' }, traits: { queryError: ['ReportGenerationLimitExceeded', 409], fault: 'client', status: 409 } },
    RoleModifiedException: { structure: { message: 'string' }, traits: { queryError: ['RoleModified', 409], fault: 'client', status: 409 } },
    RoleTemplateDisabledException: { structure: { message: 'string' }, traits: { queryError: ['RoleTemplateDisabled', 400], fault: 'client', status: 400 } },
    ServiceAccessNotEnabledException: { structure: { Message: 'string' }, traits: { fault: 'client', status: 400 } },
    ServiceFailureException: { structure: { message: 'string' }, traits: { queryError: ['ServiceFailure', 500], fault: 'server', status: 500 } },
    ServiceNotSupportedException: { structure: { message: 'string' }, traits: { queryError: ['NotSupportedService', 404], fault: 'client', status: 404 } },
    UnmodifiableEntityException: { structure: { message: 'string' }, traits: { queryError: ['UnmodifiableEntity', 400], fault: 'client', status: 400 } },
    UnrecognizedPublicKeyEncodingException: { structure: { message: 'string' }, traits: { queryError: ['UnrecognizedPublicKeyEncoding', 400], fault: 'client', status: 400 } },
  },
};

/**
 * AWS Identity and Access Management over resources/iam/. What the policies mean is identity/evaluate.ts.
 *
 * Gaps, each answered by name: passwords and the console, second factors, SAML, certificates and keys of SSH, reports of
 * what was used, delegation, organisations' root. Lists of what nobody has here are empty.
 *
 * By design: roles of functions that nobody made are seen, and changed in the function's manifest alone.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html
 */
import { constrained } from '../constraints.ts';
import { iamModel, type IamOperationName } from '../model/iam.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { emptyList, emptyListOfUser, noLoginProfile, noPasswordPolicy } from './absent-operations.ts';
import {
  createAccessKey,
  deleteAccessKey,
  getAccessKeyLastUsed,
  listAccessKeys,
  updateAccessKey,
} from './access-key-operations.ts';
import {
  createAccountAlias,
  deleteAccountAlias,
  getAccountAuthorizationDetails,
  getAccountSummary,
  listAccountAliases,
} from './account-operations.ts';
import {
  attachPolicy,
  deleteBoundary,
  detachPolicy,
  listAttachedPolicies,
  putBoundary,
} from './attached-policy-operations.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';
import {
  addUserToGroup,
  createGroup,
  deleteGroup,
  getGroup,
  listGroups,
  listGroupsForUser,
  removeUserFromGroup,
  updateGroup,
} from './group-operations.ts';
import type { IamParts } from './iam-parts.ts';
import {
  deleteInlinePolicy,
  getInlinePolicy,
  listInlinePolicies,
  putInlinePolicy,
} from './inline-policy-operations.ts';
import {
  addRoleToInstanceProfile,
  createInstanceProfile,
  deleteInstanceProfile,
  getInstanceProfile,
  listInstanceProfiles,
  listInstanceProfilesForRole,
  removeRoleFromInstanceProfile,
} from './instance-profile-operations.ts';
import {
  createPolicy,
  createPolicyVersion,
  deletePolicy,
  deletePolicyVersion,
  getPolicy,
  getPolicyVersion,
  listEntitiesForPolicy,
  listPolicies,
  listPolicyVersions,
  setDefaultPolicyVersion,
} from './policy-operations.ts';
import {
  addClientId,
  createOpenIdConnectProvider,
  deleteOpenIdConnectProvider,
  getOpenIdConnectProvider,
  listOpenIdConnectProviders,
  removeClientId,
  updateThumbprints,
} from './provider-operations.ts';
import {
  createRole,
  deleteRole,
  getRole,
  listRoles,
  updateAssumeRolePolicy,
  updateRole,
  updateRoleDescription,
} from './role-operations.ts';
import {
  createServiceLinkedRole,
  deleteServiceLinkedRole,
  getServiceLinkedRoleDeletionStatus,
} from './service-linked-role-operations.ts';
import {
  getContextKeysForCustomPolicy,
  getContextKeysForPrincipalPolicy,
  simulateCustomPolicy,
  simulatePrincipalPolicy,
} from './simulate-operations.ts';
import { listTags, tag, untag } from './tag-operations.ts';
import { createUser, deleteUser, getUser, listUsers, updateUser } from './user-operations.ts';

export function createIamService(parts: IamParts): AwsService {
  const operations: OperationTable<IamOperationName> = {
    AddClientIDToOpenIDConnectProvider: addClientId(parts),
    AddRoleToInstanceProfile: addRoleToInstanceProfile(parts),
    AddUserToGroup: addUserToGroup(parts),
    AttachGroupPolicy: attachPolicy(parts, 'group'),
    AttachRolePolicy: attachPolicy(parts, 'role'),
    AttachUserPolicy: attachPolicy(parts, 'user'),
    CreateAccessKey: createAccessKey(parts),
    CreateAccountAlias: createAccountAlias(parts),
    CreateGroup: createGroup(parts),
    CreateInstanceProfile: createInstanceProfile(parts),
    CreateLoginProfile: 'not built',
    CreateOpenIDConnectProvider: createOpenIdConnectProvider(parts),
    CreatePolicy: createPolicy(parts),
    CreatePolicyVersion: createPolicyVersion(parts),
    CreateRole: createRole(parts),
    CreateServiceLinkedRole: createServiceLinkedRole(parts),
    CreateUser: createUser(parts),
    DeleteAccessKey: deleteAccessKey(parts),
    DeleteAccountAlias: deleteAccountAlias(parts),
    DeleteAccountPasswordPolicy: noPasswordPolicy('DeleteAccountPasswordPolicy'),
    DeleteGroup: deleteGroup(parts),
    DeleteGroupPolicy: deleteInlinePolicy(parts, 'group'),
    DeleteInstanceProfile: deleteInstanceProfile(parts),
    DeleteLoginProfile: noLoginProfile(parts, 'DeleteLoginProfile'),
    DeleteOpenIDConnectProvider: deleteOpenIdConnectProvider(parts),
    DeletePolicy: deletePolicy(parts),
    DeletePolicyVersion: deletePolicyVersion(parts),
    DeleteRole: deleteRole(parts),
    DeleteRolePermissionsBoundary: deleteBoundary(parts, 'role'),
    DeleteRolePolicy: deleteInlinePolicy(parts, 'role'),
    DeleteServiceLinkedRole: deleteServiceLinkedRole(parts),
    DeleteUser: deleteUser(parts),
    DeleteUserPermissionsBoundary: deleteBoundary(parts, 'user'),
    DeleteUserPolicy: deleteInlinePolicy(parts, 'user'),
    DetachGroupPolicy: detachPolicy(parts, 'group'),
    DetachRolePolicy: detachPolicy(parts, 'role'),
    DetachUserPolicy: detachPolicy(parts, 'user'),
    GetAccessKeyLastUsed: getAccessKeyLastUsed(parts),
    GetAccountAuthorizationDetails: getAccountAuthorizationDetails(parts),
    GetAccountPasswordPolicy: noPasswordPolicy('GetAccountPasswordPolicy'),
    GetAccountSummary: getAccountSummary(parts),
    GetContextKeysForCustomPolicy: getContextKeysForCustomPolicy(),
    GetContextKeysForPrincipalPolicy: getContextKeysForPrincipalPolicy(parts),
    GetGroup: getGroup(parts),
    GetGroupPolicy: getInlinePolicy(parts, 'group'),
    GetInstanceProfile: getInstanceProfile(parts),
    GetLoginProfile: noLoginProfile(parts, 'GetLoginProfile'),
    GetOpenIDConnectProvider: getOpenIdConnectProvider(parts),
    GetPolicy: getPolicy(parts),
    GetPolicyVersion: getPolicyVersion(parts),
    GetRole: getRole(parts),
    GetRolePolicy: getInlinePolicy(parts, 'role'),
    GetServiceLinkedRoleDeletionStatus: getServiceLinkedRoleDeletionStatus(parts),
    GetUser: getUser(parts),
    GetUserPolicy: getInlinePolicy(parts, 'user'),
    ListAccessKeys: listAccessKeys(parts),
    ListAccountAliases: listAccountAliases(parts),
    ListAttachedGroupPolicies: listAttachedPolicies(parts, 'group'),
    ListAttachedRolePolicies: listAttachedPolicies(parts, 'role'),
    ListAttachedUserPolicies: listAttachedPolicies(parts, 'user'),
    ListEntitiesForPolicy: listEntitiesForPolicy(parts),
    ListGroupPolicies: listInlinePolicies(parts, 'group'),
    ListGroups: listGroups(parts),
    ListGroupsForUser: listGroupsForUser(parts),
    ListInstanceProfileTags: listTags(parts, 'instance-profile'),
    ListInstanceProfiles: listInstanceProfiles(parts),
    ListInstanceProfilesForRole: listInstanceProfilesForRole(parts),
    ListMFADevices: emptyListOfUser(parts, 'ListMFADevices', 'MFADevices'),
    ListOpenIDConnectProviderTags: listTags(parts, 'oidc-provider'),
    ListOpenIDConnectProviders: listOpenIdConnectProviders(parts),
    ListPolicies: listPolicies(parts),
    ListPolicyTags: listTags(parts, 'policy'),
    ListPolicyVersions: listPolicyVersions(parts),
    ListRolePolicies: listInlinePolicies(parts, 'role'),
    ListRoleTags: listTags(parts, 'role'),
    ListRoles: listRoles(parts),
    ListSAMLProviders: emptyList('ListSAMLProviders', 'SAMLProviderList'),
    ListSSHPublicKeys: emptyListOfUser(parts, 'ListSSHPublicKeys', 'SSHPublicKeys'),
    ListServerCertificates: emptyList('ListServerCertificates', 'ServerCertificateMetadataList'),
    ListServiceSpecificCredentials: emptyListOfUser(
      parts,
      'ListServiceSpecificCredentials',
      'ServiceSpecificCredentials',
    ),
    ListSigningCertificates: emptyListOfUser(parts, 'ListSigningCertificates', 'Certificates'),
    ListUserPolicies: listInlinePolicies(parts, 'user'),
    ListUserTags: listTags(parts, 'user'),
    ListUsers: listUsers(parts),
    ListVirtualMFADevices: emptyList('ListVirtualMFADevices', 'VirtualMFADevices'),
    PutGroupPolicy: putInlinePolicy(parts, 'group'),
    PutRolePermissionsBoundary: putBoundary(parts, 'role'),
    PutRolePolicy: putInlinePolicy(parts, 'role'),
    PutUserPermissionsBoundary: putBoundary(parts, 'user'),
    PutUserPolicy: putInlinePolicy(parts, 'user'),
    RemoveClientIDFromOpenIDConnectProvider: removeClientId(parts),
    RemoveRoleFromInstanceProfile: removeRoleFromInstanceProfile(parts),
    RemoveUserFromGroup: removeUserFromGroup(parts),
    SetDefaultPolicyVersion: setDefaultPolicyVersion(parts),
    SimulateCustomPolicy: simulateCustomPolicy(),
    SimulatePrincipalPolicy: simulatePrincipalPolicy(parts),
    TagInstanceProfile: tag(parts, 'instance-profile'),
    TagOpenIDConnectProvider: tag(parts, 'oidc-provider'),
    TagPolicy: tag(parts, 'policy'),
    TagRole: tag(parts, 'role'),
    TagUser: tag(parts, 'user'),
    UntagInstanceProfile: untag(parts, 'instance-profile'),
    UntagOpenIDConnectProvider: untag(parts, 'oidc-provider'),
    UntagPolicy: untag(parts, 'policy'),
    UntagRole: untag(parts, 'role'),
    UntagUser: untag(parts, 'user'),
    UpdateAccessKey: updateAccessKey(parts),
    UpdateAccountPasswordPolicy: 'not built',
    UpdateAssumeRolePolicy: updateAssumeRolePolicy(parts),
    UpdateGroup: updateGroup(parts),
    UpdateLoginProfile: 'not built',
    UpdateOpenIDConnectProviderThumbprint: updateThumbprints(parts),
    UpdateRole: updateRole(parts),
    UpdateRoleDescription: updateRoleDescription(parts),
    UpdateUser: updateUser(parts),
  };
  return {
    name: 'iam',
    signingNames: ['iam'],
    protocols: ['query'],
    model: iamModel,
    operations: constrained(operations, iamModel, { shapes: shapeConstraints, members: memberShapes }),
  };
}

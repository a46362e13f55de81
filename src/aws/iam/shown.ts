/** What IAM keeps, as its answers show it. */
import type * as Wire from '@aws-sdk/client-iam';
import {
  groupArn,
  instanceProfileArn,
  policyArn,
  roleArn,
  userArn,
  type Group,
  type InstanceProfile,
  type LastUse,
  type ManagedPolicy,
  type PolicyVersion,
  type Role,
  type Tags,
  type User,
} from '../../resources/iam/iam-entities.ts';
import type { IdentityReader } from '../../resources/iam/identities.ts';

/** Documents go out percent-encoded, as RFC 3986 has it. */
export const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);

/** By key, as IAM lists them. */
export const tagsShown = (tags: Tags): Wire.Tag[] =>
  Object.entries(tags)
    .map(([Key, Value]) => ({ Key, Value }))
    .toSorted((a, b) => (a.Key < b.Key ? -1 : 1));

const tagged = (tags: Tags): { Tags?: Wire.Tag[] } => (Object.keys(tags).length === 0 ? {} : { Tags: tagsShown(tags) });

const bounded = (boundary: string | undefined): { PermissionsBoundary?: Wire.AttachedPermissionsBoundary } =>
  boundary === undefined
    ? {}
    : {
        PermissionsBoundary: { PermissionsBoundaryType: 'PermissionsBoundaryPolicy', PermissionsBoundaryArn: boundary },
      };

/** `isWhole`: as it is asked for by name; lists leave out tags and boundaries. */
export const userShown = (user: User, isWhole: boolean): Wire.User => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: userArn(user),
  CreateDate: new Date(user.createdMs),
  ...(isWhole && { ...bounded(user.boundary), ...tagged(user.tags) }),
});

export const groupShown = (group: Group): Wire.Group => ({
  Path: group.path,
  GroupName: group.name,
  GroupId: group.id,
  Arn: groupArn(group),
  CreateDate: new Date(group.createdMs),
});

export const roleShown = (role: Role, isWhole: boolean, use?: LastUse): Wire.Role => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: roleArn(role),
  CreateDate: new Date(role.createdMs),
  AssumeRolePolicyDocument: encoded(role.trust),
  ...(role.description !== undefined && { Description: role.description }),
  MaxSessionDuration: role.sessionSecondsMax,
  ...(isWhole && {
    ...bounded(role.boundary),
    ...tagged(role.tags),
    RoleLastUsed: use === undefined ? {} : { LastUsedDate: new Date(use.atMs), Region: use.region },
  }),
});

export const profileShown = (profile: InstanceProfile, reader: IdentityReader): Wire.InstanceProfile => ({
  Path: profile.path,
  InstanceProfileName: profile.name,
  InstanceProfileId: profile.id,
  Arn: instanceProfileArn(profile),
  CreateDate: new Date(profile.createdMs),
  Roles: profile.roles.flatMap((name) => {
    const role = reader.get('role', name);
    return role === undefined ? [] : [roleShown(role, false)];
  }),
  ...tagged(profile.tags),
});

/** How many have the policy, and how many it bounds. */
export type PolicyUse = { attached: number; bounding: number };

export const policyShown = (
  policy: ManagedPolicy,
  { attached, bounding }: PolicyUse,
  isWhole: boolean,
): Wire.Policy => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policyArn(policy),
  Path: policy.path,
  DefaultVersionId: policy.defaultVersion,
  AttachmentCount: attached,
  PermissionsBoundaryUsageCount: bounding,
  IsAttachable: true,
  CreateDate: new Date(policy.createdMs),
  UpdateDate: new Date(policy.modifiedMs),
  ...(isWhole && {
    ...(policy.description !== undefined && { Description: policy.description }),
    Tags: tagsShown(policy.tags),
  }),
});

export const versionShown = (
  version: PolicyVersion,
  { defaultVersion }: Pick<ManagedPolicy, 'defaultVersion'>,
  isWhole: boolean,
): Wire.PolicyVersion => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === defaultVersion,
  CreateDate: new Date(version.createdMs),
  ...(isWhole && { Document: encoded(version.text) }),
});

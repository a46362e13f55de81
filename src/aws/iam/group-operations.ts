import type * as Wire from '@aws-sdk/client-iam';
import { iamLimits, type Group, type User } from '../../resources/iam/iam-entities.ts';
import type { IdentityReader } from '../../resources/iam/identities.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { arnOfNew, onAll, onHolder } from './access.ts';
import { checkQuota, needGroup, needUser, taken } from './entities.ts';
import { deleteConflict } from './iam-errors.ts';
import { uniqueId } from './iam-ids.ts';
import type { IamParts } from './iam-parts.ts';
import { below, pageOf } from './pages.ts';
import { groupShown, userShown } from './shown.ts';

export const createGroup = (parts: IamParts): OperationEntry => ({
  access: ({ account }, { GroupName, Path }: Wire.CreateGroupRequest) => [
    { action: 'iam:CreateGroup', resource: arnOfNew(account, 'group', Path, GroupName) },
  ],
  run({ account }: AwsContext, { GroupName: name = '', Path: path = '/' }: Wire.CreateGroupRequest): Promise<object> {
    return parts.identities.change(account, (draft): Wire.CreateGroupResponse => {
      if (draft.get('group', name) !== undefined) taken(`Group with name ${name} already exists.`);
      checkQuota(draft.list('group').length, iamLimits.groupsMax, 'GroupsPerAccount');
      const id = uniqueId('group', parts.ids);
      const group: Group = { account, name, path, id, createdMs: parts.clock.now(), inline: {}, attached: [] };
      draft.put('group', group);
      return { Group: groupShown(group) };
    });
  },
});

export const getGroup = (parts: IamParts): OperationEntry => ({
  access: (context, { GroupName }: Wire.GetGroupRequest) => onHolder(parts, context, 'GetGroup', 'group', GroupName),
  run({ account }: AwsContext, input: Wire.GetGroupRequest): Promise<Wire.GetGroupResponse> {
    const reader = parts.identities.of(account);
    const group = needGroup(reader, input.GroupName);
    const { page, facts } = pageOf(membersOf(reader, group.name), input);
    return Promise.resolve({ Group: groupShown(group), Users: page.map((user) => userShown(user, false)), ...facts });
  },
});

export const listGroups = ({ identities }: IamParts): OperationEntry => ({
  access: () => onAll('ListGroups'),
  run({ account }: AwsContext, input: Wire.ListGroupsRequest): Promise<Wire.ListGroupsResponse> {
    const { page, facts } = pageOf(below(identities.of(account).list('group'), input.PathPrefix), input);
    return Promise.resolve({ Groups: page.map(groupShown), ...facts });
  },
});

export const listGroupsForUser = (parts: IamParts): OperationEntry => ({
  access: (context, { UserName }: Wire.ListGroupsForUserRequest) =>
    onHolder(parts, context, 'ListGroupsForUser', 'user', UserName),
  run({ account }: AwsContext, input: Wire.ListGroupsForUserRequest): Promise<Wire.ListGroupsForUserResponse> {
    const reader = parts.identities.of(account);
    const groups = needUser(reader, input.UserName).groups.flatMap((name) => reader.get('group', name) ?? []);
    const { page, facts } = pageOf(groups, input);
    return Promise.resolve({ Groups: page.map(groupShown), ...facts });
  },
});

export const updateGroup = (parts: IamParts): OperationEntry => ({
  access: (context, { GroupName, NewGroupName, NewPath }: Wire.UpdateGroupRequest) => [
    ...onHolder(parts, context, 'UpdateGroup', 'group', GroupName),
    { action: 'iam:UpdateGroup', resource: arnOfNew(context.account, 'group', NewPath, NewGroupName ?? GroupName) },
  ],
  run({ account }: AwsContext, input: Wire.UpdateGroupRequest): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const group = needGroup(draft, input.GroupName);
      const { NewGroupName: name = group.name, NewPath: path = group.path } = input;
      const isRenamed = name.toLowerCase() !== group.name.toLowerCase();
      if (isRenamed && draft.get('group', name) !== undefined) taken(`Group with name ${name} already exists.`);
      const members = membersOf(draft, group.name);
      draft.delete('group', group.name);
      draft.put('group', { ...group, name, path });
      for (const user of members)
        draft.put('user', { ...user, groups: user.groups.map((one) => (isSame(one, group.name) ? name : one)) });
      return {};
    });
  },
});

export const deleteGroup = (parts: IamParts): OperationEntry => ({
  access: (context, { GroupName }: Wire.DeleteGroupRequest) =>
    onHolder(parts, context, 'DeleteGroup', 'group', GroupName),
  run({ account }: AwsContext, { GroupName }: Wire.DeleteGroupRequest): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const group = needGroup(draft, GroupName);
      const must = (what: string) => deleteConflict(`Cannot delete entity, must ${what} first.`);
      if (membersOf(draft, group.name).length > 0) throw must('remove users from group');
      if (group.attached.length > 0) throw must('detach all policies');
      if (Object.keys(group.inline).length > 0) throw must('delete policies');
      draft.delete('group', group.name);
      return {};
    });
  },
});

export const addUserToGroup = (parts: IamParts): OperationEntry => ({
  access: (context, { GroupName }: Wire.AddUserToGroupRequest) =>
    onHolder(parts, context, 'AddUserToGroup', 'group', GroupName),
  run({ account }: AwsContext, { GroupName, UserName }: Wire.AddUserToGroupRequest): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const group = needGroup(draft, GroupName);
      const user = needUser(draft, UserName);
      if (user.groups.some((name) => isSame(name, group.name))) return {};
      checkQuota(user.groups.length, iamLimits.groupsPerUserMax, 'GroupsPerUser');
      draft.put('user', { ...user, groups: [...user.groups, group.name] });
      return {};
    });
  },
});

export const removeUserFromGroup = (parts: IamParts): OperationEntry => ({
  access: (context, { GroupName }: Wire.RemoveUserFromGroupRequest) =>
    onHolder(parts, context, 'RemoveUserFromGroup', 'group', GroupName),
  run({ account }: AwsContext, { GroupName, UserName }: Wire.RemoveUserFromGroupRequest): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const group = needGroup(draft, GroupName);
      const user = needUser(draft, UserName);
      draft.put('user', { ...user, groups: user.groups.filter((name) => !isSame(name, group.name)) });
      return {};
    });
  },
});

const membersOf = (reader: IdentityReader, group: string): User[] =>
  reader.list('user').filter(({ groups }) => groups.some((name) => isSame(name, group)));

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

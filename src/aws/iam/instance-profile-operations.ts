/** Kept for clients that make them with roles; there are no machines here that would take one. */
import type * as Wire from '@aws-sdk/client-iam';
import { iamLimits, type InstanceProfile } from '../../resources/iam/iam-entities.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { passRole } from '../pass-role.ts';
import { arnOfNew, onAll, onHolder, requestTags } from './access.ts';
import { checkQuota, needProfile, needRole, readTags, taken } from './entities.ts';
import { deleteConflict, noSuchEntity } from './iam-errors.ts';
import { uniqueId } from './iam-ids.ts';
import type { IamParts } from './iam-parts.ts';
import { below, pageOf } from './pages.ts';
import { profileShown } from './shown.ts';

export const createInstanceProfile = (parts: IamParts): OperationEntry => ({
  access: ({ account }, { InstanceProfileName, Path, Tags }: Wire.CreateInstanceProfileRequest) => [
    {
      action: 'iam:CreateInstanceProfile',
      resource: arnOfNew(account, 'instance-profile', Path, InstanceProfileName),
      conditions: requestTags(Tags),
    },
  ],
  run({ account }: AwsContext, input: Wire.CreateInstanceProfileRequest): Promise<Wire.CreateInstanceProfileResponse> {
    const { InstanceProfileName: name = '', Path: path = '/' } = input;
    const tags = readTags(input.Tags);
    return parts.identities.change(account, (draft) => {
      if (draft.get('instance-profile', name) !== undefined) taken(`Instance Profile ${name} already exists.`);
      checkQuota(draft.list('instance-profile').length, iamLimits.instanceProfilesMax, 'InstanceProfilesPerAccount');
      const id = uniqueId('instance-profile', parts.ids);
      const profile: InstanceProfile = { account, name, path, id, createdMs: parts.clock.now(), roles: [], tags };
      draft.put('instance-profile', profile);
      return { InstanceProfile: profileShown(profile, draft) };
    });
  },
});

type NamedInput = { InstanceProfileName?: string | undefined };

const onProfile = (parts: IamParts, context: AwsContext, action: string, { InstanceProfileName }: NamedInput) =>
  onHolder(parts, context, action, 'instance-profile', InstanceProfileName);

export const getInstanceProfile = (parts: IamParts): OperationEntry => ({
  access: (context, input: NamedInput) => onProfile(parts, context, 'GetInstanceProfile', input),
  run({ account }: AwsContext, input: NamedInput): Promise<Wire.GetInstanceProfileResponse> {
    const reader = parts.identities.of(account);
    return Promise.resolve({ InstanceProfile: profileShown(needProfile(reader, input.InstanceProfileName), reader) });
  },
});

export const listInstanceProfiles = ({ identities }: IamParts): OperationEntry => ({
  access: () => onAll('ListInstanceProfiles'),
  run({ account }: AwsContext, input: Wire.ListInstanceProfilesRequest): Promise<Wire.ListInstanceProfilesResponse> {
    const reader = identities.of(account);
    const { page, facts } = pageOf(below(reader.list('instance-profile'), input.PathPrefix), input);
    return Promise.resolve({ InstanceProfiles: page.map((profile) => profileShown(profile, reader)), ...facts });
  },
});

export const listInstanceProfilesForRole = (parts: IamParts): OperationEntry => ({
  access: (context, { RoleName }: Wire.ListInstanceProfilesForRoleRequest) =>
    onHolder(parts, context, 'ListInstanceProfilesForRole', 'role', RoleName),
  run({ account }: AwsContext, input: Wire.ListInstanceProfilesForRoleRequest): Promise<object> {
    const reader = parts.identities.of(account);
    const { name } = needRole(reader, input.RoleName);
    const found = reader.list('instance-profile').filter(({ roles }) => roles.includes(name));
    const { page, facts } = pageOf(found, input);
    return Promise.resolve({ InstanceProfiles: page.map((profile) => profileShown(profile, reader)), ...facts });
  },
});

export const deleteInstanceProfile = (parts: IamParts): OperationEntry => ({
  access: (context, input: NamedInput) => onProfile(parts, context, 'DeleteInstanceProfile', input),
  run({ account }: AwsContext, input: NamedInput): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const profile = needProfile(draft, input.InstanceProfileName);
      if (profile.roles.length > 0)
        throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
      draft.delete('instance-profile', profile.name);
      return {};
    });
  },
});

type RoleInput = NamedInput & { RoleName?: string | undefined };

export const addRoleToInstanceProfile = (parts: IamParts): OperationEntry => ({
  access: (context, input: RoleInput) => {
    const role = onHolder(parts, context, 'PassRole', 'role', input.RoleName)[0]?.resource;
    return [...onProfile(parts, context, 'AddRoleToInstanceProfile', input), ...passRole('ec2.amazonaws.com', role)];
  },
  run({ account }: AwsContext, input: RoleInput): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const profile = needProfile(draft, input.InstanceProfileName);
      const role = needRole(draft, input.RoleName);
      checkQuota(profile.roles.length, iamLimits.rolesPerProfileMax, 'InstanceSessionsPerInstanceProfile');
      draft.put('instance-profile', { ...profile, roles: [...profile.roles, role.name] });
      return {};
    });
  },
});

export const removeRoleFromInstanceProfile = (parts: IamParts): OperationEntry => ({
  access: (context, input: RoleInput) => onProfile(parts, context, 'RemoveRoleFromInstanceProfile', input),
  run({ account }: AwsContext, input: RoleInput): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const profile = needProfile(draft, input.InstanceProfileName);
      const wanted = (input.RoleName ?? '').toLowerCase();
      const roles = profile.roles.filter((name) => name.toLowerCase() !== wanted);
      if (roles.length === profile.roles.length)
        throw noSuchEntity(`The role with name ${input.RoleName ?? ''} cannot be found.`);
      draft.put('instance-profile', { ...profile, roles });
      return {};
    });
  },
});

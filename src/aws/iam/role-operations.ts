import type * as Wire from '@aws-sdk/client-iam';
import { iamLimits, policyArn, roleArn, type Role } from '../../resources/iam/iam-entities.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { arnOfNew, boundaryCondition, onAll, onHolder, requestTags } from './access.ts';
import { checkQuota, needOwnRole, needPolicy, readTags, seenRole, taken } from './entities.ts';
import { deleteConflict, unmodifiable, validationError } from './iam-errors.ts';
import { uniqueId } from './iam-ids.ts';
import type { IamParts } from './iam-parts.ts';
import { below, pageOf } from './pages.ts';
import { checkCharacters, checkPolicy } from './policy-text.ts';
import { roleShown } from './shown.ts';

const sessionSecondsDefault = 3_600;

export const createRole = (parts: IamParts): OperationEntry => ({
  access: ({ account }, { RoleName, Path, PermissionsBoundary, Tags }: Wire.CreateRoleRequest) => [
    {
      action: 'iam:CreateRole',
      resource: arnOfNew(account, 'role', Path, RoleName),
      conditions: { ...boundaryCondition(PermissionsBoundary), ...requestTags(Tags) },
    },
  ],
  run({ account }: AwsContext, input: Wire.CreateRoleRequest): Promise<Wire.CreateRoleResponse> {
    const { RoleName: name = '', Path: path = '/', Description: description, PermissionsBoundary: boundary } = input;
    const trust = checkTrust(name, input.AssumeRolePolicyDocument);
    const tags = readTags(input.Tags);
    if (path.startsWith('/aws-service-role/'))
      throw validationError(`Role names and paths of services are made with CreateServiceLinkedRole: ${path}`);
    return parts.identities.change(account, (draft) => {
      const isTaken = draft.get('role', name) !== undefined || parts.generatedRole(account, name) !== undefined;
      if (isTaken) taken(`Role with name ${name} already exists.`);
      checkQuota(draft.list('role').length, iamLimits.rolesMax, 'RolesPerAccount');
      const role: Role = {
        account,
        name,
        path,
        id: uniqueId('role', parts.ids),
        createdMs: parts.clock.now(),
        inline: {},
        attached: [],
        trust,
        tags,
        sessionSecondsMax: input.MaxSessionDuration ?? sessionSecondsDefault,
        ...(description !== undefined && { description }),
        ...(boundary !== undefined && { boundary: policyArn(needPolicy(parts, account, boundary)) }),
      };
      draft.put('role', role);
      return { Role: { ...roleShown(role, true), RoleLastUsed: undefined } as Wire.Role };
    });
  },
});

function checkTrust(name: string, text = ''): string {
  checkPolicy(text, 'trust');
  checkCharacters([text], iamLimits.trustCharactersMax, `role ${name}`);
  return text;
}

export const getRole = (parts: IamParts): OperationEntry => ({
  access: (context, { RoleName }: Wire.GetRoleRequest) => onHolder(parts, context, 'GetRole', 'role', RoleName),
  run({ account }: AwsContext, { RoleName }: Wire.GetRoleRequest): Promise<Wire.GetRoleResponse> {
    const role = seenRole(parts, account, RoleName);
    const use = parts.identities.lastUse(account, `role/${role.name}`);
    return Promise.resolve({ Role: roleShown(role, true, use) });
  },
});

/** With those that functions have without anybody having made them. */
export function allRoles(parts: IamParts, account: AwsContext['account']): Role[] {
  const made = parts.identities.of(account).list('role');
  const names = new Set(made.map(({ name }) => name.toLowerCase()));
  const generated = parts.generatedRoles(account).filter(({ name }) => !names.has(name.toLowerCase()));
  return [...made, ...generated].toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

export const listRoles = (parts: IamParts): OperationEntry => ({
  access: () => onAll('ListRoles'),
  run({ account }: AwsContext, input: Wire.ListRolesRequest): Promise<Wire.ListRolesResponse> {
    const { page, facts } = pageOf(below(allRoles(parts, account), input.PathPrefix), input);
    return Promise.resolve({ Roles: page.map((role) => roleShown(role, false)), ...facts });
  },
});

export const updateRole = (parts: IamParts): OperationEntry => ({
  access: (context, { RoleName }: Wire.UpdateRoleRequest) => onHolder(parts, context, 'UpdateRole', 'role', RoleName),
  async run({ account }: AwsContext, input: Wire.UpdateRoleRequest): Promise<object> {
    await changeRole(parts, account, input.RoleName, (role) => ({
      ...role,
      ...(input.Description !== undefined && { description: input.Description }),
      ...(input.MaxSessionDuration !== undefined && { sessionSecondsMax: input.MaxSessionDuration }),
    }));
    return {};
  },
});

export const updateRoleDescription = (parts: IamParts): OperationEntry => ({
  access: (context, { RoleName }: Wire.UpdateRoleDescriptionRequest) =>
    onHolder(parts, context, 'UpdateRoleDescription', 'role', RoleName),
  async run({ account }: AwsContext, input: Wire.UpdateRoleDescriptionRequest): Promise<object> {
    const { Description: description = '' } = input;
    const role = await changeRole(parts, account, input.RoleName, (before) => ({ ...before, description }));
    return { Role: roleShown(role, true) };
  },
});

export const updateAssumeRolePolicy = (parts: IamParts): OperationEntry => ({
  access: (context, { RoleName }: Wire.UpdateAssumeRolePolicyRequest) =>
    onHolder(parts, context, 'UpdateAssumeRolePolicy', 'role', RoleName),
  async run({ account }: AwsContext, input: Wire.UpdateAssumeRolePolicyRequest): Promise<object> {
    const trust = checkTrust(input.RoleName ?? '', input.PolicyDocument);
    await changeRole(parts, account, input.RoleName, (role) => {
      if (role.serviceLinkedTo !== undefined) throw protectedRole(role);
      return { ...role, trust };
    });
    return {};
  },
});

export const deleteRole = (parts: IamParts): OperationEntry => ({
  access: (context, { RoleName }: Wire.DeleteRoleRequest) => onHolder(parts, context, 'DeleteRole', 'role', RoleName),
  run({ account }: AwsContext, { RoleName }: Wire.DeleteRoleRequest): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const role = needOwnRole(parts, draft, account, RoleName);
      if (role.serviceLinkedTo !== undefined) throw protectedRole(role);
      const must = (what: string) => deleteConflict(`Cannot delete entity, must ${what} first.`);
      if (draft.list('instance-profile').some(({ roles }) => roles.includes(role.name)))
        throw must('remove roles from instance profile');
      if (role.attached.length > 0) throw must('detach all policies');
      if (Object.keys(role.inline).length > 0) throw must('delete policies');
      draft.delete('role', role.name);
      draft.delete('last-use', `role/${role.name}`);
      return {};
    });
  },
});

const protectedRole = (role: Role) =>
  unmodifiable(
    `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS: ${roleArn(role)}`,
  );

/** Errors: NoSuchEntity, UnmodifiableEntity. */
function changeRole(
  parts: IamParts,
  account: AwsContext['account'],
  name: string | undefined,
  change: (role: Role) => Role,
): Promise<Role> {
  return parts.identities.change(account, (draft) => {
    const changed = change(needOwnRole(parts, draft, account, name));
    draft.put('role', changed);
    return changed;
  });
}

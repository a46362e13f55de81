/** Roles that belong to a service. https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html */
import type * as Wire from '@aws-sdk/client-iam';
import type { Role } from '../../resources/iam/iam-entities.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { arnOfNew, onHolder } from './access.ts';
import { needRole } from './entities.ts';
import { invalidInput, noSuchEntity } from './iam-errors.ts';
import { uniqueId } from './iam-ids.ts';
import type { IamParts } from './iam-parts.ts';
import { serviceRoleNames } from './service-role-names.ts';
import { roleShown } from './shown.ts';

const nameCharactersMax = 64;

function roleName(service: string, suffix: string | undefined): string {
  const known = Object.hasOwn(serviceRoleNames, service) ? serviceRoleNames[service] : undefined;
  const words = service.replace(/\.amazonaws\.com$/, '').split(/[.-]/);
  const name = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
  return `${known ?? `AWSServiceRoleFor${name}`}${suffix === undefined ? '' : `_${suffix}`}`.slice(
    0,
    nameCharactersMax,
  );
}

const pathOf = (service: string): string => `/aws-service-role/${service}/`;

/** It has no permissions: no service here needs one to do its work. */
export const createServiceLinkedRole = (parts: IamParts): OperationEntry => ({
  access: ({ account }, { AWSServiceName: service = '', CustomSuffix }: Wire.CreateServiceLinkedRoleRequest) => [
    {
      action: 'iam:CreateServiceLinkedRole',
      resource: arnOfNew(account, 'role', pathOf(service), roleName(service, CustomSuffix)),
      conditions: { 'iam:awsservicename': service },
    },
  ],
  run(
    { account }: AwsContext,
    input: Wire.CreateServiceLinkedRoleRequest,
  ): Promise<Wire.CreateServiceLinkedRoleResponse> {
    const { AWSServiceName: service = '', Description: description } = input;
    if (!/^[a-z0-9.-]+\.amazonaws\.com$/.test(service))
      throw invalidInput(`Service ${service} is not a service's name.`);
    const name = roleName(service, input.CustomSuffix);
    return parts.identities.change(account, (draft) => {
      if (draft.get('role', name) !== undefined)
        throw invalidInput(`Service role name ${name} has been taken in this account, please try a different suffix.`);
      const statement = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
      const role: Role = {
        account,
        name,
        path: pathOf(service),
        id: uniqueId('role', parts.ids),
        createdMs: parts.clock.now(),
        inline: {},
        attached: [],
        trust: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
        tags: {},
        sessionSecondsMax: 3_600,
        serviceLinkedTo: service,
        ...(description !== undefined && { description }),
      };
      draft.put('role', role);
      return { Role: roleShown(role, false) };
    });
  },
});

export const deleteServiceLinkedRole = (parts: IamParts): OperationEntry => ({
  access: (context, { RoleName }: Wire.DeleteServiceLinkedRoleRequest) =>
    onHolder(parts, context, 'DeleteServiceLinkedRole', 'role', RoleName),
  run({ account }: AwsContext, { RoleName }: Wire.DeleteServiceLinkedRoleRequest): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const role = needRole(draft, RoleName);
      if (role.serviceLinkedTo === undefined) throw invalidInput(`${role.name} is not a service-linked role.`);
      draft.delete('role', role.name);
      // It is gone when this is answered: who asks for the task later learns that it went well.
      return { DeletionTaskId: `task${role.path}${role.name}/${parts.ids.uuid()}` };
    });
  },
});

export const getServiceLinkedRoleDeletionStatus = ({ identities }: IamParts): OperationEntry => ({
  access: ({ account }, { DeletionTaskId = '' }: Wire.GetServiceLinkedRoleDeletionStatusRequest) => [
    {
      action: 'iam:GetServiceLinkedRoleDeletionStatus',
      resource: arnOfNew(account, 'role', DeletionTaskId.replace(/^task/, '').replace(/[^/]*$/, ''), ''),
    },
  ],
  run({ account }: AwsContext, input: Wire.GetServiceLinkedRoleDeletionStatusRequest): Promise<object> {
    const { DeletionTaskId: task = '' } = input;
    const [, name] = /^task\/aws-service-role\/[^/]+\/([^/]+)\/[0-9a-f-]+$/.exec(task) ?? [];
    if (name === undefined) throw noSuchEntity(`The deletion task ${task} cannot be found.`);
    const isThere = identities.role(account, name) !== undefined;
    return Promise.resolve({ Status: isThere ? 'FAILED' : 'SUCCEEDED' });
  },
});

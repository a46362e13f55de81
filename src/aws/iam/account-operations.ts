import type * as Wire from '@aws-sdk/client-iam';
import { awsManagedPolicies } from '../../resources/iam/aws-managed-policies.ts';
import { iamLimits, policyArn, roleArn, userArn, type Permissions } from '../../resources/iam/iam-entities.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onAll } from './access.ts';
import { noSuchEntity } from './iam-errors.ts';
import type { IamParts } from './iam-parts.ts';
import { pageOf } from './pages.ts';
import { useOf } from './policy-operations.ts';
import { allRoles } from './role-operations.ts';
import { encoded, groupShown, policyShown, profileShown, roleShown, userShown, versionShown } from './shown.ts';

const settingsName = 'settings';

export const createAccountAlias = ({ identities }: IamParts): OperationEntry => ({
  access: () => onAll('CreateAccountAlias'),
  run({ account }: AwsContext, { AccountAlias: alias = '' }: Wire.CreateAccountAliasRequest): Promise<object> {
    return identities.change(account, (draft) => {
      draft.put('settings', { ...draft.get('settings', settingsName), account, name: settingsName, alias });
      return {};
    });
  },
});

export const listAccountAliases = ({ identities }: IamParts): OperationEntry => ({
  access: () => onAll('ListAccountAliases'),
  run({ account }: AwsContext): Promise<Wire.ListAccountAliasesResponse> {
    const alias = identities.of(account).get('settings', settingsName)?.alias;
    return Promise.resolve({ AccountAliases: alias === undefined ? [] : [alias], IsTruncated: false });
  },
});

export const deleteAccountAlias = ({ identities }: IamParts): OperationEntry => ({
  access: () => onAll('DeleteAccountAlias'),
  run({ account }: AwsContext, { AccountAlias: alias = '' }: Wire.DeleteAccountAliasRequest): Promise<object> {
    return identities.change(account, (draft) => {
      const settings = draft.get('settings', settingsName);
      if (settings?.alias !== alias) throw noSuchEntity(`The account alias ${alias} cannot be found.`);
      const { alias: _deleted, ...others } = settings;
      draft.put('settings', others);
      return {};
    });
  },
});

/** What is there, and the quotas that hold. */
export const getAccountSummary = (parts: IamParts): OperationEntry => ({
  access: () => onAll('GetAccountSummary'),
  run({ account }: AwsContext): Promise<Wire.GetAccountSummaryResponse> {
    const reader = parts.identities.of(account);
    const policies = reader.list('policy');
    return Promise.resolve({
      SummaryMap: {
        Users: reader.list('user').length,
        UsersQuota: iamLimits.usersMax,
        Groups: reader.list('group').length,
        GroupsQuota: iamLimits.groupsMax,
        Roles: allRoles(parts, account).length,
        RolesQuota: iamLimits.rolesMax,
        Policies: policies.length,
        PoliciesQuota: iamLimits.policiesMax,
        PolicyVersionsInUse: policies.reduce((sum, { versions }) => sum + versions.length, 0),
        InstanceProfiles: reader.list('instance-profile').length,
        InstanceProfilesQuota: iamLimits.instanceProfilesMax,
        Providers: reader.list('oidc-provider').length,
        AccessKeysPerUserQuota: iamLimits.accessKeysPerUserMax,
        GroupsPerUserQuota: iamLimits.groupsPerUserMax,
        AttachedPoliciesPerUserQuota: iamLimits.attachedMax,
        AttachedPoliciesPerGroupQuota: iamLimits.attachedMax,
        AttachedPoliciesPerRoleQuota: iamLimits.attachedMax,
        VersionsPerPolicyQuota: iamLimits.versionsMax,
        PolicySizeQuota: iamLimits.managedPolicyCharactersMax,
        UserPolicySizeQuota: iamLimits.userPoliciesCharactersMax,
        GroupPolicySizeQuota: iamLimits.groupPoliciesCharactersMax,
        RolePolicySizeQuota: iamLimits.rolePoliciesCharactersMax,
        AssumeRolePolicySizeQuota: iamLimits.trustCharactersMax,
        AccountAccessKeysPresent: 1,
        AccountMFAEnabled: 0,
        MFADevices: 0,
        MFADevicesInUse: 0,
        ServerCertificates: 0,
      },
    });
  },
});

export const getAccountAuthorizationDetails = (parts: IamParts): OperationEntry => ({
  access: () => onAll('GetAccountAuthorizationDetails'),
  run({ account }: AwsContext, input: Wire.GetAccountAuthorizationDetailsRequest): Promise<object> {
    const { identities } = parts;
    const reader = identities.of(account);
    const wanted = (kind: Wire.EntityType): boolean => input.Filter === undefined || input.Filter.includes(kind);
    const attached = (holder: Permissions) =>
      holder.attached.flatMap((arn) => {
        const policy = identities.policyByArn(arn);
        return policy === undefined ? [] : [{ PolicyName: policy.name, PolicyArn: arn }];
      });
    const inline = (holder: Permissions) =>
      Object.entries(holder.inline).map(([name, text]) => ({ PolicyName: name, PolicyDocument: encoded(text) }));
    const details = [
      ...(wanted('User') ? reader.list('user') : []).map((user) => ({
        kind: 'user' as const,
        shown: {
          ...userShown(user, true),
          Arn: userArn(user),
          UserPolicyList: inline(user),
          GroupList: [...user.groups],
          AttachedManagedPolicies: attached(user),
        },
      })),
      ...(wanted('Group') ? reader.list('group') : []).map((group) => ({
        kind: 'group' as const,
        shown: { ...groupShown(group), GroupPolicyList: inline(group), AttachedManagedPolicies: attached(group) },
      })),
      ...(wanted('Role') ? allRoles(parts, account) : []).map((role) => ({
        kind: 'role' as const,
        shown: {
          ...roleShown(role, true, identities.lastUse(account, `role/${role.name}`)),
          Arn: roleArn(role),
          RolePolicyList: inline(role),
          AttachedManagedPolicies: attached(role),
          InstanceProfileList: reader
            .list('instance-profile')
            .filter(({ roles }) => roles.includes(role.name))
            .map((profile) => profileShown(profile, reader)),
        },
      })),
      ...[
        ...(wanted('LocalManagedPolicy') ? reader.list('policy') : []),
        ...(wanted('AWSManagedPolicy') ? awsManagedPolicies.values() : []),
      ].map((policy) => ({
        kind: 'policy' as const,
        shown: {
          ...policyShown(policy, useOf(reader, policy), true),
          Arn: policyArn(policy),
          PolicyVersionList: policy.versions.map((version) => versionShown(version, policy, true)),
        },
      })),
    ];
    const { page, facts } = pageOf(details, input);
    const of = (kind: (typeof details)[number]['kind']) =>
      page.filter((one) => one.kind === kind).map(({ shown }) => shown);
    return Promise.resolve({
      UserDetailList: of('user'),
      GroupDetailList: of('group'),
      RoleDetailList: of('role'),
      Policies: of('policy'),
      ...facts,
    });
  },
});

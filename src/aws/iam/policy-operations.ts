import type * as Wire from '@aws-sdk/client-iam';
import { awsManagedPolicies } from '../../resources/iam/aws-managed-policies.ts';
import { iamLimits, policyArn, type ManagedPolicy } from '../../resources/iam/iam-entities.ts';
import type { IdentityReader } from '../../resources/iam/identities.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { arnOfNew, onAll, onArn, requestTags, tagConditions } from './access.ts';
import { checkQuota, needOwnPolicy, needPolicy, readTags, taken } from './entities.ts';
import { deleteConflict, limitExceeded, noSuchEntity } from './iam-errors.ts';
import { uniqueId } from './iam-ids.ts';
import type { IamParts } from './iam-parts.ts';
import { below, pageOf } from './pages.ts';
import { checkCharacters, checkPolicy, policyCharacters } from './policy-text.ts';
import { policyShown, versionShown, type PolicyUse } from './shown.ts';

export const createPolicy = (parts: IamParts): OperationEntry => ({
  access: ({ account }, { PolicyName, Path, Tags }: Wire.CreatePolicyRequest) => [
    {
      action: 'iam:CreatePolicy',
      resource: arnOfNew(account, 'policy', Path, PolicyName),
      conditions: requestTags(Tags),
    },
  ],
  run({ account }: AwsContext, input: Wire.CreatePolicyRequest): Promise<Wire.CreatePolicyResponse> {
    const { PolicyName: name = '', Path: path = '/', Description: description } = input;
    const text = checkText(name, input.PolicyDocument);
    const tags = readTags(input.Tags);
    return parts.identities.change(account, (draft) => {
      if (draft.get('policy', name) !== undefined)
        taken(`A policy called ${name} already exists. Duplicate names are not allowed.`);
      checkQuota(draft.list('policy').length, iamLimits.policiesMax, 'PoliciesPerAccount');
      const nowMs = parts.clock.now();
      const policy: ManagedPolicy = {
        account,
        name,
        path,
        id: uniqueId('policy', parts.ids),
        createdMs: nowMs,
        modifiedMs: nowMs,
        versions: [{ id: 'v1', text, createdMs: nowMs }],
        defaultVersion: 'v1',
        versionLast: 1,
        tags,
        ...(description !== undefined && { description }),
      };
      draft.put('policy', policy);
      return { Policy: policyShown(policy, { attached: 0, bounding: 0 }, true) };
    });
  },
});

function checkText(name: string, text = ''): string {
  checkPolicy(text, 'identity');
  const { managedPolicyCharactersMax: max } = iamLimits;
  if (policyCharacters(text) > max) throw limitExceeded(`Cannot exceed quota for PolicySize: ${max}`);
  checkCharacters([text], max, `policy ${name}`);
  return text;
}

const onPolicy = (parts: IamParts, { account }: AwsContext, action: string, arn: string | undefined) => {
  const found = parts.identities.policyByArn(arn ?? '');
  return onArn(action, arn, found?.account === account ? tagConditions(found.tags) : {});
};

export const getPolicy = (parts: IamParts): OperationEntry => ({
  access: (context, { PolicyArn }: Wire.GetPolicyRequest) => onPolicy(parts, context, 'GetPolicy', PolicyArn),
  run({ account }: AwsContext, { PolicyArn }: Wire.GetPolicyRequest): Promise<Wire.GetPolicyResponse> {
    const policy = needPolicy(parts, account, PolicyArn);
    return Promise.resolve({ Policy: policyShown(policy, useOf(parts.identities.of(account), policy), true) });
  },
});

export const listPolicies = ({ identities }: IamParts): OperationEntry => ({
  access: () => onAll('ListPolicies'),
  run({ account }: AwsContext, input: Wire.ListPoliciesRequest): Promise<Wire.ListPoliciesResponse> {
    const reader = identities.of(account);
    const { Scope: scope = 'All', PolicyUsageFilter: usage, OnlyAttached = false } = input;
    const all = [
      ...(scope === 'AWS' ? [] : reader.list('policy')),
      ...(scope === 'Local' ? [] : awsManagedPolicies.values()),
    ];
    const shown = below(all, input.PathPrefix)
      .map((policy) => ({ policy, use: useOf(reader, policy) }))
      .filter(({ use }) => !OnlyAttached || use.attached > 0)
      .filter(({ use }) => usage !== 'PermissionsBoundary' || use.bounding > 0)
      .filter(({ use }) => usage !== 'PermissionsPolicy' || use.attached > 0);
    const { page, facts } = pageOf(shown, input);
    return Promise.resolve({ Policies: page.map(({ policy, use }) => policyShown(policy, use, false)), ...facts });
  },
});

export function useOf(reader: IdentityReader, policy: ManagedPolicy): PolicyUse {
  const arn = policyArn(policy);
  const holders = [...reader.list('user'), ...reader.list('group'), ...reader.list('role')];
  return {
    attached: holders.filter(({ attached }) => attached.includes(arn)).length,
    bounding: holders.filter((holder) => 'boundary' in holder && holder.boundary === arn).length,
  };
}

export const deletePolicy = (parts: IamParts): OperationEntry => ({
  access: (context, { PolicyArn }: Wire.DeletePolicyRequest) => onPolicy(parts, context, 'DeletePolicy', PolicyArn),
  run({ account }: AwsContext, { PolicyArn }: Wire.DeletePolicyRequest): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const policy = needOwnPolicy(parts, draft, account, PolicyArn);
      const { attached, bounding } = useOf(draft, policy);
      if (attached + bounding > 0) throw deleteConflict('Cannot delete a policy attached to entities.');
      if (policy.versions.length > 1)
        throw deleteConflict(
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        );
      draft.delete('policy', policy.name);
      return {};
    });
  },
});

export const createPolicyVersion = (parts: IamParts): OperationEntry => ({
  access: (context, { PolicyArn }: Wire.CreatePolicyVersionRequest) =>
    onPolicy(parts, context, 'CreatePolicyVersion', PolicyArn),
  run({ account }: AwsContext, input: Wire.CreatePolicyVersionRequest): Promise<Wire.CreatePolicyVersionResponse> {
    const { PolicyArn, SetAsDefault: isDefault = false } = input;
    const text = checkText(PolicyArn?.split('/').at(-1) ?? '', input.PolicyDocument);
    return parts.identities.change(account, (draft) => {
      const policy = needOwnPolicy(parts, draft, account, PolicyArn);
      if (policy.versions.length >= iamLimits.versionsMax)
        throw limitExceeded(
          `A managed policy can have up to ${iamLimits.versionsMax} versions. Before you create a new version, you must delete an existing version.`,
        );
      const nowMs = parts.clock.now();
      const versionLast = policy.versionLast + 1;
      const version = { id: `v${versionLast}`, text, createdMs: nowMs };
      const changed: ManagedPolicy = {
        ...policy,
        versionLast,
        versions: [version, ...policy.versions],
        modifiedMs: nowMs,
        ...(isDefault && { defaultVersion: version.id }),
      };
      draft.put('policy', changed);
      return { PolicyVersion: versionShown(version, changed, false) };
    });
  },
});

export const getPolicyVersion = (parts: IamParts): OperationEntry => ({
  access: (context, { PolicyArn }: Wire.GetPolicyVersionRequest) =>
    onPolicy(parts, context, 'GetPolicyVersion', PolicyArn),
  run({ account }: AwsContext, input: Wire.GetPolicyVersionRequest): Promise<Wire.GetPolicyVersionResponse> {
    const policy = needPolicy(parts, account, input.PolicyArn);
    return Promise.resolve({ PolicyVersion: versionShown(needVersion(policy, input.VersionId), policy, true) });
  },
});

export const listPolicyVersions = (parts: IamParts): OperationEntry => ({
  access: (context, { PolicyArn }: Wire.ListPolicyVersionsRequest) =>
    onPolicy(parts, context, 'ListPolicyVersions', PolicyArn),
  run({ account }: AwsContext, input: Wire.ListPolicyVersionsRequest): Promise<Wire.ListPolicyVersionsResponse> {
    const policy = needPolicy(parts, account, input.PolicyArn);
    const { page, facts } = pageOf(policy.versions, input);
    return Promise.resolve({ Versions: page.map((version) => versionShown(version, policy, false)), ...facts });
  },
});

export const setDefaultPolicyVersion = (parts: IamParts): OperationEntry => ({
  access: (context, { PolicyArn }: Wire.SetDefaultPolicyVersionRequest) =>
    onPolicy(parts, context, 'SetDefaultPolicyVersion', PolicyArn),
  run({ account }: AwsContext, input: Wire.SetDefaultPolicyVersionRequest): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const policy = needOwnPolicy(parts, draft, account, input.PolicyArn);
      const { id } = needVersion(policy, input.VersionId);
      draft.put('policy', { ...policy, defaultVersion: id, modifiedMs: parts.clock.now() });
      return {};
    });
  },
});

export const deletePolicyVersion = (parts: IamParts): OperationEntry => ({
  access: (context, { PolicyArn }: Wire.DeletePolicyVersionRequest) =>
    onPolicy(parts, context, 'DeletePolicyVersion', PolicyArn),
  run({ account }: AwsContext, input: Wire.DeletePolicyVersionRequest): Promise<object> {
    return parts.identities.change(account, (draft) => {
      const policy = needOwnPolicy(parts, draft, account, input.PolicyArn);
      const { id } = needVersion(policy, input.VersionId);
      if (id === policy.defaultVersion) throw deleteConflict('Cannot delete the default version of a policy.');
      draft.put('policy', { ...policy, versions: policy.versions.filter((version) => version.id !== id) });
      return {};
    });
  },
});

function needVersion(policy: ManagedPolicy, id = ''): ManagedPolicy['versions'][number] {
  const version = policy.versions.find((one) => one.id === id);
  if (version === undefined)
    throw noSuchEntity(`Policy ${policyArn(policy)} version ${id} does not exist or is not attachable.`);
  return version;
}

export const listEntitiesForPolicy = (parts: IamParts): OperationEntry => ({
  access: (context, { PolicyArn }: Wire.ListEntitiesForPolicyRequest) =>
    onPolicy(parts, context, 'ListEntitiesForPolicy', PolicyArn),
  run({ account }: AwsContext, input: Wire.ListEntitiesForPolicyRequest): Promise<Wire.ListEntitiesForPolicyResponse> {
    const reader = parts.identities.of(account);
    const arn = policyArn(needPolicy(parts, account, input.PolicyArn));
    const { EntityFilter: filter, PolicyUsageFilter: usage } = input;
    const isMeant = (holder: { attached: readonly string[]; boundary?: string; path: string }): boolean =>
      holder.path.startsWith(input.PathPrefix ?? '/') &&
      (usage === 'PermissionsBoundary'
        ? holder.boundary === arn
        : holder.attached.includes(arn) || (usage === undefined && holder.boundary === arn));
    const wanted = (kind: 'User' | 'Group' | 'Role') => filter === undefined || filter === kind;
    const found = [
      ...(wanted('Group')
        ? reader
            .list('group')
            .filter(isMeant)
            .map((one) => ({ kind: 'group' as const, one }))
        : []),
      ...(wanted('User')
        ? reader
            .list('user')
            .filter(isMeant)
            .map((one) => ({ kind: 'user' as const, one }))
        : []),
      ...(wanted('Role')
        ? reader
            .list('role')
            .filter(isMeant)
            .map((one) => ({ kind: 'role' as const, one }))
        : []),
    ];
    const { page, facts } = pageOf(found, input);
    const of = (kind: 'user' | 'group' | 'role') => page.filter((entry) => entry.kind === kind).map(({ one }) => one);
    return Promise.resolve({
      PolicyGroups: of('group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
      PolicyUsers: of('user').map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: of('role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      ...facts,
    });
  },
});

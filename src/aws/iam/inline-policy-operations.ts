/** Policies that belong to one user, group or role: the same four operations for each. */
import type * as Wire from '@aws-sdk/client-iam';
import { iamLimits, type Permissions } from '../../resources/iam/iam-entities.ts';
import type { IdentityChange } from '../../resources/iam/identities.ts';
import type { AccountId } from '../../util/ids.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { boundOf, onHolder, type Holder } from './access.ts';
import { needGroup, needOwnRole, needUser, seenRole } from './entities.ts';
import { noSuchEntity } from './iam-errors.ts';
import type { IamParts } from './iam-parts.ts';
import { pageOf } from './pages.ts';
import { checkCharacters, checkPolicy } from './policy-text.ts';
import { encoded } from './shown.ts';

/** The three names of whoever holds a policy; a request has one of them. */
export type HolderInput = {
  UserName?: string | undefined;
  GroupName?: string | undefined;
  RoleName?: string | undefined;
};

const nameMembers = { user: 'UserName', group: 'GroupName', role: 'RoleName' } as const;
const actionWords = { user: 'User', group: 'Group', role: 'Role' } as const;
const charactersMax = {
  user: iamLimits.userPoliciesCharactersMax,
  group: iamLimits.groupPoliciesCharactersMax,
  role: iamLimits.rolePoliciesCharactersMax,
} as const;

export const nameOf = (holder: Holder, input: HolderInput): string | undefined => input[nameMembers[holder]];
export const wordOf = (holder: Holder): string => actionWords[holder];

/** Roles of functions are seen as well. Errors: NoSuchEntity. */
export function seenHolder(parts: IamParts, account: AccountId, holder: Holder, name: string | undefined): Permissions {
  const reader = parts.identities.of(account);
  switch (holder) {
    case 'user':
      return needUser(reader, name);
    case 'group':
      return needGroup(reader, name);
    case 'role':
      return seenRole(parts, account, name);
  }
}

/** `change` answers what is different. Errors: NoSuchEntity, UnmodifiableEntity. */
export function changeHolder(
  parts: IamParts,
  account: AccountId,
  [holder, name]: readonly [Holder, string | undefined],
  change: (held: Permissions, draft: IdentityChange) => Partial<Permissions>,
): Promise<object> {
  return parts.identities.change(account, (draft) => {
    switch (holder) {
      case 'user': {
        const user = needUser(draft, name);
        draft.put('user', { ...user, ...change(user, draft) });
        return {};
      }
      case 'group': {
        const group = needGroup(draft, name);
        draft.put('group', { ...group, ...change(group, draft) });
        return {};
      }
      case 'role': {
        const role = needOwnRole(parts, draft, account, name);
        draft.put('role', { ...role, ...change(role, draft) });
        return {};
      }
    }
  });
}

type PutInput = HolderInput & Pick<Wire.PutRolePolicyRequest, 'PolicyName' | 'PolicyDocument'>;

export const putInlinePolicy = (parts: IamParts, holder: Holder): OperationEntry => ({
  access: (context, input: PutInput) => onPolicies(parts, context, 'Put', holder, nameOf(holder, input)),
  run({ account }: AwsContext, input: PutInput): Promise<object> {
    const { PolicyName: policy = '', PolicyDocument: text = '' } = input;
    checkPolicy(text, 'identity');
    const name = nameOf(holder, input);
    return changeHolder(parts, account, [holder, name], ({ inline }) => {
      const changed = { ...inline, [policy]: text };
      checkCharacters(Object.values(changed), charactersMax[holder], `${holder} ${name ?? ''}`);
      return { inline: changed };
    });
  },
});

type NamedInput = HolderInput & Pick<Wire.GetRolePolicyRequest, 'PolicyName'>;

export const getInlinePolicy = (parts: IamParts, holder: Holder): OperationEntry => ({
  access: (context, input: NamedInput) =>
    onHolder(parts, context, `Get${wordOf(holder)}Policy`, holder, nameOf(holder, input)),
  run({ account }: AwsContext, input: NamedInput): Promise<object> {
    const name = nameOf(holder, input);
    const { PolicyName: policy = '' } = input;
    const { inline } = seenHolder(parts, account, holder, name);
    const text = Object.hasOwn(inline, policy) ? inline[policy] : undefined;
    if (text === undefined) throw missingPolicy(holder, policy);
    return Promise.resolve({ [nameMembers[holder]]: name, PolicyName: policy, PolicyDocument: encoded(text) });
  },
});

export const deleteInlinePolicy = (parts: IamParts, holder: Holder): OperationEntry => ({
  access: (context, input: NamedInput) => onPolicies(parts, context, 'Delete', holder, nameOf(holder, input)),
  run({ account }: AwsContext, input: NamedInput): Promise<object> {
    const { PolicyName: policy = '' } = input;
    return changeHolder(parts, account, [holder, nameOf(holder, input)], ({ inline }) => {
      if (!Object.hasOwn(inline, policy)) throw missingPolicy(holder, policy);
      const { [policy]: _deleted, ...others } = inline;
      return { inline: others };
    });
  },
});

type ListInput = HolderInput & Pick<Wire.ListRolePoliciesRequest, 'Marker' | 'MaxItems'>;

export const listInlinePolicies = (parts: IamParts, holder: Holder): OperationEntry => ({
  access: (context, input: ListInput) =>
    onHolder(parts, context, `List${wordOf(holder)}Policies`, holder, nameOf(holder, input)),
  run({ account }: AwsContext, input: ListInput): Promise<Wire.ListRolePoliciesResponse> {
    const { inline } = seenHolder(parts, account, holder, nameOf(holder, input));
    const { page, facts } = pageOf(Object.keys(inline).toSorted(), input);
    return Promise.resolve({ PolicyNames: page, ...facts });
  },
});

const onPolicies = (
  parts: IamParts,
  context: AwsContext,
  verb: 'Put' | 'Delete',
  holder: Holder,
  name: string | undefined,
): Access[] =>
  onHolder(parts, context, `${verb}${wordOf(holder)}Policy`, holder, name, boundOf(parts, context, holder, name));

const missingPolicy = (holder: Holder, name: string) =>
  noSuchEntity(`The ${holder} policy with name ${name} cannot be found.`);

/** Tags of users, roles, policies, instance profiles and issuers: the same three operations for each. */
import type * as Wire from '@aws-sdk/client-iam';
import type { Tags } from '../../resources/iam/iam-entities.ts';
import type { IdentityChange } from '../../resources/iam/identities.ts';
import type { AccountId } from '../../util/ids.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { onArn, onHolder, requestTags, tagConditions } from './access.ts';
import {
  checkTagCount,
  checkTagKey,
  needOwnPolicy,
  needOwnRole,
  needPolicy,
  needProfile,
  needUser,
  readTags,
  seenRole,
} from './entities.ts';
import type { IamParts } from './iam-parts.ts';
import { pageOf } from './pages.ts';
import { needProvider } from './provider-operations.ts';
import { tagsShown } from './shown.ts';

export type Tagged = 'user' | 'role' | 'policy' | 'instance-profile' | 'oidc-provider';

type NameInput = {
  UserName?: string | undefined;
  RoleName?: string | undefined;
  PolicyArn?: string | undefined;
  InstanceProfileName?: string | undefined;
  OpenIDConnectProviderArn?: string | undefined;
};

const members = {
  user: 'UserName',
  role: 'RoleName',
  policy: 'PolicyArn',
  'instance-profile': 'InstanceProfileName',
  'oidc-provider': 'OpenIDConnectProviderArn',
} as const;
const words = {
  user: 'User',
  role: 'Role',
  policy: 'Policy',
  'instance-profile': 'InstanceProfile',
  'oidc-provider': 'OpenIDConnectProvider',
} as const;

const nameIn = (kind: Tagged, input: NameInput): string | undefined => input[members[kind]];

function access(
  parts: IamParts,
  context: AwsContext,
  action: string,
  kind: Tagged,
  input: NameInput,
  more = {},
): readonly Access[] {
  const name = nameIn(kind, input);
  if (kind === 'user' || kind === 'role' || kind === 'instance-profile')
    return onHolder(parts, context, action, kind, name, more);
  const reader = parts.identities.of(context.account);
  const found =
    kind === 'policy'
      ? parts.identities.policyByArn(name ?? '')
      : reader.list('oidc-provider').find((one) => (name ?? '').endsWith(`/${one.name}`));
  return onArn(action, name, { ...tagConditions(found?.tags), ...more });
}

function seen(parts: IamParts, account: AccountId, kind: Tagged, name: string | undefined): { tags: Tags } {
  const reader = parts.identities.of(account);
  switch (kind) {
    case 'user':
      return needUser(reader, name);
    case 'role':
      return seenRole(parts, account, name);
    case 'policy':
      return needPolicy(parts, account, name);
    case 'instance-profile':
      return needProfile(reader, name);
    case 'oidc-provider':
      return needProvider(reader, name);
  }
}

function change(
  parts: IamParts,
  account: AccountId,
  [kind, name]: readonly [Tagged, string | undefined],
  next: (tags: Tags) => Tags,
): Promise<object> {
  const put = (draft: IdentityChange): void => {
    switch (kind) {
      case 'user': {
        const user = needUser(draft, name);
        return draft.put('user', { ...user, tags: next(user.tags) });
      }
      case 'role': {
        const role = needOwnRole(parts, draft, account, name);
        return draft.put('role', { ...role, tags: next(role.tags) });
      }
      case 'policy': {
        const policy = needOwnPolicy(parts, draft, account, name);
        return draft.put('policy', { ...policy, tags: next(policy.tags) });
      }
      case 'instance-profile': {
        const profile = needProfile(draft, name);
        return draft.put('instance-profile', { ...profile, tags: next(profile.tags) });
      }
      case 'oidc-provider': {
        const provider = needProvider(draft, name);
        return draft.put('oidc-provider', { ...provider, tags: next(provider.tags) });
      }
    }
  };
  return parts.identities.change(account, (draft) => {
    put(draft);
    return {};
  });
}

type TagInput = NameInput & { Tags?: Wire.Tag[] | undefined };

export const tag = (parts: IamParts, kind: Tagged): OperationEntry => ({
  access: (context, input: TagInput) =>
    access(parts, context, `Tag${words[kind]}`, kind, input, requestTags(input.Tags)),
  run({ account }: AwsContext, input: TagInput): Promise<object> {
    const more = readTags(input.Tags);
    return change(parts, account, [kind, nameIn(kind, input)], (tags) =>
      checkTagCount({ ...without(tags, Object.keys(more)), ...more }),
    );
  },
});

type UntagInput = NameInput & { TagKeys?: string[] | undefined };

export const untag = (parts: IamParts, kind: Tagged): OperationEntry => ({
  access: (context, input: UntagInput) =>
    access(parts, context, `Untag${words[kind]}`, kind, input, { 'aws:tagkeys': input.TagKeys ?? [] }),
  run({ account }: AwsContext, input: UntagInput): Promise<object> {
    const { TagKeys: keys = [] } = input;
    keys.forEach(checkTagKey);
    return change(parts, account, [kind, nameIn(kind, input)], (tags) => without(tags, keys));
  },
});

type ListInput = NameInput & { Marker?: string | undefined; MaxItems?: number | undefined };

export const listTags = (parts: IamParts, kind: Tagged): OperationEntry => ({
  access: (context, input: ListInput) => access(parts, context, `List${words[kind]}Tags`, kind, input),
  run({ account }: AwsContext, input: ListInput): Promise<Wire.ListUserTagsResponse> {
    const { page, facts } = pageOf(tagsShown(seen(parts, account, kind, nameIn(kind, input)).tags), input);
    return Promise.resolve({ Tags: page, ...facts });
  },
});

/** Keys are compared without regard to case. */
const without = (tags: Tags, keys: readonly string[]): Tags =>
  Object.fromEntries(
    Object.entries(tags).filter(([key]) => !keys.some((one) => one.toLowerCase() === key.toLowerCase())),
  );

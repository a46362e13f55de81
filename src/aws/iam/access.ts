/** What IAM's operations need permission for. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
import type { ConditionContext } from '../../identity/condition-keys.ts';
import { groupArn, instanceProfileArn, roleArn, userArn, type Tags } from '../../resources/iam/iam-entities.ts';
import type { Access, AwsContext } from '../service.ts';
import type { IamParts } from './iam-parts.ts';

export type Holder = 'user' | 'group' | 'role';

/** Without a name: the user who asks. Of what is not there, the ARN that it would have. */
export function onHolder(
  parts: IamParts,
  context: AwsContext,
  action: string,
  holder: Holder | 'instance-profile',
  name: string | undefined,
  more: ConditionContext = {},
): Access[] {
  const { account } = context;
  const found = held(parts, context, holder, name ?? ownName(context));
  return [
    {
      action: `iam:${action}`,
      resource: found?.arn ?? arnOfNew(account, holder, '/', name ?? ownName(context)),
      conditions: { ...tagConditions(found?.tags), ...more },
    },
  ];
}

/** Of a user, whose key he asks with. */
export const ownName = ({ principal }: AwsContext): string => (principal.kind === 'user' ? principal.userName : '');

function held(
  parts: IamParts,
  { account }: AwsContext,
  holder: Holder | 'instance-profile',
  name: string,
): { arn: string; tags: Tags } | undefined {
  const reader = parts.identities.of(account);
  switch (holder) {
    case 'user': {
      const user = reader.get('user', name);
      return user && { arn: userArn(user), tags: user.tags };
    }
    case 'group': {
      const group = reader.get('group', name);
      return group && { arn: groupArn(group), tags: {} };
    }
    case 'role': {
      const role = reader.get('role', name) ?? parts.generatedRole(account, name);
      return role && { arn: roleArn(role), tags: role.tags };
    }
    case 'instance-profile': {
      const profile = reader.get('instance-profile', name);
      return profile && { arn: instanceProfileArn(profile), tags: profile.tags };
    }
  }
}

export const arnOfNew = (account: string, kind: string, path: string | undefined, name = ''): string =>
  `arn:aws:iam::${account}:${kind}${path ?? '/'}${name}`;

export const onArn = (action: string, resource = '', conditions: ConditionContext = {}): Access[] => [
  { action: `iam:${action}`, resource, conditions },
];

/** Of an account, or of what is named in no ARN. */
export const onAll = (action: string): Access[] => [{ action: `iam:${action}`, resource: '*' }];

/** What conditions may ask of a request that gives tags. */
export function requestTags(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = [],
): ConditionContext {
  if (tags.length === 0) return {};
  const entries = tags.map(({ Key = '', Value = '' }) => [`aws:requesttag/${Key.toLowerCase()}`, Value]);
  return { ...Object.fromEntries(entries), 'aws:tagkeys': tags.map(({ Key = '' }) => Key) };
}

export const tagConditions = (tags: Tags = {}): ConditionContext =>
  Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) =>
      ['aws', 'iam'].map((vendor) => [`${vendor}:resourcetag/${key.toLowerCase()}`, value]),
    ),
  );

export const boundaryCondition = (boundary: string | undefined): ConditionContext =>
  boundary === undefined ? {} : { 'iam:permissionsboundary': boundary };

/** The boundary that a user or a role has: what the actions on its policies may be conditional on. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
export function boundOf(
  { identities }: Pick<IamParts, 'identities'>,
  { account }: Pick<AwsContext, 'account'>,
  holder: Holder,
  name = '',
): ConditionContext {
  if (holder === 'group') return {};
  return boundaryCondition(identities.of(account).get(holder, name)?.boundary);
}

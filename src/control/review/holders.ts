/** Who in an account holds permissions, each with its policies by name: what explanations and findings are made of. */
import type { Principal } from '../../identity/principal.ts';
import { generatedRole } from '../../identity/generated-role.ts';
import { createPolicyCache } from '../../identity/standing.ts';
import type { PolicyDocument } from '../../identity/policy-document.ts';
import type { FunctionRecord } from '../../registry/function.ts';
import { roleArn, userArn, type Permissions, type Role, type User } from '../../resources/iam/iam-entities.ts';
import type { PermissionHolder } from '../../resources/used-permissions.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId, EnvironmentId } from '../../util/ids.ts';
import type { ReviewParts } from './review-parts.ts';

export type NamedPolicy = {
  /** `inline permissions of role thumbs`, `AdministratorAccess`. */
  name: string;
  /** ARN, of managed ones. */
  arn?: string;
  text: string;
  document: PolicyDocument;
};

export type Holder = {
  name: PermissionHolder;
  arn: string;
  /** As one who asks: a user, a session of the role, the function. */
  principal: Principal;
  policies: readonly NamedPolicy[];
  boundary: NamedPolicy | undefined;
  /** Whose trust says who may become it; absent of users. */
  role?: Role;
  record?: FunctionRecord;
};

const noSession = { policies: [], policyArns: [], tags: {}, transitiveTagKeys: [] };

export type Holders = {
  list(account: AccountId): readonly Holder[];
  /** `NAME`, `function/NAME`, `role/NAME`, `user/NAME`, or an ARN. Errors: `not_found`, naming what would be accepted. */
  need(account: AccountId, who: string): Holder;
};

export function createHolders({ identities, registry, liveOf, clock }: ReviewParts): Holders {
  const read = createPolicyCache();

  const managed = (arn: string): NamedPolicy[] => {
    const policy = identities.policyByArn(arn);
    const version = policy?.versions.find(({ id }) => id === policy.defaultVersion);
    if (policy === undefined || version === undefined) return [];
    return [{ name: policy.name, arn, text: version.text, document: read(version.text, 'identity') }];
  };
  const of = (holder: Permissions, owner: string): NamedPolicy[] => [
    ...Object.entries(holder.inline).map(([name, text]) => ({
      name: `${name} (inline, ${owner})`,
      text,
      document: read(text, 'identity'),
    })),
    ...holder.attached.flatMap(managed),
  ];

  function userHolder(user: User): Holder {
    const groups = user.groups.flatMap((name) => identities.of(user.account).get('group', name) ?? []);
    const { account, name, id } = user;
    const arn = userArn(user);
    return {
      name: `user/${name}`,
      arn,
      principal: { kind: 'user', account, arn, accessKeyId: '', userName: name, userId: id },
      policies: [...of(user, `user ${name}`), ...groups.flatMap((group) => of(group, `group ${group.name}`))],
      boundary: user.boundary === undefined ? undefined : managed(user.boundary)[0],
    };
  }

  function roleHolder(role: Role): Holder {
    const { account, name, id } = role;
    const arn = roleArn(role);
    return {
      name: `role/${name}`,
      arn,
      principal: {
        kind: 'role',
        account,
        arn: `arn:aws:sts::${account}:assumed-role/${name}/review`,
        accessKeyId: '',
        roleArn: arn,
        roleName: name,
        roleId: id,
        sessionName: 'review',
        session: { issuedMs: clock.now(), ...noSession },
      },
      policies: of(role, `role ${name}`),
      boundary: role.boundary === undefined ? undefined : managed(role.boundary)[0],
      role,
    };
  }

  function functionHolder(newest: FunctionRecord): Holder {
    const record = { ...newest, latest: liveOf(newest) };
    const { account, name, arn } = record;
    const given = record.latest.settings.role;
    const role = given === undefined ? generatedRole(record) : identities.roleByArn(given);
    return {
      name: `function/${name}`,
      arn,
      principal: {
        kind: 'function',
        account,
        arn: `arn:aws:sts::${account}:assumed-role/${role?.name ?? name}/${name}`,
        accessKeyId: '',
        functionArn: arn,
        functionName: name,
        environmentId: '' as EnvironmentId,
      },
      policies: role === undefined ? [] : of(role, given === undefined ? 'manifest' : `role ${role.name}`),
      boundary: role?.boundary === undefined ? undefined : managed(role.boundary)[0],
      record,
    };
  }

  function list(account: AccountId): Holder[] {
    const reader = identities.of(account);
    return [
      ...registry.list(account).map(functionHolder),
      ...reader.list('role').map(roleHolder),
      ...reader.list('user').map(userHolder),
    ];
  }

  return {
    list,
    need(account, who) {
      const all = list(account);
      const session = /^arn:aws:sts::\d{12}:assumed-role\/([^/]+)\//.exec(who)?.[1];
      const found = all.filter(
        ({ name, arn, principal }) =>
          [name, arn, principal.arn, name.slice(name.indexOf('/') + 1)].includes(who) ||
          (session !== undefined && name === `role/${session}`),
      );
      const [first, ...more] = found;
      if (first !== undefined && (more.length === 0 || session !== undefined)) return first;
      const accepted =
        first === undefined
          ? `accepted: function/NAME, role/NAME, user/NAME or an ARN${all.length === 0 ? '' : `; there are ${shown(all)}`}`
          : `that may be ${shown(found)}: write one of these`;
      throw new PlatformError('not_found', `nobody here is called '${who}'; ${accepted}`, { field: 'principal' });
    },
  };
}

const shownMax = 20;

const shown = (holders: readonly Holder[]): string =>
  `${holders
    .slice(0, shownMax)
    .map(({ name }) => name)
    .join(', ')}${holders.length > shownMax ? ', …' : ''}`;

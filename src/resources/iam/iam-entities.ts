/**
 * What IAM keeps of an account. Everything here is a frozen value; policies are kept as the text that was given.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id.html
 */
import type { AccountId } from '../../util/ids.ts';

export type Tags = Readonly<Record<string, string>>;

/** What every entity has. `path`: `/`, or `/division/team/`. `id`: unique for ever, `AIDA…`. */
type Entity = { account: AccountId; name: string; path: string; id: string; createdMs: number };

/** What somebody may do. `inline`: policies' texts by name. `attached`: ARNs of managed policies. */
export type Permissions = { inline: Readonly<Record<string, string>>; attached: readonly string[] };

/** `boundary`: ARN of the managed policy that bounds what the others allow. `groups`: names. */
export type User = Entity & Permissions & { boundary?: string; tags: Tags; groups: readonly string[] };

export type Group = Entity & Permissions;

export type Role = Entity &
  Permissions & {
    /** Who may assume it: a policy document. */
    trust: string;
    description?: string;
    /** Seconds that a session of it may last. */
    sessionSecondsMax: number;
    boundary?: string;
    tags: Tags;
    /** The service whose own role it is (`AWSServiceRoleFor…`); absent: anybody's. */
    serviceLinkedTo?: string;
  };

export type PolicyVersion = { id: string; text: string; createdMs: number };

export type ManagedPolicy = Entity & {
  description?: string;
  modifiedMs: number;
  /** Newest first. */
  versions: readonly PolicyVersion[];
  /** `v1`. */
  defaultVersion: string;
  /** The highest number given so far; numbers are never reused. */
  versionLast: number;
  tags: Tags;
};

export type InstanceProfile = Entity & { roles: readonly string[]; tags: Tags };

/** An issuer of identity tokens that roles may trust. `name`: its URL without `https://`. */
export type OidcProvider = {
  account: AccountId;
  name: string;
  createdMs: number;
  clientIds: readonly string[];
  thumbprints: readonly string[];
  tags: Tags;
};

/** `name`: the key itself, `AKIA…`. */
export type AccessKey = {
  account: AccountId;
  name: string;
  userName: string;
  /** Opens with `accessKeyPurpose`. */
  sealedSecret: string;
  isActive: boolean;
  createdMs: number;
};

/** `name`: `settings`; there is one for each account. */
export type AccountSettings = { account: AccountId; name: string; alias?: string };

/** When, and for what, a key or a role was used last. `name`: the key, or `role/NAME`. */
export type LastUse = { account: AccountId; name: string; atMs: number; service: string; region: string };

export type EntityOf = {
  user: User;
  group: Group;
  role: Role;
  policy: ManagedPolicy;
  'instance-profile': InstanceProfile;
  'oidc-provider': OidcProvider;
  'access-key': AccessKey;
  settings: AccountSettings;
  'last-use': LastUse;
};

export type EntityKind = keyof EntityOf;

export const accessKeyPurpose = (accessKeyId: string): string => `access key ${accessKeyId}`;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: what an account has without having asked for more. */
export const iamLimits = {
  usersMax: 5_000,
  groupsMax: 300,
  rolesMax: 1_000,
  policiesMax: 1_500,
  instanceProfilesMax: 1_000,
  providersMax: 100,
  accessKeysPerUserMax: 2,
  groupsPerUserMax: 10,
  /** Of a user, a group or a role. */
  attachedMax: 10,
  versionsMax: 5,
  rolesPerProfileMax: 1,
  clientIdsMax: 100,
  thumbprintsMax: 5,
  tagsMax: 50,
  /** Characters, without white space; inline ones of one entity together. */
  managedPolicyCharactersMax: 6_144,
  userPoliciesCharactersMax: 2_048,
  groupPoliciesCharactersMax: 5_120,
  rolePoliciesCharactersMax: 10_240,
  trustCharactersMax: 2_048,
} as const;

const arn = (account: string, resource: string): string => `arn:aws:iam::${account}:${resource}`;

export const userArn = ({ account, path, name }: Pick<User, 'account' | 'path' | 'name'>): string =>
  arn(account, `user${path}${name}`);
export const groupArn = ({ account, path, name }: Pick<Group, 'account' | 'path' | 'name'>): string =>
  arn(account, `group${path}${name}`);
export const roleArn = ({ account, path, name }: Pick<Role, 'account' | 'path' | 'name'>): string =>
  arn(account, `role${path}${name}`);
export const policyArn = ({ account, path, name }: Pick<ManagedPolicy, 'account' | 'path' | 'name'>): string =>
  arn(account, `policy${path}${name}`);
export const instanceProfileArn = ({ account, path, name }: InstanceProfile): string =>
  arn(account, `instance-profile${path}${name}`);
export const oidcProviderArn = ({ account, name }: Pick<OidcProvider, 'account' | 'name'>): string =>
  arn(account, `oidc-provider/${name}`);

/** What a request names: found, or missed in IAM's words. */
import type { Group, InstanceProfile, ManagedPolicy, Role, Tags, User } from '../../resources/iam/iam-entities.ts';
import { iamLimits } from '../../resources/iam/iam-entities.ts';
import type { IdentityReader } from '../../resources/iam/identities.ts';
import type { AccountId } from '../../util/ids.ts';
import { entityAlreadyExists, limitExceeded, noSuchEntity, unmodifiable, validationError } from './iam-errors.ts';
import type { IamParts } from './iam-parts.ts';

export const needUser = (reader: IdentityReader, name = ''): User =>
  reader.get('user', name) ?? missing(`The user with name ${name} cannot be found.`);

export const needGroup = (reader: IdentityReader, name = ''): Group =>
  reader.get('group', name) ?? missing(`The group with name ${name} cannot be found.`);

/** One that somebody made: only those are changed. */
export const needRole = (reader: IdentityReader, name = ''): Role =>
  reader.get('role', name) ?? missing(`The role with name ${name} cannot be found.`);

export const needProfile = (reader: IdentityReader, name = ''): InstanceProfile =>
  reader.get('instance-profile', name) ?? missing(`Instance Profile ${name} cannot be found.`);

/** Of a role that belongs to a function: its manifest says what it may. Errors: UnmodifiableEntity, NoSuchEntity. */
export function needOwnRole(parts: IamParts, reader: IdentityReader, account: AccountId, name = ''): Role {
  const role = reader.get('role', name);
  if (role === undefined && parts.generatedRole(account, name) !== undefined) {
    throw unmodifiable(
      `The role ${name} belongs to the function of its name: its permissions are changed in the function's manifest, or the function is given another role.`,
    );
  }
  return role ?? needRole(reader, name);
}

/** Also one that a function has without anybody having made it. */
export const seenRole = (parts: IamParts, account: AccountId, name = ''): Role =>
  parts.identities.role(account, name) ??
  parts.generatedRole(account, name) ??
  missing(`The role with name ${name} cannot be found.`);

/** Errors: NoSuchEntity. */
export const needPolicy = (
  { identities }: Pick<IamParts, 'identities'>,
  account: AccountId,
  arn = '',
): ManagedPolicy => {
  const policy = identities.policyByArn(arn);
  const isSeen = policy !== undefined && (policy.account === account || isProvided(policy));
  return isSeen ? policy : missing(`Policy ${arn} was not found.`);
};

/** One of this account, read within a change. Errors: NoSuchEntity, AccessDenied-like for those that AWS provides. */
export function needOwnPolicy(
  parts: Pick<IamParts, 'identities'>,
  reader: IdentityReader,
  account: AccountId,
  arn = '',
): ManagedPolicy {
  const policy = needPolicy(parts, account, arn);
  if (isProvided(policy))
    throw validationError(`Policy ${arn} is a policy of AWS's own, which accounts do not change.`);
  return reader.get('policy', policy.name) ?? missing(`Policy ${arn} was not found.`);
}

export const isProvided = ({ account }: ManagedPolicy): boolean => (account as string) === 'aws';

export const taken = (message: string): never => {
  throw entityAlreadyExists(message);
};

function missing(message: string): never {
  throw noSuchEntity(message);
}

/** Errors: LimitExceeded. `quota`: as IAM calls it, `UsersPerAccount`. */
export function checkQuota(count: number, max: number, quota: string): void {
  if (count >= max) throw limitExceeded(`Cannot exceed quota for ${quota}: ${max}`);
}

/** Errors: InvalidInput, LimitExceeded. */
export function readTags(tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = []): Tags {
  const read: Record<string, string> = {};
  for (const { Key: key = '', Value: value = '' } of tags) {
    const isRepeated = Object.keys(read).some((one) => one.toLowerCase() === key.toLowerCase());
    if (isRepeated) throw validationError('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    checkTagKey(key);
    Object.defineProperty(read, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return checkTagCount(read);
}

export function checkTagKey(key: string): void {
  if (/^aws:/i.test(key))
    throw validationError('System tags, which begin with aws:, are not for accounts to set or to remove.');
}

export function checkTagCount(tags: Tags): Tags {
  if (Object.keys(tags).length > iamLimits.tagsMax)
    throw limitExceeded('The number of tags has reached the maximum limit.');
  return tags;
}

/**
 * A parameter and its versions. What a version holds is kept apart from it, sealed.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html
 */
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { ParameterPolicy } from './parameter-policies.ts';

export type ParameterType = 'String' | 'StringList' | 'SecureString';
export type ParameterTier = 'Standard' | 'Advanced';

/** https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm */
export const parameterLimits = {
  /** Of one account and region. */
  parametersMax: { Standard: 10_000, Advanced: 100_000 },
  valueBytesMax: { Standard: 4_096, Advanced: 8_192 },
  versionsMax: 100,
  labelsMax: 10,
  tagsMax: 50,
  policiesMax: 10,
  nameCharactersMax: 1_011,
  levelsMax: 15,
} as const;

export type ParameterVersion = {
  number: number;
  createdMs: number;
  /** The ARN of who put it. */
  by: string;
  labels: readonly string[];
  description?: string;
  allowedPattern?: string;
  /** Of a SecureString: the key that it names; absent: the account's own. */
  keyId?: string;
  tier: ParameterTier;
  dataType: string;
  policies: readonly ParameterPolicy[];
};

/** Who of other accounts may use it. `hash`: changes with each change. */
export type ParameterShare = { id: string; hash: string; policy: string };

export type Parameter = {
  account: AccountId;
  name: string;
  type: ParameterType;
  tags: Readonly<Record<string, string>>;
  /** The oldest first; never empty. */
  versions: readonly ParameterVersion[];
  /** Which policies of the latest version have been told of already: their places. */
  told: readonly number[];
  shares: readonly ParameterShare[];
};

export const parameterArn = (region: string, account: string, name: string): string =>
  `arn:aws:ssm:${region}:${account}:parameter${name.startsWith('/') ? '' : '/'}${name}`;

export function latestOf({ name, versions }: Pick<Parameter, 'name' | 'versions'>): ParameterVersion {
  const latest = versions.at(-1);
  if (latest === undefined) throw new Error(`invariant broken: the parameter ${name} has no version`);
  return latest;
}

/** `/a/b:3`, `a:live`, or an ARN with such an end. `selector`: with its colon. */
export type ParameterReference = { account: AccountId; name: string; selector: string };

export const parameterNotFound = (name: string): PlatformError =>
  new PlatformError('not_found', `Parameter ${name} not found.`, { reason: 'ParameterNotFound' });

export const versionNotFound = (name: string, version: string): PlatformError =>
  new PlatformError(
    'not_found',
    `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
    { reason: 'ParameterVersionNotFound' },
  );

export const invalidParameterInput = (message: string, field?: string): PlatformError =>
  parameterError('ValidationException', message, field);

export const parameterError = (reason: string, message: string, field?: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason, ...(field === undefined ? {} : { field }) });

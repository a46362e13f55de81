/**
 * A secret and its versions. What a version holds is kept apart from it, sealed; here is only that it is there.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
 */
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { RotationRules } from './rotation-rules.ts';

export const currentStage = 'AWSCURRENT';
export const previousStage = 'AWSPREVIOUS';
export const pendingStage = 'AWSPENDING';

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
export const secretLimits = {
  /** Of one account and region. */
  secretsMax: 500_000,
  versionsMax: 100,
  /** Attached to all versions of a secret together. */
  stagesMax: 20,
  valueBytesMax: 65_536,
  policyCharactersMax: 20_480,
  tagsMax: 50,
  /** A version that has lost its last label is kept this long, however many there are. */
  forgottenAfterMs: 24 * 3_600_000,
} as const;

export const secretNamePattern = /[A-Za-z0-9/_+=.@-]{1,512}/;

export type SecretValue = { kind: 'text'; text: string } | { kind: 'binary'; bytes: Uint8Array };

export type SecretVersion = {
  id: string;
  createdMs: number;
  /** The day (its start, UTC) on which it was last read. */
  accessedMs?: number;
  stages: readonly string[];
  /** The key that its value is under; absent: the account's own. */
  keyId?: string;
  /** False: made for a rotation that has put nothing into it yet. */
  hasValue: boolean;
};

/** In this order. https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html */
export const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export type RotationStep = (typeof rotationSteps)[number];

export type SecretRotation = {
  functionArn: string;
  isEnabled: boolean;
  rules: RotationRules;
  /** When these rules were given: what they count from until the first rotation. */
  sinceMs: number;
};

/** A rotation that has begun: the step that is to be done next, or is being done. */
export type Rotating = {
  /** The version that it is for. */
  token: string;
  step: RotationStep;
  /** Of this step, that failed. */
  failures: number;
  notBeforeMs: number;
  /** Only tries whether the function can do it: nothing is put or moved. */
  isTrial?: true;
};

export type Secret = {
  account: AccountId;
  name: string;
  /** Six random characters behind the name in its ARN: a secret that is made anew is another one. */
  suffix: string;
  description?: string;
  keyId?: string;
  createdMs: number;
  changedMs: number;
  accessedMs?: number;
  rotatedMs?: number;
  /** When a rotation was last given up. */
  triedMs?: number;
  /** Marked as deleted, and gone at `goneMs`. */
  deleted?: { markedMs: number; goneMs: number };
  tags: Readonly<Record<string, string>>;
  /** A policy document. */
  policy?: string;
  rotation?: SecretRotation;
  rotating?: Rotating;
  /** The oldest first. */
  versions: readonly SecretVersion[];
};

export const secretArn = (
  region: string,
  { account, name, suffix }: Pick<Secret, 'account' | 'name' | 'suffix'>,
): string => `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix}`;

export const versionWithStage = ({ versions }: Pick<Secret, 'versions'>, stage: string): SecretVersion | undefined =>
  versions.find(({ stages }) => stages.includes(stage));

/** The version of a rotation that has not come to its end. */
export function pendingVersion(secret: Pick<Secret, 'versions'>): SecretVersion | undefined {
  const version = versionWithStage(secret, pendingStage);
  return version?.stages.includes(currentStage) === true ? undefined : version;
}

export const noSecret = (message = "Secrets Manager can't find the specified secret."): PlatformError =>
  new PlatformError('not_found', message, { reason: 'ResourceNotFoundException' });

export const invalidRequest = (message: string): PlatformError =>
  new PlatformError('conflict', message, { reason: 'InvalidRequestException' });

export const invalidParameter = (message: string, field?: string): PlatformError =>
  new PlatformError('invalid_argument', message, {
    reason: 'InvalidParameterException',
    ...(field === undefined ? {} : { field }),
  });

export const tooMany = (message: string): PlatformError =>
  new PlatformError('conflict', message, { reason: 'LimitExceededException' });

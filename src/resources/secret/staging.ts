/**
 * Which labels are on which versions of a secret. Pure. A label is on one version at most; where AWSCURRENT moves, the
 * version that had it becomes AWSPREVIOUS. A version without any label is deprecated: it may be forgotten.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
 */
import {
  currentStage,
  invalidParameter,
  previousStage,
  secretLimits,
  tooMany,
  versionWithStage,
  type Secret,
  type SecretVersion,
} from './secret.ts';

type Versions = readonly SecretVersion[];

const changeStages = (versions: Versions, change: (version: SecretVersion) => readonly string[]): Versions =>
  versions.map((version) => ({ ...version, stages: change(version) }));

const put = (versions: Versions, id: string, stage: string): Versions =>
  changeStages(versions, (version) => {
    const others = version.stages.filter((one) => one !== stage);
    return version.id === id ? [...others, stage] : others;
  });

const withoutStage = (versions: Versions, stage: string): Versions =>
  changeStages(versions, ({ stages }) => stages.filter((one) => one !== stage));

/** Errors: LimitExceededException. */
export function attachStages(versions: Versions, id: string, stages: readonly string[]): Versions {
  const before = versionWithStage({ versions }, currentStage);
  let attached = stages.reduce((sum, stage) => put(sum, id, stage), versions);
  if (stages.includes(currentStage) && before !== undefined && before.id !== id)
    attached = put(attached, before.id, previousStage);
  const count = attached.reduce((sum, version) => sum + version.stages.length, 0);
  if (count > secretLimits.stagesMax)
    throw tooMany(`The versions of a secret have at most ${secretLimits.stagesMax} staging labels together.`);
  return attached;
}

export const emptyVersion = ({ keyId }: Pick<Secret, 'keyId'>, id: string, nowMs: number): SecretVersion => ({
  id,
  createdMs: nowMs,
  stages: [],
  hasValue: false,
  ...(keyId !== undefined && { keyId }),
});

export type StageMove = { stage: string; fromId: string | undefined; toId: string | undefined };

/** What UpdateSecretVersionStage does. Errors: InvalidParameterException. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html */
export function moveStage(versions: Versions, { stage, fromId, toId }: StageMove): Versions {
  const holder = versionWithStage({ versions }, stage);
  for (const id of [fromId, toId])
    if (id !== undefined && versions.every((version) => version.id !== id))
      throw invalidParameter(`The secret has no version ${id}.`);
  if (fromId === undefined && toId === undefined)
    throw invalidParameter('You must specify RemoveFromVersionId or MoveToVersionId, or both.');
  if (fromId !== undefined && holder?.id !== fromId)
    throw invalidParameter(
      `The staging label ${stage} isn't attached to version ${fromId}. It can be removed from a version alone that has it.`,
      'RemoveFromVersionId',
    );
  if (toId === undefined) {
    if (stage === currentStage)
      throw invalidParameter(
        `You can only move staging label ${currentStage} to a different secret version. It can’t be completely removed.`,
        'MoveToVersionId',
      );
    return withoutStage(versions, stage);
  }
  if (fromId === undefined && holder !== undefined && holder.id !== toId)
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
      'RemoveFromVersionId',
    );
  return attachStages(versions, toId, [stage]);
}

/**
 * Room for one more: of the versions without a label those that are older than a day go, the oldest first, where there are
 * as many as may be. Errors: LimitExceededException.
 */
export function forgetDeprecated(versions: Versions, nowMs: number): Versions {
  const { versionsMax, forgottenAfterMs } = secretLimits;
  let excess = versions.length - (versionsMax - 1);
  const kept = versions.filter(({ stages, createdMs }) => {
    const isForgotten = excess > 0 && stages.length === 0 && nowMs - createdMs > forgottenAfterMs;
    if (isForgotten) excess -= 1;
    return !isForgotten;
  });
  if (excess > 0)
    throw tooMany(`A secret has at most ${versionsMax} versions; those that are younger than a day are kept.`);
  return kept;
}

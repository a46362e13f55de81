/** A secret's rotation from step to step, as events/secret-rotation.ts has them done. Pure. */
import { nextRotation, type RotationWindow } from './rotation-rules.ts';
import {
  currentStage,
  pendingStage,
  rotationSteps,
  versionWithStage,
  type Rotating,
  type Secret,
  type SecretVersion,
} from './secret.ts';
import { attachStages, emptyVersion, forgetDeprecated } from './staging.ts';

/** Undefined: it is not rotated by itself. */
export function rotationWindow({ rotation, rotatedMs = 0, triedMs = 0, deleted }: Secret): RotationWindow | undefined {
  if (rotation?.isEnabled !== true || deleted !== undefined) return undefined;
  return nextRotation(rotation.rules, Math.max(rotation.sinceMs, rotatedMs, triedMs));
}

/** The version is made at once, empty: the function finds it by its label. One that is there is gone on with. */
export function begun(secret: Secret, token: string, isTrial: boolean, nowMs: number): Secret {
  const isThere = secret.versions.some(({ id }) => id === token);
  const withNew = (): readonly SecretVersion[] => [
    ...forgetDeprecated(secret.versions, nowMs),
    emptyVersion(secret, token, nowMs),
  ];
  return {
    ...secret,
    versions: isThere ? secret.versions : attachStages(withNew(), token, [pendingStage]),
    rotating: {
      token,
      step: isTrial ? 'testSecret' : rotationSteps[0],
      failures: 0,
      notBeforeMs: 0,
      ...(isTrial && { isTrial }),
    },
    changedMs: nowMs,
  };
}

/** The next step, or the end. */
export function afterStep(secret: Secret, rotating: Rotating, nowMs: number): Secret {
  if (rotating.isTrial === true) return ended(secret, rotating, nowMs);
  const next = rotationSteps[rotationSteps.indexOf(rotating.step) + 1];
  if (next !== undefined)
    return { ...secret, rotating: { token: rotating.token, step: next, failures: 0, notBeforeMs: 0 } };
  // A function that has moved nothing has rotated nothing: the version stays pending.
  const isCurrent = versionWithStage(secret, currentStage)?.id === rotating.token;
  if (!isCurrent) return ended(secret, rotating, nowMs);
  const { rotating: _, ...rest } = secret;
  return { ...rest, rotatedMs: nowMs, changedMs: nowMs };
}

/** Given up until the next time; of a trial nothing is left. */
export function ended(secret: Secret, rotating: Rotating, nowMs: number): Secret {
  const { rotating: _, ...rest } = secret;
  return rotating.isTrial === true
    ? { ...rest, versions: secret.versions.filter(({ id }) => id !== rotating.token) }
    : { ...rest, triedMs: nowMs };
}

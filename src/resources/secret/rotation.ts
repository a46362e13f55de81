/** A secret's rotation from step to step, as events/secret-rotation.ts has them done. Pure. */
import type { Ids } from '../../util/ids.ts';
import { nextRotation, type RotationRules, type RotationWindow } from './rotation-rules.ts';
import {
  currentStage,
  invalidParameter,
  invalidRequest,
  pendingStage,
  pendingVersion,
  rotationSteps,
  versionWithStage,
  type Rotating,
  type Secret,
  type SecretVersion,
} from './secret.ts';
import { attachStages, emptyVersion, forgetDeprecated } from './staging.ts';

export type RotationRequest = {
  token: string;
  functionArn?: string;
  rules?: RotationRules;
  isImmediate: boolean;
};

/** Undefined: it is not rotated by itself. */
export function rotationWindow({ rotation, rotatedMs = 0, triedMs = 0, deleted }: Secret): RotationWindow | undefined {
  if (rotation?.isEnabled !== true || deleted !== undefined) return undefined;
  return nextRotation(rotation.rules, Math.max(rotation.sinceMs, rotatedMs, triedMs));
}

/** Errors: InvalidRequestException; InvalidParameterException for a token that a version has. */
export function requested(
  secret: Secret,
  { token, functionArn, rules, isImmediate }: RotationRequest,
  nowMs: number,
): Secret {
  if (secret.rotating !== undefined || pendingVersion(secret) !== undefined)
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  const rotationArn = functionArn ?? secret.rotation?.functionArn;
  if (rotationArn === undefined)
    throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
  if (secret.versions.length === 0) throw invalidRequest('A secret without a value cannot be rotated.');
  if (secret.versions.some((version) => version.id === token))
    throw invalidParameter(
      `ClientRequestToken ${token} is already in use for a version of the secret.`,
      'ClientRequestToken',
    );
  const rotation = {
    functionArn: rotationArn,
    isEnabled: true,
    rules: rules ?? secret.rotation?.rules ?? {},
    sinceMs: rules === undefined ? (secret.rotation?.sinceMs ?? nowMs) : nowMs,
  };
  return begun({ ...secret, rotation }, token, !isImmediate, nowMs);
}

/** By its schedule; a version that an earlier attempt has left over is gone on with. Undefined: it is not due. */
export function due(secret: Secret, ids: Pick<Ids, 'uuid'>, nowMs: number): Secret | undefined {
  if (secret.rotating !== undefined) return undefined;
  const window = rotationWindow(secret);
  if (window === undefined || window.startMs > nowMs) return undefined;
  return begun(secret, pendingVersion(secret)?.id ?? ids.uuid(), false, nowMs);
}

/** Errors: InvalidRequestException. */
export function cancelled(before: Secret, nowMs: number): Secret {
  const { rotating: _, ...secret } = before;
  if (secret.rotation === undefined) throw invalidRequest("You can't cancel a rotation: the secret has no rotation.");
  return { ...secret, rotation: { ...secret.rotation, isEnabled: false }, changedMs: nowMs };
}

/** The version is made at once, empty: the function finds it by its label. One that is there is gone on with. */
function begun(secret: Secret, token: string, isTrial: boolean, nowMs: number): Secret {
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

/** The step is done later; `isFailure`: it has been tried. */
export function onceMore(secret: Secret, rotating: Rotating, notBeforeMs: number, isFailure: boolean): Secret {
  const failures = rotating.failures + (isFailure ? 1 : 0);
  return { ...secret, rotating: { ...rotating, failures, notBeforeMs } };
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

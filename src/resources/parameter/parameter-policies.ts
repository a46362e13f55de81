/**
 * What a parameter does by itself as time passes. Pure.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
 */
import { isObject } from '../../util/field.ts';
import { invalidParameterInput, parameterError, parameterLimits } from './parameter.ts';

export type ParameterPolicy = {
  type: 'Expiration' | 'ExpirationNotification' | 'NoChangeNotification';
  /** JSON, as it was given. */
  text: string;
} & (
  | { type: 'Expiration'; atMs: number }
  /** Before the parameter expires. */
  | { type: 'ExpirationNotification'; beforeMs: number }
  /** After its last change. */
  | { type: 'NoChangeNotification'; afterMs: number }
);

const unitMs: Readonly<Record<string, number>> = { Days: 24 * 3_600_000, Hours: 3_600_000 };

/** `[]` and `[{}]`: none. Errors: ValidationException, InvalidPolicyTypeException, InvalidPolicyAttributeException, IncompatiblePolicyException, PoliciesLimitExceededException. */
export function parseParameterPolicies(text: string, nowMs: number): readonly ParameterPolicy[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalidParameterInput('Policies is no JSON.', 'Policies');
  }
  if (!Array.isArray(parsed)) throw invalidParameterInput('Policies is no list of policies.', 'Policies');
  const given = parsed.filter((one) => !isObject(one) || Object.keys(one).length > 0);
  if (given.length > parameterLimits.policiesMax)
    throw parameterError(
      'PoliciesLimitExceededException',
      `A parameter has at most ${parameterLimits.policiesMax} policies.`,
      'Policies',
    );
  const policies = given.map((one) => parsePolicy(one, nowMs));
  const expirations = policies.filter(({ type }) => type === 'Expiration').length;
  if (expirations > 1) throw incompatible('A parameter has one Expiration at most.');
  if (expirations === 0 && policies.some(({ type }) => type === 'ExpirationNotification'))
    throw incompatible('An ExpirationNotification needs an Expiration.');
  return policies;
}

function parsePolicy(given: unknown, nowMs: number): ParameterPolicy {
  if (!isObject(given))
    throw invalidParameterInput('A policy is an object with Type, Version and Attributes.', 'Policies');
  const { Type: type, Version: version, Attributes: attributes } = given;
  if (version !== '1.0') throw attributeError('The Version of a policy is 1.0.');
  if (!isObject(attributes)) throw attributeError('A policy has Attributes.');
  const text = JSON.stringify(given);
  switch (type) {
    case 'Expiration': {
      const written = attributes['Timestamp'];
      const atMs = typeof written === 'string' && /^\d{4}-\d\d-\d\dT/.test(written) ? Date.parse(written) : Number.NaN;
      if (Number.isNaN(atMs))
        throw attributeError('The Timestamp of an Expiration is a time such as 2026-12-02T21:34:33.000Z.');
      if (atMs <= nowMs) throw attributeError('The Timestamp of an Expiration is in the future.');
      return { type, text, atMs };
    }
    case 'ExpirationNotification':
      return { type, text, beforeMs: spanMs(attributes, 'Before') };
    case 'NoChangeNotification':
      return { type, text, afterMs: spanMs(attributes, 'After') };
    default:
      throw parameterError(
        'InvalidPolicyTypeException',
        'The Type of a policy is Expiration, ExpirationNotification or NoChangeNotification.',
        'Policies',
      );
  }
}

function spanMs(attributes: Readonly<Record<string, unknown>>, name: string): number {
  const [count, unit] = [Number(attributes[name]), unitMs[String(attributes['Unit'])]];
  if (unit === undefined || !Number.isInteger(count) || count < 1)
    throw attributeError(`${name} is a whole number from 1 on, and Unit is Days or Hours.`);
  return count * unit;
}

const attributeError = (message: string): Error =>
  parameterError('InvalidPolicyAttributeException', message, 'Policies');
const incompatible = (message: string): Error => parameterError('IncompatiblePolicyException', message, 'Policies');

/** What is due next of policies of a version from `createdMs`. Undefined: nothing any more. */
export function nextPolicyAction(
  policies: readonly ParameterPolicy[],
  createdMs: number,
  told: readonly number[],
): { index: number; policy: ParameterPolicy; dueMs: number } | undefined {
  const expiration = policies.find((policy) => policy.type === 'Expiration');
  const due = policies.flatMap((policy, index) => {
    if (told.includes(index)) return [];
    return [{ index, policy, dueMs: dueOf(policy, createdMs, expiration?.atMs ?? Number.POSITIVE_INFINITY) }];
  });
  return due.toSorted((a, b) => a.dueMs - b.dueMs)[0];
}

function dueOf(policy: ParameterPolicy, createdMs: number, expiresMs: number): number {
  switch (policy.type) {
    case 'Expiration':
      return policy.atMs;
    case 'ExpirationNotification':
      return expiresMs - policy.beforeMs;
    case 'NoChangeNotification':
      return createdMs + policy.afterMs;
  }
}

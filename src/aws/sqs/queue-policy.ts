/** A queue's access policy: kept as it was given, and changed by AddPermission and RemovePermission. */
import { parsePolicyDocument } from '../../identity/policy-document.ts';
import { PlatformError } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';
import { invalidValue } from './redrive-policy.ts';

/** Undefined: it is to be taken away. Throws InvalidAttributeValue. */
export function parsePolicy(value: string): string | undefined {
  if (value === '') return undefined;
  try {
    parsePolicyDocument(value);
  } catch (cause) {
    if (!(cause instanceof PlatformError)) throw cause;
    throw invalidValue('Policy', value, cause.message, cause);
  }
  return value;
}

export type Statement = Readonly<Record<string, unknown>>;

export type Policy = { statements: readonly Statement[]; rest: Readonly<Record<string, unknown>> };

/** As it was checked when it was set. */
export function readPolicy(text: string | undefined, id: string): Policy {
  if (text === undefined) return { rest: { Version: '2008-10-17', Id: id }, statements: [] };
  const parsed: unknown = JSON.parse(text);
  const { Statement: given = [], ...rest } = isObject(parsed) ? parsed : {};
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return { rest, statements: list.filter(isObject) };
}

/** Undefined: nothing is left of it. */
export function policyText({ rest, statements }: Policy): string | undefined {
  return statements.length === 0 ? undefined : JSON.stringify({ ...rest, Statement: statements });
}

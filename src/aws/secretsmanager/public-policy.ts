/**
 * Whether a policy document lets in everybody. Pure. `text`: one that has been read without complaint.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/determine-acccess_examine-iam-policies.html
 */
import { isObject } from '../../util/field.ts';

/** Conditions that say who, or from where, by more than a pattern that everything matches. */
const narrowing = new Set([
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principalorgid',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
  'aws:userid',
]);

export function isPublicPolicy(text: string): boolean {
  const document: unknown = JSON.parse(text);
  const { Statement: given } = isObject(document) ? document : {};
  const statements: readonly unknown[] = Array.isArray(given) ? given : [given];
  return statements.some(
    (one) => isObject(one) && one['Effect'] === 'Allow' && meansEverybody(one) && !isNarrowed(one['Condition']),
  );
}

function meansEverybody({ Principal: principal, NotPrincipal: except }: Readonly<Record<string, unknown>>): boolean {
  if (except !== undefined) return true;
  const named = isObject(principal) ? Object.values(principal).flat() : [principal];
  return named.includes('*');
}

/** Negated operators leave in nearly everybody. */
const isNarrowed = (condition: unknown): boolean =>
  isObject(condition) &&
  Object.entries(condition).some(
    ([operator, keys]) =>
      !/Not|IfExists|^Null$|^ForAllValues/.test(operator) &&
      isObject(keys) &&
      Object.entries(keys).some(
        ([key, values]) =>
          narrowing.has(key.toLowerCase()) &&
          ![values].flat().some((value) => /^[*?]*$/.test(String(value)) || value === '0.0.0.0/0'),
      ),
  );

/**
 * The policy of an upload by form: what its signer lets be uploaded, and until when. Pure.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
import { PlatformError } from '../../../util/errors.ts';
import { isObject } from '../../../util/field.ts';

export type PostPolicy = {
  expiresMs: number;
  conditions: readonly PostCondition[];
  /** What the file's bytes may number. */
  bytes: { min: number; max: number } | undefined;
};

/** `field`: a form's field in lower case, or `bucket`. */
type PostCondition = { operator: 'eq' | 'starts-with'; field: string; value: string; shown: string };

/** A form's fields have 20 KB together, of which this is one. */
const conditionsMax = 200;

/** `encoded`: base64. Errors: InvalidPolicyDocument. */
export function parsePostPolicy(encoded: string): PostPolicy {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  } catch {
    throw invalid('Invalid JSON.');
  }
  if (!isObject(parsed)) throw invalid('Invalid JSON.');
  const { expiration, conditions } = parsed;
  const isTime = typeof expiration === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(expiration);
  const expiresMs = isTime ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(expiresMs))
    throw invalid(
      `Policy missing or with a wrong expiration: ${shown(expiration)}, not like 2026-01-31T12:00:00.000Z.`,
    );
  if (!Array.isArray(conditions)) throw invalid('Policy missing conditions.');
  if (conditions.length > conditionsMax) throw invalid(`Policy has more than ${conditionsMax} conditions.`);
  let bytes: PostPolicy['bytes'];
  const read = conditions.flatMap((condition: unknown) => {
    const range = rangeOf(condition);
    if (range === undefined) return conditionsOf(condition);
    // Of several, all count.
    bytes = { min: Math.max(range.min, bytes?.min ?? 0), max: Math.min(range.max, bytes?.max ?? range.max) };
    return [];
  });
  return { expiresMs, conditions: read, bytes };
}

function rangeOf(condition: unknown): PostPolicy['bytes'] {
  if (!Array.isArray(condition) || String(condition[0]).toLowerCase() !== 'content-length-range') return undefined;
  const [min, max] = condition
    .slice(1)
    .map((one: unknown) => (/^\d{1,15}$/.test(String(one)) ? Number(one) : Number.NaN));
  if (condition.length !== 3 || min === undefined || max === undefined || Number.isNaN(min + max))
    throw invalid(`Invalid content-length-range ${shown(condition)}.`);
  return { min, max };
}

function conditionsOf(condition: unknown): PostCondition[] {
  if (Array.isArray(condition)) {
    const [operator, field, value] = condition as readonly unknown[];
    const name = typeof operator === 'string' ? operator.toLowerCase() : '';
    if (
      condition.length !== 3 ||
      (name !== 'eq' && name !== 'starts-with') ||
      typeof field !== 'string' ||
      !field.startsWith('$') ||
      typeof value !== 'string'
    )
      throw invalid(`Invalid condition ${shown(condition)}: ["eq" or "starts-with", "$field", "value"] is accepted.`);
    return [{ operator: name, field: field.slice(1).toLowerCase(), value, shown: shown(condition) }];
  }
  if (!isObject(condition) || Object.keys(condition).length === 0)
    throw invalid(
      `Invalid Simple-Condition ${shown(condition)}: Simple-Conditions must have exactly one property specified.`,
    );
  return Object.entries(condition).map(([field, value]) => {
    if (typeof value !== 'string' && typeof value !== 'number')
      throw invalid(`Invalid Simple-Condition ${shown(condition)}: value must be a string.`);
    const text = String(value);
    return {
      operator: 'eq',
      field: field.toLowerCase(),
      value: text,
      shown: `["eq", "$${field}", ${JSON.stringify(text)}]`,
    };
  });
}

/** Fields that a policy need not speak of: those that prove it, and those that a form has for itself. */
const unnamed = new Set(['policy', 'x-amz-signature', 'signature', 'awsaccesskeyid', 'file']);

/**
 * Whether a form keeps to its policy: every condition holds, and nothing is sent that it says nothing of.
 * Errors: AccessDenied, in S3's words.
 */
export function checkPostPolicy(
  policy: PostPolicy,
  fields: ReadonlyMap<string, string>,
  { bucket, nowMs }: { bucket: string; nowMs: number },
): void {
  if (nowMs > policy.expiresMs) throw denied('Policy expired.');
  for (const { operator, field, value, shown: text } of policy.conditions) {
    const given = field === 'bucket' ? bucket : (fields.get(field) ?? '');
    const holds = operator === 'eq' ? given === value : startsWith(field, given, value);
    if (!holds) throw denied(`Policy Condition failed: ${text}`);
  }
  const named = new Set(policy.conditions.map(({ field }) => field));
  const extra = [...fields.keys()].filter(
    (name) => !named.has(name) && !unnamed.has(name) && !name.startsWith('x-ignore-'),
  );
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(', ')}`);
}

/** Several types of content may be given, and then all of them have to. */
function startsWith(field: string, given: string, value: string): boolean {
  const all = field === 'content-type' ? given.split(',').map((one) => one.trim()) : [given];
  return all.every((one) => one.startsWith(value));
}

const shown = (value: unknown): string => String(JSON.stringify(value)).slice(0, 200);

function invalid(why: string): PlatformError {
  return new PlatformError('invalid_argument', `Invalid Policy: ${why}`, { reason: 'InvalidPolicyDocument' });
}

function denied(why: string): PlatformError {
  return new PlatformError('permission_denied', `Invalid according to Policy: ${why}`, { reason: 'AccessDenied' });
}

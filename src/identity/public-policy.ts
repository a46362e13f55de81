/**
 * Whether a resource's policy lets everybody in, as S3 means it: some statement allows, and neither names whom it means nor
 * has a condition that leaves nobody but certain ones, by values without wildcards and variables. Pure.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
import { isIP } from 'node:net';
import type { Condition } from './condition.ts';
import type { PolicyDocument, Statement } from './policy-document.ts';

/** Keys whose fixed values tell who or where somebody is. In lower case. */
const tellingKeys: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:sourcearn',
  'aws:sourceaccount',
  'aws:sourceowner',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:userid',
  // Of KMS's keys alone, and in the policy of each that the services here make.
  'kms:calleraccount',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
]);
/** Wider ranges than these are as good as everywhere; all private ones are narrower, or as wide. Bits of the prefix. */
const rangeBitsMin = { 4: 8, 6: 32 };

export const isPublicPolicy = ({ statements }: PolicyDocument): boolean => statements.some(isPublic);

function isPublic({ effect, principal, conditions }: Statement): boolean {
  if (effect === 'deny' || principal === undefined) return false;
  const { element, isExcept } = principal;
  const isNamed =
    !isExcept &&
    element.kind === 'listed' &&
    ![...element.aws, ...element.services, ...element.providers].some((name) => /[*?]/.test(name));
  return !isNamed && !conditions.some(isTelling);
}

/** Others may be added to it: all of a statement's conditions have to hold. */
function isTelling({ operator, key, wanted, variables }: Condition): boolean {
  if (variables.length > 0 || wanted.length === 0) return false;
  const name = key.toLowerCase();
  const plain = operator.replace(/^ForAnyValue:/i, '').toLowerCase();
  if (name === 'aws:sourceip') return plain === 'ipaddress' && wanted.every(isNarrow);
  if (!tellingKeys.has(name)) return false;
  switch (plain) {
    case 'stringequals':
    case 'stringequalsignorecase':
    case 'stringlike':
    case 'arnequals':
    case 'arnlike':
      return wanted.every((value) => isFixed(name, value));
    default:
      return false;
  }
}

function isFixed(name: string, value: string): boolean {
  if (name === 's3:dataaccesspointarn') return /^arn:aws:s3:[^:*?]*:\d{12}:accesspoint\//.test(value);
  return !/[*?]/.test(value);
}

function isNarrow(range: string): boolean {
  const [address = '', bits] = range.split('/');
  const family = isIP(address);
  if (bits === undefined) return true;
  return Number(bits) >= (family === 4 ? rangeBitsMin[4] : rangeBitsMin[6]);
}

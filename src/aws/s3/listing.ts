/** What the listings have in common. */
import { PlatformError } from '../../util/errors.ts';

/** Keys, uploads or parts of one answer. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const pageLengthMax = 1_000;

/** How many to list; more than the most is the most. */
export function pageLength(given: number | undefined, name: string): number {
  if (given === undefined) return pageLengthMax;
  if (Number.isInteger(given) && given >= 0) return Math.min(given, pageLengthMax);
  throw invalidArgument(name, String(given), `Argument ${name} must be an integer between 0 and 2147483647`);
}

/** Parts after this number. */
export function partMarker(given: string | undefined): number {
  if (given === undefined || given === '') return 0;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw invalidArgument(
    'part-number-marker',
    given,
    'Argument part-number-marker must be an integer between 0 and 2147483647',
  );
}

/**
 * With `url`, names are percent-encoded, because XML cannot hold every character. As S3 does it: a space is `+`, and
 * `/` stays. Absent names stay absent.
 */
export function nameEncoder(encodingType: string | undefined): (name: string) => string {
  if (encodingType === undefined || encodingType === '') return (name) => name;
  if (encodingType === 'url') return encodeName;
  throw invalidArgument('encoding-type', encodingType, 'Invalid Encoding Method specified in Request');
}

function encodeName(name: string): string {
  return encodeURIComponent(name)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replaceAll(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Where the next page begins, as the client carries it: opaque to it, and never taken for a key. */
export const encodeToken = (position: string): string => Buffer.from(position).toString('base64url');

export function decodeToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const position = Buffer.from(token, 'base64url').toString();
  if (token !== '' && encodeToken(position) === token) return position;
  throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect');
}

export const commonPrefixes = (prefixes: readonly string[], encode: (name: string) => string): { Prefix: string }[] =>
  prefixes.map((prefix) => ({ Prefix: encode(prefix) }));

export function invalidArgument(name: string, value: string, message: string): PlatformError {
  return new PlatformError('invalid_argument', message, {
    reason: 'InvalidArgument',
    field: name,
    facts: { ArgumentName: name, ArgumentValue: value },
  });
}

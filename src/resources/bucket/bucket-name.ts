import { PlatformError } from '../../util/errors.ts';

const reservedPrefixes = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const reservedSuffixes = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];

/** What is wrong with a bucket's name; undefined: nothing. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function bucketNameFault(name: string): string | undefined {
  if (name.length < 3 || name.length > 63) return 'has to have 3 to 63 characters';
  if (!/^[a-z0-9.-]+$/.test(name)) return 'may contain lower-case letters, digits, dots and hyphens only';
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return 'has to begin and end with a letter or digit';
  if (name.includes('..')) return 'may not contain two dots in a row';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'may not look like an IP address';
  const prefix = reservedPrefixes.find((reserved) => name.startsWith(reserved));
  if (prefix !== undefined) return `may not begin with ${prefix}`;
  const suffix = reservedSuffixes.find((reserved) => name.endsWith(reserved));
  if (suffix !== undefined) return `may not end with ${suffix}`;
  return undefined;
}

export function assertBucketName(name: string): void {
  const fault = bucketNameFault(name);
  if (fault === undefined) return;
  throw new PlatformError('invalid_argument', `The specified bucket is not valid: the name '${name}' ${fault}.`, {
    field: 'Bucket',
    reason: 'InvalidBucketName',
    facts: { BucketName: name },
  });
}

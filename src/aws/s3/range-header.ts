import type { ByteRange } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';

/** A `Range` header of one range. What is not that is ignored, and the whole is answered. RFC 9110, section 14.2 */
export function parseRange(header: string | undefined): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return { kind: 'suffix', bytes: Number(last) };
  if (last === '') return { kind: 'from', first: Number(first) };
  return Number(first) <= Number(last) ? { kind: 'from', first: Number(first), last: Number(last) } : undefined;
}

/** x-amz-copy-source-range has both ends. https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export function parseCopyRange(header: string | undefined): ByteRange | undefined {
  if (header === undefined) return undefined;
  const range = parseRange(header);
  if (range?.kind === 'from' && range.last !== undefined) return range;
  throw new PlatformError(
    'invalid_argument',
    'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    {
      reason: 'InvalidArgument',
      field: 'CopySourceRange',
      facts: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header },
    },
  );
}

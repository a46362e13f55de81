import { PlatformError } from '../util/errors.ts';

/** Characters of a blob's key: with `/` written as another character it has to be one file name (255 bytes on Linux). */
const blobKeyCharactersMax = 240;

const part = /^[A-Za-z0-9._-]+$/;

/** Refuses what is not a key, so that no key can name anything outside the store's own folder. */
export function checkBlobKey(key: string): void {
  const isKey =
    key.length <= blobKeyCharactersMax &&
    key.split('/').every((name) => part.test(name) && name !== '.' && name !== '..');
  if (isKey) return;
  throw new PlatformError(
    'invalid_argument',
    `blob key '${key.slice(0, 300)}' is not accepted: parts of A-Z a-z 0-9 . _ - with / between them, none of them '.' or '..', ` +
      `at most ${blobKeyCharactersMax} characters`,
    { field: 'key' },
  );
}

/** The bytes of a blob of `bytes` bytes that `range` means, both inclusive, cut at its end. Undefined: none. */
export function boundsOf(
  bytes: number,
  range: { start: number; end: number } | undefined,
): { start: number; end: number } | undefined {
  const start = range?.start ?? 0;
  const end = Math.min(range?.end ?? Infinity, bytes - 1);
  if (!Number.isInteger(start) || start < 0 || Number.isNaN(end)) {
    throw new PlatformError(
      'invalid_argument',
      `range ${start}-${range?.end} is not accepted: whole numbers, 0 or more`,
      {
        field: 'range',
      },
    );
  }
  return start <= end ? { start, end } : undefined;
}

import { PlatformError } from '../../util/errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const keyBytesMax = 1024;

export function assertObjectKey(key: string): void {
  if (key === '' || !key.isWellFormed()) {
    throw new PlatformError('invalid_argument', 'The object key has to be text of 1 to 1024 bytes in UTF-8.', {
      field: 'Key',
      reason: 'InvalidArgument',
    });
  }
  const bytes = Buffer.byteLength(key);
  if (bytes > keyBytesMax) {
    throw new PlatformError('invalid_argument', 'Your key is too long', {
      field: 'Key',
      reason: 'KeyTooLongError',
      facts: { Size: String(bytes), MaxSizeAllowed: String(keyBytesMax) },
    });
  }
}

/**
 * The smallest text that comes after everything that starts with `prefix`, in the order of UTF-8's bytes (which is the
 * order of code points); undefined: there is none.
 */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point === 0x10ffff) continue;
    // Surrogates are not characters: the one after U+D7FF is U+E000.
    return points.join('') + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
}

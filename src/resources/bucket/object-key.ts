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

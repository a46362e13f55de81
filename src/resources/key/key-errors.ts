/** What the key engine refuses, by KMS's names. https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html */
import { PlatformError, type ErrorCode } from '../../util/errors.ts';

const refusal =
  (code: ErrorCode, reason: string) =>
  (message: string): PlatformError =>
    new PlatformError(code, message, { reason });

export const keyNotFound = refusal('not_found', 'NotFoundException');
export const disabledKey = refusal('conflict', 'DisabledException');
export const invalidState = refusal('conflict', 'KMSInvalidStateException');
export const invalidUsage = refusal('invalid_argument', 'InvalidKeyUsageException');
export const unsupportedKeyOperation = refusal('invalid_argument', 'UnsupportedOperationException');
export const keyLimit = refusal('conflict', 'LimitExceededException');
export const aliasTaken = refusal('already_exists', 'AlreadyExistsException');
export const invalidAlias = refusal('invalid_argument', 'InvalidAliasNameException');
export const incorrectKey = refusal('invalid_argument', 'IncorrectKeyException');
export const keyConflict = refusal('conflict', 'ConflictException');
export const keyValidation = refusal('invalid_argument', 'ValidationException');

/** Says no more than that it cannot be decrypted, as KMS does: neither why, nor with which key. */
export const invalidCiphertext = (cause?: unknown): PlatformError =>
  new PlatformError('invalid_argument', '', {
    reason: 'InvalidCiphertextException',
    ...(cause !== undefined && { cause }),
  });

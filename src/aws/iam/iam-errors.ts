/** https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and those of each operation's page */
import { PlatformError, type ErrorCode } from '../../util/errors.ts';

const named =
  (code: ErrorCode, reason: string) =>
  (message: string): PlatformError =>
    new PlatformError(code, message, { reason });

export const noSuchEntity = named('not_found', 'NoSuchEntity');
export const entityAlreadyExists = named('already_exists', 'EntityAlreadyExists');
export const deleteConflict = named('conflict', 'DeleteConflict');
export const limitExceeded = named('conflict', 'LimitExceeded');
export const malformedPolicy = named('invalid_argument', 'MalformedPolicyDocument');
export const invalidInput = named('invalid_argument', 'InvalidInput');
export const validationError = named('invalid_argument', 'ValidationError');
export const unmodifiable = named('invalid_argument', 'UnmodifiableEntity');

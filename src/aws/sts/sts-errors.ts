/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and those of each operation's page */
import { PlatformError } from '../../util/errors.ts';

export const validationError = (message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason: 'ValidationError' });

export const invalidParameter = (message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason: 'InvalidParameterValue' });

export const accessDenied = (message: string): PlatformError =>
  new PlatformError('permission_denied', message, { reason: 'AccessDenied' });

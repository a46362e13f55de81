import { PlatformError } from '../../../util/errors.ts';

export const validationException = (message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason: 'ValidationException' });

/** What is wrong with a table, in DynamoDB's words. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
import { PlatformError } from '../../util/errors.ts';

/** An operation on items, of a table that there is not. */
export const noTable = (): PlatformError =>
  new PlatformError('not_found', 'Requested resource not found', { reason: 'ResourceNotFoundException' });

/** An operation on the table itself. */
export const noTableNamed = (name: string): PlatformError =>
  new PlatformError('not_found', `Requested resource not found: Table: ${name} not found`, {
    reason: 'ResourceNotFoundException',
    field: 'TableName',
  });

export const tableInUse = (message: string): PlatformError =>
  new PlatformError('already_exists', message, { reason: 'ResourceInUseException' });

export const invalidTable = (message: string, field?: string): PlatformError =>
  new PlatformError('invalid_argument', message, {
    reason: 'ValidationException',
    ...(field === undefined ? {} : { field }),
  });

export const tooManyTables = (message: string): PlatformError =>
  new PlatformError('throttled', message, { reason: 'LimitExceededException' });

/** Its key of KMS was disabled, deleted or denied. */
export const inaccessibleKey = (why?: unknown): PlatformError =>
  new PlatformError(
    'permission_denied',
    `The key that the table is encrypted with cannot be used${why instanceof Error ? `: ${why.message}` : ''}`,
    { reason: 'AccessDeniedException', cause: why },
  );

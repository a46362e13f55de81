/** Lambda's errors that more than one operation gives, in its words. The wire adds `Type`. */
import { PlatformError } from '../../util/errors.ts';

/** A value that the model's constraints let pass and Lambda does not. */
export function invalidParameterValue(
  message: string,
  details: { field?: string; cause?: unknown } = {},
): PlatformError {
  return new PlatformError('invalid_argument', message, { ...details, reason: 'InvalidParameterValueException' });
}

/** For what there is none of. */
export function resourceNotFound(message: string): PlatformError {
  return new PlatformError('not_found', message, { reason: 'ResourceNotFoundException' });
}

/** `arn`: with the qualifier, if one was asked for. */
export function functionNotFound(arn: string): PlatformError {
  return resourceNotFound(`Function not found: ${arn}`);
}

/** The name is taken, or the state does not allow it. */
export function resourceConflict(message: string): PlatformError {
  return new PlatformError('conflict', message, { reason: 'ResourceConflictException' });
}

/** A caller's RevisionId is not the present one. */
function revisionMismatch(): PlatformError {
  return new PlatformError(
    'precondition_failed',
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    { reason: 'PreconditionFailedException' },
  );
}

/** Throws where a caller names a revision that is not the present one. */
export function checkRevision(wanted: string | undefined, present: string): void {
  if (wanted !== undefined && wanted !== present) throw revisionMismatch();
}

/** Something that Lambda has and this platform does not: never ignored, always named. */
export function notHere(member: string, why: string): PlatformError {
  return invalidParameterValue(`${member} is not available here: ${why}`, { field: member });
}

/** A body over the operation's limit. */
export function requestTooLarge(bytesMax: number, operation: string): PlatformError {
  return new PlatformError(
    'too_large',
    `Request must be smaller than ${bytesMax} bytes for the ${operation} operation`,
    { reason: 'RequestEntityTooLargeException' },
  );
}

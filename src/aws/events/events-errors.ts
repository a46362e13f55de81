/** EventBridge's errors that more than one operation gives, in its words. */
import { parseEventPattern, type EventPattern } from '../../resources/event-pattern.ts';
import { PlatformError, messageOf } from '../../util/errors.ts';

export const invalid = (message: string, field?: string): PlatformError =>
  new PlatformError('invalid_argument', message, {
    reason: 'ValidationException',
    ...(field === undefined ? {} : { field }),
  });

export const invalidParameter = (parameter: string, why: string): PlatformError =>
  invalid(`Parameter ${parameter} is not valid. Reason: ${why}`, parameter);

/** What EventBridge has and this platform does not: never passed over, always named. */
export const notHere = (what: string, why: string): PlatformError =>
  invalid(`${what} is not available here: ${why}.`, what);

/** Throws InvalidEventPatternException. */
export function checkPattern(pattern: string): EventPattern {
  try {
    return parseEventPattern(pattern);
  } catch (error) {
    const why = messageOf(error);
    throw new PlatformError('invalid_argument', `Event pattern is not valid. Reason: ${why}`, {
      reason: 'InvalidEventPatternException',
      field: 'EventPattern',
      cause: error,
    });
  }
}

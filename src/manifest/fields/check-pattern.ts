import { parseEventPattern } from '../../resources/event-pattern.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Found } from '../found.ts';
import type { Report } from '../shape/shape.ts';

/** Whether a text is an event pattern; complains at `found` where it is none. */
export function isEventPattern(text: string, found: Found, report: Report): boolean {
  try {
    parseEventPattern(text);
    return true;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    report(found, error.message);
    return false;
  }
}

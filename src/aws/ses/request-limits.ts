/** How large a request may be: a mail in base64, as a form writes it, and room for the rest. */
import { mailLimits } from '../../resources/mail.ts';
import { PlatformError } from '../../util/errors.ts';
import type { DocumentLimit } from '../service.ts';

/** A form has three characters for each plus and slash, of which base64 may consist. */
const bytesMax = mailLimits.bytesMax * 4 + 1024 * 1024;

const limit: DocumentLimit = {
  bytesMax,
  refusal: () =>
    new PlatformError('too_large', `A mail has at most ${mailLimits.bytesMax} bytes.`, { reason: 'MessageRejected' }),
};

/** In the first API the operation stands in the form itself, so that all of them may have as much. */
export const firstRequestLimit = (): DocumentLimit => limit;

export const secondRequestLimit = (operation: string | undefined): DocumentLimit | undefined =>
  operation === 'SendEmail' ? limit : undefined;

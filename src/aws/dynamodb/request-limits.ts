/** How large a request may be: what DynamoDB says of batches and of transactions is more than other documents have. */
import { PlatformError } from '../../util/errors.ts';
import type { DocumentLimit } from '../service.ts';

/** Of one request. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const bytesMax = 16 * 1024 * 1024;

const limit: DocumentLimit = {
  bytesMax,
  refusal: () =>
    new PlatformError('too_large', `A request may have ${bytesMax} bytes.`, { reason: 'RequestEntityTooLarge' }),
};

const large: ReadonlySet<string | undefined> = new Set(['BatchWriteItem', 'TransactWriteItems']);

export const requestLimit = (operation: string | undefined): DocumentLimit | undefined =>
  large.has(operation) ? limit : undefined;

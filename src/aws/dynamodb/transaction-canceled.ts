/** A transaction that came to nothing, and what of it was why. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
import type { Item } from '../../resources/table/attribute-value.ts';
import { PlatformError } from '../../util/errors.ts';

export type CancellationReason = { Code: string; Message?: string; Item?: Item };

/** `whys`: of each item of the transaction; undefined: nothing speaks against that one. */
export function transactionCanceled(whys: readonly (PlatformError | undefined)[]): PlatformError {
  const reasons = whys.map(reasonOf);
  return new PlatformError(
    'precondition_failed',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    { reason: 'TransactionCanceledException', members: { CancellationReasons: reasons } },
  );
}

const codes: Readonly<Record<string, string>> = {
  ConditionalCheckFailedException: 'ConditionalCheckFailed',
  DuplicateItemException: 'DuplicateItem',
  TransactionConflictException: 'TransactionConflict',
  ItemCollectionSizeLimitExceededException: 'ItemCollectionSizeLimitExceeded',
  ValidationException: 'ValidationError',
};

function reasonOf(why: PlatformError | undefined): CancellationReason {
  if (why === undefined) return { Code: 'None' };
  const item = why.members['Item'];
  return {
    Code: codes[why.reason ?? ''] ?? 'ValidationError',
    Message: why.message,
    ...(item !== undefined && { Item: item as Item }),
  };
}

/** What `work` comes to, or the ValidationException that it threw. */
export function attempted<Result>(work: () => Result): { result: Result } | { why: PlatformError } {
  try {
    return { result: work() };
  } catch (error) {
    if (error instanceof PlatformError && error.reason === 'ValidationException') return { why: error };
    throw error;
  }
}

/** What the batch operations share: their rules about entries, and an answer that says for each what became of it. */
import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { PlatformError } from '../../util/errors.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const entriesMax = 10;

export type BatchEntry = { Id: string | undefined };

/** Throws what SQS answers to the batch as a whole. */
export function checkEntries<Entry extends BatchEntry>(
  entries: readonly Entry[] | undefined,
): readonly (Entry & { Id: string })[] {
  if (entries === undefined || entries.length === 0) {
    throw refusal('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > entriesMax) {
    throw refusal(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${entriesMax}. You have sent ${entries.length}.`,
    );
  }
  const seen = new Set<string>();
  return entries.map((entry) => {
    const id = entry.Id ?? '';
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) {
      throw refusal(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (seen.has(id)) throw refusal('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
    seen.add(id);
    return { ...entry, Id: id };
  });
}

/** Each entry by itself, all at once, so that the disk is waited for once: one that is refused does not hold up the others. */
export async function forEachEntry<Entry extends { Id: string }, Result>(
  entries: readonly Entry[],
  act: (entry: Entry) => Promise<Result> | Result,
): Promise<{ Successful: { entry: Entry; result: Result }[]; Failed: BatchResultErrorEntry[] }> {
  const Successful: { entry: Entry; result: Result }[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  const outcomes = await Promise.allSettled(entries.map(async (entry) => ({ entry, result: await act(entry) })));
  for (const [at, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') Successful.push(outcome.value);
    else Failed.push(failureOf(entries[at]?.Id, outcome.reason));
  }
  return { Successful, Failed };
}

/** Throws what is no refusal. */
function failureOf(Id: string | undefined, error: unknown): BatchResultErrorEntry {
  if (!(error instanceof PlatformError)) throw error;
  return {
    Id,
    SenderFault: error.fault === 'caller',
    Code: error.reason ?? error.code,
    Message: error.message,
  };
}

function refusal(reason: string, message: string): PlatformError {
  return new PlatformError('invalid_argument', message, { field: 'Entries', reason });
}

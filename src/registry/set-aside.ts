/** What of the account's concurrency belongs to one function. https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html */
import { limits } from '../util/limits.ts';
import type { FunctionRecord } from './function.ts';

/** Environments that one function may have kept ready, at most: the others keep what they need. */
export const provisionedMax = limits.accountConcurrencyMax - limits.unreservedConcurrencyMin;

/** Environments that are to be ready, over all of the function's versions and aliases. */
export function provisionedTotal({ extras }: Pick<FunctionRecord, 'extras'>): number {
  let total = 0;
  for (const { count } of Object.values(extras.provisioned)) total += count;
  return total;
}

/** Invocations at once that nobody else can take from it: its reservation, or else what is kept ready for it. */
export function setAside(record: Pick<FunctionRecord, 'extras'>): number {
  return record.extras.reservedConcurrency ?? provisionedTotal(record);
}

/** What the account has left for the functions that nothing is set aside for. */
export function unreserved(records: readonly Pick<FunctionRecord, 'extras'>[], accountMax: number): number {
  return records.reduce((left, record) => left - setAside(record), accountMax);
}

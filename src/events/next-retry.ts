/**
 * What becomes of an event after an attempt: decisions only, no I/O.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export type RetryPolicy = {
  /** Attempts in all, from 1. */
  attemptsMax: number;
  eventAgeMaxMs: number;
  /** Wait before the second attempt, the third and so on; the last one repeats. At least one. */
  retryDelaysMs: readonly number[];
};

/** Lambda's: one minute before the second attempt, two before the third. */
export const lambdaRetryDelaysMs: readonly number[] = Object.freeze([60_000, 120_000]);

/** Lambda's words in the record of an event that it gave up. */
export type GiveUpCondition = 'RetriesExhausted' | 'EventAgeExceeded';

export type NextStep = { kind: 'retry'; delayMs: number } | { kind: 'give_up'; condition: GiveUpCondition };

/** After an attempt that failed. `attempts`: how many there were, this one included. An event that would be too old by its next attempt is given up now. */
export function nextRetry(
  policy: RetryPolicy,
  event: { attempts: number; acceptedMs: number },
  nowMs: number,
): NextStep {
  if (event.attempts >= policy.attemptsMax) return { kind: 'give_up', condition: 'RetriesExhausted' };
  const at = Math.min(event.attempts, policy.retryDelaysMs.length) - 1;
  const delayMs = policy.retryDelaysMs[at] ?? 0;
  if (isTooOld(policy, event, nowMs + delayMs)) return { kind: 'give_up', condition: 'EventAgeExceeded' };
  return { kind: 'retry', delayMs };
}

/** Before an attempt: whether the event has waited too long for one. */
export function isTooOld(
  policy: Pick<RetryPolicy, 'eventAgeMaxMs'>,
  event: { acceptedMs: number },
  nowMs: number,
): boolean {
  return nowMs - event.acceptedMs > policy.eventAgeMaxMs;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isTooOld, lambdaRetryDelaysMs, nextRetry, type RetryPolicy } from './next-retry.ts';

const policy: fc.Arbitrary<RetryPolicy> = fc.record({
  attemptsMax: fc.integer({ min: 1, max: 20 }),
  eventAgeMaxMs: fc.integer({ min: 0, max: 21_600_000 }),
  retryDelaysMs: fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: 1, maxLength: 5 }),
});

test("Lambda's three attempts wait one minute and then two, and then the event is given up", () => {
  const lambda = { attemptsMax: 3, eventAgeMaxMs: 21_600_000, retryDelaysMs: lambdaRetryDelaysMs };
  assert.deepEqual(nextRetry(lambda, { attempts: 1, acceptedMs: 0 }, 10), { kind: 'retry', delayMs: 60_000 });
  assert.deepEqual(nextRetry(lambda, { attempts: 2, acceptedMs: 0 }, 10), { kind: 'retry', delayMs: 120_000 });
  assert.deepEqual(nextRetry(lambda, { attempts: 3, acceptedMs: 0 }, 10), {
    kind: 'give_up',
    condition: 'RetriesExhausted',
  });
});

test('an event is never retried after its attempts or its age are used up, and always before', () => {
  fc.assert(
    fc.property(
      policy,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 0, max: 22_000_000 }),
      (one, attempts, ageMs) => {
        const event = { attempts, acceptedMs: 1_000 };
        const step = nextRetry(one, event, 1_000 + ageMs);
        if (step.kind === 'retry') {
          assert(attempts < one.attemptsMax);
          assert(one.retryDelaysMs.includes(step.delayMs));
          assert(!isTooOld(one, event, 1_000 + ageMs + step.delayMs));
        } else if (step.condition === 'RetriesExhausted') {
          assert(attempts >= one.attemptsMax);
        } else {
          assert(attempts < one.attemptsMax);
          assert(isTooOld(one, event, 1_000 + ageMs + Math.max(...one.retryDelaysMs)));
        }
      },
    ),
  );
});

test('an event that only fails ends after exactly the attempts allowed', () => {
  fc.assert(
    fc.property(policy, (one) => {
      const patient = { ...one, eventAgeMaxMs: Number.MAX_SAFE_INTEGER };
      let attempts = 1;
      while (nextRetry(patient, { attempts, acceptedMs: 0 }, 0).kind === 'retry') attempts += 1;
      assert.equal(attempts, one.attemptsMax);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planOf } from './plans.ts';
import { addKept, addUsage, decimal, decimalText, emptyUsage, mbMsPerGbSecond, price, trillionths } from './price.ts';
import type { FunctionUsage, Plan } from './price.ts';
import type { UsageRow } from './usage-row.ts';

const standard = planOf('standard');
const legacy = planOf('legacy');

const usage = (functionName: string, requests: bigint, mbMs: bigint): FunctionUsage => ({
  ...emptyUsage(functionName),
  requests,
  mbMs,
});

function row(billedMs: number, memoryMb: number): UsageRow {
  return {
    requestId: 'r',
    attempt: 1,
    timeMs: 0,
    functionName: 'f',
    version: '1',
    source: 'api',
    status: 'ok',
    start: 'warm',
    memoryMb,
    handlerUs: billedMs * 1_000,
    initUs: 0,
    billedMs,
    requestBytes: 0,
    responseBytes: 0,
  };
}

const total = (plan: Plan, ...usages: FunctionUsage[]): string => decimalText(price(usages, plan).totalTrillionths);

test('within the free tier the total is nothing, exactly', () => {
  assert.equal(total(standard), '0.00');
  assert.equal(total(standard, usage('f', 1_000_000n, 400_000n * mbMsPerGbSecond)), '0.00');
  assert.equal(total(standard, usage('f', 600_000n, 0n), usage('g', 400_000n, 1n)), '0.00');
});

test('exactly one request, or one MB-ms, over the free tier', () => {
  assert.equal(total(standard, usage('f', 1_000_001n, 0n)), '0.0000002');
  assert.equal(total(standard, usage('f', 600_000n, 0n), usage('g', 400_001n, 0n)), '0.0000002');
  assert.equal(total(standard, usage('f', 0n, 400_000n * mbMsPerGbSecond + 1n)), '0.000000000016');
  assert.equal(total(standard, usage('f', 0n, 400_001n * mbMsPerGbSecond)), '0.0000166667');
});

test("AWS's published example: three million requests of 120 ms with 1,536 MB cost 2.33 dollars for time and 0.40 for requests", () => {
  // https://aws.amazon.com/lambda/pricing/: 540,000 GB-s, of which 140,000 are charged.
  const priced = price([usage('f', 3_000_000n, 3_000_000n * 120n * 1_536n)], standard);
  assert.equal(decimalText(priced.totalTrillionths), '2.733338');
  assert.equal(priced.free.mbMs, 400_000n * mbMsPerGbSecond);
});

test('512 MB for 2 s, ten times, are exactly 10 GB-s', () => {
  let sum = emptyUsage('f');
  for (let count = 0; count < 10; count++) sum = addUsage(sum, row(2_000, 512), standard);
  assert.equal(sum.mbMs, 10n * mbMsPerGbSecond);
  assert.equal(sum.requests, 10n);
});

test("AWS's prices for provisioned concurrency: what is kept, what runs in it, and nothing of either is free", () => {
  const ran = { ...row(1_000, 1_024), provisioned: true as const };
  const once = addUsage(emptyUsage('f'), ran, standard);
  assert.equal(total(standard, once), '0.0000099222', 'a GB-second at its own price, and a request');
  const kept = addKept(emptyUsage('f'), {
    functionName: 'f',
    version: '1',
    timeMs: 0,
    slotMs: 300_000,
    memoryMb: 1_024,
    count: 100,
  });
  assert.equal(kept.keptMbMs, 30_000n * mbMsPerGbSecond);
  assert.equal(total(standard, kept), '0.125001');
  const priced = price([addUsage(kept, row(1_000, 1_024), standard)], standard);
  assert.deepEqual([priced.free.requests, priced.free.mbMs], [1n, mbMsPerGbSecond]);
});

test('the legacy plan counts started tenths of a second', () => {
  assert.equal(addUsage(emptyUsage('f'), row(8, 128), standard).billedMs, 8n);
  assert.equal(addUsage(emptyUsage('f'), row(8, 128), legacy).billedMs, 100n);
  assert.equal(addUsage(emptyUsage('f'), row(100, 128), legacy).billedMs, 100n);
  assert.equal(addUsage(emptyUsage('f'), row(101, 128), legacy).billedMs, 200n);
});

test('lines add up to the total, which depends on the sums alone, and never goes down with more usage', () => {
  const requests = fc.bigInt(0n, 3_000_000n);
  const time = fc.bigInt(0n, 10n ** 15n);
  const some = fc.array(fc.tuple(requests, time, requests, time, time), { maxLength: 8 });
  fc.assert(
    fc.property(some, some, (first, second) => {
      const usages = (of: typeof first): FunctionUsage[] =>
        of.map(([onDemand, onDemandMbMs, provisionedRequests, provisionedMbMs, keptMbMs], index) => ({
          ...usage(`f${index}`, onDemand + provisionedRequests, onDemandMbMs + provisionedMbMs),
          provisionedRequests,
          provisionedMbMs,
          keptMbMs,
        }));
      const priced = price(usages(first), standard);
      const lines = priced.functions.reduce((sum, line) => sum + line.amountTrillionths + line.keptTrillionths, 0n);
      assert.equal(lines + priced.free.requestsTrillionths + priced.free.durationTrillionths, priced.totalTrillionths);
      assert.ok(priced.totalTrillionths >= 0n);
      const sums = first.reduce<(typeof first)[number]>(
        (sum, one) => [sum[0] + one[0], sum[1] + one[1], sum[2] + one[2], sum[3] + one[3], sum[4] + one[4]],
        [0n, 0n, 0n, 0n, 0n],
      );
      assert.equal(price(usages([sums]), standard).totalTrillionths, priced.totalTrillionths);
      assert.ok(price(usages([...first, ...second]), standard).totalTrillionths >= priced.totalTrillionths);
    }),
  );
});

test('decimals are read and written exactly', () => {
  assert.equal(trillionths('0.0000166667'), 16_666_700n);
  assert.equal(trillionths('3'), 3_000_000_000_000n);
  assert.throws(() => trillionths('1e-3'), /not a price/);
  assert.throws(() => trillionths('0.0000000000001'), /at most 12/);
  assert.equal(decimalText(0n), '0.00');
  assert.equal(decimalText(-200_000_000_000n), '-0.20');
  assert.equal(decimalText(1_000_000_000_001n), '1.000000000001');
  assert.equal(decimal(1n, 13, 6), '0.0000000000001');
  fc.assert(fc.property(fc.bigInt(0n, 10n ** 20n), (amount) => assert.equal(trillionths(decimalText(amount)), amount)));
});

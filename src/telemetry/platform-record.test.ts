import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initStartRecord, platformJson, reportRecord, type Report } from './platform-record.ts';

const report: Report = {
  requestId: 'r-1',
  status: 'success',
  durationMs: 4.6301,
  billedDurationMs: 5,
  memoryMb: 128,
  memoryBytesMax: 40_000_000,
  initDurationMs: 45,
};
const metrics = { durationMs: 4.63, billedDurationMs: 5, memorySizeMB: 128, maxMemoryUsedMB: 39 };

test("a report has the members of Lambda's schema, and a log's one more that is ours", () => {
  const lambdas = { requestId: 'r-1', metrics: { ...metrics, initDurationMs: 45 }, status: 'success' };
  assert.deepEqual(reportRecord(report).record, lambdas);
  const phases = { queueUs: 120.4, placeUs: 2, provisionUs: 30_000, initUs: 15_000, handlerUs: 4_630.1, replyUs: 50 };
  const started = { start: 'cold', reason: { kind: 'idle', endedMs: 7 }, phases } as const;
  const { record } = reportRecord({ ...report, started });
  assert.deepEqual(record, {
    ...lambdas,
    mayfly: { ...started, phases: { ...phases, queueUs: 120, handlerUs: 4_630 } },
  });
  assert.equal(
    platformJson({ type: 'platform.report', record: { a: 1 } }, 0),
    '{"time":"1970-01-01T00:00:00.000Z","type":"platform.report","record":{"a":1}}',
  );
});

test('what was made from a template was restored, and not initialised', () => {
  const { record } = reportRecord({ ...report, initDurationMs: undefined, restoreDurationMs: 3.5 });
  assert.deepEqual(record['metrics'], { ...metrics, restoreDurationMs: 3.5, billedRestoreDurationMs: 0 });
});

test('an initialisation says for what it was done', () => {
  const { record } = initStartRecord('provisioned-concurrency', { name: 'hello', version: '1', runtime: 'python' });
  assert.equal(record['initializationType'], 'provisioned-concurrency');
});

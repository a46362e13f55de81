import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure } from '../sandbox/sandbox.ts';
import type { RequestId } from '../util/ids.ts';
import type { InvocationSettled } from '../telemetry/telemetry.ts';
import { functionError, initReportLine, reportLine } from './failure.ts';

const exit = (code: number | undefined, signal?: string): Failure => ({ status: 'exit', code, signal });
const failures: [failure: Failure, errorType: string, message: string][] = [
  [{ status: 'timeout' }, 'Sandbox.Timedout', 'Task timed out after 3.00 seconds'],
  [{ status: 'out_of_memory' }, 'Runtime.OutOfMemory', 'Runtime exited with error: signal: killed'],
  [exit(1), 'Runtime.ExitError', 'Runtime exited with error: exit status 1'],
  [exit(255), 'Runtime.ExitError', 'Runtime exited with error: exit status 255'],
  [exit(0), 'Runtime.ExitError', 'Runtime exited without providing a reason'],
  [exit(undefined), 'Runtime.ExitError', 'Runtime exited without providing a reason'],
  [exit(undefined, 'SIGKILL'), 'Runtime.ExitError', 'Runtime exited with error: signal: killed'],
  [exit(undefined, 'SIGSEGV'), 'Runtime.ExitError', 'Runtime exited with error: signal: segmentation fault'],
  [exit(undefined, 'SIGABRT'), 'Runtime.ExitError', 'Runtime exited with error: signal: aborted'],
  [exit(undefined, 'SIGTERM'), 'Runtime.ExitError', 'Runtime exited with error: signal: terminated'],
  [
    { status: 'error', error: { errorType: 'Runtime.InvalidEntrypoint', errorMessage: 'no bootstrap' } },
    'Runtime.InvalidEntrypoint',
    'no bootstrap',
  ],
];
for (const [failure, errorType, message] of failures) {
  test(`${JSON.stringify(failure)} is ${errorType}: ${message}`, () => {
    assert.deepEqual(functionError(failure, 'r-1' as RequestId, 3_000), {
      errorType,
      errorMessage: `RequestId: r-1 Error: ${message}`,
    });
  });
}

test('what the function reports stays as it is', () => {
  const error = { errorType: 'Runtime.ImportModuleError', errorMessage: 'no', stackTrace: ['a'] };
  assert.equal(functionError({ status: 'error', error }, 'r-1' as RequestId, 3_000), error);
});

test('times have two digits behind the point, and a time-out has no error type', () => {
  assert.equal(
    initReportLine({ phase: 'init', initUs: 9_999_120, failure: { status: 'timeout' } }),
    'INIT_REPORT Init Duration: 9999.12 ms\tPhase: init\tStatus: timeout',
  );
  assert.equal(
    initReportLine({ phase: 'invoke', initUs: 1_000, failure: exit(1) }),
    'INIT_REPORT Init Duration: 1.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError',
  );
});

test("a REPORT line has Lambda's fields in Lambda's order, and ours after them", () => {
  const settled = {
    requestId: 'r-1' as RequestId,
    phases: { queueUs: 120, placeUs: 2, provisionUs: 30_000, initUs: 15_000, handlerUs: 4_630, replyUs: 50 },
    billedMs: 5,
    memoryMb: 128,
    memoryBytesMax: 40_000_000,
    status: 'ok',
    start: 'cold',
    startReason: { kind: 'idle', endedMs: 1 },
  } as unknown as InvocationSettled;
  const lambdas =
    'REPORT RequestId: r-1\tDuration: 4.63 ms\tBilled Duration: 5 ms\tMemory Size: 128 MB\tMax Memory Used: 39 MB';
  const phases = 'Queue: 0.12 ms\tProvision: 30.00 ms\tInit: 15.00 ms\tReply: 0.05 ms';
  assert.equal(reportLine(settled), `${lambdas}\tInit Duration: 45.00 ms\tStart: cold\tReason: idle\t${phases}`);
  assert.equal(
    reportLine({ ...settled, start: 'template' }),
    `${lambdas}\tRestore Duration: 45.00 ms\tBilled Restore Duration: 0 ms\tStart: template\tReason: idle\t${phases}`,
  );
  const { startReason: _none, ...warm } = { ...settled, start: 'warm' as const };
  const noPhases = { queueUs: 0, placeUs: 0, provisionUs: 0, initUs: 0, handlerUs: 4_630, replyUs: 0 };
  assert.equal(reportLine({ ...warm, phases: noPhases }), `${lambdas}\tStart: warm`);
});

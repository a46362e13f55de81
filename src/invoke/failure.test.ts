import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure } from '../sandbox/sandbox.ts';
import type { RequestId } from '../util/ids.ts';
import { functionError, initReportLine } from './failure.ts';

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

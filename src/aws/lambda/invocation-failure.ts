import type { InvocationResult } from '../../invoke/invoke.ts';
import { variableUnavailable } from '../../runners/environment-starts.ts';
import { never } from '../../util/assert.ts';
import { PlatformError } from '../../util/errors.ts';
import { environmentFailure } from './environment-key.ts';
import { existingVersion, type FunctionReference } from './function-reference.ts';
import { functionNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { versionState } from './version-states.ts';

type NotRun = Exclude<InvocationResult, { status: 'ok' | 'function_error' }>;

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
const throttleReasons = {
  function: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  account: 'ConcurrentInvocationLimitExceeded',
} as const satisfies Record<Exclude<Extract<NotRun, { status: 'throttled' }>['reason'], 'queue'>, string>;

/** An invocation that did not run, as Lambda's API says it. */
export async function invocationFailure(
  result: NotRun,
  reference: FunctionReference,
  parts: Pick<LambdaParts, 'registry' | 'runtimes'>,
): Promise<PlatformError> {
  switch (result.status) {
    case 'not_found':
      return functionNotFound(reference.qualifiedArn);
    case 'throttled':
      // This machine is what is short, and no limit of theirs. Lambda's clients try 503 again as they do 429.
      if (result.reason === 'queue') {
        return new PlatformError('unavailable', 'The service is at its capacity. Please try again.', {
          reason: 'ServiceUnavailableException',
          retryAfterMs: result.retryAfterMs,
        });
      }
      return new PlatformError('throttled', 'Rate Exceeded.', {
        reason: 'TooManyRequestsException',
        retryAfterMs: result.retryAfterMs,
        facts: {
          Reason: throttleReasons[result.reason],
          retryAfterSeconds: String(Math.max(1, Math.ceil(result.retryAfterMs / 1_000))),
        },
      });
    case 'recursion':
      return new PlatformError(
        'invalid_argument',
        `Lambda has detected your function being invoked in a recursive loop and stopped it: ${result.message}`,
        { reason: 'RecursiveInvocationException' },
      );
    case 'unavailable': {
      const { version } = await existingVersion(parts.registry, reference);
      const state = await versionState(parts, version);
      const [reason, message] =
        state.status === 'failed' && state.code === 'InvalidRuntime'
          ? ['InvalidRuntimeException', state.reason]
          : ['ServiceException', `The function could not be run: ${result.message}`];
      return new PlatformError('unavailable', message, { reason });
    }
    default:
      return never(result);
  }
}

/** Throws what Lambda says of a function whose variables are under a key that it may not use, or nobody can now. */
export async function requireVariables(
  result: InvocationResult,
  reference: FunctionReference,
  parts: Pick<LambdaParts, 'registry' | 'environmentKeys'>,
): Promise<void> {
  if (result.status !== 'function_error' || result.error.errorType !== variableUnavailable) return;
  const { version } = await existingVersion(parts.registry, reference);
  const failure = await environmentFailure(parts, version);
  if (failure !== undefined) throw failure;
}

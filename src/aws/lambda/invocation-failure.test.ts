import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolvedFunction, testAccount } from '../../../test/fakes/resolved.ts';
import type { InvocationResult } from '../../invoke/invoke.ts';
import type { OpenRegistry } from '../../registry/open-registry.ts';
import { functionArn } from '../../util/ids.ts';
import { lambdaModel } from '../model/lambda.ts';
import { failureOf } from '../protocol/failure.ts';
import { linkModel } from '../protocol/shape.ts';
import { invocationFailure } from './invocation-failure.ts';

const model = linkModel(lambdaModel);
const hello = resolvedFunction('hello');
const arn = functionArn('us-east-1', testAccount, 'hello');
const reference = { account: testAccount, name: 'hello', qualifier: 'prod', arn, qualifiedArn: `${arn}:prod` };

/** Status, name, message and facts, as they go out. */
async function wire(
  result: Parameters<typeof invocationFailure>[0],
  missing?: string,
): Promise<[status: number, code: string, message: string, facts: Readonly<Record<string, string>>]> {
  const registry: Partial<OpenRegistry> = {
    get: () => hello.function,
    version: () => Promise.resolve(hello.version),
    hasBundle: () => Promise.resolve(true),
  };
  const error = await invocationFailure(result, reference, {
    registry: registry as OpenRegistry,
    runtimes: () => Promise.resolve([{ name: 'nodejs26.x', ...(missing === undefined ? {} : { missing }) }]),
  });
  const { status, code, message, facts } = failureOf(error, model, 'json');
  return [status, code, message, facts];
}

test('throttles say what for, and when to come back', async () => {
  for (const [reason, said] of [
    ['function', 'ReservedFunctionConcurrentInvocationLimitExceeded'],
    ['account', 'ConcurrentInvocationLimitExceeded'],
  ] as const) {
    assert.deepEqual(await wire({ status: 'throttled', reason, retryAfterMs: 1_200 }), [
      429,
      'TooManyRequestsException',
      'Rate Exceeded.',
      { Reason: said, retryAfterSeconds: '2' },
    ]);
  }
});

test('where this machine has no more to give, it is no limit of the caller’s', async () => {
  const [status, code] = await wire({ status: 'throttled', reason: 'queue', retryAfterMs: 1_200 });
  assert.deepEqual([status, code], [503, 'ServiceUnavailableException']);
});

const others: [
  string,
  Exclude<InvocationResult, { status: 'ok' | 'function_error' }>,
  string | undefined,
  number,
  string,
  RegExp,
][] = [
  [
    'a function that has gone',
    { status: 'not_found', message: '' },
    undefined,
    404,
    'ResourceNotFoundException',
    /^Function not found: .*:hello:prod$/,
  ],
  [
    'a loop',
    { status: 'recursion', hops: 16, message: 'again' },
    undefined,
    400,
    'RecursiveInvocationException',
    /recursive loop .*again$/,
  ],
  [
    'a runtime that has gone',
    { status: 'unavailable', message: 'no' },
    'removed',
    502,
    'InvalidRuntimeException',
    /cannot run nodejs26.x: removed$/,
  ],
  [
    'a platform that stops',
    { status: 'unavailable', message: 'shutting down' },
    undefined,
    500,
    'ServiceException',
    /shutting down$/,
  ],
];
for (const [what, result, missing, status, code, message] of others) {
  test(`${what} has Lambda's name and status`, async () => {
    const [gotStatus, gotCode, gotMessage] = await wire(result, missing);
    assert.deepEqual([gotStatus, gotCode], [status, code]);
    assert.match(gotMessage, message);
  });
}

/** Functions that fail in every way that functions do: the caller is told what AWS tells, and the platform goes on. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { failingInvocations, failingStarts, type FailingFunction } from './harness/failing-functions.ts';
import { echo, openLambdaRig, runtime, type LambdaRig } from './harness/lambda-rig.ts';

/** Whatever a test sends it; `answer` of Python is what the code leaves there. */
const does = {
  node: {
    'index.mjs': `const AsyncFunction = (async () => {}).constructor;
export const handler = async ({ code }) => new AsyncFunction(code)();
`,
  },
  python: {
    'index.py': `import ctypes, os, sys
def handler(event, context):
    space = {"os": os, "sys": sys, "ctypes": ctypes}
    exec(event["code"], space)
    return space.get("answer")
`,
  },
} as const;

/** Far over what a start takes on a busy machine. */
const defaultTimeoutS = 15;

let rig: LambdaRig;
before(async () => {
  rig = await openLambdaRig();
  await rig.make('healthy', echo);
});
after(() => rig[Symbol.asyncDispose]());

const settingsOf = ({ runtime: language, timeoutS, memoryMb, handler }: FailingFunction) => ({
  Runtime: language === 'node' ? runtime : ('python3.11' as const),
  Timeout: timeoutS ?? defaultTimeoutS,
  MemorySize: memoryMb ?? 256,
  Handler: handler ?? 'index.handler',
});

type Told = { errorType?: string; errorMessage?: string };

const matches = (expected: string | RegExp, told: string | undefined): boolean =>
  typeof expected === 'string' ? told === expected : expected.test(told ?? '');

function assertTold(told: Told, { errorType, errorMessage }: FailingFunction): void {
  assert.ok(matches(errorType, told.errorType), `${JSON.stringify(told)} is not ${String(errorType)}`);
  assert.ok(matches(errorMessage, told.errorMessage), `${JSON.stringify(told)} is not ${String(errorMessage)}`);
}

async function failure(name: string, event: unknown): Promise<Told> {
  const { status, functionError, payload } = await rig.ask(name, event);
  assert.deepEqual([status, functionError], [200, 'Unhandled'], JSON.stringify(payload));
  return payload as Told;
}

describe('an invocation that ends in', () => {
  failingInvocations.forEach((failing, index) => {
    test(`${failing.what} (${failing.runtime})`, async () => {
      const name = `fails-${index}`;
      await rig.make(name, does[failing.runtime], settingsOf(failing));
      const working = failing.runtime === 'node' ? 'return 1' : 'answer = 1';
      assertTold(await failure(name, { code: failing.does }), failing);
      // The function itself goes on, and so do the others.
      assert.deepEqual((await rig.ask(name, { code: working })).payload, 1);
      assert.deepEqual((await rig.ask('healthy', 1)).payload, { hello: 1 });
      await rig.lambda.send(new DeleteFunctionCommand({ FunctionName: name }));
    });
  });
});

describe('a start that ends in', { concurrency: 2 }, () => {
  failingStarts.forEach((failing, index) => {
    test(`${failing.what} (${failing.runtime})`, async () => {
      const name = `starts-${index}`;
      await rig.make(name, failing.files ?? {}, settingsOf(failing));
      assertTold(await failure(name, {}), failing);
      assert.deepEqual((await rig.ask('healthy', 1)).payload, { hello: 1 });
    });
  });
});

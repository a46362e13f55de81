/** Invocations that extensions go on with after the answer: for whom they are over, and when they are settled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox } from '../../test/fakes/fake-sandbox.ts';
import { openRunners } from '../../test/fakes/runners.ts';
import { fixedRegistry, resolvedFunction, testAccount } from '../../test/fakes/resolved.ts';
import type { InvokeOutcome } from '../sandbox/sandbox.ts';
import { Telemetry, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { newCause } from '../util/cause.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { RequestId } from '../util/ids.ts';
import { Admission } from './admit.ts';
import type { InvocationResult } from './invoke.ts';
import { OpenInvoker } from './open-invoker.ts';

/** Of an environment, to an event. */
type Answer = (event: Uint8Array) => Exclude<InvokeOutcome, { status: 'not_started' }>;

function open(answer: Answer = (payload) => ({ status: 'response', payload })) {
  const clock = new FakeClock();
  const telemetry = new Telemetry();
  const events: TelemetryEvent[] = [];
  telemetry.attach({ take: (event) => events.push(event), flush: () => Promise.resolve() });
  const finish: (() => void)[] = [];
  const sandbox = fakeSandbox({
    invoke(request, environment) {
      const { promise, resolve } = Promise.withResolvers<void>();
      Object.assign(environment, { room: 0 });
      finish.push(() => {
        Object.assign(environment, { room: 1 });
        resolve();
      });
      return Promise.resolve({ ...answer(request.event), over: promise });
    },
  });
  const runners = openRunners({ sandbox, clock, telemetry });
  const registry = fixedRegistry([resolvedFunction('watched', { concurrencyMax: 1 })]);
  const invoker = new OpenInvoker({
    registry,
    runners,
    telemetry,
    clock,
    admission: new Admission(() => 10),
    report: (message, cause) => assert.fail(`${message}: ${String(cause)}`),
  });
  let count = 0;
  const call = (): Promise<InvocationResult> =>
    invoker.invoke({
      requestId: `request-${count++}` as RequestId,
      account: testAccount,
      functionName: 'watched',
      event: Buffer.from('1'),
      source: 'api',
      cause: newCause(0, '0'.repeat(24)),
      attempt: 1,
    });
  const settled = () => events.filter((event) => event.kind === 'invocation.settled');
  const texts = () => events.flatMap((event) => (event.kind === 'log' ? [event.text] : []));
  return { call, clock, finish, invoker, sandbox, settled, texts };
}

test('the caller has the answer at once; it is billed, and its place given back, when the extensions have finished', async () => {
  const { call, clock, finish, sandbox, settled } = open();
  const first = await call();
  assert.equal(first.status, 'ok');
  assert.deepEqual(settled(), []);
  assert.equal((await call()).status, 'throttled', 'its concurrency is still taken');
  await clock.advance(40);
  finish[0]?.();
  if ('over' in first) await first.over;
  assert.deepEqual(
    settled().map(({ status, billedMs }) => [status, billedMs]),
    [['ok', 40]],
  );
  assert.equal((await call()).status, 'ok');
  assert.equal(sandbox.started.length, 1, 'in the same environment');
});

test('nothing is drained before they have finished', async () => {
  const { call, finish, invoker, settled } = open();
  await call();
  let isDrained = false;
  const drained = invoker.drain().then(() => (isDrained = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isDrained, false);
  finish[0]?.();
  await drained;
  assert.equal(settled().length, 1);
});

test('what the platform has to say of a failure is logged once, when they have finished', async () => {
  const { call, finish, settled, texts } = open(() => ({ status: 'timeout' }));
  const result = await call();
  assert.equal(result.status === 'function_error' && result.error.errorType, 'Sandbox.Timedout');
  const timeouts = () => texts().filter((text) => text.includes(' Task timed out after '));
  assert.deepEqual(timeouts(), []);
  finish[0]?.();
  if ('over' in result) await result.over;
  assert.equal(timeouts().length, 1);
  assert.equal(settled()[0]?.errorType, 'settled' in result && result.settled.errorType);
});

test('what the caller was told does not change when they have finished', async () => {
  const { call, clock, finish, settled } = open();
  const result = await call();
  assert.ok('settled' in result);
  const told = structuredClone(result.settled);
  await clock.advance(40);
  finish[0]?.();
  if ('over' in result) await result.over;
  assert.deepEqual(result.settled, told);
  assert.deepEqual([told.billedMs, settled()[0]?.billedMs], [1, 40]);
  assert.deepEqual([told.phases.handlerUs, settled()[0]?.phases.handlerUs], [0, 40_000]);
});

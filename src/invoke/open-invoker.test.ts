import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox, type FakeBehaviour } from '../../test/fakes/fake-sandbox.ts';
import { openRunners } from '../../test/fakes/runners.ts';
import { fixedRegistry, resolvedFunction, testAccount } from '../../test/fakes/resolved.ts';
import { noExtras, type FunctionExtras } from '../registry/function.ts';
import { TakenAnswer } from '../../test/fakes/taken-answer.ts';
import type { Resolved } from '../registry/registry.ts';
import type { Wait } from '../runners/runners.ts';
import type { InitOutcome } from '../sandbox/sandbox.ts';
import { Telemetry, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { newCause } from '../util/cause.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { functionArn, type RequestId } from '../util/ids.ts';
import { Admission } from './admit.ts';
import type { Invocation } from './invoke.ts';
import { OpenInvoker } from './open-invoker.ts';

const hello = resolvedFunction('hello');
const single = resolvedFunction('single', { concurrencyMax: 1 });

function open(behaviour: FakeBehaviour = {}, accountMax = 1_000) {
  const clock = new FakeClock();
  const telemetry = new Telemetry();
  const events: TelemetryEvent[] = [];
  telemetry.attach({ take: (event) => events.push(event), flush: () => Promise.resolve() });
  const runners = openRunners({ sandbox: fakeSandbox(behaviour), clock, telemetry });
  const registry = fixedRegistry([hello, single]);
  const reported: string[] = [];
  const report = (message: string, cause: unknown): void => void reported.push(`${message}: ${String(cause)}`);
  const admission = new Admission(() => accountMax);
  const invoker = new OpenInvoker({ registry, runners, telemetry, clock, admission, report });
  const texts = (): string[] => events.flatMap((event) => (event.kind === 'log' ? [event.text] : []));
  return { invoker, clock, telemetry, events, reported, texts };
}

let count = 0;
function invocation(functionName: string, more: Partial<Invocation> = {}): Invocation {
  return {
    requestId: `request-${count++}` as RequestId,
    account: testAccount,
    functionName,
    event: Buffer.from('{"a":1}'),
    source: 'api',
    cause: newCause(0, '0'.repeat(24)),
    attempt: 1,
    ...more,
  };
}

test('the answer comes back, with START, END and REPORT round it and one settled event', async () => {
  const { invoker, events, texts } = open();
  const result = await invoker.invoke(invocation('hello'));
  assert.equal(result.status, 'ok');
  assert.equal(result.status === 'ok' && Buffer.from(result.payload).toString(), '{"a":1}');
  assert.match(texts()[0] ?? '', /^START RequestId: request-\d+ Version: 1$/);
  assert.match(texts()[1] ?? '', /^END RequestId: request-\d+$/);
  assert.match(
    texts()[2] ?? '',
    /^REPORT RequestId: request-\d+\tDuration: 0\.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 48 MB\tInit Duration: /,
  );
  assert.equal(events.filter((event) => event.kind === 'invocation.settled').length, 1);
});

test('an unknown function is an answer', async () => {
  const { invoker } = open();
  assert.deepEqual(await invoker.invoke(invocation('nobody')), {
    status: 'not_found',
    message: 'Function not found: nobody',
  });
});

test('duration is billed by the started millisecond', async () => {
  const opened: ReturnType<typeof open> = open({
    invoke: async (request) => {
      await opened.clock.advance(7.2);
      return { status: 'response', payload: request.event };
    },
  });
  const result = await opened.invoker.invoke(invocation('hello'));
  assert.equal(result.status === 'ok' && result.settled.billedMs, 8);
});

test('what ending an environment takes after the time-out is not billed', async () => {
  const opened: ReturnType<typeof open> = open({
    invoke: async () => {
      await opened.clock.advance(3_040);
      return { status: 'timeout' };
    },
  });
  const result = await opened.invoker.invoke(invocation('hello'));
  assert.equal(result.status === 'function_error' && result.settled.billedMs, 3_000);
  assert.match(opened.texts().at(-1) ?? '', /Duration: 3040\.00 ms\tBilled Duration: 3000 ms/);
});

test('what was streamed is counted, also where it broke off', async () => {
  const counted: number[] = [];
  for (const end of [
    { status: 'response', payload: Buffer.alloc(0) },
    { status: 'error', error: { errorType: 'Error', errorMessage: 'dry' } },
  ] as const) {
    const { invoker } = open({
      invoke: (request) => {
        request.taker?.began('text/plain');
        request.taker?.bytes(Buffer.from('some'), () => {});
        return Promise.resolve(end);
      },
    });
    const taken = new TakenAnswer();
    const versions: string[] = [];
    const result = await invoker.invoke(invocation('hello', { taker: (version) => (versions.push(version), taken) }));
    assert.deepEqual([versions, taken.text, taken.contentType], [['1'], 'some', 'text/plain']);
    counted.push(result.status === 'ok' || result.status === 'function_error' ? result.settled.responseBytes : -1);
  }
  assert.deepEqual(counted, [4, 4]);
});

test('each way to fail is told apart, and the environment is not used again unless the handler only threw', async () => {
  const outcomes = [
    { status: 'error', error: { errorType: 'ValueError', errorMessage: 'no' } },
    { status: 'timeout' },
    { status: 'exit', code: 3, signal: undefined },
    { status: 'exit', code: 0, signal: undefined },
    { status: 'exit', code: undefined, signal: 'SIGSEGV' },
    { status: 'out_of_memory' },
  ] as const;
  let at = 0;
  const environments: string[] = [];
  const { invoker } = open({
    invoke: (_request, environment) => {
      environments.push(environment.id);
      return Promise.resolve(outcomes[at++] ?? { status: 'timeout' });
    },
  });
  const said: string[] = [];
  for (let n = 0; n < outcomes.length; n += 1) {
    const result = await invoker.invoke(invocation('hello', { requestId: 'r' as RequestId }));
    assert.equal(result.status, 'function_error');
    if (result.status === 'function_error') said.push(`${result.error.errorType}: ${result.error.errorMessage}`);
  }
  assert.deepEqual(said, [
    'ValueError: no',
    'Sandbox.Timedout: RequestId: r Error: Task timed out after 3.00 seconds',
    'Runtime.ExitError: RequestId: r Error: Runtime exited with error: exit status 3',
    'Runtime.ExitError: RequestId: r Error: Runtime exited without providing a reason',
    'Runtime.ExitError: RequestId: r Error: Runtime exited with error: signal: segmentation fault',
    'Runtime.OutOfMemory: RequestId: r Error: Runtime exited with error: signal: killed',
  ]);
  assert.equal(environments[0], environments[1], 'a thrown error keeps the environment');
  assert.equal(new Set(environments).size, 5);
});

const unloadable = { status: 'error', error: { errorType: 'Runtime.ImportModuleError', errorMessage: 'no' } } as const;
const inits: {
  what: string;
  outcomes: readonly [InitOutcome, InitOutcome];
  reports: readonly string[];
  error: string | undefined;
  logged?: RegExp;
}[] = [
  {
    what: 'code that cannot be loaded',
    outcomes: [unloadable, unloadable],
    reports: [
      'init\tStatus: error\tError Type: Runtime.ImportModuleError',
      'invoke\tStatus: error\tError Type: Runtime.ImportModuleError',
    ],
    error: 'Runtime.ImportModuleError: no',
  },
  {
    what: 'code that cannot be loaded at first',
    outcomes: [unloadable, { status: 'ready' }],
    reports: ['init\tStatus: error\tError Type: Runtime.ImportModuleError'],
    error: undefined,
  },
  {
    what: 'a time-out',
    outcomes: [{ status: 'timeout' }, { status: 'timeout' }],
    reports: ['init\tStatus: timeout', 'invoke\tStatus: timeout'],
    error: 'Sandbox.Timedout: RequestId: r Error: Task timed out after 3.00 seconds',
    logged: /^2026-01-01T00:00:\S+Z r Task timed out after 3\.00 seconds$/,
  },
  {
    what: 'an exit',
    outcomes: [
      { status: 'exit', code: 1, signal: undefined },
      { status: 'exit', code: 1, signal: undefined },
    ],
    reports: [
      'init\tStatus: error\tError Type: Runtime.ExitError',
      'invoke\tStatus: error\tError Type: Runtime.ExitError',
    ],
    error: 'Runtime.ExitError: RequestId: r Error: Runtime exited with error: exit status 1',
    logged: /^RequestId: r Error: Runtime exited with error: exit status 1\nRuntime\.ExitError$/,
  },
  {
    what: 'memory that is used up',
    outcomes: [{ status: 'out_of_memory' }, { status: 'out_of_memory' }],
    reports: [
      'init\tStatus: error\tError Type: Runtime.OutOfMemory',
      'invoke\tStatus: error\tError Type: Runtime.OutOfMemory',
    ],
    error: 'Runtime.OutOfMemory: RequestId: r Error: Runtime exited with error: signal: killed',
    logged: /signal: killed\nRuntime\.OutOfMemory$/,
  },
  {
    what: 'no bootstrap',
    outcomes: [
      { status: 'error', error: { errorType: 'Runtime.InvalidEntrypoint', errorMessage: "Couldn't find" } },
      { status: 'error', error: { errorType: 'Runtime.InvalidEntrypoint', errorMessage: "Couldn't find" } },
    ],
    reports: [
      'init\tStatus: error\tError Type: Runtime.InvalidEntrypoint',
      'invoke\tStatus: error\tError Type: Runtime.InvalidEntrypoint',
    ],
    error: "Runtime.InvalidEntrypoint: RequestId: r Error: Couldn't find",
    logged: /^RequestId: r Error: Couldn't find\nRuntime\.InvalidEntrypoint$/,
  },
];
for (const { what, outcomes, reports, error, logged } of inits) {
  test(`an initialisation that fails with ${what} is told as Lambda tells it`, async () => {
    let at = 0;
    const opened: ReturnType<typeof open> = open({
      async init() {
        await opened.clock.advance(at === 0 ? 200 : 100);
        return outcomes[at++] ?? assert.fail('a third initialisation');
      },
      async invoke(request) {
        assert.equal(request.timeoutMs, 2_900);
        await opened.clock.advance(50);
        return { status: 'response', payload: request.event };
      },
    });
    const result = await opened.invoker.invoke(invocation('hello', { requestId: 'r' as RequestId }));
    assert.ok(result.status === 'ok' || result.status === 'function_error', result.status);
    const said = result.status === 'ok' ? undefined : `${result.error.errorType}: ${result.error.errorMessage}`;
    assert.equal(said, error);
    const texts = opened.texts();
    const durations = ['200.00', '100.00'];
    assert.deepEqual(
      texts.splice(0, reports.length),
      reports.map((report, index) => `INIT_REPORT Init Duration: ${durations[index]} ms\tPhase: ${report}`),
    );
    assert.equal(texts.shift(), 'START RequestId: r Version: 1');
    if (logged !== undefined) assert.match(texts.shift() ?? '', logged);
    assert.equal(texts.shift(), 'END RequestId: r');
    const ends =
      error === undefined
        ? /\tInit Duration: 200\.00 ms\tStart: cold\t/
        : /MB\tStatus: (?:error|timeout)\tError Type: \S+\tStart: cold\t/;
    assert.match(texts.shift() ?? '', ends);
    assert.deepEqual(texts, []);
    // The second one is in the time of the invocation.
    assert.equal(result.settled.billedMs, error === undefined ? 150 : 100);
    assert.equal(result.settled.phases.initUs, 200_000);
  });
}

test('over its own concurrency a function is throttled, and free again afterwards', async () => {
  let finish = (): void => {};
  const { invoker, events } = open({
    invoke: (request) =>
      new Promise((resolve) => (finish = () => resolve({ status: 'response', payload: request.event }))),
  });
  const first = invoker.invoke(invocation('single'));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(await invoker.invoke(invocation('single')), {
    status: 'throttled',
    reason: 'function',
    retryAfterMs: 1_000,
  });
  assert.ok(events.some((event) => event.kind === 'invocation.refused' && event.reason === 'throttled'));
  finish();
  assert.equal((await first).status, 'ok');
  const third = invoker.invoke(invocation('single'));
  await new Promise((resolve) => setImmediate(resolve));
  finish();
  assert.equal((await third).status, 'ok');
});

test('over the account concurrency every function is throttled', async () => {
  const { invoker } = open({ invoke: () => new Promise(() => {}) }, 1);
  void invoker.invoke(invocation('hello'));
  const result = await invoker.invoke(invocation('single'));
  assert.equal(result.status === 'throttled' && result.reason, 'account');
});

test('a function that has caused itself sixteen times is stopped, and its log says how to mend it', async () => {
  const { invoker, texts } = open();
  const arn = functionArn('us-east-1', testAccount, 'hello');
  const chain = (hops: number) => ({ traceId: 'Root=1-0-0', hops: { [arn]: hops } });
  assert.equal((await invoker.invoke(invocation('hello', { cause: chain(15) }))).status, 'ok');
  assert.equal((await invoker.invoke(invocation('hello', { cause: chain(16) }))).status, 'recursion');
  assert.match(texts().at(-1) ?? '', /RECURSION .* has run 16 times .*prefix or suffix/);
});

test('a reservation is the limit, whatever the version says, and a loop that its owner allows goes on', async () => {
  const { invoker } = open();
  const arn = functionArn('us-east-1', testAccount, 'hello');
  const give = (extras: Partial<FunctionExtras>) => {
    hello.function = { ...hello.function, extras: { ...noExtras, ...extras } };
  };
  try {
    give({ reservedConcurrency: 0 });
    const stopped = await invoker.invoke(invocation('hello'));
    assert.equal(stopped.status === 'throttled' && stopped.reason, 'function');
    give({ recursion: 'allow' });
    const cause = { traceId: 'Root=1-0-0', hops: { [arn]: 40 } };
    assert.equal((await invoker.invoke(invocation('hello', { cause }))).status, 'ok');
  } finally {
    give({});
  }
});

test('what an environment does is traced to the invocation in it', async () => {
  let inside: unknown;
  const { invoker } = open({
    invoke: (request, environment) => {
      inside = invoker.runningIn(environment.id);
      return Promise.resolve({ status: 'response', payload: request.event });
    },
  });
  await invoker.invoke(invocation('hello', { requestId: 'r' as RequestId }));
  const arn = functionArn('us-east-1', testAccount, 'hello');
  assert.deepEqual((inside as { requestId: string }).requestId, 'r');
  assert.equal((inside as { cause: { hops: Record<string, number> } }).cause.hops[arn], 1);
});

test('an answer over the limit is an error of the function', async () => {
  const answers = [6_291_556, 6_291_557];
  const { invoker } = open({
    invoke: () => Promise.resolve({ status: 'response', payload: Buffer.alloc(answers.shift() ?? 0) }),
  });
  assert.equal((await invoker.invoke(invocation('hello'))).status, 'ok');
  const result = await invoker.invoke(invocation('hello'));
  assert.deepEqual(result.status === 'function_error' && result.error, {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
  });
});

test('draining lets what runs finish and refuses the rest', async () => {
  let finish = (): void => {};
  const { invoker } = open({
    invoke: (request) =>
      new Promise((resolve) => (finish = () => resolve({ status: 'response', payload: request.event }))),
  });
  const running = invoker.invoke(invocation('hello'));
  await new Promise((resolve) => setImmediate(resolve));
  const drained = invoker.drain();
  assert.equal((await invoker.invoke(invocation('hello'))).status, 'unavailable');
  finish();
  assert.equal((await running).status, 'ok');
  await drained;
});

test('who needs the answer alone has it before it is settled, which is done in the same turn, and before draining ends', async () => {
  let finish = (): void => {};
  const { invoker, events, texts } = open({
    invoke: (request) =>
      new Promise((resolve) => (finish = () => resolve({ status: 'response', payload: request.event }))),
  });
  const settled = () => events.flatMap((event) => (event.kind === 'invocation.settled' ? [event] : []));
  const told: number[] = [];
  const running = invoker.invoke(invocation('hello', { answerFirst: true })).then((result) => {
    told.push(settled().length);
    return result;
  });
  await new Promise((resolve) => setImmediate(resolve));
  const drained = invoker.drain().then(() => told.push(settled().length));
  finish();
  await new Promise((resolve) => setImmediate(resolve));
  assert.match(texts().at(-1) ?? '', /^REPORT RequestId: request-\d+\t.*Max Memory Used: 48 MB/);
  const result = await running;
  assert.equal(result.status === 'ok' && result.settled, settled()[0]);
  await drained;
  assert.deepEqual(told, [0, 1]);
});

test('what fails once the answer is out is reported: the next call is admitted all the same, and draining ends', async () => {
  // The first time after the environment's memory has been read, then with what is known of it.
  const { invoker, telemetry, reported } = open({}, 1);
  telemetry.attach({
    kinds: ['invocation.settled'],
    take: () => {
      throw new Error('no room for it');
    },
    flush: () => Promise.resolve(),
  });
  for (const count of [1, 2]) {
    const result = await invoker.invoke(invocation('hello', { answerFirst: true }));
    assert.equal(result.status, 'ok');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(reported.length, count);
    assert.match(reported.at(-1) ?? '', /answered is not settled.*no room for it/);
  }
  await invoker.drain();
});

test('what an environment has used cannot be read: it is reported, and the environment let go and its invocation billed all the same', async () => {
  const later = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  for (const how of ['answered first', 'answered last', 'over later']) {
    let places = 0;
    const { invoker, events, reported, texts } = open({
      invoke(request, environment) {
        places += 1;
        environment.usage = () => Promise.reject(new Error('the group is gone'));
        const answer = { status: 'response' as const, payload: request.event };
        return Promise.resolve(how === 'over later' ? { ...answer, over: later() } : answer);
      },
    });
    const environments = new Set<string>();
    for (const count of [1, 2]) {
      const result = await invoker.invoke(invocation('single', how === 'answered first' ? { answerFirst: true } : {}));
      assert.equal(result.status, 'ok', how);
      if ('over' in result) await result.over;
      await later();
      const settled = events.flatMap((event) => (event.kind === 'invocation.settled' ? [event] : []));
      assert.equal(settled.length, count, how);
      assert.equal(texts().filter((text) => text.startsWith('REPORT ')).length, count, how);
      environments.add(settled.at(-1)?.environmentId ?? '');
    }
    assert.deepEqual([places, environments.size], [2, 1], `${how}: the second runs where the first did`);
    assert.deepEqual(reported, ['what an environment has used is not known: Error: the group is gone'], how);
    await invoker.drain();
  }
});

test('what was given back behind a slow invocation runs elsewhere, and is not refused', async () => {
  const { invoker, clock } = open({
    invoke: (request, environment) => {
      const shared = environment as { room: number; busy?: boolean };
      // As a real environment does: what stands behind a slow one is given back after some milliseconds.
      if (shared.busy === true) {
        return new Promise((resolve) => clock.schedule(5, () => resolve({ status: 'not_started' })));
      }
      if (Buffer.from(request.event).toString() !== '"slow"')
        return Promise.resolve({ status: 'response', payload: request.event });
      shared.busy = true;
      shared.room = 5;
      return new Promise((resolve) =>
        clock.schedule(500, () => resolve({ status: 'response', payload: request.event })),
      );
    },
  });
  for (let n = 0; n < 20; n += 1) await invoker.invoke(invocation('hello'));
  const slow = invoker.invoke(invocation('hello', { event: Buffer.from('"slow"') }));
  const quick = invoker.invoke(invocation('hello'));
  await clock.advance(400);
  const outcome = await Promise.race([
    quick,
    new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined))),
  ]);
  assert.equal(outcome?.status, 'ok', JSON.stringify(outcome));
  await clock.advance(200);
  assert.equal((await slow).status, 'ok');
});

test('what was given back waits again from when it waited first, so that nobody who came later is before it', async () => {
  const clock = new FakeClock();
  const telemetry = new Telemetry();
  let begins = false;
  const sandbox = fakeSandbox({
    invoke: async (request) => {
      if (begins) return { status: 'response', payload: request.event };
      begins = true;
      await clock.advance(50);
      return { status: 'not_started' };
    },
  });
  const runners = openRunners({ sandbox, clock, telemetry });
  const lease = runners.lease.bind(runners);
  const waits: Wait[] = [];
  Object.assign(runners, {
    tryLease: () => undefined,
    lease(resolved: Resolved, wait: Wait) {
      waits.push(wait);
      return lease(resolved, wait);
    },
  });
  const registry = fixedRegistry([hello]);
  const report = (message: string): void => assert.fail(message);
  const invoker = new OpenInvoker({
    registry,
    runners,
    telemetry,
    clock,
    admission: new Admission(() => 10),
    report,
  });
  const cameMs = clock.monotonicMs();
  assert.equal((await invoker.invoke(invocation('hello'))).status, 'ok');
  assert.deepEqual(
    waits.map(({ sinceMs }) => sinceMs),
    [cameMs, cameMs],
  );
});

test('what fails to be initialised time and again is told the last failure, and when it is tried again', async () => {
  let inits = 0;
  const { invoker, texts } = open({
    init: () => {
      inits += 1;
      return Promise.resolve({ status: 'error', error: { errorType: 'Broken', errorMessage: 'no such module' } });
    },
  });
  for (let calls = 0; calls < 3; calls += 1) await invoker.invoke(invocation('hello'));
  const before = inits;
  const told = invocation('hello');
  const result = await invoker.invoke(told);
  assert.equal(inits, before);
  assert(result.status === 'function_error');
  assert.equal(result.error.errorType, 'Broken');
  const untilNext = 'not started: its initialisation failed 3 times in a row; the next try is at ';
  assert.match(result.error.errorMessage, new RegExp(`^no such module \\(${untilNext}2026-01-01T00:00:0.*Z\\)$`));
  const own = texts().filter((text) => text.includes(told.requestId));
  assert.match(own[0] ?? '', new RegExp(`^INIT_PAUSED RequestId: ${told.requestId} ${untilNext}2026-01-01T`));
  assert.equal(own.length, 4, 'and START, END and REPORT');
  assert.match(own[3] ?? '', /\tStart: warm\tReason: paused/);
});

test('the phases are all of the time since its request was received, and why it started is told', async () => {
  const after = (ms: number) => (clockOf: FakeClock) =>
    new Promise<void>((resolve) => void clockOf.schedule(ms, resolve));
  const opened = open({
    start: () => after(30)(opened.clock),
    init: async () => {
      await after(15)(opened.clock);
      return { status: 'ready' };
    },
    invoke: async (request) => {
      request.began?.();
      await after(4)(opened.clock);
      return { status: 'response', payload: request.event };
    },
  });
  const { invoker, clock } = opened;
  const receivedMs = clock.monotonicMs();
  await clock.advance(7);
  const running = invoker.invoke(invocation('hello', { receivedMs }));
  await clock.advance(100);
  const result = await running;
  assert.ok(result.status === 'ok');
  const { start, startReason, phases, environmentStartedMs } = result.settled;
  assert.deepEqual([start, startReason], ['cold', { kind: 'first' }]);
  assert.deepEqual(phases, {
    queueUs: 7_000,
    placeUs: 0,
    provisionUs: 30_000,
    initUs: 15_000,
    handlerUs: 4_000,
    replyUs: 0,
  });
  assert.equal(environmentStartedMs, clock.now() - 100);
  const again = invoker.invoke(invocation('hello'));
  await clock.advance(100);
  const warm = await again;
  assert.ok(warm.status === 'ok');
  assert.deepEqual([warm.settled.start, warm.settled.startReason], ['warm', undefined]);
});

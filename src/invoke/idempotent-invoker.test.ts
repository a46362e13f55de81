import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Registry } from '../registry/registry.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { newCause } from '../util/cause.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { latestVersion, type AccountId, type RequestId } from '../util/ids.ts';
import { parseKeyPath } from '../util/key-path.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { IdempotentInvoker, keptAnswerBytesMax } from './idempotent-invoker.ts';
import type { Invocation, InvocationResult, Invoker } from './invoke.ts';

const hour = 3_600_000;

function start(
  run: (invocation: Invocation) => Promise<string | undefined>,
  store?: ReturnType<typeof openMemoryStore>,
) {
  const clock = new FakeClock();
  const { records } = store ?? openMemoryStore({ clock });
  const telemetry = new Telemetry();
  const events: TelemetryEvent[] = [];
  telemetry.attach({ take: (event) => void events.push(event), flush: () => Promise.resolve() });
  const ran: string[] = [];
  const inner: Invoker = {
    refusal: () => undefined,
    runningIn: () => undefined,
    async invoke(invocation) {
      ran.push(invocation.requestId);
      const answer = await run(invocation);
      const common = { version: latestVersion, settled: { kind: 'invocation.settled' } } as unknown as {
        version: typeof latestVersion;
        settled: Extract<InvocationResult, { status: 'ok' }>['settled'];
      };
      return answer === undefined
        ? { status: 'function_error', error: { errorType: 'Error', errorMessage: 'no' }, ...common }
        : { status: 'ok', payload: Buffer.from(answer), ...common };
    },
  };
  const settings = { idempotency: { key: '$.order', ttlMs: hour } };
  const registry: Pick<Registry, 'resolve'> = {
    resolve: () => ({ version: { settings, version: latestVersion } }) as unknown as ReturnType<Registry['resolve']>,
  };
  const invoker = new IdempotentInvoker({ invoker: inner, registry, records, telemetry, clock });
  let made = 0;
  const call = (event: unknown, more: Partial<Invocation> = {}) =>
    invoker.invoke({
      requestId: `request-${++made}` as RequestId,
      account: '000000000000' as AccountId,
      functionName: 'pay',
      event: Buffer.from(JSON.stringify(event)),
      source: 'api',
      cause: newCause(0, '0'.repeat(24)),
      attempt: 1,
      ...more,
    });
  return { clock, records, events, ran, call, [Symbol.asyncDispose]: () => invoker[Symbol.asyncDispose]() };
}

const textOf = (result: InvocationResult): string => (result.status === 'ok' ? String(result.payload) : result.status);

test('a repeated event gets the answer of the first, and nothing runs; after its time it runs again', async () => {
  let answers = 0;
  await using opened = start(async () => `answer ${++answers}`);
  const { call, ran, events, clock, records } = opened;
  assert.equal(textOf(await call({ order: 1, at: 1 })), 'answer 1');
  const again = await call({ at: 2, order: 1 });
  assert.equal(textOf(again), 'answer 1');
  assert.equal(again.status === 'ok' ? again.remembered : '', 'request-1');
  assert.equal(textOf(await call({ order: 2 })), 'answer 2');
  assert.deepEqual(ran, ['request-1', 'request-3']);
  assert.deepEqual(
    events
      .filter(({ kind }) => kind === 'invocation.remembered')
      .map((event) => 'firstRequestId' in event && event.firstRequestId),
    ['request-1'],
  );
  await clock.advance(hour + 1);
  assert.equal(textOf(await call({ order: 1 })), 'answer 3');
  await clock.advance(hour + 120_000);
  assert.deepEqual(await records.range({ prefix: 'idempotent', limit: 10 }), [], 'what is over is forgotten');
});

test('a failure is not remembered', async () => {
  let fails = true;
  await using opened = start(async () => (fails ? undefined : 'ok'));
  assert.equal(textOf(await opened.call({ order: 1 })), 'function_error');
  fails = false;
  assert.equal(textOf(await opened.call({ order: 1 })), 'ok');
  assert.equal(opened.ran.length, 2);
});

test('who comes meanwhile waits, and gets the same answer; if the first fails, the next runs', async () => {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let runs = 0;
  await using opened = start(async () => (++runs === 1 ? promise : 'second'));
  const all = [1, 2, 3].map(() => opened.call({ order: 1 }));
  await new Promise((turn) => setImmediate(turn));
  assert.equal(opened.ran.length, 1);
  resolve(undefined);
  assert.deepEqual((await Promise.all(all)).map(textOf), ['function_error', 'second', 'second']);
  assert.equal(opened.ran.length, 2);
});

test('a result is on disk before it is answered, and known after a restart', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  await using before = start(async () => 'first', store);
  await before.call({ order: 1 });
  await using after = start(async () => 'second', store);
  assert.equal(textOf(await after.call({ order: 1 })), 'first');
  assert.deepEqual(after.ran, []);
});

test('an answer too large to keep is not run again, and says so; an event for later counts as done', async () => {
  await using opened = start(async () => 'x'.repeat(keptAnswerBytesMax + 1));
  await opened.call({ order: 1 });
  const again = await opened.call({ order: 1 });
  assert.equal(again.status === 'function_error' ? again.error.errorType : again.status, 'Mayfly.AnswerNotKept');
  assert.equal((await opened.call({ order: 1 }, { acceptedMs: 0 })).status, 'ok');
  assert.equal(opened.ran.length, 1);
});

test('an event without a key runs, and the log says why', async () => {
  await using opened = start(async () => 'ok');
  await opened.call({ other: 1 });
  await opened.call({ other: 1 });
  assert.equal(opened.ran.length, 2);
  const lines = opened.events.flatMap((event) => (event.kind === 'log' ? [event.text] : []));
  assert.match(lines[0] ?? '', /^IDEMPOTENCY RequestId: request-1 has nothing at \$\.order to be known by/);
});

test('a path finds what an event is known by', () => {
  const keyOf = (path: string, event: unknown): string | undefined =>
    idempotencyKey(Buffer.from(JSON.stringify(event)), parseKeyPath(path) ?? assert.fail(path));
  const one = keyOf('$.id', { id: 'a' });
  assert.ok(one);
  for (const [path, event] of [
    ['$.headers.Idempotency-Key', { headers: { 'idempotency-key': 'a' } }],
    ["$.headers['idempotency-key']", { headers: { 'Idempotency-Key': 'a' } }],
    ['$.body.order.id', { body: '{"order":{"id":"a"}}' }],
    ['$.body.id', { body: Buffer.from('{"id":"a"}').toString('base64'), isBase64Encoded: true }],
    ['$.Records[0].messageId', { Records: [{ messageId: 'a' }] }],
    ['$.Records[0].body.id', { Records: [{ body: '{"id":"a"}' }] }],
  ] as const)
    assert.equal(keyOf(path, event), one, path);
  assert.equal(keyOf('$', { a: 1, b: [2] }), keyOf('$.x', { x: { b: [2], a: 1 } }), 'whatever the order of its keys');
  for (const event of [{}, { id: null }, { id: '' }, 'text', [1]]) assert.equal(keyOf('$.id', event), undefined);
  for (const path of ['id', '$id', '$.', '$..a', '$[x]', '$.a b', '$.a[-1]', `$.${'a'.repeat(600)}`])
    assert.equal(parseKeyPath(path), undefined, path);
});

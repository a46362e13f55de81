import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noExtras, type EventInvoke, type FunctionExtras, type FunctionSettings } from '../registry/function.ts';
import type { Registry } from '../registry/registry.ts';
import type { Buckets } from '../resources/bucket.ts';
import { openBuckets } from '../resources/bucket/open-buckets.ts';
import { busEventsTopic, type PutEvent } from '../resources/event-bus/bus-event.ts';
import { EventBuses } from '../resources/event-bus/event-buses.ts';
import { Queues } from '../resources/queue.ts';
import { publishedTopics, Topics } from '../resources/topic.ts';
import type { Log } from '../store/log.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { newCause, type Cause } from '../util/cause.ts';
import { systemClock } from '../util/clock.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { derivedUuid, functionArn, randomIds, type AccountId, type RequestId } from '../util/ids.ts';
import { Asynchronous, type AsyncInvocation, type AsynchronousParts } from './asynchronous.ts';
import { sendToDestination } from './destination.ts';
import { FakeInvoker, type FakeOutcome } from './fake-invoker.ts';

const account = '000000000000' as AccountId;

type Settings = Pick<FunctionSettings, 'attemptsMax' | 'eventAgeMaxMs' | 'deadLetterQueue'>;
const lambda: Settings = { attemptsMax: 3, eventAgeMaxMs: 21_600_000 };

/** A registry in which every function exists with these settings. */
const registryOf = (settings: Settings, extras: Partial<FunctionExtras> = {}): Pick<Registry, 'resolve'> => ({
  resolve: () =>
    ({ version: { settings }, function: { extras: { ...noExtras, ...extras } } }) as ReturnType<Registry['resolve']>,
});

const noTopics: Pick<Topics, 'publish'> = { publish: () => assert.fail('nothing is published here') };
const noBuses = { putEvents: () => assert.fail('nothing is put on a bus here') };
const noBuckets: Pick<Buckets, 'put'> = { put: () => assert.fail('nothing is put into a bucket here') };

const event = (name: string, functionName = 'hello'): AsyncInvocation => ({
  requestId: derivedUuid(name) as RequestId,
  account,
  functionName,
  qualifier: 'live',
  event: JSON.stringify({ name }),
  source: 'api',
  cause: newCause(0, '0'.repeat(24)),
});

type Decide = ConstructorParameters<typeof FakeInvoker>[1];

async function start(decide: Decide, settings: Settings = lambda, more: Partial<AsynchronousParts> = {}) {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const telemetry = new Telemetry();
  const events: TelemetryEvent[] = [];
  telemetry.attach({ take: (one) => events.push(one), flush: async () => {} });
  const invoker = new FakeInvoker({ clock, telemetry }, decide);
  const queues = await Queues.open({ ...store, clock, ids: randomIds });
  const topics = await Topics.open({ ...store, clock, ids: randomIds });
  const buses = await EventBuses.open({ ...store, clock, ids: randomIds });
  const reports: string[] = [];
  const parts: AsynchronousParts = {
    region: 'us-east-1',
    log: store.log,
    queues,
    buckets: noBuckets,
    topics,
    buses,
    registry: registryOf(settings),
    invoker,
    telemetry,
    clock,
    ids: randomIds,
    report: (message, cause) => reports.push(`${message}: ${String(cause)}`),
    ...more,
  };
  const asynchronous = await Asynchronous.open(parts);
  return { asynchronous, clock, store, events, invoker, queues, topics, reports, parts };
}

const attemptsOf = (invoker: FakeInvoker): number[] => invoker.invocations.map(({ attempt }) => attempt);
const gone = { ready: 0, delayed: 0, leased: 0 };

test('an accepted event runs once, as it was given, and is gone', async () => {
  const { asynchronous, clock, invoker } = await start(() => ({ status: 'ok' }));
  await asynchronous.enqueue(event('a'));
  await clock.advance(1);
  assert.equal(invoker.invocations.length, 1);
  const [invocation] = invoker.invocations;
  assert.equal(invocation?.requestId, derivedUuid('a'));
  assert.equal(invocation?.attempt, 1);
  assert.equal(invocation?.qualifier, 'live');
  assert.equal(Buffer.from(invocation?.event ?? []).toString(), '{"name":"a"}');
  assert.deepEqual(await asynchronous.backlog(account, 'hello'), gone);
  await clock.advance(3_600_000);
  assert.equal(invoker.invocations.length, 1);
});

test('the usage is flushed before the event is acknowledged', async () => {
  const order: string[] = [];
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const log: Log = Object.assign(Object.create(store.log), {
    acknowledge: async (topic: string, receipts: readonly string[]) => {
      order.push('acknowledge');
      return store.log.acknowledge(topic, receipts);
    },
  });
  for (const name of ['append', 'receive', 'release', 'topics', 'watch', 'extend', 'redeliver', 'depth'] as const) {
    Object.assign(log, { [name]: store.log[name].bind(store.log) });
  }
  const telemetry = new Telemetry();
  telemetry.attach({
    take: (one) => void (one.kind !== 'delivery' && order.push(one.kind)),
    flush: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push('flushed');
    },
  });
  const queues = await Queues.open({ records: store.records, log, clock, ids: randomIds });
  const invoker = new FakeInvoker({ clock, telemetry });
  const report = () => {};
  const asynchronous = await Asynchronous.open({
    region: 'us-east-1',
    log,
    queues,
    buckets: noBuckets,
    topics: noTopics,
    buses: noBuses,
    registry: registryOf(lambda),
    invoker,
    telemetry,
    clock,
    ids: randomIds,
    report,
  });
  await asynchronous.enqueue(event('a'));
  for (let turn = 0; turn < 5; turn++) await clock.advance(1);
  assert.deepEqual(order, ['invocation.settled', 'flushed', 'acknowledge']);
});

test("a failing event is tried again after one minute and two more, with the same id, and then lies with the function's dead letters", async () => {
  const { asynchronous, clock, invoker, events } = await start(() => ({
    status: 'function_error',
    errorMessage: 'no',
  }));
  await asynchronous.enqueue(event('a'));
  await clock.advance(59_999);
  assert.deepEqual(attemptsOf(invoker), [1]);
  await clock.advance(2);
  assert.deepEqual(attemptsOf(invoker), [1, 2]);
  await clock.advance(119_990);
  assert.deepEqual(attemptsOf(invoker), [1, 2]);
  await clock.advance(20);
  assert.deepEqual(attemptsOf(invoker), [1, 2, 3]);
  assert.equal(new Set(invoker.invocations.map(({ requestId }) => requestId)).size, 1);
  assert.deepEqual(await asynchronous.backlog(account, 'hello'), gone);
  assert.equal(await asynchronous.deadLetterCount(account, 'hello'), 1);
  assert.deepEqual(await asynchronous.deadLetters(account, 'hello', 10), [
    {
      version: '1.0',
      timestamp: new Date(clock.now() - 11).toISOString(),
      requestContext: {
        requestId: derivedUuid('a'),
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:hello:live',
        condition: 'RetriesExhausted',
        approximateInvokeCount: 3,
      },
      requestPayload: { name: 'a' },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: 'Error', errorMessage: 'no' },
    },
  ]);
  const dead = events.filter(({ kind }) => kind === 'event.dead');
  assert.equal(dead.length, 1);
  assert.partialDeepStrictEqual(dead[0], { reason: 'RetriesExhausted', deadLetters: 'the dead letters of hello' });
  assert(events.some((one) => one.kind === 'log' && /^GIVEN UP RequestId: .* It failed 3 times/.test(one.text)));
});

test('an event that succeeds at the second attempt is done', async () => {
  const { asynchronous, clock, invoker } = await start(({ attempt }) =>
    attempt === 1 ? { status: 'function_error', errorMessage: 'not yet' } : { status: 'ok' },
  );
  await asynchronous.enqueue(event('a'));
  await clock.advance(600_000);
  assert.deepEqual(attemptsOf(invoker), [1, 2]);
  assert.equal(await asynchronous.deadLetterCount(account, 'hello'), 0);
});

test("the function's dead-letter queue gets the event itself, with Lambda's attributes", async () => {
  const { asynchronous, clock, queues, events } = await start(
    () => ({ status: 'function_error', errorMessage: `${'é'.repeat(600)}` }),
    { ...lambda, attemptsMax: 1, deadLetterQueue: 'failed' },
  );
  await queues.create(account, 'failed');
  await asynchronous.enqueue(event('a'));
  await clock.advance(10);
  const [message] = await queues.receive(account, 'failed', { max: 10 });
  assert.equal(message?.body, '{"name":"a"}');
  assert.deepEqual(message?.attributes, {
    RequestID: { type: 'String', text: derivedUuid('a') },
    ErrorCode: { type: 'Number', text: '200' },
    ErrorMessage: { type: 'String', text: 'é'.repeat(512) },
  });
  assert.equal(await asynchronous.deadLetterCount(account, 'hello'), 0);
  assert(events.some((one) => one.kind === 'event.dead' && one.deadLetters === 'the queue failed'));
});

test("a dead-letter queue that does not exist loses nothing: the function's own dead letters have the event", async () => {
  const { asynchronous, clock, reports } = await start(() => ({ status: 'function_error', errorMessage: 'no' }), {
    ...lambda,
    attemptsMax: 1,
    deadLetterQueue: 'missing',
  });
  await asynchronous.enqueue(event('a'));
  await clock.advance(10);
  assert.equal(await asynchronous.deadLetterCount(account, 'hello'), 1);
  assert.match(reports.join(), /dead-letter queue "missing"/);
});

test('being throttled uses up no attempt, and its age does count', async () => {
  let open = false;
  const throttled: FakeOutcome = { status: 'throttled', reason: 'function', retryAfterMs: 1_000 };
  const { asynchronous, clock, invoker } = await start(() => (open ? { status: 'ok' } : throttled), {
    ...lambda,
    eventAgeMaxMs: 600_000,
  });
  await asynchronous.enqueue(event('a'));
  await clock.advance(300_000);
  assert(invoker.invocations.length > 5, `${invoker.invocations.length} tries`);
  assert(invoker.invocations.length < 60, `${invoker.invocations.length} tries: it must back off`);
  assert(attemptsOf(invoker).every((attempt) => attempt === 1));
  open = true;
  await clock.advance(31_000);
  assert.deepEqual(await asynchronous.backlog(account, 'hello'), gone);
  assert.equal(await asynchronous.deadLetterCount(account, 'hello'), 0);

  open = false;
  await asynchronous.enqueue(event('b'));
  await clock.advance(640_000);
  assert.deepEqual(await asynchronous.backlog(account, 'hello'), gone);
  const [letter] = await asynchronous.deadLetters(account, 'hello', 10);
  assert.equal(letter?.requestContext.condition, 'EventAgeExceeded');
  assert.equal(letter?.requestContext.approximateInvokeCount, 0);
  assert.match(JSON.stringify(letter?.responsePayload), /throttled \(function\)/);
});

test('an event that would be too old by its next attempt is given up at once', async () => {
  const { asynchronous, clock, invoker } = await start(() => ({ status: 'function_error', errorMessage: 'no' }), {
    ...lambda,
    eventAgeMaxMs: 90_000,
  });
  await asynchronous.enqueue(event('a'));
  await clock.advance(60_010);
  assert.deepEqual(attemptsOf(invoker), [1, 2]);
  const [letter] = await asynchronous.deadLetters(account, 'hello', 10);
  assert.equal(letter?.requestContext.condition, 'EventAgeExceeded');
  assert.equal(letter?.requestContext.approximateInvokeCount, 2);
});

test('a function that feeds itself is stopped at once, and its log says what to do', async () => {
  const recursion: FakeOutcome = {
    status: 'recursion',
    hops: 16,
    message: 'hello was stopped: filter its event source.',
  };
  const { asynchronous, clock, invoker, events } = await start(() => recursion);
  await asynchronous.enqueue(event('a'));
  await clock.advance(10);
  assert.equal(invoker.invocations.length, 1);
  const [letter] = await asynchronous.deadLetters(account, 'hello', 10);
  assert.equal(letter?.requestContext.condition, 'RecursiveLoopDetected');
  assert(events.some((one) => one.kind === 'log' && /RecursiveLoopDetected: hello was stopped: filter/.test(one.text)));
});

test('an event for a function that is gone is given up, not lost', async () => {
  const { asynchronous, clock } = await start(
    () => ({ status: 'not_found', message: 'Function not found: hello' }),
    lambda,
    {
      registry: { resolve: () => undefined },
    },
  );
  await asynchronous.enqueue(event('a'));
  await clock.advance(10);
  const [letter] = await asynchronous.deadLetters(account, 'hello', 10);
  assert.equal(letter?.requestContext.condition, 'FunctionNotFound');
});

test('a backlog of one function does not hold up another', async () => {
  const stuck = new Promise<FakeOutcome>(() => {});
  const { asynchronous, clock, invoker } = await start(({ functionName }) =>
    functionName === 'slow' ? stuck : { status: 'ok' },
  );
  for (let each = 0; each < 300; each++) await asynchronous.enqueue(event(`slow ${each}`, 'slow'));
  await asynchronous.enqueue(event('a'));
  await clock.advance(10);
  assert.equal(invoker.invocations.filter(({ functionName }) => functionName === 'hello').length, 1);
  assert.equal(invoker.invocations.filter(({ functionName }) => functionName === 'slow').length, 64);
});

test('an invocation of a quarter of an hour keeps its lease and runs once', async () => {
  let finish: (outcome: FakeOutcome) => void = () => {};
  const { asynchronous, clock, invoker } = await start(() => new Promise<FakeOutcome>((resolve) => (finish = resolve)));
  await asynchronous.enqueue(event('a'));
  await clock.advance(900_000);
  assert.equal(invoker.invocations.length, 1);
  finish({ status: 'ok' });
  await clock.advance(1);
  assert.deepEqual(await asynchronous.backlog(account, 'hello'), gone);
});

test('an event whose id is still held is dropped; one over the limit is refused with the figures', async () => {
  const { asynchronous, clock, invoker } = await start(() => ({ status: 'function_error', errorMessage: 'no' }));
  await asynchronous.enqueue(event('a'));
  await clock.advance(10);
  await asynchronous.enqueue(event('a'));
  await clock.advance(10);
  assert.equal(invoker.invocations.length, 1);
  const large = { ...event('b'), event: `"${'x'.repeat(1_048_575)}"` };
  await assert.rejects(asynchronous.enqueue(large), /1048577 bytes; at most 1048576/);
});

test('two thousand events keep twenty environments busy and are acknowledged in groups', async () => {
  const { asynchronous, clock, invoker, store } = await start(async () => {
    if (invoker.running > 20) return { status: 'throttled', reason: 'function', retryAfterMs: 1_000 };
    await new Promise((resolve) => setImmediate(resolve));
    return { status: 'ok' };
  });
  let acknowledgements = 0;
  const acknowledge = store.log.acknowledge.bind(store.log);
  store.log.acknowledge = async (topic, receipts) => {
    acknowledgements += 1;
    await new Promise((resolve) => setImmediate(resolve));
    return acknowledge(topic, receipts);
  };
  await Promise.all(Array.from({ length: 2_000 }, (_, each) => asynchronous.enqueue(event(`${each}`))));
  // Time does not move: neither a poll nor a back-off is needed while invocations come to an end.
  for (let turn = 0; turn < 2_000 && (await asynchronous.backlog(account, 'hello')).leased > 0; turn++)
    await clock.advance(0);
  assert.deepEqual(await asynchronous.backlog(account, 'hello'), gone);
  const refused = invoker.invocations.length - 2_000;
  assert(refused < 500, `${refused} refusals`);
  assert(acknowledgements < 1_000, `${acknowledgements} acknowledgements`);
  assert.equal(new Set(invoker.invocations.map(({ requestId }) => requestId)).size, 2_000);
});

test('it stops cleanly: what runs is waited for, what waits is there after the next start', async () => {
  let finish: (outcome: FakeOutcome) => void = () => {};
  const { asynchronous, clock, store, parts } = await start(
    () => new Promise<FakeOutcome>((resolve) => (finish = resolve)),
    lambda,
    {
      concurrencyMax: 1,
    },
  );
  await asynchronous.enqueue(event('a'));
  await asynchronous.enqueue(event('b'));
  await clock.advance(1);
  const disposed = asynchronous[Symbol.asyncDispose]();
  // A function that is waited for may bring about another event.
  await asynchronous.enqueue(event('c'));
  finish({ status: 'ok' });
  await disposed;
  assert.deepEqual(await store.log.depth('invoke/000000000000/hello'), { ready: 2, delayed: 0, leased: 0 });
  const invoker = new FakeInvoker(parts);
  await using again = await Asynchronous.open({ ...parts, invoker });
  await clock.advance(1);
  assert.deepEqual(
    invoker.invocations.map(({ requestId }) => requestId),
    [derivedUuid('b'), derivedUuid('c')],
  );
  assert.deepEqual(await again.backlog(account, 'hello'), gone);
});

test('events run with the real clock too', async () => {
  const store = openMemoryStore({ clock: systemClock });
  const telemetry = new Telemetry();
  let left = 50;
  let finished: () => void = () => {};
  const all = new Promise<void>((resolve) => (finished = resolve));
  const invoker = new FakeInvoker({ clock: systemClock, telemetry }, ({ attempt }) => {
    if (attempt === 1) return { status: 'function_error', errorMessage: 'again' };
    if (--left === 0) finished();
    return { status: 'ok' };
  });
  const queues = await Queues.open({ ...store, clock: systemClock, ids: randomIds });
  await using asynchronous = await Asynchronous.open({
    region: 'us-east-1',
    log: store.log,
    queues,
    buckets: noBuckets,
    topics: noTopics,
    buses: noBuses,
    registry: registryOf(lambda),
    invoker,
    telemetry,
    clock: systemClock,
    ids: randomIds,
    report: (message) => assert.fail(message),
    retryDelaysMs: [5],
  });
  for (let each = 0; each < 50; each++) await asynchronous.enqueue(event(`${each}`));
  const alive = setInterval(() => {}, 1_000);
  await all;
  clearInterval(alive);
  assert.equal(invoker.invocations.length, 100);
});

const configured = (invoke: Partial<EventInvoke>, extras: Partial<FunctionExtras> = {}) =>
  registryOf(lambda, { ...extras, eventInvokes: { live: { modifiedMs: 0, ...invoke } } });
const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:${account}:${name}`;

test("a qualifier's own configuration decides its attempts and its age, and another qualifier's does not", async () => {
  const { asynchronous, clock, invoker } = await start(
    () => ({ status: 'function_error', errorMessage: 'no' }),
    lambda,
    { registry: configured({ attemptsMax: 1 }) },
  );
  await asynchronous.enqueue(event('a'));
  await clock.advance(600_000);
  assert.deepEqual(attemptsOf(invoker), [1]);
  const { qualifier: _live, ...latest } = event('b');
  await asynchronous.enqueue(latest);
  await clock.advance(600_000);
  assert.deepEqual(attemptsOf(invoker), [1, 1, 2, 3]);
});

test("a success is told to its queue in Lambda's envelope, once", async () => {
  const { asynchronous, clock, queues, invoker } = await start(
    ({ attempt }) =>
      attempt === 1 ? { status: 'function_error', errorMessage: 'not yet' } : { status: 'ok', answer: '{"done":true}' },
    lambda,
    { registry: configured({ onSuccess: queueArn('told') }) },
  );
  await queues.create(account, 'told');
  const begunMs = clock.now();
  await asynchronous.enqueue(event('a'));
  await clock.advance(60_001);
  const messages = await queues.receive(account, 'told', { max: 10 });
  assert.equal(messages.length, 1);
  assert.deepEqual(JSON.parse(messages[0]?.body ?? ''), {
    version: '1.0',
    timestamp: new Date(begunMs + 60_000).toISOString(),
    requestContext: {
      requestId: derivedUuid('a'),
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:hello:live',
      condition: 'Success',
      approximateInvokeCount: 2,
    },
    requestPayload: { name: 'a' },
    responseContext: { statusCode: 200, executedVersion: '$LATEST' },
    responsePayload: { done: true },
  });
  const arn = functionArn('us-east-1', account, 'hello');
  assert.equal(messages[0]?.cause?.hops[arn], 1, 'a loop over the queue is one of this function');
  assert.deepEqual(await asynchronous.backlog(account, 'hello'), gone);
  assert.equal(invoker.invocations.length, 2);
});

test('a failure is told to another function, as its event, and the dead-letter queue has the event besides', async () => {
  const { asynchronous, clock, invoker, queues } = await start(
    ({ functionName }) =>
      functionName === 'hello' ? { status: 'function_error', errorMessage: 'no' } : { status: 'ok' },
    { ...lambda, deadLetterQueue: 'dead' },
    {
      registry: {
        resolve: (_account, name) =>
          ({
            version: { settings: { ...lambda, ...(name === 'hello' && { deadLetterQueue: 'dead' }) } },
            function: {
              extras: {
                ...noExtras,
                ...(name === 'hello' && {
                  eventInvokes: {
                    live: {
                      attemptsMax: 1,
                      modifiedMs: 0,
                      onFailure: `arn:aws:lambda:us-east-1:${account}:function:mend:3`,
                    },
                  },
                }),
              },
            },
          }) as ReturnType<Registry['resolve']>,
      },
    },
  );
  await queues.create(account, 'dead');
  await asynchronous.enqueue(event('a'));
  await clock.advance(10);
  const mend = invoker.invocations.find(({ functionName }) => functionName === 'mend');
  assert.equal(mend?.qualifier, '3');
  assert.equal(mend?.source, 'destination');
  const record = JSON.parse(Buffer.from(mend?.event ?? []).toString());
  assert.equal(record.requestContext.condition, 'RetriesExhausted');
  assert.equal(record.responseContext.functionError, 'Unhandled');
  assert.equal((await queues.receive(account, 'dead', { max: 10 }))[0]?.body, '{"name":"a"}');
  assert.equal(await asynchronous.deadLetterCount(account, 'hello'), 0);
});

test('a failure is told to a bucket, under a key of its own', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const buckets = await openBuckets({ ...store, clock, ids: randomIds, wantsEvents: () => false });
  await buckets.create({ account, bucket: 'failures' });
  const { asynchronous, clock: time } = await start(() => ({ status: 'function_error', errorMessage: 'no' }), lambda, {
    buckets,
    registry: configured({ attemptsMax: 1, onFailure: 'arn:aws:s3:::failures' }),
  });
  await asynchronous.enqueue(event('a'));
  await time.advance(10);
  for (let turn = 0; turn < 20; turn++) await time.advance(1);
  const { items } = await buckets.objects({ account, bucket: 'failures' }, { limit: 10 });
  assert.equal(items.length, 1);
  assert.match(
    items[0]?.key ?? '',
    /^aws\/lambda\/async\/hello\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
  );
});

test('a success is told to a topic, once though it is told twice', async () => {
  const { asynchronous, clock, store, topics, parts } = await start(
    () => ({ status: 'ok', answer: '"done"' }),
    lambda,
    {
      registry: configured({ onSuccess: 'arn:aws:sns:us-east-1:000000000000:news' }),
    },
  );
  await topics.create(account, 'news');
  await asynchronous.enqueue(event('a'));
  await clock.advance(10);
  const published = async () =>
    (await store.log.peek(publishedTopics.plain, 10)).map(({ body }) => JSON.parse(body).message);
  const [message] = await published();
  assert.equal(JSON.parse(message.message).responsePayload, 'done');
  const sending = {
    account,
    functionName: 'hello',
    qualifier: '$LATEST',
    requestId: JSON.parse(message.message).requestContext.requestId as RequestId,
    decidedMs: 0,
    record: message.message as string,
    cause: message.cause as Cause,
  };
  await sendToDestination('arn:aws:sns:us-east-1:000000000000:news', sending, {
    ...parts,
    enqueue: () => Promise.resolve(),
  });
  assert.equal((await published()).length, 1);
});

test('a success is told to an event bus, as an event of Lambda’s', async () => {
  const { asynchronous, clock, store } = await start(() => ({ status: 'ok', answer: '"done"' }), lambda, {
    registry: configured({ onSuccess: 'arn:aws:events:us-east-1:000000000000:event-bus/default' }),
  });
  await asynchronous.enqueue(event('a'));
  await clock.advance(10);
  const [put] = (await store.log.peek(busEventsTopic, 10)).map(({ body }) => JSON.parse(body) as PutEvent);
  assert.equal(put?.event.source, 'lambda');
  assert.equal(put?.event.detailType, 'Lambda Function Invocation Result - Success');
  assert.equal((JSON.parse(put.event.detail) as { responsePayload: string }).responsePayload, 'done');
});

test('a destination that is gone loses no failure, and makes no success run again', async () => {
  const failing = await start(() => ({ status: 'function_error', errorMessage: 'no' }), lambda, {
    registry: configured({ attemptsMax: 1, onFailure: queueArn('missing') }),
  });
  await failing.asynchronous.enqueue(event('a'));
  await failing.clock.advance(10);
  assert.equal(await failing.asynchronous.deadLetterCount(account, 'hello'), 1);
  assert.match(failing.reports.join(), /destination arn:aws:sqs:us-east-1:000000000000:missing/);

  const fine = await start(() => ({ status: 'ok', answer: '1' }), lambda, {
    registry: configured({ onSuccess: queueArn('missing') }),
  });
  await fine.asynchronous.enqueue(event('a'));
  await fine.clock.advance(10);
  assert.deepEqual(await fine.asynchronous.backlog(account, 'hello'), gone);
  assert.equal(fine.invoker.invocations.length, 1);
  assert(fine.events.some((one) => one.kind === 'log' && /DESTINATION .*missing did not take/.test(one.text)));
});

test('with a reserved concurrency of none, events go where failures go, without an attempt', async () => {
  const { asynchronous, clock, invoker, queues } = await start(() => ({ status: 'ok' }), lambda, {
    registry: configured({ onFailure: queueArn('failed') }, { reservedConcurrency: 0 }),
  });
  await queues.create(account, 'failed');
  await asynchronous.enqueue(event('a'));
  await clock.advance(10);
  assert.equal(invoker.invocations.length, 0);
  const [message] = await queues.receive(account, 'failed', { max: 1 });
  assert.partialDeepStrictEqual(JSON.parse(message?.body ?? ''), {
    requestContext: { condition: 'ZeroReservedConcurrency', approximateInvokeCount: 0 },
  });
});

test('a version is waited for by events that are not settled: those that wait, and those that are tried again', async () => {
  const { asynchronous, clock } = await start(({ attempt }) =>
    attempt === 1 ? { status: 'function_error', errorMessage: 'no' } : { status: 'ok' },
  );
  const mayWaitFor = (qualifier: string): Promise<boolean> => asynchronous.mayWaitFor(account, 'hello', qualifier);
  await asynchronous.enqueue({ ...event('a'), qualifier: '3' });
  assert.deepEqual([await mayWaitFor('3'), await mayWaitFor('33'), await mayWaitFor('live')], [true, false, false]);
  await clock.advance(1_000);
  assert.equal(await mayWaitFor('3'), true, 'its first attempt failed');
  await clock.advance(600_000);
  assert.deepEqual(await asynchronous.backlog(account, 'hello'), gone);
  assert.equal(await mayWaitFor('3'), false);
});

test('where more events wait than are looked at, any version may be meant', async () => {
  const { asynchronous } = await start(() => ({ status: 'function_error', errorMessage: 'no' }));
  for (let at = 0; at <= 100; at++) await asynchronous.enqueue(event(String(at)));
  assert.equal(await asynchronous.mayWaitFor(account, 'hello', '3'), true);
});

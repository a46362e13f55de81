import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { BindingSource } from '../registry/binding.ts';
import type { Invocation } from '../invoke/invoke.ts';
import { causedBy, newCause } from '../util/cause.ts';
import { functionArn } from '../util/ids.ts';
import type { FakeOutcome } from './fake-invoker.ts';
import { failedIds } from './queue-notification.ts';
import { queueSource } from './queue.ts';
import { account, rig, type SourceRig } from './source-rig.ts';

const jobs = (more: Partial<BindingSource & { kind: 'queue' }> = {}): BindingSource => ({
  kind: 'queue',
  queue: 'jobs',
  batchMax: 10,
  windowMs: 0,
  reportsFailures: false,
  ...more,
});
const none = { ready: 0, delayed: 0, leased: 0 };

type Record = { messageId: string; body: string; attributes: { [name: string]: string } };
const recordsOf = ({ event }: Invocation): Record[] => JSON.parse(Buffer.from(event).toString()).Records;
const bodiesOf = (invocation: Invocation): string[] => recordsOf(invocation).map(({ body }) => body);
const send = async ({ queues }: SourceRig, ...bodies: string[]): Promise<string[]> =>
  (
    await queues.send(
      account,
      'jobs',
      bodies.map((body) => ({ body, senderId: 'me' })),
    )
  ).map(({ id }) => id);

async function started(decide?: (invocation: Invocation) => FakeOutcome | Promise<FakeOutcome>): Promise<SourceRig> {
  const one = await rig(queueSource, decide === undefined ? {} : { decide });
  await one.queues.create(account, 'jobs', { visibilityMs: 30_000 });
  return one;
}

test('messages are given in batches, and deleted when the function succeeded', async () => {
  const one = await started();
  await one.bind('work', jobs({ batchMax: 3 }));
  await send(one, 'a', 'b', 'c', 'd');
  await one.clock.advance(10);
  assert.deepEqual(one.invoker.invocations.map(bodiesOf), [['a', 'b', 'c'], ['d']]);
  assert(one.invoker.invocations.every(({ source, qualifier }) => source === 'queue' && qualifier === 'live'));
  assert.deepEqual(await one.queues.depth(account, 'jobs'), none);
});

const fixture = new URL('../../../shared/fixtures/events/sqs/base.json', import.meta.url);
test(
  'the event has the shape of SQS’s',
  { skip: existsSync(fixture) ? false : 'the shared fixtures are not beside this checkout' },
  async () => {
    const one = await started();
    await one.bind('work', jobs());
    await one.queues.send(account, 'jobs', [
      {
        body: 'Test message.',
        senderId: 'AIDAIENQZJOLO23YVJ4VO',
        attributes: { testAttr: { type: 'Number', text: '100' } },
      },
    ]);
    await one.clock.advance(10);
    const [record] = JSON.parse(Buffer.from(one.invoker.invocations[0]?.event ?? []).toString()).Records;
    const [expected] = JSON.parse(readFileSync(fixture, 'utf8')).Records;
    assert.deepEqual(Object.keys(record).sort(), Object.keys(expected).sort());
    assert.deepEqual(Object.keys(record.attributes).sort(), Object.keys(expected.attributes).sort());
    assert.equal(record.attributes.ApproximateReceiveCount, '1');
    assert.equal(record.md5OfBody, createHash('md5').update('Test message.').digest('hex'));
    assert.deepEqual(record.messageAttributes.testAttr, {
      stringValue: '100',
      stringListValues: [],
      binaryListValues: [],
      dataType: 'Number',
    });
    assert.equal(record.eventSourceARN, 'arn:aws:sqs:us-east-1:000000000000:jobs');
  },
);

test('messages of a batch that failed come back after the visibility time-out, and after enough receives lie in the dead-letter queue', async () => {
  const one = await started(() => ({ status: 'function_error', errorMessage: 'no' }));
  await one.queues.create(account, 'dead');
  await one.queues.update(account, 'jobs', { redrive: { deadLetterQueue: 'dead', receivesMax: 2 } });
  await one.bind('work', jobs());
  const [id] = await send(one, 'a');
  await one.clock.advance(29_000);
  assert.equal(one.invoker.invocations.length, 1);
  await one.clock.advance(2_000);
  assert.deepEqual(
    one.invoker.invocations.map((each) => recordsOf(each)[0]?.attributes['ApproximateReceiveCount']),
    ['1', '2'],
  );
  await one.clock.advance(31_000);
  assert.equal(one.invoker.invocations.length, 2);
  assert.deepEqual(await one.queues.depth(account, 'jobs'), none);
  const [dead] = await one.queues.receive(account, 'dead', { max: 10 });
  assert.equal(dead?.id, id);
  assert.equal(dead?.body, 'a');
  assert.equal(dead?.deadLetterSource, 'jobs');
});

test('only the messages that the answer names come back', async () => {
  const one = await started((invocation) => {
    const failures = recordsOf(invocation)
      .filter(({ body }) => body === 'bad')
      .map(({ messageId }) => ({ itemIdentifier: messageId }));
    return { status: 'ok', answer: JSON.stringify({ batchItemFailures: failures }) };
  });
  await one.bind('work', jobs({ reportsFailures: true }));
  await send(one, 'good', 'bad', 'good too');
  await one.clock.advance(10);
  assert.deepEqual(await one.queues.depth(account, 'jobs'), { ...none, leased: 1 });
  await one.clock.advance(31_000);
  assert.deepEqual(one.invoker.invocations.map(bodiesOf), [['good', 'bad', 'good too'], ['bad']]);
});

test('an answer says which messages failed as Lambda reads it', () => {
  const ids = ['a', 'b'];
  const failed = (answer: string) => [...failedIds(Buffer.from(answer), ids)];
  for (const success of ['', 'null', '{}', '{"batchItemFailures":[]}', '{"batchItemFailures":null}', '"fine"']) {
    assert.deepEqual(failed(success), [], success);
  }
  assert.deepEqual(failed('{"batchItemFailures":[{"itemIdentifier":"b"}]}'), ['b']);
  for (const failure of [
    'not json',
    '{"batchItemFailures":[{"itemIdentifier":""}]}',
    '{"batchItemFailures":[{"itemIdentifier":null}]}',
    '{"batchItemFailures":[{"badKey":"b"}]}',
    '{"batchItemFailures":[{"itemIdentifier":"c"}]}',
    '{"batchItemFailures":["b"]}',
    '{"batchItemFailures":"b"}',
  ]) {
    assert.deepEqual(failed(failure), ids, failure);
  }
});

test('a window waits for more messages, and no longer once the batch is full', async () => {
  const one = await started();
  await one.bind('work', jobs({ batchMax: 3, windowMs: 20_000 }));
  await send(one, 'a');
  await one.clock.advance(10_000);
  assert.equal(one.invoker.invocations.length, 0);
  await send(one, 'b');
  await one.clock.advance(10_001);
  assert.deepEqual(one.invoker.invocations.map(bodiesOf), [['a', 'b']]);
  await send(one, 'c');
  await one.clock.advance(1_000);
  await send(one, 'd', 'e', 'f');
  await one.clock.advance(1);
  assert.deepEqual(one.invoker.invocations.map(bodiesOf), [
    ['a', 'b'],
    ['c', 'd', 'e'],
  ]);
});

test('a slow function keeps its messages hidden, and a throttled one uses up no receive', async () => {
  let throttled = true;
  let finish: (outcome: FakeOutcome) => void = () => {};
  const one = await started(() =>
    throttled
      ? { status: 'throttled', reason: 'function', retryAfterMs: 1_000 }
      : new Promise<FakeOutcome>((resolve) => (finish = resolve)),
  );
  await one.bind('work', jobs());
  await send(one, 'a');
  await one.clock.advance(120_000);
  throttled = false;
  await one.clock.advance(300_000);
  const counts = one.invoker.invocations.map((each) => recordsOf(each)[0]?.attributes['ApproximateReceiveCount']);
  assert(counts.length > 2 && counts.every((count) => count === '1'), counts.join());
  finish({ status: 'ok' });
  await one.clock.advance(1);
  assert.deepEqual(await one.queues.depth(account, 'jobs'), none);
});

test('a queue that is made after its binding, deleted, and made again is served each time', async () => {
  const one = await rig(queueSource);
  await one.bind('work', jobs());
  await one.clock.advance(10);
  await one.queues.create(account, 'jobs');
  await send(one, 'a');
  await one.clock.advance(10);
  await one.queues.delete(account, 'jobs');
  await one.clock.advance(10);
  await one.queues.create(account, 'jobs');
  await send(one, 'b');
  await one.clock.advance(10);
  assert.deepEqual(one.invoker.invocations.map(bodiesOf), [['a'], ['b']]);
  assert.deepEqual(one.reports, []);
});

test('a function that sends to its own queue is stopped: only the message that goes round is given up', async () => {
  const arn = functionArn('us-east-1', account, 'work');
  const round = Array.from({ length: 16 }).reduce<ReturnType<typeof newCause>>(
    (cause) => causedBy(cause, arn),
    newCause(0, '2'.repeat(24)),
  );
  const one = await started(({ cause }) =>
    (cause.hops[arn] ?? 0) >= 16 ? { status: 'recursion', hops: 16, message: 'work was stopped' } : { status: 'ok' },
  );
  await one.bind('work', jobs());
  await one.queues.send(account, 'jobs', [
    { body: 'innocent', senderId: 'me' },
    { body: 'round', senderId: 'me', cause: round },
  ]);
  await one.clock.advance(10);
  assert.deepEqual(await one.queues.depth(account, 'jobs'), none);
  const letters = await one.asynchronous.deadLetters(account, 'work', 10);
  assert.equal(letters.length, 1);
  assert.match(JSON.stringify(letters[0]?.requestPayload), /"body":"round"/);
  assert(one.events.some((event) => event.kind === 'log' && /work was stopped/.test(event.text)));
});

test('it stops cleanly: what was not begun is there at once for the next start', async () => {
  let finish: (outcome: FakeOutcome) => void = () => {};
  const one = await started(() => new Promise<FakeOutcome>((resolve) => (finish = resolve)));
  await one.bind('work', jobs({ batchMax: 1 }));
  await send(one, 'a');
  await one.clock.advance(10);
  const stopped = one.stop();
  finish({ status: 'ok' });
  await one.clock.advance(10);
  await stopped;
  await send(one, 'b');
  await one.clock.advance(10);
  assert.equal(one.invoker.invocations.length, 1);
  assert.deepEqual(await one.queues.depth(account, 'jobs'), { ...none, ready: 1 });
});

test('a queue whose settings change while a batch runs serves other messages meanwhile, and the batch is not doubled', async () => {
  const finish: ((outcome: FakeOutcome) => void)[] = [];
  const one = await started(() => new Promise<FakeOutcome>((resolve) => finish.push(resolve)));
  await one.bind('work', jobs());
  await send(one, 'slow');
  await one.clock.advance(10);
  await one.queues.update(account, 'jobs', { visibilityMs: 10_000 });
  await send(one, 'next');
  await one.clock.advance(10);
  assert.deepEqual(one.invoker.invocations.map(bodiesOf), [['slow'], ['next']]);
  await one.clock.advance(120_000);
  assert.equal(one.invoker.invocations.length, 2);
  for (const each of finish) each({ status: 'ok' });
  await one.clock.advance(10);
  assert.deepEqual(await one.queues.depth(account, 'jobs'), none);
});

test('only what a filter wants is given to the function; the rest is deleted', async () => {
  const one = await started();
  await one.bind('work', jobs({ filters: ['{"body":{"kind":["wanted"]}}', '{"body":["plain"]}'] }));
  await send(one, '{"kind":"wanted"}', '{"kind":"other"}', 'plain', 'other', '"plain"');
  await one.clock.advance(10);
  assert.deepEqual(one.invoker.invocations.flatMap(bodiesOf), ['{"kind":"wanted"}', 'plain']);
  assert.deepEqual(await one.queues.depth(account, 'jobs'), none);
  await send(one, 'other');
  await one.clock.advance(10);
  assert.equal(one.invoker.invocations.length, 1, 'a batch of which nothing is wanted invokes nothing');
  assert.deepEqual(await one.queues.depth(account, 'jobs'), none);
});

test('a binding that is not enabled takes nothing until it is, and no more batches run at once than it says', async () => {
  let finish = (): void => {};
  const one = await started(() => new Promise<FakeOutcome>((resolve) => (finish = () => resolve({ status: 'ok' }))));
  const binding = await one.bind('work', jobs({ enabled: false, batchMax: 1, concurrencyMax: 2 }));
  await send(one, 'a', 'b', 'c');
  await one.clock.advance(10);
  assert.equal(one.invoker.invocations.length, 0);
  await one.bindings.put({ ...binding, source: jobs({ enabled: true, batchMax: 1, concurrencyMax: 2 }) });
  await one.clock.advance(10);
  assert.equal(one.invoker.running, 2);
  finish();
  await one.clock.advance(10);
  assert.equal(one.invoker.invocations.length, 3);
  assert.equal(one.invoker.runningMax, 2);
});

test('as many batches run at once as Lambda begins with, and more each minute as long as messages wait', async () => {
  const one = await started(() => new Promise<FakeOutcome>(() => {}));
  await one.bind('work', jobs({ batchMax: 1 }));
  await send(one, ...Array.from({ length: 400 }, (_, at) => `m${at}`));
  await one.clock.advance(10);
  assert.equal(one.invoker.running, 5);
  for (let step = 0; step < 600; step++) await one.clock.advance(100);
  assert(one.invoker.running >= 300 && one.invoker.running <= 306, String(one.invoker.running));
});

test('a function that fails is given less at once for a while', async () => {
  const one = await started(async () => {
    await new Promise(setImmediate);
    return { status: 'function_error', errorMessage: 'no' };
  });
  await one.bind('work', jobs({ batchMax: 1 }));
  await send(one, ...Array.from({ length: 40 }, (_, at) => `m${at}`));
  await one.clock.advance(1_000);
  const before = one.invoker.invocations.length;
  one.invoker.runningMax = 0;
  await send(one, ...Array.from({ length: 10 }, (_, at) => `n${at}`));
  await one.clock.advance(100);
  assert(one.invoker.invocations.length > before);
  assert(one.invoker.runningMax < 5, String(one.invoker.runningMax));
});

async function startedFifo(decide: (invocation: Invocation) => FakeOutcome | Promise<FakeOutcome>): Promise<SourceRig> {
  const one = await rig(queueSource, { decide });
  await one.queues.create(account, 'jobs.fifo', { visibilityMs: 30_000, messageBytesMax: 1_048_576 });
  await one.bind('work', jobs({ queue: 'jobs.fifo' }));
  return one;
}

const sendInOrder = (one: SourceRig, bodies: readonly string[], more = '') =>
  one.queues.send(
    account,
    'jobs.fifo',
    bodies.map((body) => ({ body: body + more, senderId: 'me', group: body.slice(0, 1), deduplicationId: body })),
  );

test('of a FIFO queue each group is given in order, one batch at a time, and a failed one holds up its group alone', async () => {
  let failing = true;
  const seen: string[] = [];
  const one = await startedFifo(async (invocation) => {
    seen.push(...bodiesOf(invocation));
    if (failing && bodiesOf(invocation).some((body) => body.startsWith('a')))
      return { status: 'function_error', errorMessage: 'no' };
    return { status: 'ok' };
  });
  await sendInOrder(one, ['a1', 'a2']);
  await one.clock.advance(10);
  await sendInOrder(one, ['a3', 'b1', 'b2']);
  await one.clock.advance(10);
  assert.deepEqual(seen, ['a1', 'a2', 'b1', 'b2']);
  assert.deepEqual(recordsOf(one.invoker.invocations[1] ?? assert.fail())[0]?.attributes['MessageGroupId'], 'b');
  failing = false;
  await one.clock.advance(31_000);
  assert.deepEqual(seen.slice(4), ['a1', 'a2', 'a3']);
  assert.deepEqual(await one.queues.depth(account, 'jobs.fifo'), none);
});

test('what of a FIFO queue is too much for one event is given in parts, one after the other, and not past a failed one', async () => {
  const seen: string[] = [];
  let failing = true;
  let atOnce = 0;
  const one = await startedFifo(async (invocation) => {
    atOnce += 1;
    assert.equal(atOnce, 1, 'nothing overtakes');
    await new Promise(setImmediate);
    atOnce -= 1;
    const bodies = bodiesOf(invocation).map((body) => body.slice(0, 2));
    seen.push(bodies.join(' '));
    return failing ? { status: 'function_error', errorMessage: 'no' } : { status: 'ok' };
  });
  // Sent apart: no batch of SQS's is so large, but those of a queue may be together.
  for (const body of ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'])
    await sendInOrder(one, [body], 'x'.repeat(1_000_000));
  await one.clock.advance(1);
  assert.equal(seen.length, 1);
  failing = false;
  await one.clock.advance(31_000);
  for (let part = 0; part < 5; part++) await one.clock.advance(1);
  assert.deepEqual(await one.queues.depth(account, 'jobs.fifo'), none);
  assert.deepEqual(seen.slice(1).join(' ').split(' '), ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8']);
});

import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import type { Invocation } from '../invoke/invoke.ts';
import type { TableSource } from '../registry/binding.ts';
import { newItem, type AttributeValue } from '../resources/table/attribute-value.ts';
import type { StreamView, Table } from '../resources/table/table.ts';
import { newCause } from '../util/cause.ts';
import type { FakeOutcome } from './fake-invoker.ts';
import { Life, random } from './life.ts';
import { ProcessingResults } from './processing-results.ts';
import { account, rig, type SourceRig } from './source-rig.ts';
import { createTableSource } from './table.ts';

const hourMs = 3_600_000;
const queueArn = `arn:aws:sqs:us-east-1:${account}:failures`;
const source: TableSource = {
  kind: 'table',
  table: 'orders',
  startAt: 'oldest',
  batchMax: 100,
  windowMs: 0,
  parallel: 1,
  bisects: false,
  reportsFailures: false,
};

type TableRecord = {
  eventID: string;
  eventName: string;
  userIdentity?: object;
  eventSourceARN: string;
  dynamodb: {
    Keys: { id: { S: string } };
    NewImage?: { n?: { N: string } };
    OldImage?: object;
    SequenceNumber: string;
    SizeBytes: number;
    StreamViewType: string;
    ApproximateCreationDateTime: number;
  };
};
type Event = {
  Records: TableRecord[];
  window?: { start: string; end: string };
  state?: Record<string, number>;
  shardId?: string;
  isFinalInvokeForWindow?: boolean;
  isWindowTerminatedEarly?: boolean;
};

const eventOf = ({ event }: Invocation): Event => JSON.parse(Buffer.from(event).toString()) as Event;
const told = ({ dynamodb }: TableRecord): string => `${dynamodb.Keys.id.S}:${dynamodb.NewImage?.n?.N ?? '-'}`;
const allTold = (invocations: readonly Invocation[]): string[] =>
  invocations.flatMap((one) => eventOf(one).Records.map(told));

type World = SourceRig & {
  results: ProcessingResults;
  table: Table;
  put(id: string, n: number, more?: Record<string, AttributeValue>): Promise<void>;
  remove(id: string): Promise<void>;
};

async function world({
  decide,
  binding = {},
  view = 'NEW_AND_OLD_IMAGES',
  isOnDemand = false,
  on = {},
}: {
  decide?: (invocation: Invocation) => FakeOutcome | Promise<FakeOutcome>;
  binding?: Partial<TableSource>;
  view?: StreamView;
  isOnDemand?: boolean;
  on?: Parameters<typeof rig>[1];
} = {}): Promise<World> {
  const results = new ProcessingResults();
  const one = await rig(
    ({ tableStreams, ...engines }) => [createTableSource({ tableStreams, destinations: engines, results })],
    { ...on, ...(decide !== undefined && { decide }) },
  );
  const table =
    one.tables.get(account, 'orders') ??
    (await one.tables.create({
      account,
      name: 'orders',
      key: { partition: { name: 'id', type: 'S' } },
      indexes: [],
      billing: isOnDemand ? { mode: 'on demand' } : { mode: 'provisioned', readUnits: 5, writeUnits: 5 },
      isProtected: false,
      tags: {},
      stream: { view },
    }));
  if (one.queues.get(account, 'failures') === undefined) await one.queues.create(account, 'failures');
  if (one.bindings.list(account).length === 0) await one.bind('listen', { ...source, ...binding });
  const cause = newCause(0, 'c'.repeat(24));
  return {
    ...one,
    results,
    table,
    async put(id, n, more = {}) {
      const item = newItem([['id', { S: id }], ['n', { N: String(n) }], ...Object.entries(more)]);
      const key = newItem([['id', { S: id }]]);
      const { status } = await one.tables.items.write([{ table, key, decide: () => ({ kind: 'put', item }) }], {
        cause,
      });
      assert.equal(status, 'written');
    },
    async remove(id) {
      const key = newItem([['id', { S: id }]]);
      await one.tables.items.write([{ table, key, decide: () => ({ kind: 'delete' }) }], { cause, byExpiry: true });
    },
  };
}

async function letters(one: World): Promise<{ DDBStreamBatchInfo: { batchSize: number }; requestContext: object }[]> {
  const received = await one.queues.receive(account, 'failures', { max: 100, visibilityMs: 30_000, waitMs: 0 });
  return received.map(({ body }) => JSON.parse(body) as never);
}

test('a change of an item is told as DynamoDB tells it, and what changes nothing is not', async () => {
  const one = await world();
  await one.put('a', 1, { photo: { B: Buffer.from('bytes') } });
  await one.put('a', 1, { photo: { B: Buffer.from('bytes') } });
  await one.put('a', 2);
  await one.remove('a');
  await one.clock.advance(100);
  const records = one.invoker.invocations.flatMap((invocation) => eventOf(invocation).Records);
  const stream = one.tables.get(account, 'orders')?.stream;
  const [inserted, modified, removed] = records;
  assert.deepEqual(inserted, {
    eventID: inserted?.eventID,
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Date.UTC(2026, 0, 1) / 1_000),
      Keys: { id: { S: 'a' } },
      NewImage: { id: { S: 'a' }, n: { N: '1' }, photo: { B: Buffer.from('bytes').toString('base64') } },
      SequenceNumber: inserted?.dynamodb.SequenceNumber,
      SizeBytes: 3 + 3 + 3 + 10,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    eventSourceARN: `arn:aws:dynamodb:us-east-1:${account}:table/orders/stream/${stream?.label}`,
  });
  assert.equal(records.length, 3);
  assert.equal(modified?.eventName, 'MODIFY');
  assert.deepEqual(modified.dynamodb.OldImage, inserted?.dynamodb.NewImage);
  assert.equal(removed?.eventName, 'REMOVE');
  assert.equal(removed.dynamodb.NewImage, undefined);
  assert.deepEqual(removed.userIdentity, { type: 'Service', principalId: 'dynamodb.amazonaws.com' });
  assert.equal(new Set(records.map(({ eventID }) => eventID)).size, 3);
  assert.equal(one.invoker.invocations[0]?.cause.traceId, newCause(0, 'c'.repeat(24)).traceId);
  assert.equal(one.results.of(one.bindings.list(account)[0] ?? assert.fail('it is bound')), 'OK');
  await one.stop();
});

test('a stream that shows keys alone tells functions keys alone', async () => {
  const one = await world({ view: 'KEYS_ONLY' });
  await one.put('a', 1);
  await one.clock.advance(100);
  const [record] = one.invoker.invocations.flatMap((invocation) => eventOf(invocation).Records);
  assert.deepEqual(Object.keys(record?.dynamodb ?? {}).toSorted(), [
    'ApproximateCreationDateTime',
    'Keys',
    'SequenceNumber',
    'SizeBytes',
    'StreamViewType',
  ]);
  await one.stop();
});

test('a poisoned record is found by halves and told to the destination; all beside it are processed in order', async () => {
  const seen: string[] = [];
  const one = await world({
    binding: { bisects: true, retriesMax: 2, onFailure: queueArn, windowMs: 1_000 },
    decide(invocation) {
      const all = eventOf(invocation).Records.map(told);
      if (all.includes('item:13')) return { status: 'function_error', errorMessage: 'poison' };
      seen.push(...all);
      return { status: 'ok' };
    },
  });
  for (let n = 0; n < 40; n += 1) await one.put('item', n);
  await one.clock.advance(10 * 60_000);
  assert.deepEqual(
    seen,
    Array.from({ length: 40 }, (_, n) => `item:${n}`).filter((name) => name !== 'item:13'),
  );
  const [letter, ...more] = await letters(one);
  assert.equal(more.length, 0);
  assert.equal(letter?.DDBStreamBatchInfo.batchSize, 1);
  const failed = one.invoker.invocations.map(eventOf).filter(({ Records: all }) => all.map(told).join() === 'item:13');
  assert.equal(failed.length, 3, 'the first try of it alone, and two more');
  const poisoned = failed[0]?.Records[0] ?? assert.fail('it was tried alone');
  const shard = /^shardId-\d{20}-[0-9a-f]{8}$/;
  const {
    requestContext,
    DDBStreamBatchInfo: place,
    ...rest
  } = letter as never as Record<string, Record<string, unknown>>;
  assert.match(String(place?.['shardId']), shard);
  assert.deepEqual(requestContext, {
    requestId: requestContext?.['requestId'],
    functionArn: `arn:aws:lambda:us-east-1:${account}:function:listen:live`,
    condition: 'RetryAttemptsExhausted',
    approximateInvokeCount: 3,
  });
  assert.deepEqual(place, {
    shardId: place?.['shardId'],
    startSequenceNumber: poisoned.dynamodb.SequenceNumber,
    endSequenceNumber: poisoned.dynamodb.SequenceNumber,
    approximateArrivalOfFirstRecord: '2026-01-01T00:00:00Z',
    approximateArrivalOfLastRecord: '2026-01-01T00:00:00Z',
    batchSize: 1,
    streamArn: poisoned.eventSourceARN,
  });
  assert.deepEqual(rest, {
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: rest['timestamp'],
  });
  await one.stop();
});

test('where no destination is named, what is given up lies in the dead letters of the function', async () => {
  const one = await world({
    binding: { retriesMax: 0 },
    decide: () => ({ status: 'function_error', errorMessage: 'no' }),
  });
  await one.put('a', 1);
  await one.clock.advance(1_000);
  assert.equal(await one.asynchronous.deadLetterCount(account, 'listen'), 1);
  await one.stop();
});

test('it goes on at the lowest record that the function reports, and a bad answer is the whole batch', async () => {
  const answers: string[] = [];
  const one = await world({
    binding: { reportsFailures: true, windowMs: 1_000 },
    decide(invocation) {
      const { Records: records } = eventOf(invocation);
      const [second, third] = [records[1], records[2]].map((record) => record?.dynamodb.SequenceNumber);
      const answer = [
        // Whatever the order in which they are named.
        { batchItemFailures: [{ itemIdentifier: third }, { itemIdentifier: second }] },
        { batchItemFailures: [{ itemIdentifier: '' }] },
        { batchItemFailures: [{ itemIdentifier: 'unknown' }] },
        {},
      ][answers.length];
      answers.push(records.map(told).join());
      return { status: 'ok', answer: JSON.stringify(answer) };
    },
  });
  for (let n = 0; n < 4; n += 1) await one.put('a', n);
  await one.clock.advance(60_000);
  assert.deepEqual(answers, ['a:0,a:1,a:2,a:3', 'a:1,a:2,a:3', 'a:1,a:2,a:3', 'a:1,a:2,a:3']);
  await one.stop();
});

test('ten items written to 500 times each, with ten lanes: of each the changes arrive in order, several at once', async () => {
  const seen = new Map<string, number[]>();
  let runningMax = 0;
  const running = new Set<string>();
  const one = await world({
    binding: { enabled: false },
    isOnDemand: true,
    async decide(invocation) {
      const records = eventOf(invocation).Records.map(told);
      const items = new Set(records.map((record) => record.split(':')[0] ?? ''));
      for (const item of items) {
        assert.ok(!running.has(item), `${item} is given twice at once`);
        running.add(item);
      }
      runningMax = Math.max(runningMax, one.invoker.running);
      await nextTurn();
      for (const item of items) running.delete(item);
      if (invocation.attempt === 1 && Number(records[0]?.split(':')[1]) % 7 === 3)
        return { status: 'function_error', errorMessage: 'now and then' };
      for (const record of records) {
        const [item = '', n] = record.split(':');
        seen.set(item, [...(seen.get(item) ?? []), Number(n)]);
      }
      return { status: 'ok' };
    },
  });
  for (let n = 0; n < 500; n += 1)
    await Promise.all(Array.from({ length: 10 }, (_, item) => one.put(`item-${item}`, n)));
  // A store in memory goes through all that it has for each page: so all of it is there before it is read.
  await one.bind('listen', { ...source, parallel: 10, batchMax: 50 });
  const isDone = (): boolean => seen.size === 10 && [...seen.values()].every((all) => all.length >= 500);
  for (let rounds = 0; rounds < 100 && !isDone(); rounds += 1) await one.clock.advance(10_000);
  assert.equal(seen.size, 10);
  for (const all of seen.values())
    assert.deepEqual(
      all,
      Array.from({ length: 500 }, (_, n) => n),
    );
  assert.ok(runningMax > 1);
  await one.stop();
});

test('a failing item holds up its lane alone, and what is older than may be is given up', async () => {
  const seen: string[] = [];
  const one = await world({
    binding: { parallel: 10, batchMax: 1, ageMaxMs: 60_000, onFailure: queueArn },
    decide(invocation) {
      const [record = ''] = eventOf(invocation).Records.map(told);
      if (record === 'bad:1') return { status: 'function_error', errorMessage: 'no' };
      seen.push(record);
      return { status: 'ok' };
    },
  });
  await one.put('bad', 1);
  await one.put('bad', 2);
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await one.put(id, 1);
  await one.clock.advance(30_000);
  assert.ok(seen.length >= 4, `${seen.length} of the others have arrived`);
  assert.ok(!seen.includes('bad:2'));
  await one.clock.advance(10 * 60_000);
  const given = await letters(one);
  assert.match(JSON.stringify(given), /"condition":"RecordAgeExceeded"/);
  // What was behind it in its lane may have become too old as well.
  assert.equal(
    given.reduce((all, { DDBStreamBatchInfo: { batchSize } }) => all + batchSize, seen.length),
    10,
  );
  await one.stop();
});

test('records that the filters do not want are passed over', async () => {
  const one = await world({
    binding: { filters: ['{"eventName":["INSERT"],"dynamodb":{"NewImage":{"n":{"N":["2","4"]}}}}'] },
  });
  for (let n = 0; n < 6; n += 1) await one.put(`item-${n}`, n);
  await one.clock.advance(1_000);
  assert.deepEqual(allTold(one.invoker.invocations), ['item-2:2', 'item-4:4']);
  await one.stop();
});

test('a batch waits for its window, or until it is full', async () => {
  const one = await world({ binding: { batchMax: 3, windowMs: 5_000 } });
  for (let n = 0; n < 5; n += 1) await one.put('a', n);
  await one.clock.advance(1_000);
  assert.deepEqual(
    one.invoker.invocations.map((invocation) => eventOf(invocation).Records.length),
    [3],
  );
  await one.clock.advance(5_000);
  assert.deepEqual(
    one.invoker.invocations.map((invocation) => eventOf(invocation).Records.length),
    [3, 2],
  );
  await one.stop();
});

test('latest begins with what happens after the binding was made, also after a restart', async () => {
  const first = await world({ binding: { enabled: false } });
  await first.put('a', 1);
  await first.clock.advance(1_000);
  const [binding] = first.bindings.list(account);
  assert.ok(binding);
  await first.bindings.delete(account, binding.id);
  await first.bind('listen', { ...source, startAt: 'latest' });
  await first.stop();
  const second = await world({ on: { clock: first.clock, store: first.store } });
  await second.put('a', 2);
  await second.clock.advance(1_000);
  assert.deepEqual(allTold(second.invoker.invocations), ['a:2']);
  await second.stop();
});

test('shards that are rolled are read one after the other, and positions of what is gone are forgotten', async () => {
  const one = await world({ binding: { startAt: 'oldest', enabled: false } });
  for (let n = 0; n < 12; n += 1) {
    await one.put('a', n);
    await one.clock.advance(hourMs);
  }
  const [binding] = one.bindings.list(account);
  assert.ok(binding?.source.kind === 'table');
  await one.bindings.put({ ...binding, source: { ...binding.source, enabled: true } });
  await one.clock.advance(1_000);
  assert.deepEqual(
    allTold(one.invoker.invocations),
    Array.from({ length: 12 }, (_, n) => `a:${n}`),
  );
  assert.ok((await one.store.records.range({ prefix: 'stream-position/', limit: 100 })).length > 1);
  await one.clock.advance(26 * hourMs);
  assert.ok((await one.store.records.range({ prefix: 'stream-position/', limit: 100 })).length <= 8);
  await one.bindings.delete(account, binding.id);
  await one.clock.advance(1_000);
  assert.deepEqual(await one.store.records.range({ prefix: 'stream-position/', limit: 100 }), []);
  await one.stop();
});

test('time windows hand their state on, end once, and begin anew', async () => {
  const finals: [string, unknown][] = [];
  const one = await world({
    binding: { tumblingMs: 60_000 },
    decide(invocation) {
      const { Records: records, state = {}, window, isFinalInvokeForWindow: isFinal } = eventOf(invocation);
      if (isFinal === true) {
        assert.deepEqual(records, []);
        finals.push([window?.start ?? '', state['sum']]);
        return { status: 'ok', answer: '{}' };
      }
      const sum = records.reduce((all, { dynamodb }) => all + Number(dynamodb.NewImage?.n?.N), state['sum'] ?? 0);
      return { status: 'ok', answer: JSON.stringify({ state: { sum } }) };
    },
  });
  for (let n = 1; n <= 6; n += 1) {
    await one.put('a', n);
    await one.clock.advance(25_000);
  }
  await one.clock.advance(120_000);
  assert.deepEqual(finals, [
    ['2026-01-01T00:00:00Z', 1 + 2 + 3],
    ['2026-01-01T00:01:00Z', 4 + 5],
    ['2026-01-01T00:02:00Z', 6],
  ]);
  await one.stop();
});

test('the state of a window outlives the process', async () => {
  const decide = (invocation: Invocation): FakeOutcome => {
    const { Records: records, state = {} } = eventOf(invocation);
    return { status: 'ok', answer: JSON.stringify({ state: { seen: (state['seen'] ?? 0) + records.length } }) };
  };
  const first = await world({ binding: { tumblingMs: 900_000 }, decide });
  await first.put('a', 1);
  await first.clock.advance(1_000);
  await first.stop();
  const second = await world({ on: { clock: first.clock, store: first.store }, decide });
  await second.put('a', 2);
  await second.clock.advance(1_000);
  const [event] = second.invoker.invocations.map(eventOf);
  assert.deepEqual(event?.state, { seen: 1 });
  assert.deepEqual(event.Records.map(told), ['a:2']);
  await second.stop();
});

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`of no item anything is given before what happened before it, whenever the process dies (seed ${seed})`, async () => {
    const next = random(seed);
    const before = await world({ binding: { batchMax: 4, parallel: 3 }, isOnDemand: true });
    await before.stop();
    const { clock, store } = before;
    const seen = new Map<string, number[]>();
    const count = 12;
    const written = new Map(['a', 'b', 'c', 'd', 'e'].map((id) => [id, 0]));
    const isAll = (): boolean => [...written.keys()].every((id) => new Set(seen.get(id)).size === count);
    for (let lives = 0; !isAll(); lives += 1) {
      assert.ok(lives < 200, 'it never arrives');
      const life = new Life(20 + Math.floor(next() * 150), next);
      const over = { ...store, log: life.over(store.log), records: life.overRecords(store.records) };
      const decide = (invocation: Invocation): FakeOutcome | Promise<FakeOutcome> => {
        if (life.dead) return new Promise(() => {});
        for (const record of eventOf(invocation).Records.map(told)) {
          const [id = '', n] = record.split(':');
          seen.set(id, [...(seen.get(id) ?? []), Number(n)]);
        }
        return next() < 0.2 ? { status: 'function_error', errorMessage: 'now and then' } : { status: 'ok' };
      };
      let one: World | undefined;
      void world({ on: { clock, store: over }, decide }).then((opened) => (one = opened));
      for (let step = 0; step < 12 && !life.dead; step += 1) {
        await clock.advance(Math.floor(next() * 500));
        for (const [id, n] of written) {
          if (one === undefined || n === count || next() < 0.4) continue;
          // Whoever is not answered writes the same again, which changes nothing if it was written.
          await Promise.race([one.put(id, n).then(() => written.set(id, n + 1)), life.death]);
        }
      }
      await clock.advance(60_000);
      life.dead = true;
      void one?.stop();
    }
    for (const all of seen.values())
      assert.deepEqual(
        [...new Set(all)],
        Array.from({ length: count }, (_, n) => n),
      );
  });
}

test('an answer without a state is a failure of the window, and one that has grown too large ends it early', async () => {
  const events: Event[] = [];
  const one = await world({
    binding: { tumblingMs: 60_000, retriesMax: 1 },
    decide(invocation) {
      const event = eventOf(invocation);
      events.push(event);
      if (events.length === 1) return { status: 'ok', answer: '{"nothing":1}' };
      return { status: 'ok', answer: JSON.stringify({ state: { large: 'x'.repeat(1024 * 1024) } }) };
    },
  });
  await one.put('a', 1);
  await one.clock.advance(5_000);
  assert.deepEqual(
    events.map(({ isFinalInvokeForWindow: isFinal, isWindowTerminatedEarly: isEarly }) => [isFinal, isEarly]),
    [
      [false, false],
      [false, false],
      [true, true],
    ],
  );
  await one.put('a', 2);
  await one.clock.advance(5_000);
  assert.deepEqual(events[3]?.state, {}, 'the same window, with a new state');
  await one.stop();
});

test('what a changed binding still runs ends before the next begins: nothing of an item overtakes', async () => {
  const { promise: release, resolve } = Promise.withResolvers<void>();
  let isFirst = true;
  const one = await world({
    binding: { batchMax: 1 },
    async decide() {
      if (isFirst) {
        isFirst = false;
        await release;
      }
      return { status: 'ok' };
    },
  });
  await one.put('a', 1);
  await one.put('a', 2);
  await one.clock.advance(100);
  const [binding] = one.bindings.list(account);
  assert.ok(binding?.source.kind === 'table');
  await one.bindings.put({ ...binding, source: { ...binding.source, batchMax: 2 } });
  await one.clock.advance(1_000);
  assert.deepEqual(allTold(one.invoker.invocations), ['a:1']);
  resolve();
  await one.clock.advance(1_000);
  assert.deepEqual(allTold(one.invoker.invocations), ['a:1', 'a:2']);
  await one.stop();
});

test('what is left in a stream that was turned off comes before what is in the next', async () => {
  let isFailing = true;
  const seen: string[] = [];
  const one = await world({
    binding: { batchMax: 1 },
    decide(invocation) {
      if (isFailing) return { status: 'function_error', errorMessage: 'not yet' };
      seen.push(...eventOf(invocation).Records.map(told));
      return { status: 'ok' };
    },
  });
  await one.put('a', 1);
  await one.put('a', 2);
  await one.clock.advance(1_000);
  await one.tables.update(account, 'orders', () => ({ stream: 'off' }));
  await one.tables.update(account, 'orders', () => ({ stream: { view: 'NEW_IMAGE' } }));
  await one.put('a', 3);
  await one.clock.advance(60_000);
  isFailing = false;
  await one.clock.advance(60_000);
  assert.deepEqual(seen, ['a:1', 'a:2', 'a:3']);
  await one.stop();
});

test('what cannot be read is told and passed over', async () => {
  const one = await world({ binding: { enabled: false } });
  await one.put('a', 1);
  const [entry] = await one.store.records.range({ prefix: 'stream-record/', limit: 1 });
  assert.ok(entry);
  await one.store.records.transact([{ kind: 'put', key: entry.key, value: { hash: 1, body: 'other' } }]);
  await one.put('a', 2);
  await one.bind('listen', source);
  await one.clock.advance(1_000);
  assert.deepEqual(allTold(one.invoker.invocations), ['a:2']);
  assert.equal(one.reports.length, 1);
  assert.match(one.reports[0] ?? '', /cannot be read is passed over/);
  await one.stop();
});

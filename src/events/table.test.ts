import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newCause } from '../util/cause.ts';
import { account } from './source-rig.ts';
import { allTold, eventOf, source, world } from './table-rig.ts';

const hourMs = 3_600_000;

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

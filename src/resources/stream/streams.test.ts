import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import type { Records } from '../../store/records.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import type { AccountId } from '../../util/ids.ts';
import { isSequence, nextSequence, sequenceAt, sequenceBefore, timeOfSequence } from './sequence.ts';
import type { Shard, Stream } from './shard.ts';
import { Streams, type Pending } from './streams.ts';

const account = '000000000000' as AccountId;
const hourMs = 3_600_000;
const given = {
  account,
  table: 'orders',
  view: 'KEYS_ONLY' as const,
  key: { partition: { name: 'id', type: 'S' as const } },
  tableId: 'table-id',
  cipherKey: { kind: 'platform' as const, sealed: 'key' },
  shareCount: 4,
};

function world() {
  const clock = new FakeClock();
  const { records } = openMemoryStore({ clock });
  const open = (over: Records = records, streamsMax?: number): Promise<Streams> =>
    Streams.open({
      records: over,
      clock,
      ...(streamsMax !== undefined && { streamsMax }),
      report: (message, cause) => assert.fail(`${message}: ${String(cause)}`),
    });
  const commit = async (pending: Pending | undefined): Promise<void> => {
    assert.ok(pending, 'something is to be committed');
    assert.equal((await records.transact(pending.operations)).status, 'committed');
    pending.committed();
  };
  const write = (streams: Streams, stream: Stream, partition: string, body = partition): Promise<void> =>
    commit(streams.append(stream, { partition, item: partition, body: () => body }));
  const made = async (streams: Streams, label = 'first'): Promise<Stream> => {
    await commit(streams.start({ ...given, label }));
    return streams.get(account, given.table, label) ?? assert.fail('it was committed');
  };
  return { clock, records, open, commit, write, made };
}

const beginning = sequenceAt(0);
const page = { limit: 1_000, bytesMax: 1024 * 1024 };

/** All that is there, shard after shard, a parent before its child. */
async function readAll(streams: Streams, { account: of, table, label }: Stream): Promise<string[]> {
  const bodies: string[] = [];
  for (const shard of streams.get(of, table, label)?.shards ?? []) {
    let [after, isMore] = [beginning, true];
    while (isMore) {
      const read = await streams.read({ account: of, table, label }, shard, { after, ...page, limit: 3 });
      bodies.push(...read.records.map(({ body }) => body));
      isMore = read.records.length > 0;
      after = read.after;
    }
  }
  return bodies;
}

const shardsOf = (streams: Streams, { table, label }: Stream): readonly Shard[] =>
  streams.get(account, table, label)?.shards ?? [];

test('sequence numbers grow, also when the clock goes back, and tell when they were given', () => {
  let last = sequenceAt(1_000);
  const all = [last];
  for (const nowMs of [1_000, 1_000, 1_001, 900, 1_002.7]) all.push((last = nextSequence(last, nowMs)));
  assert.deepEqual(all, all.toSorted());
  assert.equal(new Set(all).size, all.length);
  assert.ok(all.every((one) => isSequence(one) && one.length === 21));
  assert.equal(timeOfSequence(last), 1_002);
  assert.equal(nextSequence(`1${'5'.padStart(14, '0')}999999`, 5), sequenceAt(6));
  for (const one of all) assert.ok(sequenceBefore(one) < one);
});

test('records of one partition are in one shard and in order, those of many in all shards; a restart goes on', async () => {
  const { open, made, write, clock } = world();
  const streams = await open();
  const stream = await made(streams);
  for (let n = 0; n < 40; n += 1) await write(streams, stream, `item-${n % 10}`, `${n}`);
  await streams[Symbol.asyncDispose]();
  await clock.advance(-5_000);
  const again = await open();
  for (let n = 40; n < 60; n += 1) await write(again, stream, `item-${n % 10}`, `${n}`);
  const used = new Set<string>();
  const placeOf = new Map<number, string>();
  for (const shard of shardsOf(again, stream)) {
    const { records } = await again.read(stream, shard, { after: beginning, ...page });
    if (records.length > 0) used.add(shard.id);
    assert.deepEqual(
      records.map(({ sequence }) => sequence),
      records.map(({ sequence }) => sequence).toSorted(),
    );
    for (const item of Map.groupBy(records, ({ body }) => Number(body) % 10).values()) {
      const numbers = item.map(({ body }) => Number(body));
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
      );
      assert.equal(numbers.length, 6, 'all of an item are in one shard');
      placeOf.set((numbers[0] ?? 0) % 10, shard.id);
    }
  }
  assert.equal(placeOf.size, 10);
  assert.ok(used.size > 1);
  await again[Symbol.asyncDispose]();
});

test('a page holds at most so many records and bytes, and one record however large', async () => {
  const { open, made, write } = world();
  const streams = await open();
  const stream = await made(streams);
  const large = 'x'.repeat(500);
  for (let n = 0; n < 50; n += 1) await write(streams, stream, 'same', `${n} ${large}`);
  const found: number[] = [];
  for (const shard of shardsOf(streams, stream)) {
    let after = beginning;
    for (;;) {
      const read = await streams.read(stream, shard, { after, limit: 1_000, bytesMax: 1_200 });
      assert.ok(read.records.length <= 2);
      if (read.records.length === 0) break;
      found.push(...read.records.map(({ body }) => Number(body.split(' ')[0])));
      after = read.after;
      const [one] = (await streams.read(stream, shard, { after: beginning, limit: 1, bytesMax: 10 })).records;
      assert.ok(one !== undefined);
    }
  }
  assert.deepEqual(
    found,
    Array.from({ length: 50 }, (_, n) => n),
  );
  await streams[Symbol.asyncDispose]();
});

test('shards are rolled after hours: each has a child with its share, and is over for who has read it', async () => {
  const { open, made, write, clock } = world();
  const streams = await open();
  const stream = await made(streams);
  await write(streams, stream, 'one', 'before');
  await clock.advance(4 * hourMs + 120_000);
  await write(streams, stream, 'one', 'after');
  const shards = shardsOf(streams, stream);
  assert.equal(shards.length, 8);
  for (const child of shards.slice(4)) {
    const parent = shards.find(({ id }) => id === child.parent);
    assert.equal(parent?.share, child.share);
    assert.ok((parent.lastSequence ?? '') < child.firstSequence);
    assert.equal((await streams.read(stream, parent, { after: beginning, ...page })).isOver, true);
    assert.equal((await streams.read(stream, child, { after: beginning, ...page })).isOver, false);
  }
  assert.deepEqual(await readAll(streams, stream), ['before', 'after']);
  await streams[Symbol.asyncDispose]();
});

test('a shard is not over before everything that was given a number in it is committed, and a child is known after a crash', async () => {
  const { open, made, clock, records } = world();
  const held: (() => void)[] = [];
  let isHeld = false;
  // A disk that takes its time: what is asked of it is done in order, and answered when the test says so.
  const slow: Records = {
    ...records,
    get: (...asked) => records.get(...asked),
    range: (...asked) => records.range(...asked),
    transact(operations) {
      if (!isHeld) return records.transact(operations);
      return new Promise((resolve, reject) => {
        held.push(() => void records.transact(operations).then(resolve, reject));
      });
    },
  };
  const streams = await open(slow);
  const stream = await made(streams);
  isHeld = true;
  const early = streams.append(stream, { partition: 'one', item: 'one', body: () => 'early' });
  const earlyDone = slow.transact(early?.operations ?? []);
  await clock.advance(4 * hourMs + 120_000);
  for (const shard of shardsOf(streams, stream))
    assert.equal((await streams.read(stream, shard, { after: beginning, ...page })).isOver, false);
  const late = streams.append(stream, { partition: 'one', item: 'one', body: () => 'late' });
  assert.equal(late?.operations.length, 2, 'the shard that nobody knows of yet goes along');
  // The roll itself is refused, as if the disk had been full then: first and third are written.
  const [first, , third] = [...held, (): void => void records.transact(late.operations)];
  first?.();
  third?.();
  await earlyDone;
  const again = await open();
  assert.deepEqual(await readAll(again, stream), ['early', 'late']);
  assert.equal(shardsOf(again, stream).length, 8);
  await again[Symbol.asyncDispose]();
});

test('records are kept for a day, then their shards go, and a stream that was stopped with the last of them', async () => {
  const { open, made, write, commit, clock, records } = world();
  const streams = await open();
  const stream = await made(streams);
  await write(streams, stream, 'one', 'old');
  await clock.advance(23 * hourMs);
  await write(streams, stream, 'one', 'young');
  assert.deepEqual(await readAll(streams, stream), ['old', 'young']);
  await commit(streams.stop(account, stream.table, stream.label));
  assert.equal(streams.append(stream, { partition: 'one', item: 'one', body: () => 'none' }), undefined);
  assert.equal(streams.stop(account, stream.table, stream.label), undefined);
  const second = await made(streams, 'second');
  assert.notEqual(second.label, stream.label);
  assert.equal(streams.ofTable(account, 'orders')?.label, second.label);
  await clock.advance(2 * hourMs);
  assert.deepEqual(await readAll(streams, stream), ['young']);
  await clock.advance(24 * hourMs);
  assert.equal(streams.get(account, stream.table, stream.label), undefined);
  assert.deepEqual(
    (await records.range({ prefix: 'stream', limit: 100 })).map(({ key }) => key),
    [`stream/${account}/orders/${second.label}`],
  );
  await streams[Symbol.asyncDispose]();
});

test('a stream whose end the disk refused can be ended again, and its shards go on meanwhile', async () => {
  const { clock, open, commit, write, made } = world();
  await using streams = await open();
  const stream = await made(streams);
  await write(streams, stream, 'a');
  const first = streams.stop(account, given.table, 'first');
  first?.refused?.();
  await clock.advance(5 * hourMs);
  await streams.sweep();
  assert.equal(shardsOf(streams, stream).length, 2 * given.shareCount, 'they were rolled');
  await commit(streams.stop(account, given.table, 'first'));
  assert.ok(streams.get(account, given.table, 'first')?.closedMs !== undefined);
  await clock.advance(25 * hourMs);
  await streams.sweep();
  assert.deepEqual(streams.list(account), []);
});

test('an account has so many streams, with those that were turned off, and others are told of each that is let go of', async () => {
  const { clock, records, open, commit } = world();
  const streamsMax = 3;
  const before = await open(records, streamsMax);
  for (let n = 0; n < streamsMax; n += 1) {
    await commit(before.start({ ...given, shareCount: 1, label: `label-${n}` }));
    await commit(before.stop(account, given.table, `label-${n}`));
  }
  const another = { ...given, label: 'another' };
  assert.throws(() => before.start(another), { reason: 'LimitExceededException', message: /3 streams/ });
  await commit(before.start({ ...another, account: '111111111111' as AccountId }));
  await before[Symbol.asyncDispose]();
  await clock.advance(25 * hourMs);
  await using streams = await open();
  const gone: string[] = [];
  streams.watchGone(({ label }) => void gone.push(label));
  await streams.sweep();
  assert.equal(new Set(gone).size, streamsMax);
  await commit(streams.start(another));
});

test('streams of a table have its key as it is sealed now, also after a restart, and as before where the disk refused', async () => {
  const { open, commit, write, made, clock } = world();
  const streams = await open();
  const stream = await made(streams);
  const keys = (of: Streams): string[] => of.list(account).map(({ cipherKey }) => JSON.stringify(cipherKey));
  const sealedAnew = { kind: 'platform' as const, sealed: 'anew' };
  streams.rekey(account, given.tableId, { kind: 'platform', sealed: 'never' })?.refused?.();
  assert.deepEqual(keys(streams), [JSON.stringify(given.cipherKey)]);
  await commit(streams.rekey(account, given.tableId, sealedAnew));
  assert.deepEqual(keys(streams), [JSON.stringify(sealedAnew)]);
  await write(streams, stream, 'a');
  await clock.advance(5 * hourMs);
  await streams.sweep();
  await streams[Symbol.asyncDispose]();
  await using again = await open();
  assert.deepEqual(keys(again), [JSON.stringify(sealedAnew)]);
  assert.equal(again.rekey(account, 'another table', sealedAnew), undefined);
});

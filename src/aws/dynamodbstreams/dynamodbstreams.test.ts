import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTables } from '../../events/source-rig.ts';
import { newItem } from '../../resources/table/attribute-value.ts';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { newCause } from '../../util/cause.ts';
import { PlatformError } from '../../util/errors.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import type { AccountId } from '../../util/ids.ts';
import type { AwsContext } from '../service.ts';
import { createDynamodbstreamsService } from './dynamodbstreams.ts';
import type { StreamsParts } from './needed-stream.ts';

const account = '000000000000' as AccountId;
const context = { account, region: 'us-east-1' } as AwsContext;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

type Answer = {
  ShardIterator: string;
  NextShardIterator?: string;
  Records: { dynamodb: { SequenceNumber: string } }[];
};

async function world(unlock: StreamsParts['unlock'] = () => undefined) {
  const clock = new FakeClock();
  const opened = await openTables({ store: openMemoryStore({ clock }), clock });
  const { tables, tableStreams } = opened;
  const { operations } = createDynamodbstreamsService({ tableStreams, unlock, clock });
  const call = async (operation: string, input: object): Promise<Answer> => {
    const entry = operations[operation];
    assert.ok(entry !== undefined && entry !== 'not built');
    return (await entry.run(context, input as never)) as Answer;
  };
  const table = await tables.create({
    account,
    name: 'orders',
    key: { partition: { name: 'id', type: 'S' } },
    indexes: [],
    billing: { mode: 'provisioned', readUnits: 1, writeUnits: 1 },
    isProtected: false,
    tags: {},
    stream: { view: 'KEYS_ONLY' },
  });
  const label = table.stream?.label ?? '';
  const StreamArn = `arn:aws:dynamodb:us-east-1:${account}:table/orders/stream/${label}`;
  const shards = () => tableStreams.streams.get(account, 'orders', label)?.shards ?? [];
  return {
    clock,
    opened,
    table,
    call,
    iterator: (of: object, shard = 0) =>
      call('GetShardIterator', { StreamArn, ShardId: shards()[shard]?.id, ...of }).then(
        (answer) => answer.ShardIterator,
      ),
    shards,
    async put(id: string) {
      const item = newItem([['id', { S: id }]]);
      const cause = newCause(0, '0'.repeat(24));
      await tables.items.write([{ table, key: item, decide: () => ({ kind: 'put', item }) }], { cause });
    },
  };
}

const reasonOf = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => 'it was not refused',
    ({ reason }: PlatformError) => reason,
  );

test('an iterator can be used for fifteen minutes, and the next one as long again', async () => {
  const { clock, opened, call, iterator, put } = await world();
  await put('a');
  const ShardIterator = await iterator({ ShardIteratorType: 'TRIM_HORIZON' });
  await clock.advance(15 * minuteMs);
  const { NextShardIterator } = await call('GetRecords', { ShardIterator });
  await clock.advance(minuteMs);
  assert.equal(await reasonOf(call('GetRecords', { ShardIterator })), 'ExpiredIteratorException');
  assert.deepEqual((await call('GetRecords', { ShardIterator: NextShardIterator })).Records, []);
  await opened[Symbol.asyncDispose]();
});

test('who asks for a record that is older than a day is told so, who begins with the oldest gets what is left', async () => {
  const { clock, opened, call, iterator, put } = await world();
  await put('old');
  const [old] = (await call('GetRecords', { ShardIterator: await iterator({ ShardIteratorType: 'TRIM_HORIZON' }) }))
    .Records;
  const at = { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: old?.dynamodb.SequenceNumber };
  await clock.advance(24 * hourMs - minuteMs);
  const still = await iterator(at);
  assert.equal((await call('GetRecords', { ShardIterator: still })).Records.length, 1);
  await clock.advance(2 * minuteMs);
  assert.equal(await reasonOf(iterator(at)), 'TrimmedDataAccessException');
  assert.equal(await reasonOf(call('GetRecords', { ShardIterator: still })), 'TrimmedDataAccessException');
  const ShardIterator = await iterator({ ShardIteratorType: 'TRIM_HORIZON' });
  assert.deepEqual((await call('GetRecords', { ShardIterator })).Records, []);
  await opened[Symbol.asyncDispose]();
});

test('a shard that is closed ends without another iterator, and its child goes on', async () => {
  const { clock, opened, call, iterator, put, shards } = await world();
  await put('before');
  await clock.advance(4 * hourMs + 2 * minuteMs);
  await put('after');
  assert.equal(shards()[1]?.parent, shards()[0]?.id);
  const parent = await call('GetRecords', { ShardIterator: await iterator({ ShardIteratorType: 'TRIM_HORIZON' }) });
  assert.equal(parent.Records.length, 1);
  assert.equal(parent.NextShardIterator, undefined);
  const child = await call('GetRecords', { ShardIterator: await iterator({ ShardIteratorType: 'TRIM_HORIZON' }, 1) });
  assert.equal(child.Records.length, 1);
  assert.ok(child.NextShardIterator !== undefined);
  await opened[Symbol.asyncDispose]();
});

test('who may not use the key of a table is not given what changed in it', async () => {
  const refused = new PlatformError('permission_denied', 'not yours', { reason: 'AccessDeniedException' });
  const asked: object[] = [];
  const { opened, call, iterator, put, table } = await world((_context, of) => {
    asked.push(of);
    return Promise.reject(refused);
  });
  await put('a');
  const ShardIterator = await iterator({ ShardIteratorType: 'TRIM_HORIZON' });
  assert.equal(await reasonOf(call('GetRecords', { ShardIterator })), 'AccessDeniedException');
  assert.deepEqual(asked, [{ id: table.id, cipherKey: table.cipherKey }]);
  await opened[Symbol.asyncDispose]();
});

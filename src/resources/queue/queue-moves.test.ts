import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { randomIds, type AccountId } from '../../util/ids.ts';
import { Queues } from '../queue.ts';
import type { QueueMoves as Moves } from './queue-moves.ts';
import { QueueMoves } from './queue-moves.ts';

const account = '000000000000' as AccountId;

/** `count` messages in `dead`, half of them out of `one` and half out of `two`. */
async function open(count: number) {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const queues = await Queues.open({ ...store, clock, ids: randomIds });
  const reports: string[] = [];
  const parts = { ...store, queues, clock, ids: randomIds, report: (message: string) => void reports.push(message) };
  await queues.create(account, 'dead');
  for (const name of ['one', 'two']) {
    await queues.create(account, name, { visibilityMs: 0, redrive: { deadLetterQueue: 'dead', receivesMax: 1 } });
    const bodies = Array.from({ length: count / 2 }, (_, at) => ({ body: `${name}${at}`, senderId: 'me' }));
    await queues.send(account, name, bodies);
    for (let receive = 0; receive < 2; receive++) await queues.receive(account, name, { max: 1_000, waitMs: 0 });
  }
  const dead = queues.get(account, 'dead') ?? assert.fail();
  const ready = async (name: string): Promise<number> => (await queues.depth(account, name)).ready;
  assert.equal(await ready('dead'), count);
  return { clock, store, queues, parts, dead, ready, reports };
}

const last = (moves: Moves, dead: Parameters<Moves['list']>[0]) => moves.list(dead)[0] ?? assert.fail();

test('messages go back to where each was given up, as new ones', async () => {
  const { clock, parts, dead, queues, ready } = await open(600);
  const moves = await QueueMoves.open(parts);
  await moves.start(dead, undefined, undefined);
  await clock.advance(10);
  assert.partialDeepStrictEqual(last(moves, dead), { status: 'completed', moved: 600, toMove: 600 });
  assert.deepEqual([await ready('one'), await ready('two'), await ready('dead')], [300, 300, 0]);
  const [message] = await queues.receive(account, 'one', { max: 1 });
  assert.equal(message?.receives, 1);
  assert.equal(message?.deadLetterSource, undefined);
});

test('a task keeps to its rate, goes on where it was after a restart, and ends when it is cancelled', async () => {
  const { clock, parts, dead, ready } = await open(100);
  const first = await QueueMoves.open(parts);
  const task = await first.start(dead, undefined, 10);
  await clock.advance(2_000);
  const moved = 100 - (await ready('dead'));
  assert(moved >= 19 && moved <= 21, String(moved));
  await assert.rejects(first.start(dead, undefined, undefined), { reason: 'InvalidParameterValue' });
  await first[Symbol.asyncDispose]();

  const second = await QueueMoves.open(parts);
  await clock.advance(2_000);
  const since = 100 - (await ready('dead'));
  assert(since >= 39 && since <= 42, String(since));
  assert.equal(last(second, dead).moved, since);
  assert.equal((await second.cancel(account, task.id))?.status, 'cancelling');
  await clock.advance(1_000);
  assert.equal(last(second, dead).status, 'cancelled');
  assert.equal(await second.cancel(account, task.id), undefined);
  assert.equal(100 - (await ready('dead')), last(second, dead).moved);
});

test('what comes into the dead-letter queue meanwhile stays there, so that a task always ends', async () => {
  const { clock, parts, dead, queues, ready } = await open(20);
  const moves = await QueueMoves.open(parts);
  await queues.create(account, 'elsewhere');
  await moves.start(dead, queues.get(account, 'elsewhere'), 10);
  await clock.advance(500);
  await queues.send(account, 'dead', [{ body: 'late', senderId: 'me' }]);
  await clock.advance(5_000);
  assert.partialDeepStrictEqual(last(moves, dead), { status: 'completed', moved: 20, destination: 'elsewhere' });
  assert.deepEqual([await ready('dead'), await ready('elsewhere')], [1, 20]);
});

test('a task fails that has nowhere to move to, and takes nothing away', async () => {
  const { clock, parts, dead, queues, ready } = await open(10);
  const moves = await QueueMoves.open(parts);
  await queues.send(account, 'dead', [{ body: 'from nowhere', senderId: 'me' }]);
  await moves.start(dead, undefined, undefined);
  await clock.advance(10);
  assert.partialDeepStrictEqual(last(moves, dead), { status: 'failed', failure: 'CouldNotDetermineMessageSource' });
  assert.equal(await ready('dead'), 1);

  await queues.create(account, 'elsewhere');
  await queues.send(account, 'dead', [{ body: 'another', senderId: 'me' }]);
  await moves.start(dead, queues.get(account, 'elsewhere'), 1);
  await queues.delete(account, 'elsewhere');
  await clock.advance(2_000);
  assert.partialDeepStrictEqual(last(moves, dead), {
    status: 'failed',
    failure: 'AWS.SimpleQueueService.NonExistentQueue',
  });
  assert.equal(await ready('dead'), 2 - last(moves, dead).moved);
});

test('the last ten tasks of a queue are remembered', async () => {
  const { clock, parts, dead, store } = await open(2);
  const moves = await QueueMoves.open(parts);
  for (let number = 0; number < 12; number++) {
    await moves.start(dead, undefined, undefined);
    await clock.advance(10);
  }
  assert.equal(moves.list(dead).length, 10);
  assert.equal((await store.records.range({ prefix: 'queue-move/', limit: 100 })).length, 10);
});

test('a store that refuses is asked again', async () => {
  const { clock, parts, dead, store, reports } = await open(10);
  let refusals = 2;
  const log = Object.assign(Object.create(store.log) as typeof store.log, {
    move: (...given: Parameters<typeof store.log.move>) =>
      (refusals -= 1) >= 0 ? Promise.reject(new Error('disk full')) : store.log.move(...given),
  });
  const moves = await QueueMoves.open({ ...parts, log });
  await moves.start(dead, undefined, undefined);
  await clock.advance(3_000);
  assert.equal(last(moves, dead).status, 'completed');
  assert.equal(reports.length, 2);
});

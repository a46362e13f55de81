import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../../src/store/log.ts';
import type { Open } from './store-engine.ts';

const minute = 60_000;

const append = (log: Log, ...ids: string[]) =>
  log.append(
    'topic',
    ids.map((id) => ({ id, body: id })),
  );

export function talliesContract(open: Open): void {
  test('a topic counts what came and what became of it, and what is there makes up the rest', async (t) => {
    const { store, clock } = await open(t);
    const { log, records } = store;
    await append(log, 'a', 'b', 'c', 'd', 'e', 'f');
    await append(log, 'a', 'b');
    await records.transact([{ kind: 'append', topic: 'topic', message: { id: 'g', body: 'g' } }]);
    assert.deepEqual(await log.balance('topic'), { counts: { accepted: 7 }, held: 7 });

    const [a, b, c] = await log.receive('topic', { max: 3, leaseMs: minute });
    assert.ok(a && b && c);
    await log.acknowledge('topic', [a.receipt], { as: 'succeeded' });
    await log.acknowledge('topic', [b.receipt, b.receipt], { as: 'dead' });
    await log.acknowledge('topic', [c.receipt]);
    await log.move('topic', { to: 'other', max: 1, ids: ['new'] });
    await clock.advance(1);
    assert.equal(await log.expire('topic', clock.now()), 3);
    const counts = { accepted: 7, succeeded: 1, dead: 1, done: 1, moved: 1, expired: 3 };
    assert.deepEqual(await log.balance('topic'), { counts, held: 0 });
    assert.deepEqual(await log.balance('other'), { counts: { arrived: 1 }, held: 1 });

    await append(log, 'h');
    await log.purge('topic');
    assert.deepEqual(await log.balance('topic'), { counts: { ...counts, accepted: 8, purged: 1 }, held: 0 });
    assert.deepEqual(await log.tallied(''), ['other', 'topic']);
    await log.purge('topic', { forever: true });
    assert.deepEqual(await log.tallied('t'), []);
  });

  test('what is spent counts as moved here and arrived there; what is redelivered counts as nothing', async (t) => {
    const { log } = (await open(t)).store;
    await append(log, 'a');
    const [a] = await log.receive('topic', { max: 1, leaseMs: minute });
    assert.ok(a);
    await log.redeliver('topic', a.receipt, { delayMs: 0 });
    await log.receive('topic', { max: 1, leaseMs: minute, spent: { topic: 'dead', receivesMax: 1 } });
    assert.deepEqual(await log.balance('topic'), { counts: { accepted: 1, moved: 1 }, held: 0 });
    assert.deepEqual(await log.balance('dead'), { counts: { arrived: 1 }, held: 1 });
    assert.equal((await log.find('dead', 'a'))?.origin, 'topic');
  });

  test('a transaction takes a message only where it lies and nobody has it', async (t) => {
    const { store, clock } = await open(t);
    const { log, records } = store;
    await append(log, 'a', 'b');
    const taken = (id: string) =>
      records.transact([
        { kind: 'take', topic: 'topic', id },
        { kind: 'append', topic: 'other', message: { id: `${id} again`, body: id } },
      ]);
    assert.equal((await taken('a')).status, 'committed');
    assert.deepEqual(await taken('a'), { status: 'conflict', key: 'topic a' });
    await log.receive('topic', { max: 1, leaseMs: minute });
    assert.equal((await taken('b')).status, 'conflict', 'somebody has it');
    await clock.advance(minute + 1);
    assert.equal((await taken('b')).status, 'committed');
    assert.deepEqual(
      (await log.peek('other', 10)).map(({ id }) => id),
      ['a again', 'b again'],
    );
    assert.deepEqual(await log.balance('topic'), { counts: { accepted: 2, taken: 2 }, held: 0 });
    assert.equal(await log.find('topic', 'a'), undefined);
  });

  test('an ordered group goes on behind a message that was taken', async (t) => {
    const { log, records } = (await open(t)).store;
    const group = { name: 'g', ordered: true };
    await log.append('topic', [
      { id: 'a', body: 'a', group },
      { id: 'b', body: 'b', group },
    ]);
    await records.transact([{ kind: 'take', topic: 'topic', id: 'a' }]);
    const received = await log.receive('topic', { max: 10, leaseMs: minute });
    assert.deepEqual(
      received.map(({ id }) => id),
      ['b'],
    );
  });
}

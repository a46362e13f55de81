import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../../src/store/log.ts';
import type { Open } from './store-engine.ts';

const minute = 60_000;

async function append(log: Log, ...ids: string[]): Promise<number> {
  const appended = await log.append(
    'topic',
    ids.map((id) => ({ id, body: `body of ${id}` })),
  );
  return appended.filter(({ isNew }) => isNew).length;
}

const receive = (log: Log, max = 10, leaseMs = minute) => log.receive('topic', { max, leaseMs });

const idsOf = (messages: readonly { id: string }[]): string[] => messages.map(({ id }) => id);

export function logContract(open: Open): void {
  test('a message is leased once, with all that is said of it, and gone when acknowledged', async (t) => {
    const { store, clock } = await open(t);
    const appendedMs = clock.now();
    assert.equal(await append(store.log, 'a'), 1);
    await clock.advance(10);
    const [message] = await receive(store.log);
    assert.ok(message);
    const { receipt, sequence, ...rest } = message;
    assert.ok(sequence > 0);
    assert.deepEqual(rest, { id: 'a', body: 'body of a', receives: 1, appendedMs, firstReceivedMs: appendedMs + 10 });
    assert.deepEqual(await receive(store.log), []);
    assert.equal(await store.log.acknowledge('topic', [receipt]), 1);
    assert.equal(await store.log.acknowledge('topic', [receipt]), 0);
    assert.deepEqual(await store.log.depth('topic'), { ready: 0, delayed: 0, leased: 0 });
  });

  test('in order of arrival, at most as many as asked for, each topic for itself', async (t) => {
    const { log } = (await open(t)).store;
    await append(log, 'c', 'a');
    await append(log, 'b');
    await log.append('topic/other', [{ id: 'a', body: 'elsewhere' }]);
    assert.deepEqual(idsOf(await receive(log, 2)), ['c', 'a']);
    assert.deepEqual(idsOf(await receive(log, 2)), ['b']);
    assert.deepEqual(idsOf(await log.receive('topic/other', { max: 1, leaseMs: minute })), ['a']);
    assert.deepEqual(await log.receive('topic/none', { max: 1, leaseMs: minute }), []);
  });

  test('an id that the topic still holds is dropped; afterwards it is new', async (t) => {
    const { log, records } = (await open(t)).store;
    assert.equal(await append(log, 'a', 'b', 'a'), 2);
    await log.append('topic', [{ id: 'a', body: 'another body' }]);
    await records.transact([{ kind: 'append', topic: 'topic', message: { id: 'a', body: 'a third' } }]);
    const messages = await receive(log);
    assert.deepEqual(
      messages.map(({ body }) => body),
      ['body of a', 'body of b'],
    );
    assert.equal(await append(log, 'a'), 0, 'held while it is leased');
    await log.acknowledge(
      'topic',
      messages.map(({ receipt }) => receipt),
    );
    assert.equal(await append(log, 'a'), 1);
  });

  test('what a transaction appends is there with what it puts', async (t) => {
    const { records, log } = (await open(t)).store;
    await records.transact([
      { kind: 'put', key: 'object', value: 1 },
      { kind: 'append', topic: 'topic', message: { id: 'created', body: 'object' } },
      { kind: 'append', topic: 'topic/other', message: { id: 'created', body: 'object' } },
    ]);
    assert.deepEqual(idsOf(await receive(log)), ['created']);
    assert.deepEqual((await log.topics('topic')).toSorted(), ['topic', 'topic/other']);
  });

  test('a delayed message is not ready before its time, and takes its place by it', async (t) => {
    const { store, clock } = await open(t);
    const { log } = store;
    await log.append('topic', [
      { id: 'late', body: '', notBeforeMs: clock.now() + 2_000 },
      { id: 'early', body: '', notBeforeMs: clock.now() + 1_000 },
      { id: 'past', body: '', notBeforeMs: clock.now() - 1_000 },
      { id: 'now', body: '' },
    ]);
    assert.deepEqual(await log.depth('topic'), { ready: 2, delayed: 2, leased: 0 });
    assert.deepEqual(idsOf(await receive(log)), ['past', 'now']);
    await clock.advance(999);
    assert.deepEqual(await receive(log), []);
    await clock.advance(1_001);
    assert.deepEqual(idsOf(await receive(log)), ['early', 'late']);
  });

  test('a lease that is over gives the message to the next, behind what was ready before', async (t) => {
    const { store, clock } = await open(t);
    const { log } = store;
    await append(log, 'a');
    const [first] = await receive(log, 1, 1_000);
    await clock.advance(500);
    await append(log, 'b');
    await clock.advance(500);
    const [b, a] = await receive(log, 10, 1_000);
    assert.equal(b?.id, 'b');
    assert.equal(a?.id, 'a');
    assert.equal(a.receives, 2);
    assert.equal(a.firstReceivedMs, first?.firstReceivedMs);
    assert.notEqual(a.receipt, first?.receipt);
    assert.equal(await log.acknowledge('topic', [first?.receipt ?? '']), 0);
    assert.equal(await log.acknowledge('topic', [a.receipt, b.receipt]), 2);
  });

  test('a receipt is void once its lease is over, though nobody has taken the message yet', async (t) => {
    const { store, clock } = await open(t);
    await append(store.log, 'a');
    const [message] = await receive(store.log, 1, 1_000);
    assert.ok(message);
    await clock.advance(1_000);
    assert.equal(await store.log.acknowledge('topic', [message.receipt]), 0);
    assert.equal(await store.log.extend('topic', message.receipt, minute), false);
    assert.equal(await store.log.redeliver('topic', message.receipt, { delayMs: 0 }), false);
    assert.deepEqual(await store.log.depth('topic'), { ready: 1, delayed: 0, leased: 0 });
  });

  test('a receipt is good in its own topic only, and one that never was is void', async (t) => {
    const { log } = (await open(t)).store;
    await append(log, 'a');
    const [message] = await receive(log);
    assert.ok(message);
    assert.equal(await log.acknowledge('topic/other', [message.receipt]), 0);
    assert.equal(await log.acknowledge('topic', ['', '1', 'x.y', `${message.receipt}0`, "' OR 1=1"]), 0);
    assert.equal(await log.acknowledge('topic', [message.receipt]), 1);
  });

  test('a redelivered message is ready at once or after a delay, with a new body if there is one', async (t) => {
    const { store, clock } = await open(t);
    const { log } = store;
    await append(log, 'a');
    const [first] = await receive(log);
    assert.equal(await log.redeliver('topic', first?.receipt ?? '', { delayMs: 0 }), true);
    assert.equal(await log.redeliver('topic', first?.receipt ?? '', { delayMs: 0 }), false);
    const [second] = await receive(log);
    assert.deepEqual([second?.id, second?.body, second?.receives], ['a', 'body of a', 2]);
    assert.equal(await log.redeliver('topic', second?.receipt ?? '', { delayMs: 500, body: 'attempt 3' }), true);
    assert.deepEqual(await log.depth('topic'), { ready: 0, delayed: 1, leased: 0 });
    await clock.advance(500);
    assert.equal((await receive(log))[0]?.body, 'attempt 3');
  });

  test('an extended lease ends later', async (t) => {
    const { store, clock } = await open(t);
    await append(store.log, 'a');
    const [message] = await receive(store.log, 1, 1_000);
    await clock.advance(900);
    assert.equal(await store.log.extend('topic', message?.receipt ?? '', 1_000), true);
    await clock.advance(900);
    assert.deepEqual(await receive(store.log), []);
    assert.equal(await store.log.acknowledge('topic', [message?.receipt ?? '']), 1);
  });

  test("a holder's leases are given back together, in every topic, and no other's", async (t) => {
    const { log } = (await open(t)).store;
    await append(log, 'a', 'b', 'c');
    await log.append('topic/other', [{ id: 'd', body: '' }]);
    const [crashed] = await log.receive('topic', { max: 1, leaseMs: minute, holder: 'crashed' });
    await log.receive('topic/other', { max: 1, leaseMs: minute, holder: 'crashed' });
    await log.receive('topic', { max: 1, leaseMs: minute, holder: 'alive' });
    await log.receive('topic', { max: 1, leaseMs: minute });
    const woken: string[] = [];
    log.watch('topic', () => woken.push('topic'));
    log.watch('topic/other', () => woken.push('topic/other'));
    await log.release('crashed');
    await new Promise(setImmediate);
    assert.deepEqual(woken.toSorted(), ['topic', 'topic/other']);
    assert.equal(await log.acknowledge('topic', [crashed?.receipt ?? '']), 0);
    assert.deepEqual(idsOf(await receive(log)), ['a']);
    assert.deepEqual(idsOf(await log.receive('topic/other', { max: 9, leaseMs: minute })), ['d']);
  });

  test('many consumers share a topic without sharing a message', async (t) => {
    const { log } = (await open(t)).store;
    await append(log, ...Array.from({ length: 200 }, (_, index) => `m${index}`));
    const taken: string[] = [];
    const consumer = async (): Promise<void> => {
      for (;;) {
        const messages = await receive(log, 7);
        if (messages.length === 0) return;
        taken.push(...idsOf(messages));
        await log.acknowledge(
          'topic',
          messages.map(({ receipt }) => receipt),
        );
      }
    };
    await Promise.all(Array.from({ length: 8 }, consumer));
    assert.equal(taken.length, 200);
    assert.equal(new Set(taken).size, 200);
    assert.deepEqual(await log.topics(''), []);
  });

  test('depth, topics, peek and purge', async (t) => {
    const { store, clock } = await open(t);
    const { log } = store;
    await append(log, 'a', 'b', 'c');
    await log.append('topic', [{ id: 'd', body: '', notBeforeMs: clock.now() + 1_000 }]);
    await log.append('t', [{ id: 'a', body: '' }]);
    const [leased] = await receive(log, 1);
    assert.deepEqual(await log.depth('topic'), { ready: 2, delayed: 1, leased: 1 });
    assert.deepEqual((await log.topics('')).toSorted(), ['t', 'topic']);
    assert.deepEqual(await log.topics('to'), ['topic']);
    assert.deepEqual(await log.topics('x'), []);
    assert.deepEqual(await log.peek('topic', 2), [
      { id: 'b', body: 'body of b', appendedMs: clock.now(), receives: 0 },
      { id: 'c', body: 'body of c', appendedMs: clock.now(), receives: 0 },
    ]);
    assert.equal((await log.peek('topic', 10)).length, 4);
    assert.equal(await log.purge('topic'), 4);
    assert.equal(await log.acknowledge('topic', [leased?.receipt ?? '']), 0);
    assert.deepEqual(await log.depth('topic'), { ready: 0, delayed: 0, leased: 0 });
    assert.deepEqual(await log.topics(''), ['t']);
  });

  test('a watcher is told of appends, redeliveries, ends of delays and of leases, on time, and of nothing else', async (t) => {
    const { store, clock } = await open(t);
    const { log, records } = store;
    let woken = 0;
    const watch = log.watch('topic', () => (woken += 1));
    const wakes = async (): Promise<number> => {
      await new Promise(setImmediate);
      const before = woken;
      woken = 0;
      return before;
    };
    await append(log, 'a');
    assert.equal(await wakes(), 1, 'appended');
    await records.transact([{ kind: 'append', topic: 'topic', message: { id: 'b', body: '' } }]);
    assert.equal(await wakes(), 1, 'appended by a transaction');
    await log.append('topic/other', [{ id: 'a', body: '' }]);
    assert.equal(await wakes(), 0, 'another topic');

    const [a, b] = await receive(log, 2, 1_000);
    assert.ok(a && b);
    await log.redeliver('topic', a.receipt, { delayMs: 300 });
    assert.equal(await wakes(), 0, 'leased and delayed');
    await clock.advance(299);
    assert.equal(await wakes(), 0);
    await clock.advance(1);
    assert.equal(await wakes(), 1, 'the delay is over');
    await clock.advance(700);
    assert.equal(await wakes(), 1, 'the lease is over');
    const again = await receive(log, 2, 1_000);
    await log.acknowledge('topic', idsOf(again).length === 2 ? again.map(({ receipt }) => receipt) : []);
    await clock.advance(minute);
    assert.equal(await wakes(), 0, 'acknowledged in time');

    watch.stop();
    await append(log, 'c');
    assert.equal(await wakes(), 0, 'stopped');
  });

  test('a burst of appends is a few calls, and the last message is told of', async (t) => {
    const { log } = (await open(t)).store;
    let woken = 0;
    let seen = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    log.watch('topic', () => {
      woken += 1;
      void receive(log, 1_000).then((messages) => {
        seen += messages.length;
        if (seen === 500) resolve();
      });
    });
    await Promise.all(Array.from({ length: 500 }, (_, index) => append(log, `m${index}`)));
    await promise;
    assert.ok(woken <= 500);
  });

  test('two watchers of one topic are independent', async (t) => {
    const { log } = (await open(t)).store;
    const woken: string[] = [];
    const first = log.watch('topic', () => woken.push('first'));
    log.watch('topic', () => woken.push('second'));
    first.stop();
    first.stop();
    await append(log, 'a');
    await new Promise(setImmediate);
    assert.deepEqual(woken, ['second']);
  });

  test('bad arguments are refused by name', async (t) => {
    const { log } = (await open(t)).store;
    await assert.rejects(log.receive('topic', { max: 0, leaseMs: 1 }), { code: 'invalid_argument', field: 'max' });
    await assert.rejects(log.receive('topic', { max: 1_001, leaseMs: 1 }), { code: 'invalid_argument', field: 'max' });
    await assert.rejects(log.receive('topic', { max: 1, leaseMs: -1 }), { code: 'invalid_argument', field: 'leaseMs' });
    await assert.rejects(log.append('', [{ id: 'a', body: '' }]), { code: 'invalid_argument', field: 'topic' });
    await assert.rejects(log.append('topic', [{ id: '', body: '' }]), {
      code: 'invalid_argument',
      field: 'message id',
    });
  });
}

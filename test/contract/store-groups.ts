/** What every engine does with groups of messages, keys, and messages that are moved, spent or too old. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Leased, Log } from '../../src/store/log.ts';
import { openMemoryStore } from '../../src/store/memory/open-memory-store.ts';
import type { Open } from './store-engine.ts';

const minute = 60_000;
const ordered = (name: string) => ({ name, ordered: true });
const fair = (name: string) => ({ name, ordered: false });
const receive = (log: Log, max = 10, leaseMs = minute) => log.receive('topic', { max, leaseMs });
const idsOf = (messages: readonly { id: string }[]): string => messages.map(({ id }) => id).join(' ');
const receiptOf = (messages: readonly Leased[], id: string): string =>
  messages.find((message) => message.id === id)?.receipt ?? '';

type Step =
  | { do: 'append'; group: string; delayMs: number }
  | { do: 'receive'; max: number; leaseMs: number }
  | { do: 'acknowledge' | 'redeliver' | 'extend'; at: number }
  | { do: 'wait' | 'release' | 'move' | 'expire' };

export function groupsContract(open: Open): void {
  test('an ordered group is given out in order, and not at all while one of it is leased', async (t) => {
    const { store, clock } = await open(t);
    const { log } = store;
    for (const id of ['a1', 'b1', 'a2', 'a3', 'b2'])
      await log.append('topic', [{ id, body: '', group: ordered(id.slice(0, 1)) }]);
    const first = await receive(log, 2);
    assert.equal(idsOf(first), 'a1 a2', 'as many of one group as there are');
    assert.equal(first[0]?.group, 'a');
    assert.equal(idsOf(await receive(log, 1)), 'b1');
    assert.equal(idsOf(await receive(log)), '', 'both are busy');
    await log.acknowledge('topic', [receiptOf(first, 'a1')]);
    assert.equal(idsOf(await receive(log)), '', 'a2 is still leased');
    await log.redeliver('topic', receiptOf(first, 'a2'), { delayMs: 1_000 });
    assert.equal(idsOf(await receive(log)), '', 'and now waits, with a3 behind it');
    await clock.advance(1_000);
    assert.equal(idsOf(await receive(log)), 'a2 a3');
    await clock.advance(minute);
    assert.equal(idsOf(await receive(log)), 'b1 b2 a2 a3', 'each group goes on where it stopped');
  });

  test('a watcher is told when an ordered group goes on', async (t) => {
    const { log } = (await open(t)).store;
    await log.append('topic', [
      { id: 'a1', body: '', group: ordered('a') },
      { id: 'a2', body: '', group: ordered('a') },
    ]);
    const [a1] = await receive(log, 1);
    let woken = 0;
    log.watch('topic', () => (woken += 1));
    await log.acknowledge('topic', [a1?.receipt ?? '']);
    await new Promise(setImmediate);
    assert.equal(woken, 1);
    assert.equal(idsOf(await receive(log)), 'a2');
  });

  test('a group with many leased messages stands back behind the others', async (t) => {
    const { log } = (await open(t)).store;
    await log.append(
      'topic',
      Array.from({ length: 100 }, (_, index) => ({ id: `noisy${index}`, body: '', group: fair('noisy') })),
    );
    await log.append('topic', [{ id: 'quiet1', body: '', group: fair('quiet') }]);
    assert.equal(
      (await receive(log, 30)).every(({ group }) => group === 'noisy'),
      true,
    );
    await log.append('topic', [{ id: 'nobody', body: '' }]);
    const next = await log.receive('topic', { max: 3, leaseMs: minute, leasedAbout: 30 });
    assert.equal(idsOf(next), 'quiet1 nobody noisy30');
  });

  test('a key that comes again in time is dropped, and answered as the first, also when that is gone', async (t) => {
    const { store, clock } = await open(t);
    const { log } = store;
    const send = (id: string, key: string) =>
      log.append('topic', [{ id, body: id, unique: { key, untilMs: clock.now() + 300_000 } }]);
    const [first] = await send('a', 'key');
    assert.equal(first?.isNew, true);
    assert.deepEqual(await send('b', 'key'), [{ ...first, isNew: false }]);
    const messages = await receive(log);
    assert.equal(idsOf(messages), 'a');
    await log.acknowledge('topic', [receiptOf(messages, 'a')]);
    assert.deepEqual(await send('c', 'key'), [{ ...first, isNew: false }]);
    assert.equal((await send('d', 'other'))[0]?.isNew, true);
    await clock.advance(300_000);
    assert.equal((await send('e', 'key'))[0]?.isNew, true);
  });

  test('what is spent goes to the other topic in the same step, and the rest is given out', async (t) => {
    const { store, clock } = await open(t);
    const { log } = store;
    const appendedMs = clock.now();
    await log.append('topic', [
      { id: 'a', body: 'A' },
      { id: 'b', body: 'B' },
    ]);
    await receive(log, 2, 1_000);
    await clock.advance(1_000);
    await log.append('topic', [{ id: 'c', body: 'C' }]);
    let woken = 0;
    log.watch('dead', () => (woken += 1));
    const options = { max: 10, leaseMs: minute, spent: { topic: 'dead', receivesMax: 1 } };
    assert.equal(idsOf(await log.receive('topic', options)), 'c');
    await new Promise(setImmediate);
    assert.equal(woken, 1);
    const dead = await log.receive('dead', { max: 10, leaseMs: minute });
    assert.equal(idsOf(dead), 'a b');
    assert.partialDeepStrictEqual(dead[0], {
      body: 'A',
      receives: 1,
      earlierReceives: 1,
      origin: 'topic',
      appendedMs,
      firstReceivedMs: appendedMs,
    });
  });

  test('what is too old is dropped, by whoever receives and by whoever sweeps', async (t) => {
    const { store, clock } = await open(t);
    const { log } = store;
    await log.append('topic', [{ id: 'old', body: '', group: ordered('a') }]);
    await clock.advance(minute);
    await log.append('topic', [{ id: 'new', body: '', group: ordered('a') }]);
    const messages = await log.receive('topic', { max: 10, leaseMs: minute, appendedFromMs: clock.now() });
    assert.equal(idsOf(messages), 'new');
    assert.equal(await log.expire('topic', clock.now() + minute), 0, 'leased until then');
    await clock.advance(minute + 1);
    assert.equal(await log.expire('topic', clock.now()), 1);
    assert.deepEqual(await log.depth('topic'), { ready: 0, delayed: 0, leased: 0 });
  });

  test('messages are moved back to where they came from, or to one place, as new ones', async (t) => {
    const { store, clock } = await open(t);
    const { log } = store;
    const spent = { topic: 'dead', receivesMax: 1 };
    for (const topic of ['one', 'two', 'three']) {
      await log.append(topic, [{ id: `from-${topic}`, body: topic }]);
      await log.receive(topic, { max: 1, leaseMs: 1_000 });
    }
    await clock.advance(1_000);
    for (const topic of ['one', 'two', 'three']) await log.receive(topic, { max: 1, leaseMs: 1_000, spent });
    const ids = ['n1', 'n2', 'n3'];
    assert.equal(await log.move('dead', { origins: ['one', 'two'], max: 3, ids }), 2);
    assert.equal(idsOf(await log.receive('one', { max: 9, leaseMs: minute })), 'n1');
    assert.equal(idsOf(await log.receive('two', { max: 9, leaseMs: minute })), 'n2');
    assert.equal(await log.move('dead', { origins: ['one', 'two'], max: 3, ids }), 0);
    assert.equal(await log.move('dead', { to: 'four', max: 3, ids }), 1);
    const [moved] = await log.receive('four', { max: 9, leaseMs: minute });
    assert.partialDeepStrictEqual(moved, {
      id: 'n1',
      body: 'three',
      receives: 1,
      appendedMs: clock.now(),
    });
    assert.equal(moved?.origin, undefined);
  });

  test('a late acknowledgement counts until somebody has leased the message since', async (t) => {
    const { store, clock } = await open(t);
    const { log } = store;
    await log.append('topic', [
      { id: 'a', body: '' },
      { id: 'b', body: '' },
    ]);
    const messages = await receive(log, 2, 1_000);
    assert.equal(await log.fate('topic', receiptOf(messages, 'a')), 'leased');
    await clock.advance(1_000);
    assert.equal(await log.fate('topic', receiptOf(messages, 'a')), 'over');
    assert.equal(await log.acknowledge('topic', [receiptOf(messages, 'a')], { late: true }), 1);
    assert.equal(await log.fate('topic', receiptOf(messages, 'a')), 'gone');
    await receive(log);
    assert.equal(await log.fate('topic', receiptOf(messages, 'b')), 'taken');
    assert.equal(await log.acknowledge('topic', [receiptOf(messages, 'b')], { late: true }), 0);
  });

  test('groups of all kinds behave as the plain code in memory says, whatever is done to them', async (t) => {
    const { store, clock } = await open(t);
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({
        do: fc.constant('append' as const),
        group: fc.constantFrom('a', 'b', 'c'),
        delayMs: fc.constantFrom(0, 500),
      }),
      fc.record({
        do: fc.constant('receive' as const),
        max: fc.integer({ min: 1, max: 4 }),
        leaseMs: fc.constantFrom(1_000, 3_000),
      }),
      fc.record({
        do: fc.constantFrom('acknowledge' as const, 'redeliver' as const, 'extend' as const),
        at: fc.nat(20),
      }),
      fc.record({ do: fc.constantFrom('wait' as const, 'release' as const, 'move' as const, 'expire' as const) }),
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 40 }), async (isOrdered, steps) => {
        run += 1;
        const topic = `run-${run}`;
        const reference = openMemoryStore({ clock });
        const both = [store.log, reference.log];
        const receipts: string[][] = [[], []];
        let sent = 0;
        for (const one of steps) {
          const seen = await Promise.all(both.map((log, side) => act(log, receipts[side] ?? [], one)));
          assert.deepEqual(seen[0], seen[1]);
          if (one.do === 'append') sent += 1;
          if (one.do === 'wait') await clock.advance(700);
        }

        async function act(log: Log, held: string[], one: Step): Promise<unknown> {
          const receipt = 'at' in one ? (held[one.at] ?? '') : '';
          switch (one.do) {
            case 'append': {
              const group = { name: one.group, ordered: isOrdered };
              const notBeforeMs = clock.now() + one.delayMs;
              return (await log.append(topic, [{ id: `m${sent}`, body: '', group, notBeforeMs }]))[0]?.isNew;
            }
            case 'receive': {
              const spent = { topic: `${topic}/dead`, receivesMax: 3 };
              const options = { max: one.max, leaseMs: one.leaseMs, holder: topic, spent };
              const messages = await log.receive(topic, options);
              held.push(...messages.map((message) => message.receipt));
              return messages.map(({ id, receives }) => [id, receives]);
            }
            case 'acknowledge':
              return log.acknowledge(topic, [receipt], { late: true });
            case 'redeliver':
              return log.redeliver(topic, receipt, { delayMs: 200 });
            case 'extend':
              return log.extend(topic, receipt, 2_000);
            case 'release':
              return log.release(topic);
            case 'move':
              return log.move(topic, { to: `${topic}/other`, max: 1, ids: [`moved-${sent}`] });
            case 'expire':
              return log.expire(topic, clock.now() - 2_000);
            case 'wait':
              return log.depth(topic);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
}

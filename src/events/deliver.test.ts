import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import type { Leased } from '../store/log.ts';
import { PlatformError } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds } from '../util/ids.ts';
import { Delivery, done } from './deliver.ts';
import { setAside, setAsideOneByOne } from './set-aside.ts';

const topic = 'work';
const leaseMs = 60_000;

/** Work on a topic of which `fails` says what is thrown at it, one by one or all of what lies there at once. */
async function deliver(options: {
  fails: (body: string) => Error | undefined;
  inBatches?: true;
  bodies: string[];
  groups?: readonly string[];
  atOnce?: number;
}) {
  const { fails, inBatches, bodies } = options;
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const { log } = store;
  await log.append(
    topic,
    bodies.map((body, at) => {
      const name = options.groups?.[at];
      return { id: `${at}`, body, ...(name !== undefined && { group: { name, ordered: true } }) };
    }),
  );
  const handled: string[] = [];
  const reports: string[] = [];
  const handOn = async (batch: readonly Leased[]) => {
    for (const { body } of batch) {
      const failure = fails(body);
      if (failure !== undefined) throw failure;
    }
    handled.push(...batch.map(({ body }) => body));
    await log.acknowledge(
      topic,
      batch.map(({ receipt }) => receipt),
    );
    return done;
  };
  const delivery = new Delivery<Leased[]>(
    {
      name: 'work',
      watch: (ready) => log.watch(topic, ready),
      take: async () => {
        const batch = await log.receive(topic, { max: inBatches === true ? 10 : 1, leaseMs, holder: 'test' });
        return batch.length === 0 ? [] : [batch];
      },
      handle: handOn,
      setAside: (batch) =>
        inBatches === true ? setAsideOneByOne(log, topic, batch, (one) => handOn([one])) : setAside(log, topic, batch),
      extend: async (batch) => {
        const kept = await Promise.all(batch.map(({ receipt }) => log.extend(topic, receipt, leaseMs)));
        return kept.every(Boolean);
      },
    },
    { concurrencyMax: options.atOnce ?? 4, aheadMax: 0, extendEveryMs: leaseMs / 3 },
    { clock, ids: randomIds, report: (message) => void reports.push(message) },
  );
  return {
    clock,
    handled,
    reports,
    async asideNow() {
      const found = await log.receive(`unreadable/${topic}`, { max: 10, leaseMs, holder: 'look' });
      return found.map(({ body }) => body);
    },
    depth: () => log.depth(topic),
    async [Symbol.asyncDispose]() {
      await delivery[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

test('what a defect throws at is set aside after a while, and holds up nothing any more', async () => {
  const bug = new TypeError('no such property');
  const bodies = ['poison', 'a', 'b'];
  await using work = await deliver({ bodies, fails: (body) => (body === 'poison' ? bug : undefined) });
  await work.clock.advance(30_000);
  assert.deepEqual(await work.asideNow(), []);
  await work.clock.advance(300_000);
  assert.deepEqual(work.handled.toSorted(), ['a', 'b']);
  assert.deepEqual(await work.asideNow(), ['poison']);
  assert.deepEqual(await work.depth(), { ready: 0, delayed: 0, leased: 0 });
  assert.match(work.reports.at(-1) ?? '', /some of work cannot be delivered, ever, and is set aside/);
});

test('what a defect throws at holds up its own group, which keeps its order, and nothing else, also where one at a time is handled', async () => {
  const bug = new TypeError('no such property');
  await using work = await deliver({
    bodies: ['poison', 'behind', 'a', 'b', 'c'],
    groups: ['first', 'first', 'second', 'third', 'second'],
    atOnce: 1,
    fails: (body) => (body === 'poison' ? bug : undefined),
  });
  await work.clock.advance(1_000);
  assert.deepEqual(work.handled, ['a', 'b', 'c']);
  await work.clock.advance(300_000);
  assert.deepEqual(work.handled, ['a', 'b', 'c', 'behind']);
  assert.deepEqual(await work.asideNow(), ['poison']);
});

test('a moment’s defect loses nothing and changes no order', async () => {
  let isBroken = true;
  await using work = await deliver({
    bodies: ['a', 'b', 'c'],
    groups: ['one', 'one', 'one'],
    fails: () => (isBroken ? new TypeError('no such property') : undefined),
  });
  await work.clock.advance(20_000);
  assert.deepEqual(work.handled, []);
  isBroken = false;
  await work.clock.advance(20_000);
  assert.deepEqual(work.handled, ['a', 'b', 'c']);
  assert.deepEqual(await work.asideNow(), []);
});

test('where a defect has to do with all of the work, no more is taken than is kept leased', async () => {
  const bodies = Array.from({ length: 500 }, (_, at) => `${at}`);
  await using work = await deliver({ bodies, fails: () => new TypeError('no such property') });
  await work.clock.advance(30_000);
  const { leased, ready } = await work.depth();
  assert.ok(leased >= 64 && leased <= 70, `${leased}`);
  assert.equal(leased + ready, 500);
});

test('of a batch only what is thrown at is set aside', async () => {
  const bug = new TypeError('no such property');
  const fails = (body: string) => (body === 'poison' ? bug : undefined);
  await using work = await deliver({ bodies: ['a', 'poison', 'b'], fails, inBatches: true });
  await work.clock.advance(600_000);
  assert.deepEqual(work.handled, ['a', 'b']);
  assert.deepEqual(await work.asideNow(), ['poison']);
});

test('what the disk does not take now is tried for as long as it takes', async () => {
  let isFull = true;
  const full = new PlatformError('unavailable', 'the disk is full');
  await using work = await deliver({ bodies: ['a'], fails: () => (isFull ? full : undefined) });
  await work.clock.advance(3_600_000);
  assert.deepEqual(await work.asideNow(), []);
  isFull = false;
  await work.clock.advance(60_000);
  assert.deepEqual(work.handled, ['a']);
});

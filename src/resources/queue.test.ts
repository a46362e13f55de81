import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Leased } from '../store/log.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { newCause } from '../util/cause.ts';
import { PlatformError, type ErrorCode } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId } from '../util/ids.ts';
import { md5OfAttributes } from './queue-digest.ts';
import { waitingMax } from './queue/pollers.ts';
import { startRetention } from './queue/retention.ts';
import { queueLimits, Queues } from './queue.ts';

const account = '000000000000' as AccountId;
const senderId = 'me';
const day = 86_400_000;

async function open() {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const queues = await Queues.open({ ...store, clock, ids: randomIds });
  await queues.create(account, 'jobs');
  const send = (...bodies: string[]) =>
    queues.send(
      account,
      'jobs',
      bodies.map((body) => ({ body, senderId })),
    );
  const receive = (max = 10, more: object = {}) => queues.receive(account, 'jobs', { max, ...more });
  const bodies = async (max = 10) => (await receive(max)).map(({ body }) => body);
  return { clock, store, queues, send, receive, bodies };
}

const refusedWith = (code: ErrorCode, text: RegExp) => (error: unknown) =>
  error instanceof PlatformError && error.code === code && text.test(error.message);

test('what is sent is received with everything that came with it, and hidden meanwhile', async () => {
  const { queues, clock, receive } = await open();
  const cause = newCause(0, '0'.repeat(24));
  await queues.send(account, 'jobs', [
    { body: 'a', senderId, cause, attributes: { colour: { type: 'String', text: 'red' } } },
  ]);
  const sentMs = clock.now();
  await clock.advance(10);
  const [message] = await receive();
  assert.partialDeepStrictEqual(message, {
    body: 'a',
    senderId,
    cause,
    sentMs,
    receives: 1,
    firstReceivedMs: sentMs + 10,
    attributes: { colour: { type: 'String', text: 'red' } },
  });
  assert.deepEqual(await receive(), []);
  await clock.advance(30_000);
  const [again] = await receive();
  assert.equal(again?.receives, 2);
  assert.equal(await queues.remove(account, 'jobs', [message?.receipt ?? '']), 0);
  assert.equal(await queues.remove(account, 'jobs', [again?.receipt ?? '']), 1);
  await clock.advance(60_000);
  assert.deepEqual(await receive(), []);
});

test('a delay hides a new message, its own before the queue’s', async () => {
  const { queues, clock, bodies } = await open();
  await queues.update(account, 'jobs', { delayMs: 5_000 });
  await queues.send(account, 'jobs', [
    { body: 'queue', senderId },
    { body: 'own', senderId, delayMs: 10_000 },
    { body: 'none', senderId, delayMs: 0 },
  ]);
  assert.deepEqual(await bodies(), ['none']);
  await clock.advance(5_000);
  assert.deepEqual(await bodies(), ['queue']);
  await clock.advance(5_000);
  assert.deepEqual(await bodies(), ['own']);
});

test('a receive waits until a message comes, its time is over, or nobody wants it any more', async () => {
  const { queues, clock, send, receive } = await open();
  const first = receive(10, { waitMs: 20_000 });
  await clock.advance(5_000);
  await send('late');
  assert.equal((await first)[0]?.body, 'late');

  const second = receive(10, { waitMs: 20_000 });
  await clock.advance(20_001);
  assert.deepEqual(await second, []);

  const left = new AbortController();
  const third = receive(10, { waitMs: 20_000, signal: left.signal });
  await clock.advance(1);
  left.abort();
  assert.deepEqual(await third, []);

  await queues.update(account, 'jobs', { waitMs: 3_000 });
  const fourth = receive();
  await clock.advance(2_000);
  await send('in time');
  assert.equal((await fourth)[0]?.body, 'in time');
});

test('a message that becomes visible again wakes a receive that waits', async () => {
  const { clock, send, receive } = await open();
  await send('a');
  await receive(1, { visibilityMs: 4_000 });
  const waiting = receive(1, { waitMs: 20_000 });
  await clock.advance(4_001);
  assert.equal((await waiting)[0]?.receives, 2);
});

test('too many receives at the same time are refused, not kept', async () => {
  const { clock, receive } = await open();
  const waiting = Array.from({ length: waitingMax }, () => receive(1, { waitMs: 1_000 }));
  await clock.advance(0);
  await assert.rejects(receive(1, { waitMs: 1_000 }), refusedWith('throttled', /More than 10000 receives/));
  await clock.advance(1_001);
  await Promise.all(waiting);
});

test('after its receives a message moves to the dead-letter queue with its id, its age and where it came from', async () => {
  const { queues, clock, send, receive } = await open();
  await queues.create(account, 'dead');
  await queues.update(account, 'jobs', { visibilityMs: 1_000, redrive: { deadLetterQueue: 'dead', receivesMax: 3 } });
  const [sent] = await send('poison');
  const sentMs = clock.now();
  for (let receives = 1; receives <= 3; receives++) {
    assert.equal((await receive())[0]?.receives, receives);
    await clock.advance(1_000);
  }
  assert.deepEqual(await receive(), []);
  assert.deepEqual(await queues.depth(account, 'jobs'), { ready: 0, delayed: 0, leased: 0 });
  const [dead] = await queues.receive(account, 'dead', { max: 1 });
  assert.partialDeepStrictEqual(dead, { id: sent?.id, body: 'poison', sentMs, deadLetterSource: 'jobs', receives: 4 });
});

test('without its dead-letter queue a message goes on being received', async () => {
  const { queues, clock, send, receive } = await open();
  await queues.create(account, 'dead');
  await queues.update(account, 'jobs', { visibilityMs: 1_000, redrive: { deadLetterQueue: 'dead', receivesMax: 1 } });
  await queues.delete(account, 'dead');
  await send('a');
  for (let receives = 1; receives <= 3; receives++) {
    assert.equal((await receive())[0]?.receives, receives);
    await clock.advance(1_000);
  }
});

test('a message past its retention is dropped, and the ones behind it are received', async () => {
  const { clock, send, bodies, queues } = await open();
  await send('old', 'old too');
  await clock.advance(4 * day + 1);
  await send('new');
  assert.deepEqual(await bodies(2), ['new']);
  assert.deepEqual(await queues.depth(account, 'jobs'), { ready: 0, delayed: 0, leased: 1 });
});

test('visibility: longer, none, and void once over', async () => {
  const { queues, clock, send, receive } = await open();
  await send('a');
  const [first] = await receive();
  assert.equal(await queues.changeVisibility(account, 'jobs', first?.receipt ?? '', 60_000), 'changed');
  await clock.advance(59_000);
  assert.deepEqual(await receive(), []);
  assert.equal(await queues.changeVisibility(account, 'jobs', first?.receipt ?? '', 0), 'changed');
  const [second] = await receive(1, { visibilityMs: 0 });
  assert.equal(second?.receives, 2);
  const [third] = await receive();
  assert.equal(third?.receives, 3);
  assert.equal(await queues.changeVisibility(account, 'jobs', second?.receipt ?? '', 10), 'not_yours');
  await assert.rejects(
    queues.remove(account, 'jobs', ['nonsense']),
    refusedWith('invalid_argument', /receipt handle is invalid: "nonsense"/),
  );
});

test('queues are still there after a restart, and a new life of one starts empty', async () => {
  const { queues, store, clock, send } = await open();
  await queues.update(account, 'jobs', { visibilityMs: 1_000 });
  await send('a');
  const again = await Queues.open({ ...store, clock, ids: randomIds });
  assert.equal(again.get(account, 'jobs')?.settings.visibilityMs, 1_000);
  assert.equal((await again.receive(account, 'jobs', { max: 1 }))[0]?.body, 'a');
  assert.equal(await again.delete(account, 'jobs'), true);
  assert.equal(await again.delete(account, 'jobs'), false);
  assert.equal(again.get(account, 'jobs'), undefined);
  await again.create(account, 'jobs');
  assert.deepEqual(await again.receive(account, 'jobs', { max: 1 }), []);
});

test('a deployment that changes nothing leaves the queue as it is', async () => {
  const { queues, clock } = await open();
  const redrive = { deadLetterQueue: 'dead', receivesMax: 3 };
  const first = await queues.put(account, 'jobs', { redrive }, 'shop');
  await clock.advance(1_000);
  assert.equal(await queues.put(account, 'jobs', { redrive: { ...redrive } }, 'shop'), first);
  const changed = await queues.put(account, 'jobs', {}, 'shop');
  assert.deepEqual([changed.settings.redrive, changed.modifiedMs - first.modifiedMs], [undefined, 1_000]);
});

test('what a crash left of a deleted queue is swept at the next start', async () => {
  const { store, clock } = await open();
  await store.log.append('queue/000000000000/gone/0123456789abcdef', [{ id: 'a', body: '{}' }]);
  await Queues.open({ ...store, clock, ids: randomIds });
  assert.deepEqual(await store.log.topics('queue/'), []);
});

test('two who change a queue at once: one is told', async () => {
  const { queues, store, clock } = await open();
  const other = await Queues.open({ ...store, clock, ids: randomIds });
  await queues.update(account, 'jobs', { visibilityMs: 1_000 });
  await assert.rejects(
    other.update(account, 'jobs', { visibilityMs: 2_000 }),
    refusedWith('conflict', /changed by somebody else/),
  );
});

test('what no queue takes is refused with the reason', async () => {
  const { queues } = await open();
  const refused = (message: object, code: ErrorCode, text: RegExp) =>
    assert.rejects(queues.send(account, 'jobs', [{ body: 'a', senderId, ...message }]), refusedWith(code, text));
  await refused({ body: '' }, 'invalid_argument', /empty body/);
  await refused({ body: 'x'.repeat(1_048_577) }, 'too_large', /1048576 bytes; this one has 1048577/);
  await refused({ body: 'a\u0007b' }, 'invalid_argument', /U\+0007 at character 1/);
  await refused({ body: 'a\uFFFF' }, 'invalid_argument', /U\+FFFF/);
  await refused({ body: 'a\uD800' }, 'invalid_argument', /U\+D800/);
  await refused({ delayMs: 900_001 }, 'invalid_argument', /0 to 900/);
  const attribute = (name: string, value: object) => ({ attributes: { [name]: value } });
  await refused(attribute('aws.x', { type: 'String', text: 'a' }), 'invalid_argument', /"aws.x" is not accepted/);
  await refused(attribute('a..b', { type: 'String', text: 'a' }), 'invalid_argument', /"a..b" is not accepted/);
  await refused(attribute('a', { type: 'Text', text: 'a' }), 'invalid_argument', /must be String, Number or Binary/);
  await refused(attribute('a', { type: 'Number', text: 'one' }), 'invalid_argument', /to a number: "one"/);
  await refused(attribute('a', { type: 'Binary', text: 'a' }), 'invalid_argument', /BinaryValue for Binary/);
  await refused(attribute('a', { type: 'String', text: '' }), 'invalid_argument', /non-empty/);
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`a${at}`, { type: 'String', text: 'a' }]));
  await refused({ attributes: eleven }, 'invalid_argument', /\[11\] exceeds the allowed maximum \[10\]/);
  await assert.rejects(queues.create(account, 'a b'), refusedWith('invalid_argument', /alphanumeric/));
  await assert.rejects(
    queues.create(account, 'b', { visibilityMs: 43_200_001 }),
    refusedWith('invalid_argument', /0 to 43200000/),
  );
  await assert.rejects(
    queues.put(account, 'b', { redrive: { deadLetterQueue: 'b', receivesMax: 1 } }),
    refusedWith('invalid_argument', /cannot be its own/),
  );
  await assert.rejects(queues.send(account, 'nowhere', []), refusedWith('not_found', /"nowhere"/));
});

test('the digest of attributes depends on nothing but names, types and values', () => {
  const attribute = fc.oneof(
    fc.record({ type: fc.constantFrom('String', 'Number'), text: fc.string({ minLength: 1 }) }),
    fc.record({ type: fc.constant('Binary'), base64: fc.base64String({ minLength: 4 }) }),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), attribute), { minLength: 1, selector: ([name]) => name }),
      (entries) => {
        const digest = md5OfAttributes(Object.fromEntries(entries));
        assert.match(digest ?? '', /^[0-9a-f]{32}$/);
        assert.equal(md5OfAttributes(Object.fromEntries(entries.toReversed())), digest);
      },
    ),
  );
  assert.equal(md5OfAttributes({}), undefined);
});

test('nobody hides a message for more than twelve hours from when it was received', async () => {
  const { clock, queues, send, receive } = await open();
  await send('a');
  const [message] = await receive();
  const extend = (seconds: number) => queues.changeVisibility(account, 'jobs', message?.receipt ?? '', seconds * 1_000);
  assert.equal(await extend(40_000), 'changed');
  await clock.advance(10_000_000);
  assert.equal(await extend(33_200), 'changed');
  await assert.rejects(extend(33_201), refusedWith('invalid_argument', /beyond the limit \[43200 seconds\]/));
});

test('a queue that was purged or deleted is left alone for a minute, also after a restart', async () => {
  const { clock, store, queues } = await open();
  const strict = await Queues.open({ ...store, clock, ids: randomIds, afterwardsMs: 60_000 });
  await strict.purge(account, 'jobs');
  await assert.rejects(strict.purge(account, 'jobs'), { reason: 'PurgeQueueInProgress' });
  await clock.advance(60_000);
  await strict.purge(account, 'jobs');
  await strict.delete(account, 'jobs');
  const again = await Queues.open({ ...store, clock, ids: randomIds, afterwardsMs: 60_000 });
  await clock.advance(59_000);
  await assert.rejects(again.create(account, 'jobs'), { reason: 'QueueDeletedRecently' });
  await again.put(account, 'other', {});
  await clock.advance(1_000);
  await again.create(account, 'jobs');
  await queues.put(account, 'deployed', {});
});

test('what is past its retention goes without being asked for', async () => {
  const { clock, store, queues, send } = await open();
  await queues.update(account, 'jobs', { retentionMs: 60_000 });
  await send('old', 'older');
  const failures: unknown[] = [];
  const parts = { log: store.log, queues, clock, report: (_message: string, cause: unknown) => failures.push(cause) };
  await using _sweeping = startRetention(parts);
  await clock.advance(119_000);
  await send('new');
  await clock.advance(2_000);
  assert.deepEqual(await queues.depth(account, 'jobs'), { ready: 1, delayed: 0, leased: 0 });
  assert.deepEqual(failures, []);
});

test('no more messages of a standard queue are hidden than its quota, and those whose time is over do not count', async () => {
  const { store, clock, queues: before } = await open();
  await before.create(account, 'jobs.fifo');
  const leased: Leased = {
    id: 'a',
    body: '{"body":"a"}',
    sequence: 1,
    receipt: '1.1',
    receives: 1,
    appendedMs: 1,
    firstReceivedMs: 1,
  };
  let hidden = 0;
  const log = Object.assign(Object.create(store.log) as typeof store.log, {
    receive: async (_topic: string, { max }: { max: number }) => Array.from({ length: max }, () => leased),
    depth: async () => ({ ready: 1, delayed: 0, leased: hidden }),
    topics: async () => [],
  });
  const queues = await Queues.open({ ...store, log, clock, ids: randomIds });
  const receive = (name: string) => queues.receive(account, name, { max: 1_000 });
  for (const name of ['jobs', 'jobs.fifo']) {
    hidden = queueLimits.inFlightMax;
    for (let count = 0; count < hidden; count += 1_000) await receive(name);
  }
  await assert.rejects(receive('jobs'), refusedWith('throttled', /in flight messages is reached: 120000/));
  assert.equal((await receive('jobs.fifo')).length, 1_000);
  hidden = 5;
  assert.equal((await receive('jobs')).length, 1_000);
});

test('changes of one queue are made one after the other, and none is lost', async () => {
  const { queues } = await open();
  await Promise.all([
    queues.update(account, 'jobs', { visibilityMs: 1_000 }),
    queues.retag(account, 'jobs', (tags) => ({ ...tags, a: '1' })),
    queues.update(account, 'jobs', { delayMs: 2_000 }),
    queues.retag(account, 'jobs', (tags) => ({ ...tags, b: '2' })),
  ]);
  assert.partialDeepStrictEqual(queues.get(account, 'jobs'), {
    settings: { visibilityMs: 1_000, delayMs: 2_000 },
    tags: { a: '1', b: '2' },
  });
});

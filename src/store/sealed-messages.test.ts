import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds } from '../util/ids.ts';
import { createSealer } from '../util/sealer.ts';
import { openMemoryStore } from './memory/open-memory-store.ts';
import { MessageKeys } from './message-keys.ts';
import type { Log } from './log.ts';
import type { Records } from './records.ts';
import { scan } from './records.ts';
import { ResealingRecords } from './resealing-records.ts';
import { sealMessages } from './sealed-messages.ts';

const day = 86_400_000;

function setUp() {
  const clock = new FakeClock(1_000);
  const store = openMemoryStore({ clock });
  const sealer = createSealer([randomBytes(32)], randomIds);
  const told: string[] = [];
  const open = async (records: Records = store.records, by = sealer) => {
    const report = (message: string): void => void told.push(message);
    const keys = await MessageKeys.open({ records, sealer: by, clock, ids: randomIds, report });
    return { keys, ...sealMessages({ log: store.log, records }, keys, report) };
  };
  return { clock, store, sealer, told, open };
}

async function keyNames(records: Records): Promise<string[]> {
  const names: string[] = [];
  for await (const { key } of scan(records, 'message-key/')) names.push(key);
  return names;
}

test('bodies lie sealed, however they come, and everybody reads them as they were', async () => {
  const { store, open } = setUp();
  const { log, records } = await open();
  const body = (text: string): string => JSON.stringify({ geheim: text, more: 'ä€😀'.repeat(50) });
  await log.append('a', [{ id: '1', body: body('eins') }]);
  await records.transact([{ kind: 'append', topic: 'a', message: { id: '2', body: body('zwei') } }]);
  const lying = await store.log.peek('a', 10);
  assert.equal(lying.length, 2);
  for (const one of lying) assert.match(one.body, /^e1\.[0-9a-f]{8}\.[A-Za-z0-9+/=]+$/);
  assert.notEqual(lying[0]?.body.slice(12, 28), lying[1]?.body.slice(12, 28), 'each has a nonce of its own');
  assert.deepEqual(
    (await log.peek('a', 10)).map((one) => one.body),
    [body('eins'), body('zwei')],
  );
  assert.equal((await log.find('a', '2'))?.body, body('zwei'));
  assert.equal(await log.find('a', '3'), undefined);
  const [first, second] = await log.receive('a', { max: 10, leaseMs: 1_000 });
  assert.deepEqual([first?.body, second?.body], [body('eins'), body('zwei')]);
  await log.redeliver('a', first?.receipt ?? '', { delayMs: 0, body: body('anders') });
  assert.doesNotMatch((await store.log.find('a', '1'))?.body ?? '', /anders/);
  await log.redeliver('a', second?.receipt ?? '', { delayMs: 0 });
  const again = await log.receive('a', { max: 10, leaseMs: 1_000 });
  assert.deepEqual(again.map((one) => one.body).toSorted(), [body('anders'), body('zwei')]);
});

test('what lay there before messages were sealed is read as it is', async () => {
  const { store, open } = setUp();
  await store.log.append('a', [{ id: '1', body: '{"old":1}' }]);
  const { log } = await open();
  assert.equal((await log.receive('a', { max: 1, leaseMs: 1_000 }))[0]?.body, '{"old":1}');
});

test('a key is used for a day, over restarts, and opens what it sealed for ever', async () => {
  const { clock, store, open } = setUp();
  const { log } = await open();
  await log.append('a', [{ id: '1', body: 'eins' }]);
  await open();
  assert.equal((await keyNames(store.records)).length, 1);
  await clock.advance(day);
  await log.append('a', [{ id: '2', body: 'zwei' }]);
  // Whoever comes first goes on with the old one.
  while ((await keyNames(store.records)).length < 2) await log.append('b', [{ id: 'x', body: 'x' }]);
  await log.append('a', [{ id: '3', body: 'drei' }]);
  assert.equal((await keyNames(store.records)).length, 2);
  const lying = await store.log.peek('a', 10);
  assert.equal(lying[0]?.body.slice(0, 11), lying[1]?.body.slice(0, 11));
  assert.notEqual(lying[1]?.body.slice(0, 11), lying[2]?.body.slice(0, 11));
  const restarted = await open();
  assert.deepEqual(
    (await restarted.log.peek('a', 10)).map(({ body }) => body),
    ['eins', 'zwei', 'drei'],
  );
});

test('while the disk refuses a new key the old one goes on, and that is told', async () => {
  const { clock, store, sealer, told, open } = setUp();
  let isFull = false;
  const records: Records = {
    get: (key) => store.records.get(key),
    range: (range) => store.records.range(range),
    transact: (operations) => (isFull ? Promise.reject(new Error('full')) : store.records.transact(operations)),
  };
  const { keys } = await open(records, sealer);
  isFull = true;
  await clock.advance(day);
  const first = keys.seal('eins');
  for (let turns = 0; turns < 10; turns++) await Promise.resolve();
  assert.equal(keys.seal('zwei').slice(0, 11), first.slice(0, 11));
  assert.deepEqual(told.length, 1);
  isFull = false;
  await clock.advance(60_000);
  keys.seal('drei');
  while ((await keyNames(store.records)).length < 2) await Promise.resolve();
});

test('a new master key reaches the keys of messages, and with them what lies there', async () => {
  const { clock, store, told } = setUp();
  const [old, present] = [randomBytes(32), randomBytes(32)] as const;
  const sealer = createSealer([old], randomIds);
  const resealing = new ResealingRecords(store.records, sealer);
  const report = (message: string): void => void told.push(message);
  const parts = { clock, ids: randomIds, report };
  const before = await MessageKeys.open({ ...parts, records: resealing, sealer });
  const sealed = before.seal('eins');
  sealer.use([present, old]);
  await resealing.resealAll();
  const after = await MessageKeys.open({
    ...parts,
    records: store.records,
    sealer: createSealer([present], randomIds),
  });
  assert.equal(after.open(sealed), 'eins');
  assert.equal(after.open(before.seal('zwei')), 'zwei');
});

test('what was changed, or sealed elsewhere, is not read', async () => {
  const { open } = setUp();
  const { keys } = await open();
  const sealed = keys.seal('eins, und mehr davon');
  const changed = sealed.slice(0, 40) + (sealed[40] === 'A' ? 'B' : 'A') + sealed.slice(41);
  assert.throws(() => keys.open(changed), { code: 'unavailable' });
  assert.throws(() => keys.open(sealed.slice(0, 30)), { code: 'unavailable' });
  assert.throws(() => keys.open(`e1.00000000.${sealed.slice(12)}`), { code: 'unavailable' });
  const { keys: others } = await setUp().open();
  assert.throws(() => others.open(sealed), { code: 'unavailable' });
});

test('a message that cannot be opened is set aside, told once, and holds up none of those that came with it', async () => {
  const { clock, store, told, open } = setUp();
  const { log } = await open();
  await log.append('a', [{ id: '1', body: 'eins', group: { name: 'f', ordered: true } }]);
  const group = { name: 'g', ordered: true };
  const foreign = 'e1.00000000.AAAA';
  await store.log.append('a', [{ id: '2', body: foreign, group }]);
  await log.append('a', [{ id: '3', body: 'drei', group }]);

  assert.deepEqual(
    (await log.peek('a', 10)).map(({ id }) => id),
    ['1', '3'],
  );
  await assert.rejects(log.find('a', '2'), { code: 'unavailable' });
  assert.deepEqual(told, [], 'who only looks changes nothing');

  const given = new Map<string, string>();
  for (let turns = 0; turns < 2; turns++)
    for (const { id, body } of await log.receive('a', { max: 10, leaseMs: 1_000 })) given.set(id, body);
  assert.deepEqual(Object.fromEntries(given), { 1: 'eins', 3: 'drei' });
  assert.match(told.join(), /^the message 2 of a cannot be opened, and is set aside in unreadable\/a$/);
  assert.equal((await store.log.find('unreadable/a', '2'))?.body, foreign, 'as it lay');

  await clock.advance(1_000);
  assert.equal((await log.receive('a', { max: 10, leaseMs: 1_000 })).length, 2);
  assert.deepEqual(await log.receive('unreadable/a', { max: 10, leaseMs: 1_000 }), []);
  assert.equal(told.length, 1);
  assert.equal((await store.log.depth('unreadable/a')).leased, 1, 'and it is there still');
});

test('where what cannot be opened cannot be set aside either, the others come all the same', async () => {
  const { clock, store, told, open } = setUp();
  const { keys, log } = await open();
  await store.log.append('a', [{ id: '1', body: 'e1.00000000.AAAA' }]);
  await log.append('a', [{ id: '2', body: 'zwei' }]);
  const refusing: Log = Object.assign(Object.create(store.log), {
    append: () => Promise.reject(new Error('full')),
    receive: store.log.receive.bind(store.log),
  });
  const { log: full } = sealMessages({ log: refusing, records: store.records }, keys, (message) => told.push(message));
  assert.deepEqual(
    (await full.receive('a', { max: 10, leaseMs: 1_000 })).map(({ body }) => body),
    ['zwei'],
  );
  assert.match(told.join(), /could not be set aside/);
  await clock.advance(1_000);
  await log.receive('a', { max: 10, leaseMs: 1_000 });
  assert.equal((await store.log.depth('unreadable/a')).ready, 1, 'the next time');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketEventsTopic, type BucketEvent } from '../resources/bucket-event.ts';
import type { BindingSource } from '../registry/binding.ts';
import type { Log } from '../store/log.ts';
import { newCause } from '../util/cause.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { bucketSource } from './bucket.ts';
import { account, rig } from './source-rig.ts';

const pics: BindingSource = { kind: 'bucket', bucket: 'pics', events: ['ObjectCreated:*'], prefix: '', suffix: '.jpg' };

function uploaded(id: string, key = `${id}.jpg`): { id: string; body: string } {
  const event: BucketEvent = {
    id,
    account,
    key,
    bucket: 'pics',
    name: 'ObjectCreated:Put',
    bytes: 1,
    etag: 'e',
    sequencer: '1',
    timeMs: 0,
    sourceIp: '127.0.0.1',
    principalId: 'p',
    requestId: 'r',
    cause: newCause(0, '1'.repeat(24)),
  };
  return { id, body: JSON.stringify(event) };
}

const keysOf = (invocations: readonly { event: Uint8Array }[]): string[] =>
  invocations.map(({ event }) => JSON.parse(Buffer.from(event).toString()).Records[0].s3.object.key as string);

test('each function whose binding matches is invoked once, with the cause of the upload', async () => {
  const { bind, store, clock, invoker } = await rig(bucketSource);
  await bind('resize', pics);
  await bind('index', { ...pics, suffix: '' });
  await bind('other', { ...pics, bucket: 'docs' });
  await store.log.append(bucketEventsTopic, [uploaded('a'), uploaded('b', 'b.txt')]);
  await clock.advance(10);
  const ran = invoker.invocations.map(({ functionName }) => functionName).sort();
  assert.deepEqual(ran, ['index', 'index', 'resize']);
  assert(invoker.invocations.every(({ source, qualifier }) => source === 'bucket' && qualifier === 'live'));
  assert.equal(invoker.invocations[0]?.cause.traceId, newCause(0, '1'.repeat(24)).traceId);
  assert.equal(new Set(invoker.invocations.map(({ requestId }) => requestId)).size, 3);
  assert.deepEqual(await store.log.depth(bucketEventsTopic), { ready: 0, delayed: 0, leased: 0 });
});

test('an event of another account reaches nobody here', async () => {
  const { bind, store, clock, invoker } = await rig(bucketSource);
  await bind('resize', pics);
  const { id, body } = uploaded('a');
  await store.log.append(bucketEventsTopic, [{ id, body: body.replace(account, '111111111111') }]);
  await clock.advance(10);
  assert.equal(invoker.invocations.length, 0);
  assert.deepEqual(await store.log.depth(bucketEventsTopic), { ready: 0, delayed: 0, leased: 0 });
});

test('five hundred uploads at once become five hundred invocations', async () => {
  const { bind, store, clock, invoker } = await rig(bucketSource);
  await bind('resize', pics);
  await store.log.append(
    bucketEventsTopic,
    Array.from({ length: 500 }, (_, each) => uploaded(`e${each}`)),
  );
  await clock.advance(10);
  assert.equal(new Set(keysOf(invoker.invocations)).size, 500);
  assert.equal(invoker.invocations.length, 500);
});

test('a bucket with more functions than one transaction takes holds up nobody', async () => {
  const { bind, store, clock, invoker, reports } = await rig(bucketSource);
  const functions = 101;
  for (let n = 0; n < functions; n += 1) await bind(`f${n}`, pics);
  await store.log.append(
    bucketEventsTopic,
    Array.from({ length: 100 }, (_, each) => uploaded(`e${each}`)),
  );
  await clock.advance(2_000);
  assert.deepEqual(reports, []);
  assert.equal(invoker.invocations.length, functions * 100);
  assert.equal(new Set(invoker.invocations.map(({ requestId }) => requestId)).size, functions * 100);
  assert.deepEqual(await store.log.depth(bucketEventsTopic), { ready: 0, delayed: 0, leased: 0 });
});

/** The store, but the process dies the moment it acknowledges bucket events: before that takes effect. */
function dyingAtAcknowledge(log: Log): Log {
  return new Proxy(log, {
    get(target, name: keyof Log) {
      if (name === 'acknowledge') {
        return (topic: string, receipts: readonly string[]) =>
          topic === bucketEventsTopic ? new Promise(() => {}) : target.acknowledge(topic, receipts);
      }
      return target[name].bind(target);
    },
  });
}

test('an event that comes back after its invocation is done and gone is not handed on again', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const first = await rig(bucketSource, { clock, store, context: { log: dyingAtAcknowledge(store.log) } });
  await first.bind('resize', pics);
  await store.log.append(bucketEventsTopic, [uploaded('a'), uploaded('b')]);
  await clock.advance(10);
  assert.equal(first.invoker.invocations.length, 2);
  assert.deepEqual(await first.asynchronous.backlog(account, 'resize'), { ready: 0, delayed: 0, leased: 0 });
  assert.equal((await store.log.depth(bucketEventsTopic)).leased, 2);
  // Stopping gives up on what hangs after its drain limit.
  const stopped = first.stop();
  await clock.advance(26_000);
  await stopped;

  const second = await rig(bucketSource, { clock, store });
  await store.log.append(bucketEventsTopic, [uploaded('c')]);
  await clock.advance(10);
  assert.deepEqual(keysOf(second.invoker.invocations), ['c.jpg']);
  assert.deepEqual(await store.log.depth(bucketEventsTopic), { ready: 0, delayed: 0, leased: 0 });
});

test('what was handed on is forgotten once it cannot come back, so that the record stays small', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  for (let life = 0; life < 3; life++) {
    const one = await rig(bucketSource, { clock, store });
    if (life === 0) await one.bind('resize', pics);
    for (const name of ['early', 'late']) {
      await store.log.append(bucketEventsTopic, [uploaded(`${life} ${name}`)]);
      await clock.advance(10);
    }
    await one.stop();
  }
  const entry = await store.records.get('events/bucket/handled');
  assert.deepEqual(entry?.value, { ids: ['2 late'] });
});

test('a store that does not answer is reported, and nothing is lost or doubled', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  let failures = 3;
  const transact = store.records.transact.bind(store.records);
  const records = Object.assign(Object.create(store.records), {
    get: store.records.get.bind(store.records),
    transact: (operations: Parameters<typeof transact>[0]) =>
      failures-- > 0 ? Promise.reject(new Error('disk full')) : transact(operations),
  });
  const { bind, invoker, reports } = await rig(bucketSource, { clock, store, context: { records } });
  await bind('resize', pics);
  await store.log.append(bucketEventsTopic, [uploaded('a')]);
  await clock.advance(5_000);
  assert.equal(reports.length, 3);
  assert.match(reports[0] ?? '', /bucket events could not be delivered; trying again: Error: disk full/);
  assert.equal(invoker.invocations.length, 1);
});

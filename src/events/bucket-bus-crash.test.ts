/** Buckets on EventBridge on a platform that dies again and again: each change that was answered is put on the bus, once. `MAYFLY_SEED` replays one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBucketNotices } from '../registry/bucket-notices.ts';
import { openBindings } from '../registry/open-bindings.ts';
import { openBuckets } from '../resources/bucket/open-buckets.ts';
import { busEventsTopic, type PutEvent } from '../resources/event-bus/bus-event.ts';
import { EventBuses } from '../resources/event-bus/event-buses.ts';
import { Queues } from '../resources/queue.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry } from '../telemetry/telemetry.ts';
import { newCause } from '../util/cause.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds } from '../util/ids.ts';
import { createNoticeSender } from './bucket-notice.ts';
import { bucketSource } from './bucket.ts';
import { Life, random } from './life.ts';
import { account } from './source-rig.ts';
import { startSources, type SourceContext } from './source.ts';

const region = 'us-east-1';
const [bucket, objectsEach] = ['pics', 30];
const actor = { cause: newCause(0, '1'.repeat(24)), sourceIp: '127.0.0.1', principalId: 'p', requestId: 'r' };

const seeds =
  process.env['MAYFLY_SEED'] === undefined
    ? Array.from({ length: 40 }, (_, each) => each + 1)
    : [Number(process.env['MAYFLY_SEED'])];

for (const seed of seeds) {
  test(`each change that was answered is put on the bus, once (seed ${seed})`, async () => {
    const next = random(seed);
    const clock = new FakeClock();
    const store = openMemoryStore({ clock });
    const heard = new Map<string, number>();
    /** Somebody who takes what is on the bus away, so that nothing is dropped for being there still. */
    const listen = async (): Promise<void> => {
      const messages = await store.log.receive(busEventsTopic, { max: 100, leaseMs: 1_000, holder: 'test' });
      for (const { body } of messages) {
        const { key } = (JSON.parse((JSON.parse(body) as PutEvent).event.detail) as { object: { key: string } }).object;
        heard.set(key, (heard.get(key) ?? 0) + 1);
      }
      await store.log.acknowledge(
        busEventsTopic,
        messages.map(({ receipt }) => receipt),
      );
    };
    const atRest = { ...store, clock, ids: randomIds };
    await (await openBuckets({ ...atRest, wantsEvents: () => true })).create({ account, bucket });
    await (await openBucketNotices(store)).put(account, bucket, { notices: [], isOnEventBridge: true });

    const answered = new Set<string>();
    const offers = Array.from({ length: objectsEach }, (_, n) => `object-${n}`);

    const live = async (life: Life): Promise<void> => {
      const [log, records] = [life.over(store.log), life.overRecords(store.records)];
      const common = { log, records, blobs: store.blobs, clock, ids: randomIds };
      const nothing = { publish: () => assert.fail('no topic'), send: () => assert.fail('no queue') };
      const noticeSender = createNoticeSender({
        notices: await openBucketNotices({ records }),
        topics: nothing,
        queues: nothing,
        buses: await EventBuses.open(common),
        mayPublish: () => 'missing',
        maySend: () => 'missing',
        region,
        report: (message) => assert.fail(message),
      });
      const context = {
        ...common,
        region,
        bindings: await openBindings({ records }),
        queues: await Queues.open(common),
        telemetry: new Telemetry(),
        notices: noticeSender,
        report: () => {},
      } satisfies Partial<SourceContext>;
      startSources([bucketSource], context as unknown as SourceContext);
      const buckets = await openBuckets({ ...common, wantsEvents: () => true });
      for (let key = offers.shift(); key !== undefined && !life.dead; key = offers.shift()) {
        const one = key;
        const body = (async function* () {
          yield await Promise.resolve(Buffer.from('x'));
        })();
        await buckets.put({ account, bucket, key: one }, body, {}, actor).then(() => answered.add(one));
        if (next() < 0.5) await clock.advance(Math.floor(next() * 500));
      }
    };

    for (let lives = 0; lives < 12; lives++) {
      const life = new Life(1 + Math.floor(next() * 60), next);
      void live(life);
      for (let step = 0; step < 20 && !life.dead; step++) {
        await clock.advance(Math.floor(next() * 800));
        await listen();
      }
      life.dead = true;
      await clock.advance(Math.floor(next() * 5_000));
    }
    const last = new Life(Number.POSITIVE_INFINITY, next);
    void live(last);
    for (let step = 0; step < 20; step++) {
      await clock.advance(10_000);
      await listen();
    }
    last.dead = true;

    assert.ok(answered.size > 0);
    for (const key of answered) assert.equal(heard.get(key), 1, `${key} was heard of`);
    // Of what died before it was answered, too: never twice.
    assert.deepEqual(
      [...heard].filter(([, times]) => times > 1),
      [],
    );
  });
}

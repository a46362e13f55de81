/**
 * Topics on a platform that dies again and again: what was accepted reaches every subscription, in order where it is kept.
 * `MAYFLY_SEED` replays one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noExtras, type FunctionSettings } from '../registry/function.ts';
import { openBindings } from '../registry/open-bindings.ts';
import type { Registry } from '../registry/registry.ts';
import type { Buckets } from '../resources/bucket.ts';
import { Queues } from '../resources/queue.ts';
import { Topics } from '../resources/topic.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId } from '../util/ids.ts';
import { Asynchronous } from './asynchronous.ts';
import { FakeInvoker } from './fake-invoker.ts';
import { Life, random } from './life.ts';
import { startSources } from './source.ts';
import { createTopicSource } from './topic.ts';

const account = '000000000000' as AccountId;
const messagesEach = 30;
const groups = 3;
const buses = { putEvents: () => assert.fail('nothing is put on a bus here') };
const buckets: Pick<Buckets, 'put'> = { put: () => assert.fail('nothing is put into a bucket here') };
const settings = { attemptsMax: 1, eventAgeMaxMs: 86_400_000 } as FunctionSettings;
const registry = {
  resolve: () => ({ version: { settings }, function: { extras: noExtras } }) as ReturnType<Registry['resolve']>,
};
const signer = {
  sign: () => Promise.resolve('signature'),
  certificate: () => Promise.resolve({ id: 'id', pem: '' }),
};

const seeds =
  process.env['MAYFLY_SEED'] === undefined
    ? Array.from({ length: 40 }, (_, each) => each + 1)
    : [Number(process.env['MAYFLY_SEED'])];

for (const seed of seeds) {
  test(`no accepted message is lost to any subscription, and groups keep their order (seed ${seed})`, async () => {
    const next = random(seed);
    const clock = new FakeClock();
    const store = openMemoryStore({ clock });
    const subscribing = {
      account,
      principal: 'arn:aws:iam::000000000000:root',
      isPublicOnly: false,
      base: 'http://127.0.0.1:4566',
      needsConfirmation: false,
      settings: { isRaw: true },
    } as const;
    const atRest = await Queues.open({ ...store, clock, ids: randomIds });
    const topicsAtRest = await Topics.open({ ...store, clock, ids: randomIds });
    const arn = (queue: string): string => `arn:aws:sqs:us-east-1:${account}:${queue}`;
    for (const queue of ['one', 'two', 'ordered.fifo']) await atRest.create(account, queue);
    await topicsAtRest.create(account, 'plain');
    await topicsAtRest.create(account, 'ordered.fifo', {
      settings: { fifo: { deduplicatesByContent: false, scope: 'topic' } },
    });
    for (const queue of ['one', 'two'])
      await topicsAtRest.subscribe({ ...subscribing, topic: 'plain', protocol: 'sqs', endpoint: arn(queue) });
    const endpoint = `arn:aws:lambda:us-east-1:${account}:function:hello`;
    await topicsAtRest.subscribe({
      ...subscribing,
      topic: 'plain',
      protocol: 'lambda',
      endpoint,
      settings: { isRaw: false },
    });
    await topicsAtRest.subscribe({
      ...subscribing,
      topic: 'ordered.fifo',
      protocol: 'sqs',
      endpoint: arn('ordered.fifo'),
    });

    const accepted = new Set<string>();
    const invoked = new Set<string>();
    const offers = Array.from({ length: messagesEach }, (_, each) => [`plain ${each}`, `ordered ${each}`]).flat();

    const live = async (life: Life): Promise<void> => {
      const [log, records] = [life.over(store.log), life.overRecords(store.records)];
      const queues = await Queues.open({ records, log, clock, ids: randomIds });
      const topics = await Topics.open({ records, log, clock, ids: randomIds });
      const bindings = await openBindings({ records });
      const telemetry = new Telemetry();
      const invoker = new FakeInvoker({ clock, telemetry }, ({ event }) => {
        if (life.dead) return new Promise(() => {});
        invoked.add(JSON.parse(Buffer.from(event).toString()).Records[0].Sns.Message);
        return { status: 'ok' };
      });
      const parts = { log, records, queues, bindings, telemetry, invoker, clock, ids: randomIds, report: () => {} };
      const region = 'us-east-1';
      const asynchronous = await Asynchronous.open({ ...parts, region, buckets, topics, buses, registry });
      const source = createTopicSource({
        topics,
        signer,
        mails: { send: () => assert.fail('nobody gets mail here') },
        mayInvoke: () => 'allowed',
        maySend: () => 'allowed',
      });
      startSources([source], {
        ...parts,
        region,
        asynchronous,
        notices: { send: () => Promise.resolve(), onBus: () => undefined },
      });
      for (let text = offers.shift(); text !== undefined && !life.dead; text = offers.shift()) {
        const message = text;
        const [topic, number] = text.split(' ');
        const place =
          topic === 'plain'
            ? { topic: 'plain' }
            : {
                topic: 'ordered.fifo',
                groupId: `g${Number(number) % groups}`,
                deduplicationId: text.replace(' ', '-'),
              };
        const { topic: name, ...order } = place;
        const publish = topics.publish(account, name, [{ message, attributes: {}, ...order }]);
        // One after the other, as somebody does to whom the order matters.
        await publish.then(() => accepted.add(message));
        if (next() < 0.3) await clock.advance(Math.floor(next() * 1_500));
      }
    };

    for (let lives = 0; lives < 12; lives += 1) {
      const life = new Life(1 + Math.floor(next() * 60), next);
      void live(life);
      for (let step = 0; step < 40 && !life.dead; step += 1) await clock.advance(Math.floor(next() * 800));
      life.dead = true;
      await clock.advance(Math.floor(next() * 5_000));
    }
    void live(new Life(Number.POSITIVE_INFINITY, next));
    await clock.advance(240_000);

    const bodiesIn = async (queue: string): Promise<string[]> => {
      const bodies: string[] = [];
      for (;;) {
        const messages = await atRest.receive(account, queue, { max: 10, visibilityMs: 3_600_000, waitMs: 0 });
        if (messages.length === 0) return bodies;
        bodies.push(...messages.map(({ body }) => body));
        await atRest.remove(
          account,
          queue,
          messages.map(({ receipt }) => receipt),
        );
      }
    };
    const plain = [...accepted].filter((text) => text.startsWith('plain'));
    const ordered = [...accepted].filter((text) => text.startsWith('ordered'));
    assert(plain.length > 0 && ordered.length > 0);
    for (const queue of ['one', 'two']) {
      const bodies = await bodiesIn(queue);
      for (const text of plain) assert(bodies.includes(text), `${text} is in the queue ${queue}`);
      assert.equal(new Set(bodies).size, bodies.length, 'nothing comes twice while the first is still there');
    }
    for (const text of plain) assert(invoked.has(text), `${text} reached the function`);
    const got = await bodiesIn('ordered.fifo');
    for (const text of ordered) assert(got.includes(text), `${text} is in the queue that keeps an order`);
    assert.equal(new Set(got).size, got.length, 'each once');
    for (let group = 0; group < groups; group += 1) {
      const numbers = got.map((text) => Number(text.split(' ')[1])).filter((number) => number % groups === group);
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
        `the order of group ${group}`,
      );
    }
  });
}

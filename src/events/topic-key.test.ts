/** Messages of a topic whose key cannot be used when they are to go out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBindings } from '../registry/open-bindings.ts';
import type { Registry } from '../registry/registry.ts';
import type { Buckets } from '../resources/bucket.ts';
import type { DataKeys } from '../resources/data-keys.ts';
import { Queues } from '../resources/queue.ts';
import { Topics } from '../resources/topic.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry } from '../telemetry/telemetry.ts';
import { PlatformError } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId } from '../util/ids.ts';
import { Asynchronous } from './asynchronous.ts';
import { FakeInvoker } from './fake-invoker.ts';
import { noMessagingKeys } from './keys-for.ts';
import { startSources } from './source.ts';
import { createTopicSource } from './topic.ts';

const account = '000000000000' as AccountId;

test('they wait for it, hold up no other topic, and are dropped once it is gone', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const told: string[] = [];
  const report = (message: string): void => void told.push(message);
  const queues = await Queues.open({ ...store, clock, ids: randomIds });
  const topics = await Topics.open({ ...store, clock, ids: randomIds });
  await queues.create(account, 'heard');
  for (const [name, keyId] of [
    ['keyed', 'a-key'],
    ['open', undefined],
  ] as const) {
    await topics.create(account, name, { settings: keyId === undefined ? {} : { keyId } });
    await topics.subscribe({
      account,
      topic: name,
      protocol: 'sqs',
      endpoint: `arn:aws:sqs:us-east-1:${account}:heard`,
      principal: 'arn:aws:iam::000000000000:root',
      isPublicOnly: false,
      base: 'http://127.0.0.1:4566',
      needsConfirmation: false,
      settings: { isRaw: true },
    });
  }
  let refusal: 'KMSDisabled' | 'KMSNotFound' | undefined = 'KMSDisabled';
  const plain = Buffer.alloc(32, 3);
  const publisher: DataKeys = {
    require: () => Promise.resolve('arn'),
    make: () => Promise.resolve({ plain, sealed: 'sealed', context: {} }),
    open: () => Promise.resolve(plain),
  };
  const own: DataKeys = {
    ...publisher,
    open: () =>
      refusal === undefined
        ? Promise.resolve(plain)
        : Promise.reject(new PlatformError('conflict', 'not now', { reason: refusal })),
  };
  const telemetry = new Telemetry();
  const invoker = new FakeInvoker({ clock, telemetry }, () => assert.fail('nothing is called'));
  const parts = { ...store, queues, telemetry, invoker, clock, ids: randomIds, report, region: 'us-east-1' };
  const asynchronous = await Asynchronous.open({
    ...parts,
    buckets: { put: () => assert.fail('nothing is put') } as Pick<Buckets, 'put'>,
    topics,
    buses: { putEvents: () => assert.fail('nothing is put') },
    registry: { resolve: () => undefined } as Pick<Registry, 'resolve'>,
  });
  const source = createTopicSource({
    topics,
    signer: { sign: () => Promise.resolve(''), certificate: () => Promise.resolve({ id: 'id', pem: '' }) },
    mails: { send: () => assert.fail('nobody gets mail') },
    mayInvoke: () => 'allowed',
    maySend: () => 'allowed',
    keys: { ...noMessagingKeys, topics: { ...noMessagingKeys.topics, own } },
  });
  startSources([source], {
    ...parts,
    bindings: await openBindings(store),
    asynchronous,
    notices: { send: () => Promise.resolve(), onBus: () => undefined },
  });
  const publish = (name: string, message: string) =>
    topics.publish(account, name, [{ message, attributes: {} }], publisher);
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
  };
  const heard = async (): Promise<string[]> => {
    await settle();
    return (await queues.receive(account, 'heard', { max: 10, visibilityMs: 1e9 })).map(({ body }) => body);
  };
  await publish('keyed', 'secret');
  await publish('open', 'news');
  assert.deepEqual(await heard(), ['news']);
  await clock.advance(20_000);
  assert.deepEqual(await heard(), []);
  assert.equal(told.filter((message) => message.includes('and waits')).length, 1);
  refusal = undefined;
  await clock.advance(20_000);
  assert.deepEqual(await heard(), ['secret']);
  refusal = 'KMSNotFound';
  await publish('keyed', 'lost');
  assert.deepEqual(await heard(), []);
  assert.ok(told.some((message) => message.includes('was dropped, for it cannot be decrypted')));
  refusal = undefined;
  await clock.advance(60_000);
  assert.deepEqual(await heard(), []);
});

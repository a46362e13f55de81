import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../util/errors.ts';
import { newCause, type Cause } from '../util/cause.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { logSource } from './log-source.ts';
import { rig } from './source-rig.ts';

type Sent = { bus: string; text: string; cause: Cause };

const source = logSource({
  kind: 'bus',
  topic: 'events/example',
  invocationsOf({ body }, bindings) {
    const { bus, text, cause } = JSON.parse(body) as Sent;
    return bindings
      .filter((binding) => binding.source.bus === bus)
      .map((binding) => ({ binding, event: { text }, cause }));
  },
});

const message = (id: string, bus: string, text = 'hello'): { id: string; body: string } => ({
  id,
  body: JSON.stringify({ bus, text, cause: newCause(0, '0'.repeat(24)) } satisfies Sent),
});

test('each function that is concerned runs once, under an id of its own', async () => {
  const one = await rig(source);
  await one.bind('first', { kind: 'bus', bus: 'shop', pattern: '{}' });
  await one.bind('second', { kind: 'bus', bus: 'shop', pattern: '{}' });
  await one.bind('other', { kind: 'bus', bus: 'else', pattern: '{}' });
  await one.store.log.append('events/example', [message('a', 'shop')]);
  await one.clock.advance(10);
  const { invocations } = one.invoker;
  assert.deepEqual(invocations.map(({ functionName }) => functionName).toSorted(), ['first', 'second']);
  assert.equal(new Set(invocations.map(({ requestId }) => requestId)).size, 2);
  await one.stop();
});

test('what makes an event that is too large is set aside', async () => {
  const one = await rig(source);
  await one.bind('first', { kind: 'bus', bus: 'shop', pattern: '{}' });
  await one.store.log.append('events/example', [message('a', 'shop', 'x'.repeat(1024 * 1024)), message('b', 'shop')]);
  await one.clock.advance(10);
  assert.equal(one.invoker.invocations.length, 1);
  assert.equal((await one.store.log.depth('unreadable/events/example')).ready, 1);
  assert.match(one.reports[0] ?? '', /a of events\/example cannot be handed on.*at most/);
  await one.stop();
});

test('a disk that takes nothing sets nothing aside', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  let isFull = true;
  const records = {
    ...store.records,
    get: store.records.get.bind(store.records),
    range: store.records.range.bind(store.records),
    transact: (...given: Parameters<typeof store.records.transact>) =>
      isFull && given[0].some(({ kind }) => kind === 'append')
        ? Promise.reject(new PlatformError('unavailable', 'the disk is full'))
        : store.records.transact(...given),
  };
  const one = await rig(source, { clock, store: { ...store, records } });
  await one.bind('first', { kind: 'bus', bus: 'shop', pattern: '{}' });
  await store.log.append('events/example', [message('a', 'shop')]);
  await clock.advance(60_000);
  assert.equal(one.invoker.invocations.length, 0);
  isFull = false;
  await clock.advance(60_000);
  assert.equal(one.invoker.invocations.length, 1);
  assert.deepEqual(await store.log.depth('unreadable/events/example'), { ready: 0, delayed: 0, leased: 0 });
  await one.stop();
});

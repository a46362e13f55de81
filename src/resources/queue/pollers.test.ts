import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../util/fake-clock.ts';
import { Pollers } from './pollers.ts';

/** A topic whose messages the test puts into a list; how often somebody looked. */
function open() {
  const clock = new FakeClock();
  const ready: string[] = [];
  const watchers = new Set<() => void>();
  let looks = 0;
  const pollers = new Pollers<string>({
    clock,
    watch: (_topic, told) => {
      watchers.add(told);
      return { stop: () => void watchers.delete(told) };
    },
  });
  const look = async (): Promise<readonly string[]> => {
    looks += 1;
    await Promise.resolve();
    return ready.splice(0, 1);
  };
  return {
    clock,
    watchers,
    poll: (waitMs: number, signal?: AbortSignal) => pollers.poll('topic', look, waitMs, signal),
    wake: () => pollers.wake('topic'),
    put(...messages: string[]) {
      ready.push(...messages);
      for (const told of watchers) told();
    },
    looks: () => looks,
    pollers,
  };
}

test('who has waited longest gets what comes first', async () => {
  const { clock, poll, put } = open();
  const answered: string[] = [];
  const all = ['a', 'b', 'c'].map((name) => poll(20_000).then((found) => answered.push(`${name}:${found.join()}`)));
  await clock.advance(1);
  put('1', '2');
  await clock.advance(1);
  put('3');
  await Promise.all(all);
  assert.deepEqual(answered, ['a:1', 'b:2', 'c:3']);
});

test('a thousand who wait look once when they come and once when something does, and share a timer', async () => {
  const { clock, poll, put, looks } = open();
  const all = Array.from({ length: 1_000 }, () => poll(20_000));
  await clock.advance(1);
  const first = looks();
  assert(first <= 32, String(first));
  put('1');
  await clock.advance(1);
  assert.deepEqual(await all[0], ['1']);
  assert(looks() <= first + 32, String(looks()));
  await clock.advance(20_000);
  assert.deepEqual(
    await Promise.all(all.slice(1)),
    Array.from({ length: 999 }, () => []),
  );
});

test('a wait ends at its time, or when nobody wants it any more, and leaves nothing behind', async () => {
  const { clock, poll, watchers, put } = open();
  const short = poll(1_000);
  const long = poll(5_000);
  const left = new AbortController();
  const aborted = poll(5_000, left.signal);
  await clock.advance(1_030);
  assert.deepEqual(await short, []);
  left.abort();
  assert.deepEqual(await aborted, []);
  put('1');
  assert.deepEqual(await long, ['1']);
  await clock.advance(1);
  assert.equal(watchers.size, 0);
});

test('what comes while somebody looks is not missed', async () => {
  const { clock, poll, put } = open();
  const waiting = poll(5_000);
  // The first look has begun, and has found nothing.
  put('1');
  await clock.advance(1);
  assert.deepEqual(await waiting, ['1']);
});

test('a look that fails is told to who waited, and the others go on', async () => {
  const { clock, pollers, poll, wake } = open();
  const failing = pollers.poll('topic', () => Promise.reject(new Error('gone')), 5_000, undefined);
  const other = poll(1_000);
  await assert.rejects(failing, /gone/);
  wake();
  await clock.advance(1_030);
  assert.deepEqual(await other, []);
});

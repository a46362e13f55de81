import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import type { Invocation } from '../invoke/invoke.ts';
import type { FakeOutcome } from './fake-invoker.ts';
import { Life, random } from './life.ts';
import { account } from './source-rig.ts';
import { allTold, eventOf, source, told, world, type World } from './table-rig.ts';

test('ten items written to 500 times each, with ten lanes: of each the changes arrive in order, several at once', async () => {
  const seen = new Map<string, number[]>();
  let runningMax = 0;
  const running = new Set<string>();
  const one = await world({
    binding: { enabled: false },
    isOnDemand: true,
    async decide(invocation) {
      const records = eventOf(invocation).Records.map(told);
      const items = new Set(records.map((record) => record.split(':')[0] ?? ''));
      for (const item of items) {
        assert.ok(!running.has(item), `${item} is given twice at once`);
        running.add(item);
      }
      runningMax = Math.max(runningMax, one.invoker.running);
      await nextTurn();
      for (const item of items) running.delete(item);
      if (invocation.attempt === 1 && Number(records[0]?.split(':')[1]) % 7 === 3)
        return { status: 'function_error', errorMessage: 'now and then' };
      for (const record of records) {
        const [item = '', n] = record.split(':');
        seen.set(item, [...(seen.get(item) ?? []), Number(n)]);
      }
      return { status: 'ok' };
    },
  });
  for (let n = 0; n < 500; n += 1)
    await Promise.all(Array.from({ length: 10 }, (_, item) => one.put(`item-${item}`, n)));
  // A store in memory goes through all that it has for each page: so all of it is there before it is read.
  await one.bind('listen', { ...source, parallel: 10, batchMax: 50 });
  const isDone = (): boolean => seen.size === 10 && [...seen.values()].every((all) => all.length >= 500);
  for (let rounds = 0; rounds < 100 && !isDone(); rounds += 1) await one.clock.advance(10_000);
  assert.equal(seen.size, 10);
  for (const all of seen.values())
    assert.deepEqual(
      all,
      Array.from({ length: 500 }, (_, n) => n),
    );
  assert.ok(runningMax > 1);
  await one.stop();
});

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`of no item anything is given before what happened before it, whenever the process dies (seed ${seed})`, async () => {
    const next = random(seed);
    const before = await world({ binding: { batchMax: 4, parallel: 3 }, isOnDemand: true });
    await before.stop();
    const { clock, store } = before;
    const seen = new Map<string, number[]>();
    const count = 12;
    const written = new Map(['a', 'b', 'c', 'd', 'e'].map((id) => [id, 0]));
    const isAll = (): boolean => [...written.keys()].every((id) => new Set(seen.get(id)).size === count);
    for (let lives = 0; !isAll(); lives += 1) {
      assert.ok(lives < 200, 'it never arrives');
      const life = new Life(20 + Math.floor(next() * 150), next);
      const over = { ...store, log: life.over(store.log), records: life.overRecords(store.records) };
      const decide = (invocation: Invocation): FakeOutcome | Promise<FakeOutcome> => {
        if (life.dead) return new Promise(() => {});
        for (const record of eventOf(invocation).Records.map(told)) {
          const [id = '', n] = record.split(':');
          seen.set(id, [...(seen.get(id) ?? []), Number(n)]);
        }
        return next() < 0.2 ? { status: 'function_error', errorMessage: 'now and then' } : { status: 'ok' };
      };
      let one: World | undefined;
      void world({ on: { clock, store: over }, decide }).then((opened) => (one = opened));
      for (let step = 0; step < 12 && !life.dead; step += 1) {
        await clock.advance(Math.floor(next() * 500));
        for (const [id, n] of written) {
          if (one === undefined || n === count || next() < 0.4) continue;
          // Whoever is not answered writes the same again, which changes nothing if it was written.
          await Promise.race([one.put(id, n).then(() => written.set(id, n + 1)), life.death]);
        }
      }
      await clock.advance(60_000);
      life.dead = true;
      void one?.stop();
    }
    for (const all of seen.values())
      assert.deepEqual(
        [...new Set(all)],
        Array.from({ length: count }, (_, n) => n),
      );
  });
}

test('what a changed binding still runs ends before the next begins: nothing of an item overtakes', async () => {
  const { promise: release, resolve } = Promise.withResolvers<void>();
  let isFirst = true;
  const one = await world({
    binding: { batchMax: 1 },
    async decide() {
      if (isFirst) {
        isFirst = false;
        await release;
      }
      return { status: 'ok' };
    },
  });
  await one.put('a', 1);
  await one.put('a', 2);
  await one.clock.advance(100);
  const [binding] = one.bindings.list(account);
  assert.ok(binding?.source.kind === 'table');
  await one.bindings.put({ ...binding, source: { ...binding.source, batchMax: 2 } });
  await one.clock.advance(1_000);
  assert.deepEqual(allTold(one.invoker.invocations), ['a:1']);
  resolve();
  await one.clock.advance(1_000);
  assert.deepEqual(allTold(one.invoker.invocations), ['a:1', 'a:2']);
  await one.stop();
});

test('what is left in a stream that was turned off comes before what is in the next', async () => {
  let isFailing = true;
  const seen: string[] = [];
  const one = await world({
    binding: { batchMax: 1 },
    decide(invocation) {
      if (isFailing) return { status: 'function_error', errorMessage: 'not yet' };
      seen.push(...eventOf(invocation).Records.map(told));
      return { status: 'ok' };
    },
  });
  await one.put('a', 1);
  await one.put('a', 2);
  await one.clock.advance(1_000);
  await one.tables.update(account, 'orders', () => ({ stream: 'off' }));
  await one.tables.update(account, 'orders', () => ({ stream: { view: 'NEW_IMAGE' } }));
  await one.put('a', 3);
  await one.clock.advance(60_000);
  isFailing = false;
  await one.clock.advance(60_000);
  assert.deepEqual(seen, ['a:1', 'a:2', 'a:3']);
  await one.stop();
});

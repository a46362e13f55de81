import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import { openMemoryStore } from './memory/open-memory-store.ts';
import { scan, type Operation } from './records.ts';

test('a long scan lets others have their turn between its pages', async () => {
  await using store = openMemoryStore({ clock: new FakeClock() });
  const puts = Array.from({ length: 2_500 }, (_, n): Operation => ({ kind: 'put', key: `a/${n}`, value: n }));
  await store.records.transact(puts);
  let turns = 0;
  const turn = (): void => {
    turns += 1;
    waiting = setImmediate(turn);
  };
  let waiting = setImmediate(turn);
  let entries = 0;
  for await (const entry of scan(store.records, 'a/')) entries += entry.revision > 0 ? 1 : 0;
  clearImmediate(waiting);
  assert.equal(entries, puts.length);
  assert.ok(turns >= 2, `${turns} turns`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historiesOnRecord } from './histories-on-record.ts';
import type { WrittenHistory } from './runners/keep-histories.ts';
import { Keeper } from './runners/predict/keeper.ts';
import { openMemoryStore } from './store/memory/open-memory-store.ts';
import { FakeClock } from './util/fake-clock.ts';
import { functionArn, type AccountId } from './util/ids.ts';

const arnOf = (name: string) => functionArn('us-east-1', '000000000000' as AccountId, name);
const history = (memoryMb: number): WrittenHistory => ({ keeper: new Keeper().write(), memoryMb, startMs: 50 });

function open() {
  const clock = new FakeClock();
  const { records } = openMemoryStore({ clock });
  const errors: string[] = [];
  const histories = historiesOnRecord({ records, clock, onError: (message) => errors.push(message) });
  const all = async () => {
    const found = new Map<string, number>();
    for await (const { functionArn: arn, history: one } of histories.load()) found.set(arn, one.memoryMb);
    return found;
  };
  return { clock, records, histories, all, errors };
}

test('what has changed is written within a minute, as it is then', async () => {
  const { clock, histories, all } = open();
  let memoryMb = 1;
  histories.changed(arnOf('hello'), () => history(memoryMb));
  memoryMb = 2;
  await clock.advance(59_000);
  assert.equal((await all()).size, 0);
  await clock.advance(2_000);
  assert.deepEqual([...(await all())], [[arnOf('hello'), 2]]);
  histories.forget(arnOf('hello'));
  await clock.advance(61_000);
  assert.equal((await all()).size, 0);
});

test('of thousands some hundred are written each minute, and the rest on the way out', async () => {
  const { clock, histories, all } = open();
  for (let number = 0; number < 1_200; number += 1) histories.changed(arnOf(`f${number}`), () => history(number));
  await clock.advance(61_000);
  assert.equal((await all()).size, 500);
  await clock.advance(61_000);
  assert.equal((await all()).size, 1_000);
  await histories.close();
  assert.equal((await all()).size, 1_200);
});

test('a record of another make is passed over', async () => {
  const { records, all } = open();
  await records.transact([
    { kind: 'put', key: `keep/${arnOf('old')}`, value: { make: 1, planner: [] } },
    { kind: 'put', key: `keep/${arnOf('none')}`, value: 'nothing' },
  ]);
  assert.equal((await all()).size, 0);
});

test('a store that refuses is told of once, and what was learned is written when it no longer does', async () => {
  const { clock, records, all } = open();
  let isFull = true;
  const errors: string[] = [];
  const histories = historiesOnRecord({
    records: {
      ...records,
      range: (range) => records.range(range),
      transact: (operations) => (isFull ? Promise.reject(new Error('disk full')) : records.transact(operations)),
    },
    clock,
    onError: (message) => errors.push(message),
  });
  histories.changed(arnOf('hello'), () => history(7));
  await clock.advance(200_000);
  assert.deepEqual(errors, ['what is learned of idle times cannot be written']);
  isFull = false;
  await clock.advance(61_000);
  assert.deepEqual([...(await all())], [[arnOf('hello'), 7]]);
});

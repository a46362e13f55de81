import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import type { Operation, Records } from '../store/records.ts';
import { PlatformError } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { LateWriter } from './late-writer.ts';

function open() {
  const clock = new FakeClock();
  const { records } = openMemoryStore({ clock });
  const state = { isRefusing: false, writes: [] as number[] };
  const counted: Records = {
    get: (key) => records.get(key),
    range: (range) => records.range(range),
    transact(operations: readonly Operation[]) {
      state.writes.push(operations.length);
      if (state.isRefusing) return Promise.reject(new PlatformError('unavailable', 'the disk is full'));
      return records.transact(operations);
    },
  };
  const writer = new LateWriter(counted, clock, 1_000);
  const value = async (key: string): Promise<unknown> => (await records.get(key))?.value;
  return { clock, state, writer, value };
}

test('changes wait for each other, and the newest value of a key is written alone', async () => {
  const { clock, state, writer, value } = open();
  let count = 0;
  for (let change = 0; change < 5; change++) {
    count += 1;
    writer.put('a', () => ({ count }));
  }
  writer.put('b', () => 1);
  writer.delete('b');
  await clock.advance(999);
  assert.deepEqual(state.writes, []);
  await clock.advance(1);
  assert.deepEqual(state.writes, [2]);
  assert.deepEqual([await value('a'), await value('b')], [{ count: 5 }, undefined]);
});

test('what the store refuses is tried again, unless something newer has come', async () => {
  const { clock, state, writer, value } = open();
  state.isRefusing = true;
  writer.put('a', () => 'old');
  writer.put('b', () => 'kept');
  await clock.advance(1_000);
  writer.put('a', () => 'new');
  state.isRefusing = false;
  await clock.advance(10_000);
  assert.deepEqual([await value('a'), await value('b')], ['new', 'kept']);
});

test('what waits is bounded while the store refuses', async () => {
  const { clock, state, writer, value } = open();
  state.isRefusing = true;
  for (let key = 0; key < 20_001; key++) writer.put(`k${key}`, () => key);
  state.isRefusing = false;
  await clock.advance(1_000);
  assert.deepEqual([await value('k19999'), await value('k20000')], [19_999, undefined]);
});

test('the end writes what waits', async () => {
  const { writer, value } = open();
  writer.put('a', () => 1);
  await writer[Symbol.asyncDispose]();
  assert.equal(await value('a'), 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import type { Records } from '../../store/records.ts';
import { newCause } from '../../util/cause.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { randomIds, type AccountId } from '../../util/ids.ts';
import { createSealer } from '../../util/sealer.ts';
import { newItem } from './attribute-value.ts';
import { TableCiphers } from './table-ciphers.ts';
import { Tables } from './tables.ts';
import { fillingPrefix } from './upkeep.ts';

const account = '000000000000' as AccountId;
const nowMs = 1_700_000_000_000;

test('time to live that is turned off and on for another attribute while the first is being filled ends all items', async () => {
  const clock = new FakeClock(nowMs);
  const { records } = openMemoryStore({ clock });
  // Stops the first filling after its first commit, until the attribute has been changed.
  const { promise: changed, resolve: go } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let commits = 0;
  const slow: Records = {
    ...boundTo(records),
    async transact(operations) {
      const done = await records.transact(operations);
      if (operations.some((one) => one.kind === 'put' && one.key.startsWith(fillingPrefix)) && ++commits === 2) {
        begin();
        await changed;
      }
      return done;
    },
  };
  await using tables = await Tables.open({
    records: slow,
    clock,
    ids: randomIds,
    ciphers: new TableCiphers({
      sealer: createSealer([Buffer.alloc(32, 7)], randomIds),
      ids: randomIds,
      openKms: () => Promise.reject(new Error('no key')),
      monotonicMs: () => clock.monotonicMs(),
    }),
    report: (message, why) => assert.fail(`${message}: ${String(why)}`),
  });
  const table = await tables.create({
    account,
    name: 'things',
    key: { partition: { name: 'id', type: 'S' } },
    indexes: [],
    billing: { mode: 'on demand' },
    isProtected: false,
    tags: {},
  });
  const end = { N: String(nowMs / 1_000 - 60) };
  for (let n = 0; n < 250; n += 1) {
    const key = newItem([['id', { S: String(n) }]]);
    const item = newItem([
      ['id', { S: String(n) }],
      ['second', end],
    ]);
    await tables.items.write([{ table, key, decide: () => ({ kind: 'put', item }) }], { cause: newCause(0, 'c') });
  }
  await tables.update(account, 'things', () => ({ expiry: { attribute: 'first' } }));
  await begun;
  await tables.update(account, 'things', () => ({ expiry: 'off' }));
  await tables.update(account, 'things', () => ({ expiry: { attribute: 'second' } }));
  go();
  for (let tries = 0; tries < 1_000 && tables.get(account, 'things')?.expiry?.isFilled !== true; tries += 1)
    await clock.advance(1);
  for (let tries = 0; tries < 20 && tables.tally(table).items > 0; tries += 1) await clock.advance(10_000);
  assert.equal(tables.tally(table).items, 0);
});

const boundTo = (records: Records): Records => ({
  get: (...given) => records.get(...given),
  range: (...given) => records.range(...given),
  transact: (...given) => records.transact(...given),
});

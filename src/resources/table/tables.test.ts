import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { newCause } from '../../util/cause.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { PlatformError } from '../../util/errors.ts';
import { type AccountId, randomIds } from '../../util/ids.ts';
import { createSealer } from '../../util/sealer.ts';
import { newItem, type AttributeValue, type Item } from './attribute-value.ts';
import type { Decision } from './item-change.ts';
import { TableCiphers } from './table-ciphers.ts';
import type { Table } from './table.ts';
import { Tables, type NewIndex, type TableCreation } from './tables.ts';

const account = '000000000000' as AccountId;
const cause = newCause(0, '0'.repeat(24));
const item = (attributes: Record<string, AttributeValue>): Item => newItem(Object.entries(attributes));
const plainOf = (items: readonly Item[]): unknown => JSON.parse(JSON.stringify(items));

const byGroup: NewIndex = {
  name: 'by-group',
  kind: 'global',
  key: { partition: { name: 'group', type: 'S' }, sort: { name: 'at', type: 'N' } },
  projection: { kind: 'INCLUDE', attributes: ['note'] },
};

const creation: TableCreation = {
  account,
  name: 'things',
  key: { partition: { name: 'id', type: 'S' }, sort: { name: 'at', type: 'N' } },
  indexes: [],
  billing: { mode: 'on demand' },
  isProtected: false,
  tags: {},
};

async function openTables(
  kept = openMemoryStore({ clock: new FakeClock(1_700_000_000_000) }),
  clock = new FakeClock(1_700_000_000_000),
) {
  const sealer = createSealer([Buffer.alloc(32, 7)], randomIds);
  const ciphers = new TableCiphers({
    sealer,
    ids: randomIds,
    openKms: () => Promise.reject(new Error('no key')),
    monotonicMs: () => clock.monotonicMs(),
  });
  const tables = await Tables.open({
    records: kept.records,
    clock,
    ids: randomIds,
    ciphers,
    report: (message, why) => assert.fail(`${message}: ${String(why)}`),
  });
  const put = (table: Table, one: Item): Promise<unknown> =>
    tables.items.write(
      [
        {
          table,
          key: item({ id: one['id'] as AttributeValue, at: one['at'] as AttributeValue }),
          decide: () => ({ kind: 'put', item: one }),
        },
      ],
      { cause },
    );
  return { kept, clock, tables, put, [Symbol.asyncDispose]: () => tables[Symbol.asyncDispose]() };
}

const thing = (id: string, at: number, more: Record<string, AttributeValue> = {}): Item =>
  item({ id: { S: id }, at: { N: String(at) }, ...more });

test('an item is read as it was written, bytes and strange names included', async () => {
  await using opened = await openTables();
  const { tables, put } = opened;
  const table = await tables.create(creation);
  const strange = thing('a', 1, {
    __proto__x: { S: 'x' },
    bytes: { B: Buffer.from([0, 255]) },
    deep: { M: item({ list: { L: [{ BS: [Buffer.from('a')] }, { NULL: true }] } }) },
  });
  await put(table, strange);
  const read = await tables.items.read(table, thing('a', 1));
  assert.deepEqual({ ...read }, { ...strange });
  assert.equal(await tables.items.read(table, thing('a', 2)), undefined);
  assert.deepEqual(tables.tally(table), { items: 1, bytes: tables.tally(table).bytes, indexes: {} });
});

test('nothing of an item lies in the clear but the numbers and texts of sort keys', async () => {
  await using opened = await openTables();
  const { kept, tables, put } = opened;
  const table = await tables.create({ ...creation, indexes: [byGroup] });
  await put(table, thing('geheim-id', 77, { group: { S: 'geheim-group' }, note: { S: 'geheim-note' } }));
  const all = JSON.stringify(await kept.records.range({ prefix: '', limit: 1_000 }));
  assert.doesNotMatch(all, /geheim/);
  assert.match(all, new RegExp(`table-item/${table.id}/0/[0-9a-f]{32}/`));
});

test('a partition is gone through in the order of its sort keys, from both ends, in pages and between bounds', async () => {
  await using opened = await openTables();
  const { tables, put } = opened;
  const table = await tables.create(creation);
  for (const at of [10, -3, 2, 100, 2.5, 0]) await put(table, thing('a', at));
  await put(table, thing('b', 1));
  const query = async (request: Partial<Parameters<typeof tables.items.query>[1]>): Promise<string[]> => {
    const { items } = await tables.items.query(table, { partition: { S: 'a' }, ...request });
    return items.map(({ at }) => (at !== undefined && 'N' in at ? at.N : '?'));
  };
  assert.deepEqual(await query({}), ['-3', '0', '2', '2.5', '10', '100']);
  assert.deepEqual(await query({ isReversed: true, limit: 2 }), ['100', '10']);
  assert.deepEqual(await query({ sort: { operator: '<', value: { N: '2' } } }), ['-3', '0']);
  assert.deepEqual(await query({ sort: { operator: '<=', value: { N: '2' } } }), ['-3', '0', '2']);
  assert.deepEqual(await query({ sort: { operator: '>', value: { N: '2' } } }), ['2.5', '10', '100']);
  assert.deepEqual(await query({ sort: { operator: '=', value: { N: '10' } } }), ['10']);
  assert.deepEqual(await query({ sort: { operator: 'between', low: { N: '2' }, high: { N: '10' } } }), [
    '2',
    '2.5',
    '10',
  ]);
  const first = await tables.items.query(table, { partition: { S: 'a' }, limit: 2, isReversed: true });
  assert.deepEqual({ ...first.last }, { id: { S: 'a' }, at: { N: '10' } });
  assert.deepEqual(await query({ isReversed: true, after: first.last ?? {} }), ['2.5', '2', '0', '-3']);
  await assert.rejects(query({ after: thing('b', 1) }), /outside query boundaries/);
});

test('segments have all of the items, each once', async () => {
  await using opened = await openTables();
  const { tables, put } = opened;
  const table = await tables.create(creation);
  await Promise.all(Array.from({ length: 100 }, (_, id) => put(table, thing(`id-${id}`, id))));
  const found: string[] = [];
  for (let number = 0; number < 7; number += 1) {
    let after: Item | undefined;
    do {
      const page = await tables.items.scan(table, { segment: { number, of: 7 }, limit: 4, ...(after && { after }) });
      found.push(...page.items.map(({ at }) => JSON.stringify(at)));
      after = page.last;
    } while (after !== undefined);
  }
  assert.equal(found.length, 100);
  assert.equal(new Set(found).size, 100);
});

test('an index has what it projects of the items that have its keys, and follows each change', async () => {
  await using opened = await openTables();
  const { tables, put } = opened;
  const table = await tables.create({ ...creation, indexes: [byGroup] });
  const inGroup = async (group: string): Promise<unknown> =>
    plainOf((await tables.items.query(table, { index: 'by-group', partition: { S: group } })).items);
  await put(table, thing('a', 1, { group: { S: 'x' }, note: { S: 'n' }, other: { S: 'o' } }));
  await put(table, thing('b', 1, { other: { S: 'o' } }));
  assert.deepEqual(await inGroup('x'), plainOf([thing('a', 1, { group: { S: 'x' }, note: { S: 'n' } })]));
  await put(table, thing('a', 1, { group: { S: 'y' } }));
  assert.deepEqual(await inGroup('x'), []);
  assert.deepEqual(await inGroup('y'), plainOf([thing('a', 1, { group: { S: 'y' } })]));
  await tables.items.write([{ table, key: thing('a', 1), decide: () => ({ kind: 'delete' }) }], { cause });
  assert.deepEqual(await inGroup('y'), []);
  assert.deepEqual(tables.tally(table).indexes, { [table.indexes[0]?.id ?? '']: { items: 0, bytes: 0 } });
});

test('of a hundred who each want to be the first, one is; and changes are all or none', async () => {
  await using opened = await openTables();
  const { tables } = opened;
  const table = await tables.create(creation);
  const first = (before: Item | undefined): Decision =>
    before === undefined
      ? { kind: 'put', item: thing('a', 1) }
      : { kind: 'refuse', why: new PlatformError('precondition_failed', 'taken') };
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, () => tables.items.write([{ table, key: thing('a', 1), decide: first }], { cause })),
  );
  assert.equal(outcomes.filter(({ status }) => status === 'written').length, 1);

  const both = await tables.items.write(
    [
      { table, key: thing('b', 1), decide: () => ({ kind: 'put', item: thing('b', 1) }) },
      { table, key: thing('a', 1), decide: first },
    ],
    { cause },
  );
  assert.equal(both.status, 'refused');
  assert.ok(both.status === 'refused' && both.refusals[0] === undefined && both.refusals[1]?.before !== undefined);
  assert.equal(await tables.items.read(table, thing('b', 1)), undefined);

  const add = (before: Item | undefined): Decision => {
    const count = before?.['count'];
    return {
      kind: 'put',
      item: thing('c', 1, { count: { N: String(Number(count && 'N' in count ? count.N : 0) + 1) } }),
    };
  };
  await Promise.all(
    Array.from({ length: 50 }, () => tables.items.write([{ table, key: thing('c', 1), decide: add }], { cause })),
  );
  assert.deepEqual((await tables.items.read(table, thing('c', 1)))?.['count'], { N: '50' });
});

test('an index that is added later is filled, while items are written, and gone through only then', async () => {
  await using opened = await openTables();
  const { tables, put } = opened;
  const table = await tables.create(creation);
  await Promise.all(Array.from({ length: 250 }, (_, at) => put(table, thing(`id-${at}`, at, { group: { S: 'x' } }))));
  const filled = Promise.withResolvers<void>();
  const watching = tables.watch(() => {
    if (tables.get(account, 'things')?.indexes[0]?.state === 'active') filled.resolve();
  });
  const changed = await tables.update(account, 'things', () => ({ newIndexes: [byGroup] }));
  await assert.rejects(
    async () => tables.items.query(changed, { index: 'by-group', partition: { S: 'x' } }),
    /backfilling/,
  );
  await Promise.all([
    put(changed, thing('id-3', 3, { group: { S: 'z' } })),
    put(changed, thing('new', 1, { group: { S: 'x' } })),
    tables.items.write([{ table, key: thing('id-4', 4), decide: () => ({ kind: 'delete' }) }], { cause }),
  ]);
  await filled.promise;
  watching.stop();
  const now = tables.need(account, 'things');
  const { items } = await tables.items.query(now, { index: 'by-group', partition: { S: 'x' } });
  assert.equal(items.length, 249);
  assert.equal(tables.tally(now).indexes[now.indexes[0]?.id ?? '']?.items, 250);
});

test('what is deleted leaves nothing behind', async () => {
  const opened = await openTables();
  const { kept, tables, put } = opened;
  const table = await tables.create({ ...creation, indexes: [byGroup] });
  for (let at = 0; at < 3; at += 1) await put(table, thing('a', at, { group: { S: 'x' } }));
  // In the midst of its being filled.
  await tables.update(account, 'things', () => ({ newIndexes: [{ ...byGroup, name: 'another' }] }));
  await tables.delete(account, 'things');
  await assert.rejects(put(table, thing('a', 1)), /Requested resource not found/);
  // Its upkeep has come to its end.
  await opened[Symbol.asyncDispose]();
  await using again = await openTables(kept);
  const isClean = async (): Promise<boolean> => (await kept.records.range({ prefix: 'table', limit: 10 })).length === 0;
  for (let turns = 0; turns < 1_000 && !(await isClean()); turns += 1) await nextTurn();
  assert.ok(await isClean());
  const anew = await again.tables.create(creation);
  assert.deepEqual((await again.tables.items.scan(anew, {})).items, []);
});

test('an item is deleted once its time is over, also one that was there before anybody said what its time is', async () => {
  await using opened = await openTables();
  const { clock, tables, put } = opened;
  const table = await tables.create(creation);
  const nowSeconds = clock.now() / 1_000;
  const until = (id: string, seconds: number): Item => thing(id, 1, { end: { N: String(seconds) } });
  await put(table, until('over', nowSeconds - 1));
  await put(table, until('later', nowSeconds + 60));
  await put(table, until('mistaken', nowSeconds - 6 * 365 * 86_400));
  await put(table, thing('text', 1, { end: { S: String(nowSeconds - 1) } }));
  const isFilled = Promise.withResolvers<void>();
  tables.watch(() => void (tables.get(account, 'things')?.expiry?.isFilled === true && isFilled.resolve()));
  await tables.update(account, 'things', () => ({ expiry: { attribute: 'end' } }));
  await isFilled.promise;
  const left = async (): Promise<string[]> => {
    const { items } = await tables.items.scan(table, {});
    return items.map(({ id }) => (id !== undefined && 'S' in id ? id.S : '?')).sort();
  };
  while ((await left()).length > 3) await clock.advance(10_000);
  assert.deepEqual(await left(), ['later', 'mistaken', 'text']);
  while ((await left()).length > 2) await clock.advance(10_000);
  assert.deepEqual(await left(), ['mistaken', 'text']);
});

test('others have their turn between what a transaction decides of large items, and between those that are read', async () => {
  await using opened = await openTables();
  const { tables, put } = opened;
  const table = await tables.create(creation);
  const ids = ['a', 'b', 'c'];
  for (const id of ids) await put(table, thing(id, 1, { text: { S: 'x'.repeat(300_000) } }));
  await put(table, thing('small', 1));
  let turns = 0;
  let spinning = setImmediate(function spin() {
    turns += 1;
    spinning = setImmediate(spin);
  });
  try {
    const turnsOf = async (work: () => Promise<unknown>): Promise<number> => {
      const from = turns;
      await work();
      return turns - from;
    };
    const decidedIn: number[] = [];
    const changes = ids.map((id) => ({
      table,
      key: thing(id, 1),
      decide: (): Decision => {
        decidedIn.push(turns);
        return { kind: 'keep' };
      },
    }));
    const read = async (...of: string[]): Promise<void> => {
      const items = await tables.items.readEach(
        table,
        of.map((id) => thing(id, 1)),
      );
      assert.deepEqual(
        items.map((one) => one?.['id']),
        of.map((id) => (id === 'none' ? undefined : { S: id })),
      );
    };
    assert.equal(await turnsOf(() => read('small', 'none')), 0);
    assert.equal(await turnsOf(() => read('a')), 1, 'before it is done with');
    assert.equal(await turnsOf(() => read('a', 'b', 'c', 'none')), 3, 'behind each large one');
    const from = turns;
    assert.equal((await tables.items.write(changes, { cause })).status, 'written');
    assert.deepEqual(
      decidedIn.map((turn) => turn - from),
      [3, 4, 5],
      'each is read in a turn of its own, and decided of in one',
    );
  } finally {
    clearImmediate(spinning);
  }
});

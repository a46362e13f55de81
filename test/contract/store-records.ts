import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scan } from '../../src/store/records.ts';
import type { Operation, Records } from '../../src/store/records.ts';
import type { Open } from './store-engine.ts';

async function put(records: Records, ...keys: string[]): Promise<number> {
  const result = await records.transact(keys.map((key) => ({ kind: 'put', key, value: `value of ${key}` })));
  assert.equal(result.status, 'committed');
  return result.status === 'committed' ? result.revision : 0;
}

const keysOf = (entries: readonly { key: string }[]): string[] => entries.map(({ key }) => key);

export function recordsContract(open: Open): void {
  test('what was put is read back, by value; what was not is undefined', async (t) => {
    const { records } = (await open(t)).store;
    const value = { text: 'ü\0 and \u{1F98B}', list: [1, 2.5, null, true], nested: { empty: {} } };
    await records.transact([{ kind: 'put', key: 'function/1/hello', value }]);
    value.list.push(4);
    const entry = await records.get('function/1/hello');
    assert.deepEqual(entry?.value, { text: 'ü\0 and \u{1F98B}', list: [1, 2.5, null, true], nested: { empty: {} } });
    (entry.value as { text: string }).text = 'changed by a reader';
    assert.deepEqual((await records.get('function/1/hello'))?.value, { ...value, list: [1, 2.5, null, true] });
    assert.equal(await records.get('function/1/hell'), undefined);
  });

  test('a read sees a write from the moment it is answered', async (t) => {
    const { records } = (await open(t)).store;
    for (let at = 0; at < 50; at++) {
      await records.transact([{ kind: 'put', key: 'counter', value: at }]);
      assert.equal((await records.get('counter'))?.value, at);
    }
  });

  test('the revision grows with each change and is not reused after a delete', async (t) => {
    const { records } = (await open(t)).store;
    const first = await put(records, 'a', 'b');
    assert.ok(first > 0);
    assert.equal((await records.get('a'))?.revision, first);
    const second = await put(records, 'a');
    assert.ok(second > first);
    assert.equal((await records.get('b'))?.revision, first);
    await records.transact([{ kind: 'delete', key: 'a' }]);
    assert.ok((await put(records, 'a')) > second);
  });

  test('a conflict names the first key whose check failed and changes nothing', async (t) => {
    const { records, log } = (await open(t)).store;
    const revision = await put(records, 'a', 'b');
    const operations: Operation[] = [
      { kind: 'put', key: 'c', value: 1 },
      { kind: 'delete', key: 'a' },
      { kind: 'append', topic: 'outbox', message: { id: '1', body: '' } },
      { kind: 'check', key: 'a', revision },
      { kind: 'check', key: 'b', revision: revision + 1 },
      { kind: 'check', key: 'd', revision: 1 },
    ];
    assert.deepEqual(await records.transact(operations), { status: 'conflict', key: 'b' });
    assert.deepEqual(keysOf(await records.range({ prefix: '', limit: 10 })), ['a', 'b']);
    assert.deepEqual(await log.topics(''), []);
  });

  test('checks look at what was there before the transaction, wherever they stand in it', async (t) => {
    const { records } = (await open(t)).store;
    const create: Operation[] = [
      { kind: 'put', key: 'a', value: 1 },
      { kind: 'check', key: 'a', revision: 0 },
    ];
    assert.equal((await records.transact(create)).status, 'committed');
    assert.deepEqual(await records.transact(create), { status: 'conflict', key: 'a' });
  });

  test('of a hundred that change the same revision at once, one wins, and the losers leave nothing', async (t) => {
    const { records } = (await open(t)).store;
    const revision = await put(records, 'contested');
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        records.transact([
          { kind: 'check', key: 'contested', revision },
          { kind: 'put', key: 'contested', value: index },
          { kind: 'put', key: `trace/${index}`, value: index },
        ]),
      ),
    );
    const winners = results.flatMap((result, index) => (result.status === 'committed' ? [index] : []));
    assert.equal(winners.length, 1);
    assert.equal((await records.get('contested'))?.value, winners[0]);
    assert.deepEqual(keysOf(await records.range({ prefix: 'trace/', limit: 100 })), [`trace/${winners[0]}`]);
  });

  test('transactions take effect in the order in which they were asked for', async (t) => {
    const { records } = (await open(t)).store;
    await Promise.all(
      Array.from({ length: 500 }, (_, value) => records.transact([{ kind: 'put', key: 'last', value }])),
    );
    assert.equal((await records.get('last'))?.value, 499);
  });

  test('one transaction of a thousand puts', async (t) => {
    const { records } = (await open(t)).store;
    await put(records, ...Array.from({ length: 1_000 }, (_, index) => `many/${String(index).padStart(4, '0')}`));
    assert.equal((await records.range({ prefix: 'many/', limit: 10_000 })).length, 1_000);
  });

  test('a range knows prefix, after, from, before, limit and reverse', async (t) => {
    const { records } = (await open(t)).store;
    await put(records, 'a', 'a/1', 'a/2', 'a/3', 'a0', 'b/1');
    const range = async (query: Parameters<Records['range']>[0]): Promise<string[]> =>
      keysOf(await records.range(query));
    assert.deepEqual(await range({ prefix: 'a/', limit: 10 }), ['a/1', 'a/2', 'a/3']);
    assert.deepEqual(await range({ prefix: 'a/', limit: 2 }), ['a/1', 'a/2']);
    assert.deepEqual(await range({ prefix: 'a/', limit: 2, reverse: true }), ['a/3', 'a/2']);
    assert.deepEqual(await range({ prefix: 'a/', after: 'a/1', limit: 10 }), ['a/2', 'a/3']);
    assert.deepEqual(await range({ prefix: 'a/', from: 'a/2', limit: 10 }), ['a/2', 'a/3']);
    assert.deepEqual(await range({ prefix: 'a/', after: 'a/1', limit: 10, reverse: true }), ['a/3', 'a/2']);
    assert.deepEqual(await range({ prefix: 'a/', before: 'a/3', limit: 1, reverse: true }), ['a/2']);
    assert.deepEqual(await range({ prefix: 'a/', from: 'a/2', before: 'a/3', limit: 10 }), ['a/2']);
    assert.deepEqual(await range({ prefix: 'a/', before: 'b', limit: 10 }), ['a/1', 'a/2', 'a/3']);
    assert.deepEqual(await range({ prefix: '', before: 'a/1', limit: 10 }), ['a']);
    assert.deepEqual(await range({ prefix: 'a/', before: 'a', limit: 10 }), []);
    assert.deepEqual(await range({ prefix: 'a/', after: 'a/3', limit: 10 }), []);
    assert.deepEqual(await range({ prefix: 'a/', after: 'b/1', limit: 10 }), []);
    assert.deepEqual(await range({ prefix: '', limit: 10 }), ['a', 'a/1', 'a/2', 'a/3', 'a0', 'b/1']);
    assert.deepEqual(await range({ prefix: 'c', limit: 10 }), []);
  });

  test('a range is what a sorted list of UTF-8 keys says', async (t) => {
    const { records } = (await open(t)).store;
    const model = new Map<string, number>();
    // Letters around the places where orders differ: U+FFFF and U+10000 (surrogates), 0, the last code point.
    const letters = ['\0', '/', 'a', 'b', '\u007f', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'];
    const key = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 3 });
    const prefix = fc.string({ unit: fc.constantFrom(...letters), maxLength: 2 });
    const query = fc.record(
      { prefix, limit: fc.integer({ min: 1, max: 8 }), after: key, from: key, reverse: fc.boolean() },
      { requiredKeys: ['prefix', 'limit'] },
    );
    const change = fc.record({ key, isPut: fc.boolean() });
    let value = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 6 }),
        fc.array(query, { maxLength: 6 }),
        async (changes, queries) => {
          for (const { key: changed, isPut } of changes) {
            value += 1;
            await records.transact([isPut ? { kind: 'put', key: changed, value } : { kind: 'delete', key: changed }]);
            if (isPut) model.set(changed, value);
            else model.delete(changed);
          }
          const sorted = [...model].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          for (const { prefix: start, limit, after, from, reverse } of queries) {
            const inside = sorted.filter(
              ([each]) =>
                each.startsWith(start) &&
                (after === undefined || Buffer.compare(Buffer.from(each), Buffer.from(after)) > 0) &&
                (from === undefined || Buffer.compare(Buffer.from(each), Buffer.from(from)) >= 0),
            );
            const expected = (reverse === true ? inside.toReversed() : inside).slice(0, limit);
            const found = await records.range({
              prefix: start,
              limit,
              ...(after === undefined ? {} : { after }),
              ...(from === undefined ? {} : { from }),
              ...(reverse === undefined ? {} : { reverse }),
            });
            assert.deepEqual(
              found.map((entry) => [entry.key, entry.value]),
              expected,
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('scan goes through everything under a prefix, over more than one page', async (t) => {
    const { records } = (await open(t)).store;
    await put(
      records,
      ...Array.from({ length: 2_500 }, (_, index) => `page/${String(index).padStart(5, '0')}`),
      'other',
    );
    const keys: string[] = [];
    for await (const { key } of scan(records, 'page/')) keys.push(key);
    assert.equal(keys.length, 2_500);
    assert.deepEqual(keys, keys.toSorted());
  });

  test('bad arguments are refused by name, and change nothing', async (t) => {
    const { records } = (await open(t)).store;
    const refused = (operation: Operation, field: string): Promise<void> =>
      assert.rejects(records.transact([{ kind: 'put', key: 'first', value: 1 }, operation]), {
        code: 'invalid_argument',
        field,
      });
    await refused({ kind: 'put', key: '', value: 1 }, 'key');
    await refused({ kind: 'put', key: 'a'.repeat(5_000), value: 1 }, 'key');
    await refused({ kind: 'put', key: 'half \ud800', value: 1 }, 'key');
    await refused({ kind: 'put', key: 'a', value: undefined }, 'value');
    await refused({ kind: 'append', topic: '', message: { id: 'a', body: '' } }, 'topic');
    await refused({ kind: 'append', topic: 'a', message: { id: '', body: '' } }, 'message id');
    assert.equal(await records.get('first'), undefined);
    await assert.rejects(records.range({ prefix: '', limit: 0 }), { code: 'invalid_argument', field: 'limit' });
    await assert.rejects(records.range({ prefix: '', limit: 10_001 }), { code: 'invalid_argument', field: 'limit' });
    const large = 'x'.repeat(17 * 1024 * 1024);
    await assert.rejects(records.transact([{ kind: 'put', key: 'a', value: large }]), { code: 'too_large' });
  });
}

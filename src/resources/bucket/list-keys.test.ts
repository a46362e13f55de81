import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import type { Range, Records } from '../../store/records.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { listKeys } from './list-keys.ts';

const folder = 'bucket-object/1/';

async function recordsOf(keys: readonly string[]): Promise<Records> {
  const { records } = openMemoryStore({ clock: new FakeClock() });
  // What lies beside the folder must never show.
  const all = [...keys.map((key) => folder + key), 'bucket-object/0/a', 'bucket-object/10/a', 'bucket-object/2/a'];
  for (let start = 0; start < all.length; start += 1_000) {
    await records.transact(all.slice(start, start + 1_000).map((key) => ({ kind: 'put', key, value: 1 })));
  }
  return records;
}

type Question = { prefix: string; delimiter: string; after: string; limit: number };

/** S3's rules, said plainly: every element in order, those after `after`, the first so many. */
function model(keys: readonly string[], { prefix, delimiter, after, limit }: Question) {
  const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const elements = new Map<string, boolean>();
  for (const key of keys.filter((one) => one.startsWith(prefix))) {
    const index = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    elements.set(index === -1 ? key : key.slice(0, index + delimiter.length), index !== -1);
  }
  const inside = after.startsWith(prefix) && delimiter !== '' ? after.indexOf(delimiter, prefix.length) : -1;
  const passed = inside === -1 ? after : after.slice(0, inside + delimiter.length);
  const rest = [...elements].filter(
    ([name]) => compare(name, passed) > 0 && (inside === -1 || !name.startsWith(passed)),
  );
  rest.sort(([a], [b]) => compare(a, b));
  const shown = rest.slice(0, limit);
  return {
    items: shown.filter(([, rolledUp]) => !rolledUp).map(([name]) => name),
    prefixes: shown.filter(([, rolledUp]) => rolledUp).map(([name]) => name),
    ...(limit > 0 && rest.length > limit ? { next: shown.at(-1)?.[0] } : {}),
  };
}

const piece = fc.constantFrom('a', 'b', '/', '//', 'é', '\u{1f600}', '\uffff', '.', '%', ' ', '\u{10ffff}', '~', '0');
const key = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));

test('a listing is what its rules say, whatever the keys, prefix, delimiter and position', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 60 }),
      fc.record({
        prefix: fc.oneof(fc.constant(''), key),
        delimiter: fc.constantFrom('', '/', 'a', '//', '\u{10ffff}'),
        after: fc.oneof(fc.constant(''), key),
        limit: fc.nat(12),
      }),
      async (keys, question) => {
        const { items, ...rest } = await listKeys(await recordsOf(keys), folder, question);
        assert.deepEqual({ ...rest, items: items.map(({ name }) => name) }, model(keys, question));
      },
    ),
    { numRuns: 400 },
  );
});

test('page by page, every element comes once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 60 }),
      fc.constantFrom('', '/', 'a'),
      fc.integer({ min: 1, max: 5 }),
      async (keys, delimiter, limit) => {
        const records = await recordsOf(keys);
        const seen: string[] = [];
        let after = '';
        for (;;) {
          const page = await listKeys(records, folder, { delimiter, after, limit });
          seen.push(...page.items.map(({ name }) => name), ...page.prefixes);
          if (page.next === undefined) break;
          after = page.next;
        }
        const all = model(keys, { prefix: '', delimiter, after: '', limit: Infinity });
        assert.deepEqual(seen.toSorted(), [...all.items, ...all.prefixes].toSorted());
      },
    ),
    { numRuns: 100 },
  );
});

test('what a delimiter rolls up is jumped over, not read', async () => {
  const keys = Array.from({ length: 10_000 }, (_, index) => `${index % 3}/${String(index).padStart(5, '0')}`);
  const records = await recordsOf(keys);
  let read = 0;
  const counting: Records = {
    ...records,
    range: async (range: Range) => {
      const entries = await records.range(range);
      read += entries.length;
      return entries;
    },
  };
  const { prefixes, items } = await listKeys(counting, folder, { delimiter: '/', limit: 1_000 });
  assert.deepEqual({ prefixes, items }, { prefixes: ['0/', '1/', '2/'], items: [] });
  assert.ok(read < 200, `${read} of 10,000 entries were read`);
});

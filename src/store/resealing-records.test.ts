import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds } from '../util/ids.ts';
import { createSealer } from '../util/sealer.ts';
import { openMemoryStore } from './memory/open-memory-store.ts';
import { ResealingRecords } from './resealing-records.ts';

function openRecords() {
  const [old, present] = [randomBytes(32), randomBytes(32)] as const;
  const sealer = createSealer([old], randomIds);
  const { records: kept } = openMemoryStore({ clock: new FakeClock(0) });
  const records = new ResealingRecords(kept, sealer);
  return {
    kept,
    records,
    sealer,
    rotate: () => sealer.use([present, old]),
    onlyPresent: createSealer([present], randomIds),
  };
}

const put = (key: string, value: unknown) => ({ kind: 'put', key, value }) as const;

test('every sealed text in every record comes under the new key, wherever it lies, and nothing else changes', async () => {
  const { kept, records, sealer, rotate, onlyPresent } = openRecords();
  const sealed = sealer.seal('geheim', 'a');
  await records.transact([
    put('deep', { list: [{ value: sealed }, 1, null], plain: 'm2.no', more: sealer.seal('zwei', 'b') }),
    put('bare', sealed),
    put('none', { a: ['m2.0123456789abcdef.looks.like', 2] }),
  ]);
  const before = await kept.get('none');
  rotate();
  assert.deepEqual(await records.resealAll(), { records: 2, left: [] });
  const deep = (await kept.get('deep'))?.value as { list: [{ value: string }, 1, null]; plain: string; more: string };
  assert.equal(onlyPresent.open(deep.list[0].value, 'a'), 'geheim');
  assert.equal(onlyPresent.open(deep.more, 'b'), 'zwei');
  assert.deepEqual([deep.list.slice(1), deep.plain], [[1, null], 'm2.no']);
  assert.equal(onlyPresent.open(String((await kept.get('bare'))?.value), 'a'), 'geheim');
  assert.deepEqual(await kept.get('none'), before, 'not so much as its revision');
  assert.deepEqual(await records.resealAll(), { records: 0, left: [] }, 'it is all done');
});

test('who holds a record from before goes on as if nothing had happened, and what he writes back is under the new key', async () => {
  const { kept, records, sealer, rotate, onlyPresent } = openRecords();
  const value = { secret: sealer.seal('geheim', 'a') };
  await records.transact([put('one', value)]);
  const held = await records.get('one');
  assert.ok(held !== undefined);
  rotate();
  await records.resealAll();
  const check = { kind: 'check', key: 'one', revision: held.revision } as const;
  const committed = await records.transact([check, put('one', { ...value, more: 1 })]);
  assert.equal(committed.status, 'committed');
  const now = (await kept.get('one'))?.value as { secret: string; more: number };
  assert.deepEqual([onlyPresent.open(now.secret, 'a'), now.more], ['geheim', 1]);
  assert.equal(
    (await records.transact([check, put('one', {})])).status,
    'conflict',
    'somebody really changed it since',
  );
});

test('what cannot be brought along is named', async () => {
  const { records, sealer, rotate } = openRecords();
  await records.transact([put('bound', { secret: sealer.seal('x', 'a').replace('m2', 'm1') })]);
  rotate();
  assert.deepEqual(await records.resealAll(), { records: 0, left: ['bound'] });
});

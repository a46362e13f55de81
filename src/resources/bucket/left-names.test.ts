import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import type { AccountId } from '../../util/ids.ts';
import { LeftNames, leftMsMax } from './left-names.ts';

const [ours, theirs] = ['000000000000', '111111111111'] as AccountId[] as [AccountId, AccountId];

function setUp() {
  const clock = new FakeClock();
  const { records } = openMemoryStore({ clock });
  const open = () => LeftNames.open({ records, clock });
  const leave = async (names: LeftNames, account: AccountId, bucket: string): Promise<void> => {
    const { operations, noted } = names.leaving({ account, bucket });
    await records.transact(operations);
    noted();
  };
  const onDisk = async () => (await records.range({ prefix: 'bucket-left/', limit: 10_000 })).length;
  return { clock, open, leave, onDisk };
}

test('a name stays who left it, after a restart too, until the time is over; then nothing of it is kept', async () => {
  const { clock, open, leave, onDisk } = setUp();
  const names = await open();
  assert.equal(names.of('album'), undefined);
  await leave(names, ours, 'album');
  assert.equal(names.of('album'), ours);
  await clock.advance(leftMsMax - 1);
  const again = await open();
  assert.equal(again.of('album'), ours);
  await clock.advance(1);
  assert.equal(again.of('album'), undefined);
  await open();
  assert.equal(await onDisk(), 0);
});

test('who takes a name that another has left, and leaves it himself, does not get it by that', async () => {
  const { clock, open, leave } = setUp();
  const names = await open();
  await leave(names, ours, 'album');
  await clock.advance(1_000);
  await leave(names, theirs, 'album');
  assert.equal(names.of('album'), ours);
  await clock.advance(leftMsMax - 1_000);
  await leave(names, theirs, 'album');
  assert.equal(names.of('album'), theirs);
});

test('an account keeps no more than so many, the latest, and none of another’s go for them', async () => {
  const { clock, open, leave, onDisk } = setUp();
  const names = await open();
  await leave(names, theirs, 'theirs');
  for (let at = 0; at < 1_001; at += 1) {
    await clock.advance(1);
    await leave(names, ours, `album-${at}`);
  }
  await leave(names, ours, 'album-5');
  assert.equal(await onDisk(), 1_001);
  for (const held of [names, await open()]) {
    assert.equal(held.of('album-0'), undefined);
    assert.equal(held.of('album-1'), ours);
    assert.equal(held.of('theirs'), theirs);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import type { AccountId } from '../util/ids.ts';
import type { Bill } from './bill.ts';
import { keepBills } from './kept-bills.ts';

const account = '000000000000' as AccountId;
const month = '2026-01';

/** Each takes `tookMs`, and says in `rows` which one it is. */
function setUp(tookMs: number) {
  const clock = new FakeClock();
  let [begun, isBroken] = [0, false];
  const bill = keepBills(clock, async (owner, of): Promise<Bill> => {
    begun += 1;
    const rows = begun;
    await new Promise<void>((resolve) => clock.schedule(tookMs, resolve));
    if (isBroken) throw new Error('the disk');
    return {
      account: owner,
      month: of,
      plan: 'standard',
      currency: 'USD',
      lines: [],
      requests: 0,
      gbSeconds: '0',
      total: '0',
      rows,
      reconciles: true,
    };
  });
  const ask = async (of = month): Promise<[rows: number, ageMs: number | undefined]> => {
    const asked = bill(account, of);
    asked.catch(() => undefined);
    await clock.advance(tookMs);
    const { rows, ageMs } = await asked;
    return [rows, ageMs];
  };
  return { clock, ask, bill, breaks: (how: boolean) => (isBroken = how) };
}

test('a quick bill is of the moment, each time', async () => {
  const { ask } = setUp(10);
  assert.deepEqual(await ask(), [1, undefined]);
  assert.deepEqual(await ask(), [2, undefined]);
});

test('one that is much work is answered again for ten times as long, and says how old it is; another month is another', async () => {
  const { clock, ask } = setUp(3_000);
  assert.deepEqual(await ask(), [1, undefined]);
  assert.deepEqual(await ask(), [1, 3_000]);
  assert.deepEqual(await ask('2026-02'), [2, undefined]);
  await clock.advance(30_000);
  assert.deepEqual(await ask(), [3, undefined]);
});

test('who asks while one is on its way for long gets that', async () => {
  const { clock, bill } = setUp(3_000);
  const first = bill(account, month);
  await clock.advance(1_000);
  const second = bill(account, month);
  await clock.advance(2_000);
  assert.deepEqual([(await first).rows, (await second).rows, (await second).ageMs], [1, 1, 1_000]);
});

test('what failed is made again', async () => {
  const { ask, breaks } = setUp(3_000);
  breaks(true);
  await assert.rejects(ask(), /the disk/);
  breaks(false);
  assert.deepEqual(await ask(), [2, undefined]);
});

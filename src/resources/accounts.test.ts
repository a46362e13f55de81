import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { PlatformError } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId } from '../util/ids.ts';
import { Accounts } from './accounts.ts';

const operator = '000000000000' as AccountId;

async function open() {
  const clock = new FakeClock();
  const { records } = openMemoryStore({ clock });
  const make = () => Accounts.open({ records, clock, ids: randomIds, operator });
  return { accounts: await make(), make };
}
const refused = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof PlatformError && error.code === code && text.test(error.message);

test('the operator’s account is always there, and others are kept', async () => {
  const { accounts, make } = await open();
  const red = await accounts.create({ name: 'red' });
  assert.match(red.id, /^[1-9]\d{11}$/);
  await accounts.create({ name: 'blue', id: '123456789012' });
  await accounts.update(red.id, { concurrencyMax: 7, isSuspended: true, name: 'crimson' });
  const again = await make();
  assert.deepEqual(
    again.list().map(({ name }) => name),
    ['blue', 'crimson', 'operator'],
  );
  assert.deepEqual(
    [again.isSuspended(red.id), again.concurrencyMax(red.id), again.concurrencyMax(operator)],
    [true, 7, 1_000],
  );
  await again.remove(red.id);
  assert.deepEqual((await make()).ids(), [operator, '123456789012']);
});

test('what is no account, or is one already, is refused with what would be accepted', async () => {
  const { accounts } = await open();
  const { id } = await accounts.create({ name: 'red' });
  await assert.rejects(accounts.create({ name: 'red' }), refused('already_exists', /is called 'red' already/));
  await assert.rejects(accounts.create({ name: 'other', id }), refused('already_exists', /is there already/));
  await assert.rejects(accounts.create({ name: '' }), refused('invalid_argument', /1 to 64 letters/));
  await assert.rejects(accounts.create({ name: 'x', id: '12' }), refused('invalid_argument', /twelve digits/));
  await assert.rejects(accounts.update(id, { concurrencyMax: 1_001 }), refused('invalid_argument', /from 0 to 1000/));
  await assert.rejects(
    accounts.update(id, { policies: Array(6).fill('{}') as string[] }),
    refused('invalid_argument', /at most 5/),
  );
  await assert.rejects(
    accounts.update('999999999999' as AccountId, {}),
    refused('not_found', /no account 999999999999/),
  );
  await assert.rejects(accounts.update(operator, { isSuspended: true }), refused('invalid_argument', /operator's own/));
  await assert.rejects(accounts.remove(operator), refused('invalid_argument', /operator's own/));
});

test('one that development names is there from then on, once', async () => {
  const { accounts, make } = await open();
  const noted = accounts.note('111111111111' as AccountId);
  assert.equal(accounts.note('111111111111' as AccountId), undefined);
  await noted;
  assert.deepEqual((await make()).ids(), [operator, '111111111111']);
});

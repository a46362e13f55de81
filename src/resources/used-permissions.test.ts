import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { AccountId } from '../util/ids.ts';
import { UsedPermissions } from './used-permissions.ts';

const account = '000000000000' as AccountId;
const queue = 'arn:aws:sqs:us-east-1:000000000000:jobs';

async function rig() {
  const clock = new FakeClock(1_000);
  const store = openMemoryStore({ clock });
  const open = () => UsedPermissions.open({ records: store.records, clock, report: (message) => assert.fail(message) });
  return { clock, store, open, used: await open() };
}

test('what was used is counted, and is there after a start', async () => {
  const { clock, open, used } = await rig();
  used.note(account, 'function/a', 'sqs:SendMessage', queue);
  await clock.advance(500);
  used.note(account, 'function/a', 'sqs:SendMessage', queue);
  used.note(account, 'function/a', 'kms:Decrypt', '*');
  used.note(account, 'user/ada', 'sqs:SendMessage', queue);
  await used[Symbol.asyncDispose]();
  const again = await open();
  assert.deepEqual(again.list(account, 'function/a'), [
    { account, holder: 'function/a', action: 'kms:Decrypt', resource: '*', count: 1, firstMs: 1_500, lastMs: 1_500 },
    {
      account,
      holder: 'function/a',
      action: 'sqs:SendMessage',
      resource: queue,
      count: 2,
      firstMs: 1_000,
      lastMs: 1_500,
    },
  ]);
  again.forget(account, 'function/a');
  await again[Symbol.asyncDispose]();
  const last = await open();
  assert.deepEqual(last.list(account, 'function/a'), []);
  assert.equal(last.list(account, 'user/ada').length, 1);
});

test('objects count by folder, many folders as all of the bucket, and many kinds as all of the service', async () => {
  const { used } = await rig();
  const resources = () => used.list(account, 'function/a').map(({ resource }) => resource);
  const read = (key: string): void => used.note(account, 'function/a', 's3:GetObject', `arn:aws:s3:::pics/${key}`);
  for (let index = 0; index < 1_000; index += 1) read(`in/${index}/a.jpg`);
  read('plain.jpg');
  assert.deepEqual(resources(), ['arn:aws:s3:::pics/*', 'arn:aws:s3:::pics/in/*']);
  for (let index = 0; index < 1_000; index += 1) read(`folder-${index}/a.jpg`);
  assert.equal(resources().length, 20);
  for (let index = 0; index < 2_000; index += 1)
    used.note(account, 'function/a', 'sqs:SendMessage', `${queue}${index}`);
  assert.equal(resources().length, 501);
  assert.ok(resources().includes('arn:aws:sqs:us-east-1:000000000000:*'));
  await used[Symbol.asyncDispose]();
});

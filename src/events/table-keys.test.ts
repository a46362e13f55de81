import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../util/errors.ts';
import { noMessagingKeys } from './keys-for.ts';
import { account } from './source-rig.ts';
import { allTold, world } from './table-rig.ts';

const cipherKey = { kind: 'kms', keyArn: 'arn:key', ciphertext: 'c2VhbGVk', context: { table: 'orders' } } as const;

test('changes of a table under a key of KMS are given to a function whose role may use the key, and wait for that', async () => {
  let isAllowed = false;
  const asked: unknown[][] = [];
  const keys = {
    ...noMessagingKeys.tables,
    function: ({ functionName }: { functionName: string }) => ({
      ...noMessagingKeys.tables.own,
      open(sealed: string, context: object) {
        asked.push([functionName, sealed, context]);
        if (isAllowed) return Promise.resolve(Buffer.alloc(32));
        return Promise.reject(new PlatformError('permission_denied', 'the role may not decrypt'));
      },
    }),
  };
  const one = await world({ on: { context: { keys: { ...noMessagingKeys, tables: keys } } } });
  await one.tables.update(account, 'orders', () => ({ cipherKey }));
  await one.put('a', 1);
  await one.clock.advance(10_000);
  assert.deepEqual(allTold(one.invoker.invocations), []);
  assert.deepEqual(asked[0], ['listen', cipherKey.ciphertext, cipherKey.context]);
  assert.ok(one.reports.some((report) => report.includes('the role may not decrypt')));
  isAllowed = true;
  await one.clock.advance(60_000);
  assert.deepEqual(allTold(one.invoker.invocations), ['a:1']);
  const before = asked.length;
  await one.put('a', 2);
  await one.clock.advance(1_000);
  assert.equal(asked.length, before, 'not asked for each page');
  assert.deepEqual(allTold(one.invoker.invocations), ['a:1', 'a:2']);
  await one.stop();
});

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import type { Records } from '../store/records.ts';
import { PlatformError } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId, type BundleHash } from '../util/ids.ts';
import { openLayers, type LayerContent, type Layers } from './layers.ts';

const account = '000000000000' as AccountId;
const other = '111111111111' as AccountId;
const content = (digit: string): LayerContent => ({ bundle: digit.repeat(64) as BundleHash, zipBytes: Number(digit) });

function setUp(context: TestContext): (records?: Records) => Promise<Layers> {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  context.after(() => store[Symbol.asyncDispose]());
  return (records = store.records) => openLayers({ records, region: 'us-east-1', clock, ids: randomIds });
}

test('versions are numbered by layer and account, and found by number, name and ARN', async (context) => {
  const layers = await setUp(context)();
  const first = await layers.publish(account, 'tools', { ...content('1'), description: 'one' });
  const second = await layers.publish(account, 'tools', content('2'));
  await layers.publish(account, 'more', content('3'));
  await layers.publish(other, 'tools', content('4'));
  assert.equal(first.arn, 'arn:aws:lambda:us-east-1:000000000000:layer:tools:1');
  assert.equal(second.version, 2);
  assert.equal(layers.get(account, 'tools', 1), first);
  assert.equal(layers.byArn(second.arn), second);
  assert.deepEqual(layers.find(first.arn), { arn: first.arn, bundle: first.bundle, zipBytes: 1 });
  assert.equal(layers.find(`${first.arn}9`), undefined);
  assert.deepEqual(layers.versions(account, 'tools'), [second, first]);
  assert.deepEqual(layers.versions(account, 'none'), []);
  assert.deepEqual(layers.names(account), ['more', 'tools']);
  assert.deepEqual(layers.names(other), ['tools']);
});

test('versions published at once each have their own number', async (context) => {
  const layers = await setUp(context)();
  const published = await Promise.all(['1', '2', '3'].map((digit) => layers.publish(account, 'tools', content(digit))));
  assert.deepEqual(
    published.map(({ version }) => version).toSorted((a, b) => a - b),
    [1, 2, 3],
  );
});

test('a deleted version is gone, and its number with it', async (context) => {
  const open = setUp(context);
  const layers = await open();
  const { arn } = await layers.publish(account, 'tools', content('1'));
  assert.equal(await layers.delete(account, 'tools', 1), true);
  assert.equal(await layers.delete(account, 'tools', 1), false);
  assert.equal(layers.byArn(arn), undefined);
  assert.deepEqual(layers.names(account), []);
  assert.equal((await layers.publish(account, 'tools', content('2'))).version, 2);
  const again = await open();
  await again.delete(account, 'tools', 2);
  assert.equal((await (await open()).publish(account, 'tools', content('3'))).version, 3);
});

test('statements change under another revision, or not at all', async (context) => {
  const open = setUp(context);
  const layers = await open();
  const published = await layers.publish(account, 'tools', content('1'));
  const statement = { id: 'all', principal: '*' };
  const edited = await layers.editStatements(account, 'tools', 1, (present) => [...present.statements, statement]);
  assert.deepEqual(edited.statements, [statement]);
  assert.notEqual(edited.revisionId, published.revisionId);
  await assert.rejects(
    layers.editStatements(account, 'tools', 1, () => {
      throw new PlatformError('conflict', 'no');
    }),
    { code: 'conflict' },
  );
  await assert.rejects(
    layers.editStatements(account, 'tools', 9, () => []),
    { code: 'not_found' },
  );
  assert.deepEqual((await open()).get(account, 'tools', 1), edited);
});

test('what the disk refuses did not happen', async (context) => {
  const open = setUp(context);
  const refusing: Records = {
    get: () => Promise.resolve(undefined),
    range: () => Promise.resolve([]),
    transact: () => Promise.reject(new PlatformError('unavailable', 'the disk is full')),
  };
  const layers = await open(refusing);
  await assert.rejects(layers.publish(account, 'tools', content('1')), { code: 'unavailable' });
  assert.deepEqual(layers.names(account), []);
});

import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { takesInProportion } from '../../test/harness/processor-time.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { scan, type Records } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { PlatformError } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId, type BundleHash, type RequestId, type VersionId } from '../util/ids.ts';
import { createSealer } from '../util/sealer.ts';
import { exampleSettings } from './example-settings.ts';
import { exampleZip, inPieces } from './example-zip.ts';
import { liveAlias, noExtras, type FunctionRecord } from './function.ts';
import { openRegistry } from './open-registry.ts';

const sealer = createSealer([Buffer.alloc(32, 1)], randomIds);
const account = '000000000000' as AccountId;
const requestId = '7f1d5d2e-0000-4000-8000-000000000001' as RequestId;
const one = '1' as VersionId;
const two = '2' as VersionId;

async function setUp(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-registry-'));
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  context.after(async () => {
    await store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const open = (records: Records = store.records) =>
    openRegistry({ records, blobs: store.blobs, folder, region: 'us-east-1', clock, ids: randomIds, sealer });
  const registry = await open();
  const first = await exampleZip([{ path: 'hello.py', text: 'one' }]);
  const second = await exampleZip([{ path: 'hello.py', text: 'two' }]);
  await registry.addBundle(first.hash, inPieces(first.zip));
  await registry.addBundle(second.hash, inPieces(second.zip));
  return { folder, store, clock, open, registry, first, second, settings: exampleSettings({ bundle: first.hash }) };
}

const failure =
  (code: string, message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof PlatformError && error.code === code && message.test(error.message);

test('a function is created, found by name, and resolves to $LATEST with its code unpacked', async (context) => {
  const { registry, settings, folder } = await setUp(context);
  const record = await registry.put(account, 'hello', settings, { application: 'shop' });
  assert.equal(record.arn, 'arn:aws:lambda:us-east-1:000000000000:function:hello');
  assert.equal(registry.get(account, 'hello'), record);
  assert.deepEqual(registry.list(account), [record]);
  const resolved = registry.resolve(account, 'hello', undefined, requestId);
  assert.equal(resolved?.version.version, '$LATEST');
  assert.equal(await readFile(join(resolved?.bundlePath ?? '', 'hello.py'), 'utf8'), 'one');
  assert.equal(resolved?.bundlePath, join(folder, 'bundles', settings.bundle));
  assert.equal(
    registry.resolve(account, 'hello', undefined, requestId),
    resolved,
    'the same object while nothing changes',
  );
  assert.equal(registry.resolve(account, 'other', undefined, requestId), undefined);
  assert.equal(registry.resolve('111111111111' as AccountId, 'hello', undefined, requestId), undefined);
  assert.equal(registry.resolve(account, 'hello', 'constructor', requestId), undefined);
});

test('equal settings change nothing and tell nobody; different ones do', async (context) => {
  const { registry, settings } = await setUp(context);
  let changes = 0;
  registry.watch(() => changes++);
  const record = await registry.put(account, 'hello', settings, {});
  assert.equal(await registry.put(account, 'hello', { ...settings }, {}), record);
  assert.equal(changes, 1);
  const changed = await registry.put(account, 'hello', { ...settings, memoryMb: 256 }, {});
  assert.equal(changed.latest.settings.memoryMb, 256);
  assert.equal(changes, 2);
});

test('versions are numbered, never change, and are made only when something changed', async (context) => {
  const { registry, settings, second } = await setUp(context);
  await registry.put(account, 'hello', settings, {});
  assert.equal((await registry.publish(account, 'hello')).version, '1');
  assert.equal((await registry.publish(account, 'hello')).version, '1');
  await registry.put(account, 'hello', { ...settings, bundle: second.hash }, {});
  assert.equal((await registry.publish(account, 'hello')).version, '2');
  assert.deepEqual(
    (await registry.versions(account, 'hello')).map(({ version }) => version),
    ['1', '2'],
  );
  const old = registry.resolve(account, 'hello', '1', requestId);
  assert.equal(await readFile(join(old?.bundlePath ?? '', 'hello.py'), 'utf8'), 'one');
  assert.equal((await registry.version(account, 'hello', two))?.settings.bundle, second.hash);
});

test('an alias moves in one step, and back as often as it was moved', async (context) => {
  const { registry, settings } = await setUp(context);
  for (const memoryMb of [128, 256, 512]) {
    await registry.put(account, 'hello', { ...settings, memoryMb }, {});
    const { version } = await registry.publish(account, 'hello');
    await registry.pointAlias(account, 'hello', liveAlias, version);
  }
  const live = () => registry.resolve(account, 'hello', liveAlias, requestId)?.version.settings.memoryMb;
  assert.equal(live(), 512);
  assert.deepEqual(await registry.rollback(account, 'hello', liveAlias), { from: '3', to: '2' });
  assert.equal(live(), 256);
  assert.deepEqual(await registry.rollback(account, 'hello', liveAlias), { from: '2', to: '1' });
  assert.equal(live(), 128);
  await assert.rejects(registry.rollback(account, 'hello', liveAlias), failure('conflict', /no earlier one/));
  await assert.rejects(registry.rollback(account, 'hello', 'beta'), failure('not_found', /no alias 'beta'/));
});

test('every reader sees the old or the new version while an alias moves back and forth', async (context) => {
  const { registry, settings } = await setUp(context);
  await registry.put(account, 'hello', settings, {});
  await registry.publish(account, 'hello');
  await registry.put(account, 'hello', { ...settings, memoryMb: 256 }, {});
  await registry.publish(account, 'hello');
  await registry.pointAlias(account, 'hello', liveAlias, one);
  const moves = Array.from({ length: 50 }, (_, index) =>
    registry.pointAlias(account, 'hello', liveAlias, index % 2 === 0 ? two : one),
  );
  let isMoving = true;
  const watching = (async () => {
    while (isMoving) {
      const resolved = registry.resolve(account, 'hello', liveAlias, requestId);
      assert.ok(resolved?.version.version === '1' || resolved?.version.version === '2');
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await Promise.all(moves);
  isMoving = false;
  await watching;
});

test('a weighted alias sends a share elsewhere, and bad weights are refused', async (context) => {
  const { registry, settings } = await setUp(context);
  await registry.put(account, 'hello', settings, {});
  await registry.publish(account, 'hello');
  await registry.put(account, 'hello', { ...settings, memoryMb: 256 }, {});
  await registry.publish(account, 'hello');
  await registry.pointAlias(account, 'hello', liveAlias, one, { [two]: 0.5 });
  const seen = new Set<string>();
  for (let index = 0; index < 100; index++)
    seen.add(registry.resolve(account, 'hello', liveAlias, randomIds.uuid() as RequestId)?.version.version ?? '');
  assert.deepEqual([...seen].toSorted(), ['1', '2']);
  const point = (weights: Record<VersionId, number>) => registry.pointAlias(account, 'hello', liveAlias, one, weights);
  await assert.rejects(point({ [two]: 1.5 }), failure('invalid_argument', /a share from 0 to 1/));
  await assert.rejects(point({ [two]: 0.7, ['$LATEST' as VersionId]: 0.7 }), failure('invalid_argument', /at most 1/));
  await assert.rejects(point({ ['9' as VersionId]: 0.1 }), failure('not_found', /no version 9/));
  await assert.rejects(
    registry.pointAlias(account, 'hello', '12', one),
    failure('invalid_argument', /not digits alone/),
  );
  await assert.rejects(
    registry.pointAlias(account, 'hello', 'live', '7' as VersionId),
    failure('not_found', /no version 7/),
  );
});

test('everything is there again after a restart', async (context) => {
  const { registry, settings, open } = await setUp(context);
  await registry.put(account, 'hello', settings, { application: 'shop', url: true });
  await registry.publish(account, 'hello');
  await registry.pointAlias(account, 'hello', liveAlias, one);
  const again = await open();
  assert.deepEqual(again.list(account), registry.list(account));
  assert.deepEqual(
    again.resolve(account, 'hello', liveAlias, requestId),
    registry.resolve(account, 'hello', liveAlias, requestId),
  );
  const urlId = urlIdOf(registry.get(account, 'hello'));
  assert.equal(again.byUrlId(urlId)?.function.name, 'hello');
});

const urlIdOf = (record: FunctionRecord | undefined): string => record?.extras.urls[liveAlias]?.urlId ?? '';

test('a function URL keeps its id, and is gone when it is given up', async (context) => {
  const { registry, settings } = await setUp(context);
  const urlId = urlIdOf(await registry.put(account, 'hello', settings, { url: true }));
  assert.match(urlId, /^[0-9a-f]{32}$/);
  assert.equal(urlIdOf(await registry.put(account, 'hello', { ...settings, memoryMb: 256 }, {})), urlId);
  assert.equal(registry.byUrlId(urlId)?.function.latest.settings.memoryMb, 256);
  await registry.put(account, 'hello', settings, { url: false });
  assert.equal(registry.byUrlId(urlId), undefined);
});

test('a deleted function is gone with its versions', async (context) => {
  const { registry, settings, store } = await setUp(context);
  await registry.put(account, 'hello', settings, { url: true });
  const urlId = urlIdOf(registry.get(account, 'hello'));
  await registry.publish(account, 'hello');
  assert.equal(await registry.delete(account, 'hello'), true);
  assert.equal(await registry.delete(account, 'hello'), false);
  assert.equal(registry.get(account, 'hello'), undefined);
  assert.equal(registry.byUrlId(urlId), undefined);
  assert.deepEqual(await store.records.range({ prefix: 'version/', limit: 10 }), []);
});

test('code that is not here, and names that are none, are refused', async (context) => {
  const { registry } = await setUp(context);
  await assert.rejects(registry.put(account, 'hello', exampleSettings(), {}), failure('not_found', /no bundle 0000/));
  await assert.rejects(
    registry.put(account, 'he llo', exampleSettings(), {}),
    failure('invalid_argument', /letters, digits/),
  );
});

test('a bundle is stored once, checked against its hash, and leaves nothing when it is refused', async (context) => {
  const { registry, folder, first } = await setUp(context);
  assert.deepEqual(await registry.addBundle(first.hash, inPieces(first.zip)), { bytes: 3, files: 1 });
  const wrong = 'f'.repeat(64) as typeof first.hash;
  await assert.rejects(
    registry.addBundle(wrong, inPieces(first.zip)),
    failure('invalid_argument', new RegExp(first.hash)),
  );
  assert.equal(await registry.hasBundle(wrong), false);
  assert.equal((await readdir(join(folder, 'bundles'))).length, 2);
});

test('a bundle sent twice at once is stored once', async (context) => {
  const { registry, folder } = await setUp(context);
  const { zip, hash } = await exampleZip([{ path: 'a.txt', text: 'a' }]);
  const answers = await Promise.all([registry.addBundle(hash, inPieces(zip)), registry.addBundle(hash, inPieces(zip))]);
  assert.deepEqual(answers, [
    { bytes: 1, files: 1 },
    { bytes: 1, files: 1 },
  ]);
  assert.equal((await readdir(join(folder, 'bundles'))).length, 3);
});

test('an unpacked folder that is lost is made again at the start, and rubbish of a crash is swept', async (context) => {
  const { registry, settings, folder, open } = await setUp(context);
  await registry.put(account, 'hello', settings, {});
  await rm(join(folder, 'bundles', settings.bundle), { recursive: true });
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(folder, 'bundles', '.left'), 'half a zip');
  const again = await open();
  const resolved = again.resolve(account, 'hello', undefined, requestId);
  assert.equal(await readFile(join(resolved?.bundlePath ?? '', 'hello.py'), 'utf8'), 'one');
  assert.equal((await readdir(join(folder, 'bundles'))).includes('.left'), false);
});

test('a change that somebody else made meanwhile is seen, not overwritten', async (context) => {
  const { registry, settings, open } = await setUp(context);
  await registry.put(account, 'hello', settings, {});
  const other = await open();
  await other.put(account, 'hello', { ...settings, memoryMb: 256 }, {});
  assert.equal((await registry.publish(account, 'hello')).settings.memoryMb, 256);
});

test('10,000 functions are loaded in time in proportion', async (context) => {
  const { registry, settings, open, clock } = await setUp(context);
  const { latest } = await registry.put(account, 'hello', settings, {});
  const operations = Array.from({ length: 10_000 }, (_, index) => {
    const name = `f${index}`;
    const record = {
      account,
      name,
      arn: latest.arn,
      createdMs: clock.now(),
      latest: { ...latest, name },
      versionLast: 0,
      aliases: {},
      revisionId: 'first',
      modifiedMs: 0,
      extras: noExtras,
    };
    return { kind: 'put' as const, key: `function/${account}/${name}`, value: record };
  });
  const loading = async (functions: number) => {
    const store = openMemoryStore({ clock });
    context.after(() => store[Symbol.asyncDispose]());
    for (let at = 0; at < functions; at += 250) await store.records.transact(operations.slice(at, at + 250));
    return async () => assert.equal((await open(store.records)).list(account).length, functions);
  };
  await takesInProportion(8, await loading(1_250), await loading(10_000));
});

test('what is in environment variables is on disk only sealed, also of what was written before that was done', async (context) => {
  const { registry, settings, open, store } = await setUp(context);
  const secret = 'a value that nobody else may read';
  const withSecret = { ...settings, environment: { TOKEN_OF_THE_SHOP: secret } };
  const created = await registry.put(account, 'hello', withSecret, {});
  await registry.publish(account, 'hello');
  await registry.pointAlias(account, 'hello', liveAlias, one);
  const onDisk = async (): Promise<string> => JSON.stringify(await Array.fromAsync(scan(store.records, '')));
  const assertSealed = async (): Promise<void> => {
    const text = await onDisk();
    assert.match(text, /"function\/000000000000\/hello"/);
    for (const hidden of [secret, 'TOKEN_OF_THE_SHOP']) assert.ok(!text.includes(hidden), hidden);
  };
  await assertSealed();

  const [record, version] = [registry.get(account, 'hello'), await registry.version(account, 'hello', one)];
  await store.records.transact([
    { kind: 'put', key: `function/${account}/hello`, value: record },
    { kind: 'put', key: `version/${account}/hello/0000000001`, value: version },
  ]);
  assert.ok((await onDisk()).includes(secret));
  const again = await open();
  await assertSealed();
  assert.deepEqual(again.get(account, 'hello'), record);
  assert.deepEqual((await again.version(account, 'hello', one))?.settings, created.latest.settings);
  await again.put(account, 'hello', { ...withSecret, memoryMb: 256 }, {});
  const third = await open();
  assert.deepEqual(third.get(account, 'hello')?.latest.settings.environment, withSecret.environment);
  await assertSealed();
});

test('with a new key everything is sealed again at the start, and the old one is not needed from then on', async (context) => {
  const { registry, settings, folder, store, clock } = await setUp(context);
  const withSecret = { ...settings, environment: { TOKEN: 'x' } };
  await registry.put(account, 'hello', withSecret, {});
  await registry.publish(account, 'hello');
  const [before, after] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const open = (...keys: [Buffer, ...Buffer[]]) =>
    openRegistry({
      records: store.records,
      blobs: store.blobs,
      folder,
      region: 'us-east-1',
      clock,
      ids: randomIds,
      sealer: createSealer(keys, randomIds),
    });
  await open(after, before);
  const again = await open(after);
  assert.deepEqual(again.get(account, 'hello')?.latest.settings.environment, withSecret.environment);
  assert.deepEqual((await again.version(account, 'hello', one))?.settings.environment, withSecret.environment);
  await assert.rejects(open(before), failure('unavailable', /sealed with another key/));
});

test('another key than the one that sealed a function is said at the start, with what to do', async (context) => {
  const { registry, settings, folder, store, clock } = await setUp(context);
  await registry.put(account, 'hello', { ...settings, environment: { TOKEN: 'x' } }, {});
  await assert.rejects(
    openRegistry({
      records: store.records,
      blobs: store.blobs,
      folder,
      region: 'us-east-1',
      clock,
      ids: randomIds,
      sealer: createSealer([Buffer.alloc(32, 2)], randomIds),
    }),
    failure('unavailable', /function:hello:\$LATEST was sealed with another key.*master\.key\.old/),
  );
});

test("a deleted function's numbers are not given again to one of its name, after a restart neither", async (context) => {
  const { registry, open, settings, second } = await setUp(context);
  await registry.put(account, 'hello', settings, {});
  await registry.publish(account, 'hello');
  await registry.put(account, 'hello', { ...settings, bundle: second.hash }, {});
  await registry.publish(account, 'hello');
  assert.equal(await registry.delete(account, 'hello'), true);
  assert.equal(registry.versionLast(account, 'hello'), 2);
  assert.equal(await registry.version(account, 'hello', one), undefined);
  const again = await open();
  assert.equal(again.versionLast(account, 'hello'), 2);
  await again.put(account, 'hello', settings, {});
  assert.equal((await again.publish(account, 'hello')).version, '3');
  assert.equal(again.versionLast(account, 'nobody'), 0);
});

const nobody = { bundles: new Set<BundleHash>(), paths: new Set<string>() };

async function present(folder: string, { blobs, records }: Pick<Store, 'blobs' | 'records'>) {
  const folders = (await readdir(join(folder, 'bundles'))).length;
  const zips = (await Array.fromAsync(blobs.list('bundle/'))).length;
  const written = (await Array.fromAsync(scan(records, 'bundle'))).map(({ key }) => key.split('/')[0]);
  return { folders, zips, records: written };
}

test('code that nobody has any more is removed after a while, and what a version, a layer or an environment has is not', async (context) => {
  const { clock, folder, registry, first, second, settings, store } = await setUp(context);
  await registry.put(account, 'hello', settings, {});
  await registry.publish(account, 'hello');
  await registry.put(account, 'hello', { ...settings, bundle: second.hash }, {});
  await clock.advance(60 * 60_000);
  assert.equal(await registry.collectUnused(nobody), 0, 'version 1 has the first');

  await registry.deleteVersion(account, 'hello', one);
  // Removed from everywhere just now: somebody may be about to name it.
  assert.equal(await registry.collectUnused(nobody), 0);
  await clock.advance(10 * 60_000);
  const path = join(folder, 'bundles', first.hash);
  for (const others of [
    { ...nobody, bundles: new Set([first.hash]) },
    { ...nobody, paths: new Set([path]) },
  ])
    assert.equal(await registry.collectUnused(others), 0);
  await clock.advance(9 * 60_000);
  assert.equal(await registry.collectUnused(nobody), 0, 'ten minutes after it was last in use');
  await clock.advance(60_000);
  assert.equal(await registry.collectUnused(nobody), 1);
  assert.equal(await registry.hasBundle(first.hash), false);
  assert.deepEqual(await present(folder, store), { folders: 1, zips: 1, records: ['bundle'] });

  const { bytes } = await registry.addBundle(first.hash, inPieces(first.zip));
  assert.equal(bytes, 3);
  await registry.put(account, 'hello', settings, {});
  assert.equal(await readFile(join(path, 'hello.py'), 'utf8'), 'one');
  await registry.delete(account, 'hello');
  await clock.advance(20 * 60_000);
  assert.equal(await registry.collectUnused(nobody), 2);
  assert.deepEqual(await present(folder, store), { folders: 0, zips: 0, records: [] });
});

test('a bundle that is asked for while unused ones go stays', async (context) => {
  const { clock, registry, first, settings } = await setUp(context);
  await clock.advance(60 * 60_000);
  const [, removed] = await Promise.all([registry.put(account, 'hello', settings, {}), registry.collectUnused(nobody)]);
  assert.equal(removed, 1, 'the other one');
  assert.equal(await registry.hasBundle(first.hash), true);
});

test('what a crash left half way, coming or going, is removed at the next start', async (context) => {
  const { folder, open, registry, first, second, settings, store } = await setUp(context);
  await registry.put(account, 'hello', settings, {});
  // As after a crash between the record and the files.
  await store.records.transact([
    { kind: 'delete', key: `bundle/${second.hash}` },
    { kind: 'put', key: `bundle-unfinished/${second.hash}`, value: 1 },
  ]);
  const again = await open();
  assert.equal(await again.hasBundle(second.hash), false);
  assert.equal(await again.hasBundle(first.hash), true);
  assert.deepEqual(await present(folder, store), { folders: 1, zips: 1, records: ['bundle'] });
});

test('an upload that is refused leaves nothing', async (context) => {
  const { folder, registry, first, store } = await setUp(context);
  const wrong = 'f'.repeat(64) as BundleHash;
  await assert.rejects(registry.addBundle(wrong, inPieces(first.zip)), failure('invalid_argument', /SHA-256/));
  assert.deepEqual(await present(folder, store), { folders: 2, zips: 2, records: ['bundle', 'bundle'] });
});

test('merged layers that no function has any more are removed, and the layers stay', async (context) => {
  const { clock, folder, registry, first, second, settings } = await setUp(context);
  const layers = [first, second].map(({ hash, zip }) => ({ arn: `arn:${hash}`, bundle: hash, zipBytes: zip.length }));
  await registry.put(account, 'hello', { ...settings, layers }, {});
  const merged = registry.resolve(account, 'hello', undefined, requestId)?.layersPath ?? '';
  await clock.advance(20 * 60_000);
  assert.equal(await registry.collectUnused(nobody), 0);
  await registry.put(account, 'hello', settings, {});
  await clock.advance(20 * 60_000);
  const ofLayers = { ...nobody, bundles: new Set([second.hash]) };
  assert.equal(await registry.collectUnused({ ...ofLayers, paths: new Set([merged]) }), 0);
  await clock.advance(20 * 60_000);
  assert.equal(await registry.collectUnused(ofLayers), 1);
  assert.deepEqual((await readdir(join(folder, 'bundles'))).toSorted(), [first.hash, second.hash].toSorted());
});

import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type BundleHash } from '../util/ids.ts';
import type { LayerUse } from './function.ts';
import { openMergedLayers } from './merged-layers.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-merged-layers-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const pathOf = (bundle: BundleHash): string => join(folder, bundle);
const clock = new FakeClock();
const merged = await openMergedLayers({ folder, pathOf, clock, ids: randomIds });

function layer(name: string, files: Record<string, string>, links: Record<string, string> = {}): LayerUse {
  const root = join(folder, name);
  mkdirSync(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: path.startsWith('bin/') ? 0o555 : 0o444 });
  }
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path));
  return { arn: `arn:${name}`, bundle: name as BundleHash, zipBytes: 1 };
}

async function merge(...layers: LayerUse[]): Promise<string> {
  await merged.ensure(layers);
  return merged.pathOf(layers) ?? '';
}

test('no layers have no folder, and one is its own', async () => {
  const one = layer('alone', { 'python/a.py': 'a' });
  assert.equal(merged.pathOf([]), undefined);
  assert.equal(await merge(one), pathOf(one.bundle));
});

test('a later layer lies over an earlier one, and neither is changed', async () => {
  const first = layer('first', { 'bin/tool': 'one', 'nodejs/node_modules/a/index.js': 'a', 'lib/x': 'first' });
  const second = layer('second', { 'bin/tool': 'two', 'nodejs/node_modules/b/index.js': 'b' });
  const path = await merge(first, second);
  assert.equal(readFileSync(join(path, 'bin/tool'), 'utf8'), 'two');
  assert.equal(statSync(join(path, 'bin/tool')).mode & 0o777, 0o555);
  assert.deepEqual(readdirSync(join(path, 'nodejs/node_modules')).sort(), ['a', 'b']);
  assert.equal(readFileSync(join(path, 'lib/x'), 'utf8'), 'first');
  assert.equal(readFileSync(join(pathOf(first.bundle), 'bin/tool'), 'utf8'), 'one');

  const reversed = await merge(second, first);
  assert.notEqual(reversed, path);
  assert.equal(readFileSync(join(reversed, 'bin/tool'), 'utf8'), 'one');
});

test('a file, a folder and a link give way to each other, and nothing is written through a link', async () => {
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  const first = layer('kinds', { 'a/inside': '1', b: '2' }, { c: '../outside' });
  const second = layer('other-kinds', { a: 'file now', 'b/inside': '3', 'c/new': '4' });
  const path = await merge(first, second);
  assert.equal(readFileSync(join(path, 'a'), 'utf8'), 'file now');
  assert.equal(readFileSync(join(path, 'b/inside'), 'utf8'), '3');
  assert.equal(readFileSync(join(path, 'c/new'), 'utf8'), '4');
  assert.deepEqual(readdirSync(outside), []);
});

test('what is there already is taken as it is, and a merge that fails leaves nothing', async () => {
  const first = layer('again-one', { x: '1' });
  const second = layer('again-two', { y: '2' });
  const path = await merge(first, second);
  const madeMs = statSync(path).ctimeMs;
  const restarted = await openMergedLayers({ folder, pathOf, clock, ids: randomIds });
  await restarted.ensure([first, second]);
  assert.equal(statSync(path).ctimeMs, madeMs);

  const missing: LayerUse = { arn: 'arn:missing', bundle: 'missing' as BundleHash, zipBytes: 1 };
  const before = readdirSync(folder).length;
  await assert.rejects(merged.ensure([first, missing]));
  assert.equal(readdirSync(folder).length, before);
});

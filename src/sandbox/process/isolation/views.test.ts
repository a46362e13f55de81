import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { Libc } from './libc.ts';
import { Views } from './views.ts';

test('one that is held stays until it was given back as often, also where there is another folder; where all are held there is none', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-views-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  for (const name of ['shared', 'aside', 'one', 'two', 'three']) mkdirSync(at(name));
  const libc: Pick<Libc, 'mount' | 'detach'> = { mount: () => {}, detach: () => {} };
  const views = new Views(libc, { shared: at('shared'), aside: at('aside') }, 'view-', 2);
  const [one, again, two] = [views.hold(at('one')), views.hold(at('one')), views.hold(at('two'))];
  assert.ok(one !== undefined && two !== undefined);
  assert.equal(again, one);
  assert.equal(views.hold(at('three')), undefined);
  views.giveBack(one);
  assert.equal(views.hold(at('three')), undefined);
  assert.ok(existsSync(one.view));
  // It was used last, and the other is held.
  views.of(at('one'));
  views.giveBack(one);
  const three = views.hold(at('three'));
  assert.ok(three !== undefined && existsSync(two.view) && !existsSync(one.view));
  renameSync(at('two'), at('old'));
  mkdirSync(at('two'));
  assert.equal(views.hold(at('two')), undefined);
  assert.ok(existsSync(two.view));
  views.giveBack(two);
  assert.notEqual(views.hold(at('two'))?.view, two.view);
  assert.ok(!existsSync(two.view));
});

test('the view that was unused for longest goes, and nothing of it stays', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-views-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  for (const name of ['shared', 'aside', 'one', 'two']) mkdirSync(at(name));
  writeFileSync(at('three'), '');
  const mounts: string[] = [];
  const libc: Pick<Libc, 'mount' | 'detach'> = {
    mount: ({ target, source }) =>
      void (source !== undefined && mounts.push(`${basename(source)} ${basename(target)}`)),
    detach: (target) => void mounts.push(`without ${basename(target)}`),
  };
  const views = new Views(libc, { shared: at('shared'), aside: at('aside') }, 'view-', 2);
  const one = views.of(at('one'));
  assert.equal(one.view, join(at('shared'), 'view-0'));
  views.of(at('two'));
  assert.equal(views.of(at('one')), one);
  mounts.length = 0;
  assert.equal(views.of(at('three')).isFolder, false);
  assert.deepEqual(mounts, ['without view-1', 'three view-2', 'view-2 view-2', 'without view-2']);
  assert.deepEqual(readdirSync(at('shared')), ['view-0', 'view-2']);
  assert.deepEqual(readdirSync(at('aside')), []);
  // Another folder at the same path is another.
  renameSync(at('one'), at('old'));
  mkdirSync(at('one'));
  assert.notEqual(views.of(at('one')).view, one.view);
  assert.ok(!existsSync(one.view));
  assert.throws(() => views.of(at('nowhere')), /ENOENT/);
});

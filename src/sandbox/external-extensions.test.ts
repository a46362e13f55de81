import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { externalExtensions } from './external-extensions.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-external-extensions-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function layers(name: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, 'programs', 'folder'), { recursive: true });
  for (const program of ['second', 'first']) writeFileSync(join(path, 'programs', program), '');
  symlinkSync('first', join(path, 'programs', 'third'));
  return path;
}

test('extensions are the files and links in their folder, which may itself be a link', async () => {
  const path = layers('inside');
  assert.deepEqual(await externalExtensions(path), []);
  symlinkSync('programs', join(path, 'extensions'));
  assert.deepEqual(await externalExtensions(path), ['first', 'second', 'third']);
});

test('a link out of the layers shows nothing of the host', async () => {
  layers('host');
  const path = layers('leaving');
  // As two layers make it, in each of which the links stay inside: `here` is a folder of the one, and a link of the other.
  symlinkSync('.', join(path, 'here'));
  symlinkSync('here/../host/programs', join(path, 'extensions'));
  assert.deepEqual(await externalExtensions(path), []);
});

/** Bundles: whatever a zip says of itself, nothing of it is outside of its folder, or longer than a bundle may be. */
import assert from 'node:assert/strict';
import { lstat, mkdtemp, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { test } from 'node:test';
import { exampleZip } from '../../src/registry/example-zip.ts';
import { unpackBundle } from '../../src/registry/unpack-bundle.ts';
import { fuzz } from './fuzz.ts';

test('zips stay in their folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-fuzz-zip-'));
  const [zipPath, out, canary] = [join(folder, 'bundle.zip'), join(folder, 'out'), join(folder, 'canary')];
  await writeFile(canary, 'untouched');
  const zips = await Promise.all([
    exampleZip([{ path: 'hello.py', text: 'print(1)' }]),
    exampleZip([
      { path: 'a/', text: '' },
      { path: 'a/b.txt', text: 'x'.repeat(300) },
      { path: 'a/link', text: 'b.txt', mode: 0o120777 },
    ]),
    exampleZip([
      { path: 'bin/run', text: '#!/bin/sh', mode: 0o100755 },
      { path: 'aa/canary', text: 'overwritten' },
      { path: 'other', text: 'bin/run', mode: 0o120777 },
    ]),
  ]);
  try {
    const { outcomes } = await fuzz({
      corpus: zips.map(({ zip }) => zip),
      words: [
        '../',
        '../../canary',
        'PK\x01\x02',
        'PK\x03\x04',
        'PK\x05\x06',
        'PK\x06\x06',
        '\xff\xff\xff\xff',
        '/etc/x',
        'a/link/x',
        '\\',
        '\0',
        '..',
      ],
      bytesMax: 8_192,
      async run(input) {
        await writeFile(zipPath, input);
        try {
          const { bytes, files } = await unpackBundle(zipPath, out);
          let found = 0;
          const root = await realpath(out);
          for (const name of await readdir(out, { recursive: true })) {
            const path = join(out, name);
            const stats = await lstat(path);
            if (stats.isDirectory()) continue;
            found += 1;
            assert.equal(
              stats.mode & 0o7222 & (stats.isSymbolicLink() ? 0 : 0o7777),
              0,
              `${name} can be written, or is more`,
            );
            const end = await realpath(path);
            assert.ok(
              end.startsWith(root + sep) || end === root,
              `${name} leads to ${await readlink(path).catch(() => end)}`,
            );
          }
          assert.equal(found, files);
          assert.ok(bytes >= 0);
          return `${files} files`;
        } finally {
          assert.equal(await readFile(canary, 'utf8'), 'untouched');
          assert.deepEqual(
            (await readdir(folder)).toSorted().filter((name) => name !== 'out'),
            ['bundle.zip', 'canary'],
          );
          await rm(out, { recursive: true, force: true });
        }
      },
    });
    assert.ok(outcomes > 5);
  } finally {
    await rm(folder, { recursive: true });
  }
});

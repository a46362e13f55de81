import assert from 'node:assert/strict';
import { mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { PlatformError } from '../util/errors.ts';
import { limits } from '../util/limits.ts';
import { exampleZip, type ExampleEntry } from './example-zip.ts';
import { unpackBundle } from './unpack-bundle.ts';

async function place(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-unpack-'));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

async function unpack(context: TestContext, zip: Uint8Array): Promise<string> {
  const folder = await place(context);
  await writeFile(join(folder, 'bundle.zip'), zip);
  await unpackBundle(join(folder, 'bundle.zip'), join(folder, 'out'));
  return join(folder, 'out');
}

const refused =
  (code: string, message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof PlatformError && error.code === code && message.test(error.message);

/** yazl refuses unsafe names itself, so they are put in afterwards: same length, no checksum covers them. */
async function renamed(entries: readonly ExampleEntry[], from: string, to: string): Promise<Buffer> {
  assert.equal(from.length, to.length);
  const { zip } = await exampleZip(entries);
  return Buffer.from(zip.toString('latin1').replaceAll(from, to), 'latin1');
}

test('files come out readable by all, writable by none, executable where the zip says so', async (context) => {
  const { zip } = await exampleZip([
    { path: 'hello.py', text: 'print(1)' },
    { path: 'bin/', text: '' },
    { path: 'bin/bootstrap', text: '#!/bin/sh', mode: 0o100700 },
    { path: 'deep/er/data.txt', text: 'x', mode: 0o100600 },
  ]);
  const out = await unpack(context, zip);
  assert.equal(await readFile(join(out, 'hello.py'), 'utf8'), 'print(1)');
  assert.equal((await stat(join(out, 'hello.py'))).mode & 0o777, 0o444);
  assert.equal((await stat(join(out, 'bin/bootstrap'))).mode & 0o777, 0o555);
  assert.equal((await stat(join(out, 'deep/er/data.txt'))).mode & 0o777, 0o444);
  assert.equal((await stat(join(out, 'deep'))).mode & 0o777, 0o755);
});

test('a name that no file can have is the zip’s fault, not a disk that is full', async (context) => {
  const { zip } = await exampleZip([{ path: `${'n'.repeat(300)}.py`, text: '' }]);
  await assert.rejects(unpack(context, zip), refused('invalid_argument', /ENAMETOOLONG/));
});

test('links that stay inside are made', async (context) => {
  const { zip } = await exampleZip([
    { path: 'node_modules/a/cli.js', text: 'a' },
    { path: 'node_modules/.bin/a', text: '../a/cli.js', mode: 0o120777 },
  ]);
  const out = await unpack(context, zip);
  assert.equal(await readlink(join(out, 'node_modules/.bin/a')), '../a/cli.js');
  assert.equal(await readFile(join(out, 'node_modules/.bin/a'), 'utf8'), 'a');
});

const badLinks: [string, ExampleEntry[], RegExp][] = [
  ['an absolute link', [{ path: 'l', text: '/etc/passwd', mode: 0o120777 }], /stay inside the bundle/],
  ['a link upwards', [{ path: 'a/l', text: '../../x', mode: 0o120777 }], /stay inside the bundle/],
  ['a link to nothing', [{ path: 'l', text: 'nowhere', mode: 0o120777 }], /where there is nothing/],
  [
    'a link through a link, that leaves only together',
    [
      { path: 'a/b/up', text: '../..', mode: 0o120777 },
      { path: 'out', text: 'a/b/up/..', mode: 0o120777 },
    ],
    /leaves the bundle/,
  ],
  [
    'a file below a link',
    [
      { path: 'l', text: 'd', mode: 0o120777 },
      { path: 'l/file', text: 'x' },
    ],
    /below 'l', which is no folder/,
  ],
];
for (const [what, entries, message] of badLinks) {
  test(`refused: ${what}`, async (context) => {
    const { zip } = await exampleZip(entries);
    await assert.rejects(unpack(context, zip), refused('invalid_argument', message));
  });
}

test('refused: names that climb out, absolute ones, the same twice, devices', async (context) => {
  const climbs = await renamed([{ path: 'xx/evil.py', text: 'x' }], 'xx/evil.py', '../evil.py');
  await assert.rejects(unpack(context, climbs), refused('invalid_argument', /\.\.\/evil\.py|invalid relative path/));
  const absolute = await renamed([{ path: 'xevil.py', text: 'x' }], 'xevil.py', '/evil.py');
  await assert.rejects(unpack(context, absolute), refused('invalid_argument', /absolute path/));
  const backslash = await renamed([{ path: 'xx-evil.py', text: 'x' }], 'xx-evil.py', 'xx\\evil.py');
  await assert.rejects(unpack(context, backslash), refused('invalid_argument', /invalid characters/));
  const double = await renamed(
    [
      { path: 'a.py', text: '1' },
      { path: 'b.py', text: '2' },
    ],
    'b.py',
    'a.py',
  );
  await assert.rejects(unpack(context, double), refused('invalid_argument', /holds 'a\.py' twice/));
  const folderAndFile = await exampleZip([
    { path: 'a/b', text: '1' },
    { path: 'a', text: '2' },
  ]);
  await assert.rejects(unpack(context, folderAndFile.zip), refused('invalid_argument', /holds 'a' twice/));
  const device = await exampleZip([{ path: 'null', text: '', mode: 0o020666 }]);
  await assert.rejects(unpack(context, device.zip), refused('invalid_argument', /neither file, folder nor/));
});

test('refused: what is no zip, damaged data, encrypted entries', async (context) => {
  await assert.rejects(unpack(context, Buffer.from('not a zip')), refused('invalid_argument', /is not a zip file/));
  const { zip } = await exampleZip([
    { path: 'a.txt', text: 'some text, long enough that it is stored compressed compressed compressed' },
  ]);
  const centre = zip.readUInt32LE(zip.length - 6);
  const wrongSum = Buffer.from(zip);
  wrongSum.writeUInt32LE((zip.readUInt32LE(centre + 16) ^ 1) >>> 0, centre + 16);
  await assert.rejects(unpack(context, wrongSum), refused('invalid_argument', /checksum of 'a\.txt' does not match/));
  const encrypted = Buffer.from(zip);
  encrypted.writeUInt16LE(zip.readUInt16LE(centre + 8) | 1, centre + 8);
  await assert.rejects(unpack(context, encrypted), refused('invalid_argument', /encrypted/));
  const cut = Buffer.from(zip);
  cut.fill(0xff, 40, 60);
  await assert.rejects(unpack(context, cut), refused('invalid_argument', /cannot be unzipped|does not match/));
});

test('a zip bomb is stopped while it unzips, even when its directory lies', async (context) => {
  const huge = Buffer.alloc(limits.bundleBytesMax + 1);
  const folder = await place(context);
  const { deflateRawSync, crc32 } = await import('node:zlib');
  const data = deflateRawSync(huge, { level: 9 });
  const local = Buffer.alloc(30 + 1);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(8, 8);
  local.writeUInt16LE(1, 26);
  local.write('a', 30);
  const entry = (name: string): Buffer => {
    const bytes = Buffer.alloc(46 + 1);
    bytes.writeUInt32LE(0x02014b50, 0);
    bytes.writeUInt16LE(8, 10);
    bytes.writeUInt32LE(crc32(huge), 16);
    bytes.writeUInt32LE(data.byteLength, 20);
    bytes.writeUInt32LE(huge.byteLength, 24);
    bytes.writeUInt16LE(1, 28);
    bytes.write(name, 46);
    return bytes;
  };
  const directory = Buffer.concat([entry('a'), entry('b')]);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(2, 8);
  end.writeUInt16LE(2, 10);
  end.writeUInt32LE(directory.byteLength, 12);
  end.writeUInt32LE(local.byteLength + data.byteLength, 16);
  await writeFile(join(folder, 'bomb.zip'), Buffer.concat([local, data, directory, end]));
  await assert.rejects(
    unpackBundle(join(folder, 'bomb.zip'), join(folder, 'out')),
    refused('too_large', /more than 250 MB/),
  );
});

test('too many files are refused before any is written', async (context) => {
  const folder = await place(context);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(50_001, 8);
  end.writeUInt16LE(50_001, 10);
  await writeFile(join(folder, 'many.zip'), end);
  await assert.rejects(
    unpackBundle(join(folder, 'many.zip'), join(folder, 'out')),
    refused('too_large', /50001 files; accepted: 50000/),
  );
});

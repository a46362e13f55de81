import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { PlatformError } from '../util/errors.ts';
import { randomIds } from '../util/ids.ts';
import { Keyring } from './keyring.ts';
import type { MasterKeySource } from './master-key.ts';

async function folderFor(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-keyring-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function openIn(dataFolder: string, source: MasterKeySource = { kind: 'folder' }): Promise<Keyring> {
  const keyring = await Keyring.open({ dataFolder, source, ids: randomIds, nowMs: () => 1_000 });
  await keyring.settle();
  return keyring;
}

const rootsOf = ({ roots }: Keyring): string[] => roots.map((root) => root.toString('hex'));
const keyText = (digit: string): string => digit.repeat(64);
const environment = (digit: string): MasterKeySource => ({ kind: 'environment', text: keyText(digit) });
const refusal =
  (code: string, message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof PlatformError && error.code === code && message.test(error.message);

test('the first start makes a master key and a keyring that only their owner reads, and the next one opens them', async (context) => {
  const folder = await folderFor(context);
  const made = await openIn(folder);
  for (const name of ['master.key', 'keyring'])
    assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
  assert.deepEqual(rootsOf(await openIn(folder)), rootsOf(made));
  const [root = ''] = rootsOf(made);
  const masterKey = (await readFile(join(folder, 'master.key'), 'utf8')).trim();
  assert.notEqual(root, masterKey);
  assert.ok(!(await readFile(join(folder, 'keyring'), 'utf8')).includes(root));
});

test('of two first starts at once, both have the same keys', async (context) => {
  const folder = await folderFor(context);
  const [first, second] = await Promise.all([openIn(folder), openIn(folder)]);
  assert.deepEqual(rootsOf(first), rootsOf(second));
});

test('another master key, or none, is refused by name, and nothing is written', async (context) => {
  const folder = await folderFor(context);
  await openIn(folder, environment('a'));
  const before = await contentOf(folder);
  await assert.rejects(
    openIn(folder, environment('b')),
    refusal(
      'permission_denied',
      /^the variable MAYFLY_MASTER_KEY gives the master key \w{16}, but .* is sealed with \w{16}/,
    ),
  );
  await assert.rejects(openIn(folder), refusal('permission_denied', /master\.key is missing.*--master-key-file/));
  assert.deepEqual(await contentOf(folder), before);
  assert.equal((await openIn(folder, environment('a'))).roots.length, 1);
});

test('a key comes from a file, the environment or a command, in hex or base64, and no error repeats it', async (context) => {
  const folder = await folderFor(context);
  const file = join(folder, 'given.key');
  const base64 = Buffer.from(keyText('c'), 'hex').toString('base64');
  await writeFile(file, `${base64}\n`, { mode: 0o600 });
  const data = join(folder, 'data');
  const roots = rootsOf(await openIn(data, { kind: 'file', path: file }));
  assert.deepEqual(rootsOf(await openIn(data, environment('c'))), roots);
  assert.deepEqual(rootsOf(await openIn(data, { kind: 'command', command: `cat ${file}` })), roots);
  assert.deepEqual((await readdir(data)).toSorted(), ['keyring'], 'no master key lies beside what it seals');

  const secret = 'not-a-key-but-secret';
  for (const [source, message] of [
    [{ kind: 'environment', text: secret }, /64 hex digits/],
    [{ kind: 'command', command: 'printf not-a-key-but; echo -secret' }, /64 hex digits/],
    [{ kind: 'command', command: 'echo oh no >&2; exit 3' }, /ended with 3: oh no/],
    [{ kind: 'file', path: join(folder, 'none') }, /there is no master key at/],
  ] as const)
    await assert.rejects(
      openIn(data, source),
      (error: Error) => message.test(error.message) && !error.message.includes(secret),
    );
  await writeFile(join(folder, 'open.key'), keyText('c'), { mode: 0o644 });
  await assert.rejects(
    openIn(data, { kind: 'file', path: join(folder, 'open.key') }),
    refusal('permission_denied', /others than its owner can read/),
  );
});

test('after a rotation the old master key opens nothing, and the old root only until it is dropped', async (context) => {
  const folder = await folderFor(context);
  const keyring = await openIn(folder);
  const [before = ''] = rootsOf(keyring);
  const oldKey = await readFile(join(folder, 'master.key'), 'utf8');
  await keyring.rotate(undefined);
  assert.notEqual(await readFile(join(folder, 'master.key'), 'utf8'), oldKey);
  assert.deepEqual(rootsOf(keyring).slice(1), [before]);
  assert.deepEqual(rootsOf(await openIn(folder)), rootsOf(keyring));
  await assert.rejects(
    openIn(folder, { kind: 'environment', text: oldKey }),
    refusal('permission_denied', /is sealed with/),
  );
  await keyring.dropOlderRoots();
  assert.deepEqual(rootsOf(await openIn(folder)), rootsOf(keyring));
  assert.equal(keyring.roots.length, 1);
  assert.deepEqual((await readdir(folder)).toSorted(), ['keyring', 'master.key']);
});

test('whichever of its files a rotation was broken off at, the next start has every root, and finishes it', async (context) => {
  const folder = await folderFor(context);
  const keyring = await openIn(folder);
  const [before] = rootsOf(keyring);
  const start = `${folder}-start`;
  await cp(folder, start, { recursive: true });
  await keyring.rotate(undefined);
  const end = folder;
  context.after(() => rm(start, { recursive: true, force: true }));
  const read = (from: string, name: string): Promise<string> => readFile(join(from, name), 'utf8');
  const [newKey, oldKey] = [await read(end, 'master.key'), await read(start, 'master.key')];
  const both = JSON.parse(await read(end, 'keyring')) as { boxes: unknown[] };

  // 1: the new key lies there, and nothing is sealed with it yet.
  await writeFile(join(start, 'master.key.new'), newKey, { mode: 0o600 });
  const first = await openIn(start);
  assert.deepEqual([rootsOf(first), await read(start, 'master.key')], [[before], oldKey]);
  assert.ok(!(await readdir(start)).includes('master.key.new'));

  // 2: sealed with both: made from a rotation whose last steps are undone.
  const other = await openIn(start);
  const given = join(start, 'given');
  await writeFile(given, newKey, { mode: 0o600 });
  await other.rotate({ kind: 'file', path: given });
  assert.equal((JSON.parse(await read(start, 'keyring')) as typeof both).boxes.length, 2);
  const atTwo = await read(start, 'keyring');
  await writeFile(join(start, 'master.key.new'), newKey, { mode: 0o600 });
  const second = await openIn(start);
  assert.equal(await read(start, 'master.key'), newKey);
  assert.deepEqual(rootsOf(second), rootsOf(other));
  assert.equal((JSON.parse(await read(start, 'keyring')) as typeof both).boxes.length, 1);

  // 3: the new key is in its place, and the keyring is still sealed with both.
  await writeFile(join(start, 'keyring'), atTwo);
  const third = await openIn(start);
  assert.deepEqual(rootsOf(third), rootsOf(other));
  assert.equal((JSON.parse(await read(start, 'keyring')) as typeof both).boxes.length, 1);
});

test('a key from outside is replaced by another from outside: both open the folder until the new one has', async (context) => {
  const folder = await folderFor(context);
  const keyring = await openIn(folder, environment('a'));
  await assert.rejects(keyring.rotate(undefined), refusal('invalid_argument', /--to FILE/));
  await assert.rejects(keyring.rotate(environment('a')), refusal('invalid_argument', /the present one/));
  await keyring.rotate(environment('b'));
  assert.equal(keyring.report().retiring, keyring.report().masterKey);
  await keyring.rotate(environment('c'));
  await assert.rejects(openIn(folder, environment('b')), refusal('permission_denied', /is sealed with/));
  assert.deepEqual(rootsOf(await openIn(folder, environment('a'))), rootsOf(keyring));
  const started = await openIn(folder, environment('c'));
  assert.equal(started.report().retiring, undefined);
  await assert.rejects(openIn(folder, environment('a')), refusal('permission_denied', /is sealed with/));
});

test('a key of the folder may be taken out of it: it goes from there when the platform starts with the other', async (context) => {
  const folder = await folderFor(context);
  const keyring = await openIn(folder);
  await keyring.rotate(environment('d'));
  assert.ok((await readdir(folder)).includes('master.key'));
  assert.deepEqual(rootsOf(await openIn(folder, environment('d'))), rootsOf(keyring));
  assert.deepEqual(await readdir(folder), ['keyring']);
});

test('a folder from before there were keyrings keeps its keys as roots', async (context) => {
  const folder = await folderFor(context);
  await writeFile(join(folder, 'master.key'), keyText('1'), { mode: 0o600 });
  await writeFile(join(folder, 'master.key.old'), keyText('2'), { mode: 0o600 });
  assert.deepEqual(rootsOf(await openIn(folder)), [keyText('1'), keyText('2')]);
  assert.deepEqual(rootsOf(await openIn(folder)), [keyText('1'), keyText('2')]);
});

async function contentOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { randomIds } from '../util/ids.ts';
import { base32, loadCredentials, parseCredentials } from './credentials.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mayfly-credentials-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the first start makes them, every later one reads the same', async () => {
  const data = path.join(folder, 'data');
  const first = await loadCredentials(data, randomIds);
  assert.match(first.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.equal(first.secretAccessKey.length, 40);
  assert.deepEqual(await loadCredentials(data, randomIds), first);
  assert.deepEqual(await readdir(data), ['credentials']);
  assert.equal((await stat(path.join(data, 'credentials'))).mode & 0o777, 0o600);
});

test('of many that start at once, all have the same', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => loadCredentials(folder, randomIds)));
  assert.equal(new Set(all.map((one) => one.secretAccessKey)).size, 1);
  assert.deepEqual(await readdir(folder), ['credentials']);
});

test('a file that others can read is refused, with what to do about it', async () => {
  await loadCredentials(folder, randomIds);
  const file = path.join(folder, 'credentials');
  for (const mode of [0o604, 0o640, 0o644]) {
    await chmod(file, mode);
    await assert.rejects(loadCredentials(folder, randomIds), {
      code: 'permission_denied',
      message: new RegExp(`mode 0${mode.toString(8)}.*chmod 600 ${file}`),
    });
  }
  await chmod(file, 0o600);
  await loadCredentials(folder, randomIds);
});

test('the file is one that the SDKs read', async () => {
  const credentials = await loadCredentials(folder, randomIds);
  const text = await readFile(path.join(folder, 'credentials'), 'utf8');
  assert.match(text, /^\[default\]\naws_access_key_id = AKIA\w+\naws_secret_access_key = \S+$/m);
  assert.deepEqual(parseCredentials(text, 'file'), credentials);
  assert.deepEqual(
    parseCredentials(
      '[other]\naws_access_key_id=x\n[ default ]\r\nAWS_ACCESS_KEY_ID = a\r\naws_secret_access_key=b=c \n',
      'file',
    ),
    { accessKeyId: 'a', secretAccessKey: 'b=c' },
  );
});

test('a file without a default profile says what it should hold', async () => {
  const options = { mode: 0o600 };
  await writeFile(path.join(folder, 'credentials'), '[other]\naws_access_key_id = x\n', options);
  await assert.rejects(loadCredentials(folder, randomIds), {
    code: 'invalid_argument',
    message: /no profile \[default\].*: remove the file, and a new one is made/,
  });
});

test('nobody is told to remove a file of his own, but what is read of it', () => {
  for (const name of ['default', 'deployer'])
    assert.throws(() => parseCredentials('[other]\nrole_arn = x\n', '/home/ada/.aws/credentials', name), {
      code: 'invalid_argument',
      message: new RegExp(
        `^/home/ada/\\.aws/credentials has no profile \\[${name}\\].*keys alone are read(?!.*remove)`,
      ),
    });
});

/** RFC 4648, section 10. */
test('base 32', () => {
  assert.equal(base32(Buffer.from('fooba').toString('hex')), 'MZXW6YTB');
});

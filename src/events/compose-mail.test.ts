import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { addressesIn, composeMail, isAddress } from './compose-mail.ts';

const mail = { from: 'a@example.com', to: ['b@example.com'], subject: 's', messageId: 'i@example.com', timeMs: 0 };

test('files and addresses that a mail names are not read', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'compose-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'secret.txt');
  await writeFile(file, 'the secret');
  // As a caller of JavaScript could: JSON brings objects where texts are meant.
  for (const text of [{ path: file }, { href: `file://${file}` }, { href: 'http://127.0.0.1:9/' }])
    await assert.rejects(composeMail({ ...mail, text: text as never as string }), /rejected/i);
});

test('a line break in a header makes no further header', async () => {
  const raw = (
    await composeMail({
      ...mail,
      subject: 'one\r\nBcc: x@example.com',
      headers: [{ name: 'X-A', value: '1\r\nX-B: 2' }],
    })
  ).toString();
  const [head = ''] = raw.split('\r\n\r\n');
  assert.doesNotMatch(head, /^Bcc:/im);
  assert.doesNotMatch(head, /^X-B:/im);
});

test('addresses are found in lists and groups, and told from what is none', () => {
  assert.deepEqual(addressesIn('"Doe, Jane" <jane@example.com>, bo@example.org'), [
    'jane@example.com',
    'bo@example.org',
  ]);
  assert.deepEqual(addressesIn('Team: a@example.com, b@example.com;'), ['a@example.com', 'b@example.com']);
  for (const address of ['a@example.com', 'a.b+c@sub.example.com', 'a@localhost'])
    assert.ok(isAddress(address), address);
  for (const text of ['a', 'a@', '@b', 'a b@c', 'a@b@c', 'a@-b', '<a@b>']) assert.ok(!isAddress(text), text);
});

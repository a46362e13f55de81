import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId } from '../util/ids.ts';
import { createSealer } from '../util/sealer.ts';
import { dropSessionKeys, keepSessionKeys } from './kept-session-keys.ts';
import { rootOf } from './signer.ts';
import { createTemporaryCredentials, type Bearer } from './temporary-credentials.ts';

const hourMs = 3_600_000;
const account = '000000000000' as AccountId;
const functionBearer = { kind: 'function', account, functionName: 'hello' } as Bearer;

test('a session outlives the root key that it was made with, and the key of the one before is forgotten after the longest', async () => {
  const { records } = openMemoryStore({ clock: new FakeClock() });
  const sealer = createSealer([randomBytes(32)], randomIds);
  /** As the platform starts with this root. */
  const start = async (root: Buffer, nowMs: number) => {
    const older = await keepSessionKeys({ records, sealer, root, nowMs });
    return { older, sessions: createTemporaryCredentials(root, randomIds, () => older) };
  };
  const [first, second] = [randomBytes(32), randomBytes(32)];
  const began = await start(first, 0);
  assert.equal(began.older.length, 0);
  const session = began.sessions.issue(rootOf('000000000000' as AccountId), 36 * hourMs);
  await start(first, hourMs);

  const { sessions, older } = await start(second, 2 * hourMs);
  assert.equal(older.length, 1);
  const opened = sessions.open(session.accessKeyId, session.sessionToken, 3 * hourMs);
  assert.equal(opened.status, 'ok');
  assert.equal(opened.status === 'ok' && opened.secretAccessKey, session.secretAccessKey);
  assert.equal(sessions.open(session.accessKeyId, session.sessionToken, 36 * hourMs).status, 'expired');
  const other = sessions.issue(rootOf('000000000000' as AccountId), 36 * hourMs);
  assert.equal(began.sessions.open(other.accessKeyId, other.sessionToken, 0).status, 'invalid');

  // Also by a platform that is not started again: who has the old key by now makes none that are good for longer.
  const forged = began.sessions.issue(rootOf('000000000000' as AccountId), 1_000 * hourMs);
  assert.equal(sessions.open(forged.accessKeyId, forged.sessionToken, 38 * hourMs - 1).status, 'ok');
  assert.equal(sessions.open(forged.accessKeyId, forged.sessionToken, 38 * hourMs).status, 'invalid');

  assert.equal((await start(second, 38 * hourMs)).older.length, 1);
  assert.equal((await start(second, 38 * hourMs + 1)).older.length, 0);
  assert.equal((await start(second, 39 * hourMs)).older.length, 0);
  const kept = JSON.stringify((await records.get('session-keys'))?.value);
  assert.ok(!kept.includes(second.toString('base64')));
});

test('sessions that are ended are over at once and after a start, but for those of functions, which go on while the platform runs', async () => {
  const { records } = openMemoryStore({ clock: new FakeClock() });
  const sealer = createSealer([randomBytes(32)], randomIds);
  const [first, second] = [randomBytes(32), randomBytes(32)];
  const sessions = createTemporaryCredentials(first, randomIds);
  await keepSessionKeys({ records, sealer, root: first, nowMs: 0 });
  const session = sessions.issue(rootOf(account), hourMs);
  const ofFunction = sessions.issue(functionBearer, hourMs);
  const status = (of: typeof session, by = sessions): string => by.open(of.accessKeyId, of.sessionToken, 1).status;
  assert.deepEqual([status(session), status(ofFunction)], ['ok', 'ok']);

  await dropSessionKeys({ records, sealer, root: second, nowMs: 1 });
  sessions.renew(second);
  assert.deepEqual([status(session), status(ofFunction)], ['invalid', 'ok']);
  const opened = sessions.open(ofFunction.accessKeyId, ofFunction.sessionToken, 1);
  assert.equal(opened.status === 'ok' && opened.secretAccessKey, ofFunction.secretAccessKey);
  const another = sessions.issue(rootOf(account), hourMs);
  assert.equal(status(another), 'ok');

  const older = await keepSessionKeys({ records, sealer, root: second, nowMs: 2 });
  assert.deepEqual(older, []);
  const restarted = createTemporaryCredentials(second, randomIds, () => older);
  assert.deepEqual(
    [session, ofFunction, another].map((one) => status(one, restarted)),
    ['invalid', 'invalid', 'ok'],
  );
});

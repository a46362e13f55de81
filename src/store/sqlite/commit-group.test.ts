import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openCommitGroup } from './commit-group.ts';
import { migrate } from './migrate.ts';
import type { Request } from './request.ts';

function openDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  migrate(database, new URL('./migrations/', import.meta.url), 0);
  return database;
}

const put = (key: string): Request => ({ kind: 'transact', nowMs: 0, operations: [{ kind: 'put', key, json: '1' }] });

const keysOf = (database: DatabaseSync): unknown[] =>
  database
    .prepare('SELECT key FROM records ORDER BY key')
    .all()
    .map((row) => row['key']);

test('a request that breaks the transaction fails alone', () => {
  const database = openDatabase();
  const commitGroup = openCommitGroup(database);
  // Not a number in a STRICT table: what a bug of ours would look like.
  const broken = {
    kind: 'transact',
    nowMs: 0,
    operations: [{ kind: 'append', topic: 't', id: 'a', body: '', notBeforeMs: 0.5 }],
  } as const;
  const replies = commitGroup([put('a'), broken, put('b')]);
  assert.deepEqual(
    replies.map((reply) => (reply.ok ? 'ok' : reply.code)),
    ['ok', 'internal', 'ok'],
  );
  assert.deepEqual(keysOf(database), ['a', 'b']);
});

test('a full disk refuses the whole group, keeps nothing of it, and is got over', () => {
  const database = openDatabase();
  const commitGroup = openCommitGroup(database);
  database.exec('PRAGMA max_page_count = 20');
  const large = {
    kind: 'transact',
    nowMs: 0,
    operations: [{ kind: 'put', key: 'large', json: 'x'.repeat(200_000) }],
  } as const;
  const replies = commitGroup([put('a'), large, put('b')]);
  assert.deepEqual(
    replies.map((reply) => (reply.ok ? 'ok' : reply.code)),
    ['unavailable', 'unavailable', 'unavailable'],
  );
  assert.deepEqual(keysOf(database), []);
  database.exec('PRAGMA max_page_count = 1000');
  const [after] = commitGroup([put('a')]);
  assert.deepEqual(after, { ok: true, answer: { status: 'committed', revision: 1 } });
});

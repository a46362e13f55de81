import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { migrate } from './migrate.ts';

test('each file is applied once, in order; a broken one leaves nothing; a newer database is refused', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-migrate-'));
  t.after(() => rm(folder, { recursive: true }));
  const url = pathToFileURL(`${folder}/`);
  const database = new DatabaseSync(':memory:');
  const version = (): unknown =>
    database.prepare('SELECT max(version) AS version FROM schema_version').get()?.['version'];

  await writeFile(join(folder, '002-b.sql'), 'INSERT INTO a VALUES (2);');
  await writeFile(join(folder, '001-a.sql'), 'CREATE TABLE a (n INTEGER);');
  await writeFile(join(folder, 'README.md'), 'not SQL');
  migrate(database, url, 7);
  migrate(database, url, 8);
  assert.equal(version(), 2);
  assert.equal(database.prepare('SELECT count(*) AS n FROM a').get()?.['n'], 1);

  await writeFile(join(folder, '003-c.sql'), 'INSERT INTO a VALUES (3); INSERT INTO missing VALUES (1);');
  assert.throws(() => migrate(database, url, 9), /missing/);
  assert.equal(version(), 2);
  assert.equal(database.prepare('SELECT count(*) AS n FROM a').get()?.['n'], 1);

  database.exec('INSERT INTO schema_version VALUES (9, 0)');
  assert.throws(() => migrate(database, url, 10), { code: 'unavailable', message: /version 9.*up to 3/ });
});

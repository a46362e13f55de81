import { readdirSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { PlatformError } from '../../util/errors.ts';

/** Brings the database to the version of the highest-numbered `NNN-title.sql` in `folder`, each file in a transaction. */
export function migrate(database: DatabaseSync, folder: URL, nowMs: number): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_ms INTEGER NOT NULL) STRICT',
  );
  const present = Number(
    database.prepare('SELECT coalesce(max(version), 0) AS version FROM schema_version').get()?.['version'],
  );
  const files = readdirSync(folder)
    .filter((file) => /^\d{3}-.+\.sql$/.test(file))
    .sort();
  const newest = Number(files.at(-1)?.slice(0, 3) ?? 0);
  if (present > newest) {
    throw new PlatformError(
      'unavailable',
      `the database has schema version ${present}, and this Mayfly knows versions up to ${newest}: it was written by a newer one, start that`,
    );
  }
  for (const file of files) {
    const version = Number(file.slice(0, 3));
    if (version <= present) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(readFileSync(new URL(file, folder), 'utf8'));
      database.prepare('INSERT INTO schema_version VALUES (?, ?)').run(version, nowMs);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}

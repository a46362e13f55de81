/**
 * One process to a folder. The lock is SQLite's own exclusive lock on a file of its own: the kernel drops it with the
 * process, however that ends, so nothing stale is left. Nobody may open that file by other means: POSIX drops a
 * process's locks on a file when it closes any descriptor of it.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PlatformError, messageOf } from '../../util/errors.ts';

/** https://www.sqlite.org/rescode.html#busy */
const sqliteBusy = 5;

function tryLock(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined;
    throw error;
  }
}

/** The folder is this process's until it is disposed of. */
export type FolderLock = Disposable;

/** Makes the folder when it is missing. Rejects with `unavailable`, naming the folder and the process that has it. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const pidFile = join(folder, 'mayfly.pid');
  let database: DatabaseSync | undefined;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    database = tryLock(join(folder, 'mayfly.lock'));
    if (database !== undefined) await writeFile(pidFile, `${process.pid}\n`);
  } catch (error) {
    database?.close();
    const reason = messageOf(error);
    throw new PlatformError('unavailable', `the data folder ${folder} cannot be used: ${reason}`, { cause: error });
  }
  if (database === undefined) {
    // Only for the message; written after the lock is taken, so it may be missing or old for a moment.
    const pid = await readFile(pidFile, 'utf8').catch(() => 'unknown');
    throw new PlatformError(
      'unavailable',
      `the data folder ${folder} is in use by another process (pid ${pid.trim()}): stop that one, or choose another folder`,
    );
  }
  const lock = database;
  return { [Symbol.dispose]: () => lock.close() };
}

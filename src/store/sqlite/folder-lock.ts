/**
 * One process to a folder. The lock is SQLite's own exclusive lock on a file of its own: the kernel drops it with the
 * process, however that ends, so nothing stale is left. Nobody may open that file by other means: POSIX drops a
 * process's locks on a file when it closes any descriptor of it.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PlatformError } from '../../util/errors.ts';

/** Rejects with `unavailable`, naming the folder and the process that has it. */
export async function lockFolder(folder: string): Promise<Disposable> {
  const pidFile = join(folder, 'mayfly.pid');
  const database = new DatabaseSync(join(folder, 'mayfly.lock'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    // Only for the message; written after the lock is taken, so it may be missing or old for a moment.
    const pid = await readFile(pidFile, 'utf8').catch(() => 'unknown');
    throw new PlatformError(
      'unavailable',
      `the data folder ${folder} is in use by another process (pid ${pid.trim()}): stop that one, or choose another folder`,
      { cause: error },
    );
  }
  await writeFile(pidFile, `${process.pid}\n`);
  return { [Symbol.dispose]: () => database.close() };
}

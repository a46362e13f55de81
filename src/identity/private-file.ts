/** Small files that only their owner may read: written whole or not at all, refused when others can read them. */
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../util/errors.ts';

/** The file's text; created from `create()` when it is not there. Of two processes that create it at once, one wins and both read its text. */
export async function readOrCreatePrivateFile(
  file: string,
  create: () => string | Promise<string>,
  uniqueSuffix: string,
): Promise<string> {
  for (;;) {
    const text = await readPrivateFile(file);
    if (text !== undefined) return text;
    await writeOnce(file, await create(), uniqueSuffix);
  }
}

/** Undefined: there is none. */
export async function readPrivateFile(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      throw new PlatformError(
        'permission_denied',
        `${file} has mode ${shown}, so others than its owner can read this secret: run 'chmod 600 ${file}'`,
        { field: file },
      );
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function writeOnce(file: string, text: string, uniqueSuffix: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${uniqueSuffix}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // Unlike a rename, a link does not replace a file that somebody else has put there meanwhile.
    await link(temporary, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(temporary);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

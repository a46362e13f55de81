/**
 * Blobs as files. A write goes to a temporary file of the same file system, is synced, takes its place by a rename,
 * and the folder is synced: whoever looks sees the whole blob or none, after a power cut too.
 *
 * A key is one file name: `/` is written `+`, which no key contains, so `a` and `a/b` do not get in each other's way and
 * no folder has to be made or removed with a blob. The files lie in 256 folders by the key's hash, because a folder
 * of ext4 holds some millions of such names and no more.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, opendir, rename, rm, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '../../util/errors.ts';
import { boundsOf, checkBlobKey } from '../blob-key.ts';
import type { Blobs } from '../blobs.ts';
import type { DiskRoom } from '../disk-room.ts';

/** Bytes of one read: large enough that a gigabyte is a few thousand turns, small enough for a thousand readers. */
const readBytes = 256 * 1024;

const temporaryFolder = 'temporary';

/** Bytes of one blob between two looks at the disk: a few of them at once stay well within what is set aside. */
const lookEveryBytes = 4 * 1024 * 1024;

/** What the disk says when it cannot; https://man7.org/linux/man-pages/man3/errno.3.html */
const diskRefusals = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENFILE', 'EFBIG']);

/** The disk's own errors as `unavailable`; whatever `source` threw as it is. */
function refusal(key: string, error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code === undefined || !diskRefusals.has(code)) return error;
  return new PlatformError('unavailable', `blob '${key}' could not be written: ${message}`, { cause: error });
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at, chunk.length - at)).bytesWritten;
}

function readChunks(file: FileHandle, start: number, end: number): AsyncIterableIterator<Uint8Array> {
  let at = start;
  let isOpen = true;
  const close = async (): Promise<IteratorResult<Uint8Array>> => {
    if (isOpen) {
      isOpen = false;
      await file.close();
    }
    return { done: true, value: undefined };
  };
  // By hand and not a generator: `return` on a generator that has not begun would leave the file open.
  return {
    async next() {
      if (!isOpen || at > end) return close();
      try {
        // A new buffer each time: the reader may keep it.
        const buffer = Buffer.allocUnsafeSlow(Math.min(readBytes, end - at + 1));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) throw new PlatformError('internal', `a blob ended at byte ${at}, before its byte ${end}`);
        at += bytesRead;
        return { done: false, value: buffer.subarray(0, bytesRead) };
      } catch (error) {
        await close();
        throw error;
      }
    },
    return: close,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** `folder` belongs to this store alone; `room`: not all of its disk is for blobs. What an earlier process left unfinished is removed. */
export async function openFolderBlobs(folder: string, room?: Pick<DiskRoom, 'look' | 'require'>): Promise<Blobs> {
  const temporary = join(folder, temporaryFolder);
  const shards = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));
  await rm(temporary, { recursive: true, force: true });
  for (const name of [temporaryFolder, ...shards]) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
  await syncFolder(folder);

  // Closes what a reader dropped without reading to its end.
  const dropped = new FinalizationRegistry<FileHandle>((file) => void file.close().catch(() => {}));
  let writes = 0;

  const shardOf = (key: string): string => join(folder, createHash('sha256').update(key).digest('hex').slice(0, 2));
  const pathOf = (key: string): string => {
    checkBlobKey(key);
    return join(shardOf(key), key.replaceAll('/', '+'));
  };

  return {
    async write(key, source) {
      const path = pathOf(key);
      const unfinished = join(temporary, String((writes += 1)));
      try {
        const file = await open(unfinished, 'wx', 0o600);
        let bytes = 0;
        let lookAtBytes = 0;
        try {
          for await (const chunk of source) {
            if (bytes >= lookAtBytes) {
              lookAtBytes += lookEveryBytes;
              await room?.look();
              room?.require();
            }
            await writeAll(file, chunk);
            bytes += chunk.length;
          }
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(unfinished, path);
        await syncFolder(shardOf(key));
        return { bytes };
      } catch (error) {
        await rm(unfinished, { force: true }).catch(() => {});
        throw refusal(key, error);
      }
    },

    async read(key, range) {
      const path = pathOf(key);
      const file = await open(path, constants.O_RDONLY).catch(absent);
      if (file === undefined) return undefined;
      try {
        const { size } = await file.stat();
        const { start, end } = boundsOf(size, range) ?? { start: 0, end: -1 };
        const chunks = readChunks(file, start, end);
        dropped.register(chunks, file);
        return chunks;
      } catch (error) {
        await file.close();
        throw error;
      }
    },

    async size(key) {
      return (await stat(pathOf(key)).catch(absent))?.size;
    },

    async delete(key) {
      // Not synced: a blob that comes back after a power cut is garbage that nobody names.
      return (await unlink(pathOf(key)).then(() => true, absent)) ?? false;
    },

    async *list(prefix) {
      for (const shard of shards) {
        for await (const entry of await opendir(join(folder, shard))) {
          const key = entry.name.replaceAll('+', '/');
          if (key.startsWith(prefix)) yield key;
        }
      }
    },
  };
}

function absent(error: unknown): undefined {
  if ((error as { code?: string }).code !== 'ENOENT') throw error;
}

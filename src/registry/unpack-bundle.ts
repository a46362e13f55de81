import { createWriteStream } from 'node:fs';
import { mkdir, open, realpath, symlink } from 'node:fs/promises';
import { dirname, join, posix, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { PlatformError } from '../util/errors.ts';
import { limits } from '../util/limits.ts';
import { readWhole } from '../util/read-whole.ts';

/** Longest target of a symbolic link (the kernel's PATH_MAX). */
const linkBytesMax = 4_096;
/** Files flushed to disk at once: what libuv's four threads do, twice. */
const flushesMax = 8;

/** A name, or a path, that the file system does not take. */
const zipsFault: ReadonlySet<string> = new Set(['ENAMETOOLONG', 'EILSEQ']);

export type Unpacked = { bytes: number; files: number };

const refuse = (message: string, cause?: unknown): PlatformError =>
  new PlatformError('invalid_argument', `the bundle ${message}`, { field: 'bundle', cause });

const tooLarge = (message: string): PlatformError =>
  new PlatformError('too_large', `the bundle ${message}`, { field: 'bundle' });

type Kind = 'folder' | 'file' | 'link';

/** Zips made on Unix carry the file's mode in the upper half of the external attributes; others leave it 0. */
const modeOf = (entry: Entry): number => (entry.externalFileAttributes >>> 16) & 0xffff;

function kindOf(entry: Entry): Kind {
  const type = modeOf(entry) & 0o170000;
  if (type === 0o120000) return 'link';
  if (entry.fileName.endsWith('/') || type === 0o040000) return 'folder';
  if (type === 0 || type === 0o100000) return 'file';
  throw refuse(`holds '${entry.fileName}', which is neither file, folder nor symbolic link`);
}

/** The name as a path below the bundle's folder. yauzl has refused absolute ones and `..` already; this is ours to be sure of. */
function pathOf(entry: Entry): string {
  const { fileName } = entry;
  const path = posix.normalize(fileName).replace(/\/$/, '');
  if (fileName.includes('\0') || posix.isAbsolute(fileName) || fileName.split('/').includes('..') || path === '.') {
    throw refuse(`holds the path '${fileName}'; accepted: relative ones without '..'`);
  }
  return path;
}

/** Counts and checks what really comes out, whatever the zip's directory says. */
function checked(entry: Entry, count: (bytes: number) => void): Transform {
  let sum = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum = crc32(chunk, sum);
      try {
        count(chunk.byteLength);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      done(sum === entry.crc32 ? null : refuse(`is damaged: the checksum of '${entry.fileName}' does not match`));
    },
  });
}

async function flushAll(paths: readonly string[]): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < paths.length; at = next++) {
      const path = paths[at];
      if (path === undefined) return;
      await using handle = await open(path, 'r');
      await handle.sync();
    }
  };
  await Promise.all(Array.from({ length: flushesMax }, worker));
}

/**
 * Unzips into `folder`, which must be new: files readable by all and writable by none, executable where the zip says
 * so. Answers once everything is on disk. Errors: `invalid_argument` (not a zip, encrypted, unsafe or double names,
 * links that leave the bundle, wrong checksums), `too_large`; what was unpacked until then is left to the caller.
 */
export async function unpackBundle(zipPath: string, folder: string): Promise<Unpacked> {
  let zip: ZipFile;
  try {
    zip = await openPromise(zipPath, { lazyEntries: true, strictFileNames: true, autoClose: false });
  } catch (error) {
    throw refuse(`is not a zip file: ${(error as Error).message}`, error);
  }
  try {
    if (zip.entryCount > limits.bundleFilesMax) {
      throw tooLarge(`holds ${zip.entryCount} files; accepted: ${limits.bundleFilesMax}`);
    }
    return await unpackEntries(zip, folder);
  } catch (error) {
    if (error instanceof PlatformError) throw error;
    // Disk full and the like are ours; names that no file can have, and what yauzl and zlib complain of, are the zip's.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && /^E[A-Z]+$/.test(code) && !zipsFault.has(code)) {
      throw new PlatformError('unavailable', `cannot unpack the bundle: ${(error as Error).message}`, { cause: error });
    }
    throw refuse(`cannot be unzipped: ${(error as Error).message}`, error);
  } finally {
    zip.close();
  }
}

async function unpackEntries(zip: ZipFile, folder: string): Promise<Unpacked> {
  const kinds = new Map<string, Kind>();
  const folders = new Set<string>([folder]);
  const files: string[] = [];
  const links: { path: string; target: string }[] = [];
  let bytes = 0;
  const count = (more: number): void => {
    bytes += more;
    if (bytes > limits.bundleBytesMax) {
      throw tooLarge(`unzips to more than ${limits.bundleBytesMax / 1024 / 1024} MB`);
    }
  };
  const makeFolder = async (path: string): Promise<void> => {
    if (folders.has(path)) return;
    await makeFolder(dirname(path));
    await mkdir(path, { mode: 0o755 });
    folders.add(path);
  };
  const claim = (path: string, kind: Kind): void => {
    const before = kinds.get(path);
    if (before !== undefined && (before !== 'folder' || kind !== 'folder')) throw refuse(`holds '${path}' twice`);
    for (let above = posix.dirname(path); above !== '.'; above = posix.dirname(above)) {
      const kindAbove = kinds.get(above);
      if (kindAbove !== undefined && kindAbove !== 'folder')
        throw refuse(`holds '${path}' below '${above}', which is no folder`);
      if (kindAbove !== undefined) break;
      kinds.set(above, 'folder');
    }
    kinds.set(path, kind);
  };

  await mkdir(folder, { mode: 0o755 });
  for await (const entry of zip.eachEntry()) {
    if (entry.isEncrypted()) throw refuse(`holds '${entry.fileName}' encrypted`);
    const path = pathOf(entry);
    const kind = kindOf(entry);
    claim(path, kind);
    if (kind === 'folder') {
      await makeFolder(join(folder, path));
      continue;
    }
    await makeFolder(dirname(join(folder, path)));
    const content = await zip.openReadStreamPromise(entry);
    const check = checked(entry, count);
    if (kind === 'link') {
      links.push({ path, target: await pipeline(content, check, linkTarget) });
      continue;
    }
    const mode = (modeOf(entry) & 0o111) === 0 ? 0o444 : 0o555;
    await pipeline(content, check, createWriteStream(join(folder, path), { flags: 'wx', mode }));
    files.push(join(folder, path));
  }
  await makeLinks(folder, links);
  await flushAll([...files, ...folders]);
  return { bytes, files: files.length + links.length };
}

async function linkTarget(content: AsyncIterable<Buffer>): Promise<string> {
  const target = await readWhole(content, linkBytesMax);
  if (target === undefined) throw refuse(`holds a symbolic link with a target of more than ${linkBytesMax} bytes`);
  return target.toString('utf8');
}

/** Links come last, so that no file is ever written through one; then each must end inside the bundle. */
async function makeLinks(folder: string, links: readonly { path: string; target: string }[]): Promise<void> {
  for (const { path, target } of links) {
    const outside = refuse(
      `holds the symbolic link '${path}' to '${target}'; accepted: relative ones that stay inside the bundle`,
    );
    if (target === '' || target.includes('\0') || posix.isAbsolute(target)) throw outside;
    if (posix.join(posix.dirname(path), target).split('/')[0] === '..') throw outside;
    await symlink(target, join(folder, path));
  }
  const root = await realpath(folder);
  for (const { path, target } of links) {
    // Links through links can leave where each alone does not.
    const end = await realpath(join(folder, path)).catch(() => undefined);
    if (end === undefined) throw refuse(`holds the symbolic link '${path}' to '${target}', where there is nothing`);
    if (end !== root && !end.startsWith(root + sep)) {
      throw refuse(`holds the symbolic link '${path}' to '${target}', which leaves the bundle`);
    }
  }
}

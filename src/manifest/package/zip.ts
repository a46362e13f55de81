/** A zip file that is the same, byte for byte, whenever its contents are: sorted names, one date, two modes. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import { ZipFile } from 'yazl';

export type ZipEntry = { path: string; executable: boolean; from: { file: string } | { bytes: Uint8Array } };

/**
 * The first date that zip can say, in local time: what is written is the local calendar's fields, the same everywhere.
 * `forceDosTimestamp` leaves out the field beside it that holds UTC.
 */
const date = new Date(1980, 0, 1);
/** Bundles travel over loopback and are unpacked once. 2,030 files of packages, 7.8 MB: 75 ms at level 1, 118 ms at 6, for 13 % more bytes. */
const compressionLevel = 1;

/** Writes it to `target`; answers its SHA-256 in hex, and its size. */
export async function writeZip(entries: readonly ZipEntry[], target: string): Promise<{ hash: string; bytes: number }> {
  const zip = new ZipFile();
  for (const entry of [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    const options = {
      mtime: date,
      mode: entry.executable ? 0o100755 : 0o100644,
      forceDosTimestamp: true,
      compressionLevel,
    };
    if ('file' in entry.from) zip.addFile(entry.from.file, entry.path, options);
    else zip.addBuffer(Buffer.from(entry.from.bytes), entry.path, options);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  const tap = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      done(null, chunk);
    },
  });
  // A file that vanishes meanwhile is told on the zip, not on its output.
  const failed = new Promise<never>((_, reject) => zip.once('error', reject));
  zip.end();
  await Promise.race([failed, pipeline(zip.outputStream, tap, createWriteStream(target))]);
  return { hash: hash.digest('hex'), bytes };
}

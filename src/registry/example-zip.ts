import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { BundleHash } from '../util/ids.ts';

export type ExampleEntry = { path: string; text: string; mode?: number };

/** A zip in memory, for tests. Link: mode 0o120777 and the target as text. */
export async function exampleZip(entries: readonly ExampleEntry[]): Promise<{ zip: Buffer; hash: BundleHash }> {
  const file = new ZipFile();
  for (const { path, text, mode } of entries) {
    if (path.endsWith('/')) file.addEmptyDirectory(path);
    else file.addBuffer(Buffer.from(text), path, { mode: mode ?? 0o100644, mtime: new Date(0) });
  }
  file.end();
  const zip = await buffer(file.outputStream);
  return { zip, hash: hashOf(zip) };
}

function hashOf(zip: Uint8Array): BundleHash {
  return createHash('sha256').update(zip).digest('hex') as BundleHash;
}

/** In pieces, as it comes over the wire. */
export async function* inPieces(bytes: Uint8Array, pieceLength = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += pieceLength) yield bytes.subarray(at, at + pieceLength);
}

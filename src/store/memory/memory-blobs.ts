import { boundsOf, checkBlobKey } from '../blob-key.ts';
import type { Blobs } from '../blobs.ts';

/** Bytes of one chunk that a reader gets, so that readers here meet several chunks as they do with files. */
const chunkBytes = 64 * 1024;

export class MemoryBlobs implements Blobs {
  readonly #blobs = new Map<string, Buffer>();

  async write(key: string, source: AsyncIterable<Uint8Array>): Promise<{ bytes: number }> {
    checkBlobKey(key);
    const chunks: Buffer[] = [];
    for await (const chunk of source) chunks.push(Buffer.from(chunk));
    const blob = Buffer.concat(chunks);
    this.#blobs.set(key, blob);
    return { bytes: blob.length };
  }

  async read(key: string, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array> | undefined> {
    checkBlobKey(key);
    const blob = this.#blobs.get(key);
    if (blob === undefined) return undefined;
    const bounds = boundsOf(blob.length, range);
    const bytes = bounds === undefined ? Buffer.alloc(0) : blob.subarray(bounds.start, bounds.end + 1);
    return (async function* () {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield Buffer.from(bytes.subarray(at, at + chunkBytes));
    })();
  }

  async size(key: string): Promise<number | undefined> {
    checkBlobKey(key);
    return this.#blobs.get(key)?.length;
  }

  async delete(key: string): Promise<boolean> {
    checkBlobKey(key);
    return this.#blobs.delete(key);
  }

  async *list(prefix: string): AsyncIterable<string> {
    for (const key of this.#blobs.keys()) if (key.startsWith(prefix)) yield key;
  }
}

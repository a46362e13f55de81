/**
 * The store's third port: bytes by key, streamed both ways with flat memory. Immutable: a key is written once.
 * Keys are chosen by the caller from `[A-Za-z0-9._-]`, with `/` between parts. What `write` has answered is on disk
 * (file and folder entry). Bytes of a write that did not finish are never seen and are swept at the next start.
 */
export interface Blobs {
  /** Rejects, leaving nothing, when `source` throws, or with `unavailable` when the disk refuses. */
  write(key: string, source: AsyncIterable<Uint8Array>): Promise<{ bytes: number }>;
  /** Bytes from `start` to `end`, both inclusive; the whole without a range. Undefined: no such key. */
  read(key: string, range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array> | undefined>;
  size(key: string): Promise<number | undefined>;
  /** True if it was there. Readers that have begun go on undisturbed. */
  delete(key: string): Promise<boolean>;
  list(prefix: string): AsyncIterable<string>;
}

/**
 * The code of all versions: each zip once in the blobs, by its hash, and unpacked beside them for the sandboxes to
 * mount. A record says that a bundle is complete; it is written last, so a crash on the way leaves nothing that looks
 * like one. An unpacked folder that is missing is made again from the blob.
 *
 * Bundles that nobody uses any more are removed. While one comes or goes, another record says so: what a crash leaves
 * half way is found by that at the next start, and removed.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Blobs } from '../store/blobs.ts';
import { scan, type Records } from '../store/records.ts';
import { PlatformError } from '../util/errors.ts';
import type { Clock } from '../util/clock.ts';
import type { BundleHash, Ids } from '../util/ids.ts';
import { createInTurn } from '../util/in-turn.ts';
import { limits } from '../util/limits.ts';
import { LastWanted } from './last-wanted.ts';
import { isBundleHash } from './settings.ts';
import { unpackBundle, type Unpacked } from './unpack-bundle.ts';

const recordPrefix = 'bundle/';
const recordKey = (hash: BundleHash): string => `${recordPrefix}${hash}`;
const unfinishedPrefix = 'bundle-unfinished/';
const unfinishedKey = (hash: BundleHash): string => `${unfinishedPrefix}${hash}`;
const blobKey = (hash: BundleHash): string => `bundle/${hash}`;

/** Folders made again at once at the start: unzipping keeps a processor busy, and there are other things to start. */
const rebuildsMax = 2;

/** A deployment uploads its bundles first, and names them only then; a start that is under way has its path already. */
export const unwantedMs = 10 * 60_000;

type BundlesOptions = { records: Records; blobs: Blobs; clock: Clock; ids: Ids; folder: string };

export type BundleInfo = Unpacked & {
  /** Of the zip. */
  zipBytes: number;
};

export class Bundles {
  readonly #records: Records;
  readonly #blobs: Blobs;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #lastWanted = new LastWanted<BundleHash>(unwantedMs);
  /** Where they lie unpacked. */
  readonly folder: string;
  readonly #known = new Map<BundleHash, BundleInfo>();
  readonly #unpacked = new Set<BundleHash>();
  /** One piece of work at a time for each hash. */
  readonly #inTurn = createInTurn();

  private constructor(options: BundlesOptions) {
    this.#records = options.records;
    this.#blobs = options.blobs;
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.folder = join(options.folder, 'bundles');
  }

  static async open(options: BundlesOptions): Promise<Bundles> {
    const bundles = new Bundles(options);
    await bundles.#load();
    return bundles;
  }

  async #load(): Promise<void> {
    // Each bundle in it is for environments to read, whose users never come this way: other users of the host do not.
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.folder)) {
      if (isBundleHash(name)) this.#unpacked.add(name);
      // What a crash left half way.
      else if (name.startsWith('.')) await rm(join(this.folder, name), { recursive: true, force: true });
    }
    for await (const { key, value } of scan(this.#records, recordPrefix)) {
      this.#know(key.slice(recordPrefix.length) as BundleHash, value as BundleInfo);
    }
    for await (const { key } of scan(this.#records, unfinishedPrefix))
      await this.#finish(key.slice(unfinishedPrefix.length) as BundleHash);
  }

  #know(hash: BundleHash, info: BundleInfo): void {
    this.#known.set(hash, info);
    this.#lastWanted.wanted(hash, this.#clock.monotonicMs());
  }

  pathOf(hash: BundleHash): string {
    return join(this.folder, hash);
  }

  /** Who asks is about to use it. */
  info(hash: BundleHash): BundleInfo | undefined {
    const info = this.#known.get(hash);
    if (info !== undefined) this.#lastWanted.wanted(hash, this.#clock.monotonicMs());
    return info;
  }

  /** The zip as it came; undefined: no such bundle. */
  async zip(hash: BundleHash): Promise<{ bytes: number; body: AsyncIterable<Uint8Array> } | undefined> {
    const info = this.#known.get(hash);
    const body = info === undefined ? undefined : await this.#blobs.read(blobKey(hash));
    return info === undefined || body === undefined ? undefined : { bytes: info.zipBytes, body };
  }

  /** Makes sure that the bundle lies unpacked at `pathOf`. Errors: `not_found`. */
  async ensure(hash: BundleHash): Promise<void> {
    if (this.info(hash) === undefined) {
      throw new PlatformError('not_found', `there is no bundle ${hash}; upload it before the function that uses it`, {
        field: 'bundle',
      });
    }
    if (!this.#unpacked.has(hash)) await this.#inTurn(hash, () => this.#rebuild(hash));
  }

  /** At the start: all of them, a few at a time. */
  async ensureAll(hashes: Iterable<BundleHash>): Promise<void> {
    const missing = [...new Set(hashes)].filter((hash) => this.#known.has(hash) && !this.#unpacked.has(hash));
    const worker = async (): Promise<void> => {
      for (let hash = missing.pop(); hash !== undefined; hash = missing.pop()) await this.ensure(hash);
    };
    await Promise.all(Array.from({ length: rebuildsMax }, worker));
  }

  add(hash: BundleHash, zip: AsyncIterable<Uint8Array>): Promise<BundleInfo> {
    return this.#inTurn(hash, async () => {
      const known = this.info(hash);
      if (known !== undefined && this.#unpacked.has(hash)) return known;
      if (known === undefined) await this.#records.transact([{ kind: 'put', key: unfinishedKey(hash), value: 1 }]);
      return this.#orFinish(hash, async (temporary) => {
        const zipBytes = await receive(zip, hash, temporary);
        const unpacked = await this.#unpack(hash, temporary);
        if ((await this.#blobs.size(blobKey(hash))) === undefined) {
          await this.#blobs.write(blobKey(hash), createReadStream(temporary));
        }
        const info: BundleInfo = { ...unpacked, zipBytes };
        await this.#records.transact([
          { kind: 'put', key: recordKey(hash), value: info },
          { kind: 'delete', key: unfinishedKey(hash) },
        ]);
        this.#know(hash, info);
        return info;
      });
    });
  }

  /** Removes bundles that are not used, and have not been asked for in the last ten minutes; how many. */
  async collect(isUsed: (hash: BundleHash) => boolean): Promise<number> {
    let removed = 0;
    for (const hash of this.#lastWanted.unwanted(isUsed, this.#clock.monotonicMs()))
      if (await this.#inTurn(hash, () => this.#remove(hash, isUsed))) removed += 1;
    return removed;
  }

  async #remove(hash: BundleHash, isUsed: (hash: BundleHash) => boolean): Promise<boolean> {
    const isWanted = !this.#lastWanted.unwanted(isUsed, this.#clock.monotonicMs()).includes(hash);
    const info = this.#known.get(hash);
    if (isWanted || info === undefined) return false;
    // From now on it has to be uploaded again, which waits for its turn.
    this.#known.delete(hash);
    this.#lastWanted.forget(hash);
    try {
      await this.#records.transact([
        { kind: 'delete', key: recordKey(hash) },
        { kind: 'put', key: unfinishedKey(hash), value: 1 },
      ]);
    } catch (error) {
      this.#know(hash, info);
      throw error;
    }
    await this.#finish(hash);
    return true;
  }

  /** Removes what there is of a bundle without a record. */
  async #finish(hash: BundleHash): Promise<void> {
    this.#unpacked.delete(hash);
    // At its place there is all of it or nothing; what begins with a dot goes at the next start.
    const going = join(this.folder, `.${this.#ids.hex(8)}`);
    await rename(this.pathOf(hash), going).catch(() => undefined);
    await rm(going, { recursive: true, force: true });
    await this.#blobs.delete(blobKey(hash));
    await this.#records.transact([{ kind: 'delete', key: unfinishedKey(hash) }]);
  }

  async #rebuild(hash: BundleHash): Promise<void> {
    if (this.#unpacked.has(hash)) return;
    const zip = await this.#blobs.read(blobKey(hash));
    if (zip === undefined) throw new PlatformError('unavailable', `the zip of bundle ${hash} is gone from the store`);
    await this.#withTemporary(async (temporary) => {
      await receive(zip, hash, temporary);
      await this.#unpack(hash, temporary);
    });
  }

  /** Into a folder beside its place, then renamed: at its place there is all of it or nothing. */
  async #unpack(hash: BundleHash, zipPath: string): Promise<Unpacked> {
    const folder = `${zipPath}.d`;
    try {
      const unpacked = await unpackBundle(zipPath, folder);
      await rm(this.pathOf(hash), { recursive: true, force: true });
      await rename(folder, this.pathOf(hash));
      await chmod(this.pathOf(hash), 0o755);
      await using parent = await open(this.folder, 'r');
      await parent.sync();
      this.#unpacked.add(hash);
      return unpacked;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** What fails leaves nothing, unless it was there before. */
  async #orFinish<T>(hash: BundleHash, work: (path: string) => Promise<T>): Promise<T> {
    try {
      return await this.#withTemporary(work);
    } catch (error) {
      // What even that leaves, the next start finishes.
      if (!this.#known.has(hash)) await this.#finish(hash).catch(() => undefined);
      throw error;
    }
  }

  async #withTemporary<T>(work: (path: string) => Promise<T>): Promise<T> {
    const path = join(this.folder, `.${this.#ids.hex(8)}`);
    try {
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  }
}

/** Writes the zip to `path`, checking size and hash as it comes. */
async function receive(zip: AsyncIterable<Uint8Array>, hash: BundleHash, path: string): Promise<number> {
  const sum = createHash('sha256');
  let bytes = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      sum.update(chunk);
      if (bytes <= limits.bundleBytesMax) return done(null, chunk);
      done(
        new PlatformError('too_large', `the bundle's zip has more than ${limits.bundleBytesMax / 1024 / 1024} MB`, {
          field: 'bundle',
        }),
      );
    },
  });
  await pipeline(Readable.from(zip, { objectMode: false }), check, createWriteStream(path, { flags: 'wx' }));
  const actual = sum.digest('hex');
  if (actual !== hash) {
    throw new PlatformError('invalid_argument', `the bundle that came has the SHA-256 ${actual}, not ${hash}`, {
      field: 'bundle',
    });
  }
  return bytes;
}

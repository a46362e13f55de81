/**
 * The bytes that no record points at: not yet, or no longer.
 *
 * Each such blob is named in a record of its own, from before its first byte is written until after its last is gone:
 *
 *     claim (record put) → bytes written → adopted (record deleted, in the transaction that points at the blob)
 *                                        ↘ discarded (bytes removed, record deleted)
 *     retired (record put, in the transaction that ends the pointing) → bytes removed, record deleted
 *
 * So after a crash the records say exactly what to remove, however much is stored. Claims are made many at a time,
 * ahead of need, because a put should not wait for one more trip to the disk.
 */
import type { Blobs } from '../../store/blobs.ts';
import type { Operation, Records } from '../../store/records.ts';
import type { Clock, Timer } from '../../util/clock.ts';
import type { Ids } from '../../util/ids.ts';
import { asUnowned, partsFolder, unownedFolder, unownedKey } from './records.ts';
import type { UnownedRecord } from './records.ts';

/** The right to write one blob. */
export type Claim = { id: string; blob: string };

/** `id` is one that `pin` knows. */
export type Doomed = UnownedRecord & { id: string };

/** Claims made in one transaction: a few hundredths of a disk write for each put. */
const claimsPerBatch = 128;
/** New claims are made when so many are left: enough for the puts that begin while the disk is written. */
const claimsLow = 64;
/** Removals in one round, and records of them deleted in one transaction. */
const removalsPerBatch = 256;
/** How long the record of a removal may outlive it: so that overwriting one key over and over writes no transaction for each. */
const recordsKeptMsMax = 1_000;
/** Blobs of one round removed at once. */
const removalsAtOnce = 16;
/** Removals waiting at most, each a small object; whoever adds one more waits until there is room. */
const removalsWaitingMax = 10_000;
/** A reader of many blobs opens them one after the other: how long after retirement it may still begin. */
const readerGraceMs = 30_000;

export class UnownedBlobs implements AsyncDisposable {
  readonly #records: Records;
  readonly #blobs: Blobs;
  readonly #clock: Clock;
  readonly #ids: Ids;
  #ready: Claim[] = [];
  #filling: Promise<void> | undefined;
  #doomed: Doomed[] = [];
  #removing: Promise<void> | undefined;
  /** Removed, and still on record. */
  #removed: string[] = [];
  #forgetting: Timer | undefined;
  #timers = new Set<Timer>();
  #pins = new Map<string, number>();
  #closed = false;

  private constructor(parts: { records: Records; blobs: Blobs; clock: Clock; ids: Ids }) {
    this.#records = parts.records;
    this.#blobs = parts.blobs;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
  }

  /** Removes first what the last run left behind. */
  static async open(parts: { records: Records; blobs: Blobs; clock: Clock; ids: Ids }): Promise<UnownedBlobs> {
    const unowned = new UnownedBlobs(parts);
    for (;;) {
      const left = await parts.records.range({ prefix: unownedFolder, limit: removalsPerBatch });
      if (left.length === 0) return unowned;
      await unowned.#remove(left.map((entry) => ({ id: entry.key.slice(unownedFolder.length), ...asUnowned(entry) })));
      await unowned.#forget();
    }
  }

  async claim(): Promise<Claim> {
    // A refill ahead of need may fail unseen: whoever finds the pool empty tries again, and is told.
    if (this.#ready.length <= claimsLow) void this.#fill().catch(() => undefined);
    for (;;) {
      const claim = this.#ready.pop();
      if (claim !== undefined) return claim;
      await this.#fill();
    }
  }

  /** Belongs into the transaction that makes a record point at the blob. */
  adopted(claim: Claim): Operation {
    return { kind: 'delete', key: unownedKey(claim.id) };
  }

  /** The claim will not be used. */
  async discard(claim: Claim): Promise<void> {
    await this.#doom({ id: claim.id, blobs: [claim.blob] });
  }

  /** Belongs into the transaction after which no record points at these blobs. */
  retired({ id, ...record }: Doomed): Operation {
    return { kind: 'put', key: unownedKey(id), value: record };
  }

  /** After that transaction. */
  async remove(doomed: Doomed): Promise<void> {
    // Whoever reads a single blob has opened it already, and reads on undisturbed. Of several blobs a reader who has begun
    // keeps all; one who has not is given time, unless far too many wait for theirs already.
    const isHurried = this.#timers.size >= removalsWaitingMax && !this.#pins.has(doomed.id);
    if (doomed.blobs.length <= 1 || isHurried) await this.#doom(doomed);
    else this.#later(doomed);
  }

  /** Until `unpin`, the retired blobs of this id stay. */
  pin(id: string): void {
    this.#pins.set(id, (this.#pins.get(id) ?? 0) + 1);
  }

  unpin(id: string): void {
    const left = (this.#pins.get(id) ?? 1) - 1;
    if (left > 0) this.#pins.set(id, left);
    else this.#pins.delete(id);
  }

  /** What is waited for here is found again at the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    await this.#filling?.catch(() => undefined);
    await this.#removing;
    await this.#forget().catch(() => undefined);
  }

  #fill(): Promise<void> {
    this.#filling ??= this.#makeClaims().finally(() => (this.#filling = undefined));
    return this.#filling;
  }

  async #makeClaims(): Promise<void> {
    const claims = Array.from({ length: claimsPerBatch }, () => {
      const id = this.#ids.hex(16);
      return { id, blob: `bucket/${id.slice(0, 2)}/${id}` };
    });
    await this.#records.transact(claims.map(({ id, blob }) => this.retired({ id, blobs: [blob] })));
    this.#ready.push(...claims);
  }

  #later(doomed: Doomed): void {
    const timer = this.#clock.schedule(readerGraceMs, () => {
      this.#timers.delete(timer);
      if (this.#pins.has(doomed.id)) this.#later(doomed);
      else void this.#doom(doomed);
    });
    this.#timers.add(timer);
  }

  async #doom(doomed: Doomed): Promise<void> {
    if (this.#closed) return;
    this.#doomed.push(doomed);
    this.#removing ??= this.#removeAll();
    if (this.#doomed.length > removalsWaitingMax) await this.#removing;
  }

  async #removeAll(): Promise<void> {
    while (this.#doomed.length > 0) {
      // What the disk refuses now is still on record, and removed at the next start.
      await this.#remove(this.#doomed.splice(0, removalsPerBatch)).catch(() => undefined);
      if (this.#removed.length >= removalsPerBatch) await this.#forget().catch(() => undefined);
    }
    // In the same breath as the last look at the list: whoever adds to it from now on begins anew.
    this.#removing = undefined;
    if (this.#removed.length === 0 || this.#closed) return;
    this.#forgetting ??= this.#clock.schedule(recordsKeptMsMax, () => void this.#forget().catch(() => undefined));
  }

  /** A record that stays, because the disk refuses, costs the next start a look at what is not there. */
  async #forget(): Promise<void> {
    this.#forgetting?.cancel();
    this.#forgetting = undefined;
    const ids = this.#removed.splice(0);
    for (let start = 0; start < ids.length; start += removalsPerBatch) {
      const batch = ids.slice(start, start + removalsPerBatch);
      await this.#records.transact(batch.map((id) => ({ kind: 'delete', key: unownedKey(id) })));
    }
  }

  async #remove(doomed: readonly Doomed[]): Promise<void> {
    const blobs = doomed.flatMap((one) => one.blobs);
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let blob = blobs[next++]; blob !== undefined; blob = blobs[next++]) await this.#blobs.delete(blob);
    };
    await Promise.all(Array.from({ length: removalsAtOnce }, worker));
    for (const { uploadId } of doomed) if (uploadId !== undefined) await this.#removeParts(uploadId);
    this.#removed.push(...doomed.map((one) => one.id));
  }

  async #removeParts(uploadId: string): Promise<void> {
    for (;;) {
      const parts = await this.#records.range({ prefix: partsFolder(uploadId), limit: removalsPerBatch });
      if (parts.length === 0) return;
      await this.#records.transact(parts.map(({ key }) => ({ kind: 'delete', key })));
    }
  }
}

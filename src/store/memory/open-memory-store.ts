/**
 * The four ports in memory: for tests, and for nothing that has to survive. Behaves as store/sqlite/ does
 * (test/contract/store.ts says so), with plain code that is fast enough for a few thousand things.
 */
import type { Clock } from '../../util/clock.ts';
import type { Store } from '../store.ts';
import { MemoryBlobs } from './memory-blobs.ts';
import { MemoryLeases } from './memory-leases.ts';
import { MemoryLog } from './memory-log.ts';
import { MemoryRecords } from './memory-records.ts';

/** One for the store: revisions, receipts and fencing tokens only grow, and none is given twice. */
export type Counter = { next(): number };

export function openMemoryStore({ clock }: { clock: Clock }): Store {
  let last = 0;
  const counter: Counter = { next: () => ++last };
  const log = new MemoryLog(clock, counter);
  return {
    records: new MemoryRecords(counter, log),
    log,
    blobs: new MemoryBlobs(),
    leases: new MemoryLeases(clock, counter),
    refusal: () => undefined,
    [Symbol.asyncDispose]: async () => log.close(),
  };
}

/**
 * The default engine: records, log and leases in one SQLite file, blobs in a folder beside it.
 *
 * All writes go through one thread, which commits what waits together (writer.ts, writer-thread.ts); reads use a
 * connection here (reader.ts). So the loop that answers requests never waits for an fsync.
 * docs/decisions/010-sqlite-in-a-worker.md
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { DiskRoom } from '../disk-room.ts';
import type { Store } from '../store.ts';
import { TopicWatches } from '../topic-watches.ts';
import { openFolderBlobs } from './folder-blobs.ts';
import { lockFolder, type FolderLock } from './folder-lock.ts';
import { openReader } from './reader.ts';
import type { Reader } from './reader.ts';
import { sqliteLeases } from './sqlite-leases.ts';
import { sqliteLog } from './sqlite-log.ts';
import { sqliteRecords } from './sqlite-records.ts';
import { Writer } from './writer.ts';

/** Rejects with `unavailable` when another process has the folder, or the disk refuses. */
export async function openSqliteStore({
  folder,
  lock,
  clock,
  room,
}: {
  folder: string;
  /** Of whoever has the folder for longer, and keeps it; absent: the store takes it, and lets go of it when it is closed. */
  lock?: FolderLock;
  clock: Clock;
  /** Absent: blobs may fill the disk. */
  room?: DiskRoom;
}): Promise<Store> {
  await using opened = new AsyncDisposableStack();
  if (lock === undefined) opened.use(await lockFolder(folder));
  const path = join(folder, 'mayfly.db');
  // Records may hold what a function's environment holds. SQLite gives its other files the mode of this one.
  await (await open(path, 'a', 0o600)).close();
  const script = new URL('./writer-thread.ts', import.meta.url);
  const writer = await Writer.start(script, { path, nowMs: Math.floor(clock.now()) });
  opened.defer(() => writer.close());

  const connection = openReader(path);
  let isOpen = true;
  room?.countAlso(() => (isOpen ? connection.reusableBytes() : 0));
  const reader = (): Reader => {
    if (!isOpen) throw new PlatformError('unavailable', 'the store is closed');
    return connection;
  };
  opened.defer(() => {
    isOpen = false;
    connection.close();
  });

  const watches = new TopicWatches(clock, (topic, nowMs) => reader().times(topic, nowMs));
  opened.defer(() => watches.close());
  const blobs = await openFolderBlobs(join(folder, 'blobs'), room);
  const all = opened.move();
  return {
    records: sqliteRecords(clock, writer, reader, watches),
    log: sqliteLog(clock, writer, reader, watches),
    blobs,
    leases: sqliteLeases(clock, writer),
    refusal: () => writer.refusal,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

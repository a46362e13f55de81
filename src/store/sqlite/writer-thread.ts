/**
 * The thread that owns the only connection which writes. It takes every batch that waits (bounded), commits them
 * together, answers them together, and waits for the disk where nobody else has to.
 *
 * open ⇄ doubted      the disk has refused an fsync: nobody knows which of the pages it has, and it may not say so again.
 *                     What comes is refused until all that the database has was written anew, and the disk took it.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { assert } from '../../util/assert.ts';
import { DiskFailed, openCommitGroup } from './commit-group.ts';
import { migrate } from './migrate.ts';
import type { FromWriter, Reply, Request, ToWriter } from './request.ts';
import { messageOf } from '../../util/errors.ts';

/** Requests of one commit: enough to make the fsync's share of each small, few enough that none waits long for its answer. */
const groupRequestsMax = 2_048;

/** Pages of 4 KiB in the write-ahead log before they are carried over to the database: 16 MiB at a time. */
const checkpointPages = 4_096;

/** The size to which the write-ahead log is cut back after it had to grow. */
const walBytesKept = 64 * 1024 * 1024;

/** How long a commit waits for another program that has the database, as a backup does: less than who waits has patience for. */
const busyMs = 5_000;

const port = parentPort;
assert(port !== null, 'the writer runs in a thread of its own');
const answer = (message: FromWriter): void => port.postMessage(message);
const { path, nowMs } = workerData as { path: string; nowMs: number };

/** After a refused fsync: how often it is looked whether the disk takes things again. */
const recoverEveryMs = 1_000;

function openDatabase(): DatabaseSync {
  const opened = new DatabaseSync(path, { timeout: busyMs });
  opened.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768',
  );
  // What is deleted or replaced is overwritten, where that costs no more writing: it may have been a secret.
  opened.exec('PRAGMA secure_delete = FAST');
  opened.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA journal_size_limit = ${walBytesKept}`);
  return opened;
}

let database = openDatabase();
migrate(database, new URL('./migrations/', import.meta.url), nowMs);
database.prepare('DELETE FROM leases WHERE expires_ms <= ?').run(nowMs);
let commitGroup = openCommitGroup(database);
let doubted: { why: string; triedMs: number } | undefined;

/**
 * Pages of the write-ahead log that the disk has refused may be gone from the kernel's memory, too, at the next loss of power, and
 * with them all that comes behind them. So everything in the log is carried over to the database, that is, written once more; once
 * the disk has taken that, the log begins anew.
 */
function recover(): void {
  try {
    database.close();
  } catch {
    // It was closed by an attempt before.
  }
  database = openDatabase();
  const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
  if (busy !== 0) throw new Error('others read the log meanwhile');
  commitGroup = openCommitGroup(database);
}

function commitOrRefuse(requests: readonly Request[]): Reply[] {
  try {
    if (doubted !== undefined && performance.now() - doubted.triedMs >= recoverEveryMs) {
      doubted.triedMs = performance.now();
      recover();
      doubted = undefined;
    }
    if (doubted === undefined) return commitGroup(requests);
  } catch (error) {
    // A bug, in which nothing is known of the disk.
    if (doubted === undefined && !(error instanceof DiskFailed)) throw error;
    doubted ??= { why: messageOf(error), triedMs: performance.now() };
  }
  const message = `the disk has refused to keep what was written (${doubted.why}); it is tried again each second`;
  return requests.map(() => ({ ok: false, code: 'unavailable', message }));
}

function close(): void {
  database.close();
  port?.close();
}

/** The batches that have come, up to one commit's worth. */
function takeGroup(first: ToWriter): { batches: (readonly Request[])[]; isLast: boolean } {
  const batches: (readonly Request[])[] = [];
  let requests = 0;
  let message: ToWriter | undefined = first;
  while (message !== undefined) {
    if (message.kind === 'close') return { batches, isLast: true };
    batches.push(message.requests);
    requests += message.requests.length;
    if (requests >= groupRequestsMax || port === null) break;
    message = (receiveMessageOnPort(port) as { message: ToWriter } | undefined)?.message;
  }
  return { batches, isLast: false };
}

port.on('message', (first: ToWriter) => {
  const { batches, isLast } = takeGroup(first);
  try {
    const replies = batches.length === 0 ? [] : commitOrRefuse(batches.flat());
    let at = 0;
    const answered = batches.map((batch): Reply[] => replies.slice(at, (at += batch.length)));
    if (answered.length > 0) answer({ kind: 'answered', batches: answered });
  } catch (error) {
    answer({ kind: 'failed', message: messageOf(error) });
    return close();
  }
  if (isLast) close();
});

answer({ kind: 'ready' });

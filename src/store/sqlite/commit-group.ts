/**
 * Group commit: everything that waits is applied in one SQLite transaction and reaches the disk with one fsync. The
 * requests stay strangers to each other: a failed check gives up its own request, and if one request breaks the
 * transaction, all are applied again one by one, so that only the broken one fails.
 */
import type { DatabaseSync } from 'node:sqlite';
import { applyLeases } from './apply-leases.ts';
import { applyLog } from './apply-log.ts';
import { applyRecords } from './apply-records.ts';
import { openCounter } from './counter.ts';
import { openTallies } from './tallies.ts';
import type { Answer, Answers, Kind, Reply, Request, RequestOf } from './request.ts';
import { messageOf } from '../../util/errors.ts';

/** A failure after which nobody knows what is on the disk: the writer has to recover before it goes on. */
export class DiskFailed extends Error {}

/** https://www.sqlite.org/rescode.html */
const sqlite = {
  busy: 5,
  readOnly: 8,
  ioError: 10,
  full: 13,
  cannotOpen: 14,
  ioErrorFsync: 1034,
  ioErrorDirFsync: 1290,
};

/** Only these need not survive the machine: after a lost lease a message is seen once more, as consumers expect, and what is too old is found to be so again. */
const volatileKinds: ReadonlySet<Kind> = new Set(['receive', 'extend', 'depth', 'balance', 'fate', 'expire']);

function failureOf(error: unknown): Exclude<Reply, { ok: true }> {
  const extended = (error as { errcode?: number }).errcode ?? 0;
  const message = messageOf(error);
  // After a refused fsync the kernel may have dropped the pages and say nothing the next time.
  if (extended === sqlite.ioErrorFsync || extended === sqlite.ioErrorDirFsync)
    throw new DiskFailed(message, { cause: error });
  const isDisk = [sqlite.busy, sqlite.readOnly, sqlite.ioError, sqlite.full, sqlite.cannotOpen].includes(
    extended & 0xff,
  );
  return { ok: false, code: isDisk ? 'unavailable' : 'internal', message };
}

export function openCommitGroup(database: DatabaseSync): (requests: readonly Request[]) => Reply[] {
  const counter = openCounter(database);
  const tallies = openTallies(database);
  const { appendOne, holds, takeOne, ...logKinds } = applyLog(database, counter, tallies);
  const apply = {
    ...logKinds,
    ...applyRecords(database, counter, { appendOne, holds, takeOne }),
    ...applyLeases(database, counter),
  } satisfies {
    [Name in Kind]: (request: RequestOf<Name>) => Answers[Name];
  };
  const applyAny = (request: Request): Answer => (apply[request.kind] as (request: Request) => Answer)(request);

  let isSynced = true;
  function syncAtCommit(wanted: boolean): void {
    if (wanted === isSynced) return;
    // NORMAL writes a commit to the log without waiting for the disk; the next FULL commit takes it along.
    database.exec(`PRAGMA synchronous = ${wanted ? 'FULL' : 'NORMAL'}`);
    isSynced = wanted;
  }

  function commit(requests: readonly Request[]): Answer[] {
    syncAtCommit(requests.some((request) => !volatileKinds.has(request.kind)));
    try {
      database.exec('BEGIN IMMEDIATE');
      const answers = requests.map(applyAny);
      counter.save();
      tallies.save();
      database.exec('COMMIT');
      return answers;
    } catch (error) {
      // SQLite itself has rolled back after some errors (a full disk among them).
      if (database.isTransaction) database.exec('ROLLBACK');
      counter.reload();
      tallies.reload();
      throw error;
    }
  }

  return function commitGroup(requests): Reply[] {
    try {
      return commit(requests).map((answer) => ({ ok: true, answer }));
    } catch (error) {
      const failure = failureOf(error);
      if (requests.length === 1 || failure.code === 'unavailable') return requests.map(() => failure);
      return requests.flatMap((request) => commitGroup([request]));
    }
  };
}

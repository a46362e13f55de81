/** Finds lines in the files, from the newest back, so that asking for the last hundred costs a hundred. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountId } from '../util/ids.ts';
import { dayOf, functionFolder, functionsIn, logFilesIn } from './log-folder.ts';
import { parseLine } from './log-line-text.ts';
import type { LogLine } from './telemetry.ts';

export type LogQuery = {
  account: AccountId;
  /** Undefined: every function of the account. */
  functionName: string | undefined;
  /** Epoch ms, both inclusive; absent: no bound. */
  sinceMs?: number;
  untilMs?: number;
  /** Or the end of one, as people see it: ids of the same minute begin alike. */
  requestId?: string | undefined;
  /** The newest so many that match. */
  limit: number;
};

/** Bytes read at a time. */
const chunkBytes = 64 * 1024;

/** How much later than its neighbours in a file a line may be written: environments send theirs in pieces. */
const disorderMs = 2_000;

/** Lines of a file, the last first. */
async function* linesBackwards(path: string): AsyncGenerator<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    // Removed for its age since the folder was read.
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
  });
  if (file === undefined) return;
  try {
    let end = (await file.stat()).size;
    /** Pieces of a line whose beginning is not read yet, the last piece first. */
    let pieces: Buffer[] = [];
    const whole = (first: Buffer): string => Buffer.concat([first, ...pieces.reverse()]).toString('utf8');
    while (end > 0) {
      const start = Math.max(0, end - chunkBytes);
      const chunk = Buffer.allocUnsafe(end - start);
      const { bytesRead } = await file.read(chunk, 0, chunk.length, start);
      let lineEnd = bytesRead;
      for (let at = chunk.lastIndexOf(10, bytesRead - 1); at >= 0; at = at === 0 ? -1 : chunk.lastIndexOf(10, at - 1)) {
        const line = whole(chunk.subarray(at + 1, lineEnd));
        pieces = [];
        if (line !== '') yield line;
        lineEnd = at;
      }
      pieces.push(chunk.subarray(0, lineEnd));
      end = start;
    }
    const first = whole(Buffer.alloc(0));
    if (first !== '') yield first;
  } finally {
    await file.close();
  }
}

/** Matching lines of one function, roughly the newest first. */
async function* matchingLines(folder: string, functionName: string, query: LogQuery): AsyncGenerator<LogLine> {
  const { account, sinceMs = 0, untilMs = Infinity, requestId } = query;
  const inFunction = functionFolder(folder, account, functionName);
  const firstDay = dayOf(sinceMs);
  const lastDay = Number.isFinite(untilMs) ? dayOf(untilMs) : undefined;
  for (const file of (await logFilesIn(inFunction)).reverse()) {
    if (file.day < firstDay) return;
    if (lastDay !== undefined && file.day > lastDay) continue;
    for await (const text of linesBackwards(join(inFunction, file.name))) {
      if (requestId !== undefined && !text.includes(requestId)) continue;
      const line = parseLine(text, account, functionName);
      if (line === undefined || line.timeMs > untilMs) continue;
      if (line.timeMs < sinceMs - disorderMs) return;
      if (line.timeMs >= sinceMs && (requestId === undefined || line.requestId?.endsWith(requestId))) yield line;
    }
  }
}

/** Oldest first. Memory: twice `limit` lines. */
export async function readLogFiles(folder: string, query: LogQuery): Promise<LogLine[]> {
  const names = query.functionName === undefined ? await functionsIn(folder, query.account) : [query.functionName];
  let newest: LogLine[] = [];
  for (const name of names) {
    // With enough lines at hand, older ones of further functions need not be looked for.
    const oldest = newest.length < query.limit ? undefined : newest[0];
    const sinceMs = Math.max(query.sinceMs ?? 0, oldest?.timeMs ?? 0);
    const found: LogLine[] = [];
    for await (const line of matchingLines(folder, name, { ...query, sinceMs })) {
      found.push(line);
      if (found.length >= query.limit) break;
    }
    // Sorting is stable: lines of one millisecond stay in the order in which they were printed.
    newest = [...newest, ...found.reverse()].sort((a, b) => a.timeMs - b.timeMs).slice(-query.limit);
  }
  return newest;
}

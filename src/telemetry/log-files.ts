/**
 * The sink that keeps what functions print: lines go into memory, and from there into a file for each function and day
 * (log-folder.ts), one write for a function's share of some milliseconds. Nothing waits for it: when the disk is
 * slower than the functions, lines are dropped, and the log says how many.
 *
 * "Durable" is here "given to the kernel": a line outlives the platform's death, not the machine's. Files are opened for
 * a write and closed after it, so nothing is held open however many functions there are.
 */
import { appendFile, mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../util/clock.ts';
import { dayMs, dayOf, fileName, functionFolder, logFileBytesMax, logFilesIn, trim, trimAll } from './log-folder.ts';
import { GatheredText } from './gathered-text.ts';
import { textOfLine } from './log-line-text.ts';
import { readLogFiles } from './read-log-files.ts';
import type { LogQuery } from './read-log-files.ts';
import type { LogLine, Sink, TelemetryEvent } from './telemetry.ts';
import { messageOf } from '../util/errors.ts';

/** How long a line may wait for others of its function: less than anybody who watches a log notices. */
const flushMs = 50;

/** Characters, over all functions, after which they do not wait: a few milliseconds of a disk. */
const flushCharacters = 1024 * 1024;

/** Characters in memory, over all functions: half a second of a disk that writes 64 MB/s. Beyond, lines are dropped. */
const pendingCharactersMax = 32 * 1024 * 1024;

/** Files written at a time: what leaves the thread pool room for the rest of the platform. */
const writesMax = 2;

/** Functions whose present file is remembered; finding it again costs one look into its folder. */
const filesRememberedMax = 10_000;

/** Between two looks for files that are too old. */
const trimEveryMs = 6 * 3_600_000;

/** Lines of one `read`. */
const readLinesMax = 10_000;

/** A function's lines of one day that are not in its file yet. */
type Pending = { folder: string; day: string; text: GatheredText; lines: number; droppedLines: number; last: LogLine };

type Present = { day: string; segment: number; bytes: number };

export type LogFilesOptions = {
  folder: string;
  clock: Clock;
  /** What the operator should know: the disk refuses. */
  onError?: (message: string) => void;
};

/** Folders are made with the first line that needs them. */
export const openLogFiles = (options: LogFilesOptions): LogFiles => new LogFiles(options);

class LogFiles implements Sink {
  readonly kinds = ['log'] as const;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #onError: (message: string) => void;
  #pending = new Map<string, Pending>();
  /** Of those, where the line before went. */
  #latest: Pending | undefined;
  #pendingCharacters = 0;
  #taken = 0;
  /** Of the line before: a date is made once a day and not for every line. */
  #day = { number: NaN, name: '' };
  #settled = 0;
  #isWriting = false;
  #isScheduled = false;
  #waiters: { upTo: number; resolve: () => void }[] = [];
  /** By a function's folder: where its next lines go. */
  readonly #present = new Map<string, Present>();
  /** The disk refused the last write: said once, not for every write. */
  #isRefused = false;

  constructor({ folder, clock, onError = () => {} }: LogFilesOptions) {
    this.#folder = folder;
    this.#clock = clock;
    this.#onError = onError;
    this.#trimRegularly();
  }

  take(event: TelemetryEvent): void {
    if (event.kind !== 'log') return;
    this.#taken += 1;
    const pending = this.#pendingOf(event);
    pending.last = event;
    if (this.#pendingCharacters + event.text.length > pendingCharactersMax) {
      pending.droppedLines += 1;
    } else {
      const text = textOfLine(event);
      pending.text.add(text);
      pending.lines += 1;
      this.#pendingCharacters += text.length;
    }
    if (this.#pendingCharacters >= flushCharacters) void this.#write();
    else this.#schedule();
  }

  #pendingOf(line: LogLine): Pending {
    const { account, functionName } = line;
    const day = this.#dayOf(line.timeMs);
    const latest = this.#latest;
    // Mostly: a key need not be put together.
    if (latest?.day === day && latest.last.functionName === functionName && latest.last.account === account)
      return latest;
    const key = `${account}/${functionName}/${day}`;
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      const folder = functionFolder(this.#folder, account, functionName);
      pending = { folder, day, text: new GatheredText(), lines: 0, droppedLines: 0, last: line };
      this.#pending.set(key, pending);
    }
    this.#latest = pending;
    return pending;
  }

  flush(): Promise<void> {
    if (this.#settled === this.#taken) return Promise.resolve();
    const upTo = this.#taken;
    return new Promise((resolve) => {
      this.#waiters.push({ upTo, resolve });
      void this.#write();
    });
  }

  /** What was taken so far is found too. */
  async read(query: LogQuery): Promise<LogLine[]> {
    await this.flush();
    return readLogFiles(this.#folder, { ...query, limit: Math.min(query.limit, readLinesMax) });
  }

  #dayOf(timeMs: number): string {
    const number = Math.floor(timeMs / dayMs);
    if (number !== this.#day.number) this.#day = { number, name: dayOf(timeMs) };
    return this.#day.name;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isWriting) return;
    this.#isScheduled = true;
    this.#clock.schedule(flushMs, () => {
      this.#isScheduled = false;
      void this.#write();
    });
  }

  /** One round after the other, as long as somebody waits or there is enough to write. */
  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    do {
      const round = [...this.#pending.values()];
      const upTo = this.#taken;
      this.#pending = new Map();
      this.#latest = undefined;
      this.#pendingCharacters = 0;
      const writers = Array.from({ length: writesMax }, async () => {
        for (let next = round.pop(); next !== undefined; next = round.pop()) await this.#append(next);
      });
      await Promise.all(writers);
      this.#settled = upTo;
      while (this.#waiters[0] !== undefined && this.#waiters[0].upTo <= upTo) this.#waiters.shift()?.resolve();
    } while (this.#waiters.length > 0 || this.#pendingCharacters >= flushCharacters);
    this.#isWriting = false;
    if (this.#pending.size > 0) this.#schedule();
  }

  async #append(pending: Pending): Promise<void> {
    const { folder, day, last } = pending;
    const note = (text: string): string => textOfLine({ ...last, requestId: undefined, origin: 'platform', text });
    const dropped =
      pending.droppedLines === 0
        ? ''
        : note(`${pending.droppedLines} lines were dropped here: they came faster than the disk takes them`);
    pending.text.add(dropped);
    const { bytes } = pending.text;
    try {
      const present = await this.#fileFor(folder, day);
      const path = join(folder, fileName(present.day, present.segment));
      await appendFile(path, bytes, { mode: 0o600 });
      present.bytes += bytes.length;
      this.#isRefused = false;
    } catch (error) {
      // Whatever of it is in the file: look again before the next write.
      this.#present.delete(folder);
      if (this.#isRefused) return;
      this.#isRefused = true;
      this.#onError(`what functions print cannot be written and is lost: ${messageOf(error)}`);
    }
  }

  /** The file that takes this day's next lines, with room in it. */
  async #fileFor(folder: string, day: string): Promise<Present> {
    const remembered = this.#present.get(folder);
    if (remembered?.day === day && remembered.bytes < logFileBytesMax) return remembered;
    if (this.#present.size >= filesRememberedMax) this.#present.clear();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const newest = (await logFilesIn(folder)).findLast((file) => file.day === day);
    const segment = newest?.segment ?? 0;
    const bytes = await endOf(join(folder, fileName(day, segment)));
    const isFull = bytes >= logFileBytesMax;
    const present = isFull ? { day, segment: segment + 1, bytes: 0 } : { day, segment, bytes };
    this.#present.set(folder, present);
    if (present.bytes === 0) await trim(folder, this.#clock.now());
    return present;
  }

  #trimRegularly(): void {
    trimAll(this.#folder, this.#clock.now()).catch((error: unknown) =>
      this.#onError(`old log files could not be removed: ${messageOf(error)}`),
    );
    this.#clock.schedule(trimEveryMs, () => this.#trimRegularly());
  }
}

/** A file's bytes; 0: there is none. A line that a crash cut off is ended, so that the next one is whole. */
async function endOf(path: string): Promise<number> {
  const found = await stat(path).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
  });
  if (found === undefined || found.size === 0) return 0;
  const file = await open(path, 'a+');
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, found.size - 1);
    if (buffer[0] === 10) return found.size;
    await file.write('\n');
    return found.size + 1;
  } finally {
    await file.close();
  }
}

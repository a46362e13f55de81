/**
 * Where functions' output is kept: a folder for each function, a file for each day, one JSON object a line. Lines are
 * collected for a moment and appended together, so that a function that prints much costs one write, not thousands.
 *
 *   <folder>/<account>/<function>/<yyyy-mm-dd>.<n>.ndjson      n grows when a file is full
 */
import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Clock } from '../util/clock.ts';
import type { AccountId, EnvironmentId, RequestId, VersionId } from '../util/ids.ts';
import type { LogLine, Sink, TelemetryEvent } from './telemetry.ts';

export type LogQuery = {
  account: AccountId;
  /** Undefined: every function. */
  functionName: string | undefined;
  sinceMs: number;
  /** The last so many that match, oldest first. */
  limit: number;
  requestId: string | undefined;
};

/** How long a line may wait for others before it is written. */
const batchMs = 50;
/** Text that waits for the disk, of all functions: beyond, lines are dropped, counted, and the log says so. */
const waitingBytesMax = 32 * 1024 * 1024;
/** A file is continued in another when it has this much: what `read` looks through in about half a second. */
const fileBytesMax = 64 * 1024 * 1024;
/** All files of one function; the oldest go first. */
const functionBytesMax = 512 * 1024 * 1024;
/** Files written to at the same time. */
const writersMax = 8;

/** On disk, the short names keep the common line under 200 bytes. */
type Stored = { t: number; r?: string; o: 'f' | 'p'; v: string; e: string; x: string };

type Waiting = { account: AccountId; functionName: string; text: string; dropped: number };
type File = { name: string; bytes: number };

export class LogFiles implements Sink {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #onError: (message: string) => void;
  #waiting = new Map<string, Waiting>();
  #waitingBytes = 0;
  #scheduled = false;
  #writing: Promise<void> = Promise.resolve();
  /** The file that each function's lines go to, once known. */
  readonly #files = new Map<string, File>();
  #failing = false;

  constructor(options: { folder: string; clock: Clock; onError: (message: string) => void }) {
    this.#folder = options.folder;
    this.#clock = options.clock;
    this.#onError = options.onError;
  }

  take(event: TelemetryEvent): void {
    if (event.kind !== 'log') return;
    const key = `${event.account}/${event.functionName}`;
    let waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      waiting = { account: event.account, functionName: event.functionName, text: '', dropped: 0 };
      this.#waiting.set(key, waiting);
    }
    if (this.#waitingBytes + event.text.length > waitingBytesMax) {
      waiting.dropped += 1;
    } else {
      const line = lineOf(event);
      waiting.text += line;
      this.#waitingBytes += line.length;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.schedule(batchMs, () => void this.flush());
  }

  flush(): Promise<void> {
    this.#scheduled = false;
    if (this.#waiting.size > 0) {
      const batch = [...this.#waiting.values()];
      this.#waiting = new Map();
      this.#waitingBytes = 0;
      this.#writing = this.#writing.then(() => this.#write(batch));
    }
    return this.#writing;
  }

  /** Errors of single files are passed over: a log that is being removed is not worth failing a look at the others. */
  async read(query: LogQuery): Promise<readonly LogLine[]> {
    await this.flush();
    const { account, functionName, limit } = query;
    const names = functionName === undefined ? await entries(join(this.#folder, account)) : [functionName];
    const found: LogLine[] = [];
    for (const name of names) found.push(...(await this.#readFunction(name, query)));
    if (names.length > 1) found.sort((a, b) => a.timeMs - b.timeMs);
    return found.slice(-limit);
  }

  async #readFunction(functionName: string, query: LogQuery): Promise<LogLine[]> {
    const folder = join(this.#folder, query.account, functionName);
    const sinceDay = dayOf(query.sinceMs);
    const files = (await entries(folder)).filter((name) => name.slice(0, 10) >= sinceDay).sort(byDayAndNumber);
    let found: LogLine[] = [];
    // Newest first, until there are enough.
    for (const name of files.reverse()) {
      const older = await readFileLines(join(folder, name), functionName, query);
      found = [...older, ...found];
      if (found.length >= query.limit) break;
    }
    return found.slice(-query.limit);
  }

  async #write(batch: Waiting[]): Promise<void> {
    const rest = [...batch];
    const worker = async (): Promise<void> => {
      for (let one = rest.pop(); one !== undefined; one = rest.pop()) await this.#append(one);
    };
    await Promise.all(Array.from({ length: Math.min(writersMax, rest.length) }, worker));
  }

  async #append({ account, functionName, text, dropped }: Waiting): Promise<void> {
    const folder = join(this.#folder, account, functionName);
    const day = dayOf(this.#clock.now());
    try {
      const file = await this.#fileFor(folder, day);
      const notice: Stored = {
        t: this.#clock.now(),
        o: 'p',
        v: '',
        e: '',
        x: `${dropped} lines were dropped: more was printed than the disk could take`,
      };
      const all = dropped === 0 ? text : `${text}${JSON.stringify(notice)}\n`;
      await appendFile(join(folder, file.name), all, { mode: 0o600 });
      file.bytes += Buffer.byteLength(all);
      this.#failing = false;
    } catch (error) {
      this.#files.delete(folder);
      if (!this.#failing)
        this.#onError(`function logs cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      this.#failing = true;
    }
  }

  async #fileFor(folder: string, day: string): Promise<File> {
    const known = this.#files.get(folder);
    if (known !== undefined && known.name.startsWith(day) && known.bytes < fileBytesMax) return known;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = (await entries(folder)).sort(byDayAndNumber);
    await removeOldest(folder, files);
    const last = files.filter((name) => name.startsWith(day)).at(-1);
    let number = last === undefined ? 0 : numberOf(last);
    let bytes = last === undefined ? 0 : (await stat(join(folder, last))).size;
    if (bytes >= fileBytesMax) [number, bytes] = [number + 1, 0];
    const file = { name: `${day}.${number}.ndjson`, bytes };
    this.#files.set(folder, file);
    return file;
  }
}

export function openLogFiles(options: { folder: string; clock: Clock; onError: (message: string) => void }): LogFiles {
  return new LogFiles(options);
}

/** Written by hand: only the text needs escaping, and this runs several times for each invocation. */
function lineOf(line: LogLine): string {
  const request = line.requestId === undefined ? '' : `"r":"${line.requestId}",`;
  return `{"t":${line.timeMs},${request}"o":"${line.origin === 'function' ? 'f' : 'p'}","v":"${line.version}","e":"${line.environmentId}","x":${JSON.stringify(line.text)}}\n`;
}

async function readFileLines(path: string, functionName: string, query: LogQuery): Promise<LogLine[]> {
  let found: LogLine[] = [];
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      const stored = parsed(text);
      if (stored === undefined || stored.t < query.sinceMs) continue;
      if (query.requestId !== undefined && stored.r !== query.requestId) continue;
      found.push({
        kind: 'log',
        timeMs: stored.t,
        account: query.account,
        functionName,
        version: stored.v as VersionId,
        environmentId: stored.e as EnvironmentId,
        requestId: stored.r as RequestId | undefined,
        origin: stored.o === 'f' ? 'function' : 'platform',
        text: stored.x,
      });
      if (found.length > 2 * query.limit) found = found.slice(-query.limit);
    }
  } catch {
    // Removed meanwhile, by age: what has been read of it is what there is.
  }
  return found;
}

/** Undefined for the half line that a crash may leave. */
function parsed(text: string): Stored | undefined {
  try {
    return JSON.parse(text) as Stored;
  } catch {
    return undefined;
  }
}

async function removeOldest(folder: string, files: readonly string[]): Promise<void> {
  let bytes = 0;
  for (const name of files.toReversed()) {
    bytes += (await stat(join(folder, name))).size;
    if (bytes > functionBytesMax) await rm(join(folder, name), { force: true });
  }
}

const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
const numberOf = (name: string): number => Number(name.split('.')[1]);
const byDayAndNumber = (a: string, b: string): number =>
  a.slice(0, 10) === b.slice(0, 10) ? numberOf(a) - numberOf(b) : a < b ? -1 : 1;

async function entries(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

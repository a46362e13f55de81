/**
 * Where lines lie: `<folder>/<account>/<function>/<yyyy-mm-dd>.ndjson`, days in UTC; what does not fit into a file of
 * that name goes on in `<yyyy-mm-dd>.1.ndjson` and so on. One line of JSON for each line of output.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountId } from '../util/ids.ts';

export type LogFile = { name: string; day: string; segment: number };

/** A file's bytes before the next one is begun: what one reads backwards within a second. */
export const logFileBytesMax = 64 * 1024 * 1024;

/** All files of one function; the oldest go first. */
const functionBytesMax = 512 * 1024 * 1024;

/** Days that lines are kept: two weeks, as long as somebody who was away asks what happened. */
const retentionDays = 14;

export const dayMs = 86_400_000;

export const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

export const fileName = (day: string, segment: number): string =>
  segment === 0 ? `${day}.ndjson` : `${day}.${segment}.ndjson`;

/** A name of one folder, whatever the function's name holds; `decodeURIComponent` reads it back. */
const folderName = (name: string): string => encodeURIComponent(name).replaceAll('.', '%2E');

export const functionFolder = (folder: string, account: AccountId, functionName: string): string =>
  join(folder, folderName(account), folderName(functionName));

const absentIsEmpty = (error: unknown): [] => {
  if ((error as { code?: string }).code === 'ENOENT') return [];
  throw error;
};

/** Names of the functions of `account` that have lines. */
export async function functionsIn(folder: string, account: AccountId): Promise<string[]> {
  const names = await readdir(join(folder, folderName(account))).catch(absentIsEmpty);
  return names.map(decodeURIComponent).sort();
}

/** Oldest first. */
export async function logFilesIn(folderOfFunction: string): Promise<LogFile[]> {
  const names = await readdir(folderOfFunction).catch(absentIsEmpty);
  const files = names.flatMap((name) => {
    const match = /^(\d{4}-\d\d-\d\d)(?:\.(\d+))?\.ndjson$/.exec(name);
    return match?.[1] === undefined ? [] : [{ name, day: match[1], segment: Number(match[2] ?? 0) }];
  });
  return files.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.segment - b.segment));
}

/** Removes what is too old, and the oldest of what is too much. The newest file stays. */
export async function trim(folderOfFunction: string, nowMs: number): Promise<void> {
  const oldestDay = dayOf(nowMs - retentionDays * dayMs);
  let bytes = 0;
  for (const [age, file] of (await logFilesIn(folderOfFunction)).reverse().entries()) {
    const path = join(folderOfFunction, file.name);
    bytes += ((await stat(path).catch(absentIsEmpty)) as { size?: number }).size ?? 0;
    if (file.day < oldestDay || (age > 0 && bytes > functionBytesMax)) await rm(path, { force: true });
  }
}

/** `trim` for every function of every account. */
export async function trimAll(folder: string, nowMs: number): Promise<void> {
  for (const account of await readdir(folder).catch(absentIsEmpty)) {
    for (const name of await readdir(join(folder, account)).catch(absentIsEmpty))
      await trim(join(folder, account, name), nowMs);
  }
}

/**
 * Control groups: what bounds and measures the memory, processor time and processes of an environment. Version 1 has
 * a tree of folders for each controller, version 2 one tree; they differ in file names and in how values are written,
 * which is all that control-groups-v1.ts and control-groups-v2.ts say. Everything here is reading and writing small
 * files of a file system in memory: some tens of microseconds each, hence synchronous.
 */
import { mkdirSync, readFileSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Usage } from '../../sandbox.ts';

export type Limits = { memoryMb?: number | undefined; cpu?: number | undefined; processes?: number | undefined };

export const controllers = ['memory', 'cpu', 'pids'] as const;
export type Controller = (typeof controllers)[number];

/** What a version of control groups looks like, for the groups of one platform. */
export interface ControlGroupLayout {
  readonly version: 1 | 2;
  /** Controllers that are not there, or that we may not use. */
  readonly missing: readonly Controller[];
  /** The folders that together are one group: one for each tree. */
  folders(name: string): readonly string[];
  /** Folders in which the groups of this platform are. */
  readonly parents: readonly string[];
  /** What to write, in this order; a file that does not exist (an optional kernel feature) is passed over. */
  limitWrites(name: string, limits: Limits): readonly { file: string; value: string }[];
  /**
   * The same for one that is greedy: it runs when nobody else of ours wants a processor. And for one that no longer is, of so
   * many processors. Kernels before Linux 5.15 know no such groups.
   */
  greedWrites(name: string, isGreedy: boolean, cpu: number): readonly { file: string; value: string }[];
  /** What lets processes that were killed end soon: no new ones, and processor time to end in. */
  endWrites(name: string): readonly { file: string; value: string }[];
  /** Takes `1` to stop everything in the group and `0` to let it go on; undefined: this machine has none that serves. */
  freezeFile(name: string): string | undefined;
  /** What its processes hold now: files that the kernel could drop are not counted. */
  memoryBytes(name: string, read: ReadFile): number | undefined;
  memoryBytesMax(name: string, read: ReadFile): number | undefined;
  cpuMs(name: string, read: ReadFile): number | undefined;
  /** How many processes the kernel has killed because the group was at its memory limit. */
  outOfMemoryKills(name: string, read: ReadFile): number;
}

/** Undefined when there is no such file. */
type ReadFile = (path: string) => string | undefined;

/** How long `cpu` is measured over before the group waits: short, so that a small share stalls only shortly. */
export const cpuPeriodUs = 20_000;
/**
 * What a group weighs, in processors, where all want more than there is. Its quota keeps a small function to its share of a
 * processor; if it weighed no more than that, too, it would wait behind every busy neighbour whenever it wakes.
 * Who has no bound weighs what a new group does.
 */
export const standing = (cpu: number): number => (cpu === Infinity ? 1 : Math.max(1, cpu));
/** The kernel refuses quotas below this. */
export const cpuQuotaUsMin = 1_000;

export class ControlGroup {
  readonly #layout: ControlGroupLayout;
  readonly #name: string;

  constructor(layout: ControlGroupLayout, name: string, limits: Limits) {
    this.#layout = layout;
    this.#name = name;
    try {
      for (const folder of layout.folders(name)) mkdirSync(folder);
      this.limit(limits);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** The files that a process writes `0` to, to become a member. */
  get entrances(): readonly string[] {
    return this.#layout.folders(this.#name).map((folder) => join(folder, 'cgroup.procs'));
  }

  limit(limits: Limits): void {
    for (const { file, value } of this.#layout.limitWrites(this.#name, limits)) writeExisting(file, value);
  }

  setGreedy(isGreedy: boolean, cpu: number): void {
    for (const { file, value } of this.#layout.greedWrites(this.#name, isGreedy, cpu)) writeExisting(file, value);
  }

  cpuMs(): number | undefined {
    return this.#layout.cpuMs(this.#name, readExisting);
  }

  memoryBytes(): number | undefined {
    return this.#layout.memoryBytes(this.#name, readExisting);
  }

  usage(): Usage {
    return {
      memoryBytesMax: this.#layout.memoryBytesMax(this.#name, readExisting),
      cpuMs: this.cpuMs(),
    };
  }

  outOfMemory(): boolean {
    return this.#layout.outOfMemoryKills(this.#name, readExisting) > 0;
  }

  /** Nothing in it runs any more, until `thaw`; to be killed it may be frozen. False: this machine cannot. */
  freeze(): boolean {
    return this.#writeFreeze('1');
  }

  /** Takes some 0.2 ms: the kernel wakes each of its threads. */
  thaw(): void {
    this.#writeFreeze('0');
  }

  #writeFreeze(value: '0' | '1'): boolean {
    const file = this.#layout.freezeFile(this.#name);
    if (file !== undefined) writeExisting(file, value);
    return file !== undefined;
  }

  /**
   * Kills everything in it. A thousand processes in the throes of death need processor time, too: with a seventh of a
   * processor they took many minutes.
   */
  kill(): void {
    killGroup(this.#layout, this.#name);
  }

  /** Kills what is left in it and removes it; false while something is left. */
  remove(): boolean {
    return removeGroup(this.#layout, this.#name);
  }
}

/** Kills and removes the groups of an earlier platform; the names of those that would not go yet. */
export function sweepGroups(layout: ControlGroupLayout, isLeftover: (name: string) => boolean): string[] {
  const names = new Set(layout.parents.flatMap((parent) => readdirSync(parent).filter(isLeftover)));
  return [...names].filter((name) => !removeGroup(layout, name));
}

/** A group is empty for a moment before its first process enters it. */
const abandonedAfterMs = 10 * 60_000;

/**
 * Removes empty groups that nobody has touched for a while: those of platforms in containers that are gone, whose
 * names nobody will ever have again. One that has a process, or a child, the kernel does not let go.
 */
export function sweepAbandonedGroups(layout: ControlGroupLayout, nowMs: number): void {
  for (const folder of layout.parents.flatMap((parent) => subfolders(parent))) {
    const touchedMs = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
    if (nowMs - touchedMs > abandonedAfterMs) removeFolder(folder);
  }
}

const subfolders = (parent: string): string[] =>
  readdirSync(parent, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [join(parent, entry.name)] : [],
  );

function killGroup(layout: ControlGroupLayout, name: string): void {
  for (const { file, value } of layout.endWrites(name)) writeExisting(file, value);
  for (const folder of layout.folders(name)) {
    for (const pid of (readExisting(join(folder, 'cgroup.procs')) ?? '').split('\n')) {
      // 0 stands for a process that cannot be seen from here; for kill(2) it would be our own group.
      if (Number(pid) > 0) killIfThere(Number(pid));
    }
  }
}

function removeGroup(layout: ControlGroupLayout, name: string): boolean {
  const remove = (): boolean =>
    layout
      .folders(name)
      .map(removeFolder)
      .every((removed) => removed);
  if (remove()) return true;
  killGroup(layout, name);
  return remove();
}

function removeFolder(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return isCode(error, 'ENOENT');
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isCode(error, 'ESRCH')) throw error;
  }
}

export function readExisting(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENODEV')) return undefined;
    throw error;
  }
}

function writeExisting(path: string, value: string): void {
  try {
    writeFileSync(path, value, { flag: 'r+' });
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** The number behind `key` in a file of lines `key number`. */
export function field(text: string | undefined, key: string): number | undefined {
  const line = text?.split('\n').find((candidate) => candidate.startsWith(`${key} `));
  return line === undefined ? undefined : Number(line.slice(key.length + 1));
}

/** A file that goes into a bundle, and how to tell that it has changed without reading it. */
import { statSync, type BigIntStats } from 'node:fs';

export type InputFile = {
  /** In the bundle, with `/`. */
  path: string;
  /** Absolute. */
  source: string;
  bytes: number;
  executable: boolean;
  stamp: string;
};

/**
 * Size and both times, in nanoseconds: an editor that keeps the size and a tool that sets the modification time back
 * still change the time of the last change.
 */
function stampOf(stats: BigIntStats): string {
  return `${stats.size}-${stats.mtimeNs}-${stats.ctimeNs}-${stats.mode.toString(8)}`;
}

/**
 * `absent` where there is no such file, or none that we may look at (the project was somebody else's, elsewhere, when
 * it was packed): that it comes into being is a change too.
 */
export function stampOfPath(path: string): string {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? 'absent' : stampOf(stats);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return 'absent';
    throw error;
  }
}

/** When it was last changed, content or name; 0 where there is no such file. */
export function changedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0;
}

export function inputFile(path: string, source: string, stats: BigIntStats): InputFile {
  return { path, source, bytes: Number(stats.size), executable: (stats.mode & 0o111n) !== 0n, stamp: stampOf(stats) };
}

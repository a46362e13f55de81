/** Which memory of an image is written to soon by whoever goes on from it: what one of them has written to by now. */
import { closeSync, openSync, readSync } from 'node:fs';
import { release } from 'node:os';
import type { Image, Place } from './image.ts';

const pageBytes = 4096;
/** Of /proc/PID/pagemap: present, and a file's. */
const [present, ofFile] = [1n << 63n, 1n << 61n];
/** To make so many pages ready that nobody asked for is cheaper than a call of its own. */
const gapPagesMax = 4;
/** 16 MB: beyond that, it is the function's work, and not its beginning. */
const hotPagesMax = 4_096;
/** MADV_POPULATE_WRITE came with Linux 5.14. */
const [majorMin, minorMin] = [5, 14];

export function hotPlaces({ regions }: Image, pid: number): Place[] {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (major < majorMin || (major === majorMin && minor < minorMin)) return [];
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  const places: Place[] = [];
  let pages = 0;
  try {
    for (const { from, writable, start, end } of regions) {
      if (from !== 'image' || !writable) continue;
      const entries = Buffer.alloc(((end - start) / pageBytes) * 8);
      const read = readSync(pagemap, entries, 0, entries.length, (start / pageBytes) * 8);
      let last: Place | undefined;
      for (let index = 0; index < read; index += 8) {
        const entry = entries.readBigUInt64LE(index);
        if ((entry & present) === 0n || (entry & ofFile) !== 0n) continue;
        if ((pages += 1) > hotPagesMax) return places;
        const at = start + (index / 8) * pageBytes;
        if (last !== undefined && at - last.end <= gapPagesMax * pageBytes) last.end = at + pageBytes;
        else places.push((last = { start: at, end: at + pageBytes }));
      }
    }
  } finally {
    closeSync(pagemap);
  }
  return places;
}

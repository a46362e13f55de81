/**
 * Which pages of its image a process uses that went on from it: each costs it a fault, and those that it writes to a copy. Whoever is
 * loaded ahead is given them while nobody waits.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { release } from 'node:os';
import type { Image, Place } from './image.ts';
import { pageBytes } from './take-image.ts';

/** In order, each as long as there is no gap. */
export type UsedPages = { read: readonly Place[]; written: readonly Place[] };
export const noPages: UsedPages = { read: [], written: [] };

/** Of what is written to there is a copy in each that waits: more than an event takes of boto3 and Pillow (3 MB). */
const writtenBytesMax = 4 * 1024 * 1024;
/** Each takes a call of some 0.3 µs besides its pages. */
const placesMax = 2_048;
/** Each is asked for, at some 50 ns: 16 GB of addresses, of which an image may have as many. */
const pagesMax = 4 * 1024 * 1024;

/** Of the upper half of an entry of /proc/PID/pagemap: present; a file's, as all is that an image has and nobody has written to. */
const [present, ofFile] = [1 << 31, 1 << 29];
const entryBytes = 8;
/** Read at a time. */
const chunkPages = 4_096;

/** Of a process that runs. */
export function usedPages(pid: number, { regions }: Pick<Image, 'regions'>): UsedPages {
  if (!givesPages(release())) return noPages;
  const read: Place[] = [];
  const written: Place[] = [];
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  let pages = 0;
  try {
    for (const { start, end, readable, writable } of regions) {
      pages += (end - start) / pageBytes;
      if (pages > pagesMax) break;
      readEntries(pagemap, start, end, (page, entry) => {
        if ((entry & present) === 0) return;
        // An event may have made accessible what in the image is not, where the kernel refuses to give pages.
        if ((entry & ofFile) === 0) {
          if (writable) add(written, page);
        } else if (readable) add(read, page);
      });
    }
  } finally {
    closeSync(pagemap);
  }
  return { read, written: withinBytes(written, writtenBytesMax) };
}

/** Since Linux 5.14 they can be asked for (MADV_POPULATE_READ). */
export function givesPages(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
  return major > 5 || (major === 5 && minor >= 14);
}

function readEntries(pagemap: number, start: number, end: number, each: (page: number, entry: number) => void): void {
  const entries = Buffer.alloc(chunkPages * entryBytes);
  for (let from = start; from < end; from += chunkPages * pageBytes) {
    const pages = Math.min(chunkPages, (end - from) / pageBytes);
    const bytes = readSync(pagemap, entries, 0, pages * entryBytes, (from / pageBytes) * entryBytes);
    for (let at = 0; at < bytes; at += entryBytes)
      each(from + (at / entryBytes) * pageBytes, entries.readUInt32LE(at + entryBytes / 2));
  }
}

/** Pages come in order. */
function add(places: Place[], page: number): void {
  const last = places.at(-1);
  if (last?.end === page) last.end += pageBytes;
  else if (places.length < placesMax) places.push({ start: page, end: page + pageBytes });
}

/** Not more than so many bytes of them. */
export function withinBytes(places: readonly Place[], bytesMax: number): Place[] {
  const taken: Place[] = [];
  let left = bytesMax;
  for (const { start, end } of places) {
    if (left === 0) break;
    const bytes = Math.min(left, end - start);
    taken.push({ start, end: start + bytes });
    left -= bytes;
  }
  return taken;
}

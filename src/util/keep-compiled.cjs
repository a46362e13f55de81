/**
 * Loaded before anything else, into the program's first thread and those that it starts: what Node.js makes of each module, its
 * types stripped and its functions compiled, is kept for the next start. Half of what starting takes is that; and where nothing is
 * left to strip, what strips (17 MB in each thread, and 30 ms) is not loaded at all. So nothing in TypeScript may come before.
 *
 * Whoever writes there decides what the program does: it is kept where nobody else writes, not in a folder of a known name among
 * the system's temporary files, which anybody could have made first.
 */
const { mkdirSync, lstatSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { tmpdir, userInfo } = require('node:os');
const { join } = require('node:path');

const { XDG_CACHE_HOME } = process.env;

/** The first folder that is, or can be made, the user's alone; without one it starts slowly. */
const places = [
  () => join(XDG_CACHE_HOME || join(userInfo().homedir, '.cache'), 'mayfly', 'compiled'),
  () => join(tmpdir(), `mayfly-compiled-${process.getuid?.()}`),
];
for (const place of places) {
  const folder = usable(place);
  if (folder === undefined) continue;
  enableCompileCache(folder);
  break;
}

/** @param {() => string} place */
function usable(place) {
  try {
    const folder = place();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    const othersWrite = 0o022;
    return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & othersWrite) === 0
      ? folder
      : undefined;
  } catch {
    // No home, or no room in it.
    return undefined;
  }
}

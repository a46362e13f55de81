/**
 * Loaded before anything else, into the program's first thread and those that it starts: what Node.js makes of each module, its
 * types stripped and its functions compiled, is kept for the next start. Half of what starting takes is that; and where nothing is
 * left to strip, what strips (17 MB in each thread, and 30 ms) is not loaded at all. So nothing in TypeScript may come before.
 *
 * Whoever writes there decides what the program does: it is kept where nobody else writes, not in a folder of a known name among
 * the system's temporary files, which anybody could have made first. For root that is every folder above it, too: a name is looked at
 * now and opened later, and XDG_CACHE_HOME may be that of the user who has become root.
 */
const { existsSync, mkdirSync, lstatSync, realpathSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { tmpdir, userInfo } = require('node:os');
const { dirname, join } = require('node:path');

const { XDG_CACHE_HOME } = process.env;
const othersWrite = 0o022;
const sticky = 0o1000;

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
    const wanted = place();
    // Before anything is made there, which would be root's in somebody else's folder.
    if (!isSafe(wanted)) return undefined;
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
    if (!lstatSync(wanted).isDirectory()) return undefined;
    // Without the links on the way to it, which may lie where others write.
    const folder = realpathSync(wanted);
    const { uid, mode } = lstatSync(folder);
    return isSafe(folder) && uid === process.getuid?.() && (mode & othersWrite) === 0 ? folder : undefined;
  } catch {
    // No home, or no room in it.
    return undefined;
  }
}

/**
 * For root: whether nobody else can put another folder in the place of this one, or of what is there of it. Whoever else asks has a home
 * that others keep out of.
 *
 * @param {string} folder
 */
function isSafe(folder) {
  if (process.getuid?.() !== 0) return true;
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  for (let at = realpathSync(there); ; at = dirname(at)) {
    const { uid, mode } = lstatSync(at);
    // In one like /tmp nobody moves what is another's.
    if (uid !== 0 || ((mode & othersWrite) !== 0 && (mode & sticky) === 0)) return false;
    if (at === dirname(at)) return true;
  }
}

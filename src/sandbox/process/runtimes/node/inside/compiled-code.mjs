/**
 * What V8 has compiled of a function's code, taken from one process and given to others of the same version, which then
 * do not compile it again. Node.js keeps such things in a folder; here that folder is passed on as one piece of bytes:
 *
 *     u32 length of the list │ JSON: [[path, length], …] │ the files' bytes, one after the other
 *
 * It is there only while the function's code is loaded, and in memory. V8 checks that what it finds is of its own
 * version and settings and of the source beside it, and otherwise compiles.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join, relative } from 'node:path';

const folder = '/dev/shm/compiled';
let isThere = false;

/** From now on what is compiled is kept. Answers what takes it all, once the code is loaded. */
export function keepCompiled() {
  isThere = true;
  module.enableCompileCache(folder);
  return () => {
    module.flushCompileCache();
    const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = names.map((entry) => join(entry.parentPath, entry.name));
    const contents = files.map((file) => readFileSync(file));
    const list = Buffer.from(JSON.stringify(files.map((file, n) => [relative(folder, file), contents[n].length])));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(list.length);
    dropCompiled();
    return Buffer.concat([length, list, ...contents]);
  };
}

/** `bytes`: what another process has kept. */
export function useCompiled(bytes) {
  isThere = true;
  try {
    let at = 4 + bytes.readUInt32BE(0);
    for (const [path, length] of JSON.parse(bytes.toString('utf8', 4, at))) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes.subarray(at, at + length));
      at += length;
    }
    module.enableCompileCache(folder);
  } catch {
    // The code of the function had its hands on it. It is compiled, then.
  }
}

export function dropCompiled() {
  if (isThere) rmSync(folder, { recursive: true, force: true });
}

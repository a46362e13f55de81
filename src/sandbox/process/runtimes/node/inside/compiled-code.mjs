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
const isScript = /\.c?js$/;
/** Held before the function's code could replace it. */
const { _compile: compile } = module.prototype;
let isThere = false;

/** From now on what is compiled is kept. Answers what takes it all, once the code is loaded. */
export function keepCompiled() {
  isThere = true;
  module.enableCompileCache(folder);
  const before = new Set(Object.keys(module._cache));
  return () => {
    for (const path of Object.keys(module._cache)) if (!before.has(path) && isScript.test(path)) compileAgain(path);
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

/**
 * Node.js keeps of a script what is compiled before it runs: without its functions, each of which V8 compiles when it is
 * first called. V8 still has the script, with what has been called since, and gives that to who compiles the same text again.
 * Node.js keeps what it is given so only once it has forgotten the first: it does so for another text of the same name.
 */
function compileAgain(path) {
  for (const read of [() => '', () => readFileSync(path, 'utf8')]) {
    try {
      // It throws once it has compiled, and before anything runs, because this is no module.
      compile.call({}, read(), path, 'commonjs');
    } catch {}
  }
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

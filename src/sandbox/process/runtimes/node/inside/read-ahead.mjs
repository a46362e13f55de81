/**
 * What of loading a function's code runs nothing of it, done before anybody calls: its files are found, read and compiled, those of
 * ECMAScript modules with all that they import. Whatever fails fails again when it is loaded, and is told then.
 */
import module from 'node:module';
import { requireFrom, urlOf } from './load-handler.mjs';

const isScript = /\.c?js$/;
/** Held before the function's code could replace it. */
const exit = process.reallyExit.bind(process);
const ranCode = 1;
const chanceBytes = 16;

/** `found`: by `findHandler`. Resolves to what says the warnings of Node.js that came meanwhile, for when they are due. */
export async function readAhead({ root, path, isModule }) {
  // What is not known by its name is left to Node.js's rules; its version 20 reads modules with threads whose number is the function's to say.
  if (path === undefined || (isModule && process.version.startsWith('v20.'))) return () => {};
  const warned = [];
  const hold = (warning) => void warned.push(warning);
  const listeners = process.rawListeners('warning');
  process.removeAllListeners('warning').on('warning', hold);
  try {
    if (isModule) {
      await import(unlinkable(path));
      // It has been linked all the same, so that the function's code has run, which nobody has called.
      exit(ranCode);
    } else compileScript(requireFrom(root), path);
  } catch {
    // As it must: it has not been linked, or was kept from running.
  }
  // Most warnings come a moment after their reason.
  await new Promise(setImmediate);
  process.removeListener('warning', hold);
  for (const listener of listeners) process.on('warning', listener);
  // What a script is warned of is said when it is loaded, as it is read once more then.
  return () => isModule && warned.forEach((warning) => process.emit('warning', warning));
}

/**
 * The URL of a module that imports the one at `path`, and from another what that has not: so it is linked to neither, and neither runs.
 *
 * Node.js takes what is compiled of such modules, too, from among what the function's code has had its hands on, by a checksum
 * of the URL and one of the text. Each has chance of its own, so that nothing can be laid there for them.
 */
function unlinkable(path) {
  const nothing = moduleOf('');
  return moduleOf(`import ${JSON.stringify(urlOf(path))}; import { nothing } from ${JSON.stringify(nothing)};`);
}

const moduleOf = (text) => `data:text/javascript;of=${chance()},${encodeURIComponent(`/* ${chance()} */ ${text}`)}`;

/** Loaded when calls were rehearsed. */
const chance = () => process.getBuiltinModule('crypto').randomBytes(chanceBytes).toString('hex');

/**
 * Node.js finds and reads it as ever, and has it compiled; then it is told that this failed, and forgets it. V8 does not: who compiles
 * the same text again is given the same.
 */
function compileScript(require, path) {
  // Native code would run as soon as it is loaded, whatever the name that leads to it.
  if (!isScript.test(require.resolve(path))) return;
  const { prototype } = module;
  const { _compile: compile } = prototype;
  prototype._compile = (text, file) => {
    // It throws once it has compiled, and before anything runs, because this is no module.
    compile.call({}, text, file, 'commonjs');
  };
  try {
    require(path);
  } finally {
    prototype._compile = compile;
  }
}

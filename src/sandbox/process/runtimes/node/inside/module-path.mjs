/**
 * Packages beside the function's own: `NODE_PATH`, which names where layers bring theirs. `require` reads it when Node.js
 * starts, before any function is known; `import` never does, and on Lambda does all the same.
 * https://aws.amazon.com/blogs/compute/node-js-18-x-runtime-now-available-in-aws-lambda/
 */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const packagesFolder = '/node_modules';

/** What Node.js has read last: when it starts, the function's are not there yet. */
let known;

export function useModulePath(nodePath = '') {
  const read = `${process.env.HOME ?? ''}:${nodePath}`;
  if (read !== known) module.Module._initPaths();
  known = read;
  const folders = nodePath.split(':').filter((folder) => folder.endsWith(packagesFolder) && existsSync(folder));
  if (folders.length === 0) return;
  // As if each folder's neighbour had asked: Node.js's own rules then find it there, for `import` as it is written.
  const parents = folders.map((folder) => pathToFileURL(join(dirname(folder), 'index.mjs')).href);
  if (module.registerHooks !== undefined) module.registerHooks({ resolve: resolveBeside(parents) });
  else module.register(`data:text/javascript,${encodeURIComponent(asynchronousHook(parents))}`);
}

const isBare = (specifier) => !/^(\.{0,2}\/|#|[a-z]+:)/i.test(specifier);

function resolveBeside(parents) {
  return (specifier, context, nextResolve) => {
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !isBare(specifier)) throw error;
      for (const parentURL of parents) {
        try {
          return nextResolve(specifier, { ...context, parentURL });
        } catch {
          // Perhaps in the next one.
        }
      }
      throw error;
    }
  };
}

/** The same for Node.js 20, which knows hooks only in a thread of their own. */
function asynchronousHook(parents) {
  return `const parents = ${JSON.stringify(parents)};
const isBare = ${isBare.toString()};
export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !isBare(specifier)) throw error;
    for (const parentURL of parents) {
      try {
        return await nextResolve(specifier, { ...context, parentURL });
      } catch {}
    }
    throw error;
  }
}`;
}

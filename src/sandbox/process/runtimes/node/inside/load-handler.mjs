/**
 * From a handler's name (`dir/file.export`, `dir/file.object.method`) to something that can be called, by Lambda's
 * rules. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RuntimeError } from './errors.mjs';

const extensions = ['.js', '.mjs', '.cjs'];

/**
 * Where the handler of this name is: `path` of its module, where there is a file of that name, and of the export in it. Looks at the
 * names of files alone.
 */
export function findHandler(root, name) {
  if (name.includes('..')) {
    throw new RuntimeError(
      'MalformedHandlerName',
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const last = basename(name);
  const folder = name.slice(0, name.length - last.length);
  const [, file, exported] = /^([^.]*)\.(.+)$/.exec(last) ?? [];
  if (file === undefined) throw new RuntimeError('MalformedHandlerName', 'Bad handler');
  const stem = resolve(root, folder, file);
  const path = extensions.map((extension) => stem + extension).find((candidate) => existsSync(candidate));
  const isModule =
    path !== undefined && (path.endsWith('.mjs') || (path.endsWith('.js') && inModulePackage(path, root)));
  return { name, root, folder, file, exported, path, isModule };
}

/** Answers `{ call }` for a Lambda handler and `{ web }` for an object with `fetch` and its like. `query`: of a module's URL. */
export async function loadHandler(found, query = '') {
  const { name, exported } = found;
  const module = await loadModule(found, query);
  const named = find(module, exported) ?? find(module.default, exported);
  if (typeof named === 'function') return { call: named };
  if (isWeb(named)) return { web: named };
  if (named === undefined && isWeb(module.default)) return { web: module.default };
  if (named === undefined || named === null)
    throw new RuntimeError('HandlerNotFound', `${name} is undefined or not exported`);
  throw new RuntimeError('HandlerNotFound', `${name} is not a function`);
}

const find = (object, path) => path.split('.').reduce((nested, key) => nested?.[key], object);
const isWeb = (value) =>
  typeof value === 'object' &&
  value !== null &&
  ['fetch', 'scheduled'].some((method) => typeof value[method] === 'function');

async function loadModule({ root, folder, file, path, isModule }, query) {
  try {
    if (path === undefined) return loadByNodeRules(root, folder, file);
    if (isModule) return await import(urlOf(path) + query);
    try {
      return requireFrom(root)(path);
    } catch (error) {
      if (error?.code !== 'ERR_REQUIRE_ASYNC_MODULE' && error?.code !== 'ERR_REQUIRE_ESM') throw error;
      return await import(urlOf(path));
    }
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new RuntimeError('UserCodeSyntaxError', `${error}${firstLines(error)}`, error);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw new RuntimeError('ImportModuleError', `Error: ${error.message}`, error);
    }
    throw error;
  }
}

/** As the function's own files do. */
export const requireFrom = (root) => createRequire(join(root, 'index.js'));

/** Names without anything that a URL writes in another way: that function takes longer than to find the file. */
const plain = /^[\w/.-]*$/;

export const urlOf = (path) => (plain.test(path) ? `file://${path}` : pathToFileURL(path).href);

/** A folder with an index, or a package: what `require` finds by itself. */
function loadByNodeRules(root, folder, file) {
  const require = requireFrom(root);
  try {
    return require(require.resolve(`./${join(folder, file)}`));
  } catch (error) {
    if (error?.code !== 'MODULE_NOT_FOUND' || !error.message.includes(file)) throw error;
    // Lambda's runtime requires it from its own file.
    error.message = `Cannot find module '${join(folder, file)}'\nRequire stack:\n- /var/runtime/index.mjs`;
    throw error;
  }
}

/** A syntax error's stack begins with the place, which its message lacks. */
function firstLines(error) {
  const [place = ''] = String(error.stack).split('\n');
  return /:\d+$/.test(place) ? ` (${place})` : '';
}

function inModulePackage(path, root) {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const description = join(folder, 'package.json');
    if (existsSync(description)) {
      try {
        return JSON.parse(readFileSync(description, 'utf8')).type === 'module';
      } catch {
        return false;
      }
    }
    if (folder === root || folder === dirname(folder)) return false;
  }
}

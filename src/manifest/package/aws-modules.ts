import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Metafile, Plugin } from 'esbuild';
import { isOfAws } from './evaluation-order.ts';

/** Says that a question is ours, so that it is not asked again. */
const asked = Symbol('asked');

/**
 * AWS's own packages as modules, which their `package.json` names for bundlers, instead of the CommonJS that Node.js would
 * load: what a function does not use stays out. The S3 client becomes 30 % smaller, and loads in two thirds of the time.
 * Others' `module` fields are left alone: some are meant for browsers, and `require` of one that has a default export
 * gives something else. AWS's have names only.
 */
export const awsModules: Plugin = {
  name: 'aws-modules',
  setup(build) {
    build.onResolve(
      { filter: /^@(aws-sdk|smithy)\/[^/]+$/ },
      async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (pluginData === asked) return undefined;
        const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: asked });
        return found.errors.length > 0
          ? undefined
          : { path: asModule(path, found.path), sideEffects: found.sideEffects };
      },
    );
    build.onLoad({ filter: /\/@aws-sdk\/[^/]+\/dist-es\/.*schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: withPlainKeys(await readFile(path, 'utf8')),
      loader: 'js',
    }));
  },
};

/**
 * The description of all of a service's shapes, 0.13 MB for S3: `var Shape = [3, n0, _S, { [_k]: 1 }, …]`. A key in brackets
 * could be an object whose conversion does something, so esbuild keeps every shape. They are constants of the same file.
 */
function withPlainKeys(source: string): string {
  const constants = new Map(
    [...source.matchAll(/^const (_\w+) = ("[\w:./-]+");$/gm)].map(([, name = '', text = '']) => [name, text]),
  );
  return source.replace(/([{,]\s*)\[(_\w+)\]:/g, (whole, before: string, name: string) => {
    const text = constants.get(name);
    return text === undefined || text === '"__proto__"' ? whole : `${before}${text}:`;
  });
}

/** Something is loaded by `import()`, and AWS's packages alone do so. */
export function onlyAwsLoadsLater({ inputs }: Metafile): boolean {
  const importers = Object.entries(inputs).filter(([, { imports }]) =>
    imports.some(({ kind, external }) => kind === 'dynamic-import' && external !== true),
  );
  return importers.length > 0 && importers.every(([path]) => isOfAws(path));
}

/** `main`: the file that Node.js would load. It, where the package has no other form or says by `exports` which is which. */
function asModule(name: string, main: string): string {
  for (let folder = dirname(main); folder !== dirname(folder); folder = dirname(folder)) {
    const description = join(folder, 'package.json');
    if (!existsSync(description)) continue;
    const parsed: unknown = JSON.parse(readFileSync(description, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('name' in parsed) || parsed.name !== name) continue;
    if ('exports' in parsed || !('module' in parsed) || typeof parsed.module !== 'string') return main;
    const module = join(folder, parsed.module);
    return existsSync(module) ? module : main;
  }
  return main;
}

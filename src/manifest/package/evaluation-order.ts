/** In which order modules are evaluated: as the language says, and as chunks of them would be. */
import type { Metafile } from 'esbuild';

export type EvaluationOrder = {
  /** What an entry leads to, itself last, as Node.js would evaluate it: paths as esbuild names them. */
  modules: readonly string[];
  /** By what Node.js comes to each, in the order in which it does; nothing for the entry. */
  foundBy: ReadonlyMap<string, string>;
  /** Those that not only AWS's packages lead to. AWS's, and what they alone need, keep no order among themselves. */
  own: ReadonlySet<string>;
};

/** What else can be imported is data, and does nothing. */
const code = /\.[cm]?[jt]sx?$/;

export function isOfAws(path: string): boolean {
  return /\/node_modules\/@(aws|aws-sdk|smithy)\//.test(`/${path}`);
}

/** Of a bundle that was made in one step. Without what it left out. */
export function evaluationOrder({ inputs, outputs }: Metafile): EvaluationOrder {
  const [main] = Object.values(outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  const modules: string[] = [];
  const own = new Set<string>();
  const foundBy = new Map<string, string>();
  if (main?.entryPoint === undefined) return { modules, foundBy, own };
  const evaluate = (path: string): void => {
    for (const imported of importedBy(inputs, path, 'import-statement')) {
      if (imported === main.entryPoint || foundBy.has(imported)) continue;
      foundBy.set(imported, path);
      evaluate(imported);
    }
    if (main.inputs[path] !== undefined && code.test(path)) modules.push(path);
  };
  const reach = (path: string): void => {
    if (own.has(path) || isOfAws(path)) return;
    own.add(path);
    for (const kind of ['import-statement', 'require-call'] as const) importedBy(inputs, path, kind).forEach(reach);
  };
  evaluate(main.entryPoint);
  reach(main.entryPoint);
  return { modules, foundBy, own };
}

/**
 * How many modules are evaluated up to each place where one of the code's own comes before one of AWS's. And behind each of
 * its own that may be CommonJS, which esbuild runs only with the first module that imports it.
 */
export function placesToCut({ modules, own }: EvaluationOrder, { inputs }: Metafile): number[] {
  return modules.flatMap((path, index) => {
    const next = modules[index + 1];
    if (next === undefined || !own.has(path)) return [];
    return own.has(next) && inputs[path]?.format === 'esm' ? [] : [index + 1];
  });
}

/** `files`: texts by the names that `chunks` has for them. `first`: what of them is evaluated before all that `main` imports. */
export function keepsOrder(
  { modules, own }: EvaluationOrder,
  chunks: Metafile,
  main: string,
  first: readonly string[],
  files: ReadonlyMap<string, string>,
): boolean {
  const { inputs, outputs } = chunks;
  /** Made a function, which is run where it is imported: CommonJS, and what CommonJS asks for. */
  const functions = new Set(
    [...files.values()].flatMap((text) => [...text.matchAll(/^ {2}"(.+)"\(/gm)].map(([, path]) => path)),
  );
  const isFunction = (path: string) => functions.has(path);
  const isLater = (path: string) => inputs[path]?.format === 'esm' && isFunction(path);
  const runLater = (path: string) =>
    isLater(path) ||
    (['import-statement', 'require-call'] as const).some((kind) => importedBy(inputs, path, kind).some(isLater));
  if ([...own].some(runLater)) return false;

  // CommonJS runs when that which imports it begins, or on its way to its end: either must be in order.
  return [true, false].every((functionsFirst) => {
    const joined = new Set<string>();
    const seen = new Set<string>();
    const evaluate = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      if (file === main) first.forEach(evaluate);
      const output = outputs[file];
      for (const { path, kind, external } of output?.imports ?? [])
        if (kind === 'import-statement' && external !== true) evaluate(path);
      for (const { path, ends } of pieces(files.get(file) ?? '', new Set(Object.keys(output?.inputs ?? {})))) {
        if (isFunction(path)) continue;
        if (functionsFirst || ends)
          for (const imported of importedBy(inputs, path, 'import-statement'))
            if (isFunction(imported) && !isLater(imported)) joined.add(imported);
        if (ends) joined.add(path);
      }
    };
    evaluate(main);
    const expected = modules.filter((path) => joined.has(path));
    return (
      inRuns(expected, own) ===
      inRuns(
        [...joined].filter((path) => code.test(path)),
        own,
      )
    );
  });
}

/** A chunk's text has a module's path above each piece of it. A module that imports CommonJS can be in several. */
function pieces(text: string, paths: ReadonlySet<string>): { path: string; ends: boolean }[] {
  const found = [...text.matchAll(/^\/\/ (.+)$/gm)].flatMap(([, path = '']) => (paths.has(path) ? [path] : []));
  const last = new Map(found.map((path, index) => [path, index]));
  return found.map((path, index) => ({ path, ends: last.get(path) === index }));
}

/** Alike for two orders in which AWS's modules differ only among those that nothing else comes between. */
function inRuns(modules: readonly string[], own: ReadonlySet<string>): string {
  const runs: string[][] = [];
  let isRun = false;
  for (const path of modules) {
    const isOwn = own.has(path);
    const last = runs.at(-1);
    if (isRun && !isOwn && last !== undefined) last.push(path);
    else runs.push([path]);
    isRun = !isOwn;
  }
  return JSON.stringify(runs.map((run) => run.sort()));
}

function importedBy(inputs: Metafile['inputs'], path: string, kind: 'import-statement' | 'require-call'): string[] {
  return (inputs[path]?.imports ?? [])
    .filter((imported) => imported.kind === kind && imported.external !== true)
    .map((imported) => imported.path);
}

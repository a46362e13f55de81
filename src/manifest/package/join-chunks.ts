import { join, relative, resolve, sep } from 'node:path';
import type { build, BuildOptions, BuildResult, Metafile, OutputFile, Plugin } from 'esbuild';
import { evaluationOrder, keepsOrder, placesToCut, type EvaluationOrder } from './evaluation-order.ts';

type Esbuild = { build: typeof build };
type Joined = BuildResult & { outputFiles: OutputFile[]; metafile: Metafile };
type Options = BuildOptions & {
  absWorkingDir: string;
  entryPoints: readonly { in: string; out: string }[];
  outdir: string;
  plugins: readonly Plugin[];
};

/**
 * A script, as `options` say, in two steps: modules in chunks, of which those that only `import()` leads to are chunks of
 * their own, and one file of these. In one step esbuild makes a function of each module that such a one needs as well, runs
 * it, keeps what of it nobody uses: of the S3 client, whose providers of credentials are loaded so, nearly all.
 *
 * Chunks that both sides need are evaluated first. So that the code's own modules stay before, between and behind AWS's, as
 * they are in `oneStep`, each run of them is the end of an entry point that leads to what is evaluated up to there: no
 * chunk has modules from both sides of such a place, and they are joined in the order of the places. Where that would
 * still be another order, it is one step. Errors: esbuild's own.
 */
export async function joinChunks(esbuild: Esbuild, options: Options, oneStep: Metafile): Promise<Joined> {
  const { banner: _banner, define: _define, minifyWhitespace: _minifyWhitespace, ...inChunks } = options;
  const inOneStep = () => esbuild.build({ ...options, metafile: true, write: false });
  const order = evaluationOrder(oneStep);
  const places = placesToCut(order, oneStep);
  const [entry] = options.entryPoints;
  if (entry === undefined || places.length > placesMax) return inOneStep();
  const chunks = await esbuild.build({
    ...inChunks,
    entryPoints: [entry, ...places.map((count) => ({ in: `${upTo}:${count}`, out: `${entry.out}.${upTo}-${count}` }))],
    plugins: [...options.plugins, modulesUpTo(order, options)],
    metafile: true,
    write: false,
    splitting: true,
    format: 'esm',
    outExtension: { '.js': chunkExtension },
    sourcemap: 'inline',
    // So that paths can be found in it as they are.
    charset: 'utf8',
  });
  const files = new Map(chunks.outputFiles.map(({ path, contents }) => [path, contents]));
  if ([...files.keys()].some((path) => !path.endsWith(chunkExtension))) return inOneStep();

  const nameOf = (out: string) =>
    relative(options.absWorkingDir, join(options.outdir, out + chunkExtension))
      .split(sep)
      .join('/');
  const main = nameOf(entry.out);
  const ends = [...places.map((count) => nameOf(`${entry.out}.${upTo}-${count}`)), main];
  const first = inOrder(chunks.metafile, order, ends).filter((name) => name !== main);
  const texts = new Map(
    chunks.outputFiles.map(({ path, text }) => [relative(options.absWorkingDir, path).split(sep).join('/'), text]),
  );
  if (!keepsOrder(order, chunks.metafile, main, first, texts)) return inOneStep();

  const mainPath = join(options.outdir, entry.out + chunkExtension);
  // On a line that is a comment or an import, not one more: the others stay where the source map has them.
  const before = first.map((name) => `import ${JSON.stringify(resolve(options.absWorkingDir, name))};`).join('');
  files.set(
    mainPath,
    Buffer.from((texts.get(main) ?? '').replace(/^(#!.*\n)?/, (interpreter) => interpreter + before)),
  );
  const joined = await esbuild.build({
    ...options,
    entryPoints: [{ in: mainPath, out: entry.out }],
    // What is said there has been done.
    tsconfigRaw: {},
    plugins: [fromMemory(files)],
    metafile: true,
    write: false,
  });
  const read = Object.entries(chunks.metafile.inputs).filter(([path]) => !path.startsWith(`${upTo}:`));
  return { ...joined, metafile: { inputs: Object.fromEntries(read), outputs: joined.metafile.outputs } };
}

const chunkExtension = '.mjs';

const upTo = 'up-to';

/** Each is an entry point that names all modules before it: more would take longer to build than they save. */
const placesMax = 32;

/**
 * Chunks that each of `ends` adds, and it: those without the code's own modules first, which are what these have before
 * them, and of either kind what is due first.
 */
function inOrder({ outputs }: Metafile, { modules, own }: EvaluationOrder, ends: readonly string[]): string[] {
  const indexOf = new Map(modules.map((path, index) => [path, index]));
  const pathsOf = (name: string) => Object.keys(outputs[name]?.inputs ?? {});
  const firstOf = (name: string) => Math.min(...pathsOf(name).map((path) => indexOf.get(path) ?? Infinity));
  const hasOwn = (name: string) => pathsOf(name).some((path) => own.has(path));
  const ordered = ends.flatMap((end) => {
    const imported = (outputs[end]?.imports ?? [])
      .filter(({ kind, external }) => kind === 'import-statement' && external !== true)
      .map(({ path }) => ({ path, isOwn: Number(hasOwn(path)), first: firstOf(path) }));
    return [...imported.sort((a, b) => a.isOwn - b.isOwn || (a.first < b.first ? -1 : 1)).map(({ path }) => path), end];
  });
  return [...new Set(ordered)];
}

/**
 * `up-to:3` leads to the first three, by those that none of them leads to: so cycles begin where they do for Node.js. Paths
 * as they were resolved once, so that they are the same modules.
 */
function modulesUpTo({ modules, foundBy }: EvaluationOrder, { absWorkingDir }: Options): Plugin {
  return {
    name: upTo,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${upTo}:\\d+$`) }, ({ path }) => ({
        path: path.slice(upTo.length + 1),
        namespace: upTo,
      }));
      build.onLoad({ filter: /./, namespace: upTo }, ({ path }) => {
        const due = new Set(modules.slice(0, Number(path)));
        const imports = [...foundBy]
          .filter(([module, by]) => due.has(module) && !due.has(by))
          .map(([module]) => `import ${JSON.stringify(resolve(absWorkingDir, module))};`);
        return { contents: imports.join('\n'), resolveDir: absWorkingDir };
      });
    },
  };
}

/** Chunks name each other by paths, and stand where the bundle will: so their source maps lead to the sources. */
function fromMemory(files: ReadonlyMap<string, Uint8Array>): Plugin {
  return {
    name: 'from-memory',
    setup(build) {
      build.onResolve({ filter: /\.mjs$/ }, ({ path, resolveDir }) => {
        const absolute = join(path.startsWith('.') ? resolveDir : '', path);
        return files.has(absolute) ? { path: absolute } : undefined;
      });
      build.onLoad({ filter: /\.mjs$/ }, ({ path }) => {
        const contents = files.get(path);
        return contents && { contents, loader: 'js' };
      });
    },
  };
}

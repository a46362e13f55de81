import { join } from 'node:path';
import type { build, BuildOptions, BuildResult, Metafile, OutputFile, Plugin } from 'esbuild';

type Esbuild = { build: typeof build };
type Joined = BuildResult & { outputFiles: OutputFile[]; metafile: Metafile };
type Options = BuildOptions & { entryPoints: readonly { in: string; out: string }[]; outdir: string };

/**
 * A script, as \`options\` say, in two steps: modules in chunks, of which those that only \`import()\` leads to are chunks of
 * their own, and one file of these. In one step esbuild makes a function of each module that such a one needs as well, runs
 * it, keeps what of it nobody uses: of the S3 client, whose providers of credentials are loaded so, nearly all.
 *
 * Modules that both sides need are evaluated first, which is only for packages that do nothing else when they are. Errors:
 * esbuild's own.
 */
export async function joinChunks(esbuild: Esbuild, options: Options): Promise<Joined> {
  const { banner: _banner, define: _define, minifyWhitespace: _minifyWhitespace, ...inChunks } = options;
  const chunks = await esbuild.build({
    ...inChunks,
    metafile: true,
    write: false,
    splitting: true,
    format: 'esm',
    outExtension: { '.js': chunkExtension },
    sourcemap: 'inline',
  });
  const [entry] = options.entryPoints;
  const files = new Map(chunks.outputFiles.map(({ path, contents }) => [path, contents]));
  if (entry === undefined || [...files.keys()].some((path) => !path.endsWith(chunkExtension)))
    return esbuild.build({ ...options, metafile: true, write: false });
  const joined = await esbuild.build({
    ...options,
    entryPoints: [{ in: join(options.outdir, entry.out + chunkExtension), out: entry.out }],
    // What is said there has been done.
    tsconfigRaw: {},
    plugins: [fromMemory(files)],
    metafile: true,
    write: false,
  });
  return { ...joined, metafile: { inputs: chunks.metafile.inputs, outputs: joined.metafile.outputs } };
}

const chunkExtension = '.mjs';

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

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, glob, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const program = 'shim.mjs';
/** It imports this one while it runs. */
const rehearsal = 'rehearsal.mjs';
/** What the oldest of the runtimes understands. */
const target = 'node20';

/**
 * The runtime (inside/) as one CommonJS file, in a folder of its own: loading six modules took 5 to 10 ms of each cold
 * start longer. Made once for each state of the files, below `node_modules/.cache`. Rejects where that cannot be written.
 */
export async function bundleRuntime(projectRoot: string): Promise<{ folder: string; file: string }> {
  const inside = join(import.meta.dirname, 'inside');
  const hash = createHash('sha256');
  const names: string[] = [];
  for await (const name of glob('*.mjs', { cwd: inside })) names.push(name);
  for (const name of names.toSorted()) hash.update(`${name}\0`).update(await readFile(join(inside, name)));
  const cache = join(projectRoot, 'node_modules', '.cache', 'mayfly');
  const folder = join(cache, `node-runtime-${hash.digest('hex').slice(0, 16)}`);
  const file = program.replace('.mjs', '.cjs');
  if (existsSync(join(folder, file))) return { folder, file };
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, 'unfinished-'));
  try {
    const { build } = await import('esbuild');
    await build({
      entryPoints: [join(inside, program)],
      outfile: join(unfinished, file),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target,
      logLevel: 'silent',
    });
    // It is for the users that functions run as.
    await chmod(unfinished, 0o755);
    await copyFile(join(inside, rehearsal), join(unfinished, rehearsal));
    for (const name of [file, rehearsal]) await chmod(join(unfinished, name), 0o644);
    // Another platform may have been quicker: its folder holds the same.
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(join(folder, file))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return { folder, file };
}

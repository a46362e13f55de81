/**
 * Releases of runtimes that the machine may no longer have: `FOLDER/<runtime>/<id>/`, a copy of each file and folder that
 * is mounted, and `release.json`. Copies are links to the same file where the disk allows it: an installer that replaces a
 * file leaves the old one to us, and it costs nothing until then.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { access, constants, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { lookAt, megabytes, setAsideBytes } from '../../../store/disk-room.ts';
import { messageOf } from '../../../util/errors.ts';
import type { RuntimeName } from '../../../util/runtime-names.ts';
import type { Installed } from './runtime.ts';

/** A runtime of 150 MB on a slow disk. */
const copyMsMax = 60_000;

type Saved = {
  version: string;
  from: string;
  command: readonly string[];
  mounts: readonly { from: string; to: string }[];
};

export class KeptReleases {
  readonly #folder: string;
  readonly #saved = new Map<string, Saved>();

  /** Folders that are being filled. */
  readonly #unfinished = new Set<string>();

  /** `folder`: made when there is something to keep. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  has(runtime: RuntimeName, id: string): boolean {
    const folder = this.#path(runtime, id);
    return this.#saved.has(folder) || existsSync(join(folder, 'release.json'));
  }

  /** False: it is the system's own interpreter and runs from nowhere else, or programs cannot be run from our folder. */
  async keep(runtime: RuntimeName, id: string, installed: Installed): Promise<boolean> {
    if (isAbsolute(installed.from) && installed.apart === undefined) return false;
    if (this.has(runtime, id)) return true;
    const unfinished = `${this.#path(runtime, id)}.${randomUUID()}`;
    this.#unfinished.add(unfinished);
    try {
      await mkdir(unfinished, { recursive: true });
      const mounts: { from: string; to: string }[] = [];
      const whole = installed.apart ?? installed;
      for (const { from, to } of whole.mounts) {
        const name = String(mounts.length);
        await copy(from, join(unfinished, name));
        if ((await isProgram(from)) && !(await isProgram(join(unfinished, name)))) return false;
        mounts.push({ from: name, to });
      }
      const { version, from } = installed;
      const saved: Saved = { version, from, command: whole.command(undefined), mounts };
      await writeFile(join(unfinished, 'release.json'), JSON.stringify(saved), { flush: true });
      await rename(unfinished, this.#path(runtime, id)).catch((error: unknown) => {
        // Another was quicker: it has kept the same.
        if (!this.has(runtime, id)) throw error;
      });
    } finally {
      await rm(unfinished, { recursive: true, force: true });
      this.#unfinished.delete(unfinished);
    }
    return true;
  }

  /** `like`: what the machine has now, from which it takes what depends on memory. Undefined: it is not kept. */
  find(runtime: RuntimeName, id: string, like: Installed | undefined): Installed | undefined {
    const folder = this.#path(runtime, id);
    const saved = this.#saved.get(folder) ?? readSaved(folder);
    if (saved === undefined) return undefined;
    this.#saved.set(folder, saved);
    return {
      version: saved.version,
      from: saved.from,
      command(memoryMb) {
        const flags = like === undefined ? { at: 0, words: [] } : memoryFlags(like, memoryMb);
        return saved.command.toSpliced(flags.at, 0, ...flags.words);
      },
      mounts: saved.mounts.map(({ from, to }) => ({ from: join(folder, from), to })),
    };
  }

  /** All others of this runtime go, and what a crash left half-way. */
  async keepOnly(runtime: RuntimeName, ids: ReadonlySet<string>): Promise<void> {
    const folder = join(this.#folder, runtime);
    if (!existsSync(folder)) return;
    for (const id of await readdir(folder)) {
      if (ids.has(id) || this.#unfinished.has(join(folder, id))) continue;
      this.#saved.delete(join(folder, id));
      await rm(join(folder, id), { recursive: true, force: true });
    }
  }

  #path(runtime: RuntimeName, id: string): string {
    return join(this.#folder, runtime, id);
  }
}

/** Also asks whether its disk is one from which programs run. */
async function isProgram(path: string): Promise<boolean> {
  if ((await stat(path)).isDirectory()) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function readSaved(folder: string): Saved | undefined {
  const path = join(folder, 'release.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Saved) : undefined;
}

/** What `command` says with a size of memory that it does not say without, and where. */
function memoryFlags({ command }: Installed, memoryMb: number | undefined): { at: number; words: readonly string[] } {
  const [without, given] = [command(undefined), command(memoryMb)];
  const at = given.findIndex((word, index) => word !== without[index]);
  return at < 0 ? { at: 0, words: [] } : { at, words: given.slice(at, at + given.length - without.length) };
}

/**
 * Linked, or where the disk refuses that (another disk, somebody else's file), copied, if that leaves what is set aside:
 * nothing is worth keeping for later that has all other work refused. Errors: in one line, where it does not, or fails.
 */
async function copy(from: string, to: string): Promise<void> {
  const run = (flags: string): Promise<unknown> =>
    promisify(execFile)('cp', [flags, '--reflink=auto', '--dereference', '--', from, to], { timeout: copyMsMax });
  try {
    await run('-al');
  } catch {
    await rm(to, { recursive: true, force: true });
    try {
      await requireRoom(from, dirname(to));
      await run('-a');
    } catch (error) {
      throw new Error(`${from} cannot be kept as ${to}: ${firstLine(error)}`, { cause: error });
    }
  }
}

async function requireRoom(from: string, folder: string): Promise<void> {
  const measured = await promisify(execFile)('du', ['--summarize', '--dereference', '--block-size=1', '--', from], {
    timeout: copyMsMax,
  });
  const bytes = Number.parseInt(measured.stdout, 10);
  const free = await lookAt(folder);
  const setAside = setAsideBytes(free);
  if (bytes > free.bytes - setAside)
    throw new Error(
      `a copy takes ${megabytes(bytes)}, and of the ${megabytes(free.bytes)} that are left on the disk ${megabytes(setAside)} are set aside`,
    );
}

/** What a program says of each of thousands of files is told of the first. */
function firstLine(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return said.split('\n', 1)[0] || messageOf(error);
}

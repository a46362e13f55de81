/**
 * What runtimes have made of versions' classes, each in a folder of its own: files that environments of the version are shown,
 * read-only, from their boot on. We do not look into them. Gone with the sandbox, or when another is there.
 */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveTemplate, Template } from '../../sandbox.ts';
import type { CompiledPieces } from './compiled-pieces.ts';

/** By the number that each piece of one begins with: `Recording.java`, which writes them, and `Main.java` and the flags, which read. */
const fileNames = ['classes', 'pack'] as const;

/**
 * An archive halves the loading of classes, and who starts with one boots while somebody waits: a tenth of a second, which
 * environments that are booted ahead have behind them.
 */
export const worthArchiveUs = 250_000;

export class ClassArchives {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** `folder`: its own. What another before it has left there goes: by now it may be of something else. */
  static async open(folder: string): Promise<ClassArchives> {
    await rm(folder, { recursive: true, force: true });
    return new ClassArchives(folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What cannot be removed now is swept by the next platform.
    await rm(this.#folder, { recursive: true, force: true }).catch(() => {});
  }

  /** `compiled`: as a process has told it; `loadUs`: of the processors, to load its code. */
  async keep(
    { pieces, bytes }: CompiledPieces,
    loadUs: number,
    bytesMax: number,
  ): Promise<Template | { refused: string }> {
    // Of more than is taken it tells nothing but that its code is loaded.
    if (!pieces.some((piece) => piece[0] === 0)) return { refused: 'has not told what has become of its classes' };
    if (loadUs < worthArchiveUs)
      return {
        refused: `has loaded its classes in ${Math.round(loadUs / 1_000)} ms, which an archive would not make up for`,
      };
    if (bytes > bytesMax) return { refused: `has made ${bytes} bytes of its classes: at most ${bytesMax} are kept` };
    const name = randomUUID();
    const draft = join(this.#folder, `.${name}`);
    try {
      await mkdir(draft, { recursive: true });
      // Environments' users are others; who may come here at all, the data folder says.
      for (const shown of [this.#folder, draft]) await chmod(shown, 0o755);
      for (const [number, fileName] of fileNames.entries()) {
        await using file = await open(join(draft, fileName), 'wx', 0o644);
        await file.chmod(0o644);
        for (const piece of pieces) if (piece[0] === number) await file.writeFile(piece.subarray(1));
      }
      const folder = join(this.#folder, name);
      await rename(draft, folder);
      return new ClassArchive(folder, bytes, loadUs);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw error;
    }
  }
}

export class ClassArchive implements ArchiveTemplate {
  readonly kind = 'archive';
  readonly loadUs: number;
  readonly folder: string;
  readonly bytes: number;
  /** Once it has been released. */
  removed: Promise<void> | undefined;

  constructor(folder: string, bytes: number, loadUs: number) {
    this.loadUs = loadUs;
    this.folder = folder;
    this.bytes = bytes;
  }

  /** Environments that have begun with it have its files open. */
  release(): void {
    // What cannot be removed now goes with all of them.
    this.removed = rm(this.folder, { recursive: true, force: true }).catch(() => {});
  }
}

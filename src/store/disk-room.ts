/**
 * Room on the disk that everything kept is on. The last of it is set aside for what was accepted already: its
 * acknowledgements, usage rows and logs need a little, and so does whoever deletes something. New work that needs the disk
 * is refused before that, with words that say so; reading goes on, and so do invocations whose callers wait.
 */
import { statfs } from 'node:fs/promises';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import { Trouble } from '../util/trouble.ts';

/** What is set aside: the write-ahead log at its usual largest, a checkpoint of it, and a while of logs. */
const reserveBytes = 64 * 1024 * 1024;
/** Of a disk on which that would be much. With a twentieth a queue on 300 MB that had filled up could not be emptied any more. */
const reserveShare = 0.25;
/** The disk is looked at again when the last look is older. */
const lookEveryMs = 200;
/** And this often while it is full, so that the end of it is said without anybody asking. */
const lookWhileFullMs = 1_000;
/** Of what is set aside: what the disk itself must have where the store's own file, which never shrinks, has the rest. */
const bareShare = 0.5;

export type Free = { bytes: number; ofBytes: number };

export type DiskRoomOptions = {
  folder: string;
  clock: Clock;
  /** What the operator should know, once each. */
  log: (message: string) => void;
  /** Default: what the file system says. */
  look?: (folder: string) => Promise<Free>;
};

export class DiskRoom implements Disposable {
  readonly #options: DiskRoomOptions;
  readonly #trouble: Trouble;
  #free: Free | undefined;
  #reusableBytes: () => number = () => 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: DiskRoomOptions) {
    this.#options = options;
    this.#trouble = new Trouble(options.log);
  }

  /**
   * Before new work is accepted that needs the disk. By the last look, so that nobody waits for one. Errors: `unavailable`.
   */
  require(): void {
    if (this.#options.clock.monotonicMs() - this.#lookedMs >= lookEveryMs) void this.look();
    // Where the folder lies and what is left there is for the operator, who has it in the log and from doctor.
    if (this.full !== undefined)
      throw new PlatformError('unavailable', 'nothing new can be kept: the disk of the platform is full', {
        retryAfterMs: lookWhileFullMs,
      });
  }

  /** What was deleted leaves room within the file that it lay in, and none on the disk: whoever has such a file says how much. */
  countAlso(reusableBytes: () => number): void {
    this.#reusableBytes = reusableBytes;
  }

  /** What is wrong, in a sentence; undefined: there is room. */
  get full(): string | undefined {
    if (this.#free === undefined) return undefined;
    const { bytes } = this.#free;
    const setAside = setAsideBytes(this.#free);
    if (bytes >= setAside) return undefined;
    if (bytes >= setAside * bareShare && bytes + this.#reusableBytes() >= setAside) return undefined;
    return `the disk of the data folder ${this.#options.folder} is full (${megabytes(bytes)} left, ${megabytes(setAside)} are set aside for what was accepted before)`;
  }

  get free(): Free | undefined {
    return this.#free;
  }

  /** Looks at the disk now, or as soon as the look that is under way is over. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
  }

  async #look(): Promise<void> {
    const { clock, folder, look = lookAt } = this.#options;
    this.#lookedMs = clock.monotonicMs();
    try {
      this.#free = await look(folder);
    } catch {
      // Whoever writes is told what is wrong with it.
      return;
    }
    const { full } = this;
    if (full === undefined)
      return this.#trouble.over(`there is room again on the disk of ${folder}: all work is taken`);
    this.#trouble.met(`${full}: new work that needs it is refused until there is room again`);
    clock.schedule(lookWhileFullMs, () => {
      if (!this.#isClosed) void this.look();
    });
  }
}

/** Of a disk: what is not for new work. */
export function setAsideBytes({ ofBytes }: Free): number {
  return Math.min(reserveBytes, ofBytes * reserveShare);
}

/** Of the disk that `folder` is on. Errors: the system's. */
export async function lookAt(folder: string): Promise<Free> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { bytes: bavail * bsize, ofBytes: blocks * bsize };
}

export const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

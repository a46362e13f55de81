/** Calls back after changes in a project, one call at a time, with the newest state: what changes meanwhile leads to one more. */
import { watch } from 'node:fs';
import { isIgnoredFile, isIgnoredFolder, manifestNames } from '../manifest/package/ignored.ts';
import type { Clock, Timer } from '../util/clock.ts';

/** Editors write a file in several steps within a few milliseconds; people notice 100. */
const settleMs = 50;

export class ProjectWatch implements AsyncDisposable {
  /** Rejects when `changed` does, or when the folder can no longer be watched. */
  readonly failed: Promise<never>;
  readonly #fail: (error: unknown) => void;
  readonly #clock: Clock;
  readonly #changed: () => Promise<void>;
  readonly #watcher: ReturnType<typeof watch>;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #isDirty = false;
  #isStopped = false;

  constructor(folder: string, clock: Clock, changed: () => Promise<void>) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    this.#fail = reject;
    // Whether anybody waits for it or not.
    promise.catch(() => undefined);
    this.#clock = clock;
    this.#changed = changed;
    this.#watcher = watch(folder, { recursive: true, ignore: isUninteresting }, () => this.#later());
    this.#watcher.on('error', reject);
  }

  /** Calls back at once, as if something had changed. */
  trigger(): void {
    this.#run();
  }

  /** Waits for the call that runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#watcher.close();
    await this.#running;
  }

  #later(): void {
    if (this.#isStopped) return;
    this.#timer?.cancel();
    this.#timer = this.#clock.schedule(settleMs, () => this.#run());
  }

  #run(): void {
    if (this.#running !== undefined) {
      this.#isDirty = true;
      return;
    }
    this.#running = this.#changed()
      .catch(this.#fail)
      .finally(() => {
        this.#running = undefined;
        if (this.#isDirty) {
          this.#isDirty = false;
          this.#later();
        }
      });
  }
}

/** `path`: from the watched folder. Packages change by installing them, which ends with package-lock.json. */
export function isUninteresting(path: string): boolean {
  if (manifestNames.some((name) => name === path)) return false;
  return path.split(/[\\/]/).some((name) => isIgnoredFolder(name) || name === 'node_modules') || isIgnoredFile(path);
}

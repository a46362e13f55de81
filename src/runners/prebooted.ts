/**
 * Generic environments kept ready: the runtime is up inside its sandbox and no code is in it yet. One is taken for a
 * cold start and refilled in the background. Only where the sandbox can boot without code.
 */
import type { RuntimeName } from '../util/runtime-names.ts';
import type { BootSpec, Environment, Sandbox } from '../sandbox/sandbox.ts';
import type { Clock } from '../util/clock.ts';
import type { EnvironmentId, Ids } from '../util/ids.ts';

export type BootKind = Required<Omit<BootSpec, 'id' | 'bundlePath' | 'layersPath' | 'extensions' | 'release'>> &
  Pick<BootSpec, 'release'>;

type Key = `${RuntimeName} ${string} ${BootSpec['network']} ${number} ${number}`;
type Shelf = { spec: BootKind; ready: Environment[]; booting: number; failures: number };

/** A taken one is replaced a moment later, so that its own first invocation has the processor to itself. */
const refillDelayMs = 30;
/** After a boot that failed: the wait before the next, doubled each time, up to the longest. */
const retryMsMin = 1_000;
const retryMsMax = 60_000;

export class Prebooted {
  readonly #shelves = new Map<Key, Shelf>();
  readonly #sandbox: Sandbox;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #each: number;
  readonly #hasRoom: () => boolean;
  readonly #failed: (runtime: RuntimeName, error: unknown) => void;
  #closed = false;

  /**
   * `each`: how many to keep of each kind wanted; 0 keeps none. `hasRoom`: whether one more environment may be made.
   * `failed` hears of the first failure in a row.
   */
  constructor(options: {
    sandbox: Sandbox;
    clock: Clock;
    ids: Ids;
    each: number;
    hasRoom: () => boolean;
    failed: (runtime: RuntimeName, error: unknown) => void;
  }) {
    this.#sandbox = options.sandbox;
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#each = options.sandbox.bootsWithoutCode ? options.each : 0;
    this.#hasRoom = options.hasRoom;
    this.#failed = options.failed;
  }

  get count(): number {
    let count = 0;
    for (const shelf of this.#shelves.values()) count += shelf.ready.length + shelf.booting;
    return count;
  }

  /** From now on exactly these kinds are kept ready; others are ended. */
  want(kinds: readonly BootKind[]): void {
    if (this.#closed) return;
    const wanted = new Set(kinds.map(keyOf));
    for (const [key, shelf] of this.#shelves) {
      if (wanted.has(key)) continue;
      this.#shelves.delete(key);
      for (const environment of shelf.ready) void environment.stop();
    }
    for (const spec of kinds) {
      const key = keyOf(spec);
      if (!this.#shelves.has(key)) this.#shelves.set(key, { spec, ready: [], booting: 0, failures: 0 });
      this.#refill(key);
    }
  }

  take(spec: BootKind): Environment | undefined {
    const key = keyOf(spec);
    const taken = this.#shelves.get(key)?.ready.shift();
    if (taken !== undefined) this.#clock.schedule(refillDelayMs, () => this.#refill(key));
    return taken;
  }

  /** There is room again: what was given up for want of it comes back. */
  replenish(): void {
    for (const key of this.#shelves.keys()) this.#refill(key);
  }

  /** Ends one to make room; false when there is none. */
  giveUpOne(): boolean {
    for (const shelf of this.#shelves.values()) {
      const environment = shelf.ready.pop();
      if (environment !== undefined) {
        void environment.stop();
        return true;
      }
    }
    return false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#shelves.values()].flatMap((shelf) => shelf.ready);
    this.#shelves.clear();
    await Promise.all(all.map((environment) => environment.stop()));
  }

  #refill(key: Key): void {
    const shelf = this.#shelves.get(key);
    if (this.#closed || shelf === undefined || shelf.failures > 0) return;
    while (shelf.ready.length + shelf.booting < this.#each && this.#hasRoom()) void this.#boot(key, shelf);
  }

  async #boot(key: Key, shelf: Shelf): Promise<void> {
    shelf.booting += 1;
    try {
      const environment = await this.#sandbox.start({ ...shelf.spec, id: this.#ids.hex(16) as EnvironmentId });
      shelf.failures = 0;
      if (this.#closed || this.#shelves.get(key) !== shelf) {
        await environment.stop();
        return;
      }
      shelf.ready.push(environment);
      void environment.ended.then(() => {
        const at = shelf.ready.indexOf(environment);
        if (at < 0) return;
        shelf.ready.splice(at, 1);
        this.#clock.schedule(retryMsMin, () => this.#refill(key));
      });
    } catch (error) {
      // One that was booting when all ends is no failure.
      if (shelf.failures === 0 && !this.#closed) this.#failed(shelf.spec.runtime, error);
      const delayMs = Math.min(retryMsMax, retryMsMin * 2 ** shelf.failures);
      shelf.failures += 1;
      this.#clock.schedule(delayMs, () => {
        if (this.#closed || this.#shelves.get(key) !== shelf || shelf.booting > 0) return;
        void this.#boot(key, shelf);
      });
    } finally {
      shelf.booting -= 1;
    }
  }
}

const keyOf = (spec: BootKind): Key =>
  `${spec.runtime} ${spec.release ?? 'newest'} ${spec.network} ${spec.ephemeralMb} ${spec.memoryMb}`;

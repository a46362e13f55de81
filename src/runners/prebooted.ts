/**
 * Environments kept ready: the runtime is up inside its sandbox and no code is in it yet, or it waits for a template, or one
 * version's is loaded already, or its code read, and nothing of it has run. One is taken for a cold start and refilled in the background. Only where
 * the sandbox can boot without code.
 */
import type { RuntimeName } from '../util/runtime-names.ts';
import type { Resolved } from '../registry/registry.ts';
import type { BootSpec, CodeAhead, Environment, Sandbox, Template } from '../sandbox/sandbox.ts';
import { backOffMs } from '../util/back-off.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { never } from '../util/assert.ts';
import { messageOf } from '../util/errors.ts';
import { randomFraction, type EnvironmentId, type Ids } from '../util/ids.ts';
import { Trouble } from '../util/trouble.ts';
import { pauseBounds } from './crash-loops.ts';
import { burstMs, noBursts, sparesWanted, withColdStart, type Bursts } from './spares-wanted.ts';

/**
 * What is done of one version before it is called: its template is loaded, or its code read. `version`: its key; `name`: its
 * function's; `template`: what is compiled of the code that is read.
 */
type AheadOfCall = Pick<CodeAhead, 'bundlePath' | 'layersPath'> & { version: string; name: string } & (
    | { how: 'loaded'; template: Template }
    | { how: 'read'; resolved: Resolved; template: Template | undefined }
  );

/** `memory`: kept for versions that have a template. `ahead`: for this one. */
export type BootKind = Required<
  Omit<
    BootSpec,
    'id' | 'bundlePath' | 'layersPath' | 'expected' | 'extensions' | 'release' | 'forTemplate' | 'template' | 'memory'
  >
> &
  Pick<BootSpec, 'release'> & { memory?: 'template'; ahead?: AheadOfCall };

type Key = `${RuntimeName} ${string} ${string} ${number} ${number} ${string} ${string}`;
type Shelf = {
  spec: BootKind;
  /** How many, unless cold starts come in bursts. */
  usual: number;
  ready: Environment[];
  booting: number;
  failures: number;
  retry: Timer | undefined;
  /** One at a time, however often it is asked for. */
  refill: Timer | undefined;
  replace: Timer | undefined;
  trouble: Trouble;
  /** How its cold starts have come. */
  bursts: Bursts;
  /** When one was asked for in vain. */
  missedMs: number;
  /** More than the usual number, until the next look; those that were given up are not at once replaced. */
  wanted: number;
  /** What the last one held when it was up. */
  bytesEach: number;
};

/** A taken one is replaced a moment later, so that its own first invocation has the processor to itself. */
const refillDelayMs = 30;
/** As long as calls find none, what would be booted for later has to wait for what they wait for. */
const refillAfterMissMs = 300;
/** What one is taken to hold where the kernel does not tell. */
const bytesGuess = 40 * 1024 * 1024;
/** The same where a template is loaded: pages that an event writes to, 4 MB at most, and some 2 besides. */
const loadedBytesGuess = 6 * 1024 * 1024;
/** Where code is read: a Node.js that waits; what it has compiled is seldom seen beside that. */
const readBytesGuess = 15 * 1024 * 1024;
/** After one ended by itself: the wait before another. */
const replaceDelayMs = 1_000;

export type PrebootedOptions = {
  sandbox: Sandbox;
  clock: Clock;
  ids: Ids;
  /** How many to keep of each kind wanted; 0 keeps none. */
  each: number;
  /** Has a version's code read in a new environment. Errors: as `Environment.readAhead`. */
  read(environment: Environment, resolved: Resolved, template: Template | undefined): Promise<void>;
  /** Whether one more environment may be made, that holds so much. */
  hasRoom(bytes: number): boolean;
  /** Hears why a kind cannot be kept ready, and when it can again, once each. */
  warn(message: string): void;
};

export class Prebooted {
  readonly #shelves = new Map<Key, Shelf>();
  /** What each that is ready held when it was up. */
  readonly #bytes = new Map<Environment, number>();
  readonly #sandbox: Sandbox;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #each: number;
  readonly #read: PrebootedOptions['read'];
  readonly #hasRoom: (bytes: number) => boolean;
  readonly #warn: (message: string) => void;
  #closed = false;

  constructor(options: PrebootedOptions) {
    this.#sandbox = options.sandbox;
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#each = options.sandbox.bootsWithoutCode ? options.each : 0;
    this.#read = (...what) => options.read(...what);
    this.#hasRoom = (bytes) => options.hasRoom(bytes);
    this.#warn = (message) => options.warn(message);
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
      cancelTimers(shelf);
      while (this.#giveUp(shelf));
    }
    for (const spec of kinds) this.#want(spec);
  }

  #want(spec: BootKind): void {
    const key = keyOf(spec);
    const known = this.#shelves.get(key);
    // In the order in which they are wanted now.
    this.#shelves.delete(key);
    const shelf = known ?? this.#newShelf(spec);
    this.#shelves.set(key, shelf);
    const isGeneric = spec.ahead === undefined;
    if (known === undefined && isGeneric) this.#refill(key);
    // Somebody has just started, or made its template, and has the processor first.
    else if (known === undefined || isGeneric) this.#refillLater(key, shelf, refillDelayMs);
  }

  #newShelf(spec: BootKind): Shelf {
    // Of one version one: who comes second has the next quickest way.
    const usual = spec.ahead === undefined ? this.#each : Math.min(1, this.#each);
    return {
      spec,
      usual,
      ready: [],
      booting: 0,
      failures: 0,
      retry: undefined,
      refill: undefined,
      replace: undefined,
      trouble: new Trouble(this.#warn),
      bursts: noBursts,
      missedMs: Number.NEGATIVE_INFINITY,
      wanted: usual,
      bytesEach: bytesGuessOf(spec),
    };
  }

  /** Whether there is one to take. */
  has(spec: BootKind): boolean {
    return (this.#shelves.get(keyOf(spec))?.ready.length ?? 0) > 0;
  }

  take(spec: BootKind): Environment | undefined {
    const key = keyOf(spec);
    const shelf = this.#shelves.get(key);
    if (shelf === undefined) return undefined;
    shelf.bursts = withColdStart(shelf.bursts, this.#clock.now());
    const taken = shelf.ready.shift();
    if (taken === undefined) {
      shelf.missedMs = this.#clock.monotonicMs();
      // What was given up for want of room comes back when it is asked for.
      if (shelf.spec.ahead !== undefined) this.#refillLater(key, shelf, refillAfterMissMs);
      return undefined;
    }
    this.#bytes.delete(taken);
    // While a burst goes on it has the processors to itself: beyond the usual number they are refilled later.
    shelf.wanted = shelf.usual;
    this.#refillLater(key, shelf, refillDelayMs);
    return taken;
  }

  /** Not as long as calls find none. */
  #refillLater(key: Key, shelf: Shelf, delayMs: number): void {
    shelf.refill ??= this.#clock.schedule(delayMs, () => {
      shelf.refill = undefined;
      const waitMs = shelf.missedMs + refillAfterMissMs - this.#clock.monotonicMs();
      if (waitMs > 0) this.#refillLater(key, shelf, waitMs);
      else this.#refill(key);
    });
  }

  /** What all that are ready hold. */
  get bytes(): number {
    let sum = 0;
    for (const bytes of this.#bytes.values()) sum += bytes;
    return sum;
  }

  /** Folders of code and of layers that are shown in those that are ready, or will be. */
  codeInUse(): string[] {
    const all = [...this.#shelves.values()].flatMap(({ spec }) => spec.ahead ?? []);
    return all.flatMap(({ bundlePath, layersPath }) =>
      layersPath === undefined ? bundlePath : [bundlePath, layersPath],
    );
  }

  /** Time to have more of what is wanted in bursts, and fewer of what no longer is. */
  adjust(): void {
    const nowMs = this.#clock.now();
    for (const [key, shelf] of this.#shelves) {
      if (nowMs - shelf.bursts.sinceMs < burstMs) continue;
      if (shelf.spec.ahead === undefined) shelf.wanted = sparesWanted(this.#each, shelf.bursts, nowMs);
      while (shelf.ready.length > shelf.wanted) this.#giveUp(shelf);
      this.#refill(key);
    }
  }

  /** Ends one that waits for one version alone, the one that is asked for least first; false when there is none. */
  giveUpAhead(): boolean {
    const shelves = [...this.#shelves.values()].filter(({ spec }) => spec.ahead !== undefined);
    return shelves.toReversed().some((shelf) => this.#giveUp(shelf));
  }

  /** Ends one of those that are more than the usual number, or that only one version can use; false when there is none. */
  giveUpExtra(): boolean {
    if (this.giveUpAhead()) return true;
    for (const shelf of this.#shelves.values())
      if (shelf.ready.length > this.#each) {
        shelf.bursts = noBursts;
        shelf.wanted = this.#each;
        return this.#giveUp(shelf);
      }
    return false;
  }

  /** There is room again: what was given up for want of it comes back. */
  replenish(): void {
    // Those of one version do without until it is asked for, or all are looked at.
    for (const [key, { spec }] of this.#shelves) if (spec.ahead === undefined) this.#refill(key);
  }

  /** Ends one to make room; false when there is none. */
  giveUpOne(): boolean {
    for (const shelf of this.#shelves.values()) if (this.#giveUp(shelf)) return true;
    return false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#shelves.values()].flatMap((shelf) => shelf.ready);
    for (const shelf of this.#shelves.values()) cancelTimers(shelf);
    this.#shelves.clear();
    await Promise.all(all.map((environment) => environment.stop()));
  }

  #giveUp(shelf: Shelf): boolean {
    const environment = shelf.ready.pop();
    if (environment === undefined) return false;
    this.#bytes.delete(environment);
    void environment.stop();
    return true;
  }

  #refill(key: Key): void {
    const shelf = this.#shelves.get(key);
    if (this.#closed || shelf === undefined || shelf.retry !== undefined) return;
    // After failures only one is tried at a time: the others may follow it.
    const bootingMax = shelf.failures > 0 ? 1 : Infinity;
    while (
      shelf.booting < bootingMax &&
      shelf.ready.length + shelf.booting < shelf.wanted &&
      this.#hasRoom(shelf.bytesEach * (1 + shelf.booting))
    )
      void this.#boot(key, shelf);
  }

  #prepare(environment: Environment, ahead: AheadOfCall): Promise<void> {
    const { how } = ahead;
    switch (how) {
      case 'loaded':
        return environment.loadAhead(ahead);
      case 'read':
        return this.#read(environment, ahead.resolved, ahead.template);
      default:
        return never(how);
    }
  }

  #isGone(key: Key, shelf: Shelf): boolean {
    return this.#closed || this.#shelves.get(key) !== shelf;
  }

  async #boot(key: Key, shelf: Shelf): Promise<void> {
    shelf.booting += 1;
    let isUp = false;
    let made: Environment | undefined;
    try {
      const { ahead, ...spec } = shelf.spec;
      const environment = await this.#sandbox.start({ ...spec, id: this.#ids.hex(16) as EnvironmentId });
      made = environment;
      if (ahead !== undefined) await this.#prepare(environment, ahead);
      shelf.failures = 0;
      shelf.retry?.cancel();
      shelf.retry = undefined;
      shelf.trouble.over(works(shelf.spec));
      if (this.#isGone(key, shelf)) {
        await environment.stop();
        return;
      }
      shelf.ready.push(environment);
      shelf.bytesEach = environment.memoryBytes() ?? bytesGuessOf(shelf.spec);
      this.#bytes.set(environment, shelf.bytesEach);
      isUp = true;
      void environment.ended.then(() => {
        const at = shelf.ready.indexOf(environment);
        if (at < 0) return;
        shelf.ready.splice(at, 1);
        this.#bytes.delete(environment);
        if (this.#isGone(key, shelf)) return;
        shelf.replace ??= this.#clock.schedule(replaceDelayMs, () => {
          shelf.replace = undefined;
          this.#refill(key);
        });
      });
    } catch (error) {
      // It may be up, and nobody's: until it has ended it is counted.
      await made?.stop();
      // One that was booting when all ends, or when it was no longer wanted, is no failure.
      if (this.#isGone(key, shelf)) return;
      shelf.trouble.met(`${failing(shelf.spec)}: ${messageOf(error)}`);
      shelf.failures += 1;
      const delayMs = backOffMs(shelf.failures, randomFraction(this.#ids), pauseBounds);
      shelf.retry ??= this.#clock.schedule(delayMs, () => {
        shelf.retry = undefined;
        // Where none is wanted now, or there is no room, whoever refills next tries.
        this.#refill(key);
      });
    } finally {
      shelf.booting -= 1;
    }
    if (isUp) this.#refill(key);
  }
}

const keyOf = (spec: BootKind): Key =>
  `${spec.runtime} ${spec.release ?? 'newest'} ${JSON.stringify(spec.network)} ${spec.ephemeralMb} ${spec.memoryMb} ${spec.memory ?? ''} ${aheadKeyOf(spec)}`;

const aheadKeyOf = ({ ahead }: BootKind): string =>
  ahead === undefined ? '' : `${ahead.version} ${ahead.how} ${ahead.template === undefined ? '' : 'from template'}`;

function bytesGuessOf({ ahead }: BootKind): number {
  if (ahead === undefined) return bytesGuess;
  return ahead.how === 'loaded' ? loadedBytesGuess : readBytesGuess;
}

/** What cannot be done of one version does not keep others of its runtime from being ready. */
function failing({ ahead, runtime }: BootKind): string {
  if (ahead === undefined) return `no environment of ${runtime} can be kept ready`;
  return ahead.how === 'loaded'
    ? `the template of ${ahead.name} cannot be loaded before it is called`
    : `the code of ${ahead.name} cannot be read before it is called`;
}

function works({ ahead, runtime }: BootKind): string {
  if (ahead === undefined) return `environments of ${runtime} are kept ready again`;
  return ahead.how === 'loaded'
    ? `the template of ${ahead.name} is loaded again before it is called`
    : `the code of ${ahead.name} is read again before it is called`;
}

const cancelTimers = ({ refill, replace, retry }: Shelf): void => {
  for (const timer of [refill, replace, retry]) timer?.cancel();
};

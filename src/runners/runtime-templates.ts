/**
 * Templates of runtimes that are up and have no code yet. An environment that is started because somebody waits for it, and
 * finds none pre-booted, goes on from one: a boot costs the processor several times as much, and many at once have to wait
 * for it. Whoever goes on from the same has the same layout of addresses and hash seed, so each account has its own, for a
 * while. Made in the background, one at a time.
 */
import type { Environment, Sandbox, Template } from '../sandbox/sandbox.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { AccountId } from '../util/ids.ts';
import { longestUnused } from './longest-unused.ts';
import { OneByOne, type Next } from './one-by-one.ts';
import type { BootKind } from './prebooted.ts';

/** What was just deployed or started has the processor first. */
const delayMs = 500;
/** Accounts' runtimes that have one; who was started longest ago goes first. Each holds some 7 MB. */
const madeMax = 32;
/** Made before any function of theirs is started. */
const aheadMax = 8;
/** How often one is gone on from, and for how long, before it is made anew. */
const usesMax = 1_000;
const ageMsMax = 10 * 60_000;
/** While no new one comes, it is gone on from until either is so many times over. */
const wornOut = 2;
/** Of one: a runtime without code that holds more is none. */
const bytesMax = 64 * 1024 * 1024;
/** What one will hold, before it is made: of Python, some 7 MB. */
const bytesGuess = 8 * 1024 * 1024;
/** One that has been replaced is still there for who was given it: as long as an environment may take to be there, and some. */
const wornMs = 30_000;
/** One that cannot be made, or gone on from, is not tried again for this long. */
const pauseMs = 10 * 60_000;

export type RuntimeTemplatesOptions = {
  sandbox: Pick<Sandbox, 'bootsFromTemplates'>;
  clock: Clock;
  /** Whether there is memory for one that holds so much. */
  hasMemoryFor(bytes: number): boolean;
  /** Boots an environment; undefined: there is no room for it now. */
  boot(kind: BootKind): Promise<Environment | undefined>;
};

type Made = { template: Template; uses: number; sinceMs: number; usedMs: number };
export type RuntimeOfAccount = { account: AccountId; kind: BootKind };

export class RuntimeTemplates {
  readonly #options: RuntimeTemplatesOptions;
  readonly #made = new Map<string, Made>();
  readonly #worn = new Map<Template, Timer>();
  readonly #wanted = new Map<string, RuntimeOfAccount>();
  readonly #pausedUntilMs = new Map<string, number>();
  readonly #turns: OneByOne;
  #closed = false;

  constructor(options: RuntimeTemplatesOptions) {
    this.#options = options;
    this.#turns = new OneByOne({ clock: options.clock, delayMs, next: () => this.#makeNext() });
  }

  /**
   * What an environment of this account's, booted with this release, can go on from. One that is worn is replaced soon, and
   * serves until then, though not for ever: too many would have its layout of addresses.
   */
  of(whose: RuntimeOfAccount): Template | undefined {
    const key = runtimeKey(whose);
    const made = this.#made.get(key);
    const nowMs = this.#options.clock.monotonicMs();
    const worn = made === undefined ? Infinity : Math.max(made.uses / usesMax, (nowMs - made.sinceMs) / ageMsMax);
    if (worn >= 1) this.want(whose);
    if (worn >= wornOut) this.#retire(key);
    if (made === undefined || worn >= wornOut) return undefined;
    made.uses += 1;
    made.usedMs = nowMs;
    return made.template;
  }

  /** Makes one, soon, where there can be one. */
  want(whose: RuntimeOfAccount): void {
    const key = runtimeKey(whose);
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#closed || this.#wanted.size >= madeMax || !this.#options.sandbox.bootsFromTemplates(whose.kind.runtime))
      return;
    if ((this.#pausedUntilMs.get(key) ?? nowMs) > nowMs) return;
    this.#wanted.set(key, whose);
    this.#turns.soon();
  }

  /** The same for the first ones that are deployed; those that there are stay as they are. */
  wantFirst(all: readonly RuntimeOfAccount[]): void {
    const { sandbox } = this.#options;
    const first = all.filter(({ kind }) => sandbox.bootsFromTemplates(kind.runtime)).slice(0, aheadMax);
    for (const whose of first) if (!this.#made.has(runtimeKey(whose))) this.want(whose);
  }

  /** An environment could not go on from it. Where it is no longer the one, that is why. */
  failed(whose: RuntimeOfAccount, template: Template): void {
    const key = runtimeKey(whose);
    if (this.#made.get(key)?.template !== template) return;
    this.#drop(key);
    this.#pause(key);
  }

  get bytes(): number {
    let bytes = 0;
    for (const { template } of this.#made.values()) bytes += template.bytes;
    for (const template of this.#worn.keys()) bytes += template.bytes;
    return bytes;
  }

  /** Ends the one that was used longest ago; false: there is none. */
  giveUpOne(): boolean {
    const oldest = longestUnused(this.#made);
    if (oldest !== undefined) this.#drop(oldest);
    return oldest !== undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wanted.clear();
    await this.#turns[Symbol.asyncDispose]();
    for (const key of this.#made.keys()) this.#drop(key);
    for (const template of this.#worn.keys()) this.#release(template);
  }

  #makeNext(): Next {
    const [next] = this.#wanted;
    if (next === undefined) return undefined;
    this.#wanted.delete(next[0]);
    return this.#make(...next);
  }

  /** Never rejects. */
  async #make(key: string, whose: RuntimeOfAccount): Promise<void> {
    const { boot, clock, hasMemoryFor } = this.#options;
    if (!hasMemoryFor(bytesGuess)) return;
    try {
      const environment = await boot(whose.kind);
      if (environment === undefined) return;
      const template = await environment.becomeTemplate(bytesMax);
      if ('refused' in template) return this.#pause(key);
      if (this.#closed) return template.release();
      this.#retire(key);
      while (this.#made.size >= madeMax && this.giveUpOne());
      const nowMs = clock.monotonicMs();
      this.#made.set(key, { template, uses: 0, sinceMs: nowMs, usedMs: nowMs });
    } catch {
      // It boots as ever, and what is wrong with that is told by those who wait for it.
      this.#pause(key);
    }
  }

  #retire(key: string): void {
    const worn = this.#made.get(key)?.template;
    this.#made.delete(key);
    if (worn !== undefined)
      this.#worn.set(
        worn,
        this.#options.clock.schedule(wornMs, () => this.#release(worn)),
      );
  }

  #release(worn: Template): void {
    this.#worn.get(worn)?.cancel();
    this.#worn.delete(worn);
    worn.release();
  }

  #drop(key: string): void {
    this.#made.get(key)?.template.release();
    this.#made.delete(key);
  }

  #pause(key: string): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [other, untilMs] of this.#pausedUntilMs) if (untilMs <= nowMs) this.#pausedUntilMs.delete(other);
    this.#pausedUntilMs.set(key, nowMs + pauseMs);
  }
}

/** Whose are the same. */
export const runtimeKey = ({ account, kind }: RuntimeOfAccount): string =>
  `${account} ${kind.runtime} ${kind.release ?? 'newest'}`;

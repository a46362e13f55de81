/**
 * Versions whose code is read before anybody calls them, in an environment each that waits for the call: those that starts ask
 * for most often of late, and those that were just deployed, for a while. docs/decisions/100-code-read-ahead.md
 */
import type { FunctionVersion } from '../registry/function.ts';
import type { Resolved } from '../registry/registry.ts';
import type { Environment, Sandbox, Template } from '../sandbox/sandbox.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { EnvironmentId } from '../util/ids.ts';
import { askedAgain, chooseAhead, neverAsked, type Asked } from './choose-ahead.ts';
import type { BootKind } from './prebooted.ts';
import type { Initialization } from './runners.ts';
import { initializationWord, readKind, versionKey, codeOf } from './version-key.ts';

/** Each holds a whole Node.js, some 15 MB. */
export const aheadMax = 8;
/** One that was not asked for within this time goes: a machine that is idle holds none. */
export const forgottenMs = 15 * 60_000;
/** How often it is looked whether some are to go. */
const lookMs = 60_000;
/** Others are chosen when who has asked is served. */
const chooseMs = 30;
/** Versions of which it is known how often they are asked for: many times those that can be chosen. */
const knownMax = 64;
/**
 * Variables that were made so long ago are made anew: an environment's credentials last four hours longer than it may. It does not
 * wait for so long by the clock that timers go by; by the wall clock it may, which jumps where the machine slept.
 */
const variablesMsMax = 3_600_000;
const dayMs = 86_400_000;

type Variables = Readonly<Record<string, string>>;

export type VersionsAheadOptions = {
  sandbox: Pick<Sandbox, 'readsAhead'>;
  clock: Clock;
  variablesFor(
    resolved: Resolved,
    environment: EnvironmentId,
    initialization: Initialization,
  ): Variables | Promise<Variables>;
  /** What is compiled of its code. */
  compiledOf(resolved: Resolved, release: string | undefined): Template | undefined;
  /** Others of `kinds` are wanted than before. */
  changed(): void;
};

type Known = { resolved: Resolved; release: string | undefined; asked: Asked };

export class VersionsAhead {
  readonly #options: VersionsAheadOptions;
  /** Those that were asked for last are last. */
  readonly #known = new Map<string, Known>();
  /** Nobody reads their code any more before they are called. */
  readonly #unreadable = new WeakSet<FunctionVersion>();
  /** Keys, those first that are asked for most. */
  #chosen: readonly string[] = [];
  readonly #given = new WeakMap<Environment, { variables: Variables; madeMs: number }>();
  #choosing: Timer | undefined;
  #look: Timer | undefined;

  constructor(options: VersionsAheadOptions) {
    this.#options = options;
  }

  /** It starts because somebody calls it. Answers of which kind an environment is that may wait for it. */
  asked(resolved: Resolved, release: string | undefined, template: Template | undefined): BootKind | undefined {
    if (!this.#canRead(resolved)) return undefined;
    const key = versionKey(resolved);
    const known = this.#known.get(key);
    const nowMs = this.#options.clock.monotonicMs();
    this.#know(key, { resolved, release, asked: askedAgain(known?.asked ?? neverAsked, nowMs) });
    if (!this.#chosen.includes(key) || known?.release !== release) {
      this.#chooseSoon();
      return undefined;
    }
    return readKind(resolved, release, template);
  }

  /** They were deployed so long ago; each may be named again. None of them has external extensions. */
  deployed(versions: readonly { resolved: Resolved; release: string | undefined; agoMs: number }[]): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const { resolved, release, agoMs } of versions) {
      const key = versionKey(resolved);
      if (this.#known.has(key) || agoMs > forgottenMs || !this.#canRead(resolved)) continue;
      this.#know(key, { resolved, release, asked: askedAgain(neverAsked, nowMs - Math.max(0, agoMs)) });
      this.#chooseSoon();
    }
  }

  retire(keep: (resolved: Resolved) => boolean): void {
    for (const [key, { resolved }] of this.#known) if (!keep(resolved)) this.#known.delete(key);
    if (this.#chosen.some((key) => !this.#known.has(key))) this.#choose();
  }

  get kinds(): BootKind[] {
    const chosen = this.#chosen.flatMap((key) => this.#known.get(key) ?? []);
    return chosen.map(({ resolved, release }) =>
      readKind(resolved, release, this.#options.compiledOf(resolved, release)),
    );
  }

  /** As `PrebootedOptions.read`. */
  async read(environment: Environment, resolved: Resolved, template: Template | undefined): Promise<void> {
    const { clock, variablesFor } = this.#options;
    const madeMs = clock.now();
    const variables = await variablesFor(resolved, environment.id, initializationWord(resolved, 'on-demand'));
    this.#given.set(environment, { variables, madeMs });
    const compiled = template === undefined ? {} : { template };
    try {
      await environment.readAhead({ version: resolved.version, ...codeOf(resolved), variables, ...compiled });
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'unavailable') this.#isUnreadable(resolved);
      throw error;
    }
  }

  /** Whoever read it ended: its code is too much for that, or has run. Once is enough. */
  #isUnreadable(resolved: Resolved): void {
    this.#unreadable.add(resolved.version);
    // Its environments go a moment later: why there will be none is said first.
    if (this.#known.delete(versionKey(resolved))) this.#chooseSoon();
  }

  /** Those that it was given then, where they are as new ones would be. */
  variablesOf(environment: Environment, initialization: Initialization): Variables | undefined {
    const given = this.#given.get(environment);
    if (given === undefined || initialization !== 'on-demand') return undefined;
    const nowMs = this.#options.clock.now();
    // The name of its log stream has the day.
    const isOfToday = Math.floor(given.madeMs / dayMs) === Math.floor(nowMs / dayMs);
    const ageMs = nowMs - given.madeMs;
    return isOfToday && ageMs >= 0 && ageMs <= variablesMsMax ? given.variables : undefined;
  }

  close(): void {
    this.#choosing?.cancel();
    this.#look?.cancel();
    this.#known.clear();
    this.#chosen = [];
  }

  /** What is secret is read when it is needed, and not before. */
  #canRead({ version }: Resolved): boolean {
    const { settings } = version;
    const isPlain = settings.references === undefined && settings.environmentKey?.sealed === undefined;
    return isPlain && !this.#unreadable.has(version) && this.#options.sandbox.readsAhead(settings.runtime);
  }

  #know(key: string, known: Known): void {
    this.#known.delete(key);
    this.#known.set(key, known);
    if (this.#known.size > knownMax) {
      const oldest = this.#known.keys().find((one) => !this.#chosen.includes(one));
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#lookLater();
  }

  #lookLater(): void {
    this.#look ??= this.#options.clock.schedule(lookMs, () => {
      this.#look = undefined;
      const sinceMs = this.#options.clock.monotonicMs() - forgottenMs;
      for (const [key, { asked }] of this.#known) if (asked.atMs < sinceMs) this.#known.delete(key);
      if (this.#known.size > 0) this.#lookLater();
      this.#choose();
    });
  }

  #chooseSoon(): void {
    this.#choosing ??= this.#options.clock.schedule(chooseMs, () => {
      this.#choosing = undefined;
      this.#choose();
    });
  }

  #choose(): void {
    const { changed, clock } = this.#options;
    const before = new Set(this.#chosen);
    const all = [...this.#known].map(([key, { asked }]) => ({ key, asked, isAhead: before.has(key) }));
    this.#chosen = chooseAhead(all, clock.monotonicMs(), aheadMax);
    // Also where those are the same: another release may be asked for.
    changed();
  }
}

/**
 * Templates of versions: made once a first start has shown that their initialisation is worth it (or, for SnapStart, when
 * they are published), in the background and one at a time; used by every start from then on; ended with their version,
 * or when those that were used more recently need the memory.
 */
import type { FunctionSettings } from '../registry/function.ts';
import type { Resolved } from '../registry/registry.ts';
import type { CompiledCode, Environment, Sandbox, Template } from '../sandbox/sandbox.ts';
import type { Clock } from '../util/clock.ts';
import { messageOf } from '../util/errors.ts';
import { askedAgain, chooseAhead, neverAsked, type Asked } from './choose-ahead.ts';
import { longestUnused } from './longest-unused.ts';
import { OneByOne, type Next } from './one-by-one.ts';
import type { BootKind } from './prebooted.ts';
import { StartTimes } from './start-times.ts';
import { bootKind, loadedKind, versionKey } from './version-key.ts';

/** What has shown it is still running its first invocation, or others wait for theirs: they have the processor first. */
const delayMs = 500;
/** How long it is waited for that first invocation, which tells what else is to be loaded. */
const patienceMs = 30_000;
/** Of one: more is not worth keeping for a function, of which there are many. */
const templateBytesMax = 512 * 1024 * 1024;
/** Versions whose template is yet to be made; for more, a later start will ask again. */
const wantedMax = 256;
/** Versions of which it is remembered why they have none, or how often one has failed: a line each. */
const rememberedMax = 4_096;
const failuresMax = 3;
/** Of environments that wait for one of them, as many kinds are kept ready at most: each costs a little memory. */
const kindsMax = 6;

export type TemplatesOptions = {
  sandbox: Pick<Sandbox, 'templatesRefused' | 'templateWorthUs'>;
  clock: Clock;
  /** All templates together may take so much memory. */
  bytesMax: number;
  /** Boots an environment, initialises it to become a template; undefined: there is no room for it now. */
  initialise(
    resolved: Resolved,
    release: string | undefined,
    imports: readonly string[],
  ): Promise<Environment | undefined>;
  /** What came of it, once for each version: bytes of memory, or why there is none. */
  came(resolved: Resolved, outcome: { bytes: number } | { refused: string }): void;
  /** Others of `kinds` may be wanted than before. */
  changed(): void;
};

type Made = {
  resolved: Resolved;
  release: string | undefined;
  template: Template;
  usedMs: number;
  times: StartTimes;
  asked: Asked;
};
/** `first`: the environment that has shown that it is worth it. */
type Wanted = {
  resolved: Resolved;
  release: string | undefined;
  sinceMs: number;
  first: Environment | undefined;
  times: StartTimes;
};

export class Templates {
  readonly #options: TemplatesOptions;
  readonly #made = new Map<string, Made>();
  readonly #wanted = new Map<string, Wanted>();
  readonly #refused = new Map<string, string>();
  readonly #failures = new Map<string, number>();
  /** Keys of those with which an environment waits; those first that are asked for most. */
  #ahead: readonly string[] = [];
  readonly #turns: OneByOne;
  #closed = false;

  constructor(options: TemplatesOptions) {
    this.#options = options;
    this.#turns = new OneByOne({ clock: options.clock, delayMs, next: () => this.#makeNext() });
  }

  /**
   * What a new environment of this version, booted with this release, can go on from. `isReady`: one that is booted already could
   * be taken, which is quicker at times than to boot one with a template.
   */
  of(resolved: Resolved, release: string | undefined, isReady: boolean): Template | undefined {
    const key = versionKey(resolved);
    const made = this.#made.get(key);
    if (made === undefined || made.release !== release) return undefined;
    made.usedMs = this.#options.clock.monotonicMs();
    made.asked = askedAgain(made.asked, made.usedMs);
    if (made.template.kind === 'image' && !this.#ahead.includes(key) && this.#chooseAhead()) this.#options.changed();
    if (made.template.kind === 'archive' && !made.times.archiveIsCheaper(isReady)) return undefined;
    return made.template;
  }

  /** What is compiled of its code; undefined: nothing, or it is no use. */
  compiledOf(resolved: Resolved, release: string | undefined): CompiledCode | undefined {
    const made = this.#made.get(versionKey(resolved));
    return made?.release === release && made?.template.kind === 'compiled' ? made.template : undefined;
  }

  /** One was booted with its template, and initialised, in so long a time. */
  tookWithArchive(resolved: Resolved, us: number): void {
    this.#made.get(versionKey(resolved))?.times.tookWithArchive(us);
  }

  /** It was initialised the ordinary way, in so long a time. */
  learned(resolved: Resolved, release: string | undefined, initUs: number, first: Environment): void {
    const known = this.#made.get(versionKey(resolved)) ?? this.#wanted.get(versionKey(resolved));
    known?.times.tookAnew(initUs);
    const { runtime } = resolved.version.settings;
    if (initUs >= this.#options.sandbox.templateWorthUs(runtime)) this.want(resolved, release, { first, initUs });
  }

  /** Makes one, soon, if there can be one. */
  want(resolved: Resolved, release: string | undefined, shown?: { first: Environment; initUs: number }): void {
    const key = versionKey(resolved);
    const made = this.#made.get(key);
    if (this.#closed || this.#wanted.has(key) || this.#refused.has(key) || this.#wanted.size >= wantedMax) return;
    if (made?.release === release && made !== undefined) return;
    if (!allowsTemplate(resolved.version.settings)) return;
    const refused = this.#options.sandbox.templatesRefused(resolved.version.settings.runtime);
    if (refused !== undefined) return;
    const times = new StartTimes();
    if (shown !== undefined) times.tookAnew(shown.initUs);
    const sinceMs = this.#options.clock.monotonicMs();
    this.#wanted.set(key, { resolved, release, sinceMs, first: shown?.first, times });
    this.#turns.soon();
  }

  /** An environment could not go on from it: a later start will ask for another, unless that has failed too often. */
  failed(resolved: Resolved, why: string): void {
    this.#drop([versionKey(resolved)]);
    this.#fail(resolved, why);
  }

  /** Why a version has none, where that has been found out. */
  refusal(resolved: Resolved): string | undefined {
    return this.#refused.get(versionKey(resolved));
  }

  /** Those that are not to be kept go. */
  retire(keep: (resolved: Resolved) => boolean): void {
    this.#drop([...this.#made].flatMap(([key, { resolved }]) => (keep(resolved) ? [] : key)));
    for (const [key, { resolved }] of this.#wanted) if (!keep(resolved)) this.#wanted.delete(key);
  }

  get bytes(): number {
    let bytes = 0;
    for (const { template } of this.#made.values()) bytes += template.bytes;
    return bytes;
  }

  /** The kinds of environment that those would be loaded into that were used last, and those with one loaded. */
  get kinds(): BootKind[] {
    const kinds = new Map<string, BootKind>();
    for (const { resolved, release } of this.#images.map(([, made]) => made).toSorted((a, b) => b.usedMs - a.usedMs)) {
      const kind: BootKind = { ...bootKind(resolved.version.settings, release), memory: 'template' };
      if (kinds.size < kindsMax) kinds.set(JSON.stringify(kind), kind);
    }
    const ahead = this.#ahead.flatMap((key) => this.#made.get(key) ?? []);
    return [
      ...kinds.values(),
      ...ahead.map(({ resolved, release, template }) => loadedKind(resolved, release, template)),
    ];
  }

  get #images(): [key: string, Made][] {
    return [...this.#made].filter(([, { template }]) => template.kind === 'image');
  }

  /** Ends the one that was used longest ago; false: there is none. */
  giveUpOne(): boolean {
    const oldest = longestUnused(this.#made);
    if (oldest !== undefined) this.#drop([oldest]);
    return oldest !== undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wanted.clear();
    await this.#turns[Symbol.asyncDispose]();
    this.#drop([...this.#made.keys()]);
  }

  #makeNext(): Next {
    if (this.#wanted.size === 0) return undefined;
    const longAgoMs = this.#options.clock.monotonicMs() - patienceMs;
    const entry = [...this.#wanted].find(
      ([, { first, sinceMs }]) => first === undefined || first.lateImports !== undefined || sinceMs < longAgoMs,
    );
    return entry === undefined ? 'later' : this.#make(...entry);
  }

  /** Never rejects. */
  async #make(key: string, { resolved, release, first, times }: Wanted): Promise<void> {
    const { clock, initialise, came, bytesMax } = this.#options;
    try {
      const environment = await initialise(resolved, release, first?.lateImports ?? []);
      if (environment === undefined) return;
      const made = await environment.becomeTemplate(Math.min(templateBytesMax, bytesMax));
      if ('refused' in made) return this.#refuse(resolved, `its process ${made.refused}`);
      if (this.#closed || !this.#wanted.has(key)) return made.release();
      this.#drop([key]);
      while (this.bytes + made.bytes > bytesMax && this.giveUpOne());
      if (made.kind === 'archive') times.tookAnew(made.loadUs);
      const usedMs = clock.monotonicMs();
      this.#made.set(key, { resolved, release, template: made, usedMs, times, asked: askedAgain(neverAsked, usedMs) });
      came(resolved, { bytes: made.bytes });
      this.#chooseAhead();
      this.#options.changed();
    } catch (error) {
      this.#fail(resolved, messageOf(error));
    } finally {
      this.#wanted.delete(key);
    }
  }

  #drop(keys: readonly string[]): void {
    const dropped = keys.flatMap((key) => this.#made.get(key) ?? []);
    if (dropped.length === 0) return;
    for (const key of keys) this.#made.delete(key);
    // Whoever waits with it has its memory, and goes first.
    this.#chooseAhead();
    this.#options.changed();
    for (const { template } of dropped) template.release();
  }

  /** Answers whether others are chosen than before. */
  #chooseAhead(): boolean {
    const before = new Set(this.#ahead);
    const all = this.#images.map(([key, { asked }]) => ({ key, asked, isAhead: before.has(key) }));
    this.#ahead = chooseAhead(all, this.#options.clock.monotonicMs());
    return this.#ahead.length !== before.size || this.#ahead.some((key) => !before.has(key));
  }

  /** On a busy machine, what went wrong once need not go wrong again. */
  #fail(resolved: Resolved, why: string): void {
    const key = versionKey(resolved);
    const failures = (this.#failures.get(key) ?? 0) + 1;
    remember(this.#failures, key, failures);
    if (failures >= failuresMax) this.#refuse(resolved, why);
  }

  #refuse(resolved: Resolved, why: string): void {
    remember(this.#refused, versionKey(resolved), why);
    if (!this.#closed) this.#options.came(resolved, { refused: why });
  }
}

/** What is oldest is forgotten. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  const [oldest] = map.keys();
  if (map.size >= rememberedMax && oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}

const allowsTemplate = ({ template = true }: FunctionSettings): boolean => template;

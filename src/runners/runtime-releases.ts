/**
 * The releases of runtimes that this machine has had, and which of them each version of a function starts with.
 *
 * A newer one that is found (an npm package was updated, the distribution's package, our own program around it) is tried
 * on a share of a version's new environments. Where it does not initialise and the older one does, the older one serves
 * the invocation that waits, and nobody outside sees it; what fails more often than the older one is refused for good.
 * What is decided is on disk, and what has been counted is not: after a restart a trial begins again.
 */
import type { FunctionRecord, FunctionVersion } from '../registry/function.ts';
import { messageOf } from '../util/errors.ts';
import type { RuntimeName } from '../util/runtime-names.ts';
import type { Resolved } from '../registry/registry.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { scan, type Records } from '../store/records.ts';
import type { Sink, TelemetryEvent } from '../telemetry/telemetry.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { randomFraction, type EnvironmentId, type Ids } from '../util/ids.ts';
import { createInTurn } from '../util/in-turn.ts';
import {
  decideRuntime,
  judgeTrial,
  runtimeManagementOf,
  type Choice,
  type Decided,
  type Release,
  type Tally,
} from './decide-runtime.ts';

export type RuntimeReleasesOptions = {
  records: Records;
  sandbox: Pick<Sandbox, 'release' | 'keep' | 'hasRelease' | 'keepOnly'>;
  clock: Clock;
  ids: Ids;
  /** Whether a newer release is tried first; false: it is taken at once. */
  tries: boolean;
  /** Every version of every function. */
  deployed(): Promise<readonly VersionOfFunction[]>;
  /** Environments of a version are to be replaced, because another release is decided on. */
  replace(version: FunctionVersion): void;
  log(message: string): void;
};

export type VersionOfFunction = Pick<Resolved, 'function' | 'version'>;

/** What an environment is started with. `otherwise`: what it would have been, where it is a trial. */
export type StartChoice = { release?: string; otherwise?: string };

/** What is known of a release, for people. */
export type ReleaseView = {
  runtime: RuntimeName;
  id: string;
  version: string;
  foundMs: number;
  /** Environments can start with it. */
  available: boolean;
  /** It is the newest. */
  newest: boolean;
  /** Functions (with their versions) that try it, and that have refused it. */
  triedBy: readonly string[];
  refusedBy: readonly string[];
};

/** New environments of a version that try a newer release. */
const trialShare = 0.1;
/** Patch releases come every few weeks. */
const lookEveryMs = 3_600_000;
/** When whatever the start of a platform has to do is done. */
const firstLookMs = 30_000;
/** Releases of one runtime that are remembered: years of them. */
const releasesMax = 50;

/** Messages that are remembered so as not to be said twice: one for each version that is pinned. */
const saidMax = 10_000;

const releasePrefix = 'runtime-release/';
const decisionPrefix = 'runtime-decision/';

type Trial = { release: string; sinceMs: number; old: Tally; trial: Tally };
type Watched = { key: string; version: FunctionVersion; isTrial: boolean };

const keyOf = ({ account, name, version }: FunctionVersion): string => `${account}/${name}/${version}`;

export class RuntimeReleases implements Sink {
  readonly kinds = ['environment.ended', 'invocation.settled'] as const;
  readonly #options: RuntimeReleasesOptions;
  readonly #releases = new Map<RuntimeName, readonly Release[]>();
  readonly #decided = new Map<string, Decided>();
  readonly #trials = new Map<string, Trial>();
  /** Environments of versions that are trying a release. */
  readonly #watched = new Map<EnvironmentId, Watched>();
  readonly #inTurn = createInTurn();
  readonly #said = new Set<string>();
  readonly #looked = new Set<RuntimeName>();
  #timer: Timer | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(options: RuntimeReleasesOptions) {
    this.#options = options;
  }

  static async open(options: RuntimeReleasesOptions): Promise<RuntimeReleases> {
    const releases = new RuntimeReleases(options);
    for await (const { key, value } of scan(options.records, releasePrefix))
      releases.#releases.set(key.slice(releasePrefix.length) as RuntimeName, value as Release[]);
    for await (const { key, value } of scan(options.records, decisionPrefix))
      releases.#decided.set(key.slice(decisionPrefix.length), value as Decided);
    releases.#lookAfter(firstLookMs);
    return releases;
  }

  /** For a new environment. Empty: whatever the sandbox has, or says is missing. */
  async choose({ function: record, version }: VersionOfFunction): Promise<StartChoice> {
    const { runtime } = version.settings;
    if (!this.#looked.has(runtime)) await this.#look(runtime);
    const choice = this.#choiceOf(record, version);
    if (choice === undefined) return {};
    if (choice.status === 'gone') {
      this.#sayOnce(
        `${version.name}:${version.version} is to stay with the release ${choice.pinned} of ${runtime}, which is not on this machine any more: it runs on the one that is`,
      );
      return {};
    }
    const { release, trial } = choice;
    if (trial === undefined) return { release: release.id };
    this.#beginTrial(version, trial);
    const chance = randomFraction(this.#options.ids);
    return chance < trialShare ? { release: trial.id, otherwise: release.id } : { release: release.id };
  }

  /** An environment has initialised with what was chosen. */
  ready(environment: EnvironmentId, { version }: VersionOfFunction, { otherwise }: StartChoice): void {
    const key = keyOf(version);
    if (!this.#trials.has(key)) return;
    const watched = { key, version, isTrial: otherwise !== undefined };
    this.#watched.set(environment, watched);
    this.#count(watched, false);
  }

  /** It has not, and with the older release it has. */
  failed({ version }: VersionOfFunction): void {
    this.#count({ key: keyOf(version), version, isTrial: true }, true);
  }

  take(event: TelemetryEvent): void {
    if (event.kind === 'environment.ended') this.#watched.delete(event.environmentId);
    if (event.kind !== 'invocation.settled') return;
    const watched = this.#watched.get(event.environmentId);
    if (watched === undefined) return;
    this.#count(watched, event.status === 'exit' || (event.errorType ?? '').startsWith('Runtime.'));
  }

  async flush(): Promise<void> {
    await this.#writing;
  }

  /** The release that new environments of a version get (but for trials); undefined until its runtime was ever looked at. */
  current({ function: record, version }: VersionOfFunction): Release | undefined {
    const choice = this.#choiceOf(record, version);
    return choice?.status === 'use' ? choice.release : this.#available(version.settings.runtime).at(-1);
  }

  /** As `current`, after a look if there was none. Undefined: the machine has no such runtime. */
  async settled(of: VersionOfFunction): Promise<Release | undefined> {
    const { runtime } = of.version.settings;
    if (!this.#looked.has(runtime)) await this.#look(runtime);
    return this.current(of);
  }

  /** For who wants to stay with a release: kept from now on, if it can be. False: there is none with this id. */
  async pin(runtime: RuntimeName, id: string): Promise<boolean> {
    if (!this.#looked.has(runtime)) await this.#look(runtime);
    if (!this.#available(runtime).some((release) => release.id === id)) return false;
    await this.#options.sandbox.keep(runtime);
    return true;
  }

  list(): ReleaseView[] {
    const of = (wanted: (key: string) => boolean, keys: Iterable<string>): string[] => [...keys].filter(wanted);
    return [...this.#releases].flatMap(([runtime, releases]) =>
      releases.map(({ id, version, foundMs }, index) => ({
        runtime,
        id,
        version,
        foundMs,
        available: this.#options.sandbox.hasRelease(runtime, id),
        newest: index === releases.length - 1,
        triedBy: of((key) => this.#trials.get(key)?.release === id, this.#trials.keys()),
        refusedBy: of((key) => this.#decided.get(key)?.refused.includes(id) ?? false, this.#decided.keys()),
      })),
    );
  }

  /** Looks at all runtimes that functions use, keeps what is newest, and lets go what nobody uses any more. */
  async look(): Promise<void> {
    const { deployed, log } = this.#options;
    const all = await deployed();
    this.#forgetAllBut(new Set(all.map(({ version }) => keyOf(version))));
    const used = Map.groupBy(all, ({ version }) => version.settings.runtime);
    for (const [runtime, versions] of used) {
      try {
        await this.#lookAfterUsed(runtime, versions);
      } catch (error) {
        log(`the runtime ${runtime} could not be looked at, which is tried again within the hour: ${messageOf(error)}`);
      }
    }
  }

  async #lookAfterUsed(runtime: RuntimeName, versions: readonly VersionOfFunction[]): Promise<void> {
    const { sandbox } = this.#options;
    await this.#look(runtime);
    await sandbox.keep(runtime);
    const ids = new Set(
      versions.flatMap(({ function: record, version }) => {
        const choice = this.#choiceOf(record, version);
        if (choice === undefined || choice.status === 'gone') return [];
        return [choice.release.id, ...(choice.trial === undefined ? [] : [choice.trial.id])];
      }),
    );
    const newest = this.#releases.get(runtime)?.at(-1);
    await sandbox.keepOnly(runtime, newest === undefined ? ids : ids.add(newest.id));
  }

  close(): void {
    this.#timer?.cancel();
  }

  /** What was decided for versions that are gone. */
  #forgetAllBut(keys: ReadonlySet<string>): void {
    for (const key of this.#decided.keys()) {
      if (keys.has(key)) continue;
      this.#decided.delete(key);
      this.#write(() => this.#options.records.transact([{ kind: 'delete', key: decisionPrefix + key }]));
    }
  }

  #lookAfter(delayMs: number): void {
    this.#timer = this.#options.clock.schedule(delayMs, () => {
      const failed = (error: unknown): void =>
        this.#options.log(`runtimes could not be looked at: ${messageOf(error)}`);
      this.look().catch(failed);
      this.#lookAfter(lookEveryMs);
    });
  }

  /** Before the first look, those that were there when the platform last ran. */
  #available(runtime: RuntimeName): readonly Release[] {
    const known = this.#releases.get(runtime) ?? [];
    if (!this.#looked.has(runtime)) return known;
    return known.filter(({ id }) => this.#options.sandbox.hasRelease(runtime, id));
  }

  #choiceOf(record: FunctionRecord, version: FunctionVersion): Choice | undefined {
    const [oldest, ...newer] = this.#available(version.settings.runtime);
    if (oldest === undefined) return undefined;
    const decided = this.#decided.get(keyOf(version)) ?? { refused: [] };
    const management = runtimeManagementOf(record, version.version);
    const deployedMs = this.#options.tries ? version.createdMs : Number.POSITIVE_INFINITY;
    return decideRuntime(management, deployedMs, [oldest, ...newer], decided);
  }

  /** What the machine has now: noted if it is new. */
  #look(runtime: RuntimeName): Promise<void> {
    return this.#inTurn(runtime, async () => {
      const { sandbox, clock, records, log } = this.#options;
      const found = await sandbox.release(runtime, this.#looked.has(runtime) ? 'anew' : undefined);
      this.#looked.add(runtime);
      if ('missing' in found) return;
      const known = this.#releases.get(runtime) ?? [];
      // One that was there before and is there again counts from now.
      if (known.at(-1)?.id === found.id) return;
      const release = { id: found.id, version: found.version, foundMs: clock.now() };
      const releases = [...known.filter(({ id }) => id !== found.id), release].slice(-releasesMax);
      this.#releases.set(runtime, releases);
      await records.transact([{ kind: 'put', key: releasePrefix + runtime, value: releases }]);
      if (known.length > 0)
        log(`a release of ${runtime} is new on this machine: ${found.version} (${found.id.slice(0, 12)})`);
    });
  }

  #sayOnce(message: string): void {
    if (this.#said.has(message)) return;
    if (this.#said.size < saidMax) this.#said.add(message);
    this.#options.log(message);
  }

  #beginTrial(version: FunctionVersion, { id }: Release): void {
    const key = keyOf(version);
    if (this.#trials.get(key)?.release === id) return;
    const none = (): Tally => ({ runs: 0, failures: 0 });
    this.#trials.set(key, { release: id, sinceMs: this.#options.clock.now(), old: none(), trial: none() });
  }

  #count({ key, version, isTrial }: Watched, isFailure: boolean): void {
    const trial = this.#trials.get(key);
    if (trial === undefined) return;
    const tally = isTrial ? trial.trial : trial.old;
    tally.runs += 1;
    if (isFailure) tally.failures += 1;
    const verdict = judgeTrial(trial.sinceMs, this.#options.clock.now(), trial.old, trial.trial);
    if (verdict !== 'go on') this.#decide(key, version, trial, verdict);
  }

  #decide(key: string, version: FunctionVersion, { release, trial }: Trial, verdict: 'adopt' | 'refuse'): void {
    const { records, replace, log } = this.#options;
    this.#trials.delete(key);
    for (const [environment, watched] of this.#watched) if (watched.key === key) this.#watched.delete(environment);
    const before = this.#decided.get(key) ?? { refused: [] };
    const decided: Decided =
      verdict === 'adopt' ? { ...before, adopted: release } : { ...before, refused: [...before.refused, release] };
    this.#decided.set(key, decided);
    this.#write(() => records.transact([{ kind: 'put', key: decisionPrefix + key, value: decided }]));
    const { runtime } = version.settings;
    const name = `${version.name}:${version.version}`;
    log(
      verdict === 'adopt'
        ? `${name} goes over to the release ${release.slice(0, 12)} of ${runtime}, tried ${trial.runs} times`
        : `${name} goes back to the release of ${runtime} that it had: with ${release.slice(0, 12)} it failed ${trial.failures} times of ${trial.runs}`,
    );
    replace(version);
  }

  #write(write: () => Promise<unknown>): void {
    const failed = (error: unknown): void =>
      this.#options.log(`what was decided of a runtime is not on disk: ${messageOf(error)}`);
    this.#writing = this.#writing.then(write).catch(failed);
  }
}

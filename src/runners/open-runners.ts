/** All runners of the platform, and what they share: the bound on environments, what is kept warm, the pre-booted ones. */
import type { FunctionSettings } from '../registry/function.ts';
import type { Resolved } from '../registry/registry.ts';
import { externalExtensions } from '../sandbox/external-extensions.ts';
import type { Environment, InitSpec, Sandbox } from '../sandbox/sandbox.ts';
import type { EndReason, StartReason } from '../telemetry/start-reason.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import { randomFraction, type EnvironmentId, type FunctionArn, type Ids } from '../util/ids.ts';
import { CrashLoops } from './crash-loops.ts';
import { shouldYield } from './fair-shares.ts';
import type { KeepHistories } from './keep-histories.ts';
import { KeepWarm } from './keep-warm.ts';
import type { KeepPolicy } from './predict/keeper.ts';
import { Prebooted, type BootKind } from './prebooted.ts';
import type { Processors } from './processor-watch.ts';
import { Runner } from './runner.ts';
import type { Started } from './runner-host.ts';
import type { RuntimeReleases, StartChoice } from './runtime-releases.ts';
import type { Initialization, Lease, LeaseOutcome, Origin, Provided, Retried, Runners } from './runners.ts';
import { startReason, type Past, type Present } from './start-reason.ts';
import { StartTurns } from './start-turns.ts';
import { Templates } from './templates.ts';
import type { MachineMemory } from './warm-memory.ts';

export type RunnersOptions = {
  sandbox: Sandbox;
  clock: Clock;
  ids: Ids;
  telemetry: Telemetry;
  /** The complete environment variables of a function's process. */
  variablesFor(
    resolved: Resolved,
    environment: EnvironmentId,
    initialization: Initialization,
  ): Readonly<Record<string, string>>;
  /** How long a free environment is kept, where its function does not say. */
  keep: KeepPolicy;
  /** What idle environments and pre-booted ones may hold altogether. */
  warmBytesMax: number;
  /** What the machine has left; absent: it is not known. */
  machineMemory?: () => MachineMemory | undefined;
  /** Where what is learned of functions' pauses outlives the platform; absent: it does not. */
  histories?: KeepHistories;
  /** What a call of a function would get now; absent: nothing is started for one that was not called since the start. */
  current?: (functionArn: FunctionArn) => Resolved | undefined;
  /** Environments at once, of all functions, pre-booted ones included. */
  environmentsMax: number;
  /** Generic environments kept ready for each kind of runtime that is deployed. */
  prebootedEach: number;
  /** Starts that compute at the same time, of all functions: more than keep the processors busy only delay each other. */
  startsAtOnceMax: number;
  /** Absent: it is never said that they are short. */
  processors?: Processors;
  /** Which release of its runtime an environment starts with; absent: always what the machine has now. */
  releases?: Pick<RuntimeReleases, 'choose' | 'ready' | 'failed'>;
  /** What is known of earlier environments of a version; absent: nothing. */
  past?: (resolved: Resolved) => Past;
  /** Something the operator should know, said once. */
  warn(message: string): void;
};

/** Why an environment is started and initialised, and how long the latter may take. */
type Init = { initialization: Initialization; timeoutMs: number; reason: StartReason };

/** `endingMs`: since when it is being ended, for `reason`; what ends without us has crashed. */
type Inhabitant = {
  resolved: Resolved;
  runner: Runner;
  environment: Environment;
  reason: EndReason;
  detail?: string;
  endingMs?: number;
};

/** Lambda's bounds on initialisation. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
const initTimeoutMs = 10_000;
/** The same page: nobody waits for those; a function with a longer time-out gets that. */
const providedInitTimeoutMsMin = 130_000;
/** Of the memory for what is warm, as much is for templates: each serves every start of its version. */
const templatesShare = 0.5;
/** Provisioned concurrency is counted in started slots of this length. https://aws.amazon.com/lambda/pricing/ */
const provisionedSlotMs = 5 * 60_000;

export class OpenRunners implements Runners {
  readonly #options: RunnersOptions;
  readonly #runners = new Map<string, Runner>();
  readonly #inhabitants = new Map<EnvironmentId, Inhabitant>();
  readonly #prebooted: Prebooted;
  readonly #keepWarm: KeepWarm;
  readonly #turns: StartTurns;
  readonly #crashLoops: CrashLoops;
  readonly #templates: Templates;
  /** The versions of the environments that are to become templates. */
  readonly #templateHomes = new Map<EnvironmentId, Resolved>();
  readonly #ending = new Set<Promise<void>>();
  /** What was last said of a runner's provided environments. */
  readonly #counted = new WeakMap<Runner, { slot: number; count: number }>();
  #nextSlot: Timer | undefined;
  #toProvide: readonly { resolved: Resolved; count: number }[] = [];
  #environments = 0;
  #closed = false;

  constructor(options: RunnersOptions) {
    this.#options = options;
    const { clock, processors, startsAtOnceMax: atOnceMax } = options;
    this.#turns = new StartTurns({
      clock,
      atOnceMax,
      hasRoom: () => this.#couldMakeRoom,
      ...(processors !== undefined && { times: () => processors.times() }),
    });
    this.#crashLoops = new CrashLoops(options.clock, () => randomFraction(options.ids));
    this.#prebooted = new Prebooted({
      sandbox: options.sandbox,
      clock: options.clock,
      ids: options.ids,
      each: options.prebootedEach,
      hasRoom: (bytes) => this.#hasRoom && this.#keepWarm.hasMemoryFor(bytes),
      warn: options.warn,
    });
    this.#templates = new Templates({
      sandbox: options.sandbox,
      clock,
      bytesMax: options.warmBytesMax * templatesShare,
      initialise: (...wanted) => this.#initialiseForTemplate(...wanted),
      came: (resolved, outcome) => this.#sayOfTemplate(resolved, outcome),
    });
    const [prebooted, templates] = [this.#prebooted, this.#templates];
    this.#keepWarm = new KeepWarm({
      clock,
      telemetry: options.telemetry,
      policy: options.keep,
      budgetBytes: options.warmBytesMax,
      machineMemory: options.machineMemory ?? (() => undefined),
      ...(options.histories === undefined ? {} : { histories: options.histories }),
      runnerOf: (resolved) => this.#runnerOf(resolved),
      current: options.current ?? (() => undefined),
      hasRoom: () => this.#hasRoom,
      spares: {
        get bytes() {
          return prebooted.bytes + templates.bytes;
        },
        giveUpExtra: () => prebooted.giveUpExtra(),
        giveUpOne: () => prebooted.giveUpOne() || templates.giveUpOne(),
        adjust: () => prebooted.adjust(),
      },
    });
  }

  /** What is known from before a restart: environments that are expected then are started in time. */
  recall(): Promise<void> {
    return this.#keepWarm.load();
  }

  /** Which kinds of runtime are deployed, so that one of each can be kept ready. */
  want(kinds: readonly BootKind[]): void {
    this.#prebooted.want(kinds);
  }

  tryLease(resolved: Resolved): Lease | undefined {
    return this.#runners.get(keyOf(resolved))?.tryLease();
  }

  refusal(resolved: Resolved): { retryAfterMs: number } | undefined {
    return this.#runners.get(keyOf(resolved))?.refusal;
  }

  lease(resolved: Resolved, alone = false): Promise<LeaseOutcome> {
    if (this.#closed) return Promise.resolve({ status: 'unavailable', message: 'the platform is shutting down' });
    return this.#runnerOf(resolved).lease(alone);
  }

  retire(keep: (resolved: Resolved) => boolean, reason: EndReason = 'deploy'): void {
    for (const [key, runner] of this.#runners) {
      if (keep(runner.resolved)) continue;
      this.#forget(key, runner);
      runner.retire(reason);
    }
    this.#keepWarm.retire(keep);
    this.#templates.retire((resolved) => keep(resolved) || isSnapStarted(resolved));
    // What was retired for another reason than its version is provided anew.
    this.provide(this.#toProvide);
  }

  provide(wanted: readonly { resolved: Resolved; count: number }[]): void {
    if (this.#closed) return;
    this.#toProvide = wanted;
    const keys = new Set(wanted.map(({ resolved }) => keyOf(resolved)));
    for (const [key, runner] of this.#runners) if (!keys.has(key)) runner.provide(0);
    for (const { resolved, count } of wanted) this.#runnerOf(resolved).provide(count);
  }

  /** Versions that are to start from templates from the first time on. */
  async prepare(versions: readonly Resolved[]): Promise<void> {
    for (const resolved of versions) this.#templates.want(resolved, await this.#releaseFor(resolved));
  }

  whyNoTemplate(resolved: Resolved): string | undefined {
    return (
      this.#options.sandbox.templatesRefused(resolved.version.settings.runtime) ?? this.#templates.refusal(resolved)
    );
  }

  provided(resolved: Resolved): Provided {
    return this.#runners.get(keyOf(resolved))?.provided ?? { wanted: 0, ready: 0 };
  }

  counts(functionArn?: FunctionArn): { busy: number; idle: number; starting: number; prebooted: number } {
    const sum = { busy: 0, idle: 0, starting: 0, prebooted: functionArn === undefined ? this.#prebooted.count : 0 };
    for (const runner of this.#runners.values()) {
      if (functionArn !== undefined && runner.resolved.version.arn !== functionArn) continue;
      const { busy, idle, starting } = runner.counts;
      sum.busy += busy;
      sum.idle += idle;
      sum.starting += starting;
    }
    return sum;
  }

  /** Folders of code and of layers that environments have. */
  codeInUse(): ReadonlySet<string> {
    const paths = new Set<string>();
    const inhabitants = [...this.#inhabitants.values()].map(({ resolved }) => resolved);
    for (const { bundlePath, layersPath } of [...inhabitants, ...this.#templateHomes.values()]) {
      paths.add(bundlePath);
      if (layersPath !== undefined) paths.add(layersPath);
    }
    return paths;
  }

  inhabitant(environment: EnvironmentId): Resolved | undefined {
    return this.#inhabitants.get(environment)?.resolved ?? this.#templateHomes.get(environment);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const keptWarm = Promise.all([this.#keepWarm.close(), this.#templates.close()]);
    this.#nextSlot?.cancel();
    // Those of versions that were replaced are known by their environments alone.
    const inhabitants = [...this.#inhabitants.values()];
    const runners = new Set([...this.#runners.values(), ...inhabitants.map(({ runner }) => runner)]);
    for (const runner of runners) runner.close();
    for (const inhabitant of inhabitants) if (inhabitant.endingMs === undefined) inhabitant.reason = 'shutdown';
    const busy = inhabitants.map(({ environment }) => environment.stop());
    await Promise.all([keptWarm, this.#prebooted.close(), ...busy, ...this.#ending]);
  }

  #runnerOf(resolved: Resolved): Runner {
    const key = keyOf(resolved);
    const known = this.#runners.get(key);
    if (known !== undefined) return known;
    const runner: Runner = new Runner(resolved, {
      clock: this.#options.clock,
      fraction: () => randomFraction(this.#options.ids),
      turns: this.#turns,
      hasRoom: () => this.#couldMakeRoom,
      mustYield: () => this.#mustYield(runner),
      busyVersions: () => this.#busyVersions,
      processors: this.#options.processors,
      startsAtOnceMax: this.#options.startsAtOnceMax,
      start: (wanted, initialization, present) => this.#start(wanted, runner, initialization, present),
      end: (environment, reason, detail) => this.#end(environment, reason, detail),
      provided: () => this.#countProvided(runner),
      freed: () => this.#keepWarm.freed(resolved.version.arn),
      restingUsed: (held) => this.#keepWarm.called(runner, held),
      restingLost: (held, reason) => this.#keepWarm.lost(runner, held, reason),
      changed: () => this.#changed(key, runner),
    });
    this.#runners.set(key, runner);
    this.#keepWarm.joined(runner);
    return runner;
  }

  #changed(key: string, runner: Runner): void {
    if (runner.empty && this.#runners.get(key) === runner) this.#forget(key, runner);
    this.#turns.give();
  }

  #forget(key: string, runner: Runner): void {
    this.#runners.delete(key);
    this.#keepWarm.left(runner);
  }

  /** Says how many of a version are kept ready: once for each slot, and again when they are more. */
  #countProvided(runner: Runner): void {
    const { clock, telemetry } = this.#options;
    const timeMs = clock.now();
    const slot = Math.floor(timeMs / provisionedSlotMs);
    const { ready: count } = runner.provided;
    const said = this.#counted.get(runner);
    if (count > 0 && (said?.slot !== slot || said.count < count)) {
      this.#counted.set(runner, { slot, count });
      const { account, name: functionName, version, settings } = runner.resolved.version;
      const { memoryMb } = settings;
      telemetry.emit({
        kind: 'environments.provisioned',
        timeMs,
        account,
        functionName,
        version,
        memoryMb,
        count,
        slotMs: provisionedSlotMs,
      });
    }
    if (count === 0 || this.#nextSlot !== undefined || this.#closed) return;
    this.#nextSlot = clock.schedule((slot + 1) * provisionedSlotMs - timeMs, () => {
      this.#nextSlot = undefined;
      for (const one of this.#runners.values()) this.#countProvided(one);
    });
  }

  /** Never rejects. A version that fails in a row is not started at all for a while. */
  async #start(resolved: Resolved, runner: Runner, initialization: Initialization, present: Present): Promise<Started> {
    const version = keyOf(resolved);
    // Those that are to be there always have pauses of their own.
    const paused = initialization === 'on-demand' ? this.#crashLoops.paused(version) : undefined;
    if (paused !== undefined) return paused;
    const started = await this.#startTwice(resolved, runner, initialization, present);
    if (started.status === 'ready') {
      this.#crashLoops.worked(version);
      this.#keepWarm.learnedStart(resolved.version.arn, (started.provisionUs + started.initUs) / 1_000);
    }
    if (started.status === 'init_failed') this.#crashLoops.failed(version, started);
    return started;
  }

  /** What fails while it is initialised is tried once more, in the time of the invocation that waits for it. */
  async #startTwice(
    resolved: Resolved,
    runner: Runner,
    initialization: Initialization,
    present: Present,
  ): Promise<Started> {
    const { timeoutMs } = resolved.version.settings;
    if (initialization === 'provisioned-concurrency') {
      const reason: StartReason = { kind: 'provisioned' };
      const init: Init = { initialization, timeoutMs: Math.max(providedInitTimeoutMsMin, timeoutMs), reason };
      return this.#startChosen(resolved, runner, init);
    }
    const reason = startReason(present, this.#past(resolved));
    if (present.expected !== undefined)
      return this.#startChosen(resolved, runner, { initialization, timeoutMs: initTimeoutMs, reason });
    this.#keepWarm.called(runner);
    const first = await this.#startChosen(resolved, runner, { initialization, timeoutMs: initTimeoutMs, reason });
    if (first.status !== 'init_failed') return first;
    this.#end(first.environment, 'init_failed');
    const second = await this.#startChosen(resolved, runner, { initialization, timeoutMs, reason });
    if (second.status !== 'ready' && second.status !== 'init_failed') return second;
    const { environment, failure, initUs } = first;
    const retried: Retried = { first: { failure, environmentId: environment.id, initUs }, spentUs: second.initUs };
    return { ...second, provisionUs: first.provisionUs + second.provisionUs, initUs, retried };
  }

  /** Where a newer release of its runtime is on trial and does not start it, the one before it does. */
  async #startChosen(resolved: Resolved, runner: Runner, init: Init): Promise<Started> {
    const { clock, releases, warn } = this.#options;
    const sinceMs = clock.monotonicMs();
    if (releases === undefined) return this.#startWith(resolved, runner, undefined, init, sinceMs);
    const choice = await releases.choose(resolved).catch((error: unknown) => {
      warn(`no release of ${resolved.version.settings.runtime} could be chosen: ${messageOf(error)}`);
      return {};
    });
    const { release, otherwise }: StartChoice = choice;
    const first = await this.#startWith(resolved, runner, release, init, sinceMs);
    if (first.status === 'ready') releases.ready(first.environment.id, resolved, choice);
    if (first.status === 'ready' || first.status === 'full' || otherwise === undefined) return first;
    const second = await this.#startWith(resolved, runner, otherwise, init, clock.monotonicMs());
    if (second.status === 'ready') {
      releases.failed(resolved);
      releases.ready(second.environment.id, resolved, { release: otherwise });
    }
    if (first.status === 'init_failed') this.#end(first.environment, 'runtime_release');
    return second;
  }

  /** Boots (or takes a pre-booted one) and initialises. Never rejects. `sinceMs`: when a place for it began to be sought. */
  async #startWith(
    resolved: Resolved,
    runner: Runner,
    release: string | undefined,
    { initialization, timeoutMs, reason }: Init,
    sinceMs: number,
  ): Promise<Started> {
    const { clock, sandbox, telemetry } = this.#options;
    const { settings } = resolved.version;
    const kind = bootKind(settings, release);
    const { layersPath } = resolved;
    const extensions = layersPath === undefined ? [] : await externalExtensions(layersPath);
    // Those are booted with a process of ours that attends to them.
    const ready = extensions.length > 0 ? undefined : this.#prebooted.take(kind);
    if (ready === undefined && !this.#makeRoom()) return { status: 'full' };
    this.#environments += 1;
    const placedMs = clock.monotonicMs();
    const origin: Origin = { startedMs: clock.now(), reason, placeUs: (placedMs - sinceMs) * 1_000 };
    let environment: Environment;
    try {
      const id = this.#options.ids.hex(16) as EnvironmentId;
      const code = sandbox.bootsWithoutCode ? {} : codeOf(resolved);
      environment = ready ?? (await sandbox.start({ ...kind, id, ...code, extensions }));
    } catch (error) {
      this.#environments -= 1;
      return { status: 'unavailable', message: messageOf(error) };
    }
    const bootedMs = clock.monotonicMs();
    const provisionUs = (bootedMs - placedMs) * 1_000;
    const template = extensions.length > 0 ? undefined : this.#templates.of(resolved, release);
    const start = template !== undefined ? 'template' : ready === undefined ? 'cold' : 'prebooted';
    this.#inhabitants.set(environment.id, { resolved, runner, environment, reason: 'crash' });
    void environment.ended.then(() => this.#ended(environment));
    const { account, name: functionName, arn: functionArn, version, settingsHash } = resolved.version;
    telemetry.emit({
      kind: 'environment.started',
      timeMs: origin.startedMs,
      environmentId: environment.id,
      account,
      functionName,
      functionArn,
      version,
      settingsHash,
      runtime: settings.runtime,
      memoryMb: settings.memoryMb,
      start,
      reason,
      placeUs: origin.placeUs,
      provisionUs,
    });
    const outcome = await environment.init({
      version: resolved.version,
      ...codeOf(resolved),
      variables: this.#options.variablesFor(resolved, environment.id, wordFor(resolved, initialization)),
      timeoutMs,
      ...(template === undefined ? {} : { template }),
    });
    const initUs = (clock.monotonicMs() - bootedMs) * 1_000;
    const environmentId = environment.id;
    telemetry.emit({ kind: 'environment.initialised', timeMs: clock.now(), environmentId, initUs });
    if (outcome.status === 'ready') {
      if (template === undefined && extensions.length === 0)
        this.#templates.learned(resolved, release, initUs, environment);
      return { status: 'ready', environment, start, origin, provisionUs, initUs };
    }
    if (template !== undefined) {
      this.#templates.failed(resolved, `an environment could not go on from it (${outcome.status})`);
      this.#end(environment, 'init_failed');
      return this.#startWith(resolved, runner, release, { initialization, timeoutMs, reason }, sinceMs);
    }
    const { memoryBytesMax } = await environment.usage();
    return { status: 'init_failed', failure: outcome, environment, start, origin, provisionUs, initUs, memoryBytesMax };
  }

  /** Undefined: there is no room for one more. Rejects with why it could not be. */
  async #initialiseForTemplate(
    resolved: Resolved,
    release: string | undefined,
    imports: readonly string[],
  ): Promise<Environment | undefined> {
    const { ids, sandbox, variablesFor } = this.#options;
    if (!this.#hasRoom || this.#closed) return undefined;
    this.#environments += 1;
    let environment: Environment | undefined;
    try {
      const id = ids.hex(16) as EnvironmentId;
      environment = await sandbox.start({ ...bootKind(resolved.version.settings, release), id });
      this.#templateHomes.set(id, resolved);
      void environment.ended.then(() => {
        this.#environments -= 1;
        this.#templateHomes.delete(id);
      });
      const outcome = await environment.init({
        version: resolved.version,
        ...codeOf(resolved),
        variables: variablesFor(resolved, id, wordFor(resolved, 'on-demand')),
        timeoutMs: Math.max(providedInitTimeoutMsMin, resolved.version.settings.timeoutMs),
        forTemplate: { imports },
      });
      if (outcome.status === 'ready') return environment;
      const why =
        outcome.status === 'error' ? `${outcome.error.errorType}: ${outcome.error.errorMessage}` : outcome.status;
      throw new PlatformError('unavailable', `its initialisation failed (${why})`);
    } catch (error) {
      if (environment === undefined) this.#environments -= 1;
      else await environment.stop();
      throw error;
    }
  }

  #sayOfTemplate({ version }: Resolved, outcome: { bytes: number } | { refused: string }): void {
    const { clock, telemetry } = this.#options;
    const { account, name: functionName, version: number } = version;
    const said = { timeMs: clock.now(), account, functionName, version: number };
    if ('bytes' in outcome) telemetry.emit({ kind: 'template.made', ...said, bytes: outcome.bytes });
    else telemetry.emit({ kind: 'template.refused', ...said, reason: outcome.refused });
  }

  /** The release that a start would be begun with. */
  async #releaseFor(resolved: Resolved): Promise<string | undefined> {
    return (await this.#options.releases?.choose(resolved).catch(() => undefined))?.release;
  }

  get #hasRoom(): boolean {
    return this.#environments + this.#prebooted.count < this.#options.environmentsMax;
  }

  /** The same, if need be in the stead of one that is idle. */
  get #couldMakeRoom(): boolean {
    if (this.#hasRoom || this.#prebooted.count > 0) return true;
    for (const { idle } of this.#runners.values()) if (idle.length > 0) return true;
    return false;
  }

  #mustYield(runner: Runner): boolean {
    if (!this.#turns.starved) return false;
    const own = runner.tenant;
    const tenants = [...this.#runners.values()].map((one) => (one === runner ? own : one.tenant));
    return tenants.includes(own) && shouldYield(this.#options.environmentsMax, tenants, own);
  }

  get #busyVersions(): number {
    let count = 0;
    for (const { counts } of this.#runners.values()) if (counts.busy > 0) count += 1;
    return count;
  }

  /** True when one more environment may be made; ends the idle one that is worth least, of any version, if need be. */
  #makeRoom(): boolean {
    return this.#hasRoom || this.#keepWarm.giveUpOne('evicted') || this.#prebooted.giveUpOne();
  }

  /** What is known of the version's environments before one that is started now. */
  #past(resolved: Resolved): Past {
    const key = keyOf(resolved);
    // What is being ended is not there any more, and not yet said to have ended.
    for (const { resolved: other, reason, endingMs, detail } of this.#inhabitants.values())
      if (endingMs !== undefined && keyOf(other) === key)
        return { status: 'ended', reason, endedMs: endingMs, ...(detail !== undefined && { detail }) };
    return this.#options.past?.(resolved) ?? { status: 'none' };
  }

  #end(environment: Environment, reason: EndReason, detail?: string): void {
    const inhabitant = this.#inhabitants.get(environment.id);
    if (inhabitant !== undefined) {
      inhabitant.reason = reason;
      if (detail !== undefined) inhabitant.detail = detail;
      inhabitant.endingMs = this.#options.clock.now();
    }
    const stopping: Promise<void> = environment.stop().finally(() => this.#ending.delete(stopping));
    this.#ending.add(stopping);
  }

  #ended(environment: Environment): void {
    const inhabitant = this.#inhabitants.get(environment.id);
    if (inhabitant === undefined) return;
    this.#environments -= 1;
    this.#inhabitants.delete(environment.id);
    inhabitant.runner.lost(environment);
    this.#turns.give();
    this.#prebooted.replenish();
    const { clock, telemetry } = this.#options;
    const functionName = inhabitant.resolved.version.name;
    const { reason } = inhabitant;
    telemetry.emit({
      kind: 'environment.ended',
      timeMs: clock.now(),
      environmentId: environment.id,
      functionName,
      reason,
      ...(inhabitant.detail === undefined ? {} : { detail: inhabitant.detail }),
    });
  }
}

/** SnapStart is for versions that are published. https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html */
export const isSnapStarted = ({ version }: Resolved): boolean =>
  version.settings.snapStart === true && version.version !== '$LATEST';

/** How its code reads why it is initialised. */
const wordFor = (resolved: Resolved, initialization: Initialization): Initialization =>
  isSnapStarted(resolved) && initialization === 'on-demand' ? 'snap-start' : initialization;

/** What of a function's settings must be known to boot an environment for it. */
export function bootKind({ runtime, network, ephemeralMb, memoryMb }: FunctionSettings, release?: string): BootKind {
  return { runtime, network, ephemeralMb, memoryMb, ...(release === undefined ? {} : { release }) };
}

const codeOf = ({ bundlePath, layersPath }: Resolved): Pick<InitSpec, 'bundlePath' | 'layersPath'> => ({
  bundlePath,
  ...(layersPath === undefined ? {} : { layersPath }),
});

/** $LATEST changes under one name, so the settings are part of the key. */
const keyOf = (resolved: Resolved): string =>
  `${resolved.version.arn}:${resolved.version.version}:${resolved.version.settingsHash}`;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

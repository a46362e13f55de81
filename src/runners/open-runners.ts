/** All runners of the platform, and what they share: the bound on environments, what is kept warm, the pre-booted ones. */
import type { Resolved } from '../registry/registry.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { EndReason } from '../telemetry/start-reason.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { randomFraction, type EnvironmentId, type FunctionArn, type Ids } from '../util/ids.ts';
import { EnvironmentStarts } from './environment-starts.ts';
import { shouldYield } from './fair-shares.ts';
import { Inhabitants } from './inhabitants.ts';
import type { KeepHistories } from './keep-histories.ts';
import { KeepWarm } from './keep-warm.ts';
import type { KeepPolicy } from './predict/keeper.ts';
import { Prebooted, type BootKind } from './prebooted.ts';
import type { Processors } from './processor-watch.ts';
import { ProvidedSlots } from './provided-slots.ts';
import { Runner } from './runner.ts';
import type { RuntimeReleases } from './runtime-releases.ts';
import type { Initialization, Lease, LeaseOutcome, Provided, Runners, Wait } from './runners.ts';
import type { Past } from './start-reason.ts';
import { StartTurns } from './start-turns.ts';
import { RuntimeTemplates, type RuntimeOfAccount } from './runtime-templates.ts';
import { Templates } from './templates.ts';
import { isSnapStarted, versionKey } from './version-key.ts';
import { VersionsAhead } from './versions-ahead.ts';
import type { MachineMemory } from './warm-memory.ts';

type Variables = Readonly<Record<string, string>>;

export type RunnersOptions = {
  sandbox: Sandbox;
  clock: Clock;
  ids: Ids;
  telemetry: Telemetry;
  /** The complete environment variables of a function's process. A promise, which may be rejected, where they are to be read first. */
  variablesFor(
    resolved: Resolved,
    environment: EnvironmentId,
    initialization: Initialization,
  ): Variables | Promise<Variables>;
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

/** Of the memory for what is warm, as much is for templates: each serves every start of its version. */
const templatesShare = 0.5;

export class OpenRunners implements Runners {
  readonly #options: RunnersOptions;
  readonly #runners = new Map<string, Runner>();
  readonly #inhabitants: Inhabitants;
  readonly #starts: EnvironmentStarts;
  readonly #slots: ProvidedSlots;
  readonly #prebooted: Prebooted;
  readonly #keepWarm: KeepWarm;
  readonly #turns: StartTurns;
  readonly #templates: Templates;
  readonly #versionsAhead: VersionsAhead;
  readonly #runtimeTemplates: RuntimeTemplates;
  #kinds: readonly BootKind[] = [];
  #toProvide: readonly { resolved: Resolved; count: number }[] = [];
  /** Of the last `retire`: it may have been while others were looked at. */
  #keeps: (resolved: Resolved) => boolean = () => true;
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
    this.#inhabitants = new Inhabitants({
      clock,
      telemetry: options.telemetry,
      left: () => {
        this.#turns.give();
        this.#prebooted.replenish();
      },
    });
    this.#slots = new ProvidedSlots({ clock, telemetry: options.telemetry, runners: () => this.#runners.values() });
    this.#prebooted = new Prebooted({
      sandbox: options.sandbox,
      clock: options.clock,
      ids: options.ids,
      each: options.prebootedEach,
      read: (...what) => this.#versionsAhead.read(...what),
      hasRoom: (bytes) => this.#hasRoom && this.#keepWarm.hasMemoryFor(bytes),
      warn: options.warn,
    });
    this.#starts = new EnvironmentStarts({
      ...options,
      prebooted: this.#prebooted,
      versionsAhead: () => this.#versionsAhead,
      templates: () => this.#templates,
      runtimeTemplates: () => this.#runtimeTemplates,
      inhabitants: this.#inhabitants,
      hasRoom: (how) => (how === 'make' ? this.#makeRoom() : this.#hasRoom && !this.#closed),
      called: (runner) => this.#keepWarm.called(runner),
      started: ({ version }, startMs) => this.#keepWarm.learnedStart(version.arn, startMs),
    });
    this.#templates = new Templates({
      sandbox: options.sandbox,
      clock,
      bytesMax: options.warmBytesMax * templatesShare,
      initialise: (...wanted) => this.#starts.initialiseForTemplate(...wanted),
      came: (resolved, outcome) => this.#sayOfTemplate(resolved, outcome),
      changed: () => this.#keepReady(),
    });
    this.#versionsAhead = new VersionsAhead({
      sandbox: options.sandbox,
      clock,
      variablesFor: options.variablesFor,
      compiledOf: (...of) => this.#templates.compiledOf(...of),
      changed: () => this.#keepReady(),
    });
    this.#runtimeTemplates = new RuntimeTemplates({
      sandbox: options.sandbox,
      clock,
      hasMemoryFor: (bytes) => this.#keepWarm.hasMemoryFor(bytes),
      boot: (kind) => this.#starts.bootForTemplate(kind),
    });
    const [prebooted, templates, runtimes] = [this.#prebooted, this.#templates, this.#runtimeTemplates];
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
          return prebooted.bytes + templates.bytes + runtimes.bytes;
        },
        giveUpExtra: () => prebooted.giveUpExtra(),
        giveUpOne: () => prebooted.giveUpOne() || runtimes.giveUpOne() || templates.giveUpOne(),
        adjust: () => prebooted.adjust(),
      },
    });
  }

  /** What is known from before a restart: environments that are expected then are started in time. */
  recall(): Promise<void> {
    return this.#keepWarm.load();
  }

  /** Which kinds of runtime are deployed, so that one of each can be kept ready, and for whom, so that they need not boot where many are started. */
  want(kinds: readonly BootKind[], ofAccounts: readonly RuntimeOfAccount[] = []): void {
    this.#kinds = kinds;
    this.#keepReady();
    this.#runtimeTemplates.wantFirst(ofAccounts);
  }

  /** They were deployed so long ago, and may be called for the first time soon. */
  async expectCalls(versions: readonly { resolved: Resolved; agoMs: number }[]): Promise<void> {
    const known: { resolved: Resolved; release: string | undefined; agoMs: number }[] = [];
    for (const { resolved, agoMs } of versions)
      if (await this.#starts.startsReady(resolved))
        known.push({ resolved, agoMs, release: await this.#starts.releaseFor(resolved) });
    if (!this.#closed) this.#versionsAhead.deployed(known.filter(({ resolved }) => this.#keeps(resolved)));
  }

  #keepReady(): void {
    this.#prebooted.want([...this.#kinds, ...this.#templates.kinds, ...this.#versionsAhead.kinds]);
  }

  tryLease(resolved: Resolved): Lease | undefined {
    return this.#runners.get(versionKey(resolved))?.tryLease();
  }

  refusal(resolved: Resolved): { retryAfterMs: number } | undefined {
    return this.#runners.get(versionKey(resolved))?.refusal;
  }

  lease(resolved: Resolved, wait: Wait = {}): Promise<LeaseOutcome> {
    if (this.#closed) return Promise.resolve({ status: 'unavailable', message: 'the platform is shutting down' });
    return this.#runnerOf(resolved).lease(wait);
  }

  retire(keep: (resolved: Resolved) => boolean, reason: EndReason = 'deploy'): void {
    this.#keeps = keep;
    for (const [key, runner] of this.#runners) {
      if (keep(runner.resolved)) continue;
      this.#forget(key, runner);
      runner.retire(reason);
    }
    this.#keepWarm.retire(keep);
    this.#versionsAhead.retire(keep);
    // Those of SnapStart go when `prepare` no longer names them.
    this.#templates.retire((resolved) => keep(resolved) || isSnapStarted(resolved));
    // What was retired for another reason than its version is provided anew.
    this.provide(this.#toProvide);
  }

  provide(wanted: readonly { resolved: Resolved; count: number }[]): void {
    if (this.#closed) return;
    this.#toProvide = wanted;
    const keys = new Set(wanted.map(({ resolved }) => versionKey(resolved)));
    for (const [key, runner] of this.#runners) if (!keys.has(key)) runner.provide(0);
    for (const { resolved, count } of wanted) this.#runnerOf(resolved).provide(count);
  }

  /** Versions that are to start from templates from the first time on, where they can: all of them, each time. */
  async prepare(versions: readonly Resolved[]): Promise<void> {
    const keys = new Set(versions.map(versionKey));
    this.#templates.retire((resolved) => !isSnapStarted(resolved) || keys.has(versionKey(resolved)));
    for (const resolved of versions) {
      // It would be made in vain, and take the place of one that is used.
      if (await this.#starts.startsReady(resolved))
        this.#templates.want(resolved, await this.#starts.releaseFor(resolved));
    }
  }

  whyNoTemplate(resolved: Resolved): string | undefined {
    return (
      this.#options.sandbox.templatesRefused(resolved.version.settings.runtime) ?? this.#templates.refusal(resolved)
    );
  }

  provided(resolved: Resolved): Provided {
    return this.#runners.get(versionKey(resolved))?.provided ?? { wanted: 0, ready: 0 };
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

  codeInUse(): ReadonlySet<string> {
    return new Set([...this.#inhabitants.codeInUse(), ...this.#prebooted.codeInUse()]);
  }

  inhabitant(environment: EnvironmentId): Resolved | undefined {
    return this.#inhabitants.of(environment);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const keptWarm = Promise.all([this.#keepWarm.close(), this.#templates.close(), this.#runtimeTemplates.close()]);
    this.#slots.close();
    this.#versionsAhead.close();
    // Those of versions that were replaced are known by their environments alone.
    const runners = new Set([...this.#runners.values(), ...this.#inhabitants.runners]);
    for (const runner of runners) runner.close();
    await Promise.all([keptWarm, this.#prebooted.close(), this.#inhabitants.stopAll()]);
  }

  #runnerOf(resolved: Resolved): Runner {
    const key = versionKey(resolved);
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
      start: (wanted, initialization, present, initialising) =>
        this.#starts.start(wanted, runner, initialization, present, initialising),
      end: (environment, reason, detail) => this.#inhabitants.end(environment, reason, detail),
      provided: () => this.#slots.count(runner),
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

  #sayOfTemplate({ version }: Resolved, outcome: { bytes: number } | { refused: string }): void {
    const { clock, telemetry } = this.#options;
    const { account, name: functionName, version: number } = version;
    const said = { timeMs: clock.now(), account, functionName, version: number };
    if ('bytes' in outcome) {
      telemetry.emit({ kind: 'template.made', ...said, bytes: outcome.bytes });
    } else telemetry.emit({ kind: 'template.refused', ...said, reason: outcome.refused });
  }

  get #hasRoom(): boolean {
    return this.#inhabitants.count + this.#prebooted.count < this.#options.environmentsMax;
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
    if (this.#hasRoom || this.#prebooted.giveUpAhead()) return true;
    return this.#keepWarm.giveUpOne('evicted') || this.#prebooted.giveUpOne();
  }
}

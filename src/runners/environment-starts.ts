/**
 * How an environment of a version comes about: from a template, pre-booted or from nothing, with the release of its
 * runtime that it is to have; once more where its code could not be loaded, and not at all where that fails in a row.
 */
import type { Resolved } from '../registry/registry.ts';
import { externalExtensions } from '../sandbox/external-extensions.ts';
import type { BootSpec, Environment, InitOutcome } from '../sandbox/sandbox.ts';
import { TemplateNotLoaded } from '../sandbox/template-not-loaded.ts';
import type { StartReason } from '../telemetry/start-reason.ts';
import { PlatformError, messageOf } from '../util/errors.ts';
import { randomFraction, type EnvironmentId } from '../util/ids.ts';
import { CrashLoops } from './crash-loops.ts';
import type { Inhabitants } from './inhabitants.ts';
import type { RunnersOptions } from './open-runners.ts';
import type { BootKind, Prebooted } from './prebooted.ts';
import type { Runner } from './runner.ts';
import type { Initialising, Started } from './runner-host.ts';
import type { StartChoice } from './runtime-releases.ts';
import type { Initialization, Origin, Retried } from './runners.ts';
import { QuickInits } from './quick-inits.ts';
import type { RuntimeOfAccount, RuntimeTemplates } from './runtime-templates.ts';
import { startReason, type Past, type Present } from './start-reason.ts';
import type { Templates } from './templates.ts';
import { bootKind, codeOf, initializationWord, loadedKind, versionKey } from './version-key.ts';
import type { VersionsAhead } from './versions-ahead.ts';

export type EnvironmentStartsOptions = Pick<
  RunnersOptions,
  'sandbox' | 'clock' | 'ids' | 'telemetry' | 'variablesFor' | 'releases' | 'past' | 'warn'
> & {
  prebooted: Pick<Prebooted, 'take' | 'has'>;
  versionsAhead: () => Pick<VersionsAhead, 'asked' | 'variablesOf'>;
  templates: () => Pick<Templates, 'of' | 'learned' | 'tookWithArchive' | 'failed'>;
  runtimeTemplates: () => Pick<RuntimeTemplates, 'of' | 'failed'>;
  inhabitants: Inhabitants;
  /** Whether one more may be there; `make`: others that nobody uses are ended for it. */
  hasRoom(how?: 'make'): boolean;
  /** One is started because somebody asks for it. */
  called(runner: Runner): void;
  /** It took so long. */
  started(resolved: Resolved, startMs: number): void;
};

/** Why an environment is started and initialised, and how long the latter may take. */
type Init = {
  initialization: Initialization;
  timeoutMs: number;
  reason: StartReason;
  /** Who waits for it may hand over his invocation. */
  initialising?: (one: Initialising) => void;
};

/** Lambda's bounds on initialisation. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
const initTimeoutMs = 10_000;
/** The same page: nobody waits for those; a function with a longer time-out gets that. */
const providedInitTimeoutMsMin = 130_000;
/** A release whose runtime came up where what waits for an image did not is booted for so long: that costs some milliseconds each. */
const bootInsteadMs = 60_000;

export class EnvironmentStarts {
  readonly #options: EnvironmentStartsOptions;
  readonly #crashLoops: CrashLoops;
  readonly #quickInits = new QuickInits();
  /** Until when, by runtime and release: a line for each of which there is a function. */
  readonly #bootsInstead = new Map<string, number>();

  constructor(options: EnvironmentStartsOptions) {
    this.#options = options;
    this.#crashLoops = new CrashLoops(options.clock, () => randomFraction(options.ids));
  }

  /**
   * Never rejects. A version that fails in a row is not started at all for a while. `initialising`: called at most once,
   * where somebody's invocation may be handed over meanwhile.
   */
  async start(
    resolved: Resolved,
    runner: Runner,
    initialization: Initialization,
    present: Present,
    initialising?: (one: Initialising) => void,
  ): Promise<Started> {
    const version = versionKey(resolved);
    // Those that are to be there always have pauses of their own.
    const paused = initialization === 'on-demand' ? this.#crashLoops.paused(version) : undefined;
    if (paused !== undefined) return paused;
    const started = await this.#startTwice(resolved, runner, initialization, present, initialising);
    if (started.status === 'ready') {
      this.#crashLoops.worked(version);
      this.#options.started(resolved, (started.provisionUs + started.initUs) / 1_000);
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
    initialising?: (one: Initialising) => void,
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
    this.#options.called(runner);
    const init: Init = { initialization, timeoutMs: initTimeoutMs, reason };
    if (initialising !== undefined) init.initialising = initialising;
    const first = await this.#startChosen(resolved, runner, init);
    if (first.status !== 'init_failed') return first;
    this.#options.inhabitants.end(first.environment, 'init_failed');
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
    const again = { ...init };
    delete again.initialising;
    const second = await this.#startWith(resolved, runner, otherwise, again, clock.monotonicMs());
    if (second.status === 'ready') {
      releases.failed(resolved);
      releases.ready(second.environment.id, resolved, { release: otherwise });
    }
    if (first.status === 'init_failed') this.#options.inhabitants.end(first.environment, 'runtime_release');
    return second;
  }

  /** Boots (or takes a pre-booted one) and initialises. Never rejects. `sinceMs`: when a place for it began to be sought. */
  async #startWith(
    resolved: Resolved,
    runner: Runner,
    release: string | undefined,
    { initialization, timeoutMs, reason, initialising: handOver }: Init,
    sinceMs: number,
  ): Promise<Started> {
    const { clock, sandbox, telemetry } = this.#options;
    const { settings } = resolved.version;
    const kind = bootKind(settings, release);
    const { layersPath } = resolved;
    const extensions = layersPath === undefined ? [] : await externalExtensions(layersPath);
    const { prebooted } = this.#options;
    const hasExtensions = extensions.length > 0;
    const template = hasExtensions ? undefined : this.#options.templates().of(resolved, release, prebooted.has(kind));
    const archive = template?.kind === 'archive' ? template : undefined;
    const isLoaded = template?.kind === 'image';
    const versions = this.#options.versionsAhead();
    // Those with extensions are booted with a process of ours that attends to them.
    const ready =
      hasExtensions || archive !== undefined
        ? undefined
        : isLoaded
          ? this.#takeLoaded(kind, loadedKind(resolved, release, template))
          : // A start of what was replaced meanwhile is no reason to have it ready.
            this.#takeBooted(kind, runner.isRetired ? undefined : versions.asked(resolved, release, template));
    if (ready === undefined && !this.#options.hasRoom('make')) return { status: 'full' };
    // As soon as it is known whose it will be: what else there is to do is done while its runtime is at that.
    if (!isLoaded) ready?.expect(resolved.version);
    this.#options.inhabitants.announce();
    const placedMs = clock.monotonicMs();
    const origin: Origin = { startedMs: clock.now(), reason, placeUs: (placedMs - sinceMs) * 1_000 };
    let environment: Environment;
    try {
      const id = this.#options.ids.hex(16) as EnvironmentId;
      const own = codeOf(resolved);
      const code = sandbox.bootsWithoutCode && archive === undefined ? { expected: own } : own;
      const more = archive === undefined ? { extensions } : { template: archive };
      const spec: BootSpec = { ...kind, id, ...code, ...more };
      const isOwn = hasExtensions || archive !== undefined || settings.template === false;
      const begins = isLoaded ? 'awaits' : isOwn ? 'boots' : 'goes on';
      environment = ready ?? (await this.#boot(spec, { account: resolved.version.account, kind }, begins));
    } catch (error) {
      this.#options.inhabitants.withdraw();
      if (archive !== undefined) {
        this.#options.templates().failed(resolved, `no environment could be booted with it: ${messageOf(error)}`);
        return this.#startWith(resolved, runner, release, { initialization, timeoutMs, reason }, sinceMs);
      }
      return { status: 'unavailable', message: messageOf(error) };
    }
    const bootedMs = clock.monotonicMs();
    const provisionUs = (bootedMs - placedMs) * 1_000;
    const booted = ready === undefined ? 'cold' : 'prebooted';
    const start = isLoaded ? 'template' : archive === undefined ? booted : 'archive';
    this.#options.inhabitants.settle(environment, resolved, runner);
    const given =
      versions.variablesOf(environment, initialization) ??
      this.#options.variablesFor(resolved, environment.id, initializationWord(resolved, initialization));
    const init = (variables: Readonly<Record<string, string>>): Promise<InitOutcome> => {
      const outcome = environment.init({
        version: resolved.version,
        ...codeOf(resolved),
        variables,
        timeoutMs,
        ...(template === undefined || archive !== undefined ? {} : { template }),
      });
      if (handOver !== undefined && this.#quickInits.has(resolved) && environment.room > 0)
        handOver({ environment, start, origin, provisionUs });
      return outcome;
    };
    // Who refers to nothing waits for nothing.
    const initialising = given instanceof Promise ? given.then(init, variablesMissing) : init(given);
    // Told while the runtime is at it.
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
    const outcome = await initialising;
    const initUs = (clock.monotonicMs() - bootedMs) * 1_000;
    const environmentId = environment.id;
    telemetry.emit({ kind: 'environment.initialised', timeMs: clock.now(), environmentId, initUs });
    if (outcome.status === 'ready') {
      this.#options.inhabitants.initialised(environment);
      this.#quickInits.learned(resolved, environment, initUs);
      if (template === undefined && !hasExtensions)
        this.#options.templates().learned(resolved, release, initUs, environment);
      if (archive !== undefined) this.#options.templates().tookWithArchive(resolved, provisionUs + initUs);
      return { status: 'ready', environment, start, origin, provisionUs, initUs };
    }
    this.#quickInits.failed(resolved);
    if (isLoaded || archive !== undefined) {
      this.#options.templates().failed(resolved, `an environment could not begin with it (${outcome.status})`);
      this.#options.inhabitants.end(environment, 'init_failed');
      return this.#startWith(resolved, runner, release, { initialization, timeoutMs, reason }, sinceMs);
    }
    const { memoryBytesMax } = await environment.usage();
    return { status: 'init_failed', failure: outcome, environment, start, origin, provisionUs, initUs, memoryBytesMax };
  }

  /** Where a template will be loaded, it may have been already, and a runtime need not have booted, though it may. */
  #takeLoaded(kind: BootKind, loaded: BootKind): Environment | undefined {
    const { prebooted } = this.#options;
    return prebooted.take(loaded) ?? prebooted.take({ ...kind, memory: 'template' }) ?? prebooted.take(kind);
  }

  /** `read`: where its code may have been read already. */
  #takeBooted(kind: BootKind, read: BootKind | undefined): Environment | undefined {
    const { prebooted } = this.#options;
    return (read === undefined ? undefined : prebooted.take(read)) ?? prebooted.take(kind);
  }

  /** `awaits`: a template will be loaded. `goes on`: from the template of its runtime, where there is one that serves. */
  async #boot(spec: BootSpec, whose: RuntimeOfAccount, begins: 'boots' | 'awaits' | 'goes on'): Promise<Environment> {
    const { ids, runtimeTemplates, sandbox } = this.#options;
    if (begins === 'boots' || this.#isBootedInstead(whose.kind)) return sandbox.start(spec);
    const memory = begins === 'awaits' ? 'template' : runtimeTemplates().of(whose);
    if (memory === undefined) return sandbox.start(spec);
    try {
      return await sandbox.start({ ...spec, memory });
    } catch (error) {
      const isOfImage = memory !== 'template' && error instanceof TemplateNotLoaded;
      if (isOfImage) runtimeTemplates().failed(whose, memory);
      // A runtime that is up takes a template as well.
      const environment = await sandbox.start({ ...spec, id: ids.hex(16) as EnvironmentId });
      // Only that this one came up shows that it was not for want of room, or of time.
      if (!isOfImage) this.#bootInstead(whose.kind, error);
      return environment;
    }
  }

  #isBootedInstead(kind: BootKind): boolean {
    return (this.#bootsInstead.get(releaseKey(kind)) ?? -Infinity) > this.#options.clock.monotonicMs();
  }

  #bootInstead(kind: BootKind, error: unknown): void {
    const { clock, warn } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const [key, untilMs] of this.#bootsInstead) if (untilMs <= nowMs) this.#bootsInstead.delete(key);
    if (!this.#bootsInstead.has(releaseKey(kind)))
      warn(`environments of ${kind.runtime} are booted instead of waiting for an image: ${messageOf(error)}`);
    this.#bootsInstead.set(releaseKey(kind), nowMs + bootInsteadMs);
  }

  /** An environment with no code, to become a template of its runtime; undefined: there is no room for one more. */
  async bootForTemplate(kind: BootKind): Promise<Environment | undefined> {
    const { ids, inhabitants, sandbox } = this.#options;
    if (!this.#options.hasRoom()) return undefined;
    inhabitants.announce();
    try {
      const environment = await sandbox.start({ ...kind, id: ids.hex(16) as EnvironmentId });
      void environment.ended.then(() => inhabitants.withdraw());
      return environment;
    } catch (error) {
      inhabitants.withdraw();
      throw error;
    }
  }

  /** Undefined: there is no room for one more. Rejects with why it could not be. */
  async initialiseForTemplate(
    resolved: Resolved,
    release: string | undefined,
    imports: readonly string[],
  ): Promise<Environment | undefined> {
    const { ids, sandbox, variablesFor } = this.#options;
    if (!this.#options.hasRoom()) return undefined;
    this.#options.inhabitants.announce();
    let environment: Environment | undefined;
    try {
      const id = ids.hex(16) as EnvironmentId;
      const kind = bootKind(resolved.version.settings, release);
      const code = sandbox.bootsWithoutCode ? {} : codeOf(resolved);
      environment = await sandbox.start({ ...kind, id, ...code, forTemplate: true });
      this.#options.inhabitants.settleTemplate(environment, resolved);
      const outcome = await environment.init({
        version: resolved.version,
        ...codeOf(resolved),
        variables: await variablesFor(resolved, id, initializationWord(resolved, 'on-demand')),
        timeoutMs: Math.max(providedInitTimeoutMsMin, resolved.version.settings.timeoutMs),
        forTemplate: { imports },
      });
      if (outcome.status === 'ready') return environment;
      const why =
        outcome.status === 'error' ? `${outcome.error.errorType}: ${outcome.error.errorMessage}` : outcome.status;
      throw new PlatformError('unavailable', `its initialisation failed (${why})`);
    } catch (error) {
      if (environment === undefined) this.#options.inhabitants.withdraw();
      else await environment.stop();
      throw error;
    }
  }

  /** External extensions are no part of an image, nor of what is read ahead: environments with some are each booted. */
  async startsReady({ layersPath }: Resolved): Promise<boolean> {
    return layersPath === undefined || (await externalExtensions(layersPath)).length === 0;
  }

  /** The release that a start would be begun with. */
  async releaseFor(resolved: Resolved): Promise<string | undefined> {
    return (await this.#options.releases?.choose(resolved).catch(() => undefined))?.release;
  }

  /** What is known of the version's environments before one that is started now. */
  #past(resolved: Resolved): Past {
    return this.#options.inhabitants.endingOf(resolved) ?? this.#options.past?.(resolved) ?? { status: 'none' };
  }
}

/** The type of the error of a function that does not start for want of a variable. */
export const variableUnavailable = 'Runtime.VariableUnavailable';

/** As an initialisation that failed: the function's maker has to see to it. */
const variablesMissing = (error: unknown): InitOutcome => ({
  status: 'error',
  error: { errorType: variableUnavailable, errorMessage: messageOf(error) },
});

const releaseKey = ({ runtime, release }: BootKind): string => `${runtime} ${release ?? 'newest'}`;

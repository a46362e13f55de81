import { assert } from '../../../util/assert.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import type { BootSpec, Failure, FunctionError, InitOutcome, InitSpec, Template } from '../../sandbox.ts';
import type { EnvironmentExtensions } from '../extensions/environment-extensions.ts';
import type { IsolatedProcess } from '../process.ts';
import type { Conversation, Runtime } from '../runtimes/runtime.ts';
import { processVariables } from '../runtimes/variables.ts';
import { ProcessTemplate } from '../templates/process-template.ts';
import type { Tracer } from '../templates/tracer.ts';
import type { ClassArchives } from './class-archives.ts';
import { CompiledTemplate } from './compiled-template.ts';
import type { FunctionLimits } from './function-limits.ts';
import type { GoingOn } from './going-on.ts';
import type { Invocations } from './invocations.ts';
import type { Ending, Life } from './life.ts';
import type { OutputGate } from './output-gate.ts';
import type { ReadingAhead } from './reading-ahead.ts';
import type { Settler } from './settler.ts';
import { TemplateMaking } from './template-making.ts';

/** Of the processors: what makes an archive of its classes computes for some seconds, and nobody waits for it. */
const recordingCpu = 0.5;
/** An invocation that is over sooner is answered before its environment's share of the processors is set, which are three files. */
const limitCpuMs = 2;

/** Extensions are told of one invocation after the other. */
const oneAtATime = {
  errorType: 'Extension.ConcurrencyNotSupported',
  errorMessage:
    'A function with extensions runs one invocation at a time: leave out concurrencyPerEnvironment, or the extensions.',
};

export type InitialisationOptions = {
  life: Life;
  ending: Ending;
  spec: Pick<BootSpec, 'bundlePath' | 'memory'>;
  process: IsolatedProcess;
  runtime: Pick<Runtime, 'makesTemplates'>;
  conversation: Conversation;
  extensions: EnvironmentExtensions;
  clock: Clock;
  tracer: Tracer;
  archives: ClassArchives | undefined;
  limits: FunctionLimits;
  gate: OutputGate;
  invocations: Invocations;
  goingOn: GoingOn;
  reading: ReadingAhead;
  settler: Settler;
};

/** How an environment comes from a runtime that is up to one that takes invocations: its limits, its code, its extensions. Once. */
export class Initialisation {
  readonly #options: InitialisationOptions;
  #timer: Timer | undefined;
  #settle: ((outcome: InitOutcome) => void) | undefined;
  #making: TemplateMaking | undefined;

  constructor(options: InitialisationOptions) {
    this.#options = options;
  }

  /** Present: it is initialised to become a template. */
  get making(): TemplateMaking | undefined {
    return this.#making;
  }

  /** `expected`: what follows from its version, where that has been told already. */
  begin(spec: InitSpec, expected: Readonly<Record<string, string>> | undefined): Promise<InitOutcome> {
    const { clock, ending, extensions, goingOn, invocations, life, limits, process, reading } = this.#options;
    const isPrepared = goingOn.isAhead || reading.isAttached;
    const needsTemplate = this.#options.spec.memory === 'template' || goingOn.isAhead;
    assert(
      !needsTemplate || spec.template instanceof ProcessTemplate,
      'where no runtime may have booted, a template is given',
    );
    const { memoryMb, concurrencyPerEnvironment: atOnce = 1 } = spec.version.settings;
    if (atOnce > 1) invocations.runAtOnce(atOnce);
    life.state = 'loading';
    life.sinceMs = clock.monotonicMs();
    return new Promise((resolve) => {
      this.#settle = (outcome) => {
        resolve(outcome);
        if (outcome.status === 'ready') clock.schedule(limitCpuMs, () => this.#orEnd(() => limits.limitCpu()));
      };
      this.#timer = clock.schedule(spec.timeoutMs, () => ending.end({ status: 'timeout' }));
      this.#orEnd(() => {
        limits.limitMemory(memoryMb);
        const variables = { ...(expected ?? processVariables(spec.version)), ...spec.variables };
        if (spec.forTemplate !== undefined) this.#making = this.#make(variables);
        const isAttached = this.#options.spec.bundlePath !== undefined || isPrepared;
        if (!isAttached) process.attachCode(spec.bundlePath, spec.layersPath);
        extensions.init(spec, variables, () => this.#load(spec, variables));
      });
      if (reading.isAttached) this.#freeCpu();
    });
  }

  /** Its share of the processors was limited while it waited. Once all is on its way to it: until then that share does. */
  #freeCpu(): void {
    const { life, limits, settler } = this.#options;
    settler.afterPoll(() => {
      if (life.state === 'loading') this.#orEnd(() => limits.freeCpu());
    });
  }

  #make(variables: Readonly<Record<string, string>>): TemplateMaking {
    const { archives, clock, process, runtime, tracer } = this.#options;
    const kind = runtime.makesTemplates;
    if (kind === 'class-archive') process.limit({ cpu: recordingCpu });
    return new TemplateMaking({ kind, process, variables, clock, tracer, archives });
  }

  #load({ version, template, forTemplate }: InitSpec, variables: Readonly<Record<string, string>>): void {
    if (template !== undefined && !(template instanceof CompiledTemplate)) return this.#goOnFrom(template, variables);
    const { conversation, invocations, reading } = this.#options;
    const { handler, concurrencyPerEnvironment: atOnce = 1 } = version.settings;
    const { told } = reading;
    assert(told === undefined || told.template === template, 'what was read ahead is loaded');
    const compiled = template === undefined || told !== undefined ? {} : { compiled: template.code };
    conversation.init(handler, variables, { forTemplate, atOnce, ...compiled });
    invocations.heard();
  }

  #goOnFrom(template: Template, variables: Readonly<Record<string, string>>): void {
    const { ending, goingOn, invocations } = this.#options;
    const goesOn = goingOn.begin(template, variables);
    if (goesOn === undefined) return invocations.heard();
    goesOn.then(
      () => invocations.heard(),
      (error: unknown) => ending.cannotBeUsed(error),
    );
  }

  /** Has its runtime wait, without code, for an image of it to be taken. Answers why it cannot. */
  async pause(): Promise<string | undefined> {
    const { clock, conversation, life } = this.#options;
    const paused = new Promise<InitOutcome>((resolve) => (this.#settle = resolve));
    life.state = 'loading';
    life.sinceMs = clock.monotonicMs();
    if (conversation.pause?.() !== true) return 'cannot wait without code';
    const { status } = await paused;
    return status === 'ready' ? undefined : `could not wait (${status})`;
  }

  compiled(code: Uint8Array): void {
    const { ending, life } = this.#options;
    const making = life.state === 'loading' ? this.#making : undefined;
    const how = making === undefined ? 'compiled code that nobody waits for' : making.compiled(code);
    if (how !== undefined) ending.breach(how);
  }

  ready(): void {
    const { clock, ending, extensions, gate, invocations, life } = this.#options;
    if (life.state !== 'loading') return ending.breach('a report of being ready that nobody waits for');
    if (invocations.areAtOnce && extensions.arePresent) return this.failed(oneAtATime);
    if (invocations.count > 0) return this.#beginFirst();
    life.state = 'settling';
    extensions.loaded(
      () => clock.monotonicMs() - life.sinceMs,
      () => {
        this.#timer?.cancel();
        gate.afterOutput(() => invocations.settled(() => this.#succeeded()));
      },
    );
  }

  /**
   * The first invocation has been begun inside. What was printed past the channel and has not been read is taken for the
   * invocation's: see `Environment.isOnlyOnChannel`.
   */
  #beginFirst(): void {
    const { clock, conversation, extensions, invocations, life } = this.#options;
    const tookMs = clock.monotonicMs() - life.sinceMs;
    this.#timer?.cancel();
    conversation.flushOutput();
    extensions.loaded(
      () => tookMs,
      () => {},
    );
    this.#succeeded();
    invocations.beginFirst();
  }

  #succeeded(): void {
    this.#settle?.({ status: 'ready' });
    this.#settle = undefined;
  }

  failed(error: FunctionError): void {
    const { ending, life } = this.#options;
    if (life.state !== 'loading') return ending.breach('a failed initialisation that nobody waits for');
    ending.end({ status: 'error', error });
  }

  /** It is not late any more. */
  close(): void {
    this.#timer?.cancel();
  }

  /** The environment has ended; nothing, where it was initialised. */
  over(verdict: Failure): void {
    this.#settle?.(verdict);
  }

  #orEnd(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#options.ending.cannotBeUsed(error);
    }
  }
}

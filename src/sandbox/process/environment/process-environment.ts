/**
 * One process and the life of the environment in it.
 *
 *   booting → booted (→ preparing → booted) → loading → ready ⇄ busy (→ settling) (→ finishing) → ended
 *
 * `preparing`: the template is loaded that it will be initialised with, or its code is read.
 * While loading, the first invocation may be handed over; it begins when the runtime says that it is ready.
 * `settling`: the answer is here, and the last of the output that was printed before it may still be on its way.
 * `finishing`: the answer is on its way to the caller, and extensions are still busy with the invocation.
 * While busy, further invocations may be handed over ahead; the first of them begins when the one before has answered.
 * Whatever ends the environment (time-out, exit, out of memory, a breach of the protocol, `stop`) leaves a verdict,
 * the first one counts, and then everything happens in one place, `#over`, once the process is gone.
 */
import { assert } from '../../../util/assert.ts';
import { PlatformError, messageOf } from '../../../util/errors.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import type { FunctionVersion } from '../../../registry/function.ts';
import type { EnvironmentId, RequestId } from '../../../util/ids.ts';
import type {
  Ahead,
  BootSpec,
  CodeAhead,
  Environment,
  Failure,
  InitOutcome,
  InitSpec,
  InvokeOutcome,
  InvokeRequest,
  OutputLine,
  SandboxEvents,
  Template,
  Usage,
} from '../../sandbox.ts';
import { attendantMemoryMb, type ProcessExit } from '../extensions/attendant.ts';
import { EnvironmentExtensions } from '../extensions/environment-extensions.ts';
import type { ShutdownReason } from '../extensions/extensions.ts';
import type { InsideApi } from '../extensions/inside-api.ts';
import type { IsolatedProcess, ProcessEnd } from '../process.ts';
import type { Answer, Conversation, Runtime } from '../runtimes/runtime.ts';
import { processVariables } from '../runtimes/variables.ts';
import { ProcessTemplate } from '../templates/process-template.ts';
import { RuntimeTemplate } from '../templates/runtime-template.ts';
import type { Tracer } from '../templates/tracer.ts';
import { AnswerStreams } from './answer-streams.ts';
import { AtOnce } from './at-once.ts';
import { Boot } from './boot.ts';
import type { ClassArchives } from './class-archives.ts';
import { CompiledTemplate } from './compiled-template.ts';
import { Deadline } from './deadline.ts';
import { FunctionLimits } from './function-limits.ts';
import { GivenInvocations, type Given } from './given-invocations.ts';
import { GoingOn } from './going-on.ts';
import type { Consumer, GreedWatch } from './greed-watch.ts';
import { IdleFreezer } from './idle-freezer.ts';
import { OutputGate } from './output-gate.ts';
import type { OutputTurns } from './output-turns.ts';
import { ReadingAhead } from './reading-ahead.ts';
import type { Settler } from './settler.ts';
import { TemplateMaking } from './template-making.ts';

type State = 'booting' | 'booted' | 'preparing' | 'loading' | 'ready' | 'busy' | 'settling' | 'finishing' | 'ended';

/** Once every process in it is dead, what they wrote is read within this time. */
const drainMsMax = 2_000;
/** Loading one takes milliseconds. */
const prepareMsMax = 20_000;
/** Taking an image of half a gigabyte takes a second or two. */
const takeMsMax = 60_000;
/** What making an archive of its classes takes of a process besides what its function may have: twice what comes of the largest. */
const recordingMemoryMb = 256;
/** Of the processors: it computes for some seconds, and nobody waits for it. */
const recordingCpu = 0.5;

/** Extensions are told of one invocation after the other. */
const oneAtATime = {
  errorType: 'Extension.ConcurrencyNotSupported',
  errorMessage:
    'A function with extensions runs one invocation at a time: leave out concurrencyPerEnvironment, or the extensions.',
};

/** An invocation that is over sooner is answered before its environment's share of the processors is set, which are three files. */
const limitCpuMs = 2;

const killed: Failure = { status: 'exit', code: undefined, signal: 'SIGKILL' };
const unknownEnd: ProcessEnd = { code: undefined, signal: undefined, outOfMemory: false };

export type EnvironmentOptions = {
  spec: BootSpec;
  process: IsolatedProcess;
  runtime: Runtime;
  events: SandboxEvents;
  clock: Clock;
  settler: Settler;
  turns: OutputTurns;
  insideApi: InsideApi;
  tracer: Tracer;
  greed: GreedWatch;
  archives: ClassArchives | undefined;
};

export class ProcessEnvironment implements Environment {
  readonly id: EnvironmentId;
  readonly ended: Promise<void>;
  readonly #options: EnvironmentOptions;
  readonly #process: IsolatedProcess;
  readonly #conversation: Conversation;
  readonly #extensions: EnvironmentExtensions;
  readonly #boot: Boot;
  readonly #ending = Promise.withResolvers<void>();
  #state: State = 'booting';
  /** When what is under way began: the initialisation, an invocation. */
  #sinceMs = 0;
  #requestId: RequestId | undefined;
  /** Of the initialisation. */
  #timer: Timer | undefined;
  readonly #deadline: Deadline;
  readonly #limits: FunctionLimits;
  /** Why it ended or is about to; the first reason counts. */
  #verdict: Failure | undefined;
  /** The runtime has ended before the rest of the environment. */
  #runtimeExit: ProcessExit | undefined;
  #isShuttingDown = false;
  #settleInit: ((outcome: InitOutcome) => void) | undefined;
  readonly #goingOn: GoingOn;
  readonly #reading: ReadingAhead;
  readonly #given: GivenInvocations;
  /** Instead of those, where its version runs several at the same time. */
  #atOnce: AtOnce | undefined;
  readonly #streams: AnswerStreams;
  /** An answer that is settling. */
  #settleInvoke: ((outcome: InvokeOutcome) => void) | undefined;
  #lateImports: readonly string[] | undefined;
  /** What follows from its version, where that has been told already. */
  #expected: Readonly<Record<string, string>> | undefined;
  /** Present: it is initialised to become a template. */
  #making: TemplateMaking | undefined;
  readonly #gate: OutputGate;
  readonly #freezer: IdleFreezer;
  readonly #consumer: Consumer;

  constructor(options: EnvironmentOptions) {
    const { clock, events, process, runtime, spec } = options;
    this.id = spec.id;
    this.#options = options;
    this.#process = process;
    this.ended = this.#ending.promise;
    this.#conversation = runtime.converse(process, {
      booted: () => this.#onBooted(),
      ready: () => this.#onReady(),
      initFailed: (error) => this.#onInitFailed({ status: 'error', error }),
      answered: (answer, slot) => this.#onAnswered(answer, slot),
      streamBegan: (contentType) => this.#mind(this.#streams.began(contentType, this.#running?.request)),
      streamed: (bytes) => this.#mind(this.#streams.streamed(bytes)),
      streamEnded: () => this.#mind(this.#streams.ended()),
      gaveBack: (count) => {
        if (!this.#given.gaveBack(count)) this.#breach('more given back than was handed over');
      },
      imported: (names) => (this.#lateImports ??= names),
      compiled: (code) => this.#onCompiled(code),
      hasRead: () => this.#mind(this.#reading.hasRead()),
      output: (text, slot) => this.#onOutput(text, undefined, slot),
      breach: (how) => this.#breach(how),
    });
    this.#goingOn = new GoingOn({ process, conversation: this.#conversation, clock });
    this.#reading = new ReadingAhead({ process, conversation: this.#conversation });
    this.#streams = new AnswerStreams((cost) => this.#conversation.credit(cost));
    this.#given = new GivenInvocations({
      clock,
      recall: () => this.#conversation.recall(),
      sendEarly: (request) => this.#conversation.invokeOnceLoaded?.(request),
    });
    const { runtimeApi } = this.#conversation;
    process.onRefusal((what) => this.#onOutput(what, 'platform'));
    this.#extensions = new EnvironmentExtensions({
      environmentId: spec.id,
      external: spec.extensions ?? [],
      clock,
      api: options.insideApi,
      runtimeApi: runtimeApi?.bind(this.#conversation),
      output: (line) => this.#onOutput(line.text, line.origin),
      failed: (error) => this.#end({ status: 'error', error }),
      runtimeExited: (exit) => this.#onRuntimeExited(exit),
      // Why it is gone, its end tells.
      lost: () => this.#process.kill(),
    });
    const isRecording = spec.forTemplate !== undefined && runtime.makesTemplates === 'class-archive';
    this.#limits = new FunctionLimits(
      process,
      (this.#extensions.isAttended ? attendantMemoryMb : 0) + (isRecording ? recordingMemoryMb : 0),
    );
    // What has been read of the first may have both stop again.
    const printsBy = [this.#extensions, this.#conversation];
    this.#gate = new OutputGate({
      clock,
      settler: options.settler,
      turns: options.turns,
      stop: () => printsBy.forEach((one) => one.stop()),
      goOn: () => printsBy.forEach((one) => one.goOn()),
    });
    this.#freezer = new IdleFreezer({
      clock,
      process: { freeze: () => process.freeze(), thaw: () => this.#orEnd(() => process.thaw()) },
      state: () =>
        this.#state !== 'ready' || this.#given.count > 0 ? 'busy' : this.#extensions.areQuiet ? 'quiet' : 'settling',
    });
    this.#consumer = {
      isBusy: () => this.#state !== 'ready' && this.#state !== 'ended',
      cpuMs: () => process.cpuMs(),
      floods: () => this.#gate.isFlooding,
      setGreedy: (isGreedy) => this.#orEnd(() => this.#limits.setGreedy(isGreedy)),
    };
    this.#deadline = new Deadline(clock, () => this.#end({ status: 'timeout' }));
    void process.ended.catch(() => unknownEnd).then((end) => this.#over(end));
    this.#boot = new Boot({
      spec,
      process,
      clock,
      connected: (socket) => events.connection(spec.id, socket),
      connectedInside: (socket) => this.#extensions.accept(socket),
      late: () => this.#end({ status: 'timeout' }),
    });
  }

  /** Resolves when its runtime waits for `init`. Errors: `unavailable`. */
  get booted(): Promise<void> {
    return this.#boot.done;
  }

  loadAhead(what: Ahead): Promise<void> {
    return this.#prepare('loadAhead', () => this.#goingOn.loadAhead(what));
  }

  readAhead(what: CodeAhead): Promise<void> {
    return this.#prepare('readAhead', () => Promise.race([this.#reading.begin(what), this.ended]));
  }

  async #prepare(how: string, task: () => Promise<void>): Promise<void> {
    if (this.#state !== 'booted' || this.#isPrepared) throw this.#refusal(how);
    this.#state = 'preparing';
    const bound = this.#options.clock.schedule(prepareMsMax, () => this.#process.kill());
    try {
      await task();
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      bound.cancel();
    }
    if (this.#hasEnded) throw new PlatformError('unavailable', 'it ended when it was prepared');
    this.#state = 'booted';
  }

  /** What is only for one version has been done. */
  get #isPrepared(): boolean {
    return this.#goingOn.isAhead || this.#reading.isAttached;
  }

  /** Or is about to. */
  get #hasEnded(): boolean {
    return this.#state === 'ended' || this.#verdict !== undefined;
  }

  expect(version: FunctionVersion): void {
    if (this.#state !== 'booted' || this.#goingOn.isAhead || this.#reading.told !== undefined) return;
    this.#expected = this.#conversation.expect?.(version);
  }

  init(spec: InitSpec): Promise<InitOutcome> {
    if (this.#state === 'ended') return Promise.resolve(this.#failure());
    if (this.#state !== 'booted') return Promise.reject(this.#refusal('init'));
    const needsTemplate = this.#options.spec.memory === 'template' || this.#goingOn.isAhead;
    assert(
      !needsTemplate || spec.template instanceof ProcessTemplate,
      'where no runtime may have booted, a template is given',
    );
    const { clock } = this.#options;
    const { memoryMb, concurrencyPerEnvironment: atOnce = 1 } = spec.version.settings;
    if (atOnce > 1) this.#atOnce = this.#several(atOnce);
    this.#state = 'loading';
    this.#sinceMs = clock.monotonicMs();
    return new Promise((resolve) => {
      this.#settleInit = (outcome) => {
        resolve(outcome);
        if (outcome.status === 'ready') clock.schedule(limitCpuMs, () => this.#orEnd(() => this.#limits.limitCpu()));
      };
      this.#timer = clock.schedule(spec.timeoutMs, () => this.#end({ status: 'timeout' }));
      this.#orEnd(() => {
        this.#limits.limitMemory(memoryMb);
        const { runtime, tracer, archives } = this.#options;
        const variables = { ...(this.#expected ?? processVariables(spec.version)), ...spec.variables };
        if (spec.forTemplate !== undefined) {
          const kind = runtime.makesTemplates;
          if (kind === 'class-archive') this.#process.limit({ cpu: recordingCpu });
          this.#making = new TemplateMaking({ kind, process: this.#process, variables, clock, tracer, archives });
        }
        const isAttached = this.#options.spec.bundlePath !== undefined || this.#isPrepared;
        if (!isAttached) this.#process.attachCode(spec.bundlePath, spec.layersPath);
        this.#extensions.init(spec, variables, () => this.#load(spec, variables));
      });
    });
  }

  #load({ version, template, forTemplate }: InitSpec, variables: Readonly<Record<string, string>>): void {
    if (template !== undefined && !(template instanceof CompiledTemplate)) return this.#goOnFrom(template, variables);
    const { handler, concurrencyPerEnvironment: atOnce = 1 } = version.settings;
    const { told } = this.#reading;
    assert(told === undefined || told.template === template, 'what was read ahead is loaded');
    const compiled = template === undefined || told !== undefined ? {} : { compiled: template.code };
    this.#conversation.init(handler, variables, { forTemplate, atOnce, ...compiled });
    this.#onHearing();
  }

  #goOnFrom(template: Template, variables: Readonly<Record<string, string>>): void {
    const goesOn = this.#goingOn.begin(template, variables);
    if (goesOn === undefined) return this.#onHearing();
    goesOn.then(
      () => this.#onHearing(),
      (error: unknown) => this.#cannotBeUsed(error),
    );
  }

  /** Extensions are told of an invocation before it begins, and who runs several at once is told of each by itself. */
  get #beginsOnceLoaded(): boolean {
    return (
      this.#conversation.beginsOnceLoaded === true &&
      this.#atOnce === undefined &&
      this.#making === undefined &&
      !this.#extensions.isAttended
    );
  }

  /** The code is being loaded: what is sent from now on is heard. */
  #onHearing(): void {
    if (this.#state === 'loading' && this.#beginsOnceLoaded) this.#given.heard();
  }

  get lateImports(): readonly string[] | undefined {
    return this.#options.runtime.makesTemplates === 'image' ? this.#lateImports : [];
  }

  #onCompiled(code: Uint8Array): void {
    const making = this.#state === 'loading' ? this.#making : undefined;
    this.#mind(making === undefined ? 'compiled code that nobody waits for' : making.compiled(code));
  }

  async becomeTemplate(bytesMax: number): Promise<Template | { refused: string }> {
    const isUp = this.#state === 'booted';
    if (!isUp && this.#state !== 'ready') throw this.#refusal('becomeTemplate');
    const bound = this.#options.clock.schedule(takeMsMax, () => this.#process.kill());
    try {
      const refused = isUp ? await this.#pause() : undefined;
      if (refused !== undefined) return { refused };
      this.#freezer.wake();
      this.#freezer.close();
      if (this.#making !== undefined) return await this.#making.take(bytesMax, () => this.stop());
      const { tracer } = this.#options;
      const taken = await tracer.take(this.#process, bytesMax);
      return 'refused' in taken ? taken : new RuntimeTemplate(taken, tracer);
    } finally {
      bound.cancel();
      await this.stop();
    }
  }

  /** Has its runtime wait, without code, for an image of it to be taken. Answers why it cannot. */
  async #pause(): Promise<string | undefined> {
    const paused = new Promise<InitOutcome>((resolve) => (this.#settleInit = resolve));
    this.#state = 'loading';
    this.#sinceMs = this.#options.clock.monotonicMs();
    if (this.#conversation.pause?.() !== true) return 'cannot wait without code';
    const { status } = await paused;
    return status === 'ready' ? undefined : `could not wait (${status})`;
  }

  get room(): number {
    if (this.#verdict !== undefined || this.#conversation.closed) return 0;
    if (this.#state === 'loading') return this.#beginsOnceLoaded && this.#given.count === 0 ? 1 : 0;
    if (this.#state !== 'ready' && this.#state !== 'busy') return 0;
    if (this.#atOnce !== undefined) return this.#atOnce.room;
    const { count, isRecalling } = this.#given;
    if (isRecalling && count > 0) return 0;
    // What is printed past the channel can be told apart only while nothing else is on its way.
    const isAlone = this.#conversation.printedRaw || isRecalling || this.#extensions.arePresent;
    const ahead = isAlone ? 0 : this.#conversation.aheadMax;
    return Math.max(0, 1 + ahead - count);
  }

  invoke(request: InvokeRequest): Promise<InvokeOutcome> {
    this.#freezer.wake();
    if (this.room === 0) return Promise.resolve({ status: 'not_started' });
    if (this.#state !== 'loading') this.#called();
    if (this.#atOnce !== undefined) {
      this.#state = 'busy';
      return this.#atOnce.begin(request);
    }
    return new Promise((settle) => {
      const given = { request, settle };
      if (this.#state === 'loading') return this.#given.addEarly(given);
      this.#given.add(given);
      const isAhead = this.#given.count > 1;
      if (!isAhead) this.#begin(request);
      this.#conversation.invoke(request, isAhead);
    });
  }

  #several(max: number): AtOnce {
    assert((this.#conversation.atOnceMax ?? 1) >= max, 'a version runs no more at once than its runtime can');
    return new AtOnce({
      clock: this.#options.clock,
      max,
      send: (request, slot) => this.#conversation.invokeInSlot?.(request, slot),
      idle: () => {
        if (this.#state !== 'busy') return;
        this.#state = 'ready';
        this.#freezer.idle();
      },
      drained: () => this.#end({ status: 'timeout' }),
    });
  }

  memoryBytes(): number | undefined {
    return this.#process.memoryBytes();
  }

  usage(): Promise<Usage> {
    return this.#process.usage();
  }

  stop(): Promise<void> {
    this.#end(killed, 'spindown');
    return this.ended;
  }

  #onBooted(): void {
    Promise.all([this.#boot.handedOver(), this.#extensions.connected]).then(
      () => {
        if (this.#state !== 'booting') return this.#breach('a second report of being up');
        const { memoryMb } = this.#options.spec;
        if (memoryMb !== undefined) this.#orEnd(() => this.#limits.limitMemory(memoryMb));
        const loading = this.#boot.load();
        if (loading === undefined) return this.#isUp();
        loading.then(
          () => this.#isUp(),
          (error: unknown) => {
            if (this.#verdict === undefined) this.#boot.blameImage();
            this.#cannotBeUsed(error);
          },
        );
      },
      () => this.#breach('a report of being up before the endpoint was handed over'),
    );
  }

  #isUp(): void {
    if (this.#state !== 'booting') return;
    this.#state = 'booted';
    this.#boot.succeeded();
  }

  #onReady(): void {
    if (this.#state !== 'loading') return this.#breach('a report of being ready that nobody waits for');
    if (this.#atOnce !== undefined && this.#extensions.arePresent)
      return this.#onInitFailed({ status: 'error', error: oneAtATime });
    const { first } = this.#given;
    if (first !== undefined) return this.#beginFirst(first);
    this.#state = 'settling';
    const { clock } = this.#options;
    this.#extensions.loaded(
      () => clock.monotonicMs() - this.#sinceMs,
      () => {
        this.#timer?.cancel();
        this.#gate.afterOutput(() => this.#settled(() => this.#settleInit?.({ status: 'ready' })));
      },
    );
  }

  get isOnlyOnChannel(): boolean {
    return this.#beginsOnceLoaded && !this.#conversation.printedRaw && !this.#extensions.arePresent;
  }

  /**
   * It has been begun inside. What was printed past the channel and has not been read is taken for the invocation's:
   * see `isOnlyOnChannel`.
   */
  #beginFirst({ request }: Given): void {
    const tookMs = this.#options.clock.monotonicMs() - this.#sinceMs;
    this.#timer?.cancel();
    this.#conversation.flushOutput();
    this.#extensions.loaded(
      () => tookMs,
      () => {},
    );
    const unsaid = this.#given.takeUnsaid();
    this.#settleInit?.({ status: 'ready' });
    this.#settleInit = undefined;
    this.#called();
    this.#begin(request);
    if (unsaid !== undefined) this.#conversation.invoke(unsaid, false);
  }

  #onInitFailed(failure: Failure): void {
    if (this.#state !== 'loading') return this.#breach('a failed initialisation that nobody waits for');
    this.#end(failure);
  }

  #onAnswered(answer: Answer, slot?: number): void {
    if (answer.status === 'error' && answer.fatal) {
      const failure: Failure = { status: 'error', error: answer.error };
      if (slot === undefined) return this.#end(failure);
      // It was one that failed; the others have lost their environment.
      this.#atOnce?.failed(slot, failure);
      return this.#end({ status: 'exit', code: 1, signal: undefined });
    }
    if (slot !== undefined) {
      if (this.#atOnce?.answered(slot, answer) !== true) this.#breach('an answer that nobody waits for');
      return;
    }
    const given = this.#state === 'busy' ? this.#given.answered() : undefined;
    if (given === undefined) return this.#breach('an answer that nobody waits for');
    this.#goingOn.answered();
    const outcome = this.#outcomeOf(answer);
    const next = this.#given.first;
    if (next !== undefined) {
      // It prints nowhere but on the channel, so all that belongs to this answer came before it.
      this.#conversation.flushOutput();
      this.#begin(next.request);
      given.settle(outcome);
      return;
    }
    this.#state = 'settling';
    this.#settleInvoke = given.settle;
    const over = this.#finish(given.request, outcome);
    const settled: InvokeOutcome =
      over === undefined || outcome.status === 'not_started' ? outcome : { ...outcome, over };
    this.#gate.afterOutput(() => this.#settled(() => given.settle(settled)));
  }

  /** The caller need not wait for the extensions, but the next invocation does. Undefined: they have finished, too. */
  #finish(request: InvokeRequest, outcome: InvokeOutcome): Promise<void> | undefined {
    const { clock } = this.#options;
    if (!this.#extensions.arePresent) {
      this.#deadline.over();
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    let isOver = false;
    this.#extensions.answered(request, outcome, clock.monotonicMs() - this.#sinceMs, () => {
      this.#deadline.over();
      isOver = true;
      this.#extensions.reported(request, outcome, clock.monotonicMs() - this.#sinceMs, () => this.usage());
      if (this.#state === 'finishing') {
        this.#state = 'ready';
        this.#freezer.idle();
      }
      resolve();
    });
    if (isOver) return undefined;
    void this.ended.then(resolve);
    return promise;
  }

  #outcomeOf(answer: Answer): InvokeOutcome {
    const outcome = this.#streams.answered(answer);
    if (typeof outcome !== 'string') return outcome;
    this.#breach(outcome);
    return this.#failure();
  }

  get #running(): Given | undefined {
    return this.#state === 'busy' ? this.#given.first : undefined;
  }

  /** It has been given something to do. */
  #called(): void {
    this.#options.greed.began(this.#consumer);
    this.#gate.called();
  }

  /** The handler's turn has come. */
  #begin(request: InvokeRequest): void {
    const { clock } = this.#options;
    this.#state = 'busy';
    this.#sinceMs = clock.monotonicMs();
    this.#requestId = request.requestId;
    this.#deadline.begin(this.#sinceMs, request.timeoutMs);
    request.began?.();
    this.#extensions.invoked(request);
  }

  #settled(settle: () => void): void {
    if (this.#state === 'ended') return;
    this.#conversation.flushOutput();
    if (this.#verdict === undefined) this.#state = this.#extensions.areBusy ? 'finishing' : 'ready';
    this.#freezer.idle();
    settle();
    this.#settleInit = undefined;
    this.#settleInvoke = undefined;
  }

  #onOutput(text: string, origin?: OutputLine['origin'], slot?: number): void {
    const { clock, events } = this.#options;
    if (this.#state === 'booting') return this.#boot.printed(text);
    const requestId = slot === undefined ? this.#requestId : this.#atOnce?.requestId(slot);
    const line = { text, requestId, timeMs: clock.now() };
    events.output(this.id, origin === undefined ? line : { ...line, origin });
    if (origin === undefined) this.#extensions.printed(text);
    this.#gate.printed(text.length);
  }

  /** `how`: it was out of turn; undefined: it was not. */
  #mind(how: string | undefined): void {
    if (how !== undefined) this.#breach(how);
  }

  #breach(how: string): void {
    if (this.#verdict !== undefined) return;
    this.#onOutput(`Mayfly ended this environment: its channel carried ${how}.`);
    this.#end(killed);
  }

  /** Does something to the process; if that fails, the environment is of no use. */
  #orEnd(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#cannotBeUsed(error);
    }
  }

  #cannotBeUsed(error: unknown): void {
    const why = messageOf(error);
    this.#onOutput(`Mayfly ended this environment, which could not be set up: ${why}`);
    this.#end(killed);
  }

  /** It ended by itself, or something inside killed it; the rest of the environment is still there. */
  #onRuntimeExited(exit: ProcessExit): void {
    if (this.#verdict !== undefined) return;
    this.#runtimeExit = exit;
    // Its answer may still be on its way, and what it printed.
    this.#options.settler.afterPoll(() => this.#end({ status: 'exit', ...exit }));
  }

  #end(verdict: Failure, reason: ShutdownReason = verdict.status === 'timeout' ? 'timeout' : 'failure'): void {
    if (this.#state === 'ended' || this.#isShuttingDown) return;
    if (this.#verdict === undefined)
      this.#extensions.ending(verdict, this.#options.clock.monotonicMs() - this.#sinceMs);
    this.#verdict ??= verdict;
    this.#given.close();
    if (!this.#extensions.wantShutdown) return this.#process.kill();
    this.#isShuttingDown = true;
    this.#freezer.wake();
    this.#freezer.close();
    const running = this.#given.first;
    if (running !== undefined) {
      const tookMs = this.#options.clock.monotonicMs() - this.#sinceMs;
      this.#extensions.cutShort(running.request, verdict, tookMs, () => this.usage());
    }
    void this.#extensions.shutdown(reason).finally(() => this.#process.kill());
  }

  /** The process is gone: the one place where an environment ends. */
  async #over(end: ProcessEnd): Promise<void> {
    this.#boot.close();
    this.#timer?.cancel();
    this.#deadline.close();
    this.#given.close();
    this.#freezer.close();
    const { clock } = this.#options;
    let bound: Timer | undefined;
    const wasRead = await Promise.race([
      this.#conversation.drained().then(() => true),
      new Promise<boolean>((resolve) => (bound = clock.schedule(drainMsMax, () => resolve(false)))),
    ]);
    bound?.cancel();
    this.#conversation.flushOutput();
    if (!wasRead)
      this.#onOutput(
        'Mayfly has not read the last of what was printed here before the end: it was too much.',
        'platform',
      );
    const [answered, isLoading] = [this.#state === 'settling', this.#state === 'loading'];
    // What floods is not read for a while: that the code is loaded may be in what has not been. What may have run is not run again.
    const mayHaveBegun = isLoading && !wasRead && !this.#given.hasUnsaid;
    if (mayHaveBegun) this.#given.first?.request.began?.();
    if (answered) await new Promise<void>((resolve) => this.#options.settler.afterPoll(resolve));
    const { code, signal } = this.#runtimeExit ?? end;
    const outOfMemory = end.outOfMemory || (signal !== undefined && this.#conversation.ranOutOfMemory);
    // Which of the two it was, only the end of all tells.
    if (this.#runtimeExit !== undefined && outOfMemory) this.#verdict = undefined;
    this.#verdict ??= outOfMemory ? { status: 'out_of_memory' } : { status: 'exit', code, signal };
    this.#state = 'ended';
    this.#extensions.close();
    this.#streams.over();
    this.#conversation.close();
    this.#boot.failed(this.#verdict);
    // First, so that whoever is told the outcome finds it already taken out of use.
    this.#ending.resolve();
    this.#settleInit?.(this.#verdict);
    this.#settleInvoke?.(this.#verdict);
    this.#atOnce?.over(this.#verdict);
    const [running, ...waiting] = this.#given.takeAll();
    running?.settle(isLoading && !mayHaveBegun ? { status: 'not_started' } : this.#verdict);
    for (const { settle } of waiting) settle({ status: 'not_started' });
  }

  #failure(): Failure {
    return this.#verdict ?? killed;
  }

  #refusal(what: string): PlatformError {
    return new PlatformError(
      'conflict',
      `${what} on an environment that is ${this.#state}: it takes one thing at a time`,
    );
  }
}

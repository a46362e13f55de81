/**
 * One process and the life of the environment in it.
 *
 *   booting → booted → loading → ready ⇄ busy (→ settling) (→ finishing) → ended
 *
 * While loading, the first invocation may be handed over; it begins when the runtime says that it is ready.
 * `settling`: the answer is here, and the last of the output that was printed before it may still be on its way.
 * `finishing`: the answer is on its way to the caller, and extensions are still busy with the invocation.
 * While busy, further invocations may be handed over ahead; the first of them begins when the one before has answered.
 * Whatever ends the environment (time-out, exit, out of memory, a breach of the protocol, `stop`) leaves a verdict,
 * the first one counts, and then everything happens in one place, `#over`, once the process is gone.
 */
import { assert } from '../../../util/assert.ts';
import { PlatformError } from '../../../util/errors.ts';
import { limits } from '../../../util/limits.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import type { EnvironmentId, RequestId } from '../../../util/ids.ts';
import type {
  BootSpec,
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
import { TemplateNotLoaded } from '../../template-not-loaded.ts';
import { attendantMemoryMb, type ProcessExit } from '../extensions/attendant.ts';
import { EnvironmentExtensions } from '../extensions/environment-extensions.ts';
import type { ShutdownReason } from '../extensions/extensions.ts';
import { connectionsMax as insideConnectionsMax, type InsideApi } from '../extensions/inside-api.ts';
import type { IsolatedProcess, ProcessEnd } from '../process.ts';
import type { Answer, Conversation, Runtime } from '../runtimes/runtime.ts';
import { processVariables } from '../runtimes/variables.ts';
import { AnswerStream } from './answer-stream.ts';
import type { ClassArchives } from './class-archives.ts';
import { CompiledPieces } from './compiled-pieces.ts';
import { compiledTemplate, CompiledTemplate } from './compiled-template.ts';
import { AtOnce } from './at-once.ts';
import { Deadline } from './deadline.ts';
import type { Consumer, GreedWatch } from './greed-watch.ts';
import { IdleFreezer } from './idle-freezer.ts';
import { OutputGate, type OutputFlood } from './output-gate.ts';
import { ProcessTemplate } from '../templates/process-template.ts';
import { RuntimeTemplate } from '../templates/runtime-template.ts';
import type { Tracer } from '../templates/tracer.ts';
import type { Settler } from './settler.ts';

type State = 'booting' | 'booted' | 'loading' | 'ready' | 'busy' | 'settling' | 'finishing' | 'ended';

/** A runtime boots in a tenth of a second; on a machine this much slower, something else is wrong. */
const bootMsMax = 20_000;
/** Once every process in it is dead, what they wrote is read within this time. */
const drainMsMax = 2_000;
/** Taking an image of half a gigabyte takes a second or two. */
const takeMsMax = 60_000;
/** What making an archive of its classes takes of a process besides what its function may have: twice what comes of the largest. */
const recordingMemoryMb = 256;
/** Of the processors: it computes for some seconds, and nobody waits for it. */
const recordingCpu = 0.5;
/** Lines that a runtime printed before it failed to boot, kept for the error message. */
const bootLinesMax = 20;
/** Connections from one environment to the platform's endpoint at once: more than an SDK's pool (50) and some spare. */
const connectionsMax = 256;

/** Invocations behind one that takes longer than this are called back, to run elsewhere. */
const recallMs = 5;

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
  flood: OutputFlood;
  insideApi: InsideApi;
  tracer: Tracer;
  greed: GreedWatch;
  archives: ClassArchives | undefined;
};

type Given = { request: InvokeRequest; settle: (outcome: InvokeOutcome) => void };

export class ProcessEnvironment implements Environment {
  readonly id: EnvironmentId;
  readonly ended: Promise<void>;
  readonly #options: EnvironmentOptions;
  readonly #process: IsolatedProcess;
  readonly #conversation: Conversation;
  readonly #extensions: EnvironmentExtensions;
  readonly #bootLines: string[] = [];
  /** Connections to the platform's endpoint are heard. */
  readonly #endpoint: Promise<void>;
  /** So are connections to the Runtime API's address, where the runtime has opened it. */
  readonly #insideApi: Promise<void>;
  /** Resolves when its runtime waits for `init`. Errors: `unavailable`. */
  readonly booted: Promise<void>;
  readonly #booting = Promise.withResolvers<void>();
  readonly #ending = Promise.withResolvers<void>();
  #state: State = 'booting';
  /** When what is under way began: the initialisation, an invocation. */
  #sinceMs = 0;
  #requestId: RequestId | undefined;
  #timer: Timer | undefined;
  readonly #deadline: Deadline;
  /** Of the processors, what its function may use. */
  #cpu = 0;
  #isCpuLimited = false;
  /** What its memory is limited to for the function's sake. */
  #memoryMb: number | undefined;
  /** Why it ended or is about to; the first reason counts. */
  #verdict: Failure | undefined;
  /** The runtime has ended before the rest of the environment. */
  #runtimeExit: ProcessExit | undefined;
  #isShuttingDown = false;
  /** What it was to go on from is why it ended. */
  #isNotLoaded = false;
  #settleInit: ((outcome: InitOutcome) => void) | undefined;
  /** In the order in which they were handed over: the first one runs. */
  readonly #given: Given[] = [];
  /** Instead of those, where its version runs several at the same time. */
  #atOnce: AtOnce | undefined;
  /** Of several, the one that brought its end about. */
  #fatal: { slot: number; failure: Failure } | undefined;
  /** The answer of the one that runs, where its handler writes it bit by bit. */
  #stream: AnswerStream | undefined;
  /** An answer that is settling. */
  #settleInvoke: ((outcome: InvokeOutcome) => void) | undefined;
  /** The first one, handed over while the code is loaded, and what it could not be told yet. */
  #unsent: InvokeRequest | undefined;
  /** While that is loaded: what is sent would be heard, and waits for it. */
  #mayFollow = false;
  /** Looks whether the one that runs holds up the others. */
  #patience: Timer | undefined;
  #recalling = false;
  #lateImports: readonly string[] | undefined;
  /** Those that it was initialised with. */
  #variables: Readonly<Record<string, string>> = {};
  #isForTemplate = false;
  readonly #compiled = new CompiledPieces();
  #hasToldCompiled = false;
  /** What loading its code took of the processors: the first of them comes when that is done, whatever else the machine does. */
  #loadUs = 0;
  #beganMs = 0;
  readonly #gate: OutputGate;
  readonly #freezer: IdleFreezer;
  readonly #consumer: Consumer;

  constructor(options: EnvironmentOptions) {
    const { clock, events, process, runtime, spec } = options;
    this.id = spec.id;
    this.#options = options;
    this.#process = process;
    this.booted = this.#booting.promise;
    this.ended = this.#ending.promise;
    this.#conversation = runtime.converse(process, {
      booted: () => this.#onBooted(),
      ready: () => this.#onReady(),
      initFailed: (error) => this.#onInitFailed({ status: 'error', error }),
      answered: (answer, slot) => this.#onAnswered(answer, slot),
      streamBegan: (contentType) => this.#onStreamBegan(contentType),
      streamed: (bytes) => this.#onStreamed(bytes),
      streamEnded: () => this.#onStreamEnded(),
      gaveBack: (count) => this.#onGaveBack(count),
      imported: (names) => (this.#lateImports ??= names),
      compiled: (code) => this.#onCompiled(code),
      output: (text, slot) => this.#onOutput(text, undefined, slot),
      breach: (how) => this.#breach(how),
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
    const printsBy = [process.channel, process.stdout, process.stderr, this.#extensions];
    this.#gate = new OutputGate({
      clock,
      settler: options.settler,
      flood: options.flood,
      pause: () => printsBy.forEach((one) => void one.pause()),
      resume: () => printsBy.forEach((one) => void one.resume()),
    });
    this.#freezer = new IdleFreezer({
      clock,
      process: { freeze: () => process.freeze(), thaw: () => this.#orEnd(() => process.thaw()) },
      state: () =>
        this.#state !== 'ready' || this.#given.length > 0 ? 'busy' : this.#extensions.areQuiet ? 'quiet' : 'settling',
    });
    this.#consumer = {
      isBusy: () => this.#state !== 'ready' && this.#state !== 'ended',
      cpuMs: () => process.cpuMs(),
      setGreedy: (isGreedy) => {
        // One that is greedy has no share that could be set.
        this.#orEnd(() => this.#limitCpu());
        process.setGreedy(isGreedy, this.#cpu);
      },
    };
    this.#timer = clock.schedule(bootMsMax, () => this.#end({ status: 'timeout' }));
    this.#deadline = new Deadline(clock, () => this.#end({ status: 'timeout' }));
    void process.ended.catch(() => unknownEnd).then((end) => this.#over(end));
    this.#endpoint = process.handedOver('api').then((server) => {
      server.maxConnections = connectionsMax;
      server.on('connection', (socket) => events.connection(spec.id, socket));
    });
    // Without it, `booted` is refused; and if the process is gone, that tells.
    this.#endpoint.catch(() => {});
    this.#insideApi = process.handedOver('runtime-api').then((server) => {
      server.maxConnections = insideConnectionsMax;
      server.on('connection', (socket) => this.#extensions.accept(socket));
    });
    this.#insideApi.catch(() => {});
  }

  init(spec: InitSpec): Promise<InitOutcome> {
    if (this.#state === 'ended') return Promise.resolve(this.#failure());
    if (this.#state !== 'booted') return Promise.reject(this.#refusal('init'));
    assert(
      this.#options.spec.memory !== 'template' || spec.template instanceof ProcessTemplate,
      'where no runtime may have booted, a template is given',
    );
    const { clock } = this.#options;
    const { handler, memoryMb, concurrencyPerEnvironment: atOnce = 1 } = spec.version.settings;
    if (atOnce > 1) this.#atOnce = this.#several(atOnce);
    this.#cpu = memoryMb / limits.memoryMbPerCpu;
    this.#state = 'loading';
    this.#sinceMs = clock.monotonicMs();
    return new Promise((resolve) => {
      this.#settleInit = (outcome) => {
        resolve(outcome);
        if (outcome.status === 'ready') clock.schedule(limitCpuMs, () => this.#orEnd(() => this.#limitCpu()));
      };
      this.#timer = clock.schedule(spec.timeoutMs, () => this.#end({ status: 'timeout' }));
      this.#orEnd(() => {
        this.#limitMemory(memoryMb);
        if (this.#isRecording) {
          this.#process.limit({ cpu: recordingCpu });
          this.#beganMs = this.#passedMs();
        }
        if (this.#options.spec.bundlePath === undefined) this.#process.attachCode(spec.bundlePath, spec.layersPath);
        const variables = { ...processVariables(spec.version), ...spec.variables };
        const { template, forTemplate } = spec;
        this.#variables = variables;
        this.#isForTemplate = forTemplate !== undefined;
        this.#extensions.init(spec, variables, () => {
          if (template !== undefined && !(template instanceof CompiledTemplate))
            return this.#goOnFrom(template, variables);
          const compiled = template === undefined ? {} : { compiled: template.code };
          this.#conversation.init(handler, variables, { forTemplate, atOnce, ...compiled });
          this.#mayFollow = this.#beginsOnceLoaded;
        });
      });
    });
  }

  #goOnFrom(template: Template, variables: Readonly<Record<string, string>>): void {
    const { encodeRestore } = this.#conversation;
    assert(template instanceof ProcessTemplate && encodeRestore, 'a template is used where it was made');
    template.load(this.#process, variables, encodeRestore).then(
      () => {
        this.#mayFollow = this.#beginsOnceLoaded;
        this.#sendUnsent();
      },
      (error: unknown) => this.#cannotBeUsed(error),
    );
  }

  /** Extensions are told of an invocation before it begins, and who runs several at once is told of each by itself. */
  get #beginsOnceLoaded(): boolean {
    return (
      this.#conversation.beginsOnceLoaded === true &&
      this.#atOnce === undefined &&
      !this.#isForTemplate &&
      !this.#extensions.isAttended
    );
  }

  #sendUnsent(): void {
    const request = this.#unsent;
    this.#unsent = undefined;
    if (request !== undefined && this.#state === 'loading') this.#conversation.invokeOnceLoaded?.(request);
  }

  get lateImports(): readonly string[] | undefined {
    return this.#options.runtime.makesTemplates === 'image' ? this.#lateImports : [];
  }

  #onCompiled(code: Uint8Array): void {
    const isFirst = !this.#hasToldCompiled;
    this.#hasToldCompiled = true;
    if (this.#state !== 'loading' || !this.#isForTemplate || !(isFirst || this.#isRecording))
      return this.#breach('compiled code that nobody waits for');
    if (isFirst) this.#loadUs = (this.#passedMs() - this.#beganMs) * 1_000;
    if (this.#isRecording && code.byteLength === 0) return this.#breach('an empty piece of compiled code');
    if (!this.#compiled.add(code)) this.#breach('more compiled code than is taken');
  }

  /** Of its processes' time, or, where nobody counts it, of all. */
  #passedMs(): number {
    return this.#process.cpuMs() ?? this.#options.clock.monotonicMs();
  }

  /** It was booted to make an archive of its classes. */
  get #isRecording(): boolean {
    const { runtime, spec } = this.#options;
    return spec.forTemplate !== undefined && runtime.makesTemplates === 'class-archive';
  }

  async becomeTemplate(bytesMax: number): Promise<Template | { refused: string }> {
    if (this.#state === 'booted') return this.#becomeRuntimeTemplate(bytesMax);
    if (this.#state !== 'ready') throw this.#refusal('becomeTemplate');
    const { clock, tracer, process, runtime, archives } = this.#options;
    this.#freezer.wake();
    this.#freezer.close();
    const bound = clock.schedule(takeMsMax, () => process.kill());
    try {
      const compiled = this.#compiled;
      if (runtime.makesTemplates === 'compiled-code') return compiledTemplate(compiled.pieces[0], bytesMax);
      if (this.#isRecording) {
        await this.stop();
        return (await archives?.keep(compiled, this.#loadUs, bytesMax)) ?? { refused: 'has nowhere to keep it' };
      }
      const taken = await tracer.take(process, bytesMax);
      return 'refused' in taken ? taken : new ProcessTemplate(taken, tracer, this.#variables);
    } finally {
      bound.cancel();
      await this.stop();
    }
  }

  async #becomeRuntimeTemplate(bytesMax: number): Promise<Template | { refused: string }> {
    const { clock, tracer, process } = this.#options;
    const bound = clock.schedule(takeMsMax, () => process.kill());
    try {
      const paused = new Promise<InitOutcome>((resolve) => (this.#settleInit = resolve));
      this.#state = 'loading';
      this.#sinceMs = clock.monotonicMs();
      if (this.#conversation.pause?.() !== true) return { refused: 'cannot wait without code' };
      const outcome = await paused;
      if (outcome.status !== 'ready') return { refused: `could not wait (${outcome.status})` };
      this.#freezer.wake();
      this.#freezer.close();
      const taken = await tracer.take(process, bytesMax);
      return 'refused' in taken ? taken : new RuntimeTemplate(taken, tracer);
    } finally {
      bound.cancel();
      await this.stop();
    }
  }

  get room(): number {
    if (this.#verdict !== undefined || this.#conversation.closed) return 0;
    if (this.#state === 'loading') return this.#beginsOnceLoaded && this.#given.length === 0 ? 1 : 0;
    if (this.#state !== 'ready' && this.#state !== 'busy') return 0;
    if (this.#atOnce !== undefined) return this.#atOnce.room;
    // The answer to a recall counts from the end of what was given: nothing may be added to it meanwhile.
    if (this.#recalling && this.#given.length > 0) return 0;
    // What is printed past the channel can be told apart only while nothing else is on its way.
    const isAlone = this.#conversation.printedRaw || this.#recalling || this.#extensions.arePresent;
    const ahead = isAlone ? 0 : this.#conversation.aheadMax;
    return Math.max(0, 1 + ahead - this.#given.length);
  }

  invoke(request: InvokeRequest): Promise<InvokeOutcome> {
    this.#freezer.wake();
    if (this.room === 0) return Promise.resolve({ status: 'not_started' });
    if (this.#state !== 'loading') this.#options.greed.began(this.#consumer);
    if (this.#atOnce !== undefined) {
      this.#state = 'busy';
      return this.#atOnce.begin(request);
    }
    return new Promise((settle) => {
      this.#given.push({ request, settle });
      if (this.#state === 'loading') {
        this.#unsent = request;
        if (this.#mayFollow) this.#sendUnsent();
        return;
      }
      if (this.#given.length === 1) this.#begin(request);
      else this.#patience ??= this.#watch();
      this.#conversation.invoke(request, this.#given.length > 1);
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
    // A runtime that has not opened the Runtime API's address by now goes without.
    Promise.all([this.#endpoint, this.#insideApi.catch(() => {}), this.#extensions.connected]).then(
      () => {
        if (this.#state !== 'booting') return this.#breach('a second report of being up');
        const { memoryMb, memory } = this.#options.spec;
        if (memoryMb !== undefined) this.#orEnd(() => this.#limitMemory(memoryMb));
        if (typeof memory !== 'object') return this.#isUp();
        assert(memory instanceof RuntimeTemplate, 'a template is used where it was made');
        memory.load(this.#options.process).then(
          () => this.#isUp(),
          (error: unknown) => {
            this.#isNotLoaded = this.#verdict === undefined;
            this.#cannotBeUsed(error);
          },
        );
      },
      () => this.#breach('a report of being up before the endpoint was handed over'),
    );
  }

  #isUp(): void {
    if (this.#state !== 'booting') return;
    this.#timer?.cancel();
    this.#state = 'booted';
    this.#booting.resolve();
  }

  #onReady(): void {
    if (this.#state !== 'loading') return this.#breach('a report of being ready that nobody waits for');
    if (this.#atOnce !== undefined && this.#extensions.arePresent)
      return this.#onInitFailed({ status: 'error', error: oneAtATime });
    const [first] = this.#given;
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
    const unsent = this.#unsent;
    this.#unsent = undefined;
    this.#settleInit?.({ status: 'ready' });
    this.#settleInit = undefined;
    this.#options.greed.began(this.#consumer);
    this.#begin(request);
    if (unsent !== undefined) this.#conversation.invoke(unsent, false);
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
      this.#fatal ??= { slot, failure };
      return this.#end({ status: 'exit', code: 1, signal: undefined });
    }
    if (slot !== undefined) {
      if (this.#atOnce?.answered(slot, answer) !== true) this.#breach('an answer that nobody waits for');
      return;
    }
    const given = this.#state === 'busy' ? this.#given.shift() : undefined;
    if (given === undefined) return this.#breach('an answer that nobody waits for');
    const outcome = this.#outcomeOf(answer);
    const next = this.#given[0];
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
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.over();
    if (answer.status === 'error') return { status: 'error', error: answer.error };
    if (stream === undefined) return answer;
    if (stream.hasEnded && answer.payload.byteLength === 0) return stream.outcome(answer.tookUs);
    this.#breach('a whole answer besides one that was streamed');
    return this.#failure();
  }

  #onStreamBegan(contentType: string | undefined): void {
    const running = this.#state === 'busy' ? this.#given[0] : undefined;
    if (running === undefined || this.#stream !== undefined)
      return this.#breach('the beginning of a streamed answer that nobody waits for');
    this.#stream = new AnswerStream(contentType, {
      taker: running.request.taker,
      credit: (cost) => this.#conversation.credit(cost),
    });
  }

  #onStreamed(bytes: Uint8Array): void {
    if (this.#stream === undefined || this.#stream.hasEnded)
      return this.#breach('a piece of a streamed answer that nobody waits for');
    if (!this.#stream.take(bytes)) this.#breach('more of a streamed answer than it had room for');
  }

  #onStreamEnded(): void {
    if (this.#stream === undefined || this.#stream.hasEnded)
      return this.#breach('the end of a streamed answer that nobody waits for');
    this.#stream.end();
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

  #watch(): Timer {
    const first = this.#given[0];
    return this.#options.clock.schedule(recallMs, () => {
      this.#patience = undefined;
      if (this.#given.length < 2 || this.#verdict !== undefined || this.#recalling) return;
      if (this.#given[0] !== first) {
        this.#patience = this.#watch();
        return;
      }
      this.#recalling = true;
      this.#conversation.recall();
    });
  }

  #onGaveBack(count: number): void {
    if (!this.#recalling || count > Math.max(0, this.#given.length - 1))
      return this.#breach('more given back than was handed over');
    this.#recalling = false;
    for (const { settle } of this.#given.splice(this.#given.length - count)) settle({ status: 'not_started' });
  }

  /** To what the function has. Where that was known before its code is, this has been done when it comes. */
  #limitMemory(memoryMb: number): void {
    if (this.#memoryMb === memoryMb) return;
    this.#memoryMb = memoryMb;
    const besidesMb =
      (this.#extensions.isAttended ? attendantMemoryMb : 0) + (this.#isRecording ? recordingMemoryMb : 0);
    this.#process.limit({ memoryMb: memoryMb + besidesMb });
  }

  #limitCpu(): void {
    if (this.#isCpuLimited) return;
    this.#isCpuLimited = true;
    this.#process.limit({ cpu: this.#cpu });
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
    if (this.#state === 'booting') {
      if (this.#bootLines.length < bootLinesMax) this.#bootLines.push(text);
      return;
    }
    const requestId = slot === undefined ? this.#requestId : this.#atOnce?.requestId(slot);
    const line = { text, requestId, timeMs: clock.now() };
    events.output(this.id, origin === undefined ? line : { ...line, origin });
    if (origin === undefined) this.#extensions.printed(text);
    this.#gate.printed(text.length);
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
    const why = error instanceof Error ? error.message : String(error);
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
    if (!this.#extensions.wantShutdown) return this.#process.kill();
    this.#isShuttingDown = true;
    this.#freezer.wake();
    this.#freezer.close();
    const running = this.#given[0];
    if (running !== undefined) {
      const tookMs = this.#options.clock.monotonicMs() - this.#sinceMs;
      this.#extensions.cutShort(running.request, verdict, tookMs, () => this.usage());
    }
    void this.#extensions.shutdown(reason).finally(() => this.#process.kill());
  }

  /** The process is gone: the one place where an environment ends. */
  async #over(end: ProcessEnd): Promise<void> {
    this.#timer?.cancel();
    this.#deadline.close();
    this.#patience?.cancel();
    this.#freezer.close();
    const { clock } = this.#options;
    let bound: Timer | undefined;
    const wasRead = await Promise.race([
      this.#conversation.drained().then(() => true),
      new Promise<boolean>((resolve) => (bound = clock.schedule(drainMsMax, () => resolve(false)))),
    ]);
    bound?.cancel();
    this.#conversation.flushOutput();
    const [answered, isLoading] = [this.#state === 'settling', this.#state === 'loading'];
    // What floods is not read for a while: that the code is loaded may be in what has not been. What may have run is not run again.
    const mayHaveBegun = isLoading && !wasRead && this.#unsent === undefined;
    if (mayHaveBegun) this.#given[0]?.request.began?.();
    if (answered) await new Promise<void>((resolve) => this.#options.settler.afterPoll(resolve));
    const { code, signal } = this.#runtimeExit ?? end;
    const outOfMemory = end.outOfMemory || (signal !== undefined && this.#conversation.ranOutOfMemory);
    // Which of the two it was, only the end of all tells.
    if (this.#runtimeExit !== undefined && outOfMemory) this.#verdict = undefined;
    this.#verdict ??= outOfMemory ? { status: 'out_of_memory' } : { status: 'exit', code, signal };
    this.#state = 'ended';
    this.#extensions.close();
    this.#stream?.over();
    this.#conversation.close();
    this.#booting.reject(this.#bootFailure(this.#verdict));
    // First, so that whoever is told the outcome finds it already taken out of use.
    this.#ending.resolve();
    this.#settleInit?.(this.#verdict);
    this.#settleInvoke?.(this.#verdict);
    this.#atOnce?.over(this.#verdict, this.#fatal);
    const [running, ...waiting] = this.#given.splice(0);
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

  #bootFailure(failure: Failure): PlatformError {
    const how =
      failure.status === 'timeout'
        ? `was not up within ${bootMsMax} ms`
        : failure.status === 'exit'
          ? `ended before it was up (${failure.signal ?? `exit code ${failure.code ?? 'unknown'}`})`
          : `ended before it was up (${failure.status})`;
    const printed = this.#bootLines.length > 0 ? `; it printed: ${this.#bootLines.join(' / ')}` : '';
    const message = `the runtime ${this.#options.spec.runtime} ${how}${printed}`;
    return this.#isNotLoaded ? new TemplateNotLoaded(message) : new PlatformError('unavailable', message);
  }
}

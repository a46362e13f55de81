/**
 * One process and the life of the environment in it (`Life` has its states): it comes up (`Boot`), is made ready for one version
 * ahead of calls, gets its code (`Initialisation`), runs what it is given (`Invocations`), becomes a template, is stopped.
 *
 * Whatever ends the environment (time-out, exit, out of memory, a breach of the protocol, `stop`) leaves a verdict,
 * the first one counts, and then everything happens in one place, `#over`, once the process is gone.
 */
import { PlatformError, messageOf } from '../../../util/errors.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import type { FunctionVersion } from '../../../registry/function.ts';
import type { EnvironmentId } from '../../../util/ids.ts';
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
import type { Conversation, Runtime } from '../runtimes/runtime.ts';
import { RuntimeTemplate } from '../templates/runtime-template.ts';
import type { Tracer } from '../templates/tracer.ts';
import { Boot } from './boot.ts';
import type { ClassArchives } from './class-archives.ts';
import { FunctionLimits } from './function-limits.ts';
import { GoingOn } from './going-on.ts';
import type { Consumer, GreedWatch } from './greed-watch.ts';
import { IdleFreezer } from './idle-freezer.ts';
import { Initialisation } from './initialisation.ts';
import { Invocations } from './invocations.ts';
import { killed, type Ending, type Life } from './life.ts';
import { OutputGate } from './output-gate.ts';
import type { OutputTurns } from './output-turns.ts';
import { ReadingAhead } from './reading-ahead.ts';
import type { Settler } from './settler.ts';

/** Once every process in it is dead, what they wrote is read within this time. */
const drainMsMax = 2_000;
/** Loading one takes milliseconds. */
const prepareMsMax = 20_000;
/** Taking an image of half a gigabyte takes a second or two. */
const takeMsMax = 60_000;
/** What making an archive of its classes takes of a process besides what its function may have: twice what comes of the largest. */
const recordingMemoryMb = 256;
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
  readonly #life: Life = { state: 'booting', sinceMs: 0, verdict: undefined };
  readonly #limits: FunctionLimits;
  /** The runtime has ended before the rest of the environment. */
  #runtimeExit: ProcessExit | undefined;
  #isShuttingDown = false;
  readonly #goingOn: GoingOn;
  readonly #reading: ReadingAhead;
  readonly #initialisation: Initialisation;
  readonly #invocations: Invocations;
  #lateImports: readonly string[] | undefined;
  /** What follows from its version, where that has been told already. */
  #expected: Readonly<Record<string, string>> | undefined;
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
      ready: () => this.#initialisation.ready(),
      initFailed: (error) => this.#initialisation.failed(error),
      answered: (answer, slot) => this.#invocations.answered(answer, slot),
      streamBegan: (contentType) => this.#invocations.streamBegan(contentType),
      streamed: (bytes) => this.#invocations.streamed(bytes),
      streamEnded: () => this.#invocations.streamEnded(),
      gaveBack: (count) => this.#invocations.gaveBack(count),
      imported: (names) => (this.#lateImports ??= names),
      compiled: (code) => this.#initialisation.compiled(code),
      hasRead: () => this.#onHasRead(),
      output: (text, slot) => this.#onOutput(text, undefined, slot),
      breach: (how) => this.#breach(how),
    });
    this.#goingOn = new GoingOn({ process, conversation: this.#conversation, clock });
    this.#reading = new ReadingAhead({ process, conversation: this.#conversation });
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
      stopReading: () => printsBy.forEach((one) => one.stopReading()),
      readOn: () => printsBy.forEach((one) => one.readOn()),
    });
    this.#freezer = new IdleFreezer({
      clock,
      process: { freeze: () => process.freeze(), thaw: () => this.#orEnd(() => process.thaw()) },
      state: () =>
        this.#life.state !== 'ready' || this.#invocations.count > 0
          ? 'busy'
          : this.#extensions.areQuiet
            ? 'quiet'
            : 'settling',
    });
    this.#consumer = {
      isBusy: () => this.#life.state !== 'ready' && this.#life.state !== 'ended',
      cpuMs: () => process.cpuMs(),
      answers: () => this.#invocations.answers,
      floods: () => this.#gate.isFlooding,
      setGreedy: (isGreedy) => this.#orEnd(() => this.#limits.setGreedy(isGreedy)),
    };
    const ending: Ending = {
      end: (verdict) => this.#end(verdict),
      breach: (how) => this.#breach(how),
      cannotBeUsed: (error) => this.#cannotBeUsed(error),
    };
    const parts = {
      life: this.#life,
      ending,
      clock,
      conversation: this.#conversation,
      extensions: this.#extensions,
      gate: this.#gate,
    };
    this.#invocations = new Invocations({
      ...parts,
      freezer: this.#freezer,
      ended: this.ended,
      isForTemplate: () => this.#initialisation.making !== undefined,
      called: () => {
        options.greed.began(this.#consumer);
        this.#gate.called();
      },
      answered: () => this.#goingOn.answered(),
      usage: () => this.usage(),
    });
    this.#initialisation = new Initialisation({
      ...parts,
      spec,
      process,
      runtime,
      tracer: options.tracer,
      archives: options.archives,
      limits: this.#limits,
      invocations: this.#invocations,
      goingOn: this.#goingOn,
      reading: this.#reading,
      settler: options.settler,
    });
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
    return this.#prepare('readAhead', () => {
      // Nobody waits, and nobody pays: it is the function's own share that reads, and that waits.
      this.#limits.limitMemory(what.version.settings.memoryMb);
      this.#limits.limitCpu();
      return Promise.race([this.#reading.begin(what), this.ended]);
    });
  }

  async #prepare(how: string, task: () => Promise<void>): Promise<void> {
    if (this.#life.state !== 'booted' || this.#isPrepared) throw this.#refusal(how);
    this.#life.state = 'preparing';
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
    this.#life.state = 'booted';
  }

  /** What is only for one version has been done. */
  get #isPrepared(): boolean {
    return this.#goingOn.isAhead || this.#reading.isAttached;
  }

  /** Or is about to. */
  get #hasEnded(): boolean {
    return this.#life.state === 'ended' || this.#life.verdict !== undefined;
  }

  expect(version: FunctionVersion): void {
    if (this.#life.state !== 'booted' || this.#goingOn.isAhead || this.#reading.told !== undefined) return;
    this.#expected = this.#conversation.expect?.(version);
  }

  init(spec: InitSpec): Promise<InitOutcome> {
    if (this.#life.state === 'ended') return Promise.resolve(this.#life.verdict ?? killed);
    if (this.#life.state !== 'booted') return Promise.reject(this.#refusal('init'));
    return this.#initialisation.begin(spec, this.#expected);
  }

  get lateImports(): readonly string[] | undefined {
    return this.#options.runtime.makesTemplates === 'image' ? this.#lateImports : [];
  }

  async becomeTemplate(bytesMax: number): Promise<Template | { refused: string }> {
    const isUp = this.#life.state === 'booted';
    if (!isUp && this.#life.state !== 'ready') throw this.#refusal('becomeTemplate');
    const bound = this.#options.clock.schedule(takeMsMax, () => this.#process.kill());
    try {
      const refused = isUp ? await this.#initialisation.pause() : undefined;
      if (refused !== undefined) return { refused };
      this.#freezer.wake();
      this.#freezer.close();
      const { making } = this.#initialisation;
      if (making !== undefined) return await making.take(bytesMax, () => this.stop());
      const { tracer } = this.#options;
      const taken = await tracer.take(this.#process, bytesMax);
      return 'refused' in taken ? taken : new RuntimeTemplate(taken, tracer);
    } finally {
      bound.cancel();
      await this.stop();
    }
  }

  get room(): number {
    return this.#invocations.room;
  }

  invoke(request: InvokeRequest): Promise<InvokeOutcome> {
    return this.#invocations.invoke(request);
  }

  get isOnlyOnChannel(): boolean {
    return this.#invocations.beginsOnceLoaded && !this.#conversation.printedRaw && !this.#extensions.arePresent;
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
        if (this.#life.state !== 'booting') return this.#breach('a second report of being up');
        const { memoryMb } = this.#options.spec;
        if (memoryMb !== undefined) this.#orEnd(() => this.#limits.limitMemory(memoryMb));
        const loading = this.#boot.load();
        if (loading === undefined) return this.#isUp();
        loading.then(
          () => this.#isUp(),
          (error: unknown) => {
            if (this.#life.verdict === undefined) this.#boot.blameImage();
            this.#cannotBeUsed(error);
          },
        );
      },
      () => this.#breach('a report of being up before the endpoint was handed over'),
    );
  }

  #isUp(): void {
    if (this.#life.state !== 'booting') return;
    this.#life.state = 'booted';
    this.#boot.succeeded();
  }

  #onHasRead(): void {
    const how = this.#reading.hasRead();
    if (how !== undefined) this.#breach(how);
  }

  #onOutput(text: string, origin?: OutputLine['origin'], slot?: number): void {
    const { clock, events } = this.#options;
    if (this.#life.state === 'booting') return this.#boot.printed(text);
    const line = { text, requestId: this.#invocations.requestId(slot), timeMs: clock.now() };
    events.output(this.id, origin === undefined ? line : { ...line, origin });
    if (origin === undefined) this.#extensions.printed(text);
    this.#gate.printed(text.length);
  }

  #breach(how: string): void {
    if (this.#life.verdict !== undefined) return;
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
    if (this.#life.verdict !== undefined) return;
    this.#runtimeExit = exit;
    // Its answer may still be on its way, and what it printed.
    this.#gate.afterOutput(() => this.#end({ status: 'exit', ...exit }));
  }

  #end(verdict: Failure, reason: ShutdownReason = verdict.status === 'timeout' ? 'timeout' : 'failure'): void {
    if (this.#life.state === 'ended' || this.#isShuttingDown) return;
    if (this.#life.verdict === undefined)
      this.#extensions.ending(verdict, this.#options.clock.monotonicMs() - this.#life.sinceMs);
    this.#life.verdict ??= verdict;
    this.#invocations.stopRecalling();
    if (!this.#extensions.wantShutdown) return this.#process.kill();
    this.#isShuttingDown = true;
    this.#freezer.wake();
    this.#freezer.close();
    this.#invocations.cutShort(verdict);
    void this.#extensions.shutdown(reason).finally(() => this.#process.kill());
  }

  /** The process is gone: the one place where an environment ends. */
  async #over(end: ProcessEnd): Promise<void> {
    this.#boot.close();
    this.#initialisation.close();
    this.#invocations.close();
    this.#freezer.close();
    const { clock } = this.#options;
    let bound: Timer | undefined;
    const wasRead = await Promise.race([
      // Its streams end before what has been read of them has had its turn: the last answer may be in that.
      this.#conversation
        .drained()
        .then(() => this.#gate.read())
        .then(() => true),
      new Promise<boolean>((resolve) => (bound = clock.schedule(drainMsMax, () => resolve(false)))),
    ]);
    bound?.cancel();
    this.#conversation.flushOutput();
    if (!wasRead)
      this.#onOutput(
        'Mayfly has not read the last of what was printed here before the end: it was too much.',
        'platform',
      );
    const [answered, isLoading] = [this.#life.state === 'settling', this.#life.state === 'loading'];
    const hasBegun = !isLoading || (!wasRead && this.#invocations.mayHaveBegun());
    if (answered) await new Promise<void>((resolve) => this.#options.settler.afterPoll(resolve));
    const { code, signal } = this.#runtimeExit ?? end;
    const outOfMemory = end.outOfMemory || (signal !== undefined && this.#conversation.ranOutOfMemory);
    // Which of the two it was, only the end of all tells.
    if (this.#runtimeExit !== undefined && outOfMemory) this.#life.verdict = undefined;
    this.#life.verdict ??= outOfMemory ? { status: 'out_of_memory' } : { status: 'exit', code, signal };
    this.#life.state = 'ended';
    this.#extensions.close();
    this.#invocations.closeStreams();
    this.#conversation.close();
    this.#boot.failed(this.#life.verdict);
    // First, so that whoever is told the outcome finds it already taken out of use.
    this.#ending.resolve();
    this.#initialisation.over(this.#life.verdict);
    this.#invocations.over(this.#life.verdict, hasBegun);
  }

  #refusal(what: string): PlatformError {
    return new PlatformError(
      'conflict',
      `${what} on an environment that is ${this.#life.state}: it takes one thing at a time`,
    );
  }
}

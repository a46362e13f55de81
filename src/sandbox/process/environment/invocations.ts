import { assert } from '../../../util/assert.ts';
import type { Clock } from '../../../util/clock.ts';
import type { RequestId } from '../../../util/ids.ts';
import type { Failure, InvokeOutcome, InvokeRequest, Usage } from '../../sandbox.ts';
import type { EnvironmentExtensions } from '../extensions/environment-extensions.ts';
import type { Answer, Conversation } from '../runtimes/runtime.ts';
import { AnswerStreams } from './answer-streams.ts';
import { AtOnce } from './at-once.ts';
import { Deadline } from './deadline.ts';
import { GivenInvocations } from './given-invocations.ts';
import type { IdleFreezer } from './idle-freezer.ts';
import { killed, type Ending, type Life } from './life.ts';
import type { OutputGate } from './output-gate.ts';

export type InvocationsOptions = {
  life: Life;
  ending: Pick<Ending, 'end' | 'breach'>;
  clock: Clock;
  conversation: Conversation;
  extensions: EnvironmentExtensions;
  gate: OutputGate;
  freezer: IdleFreezer;
  /** Resolves when the environment has ended. */
  ended: Promise<void>;
  /** It is initialised to become a template: nothing is handed over meanwhile. */
  isForTemplate(): boolean;
  /** It has been given something to do. */
  called(): void;
  /** One has been answered. */
  answered(): void;
  usage(): Promise<Usage>;
};

/**
 * The invocations of an environment: how many more it takes, whose turn it is, whose an answer is, and how each ends. One after the
 * other (`GivenInvocations`), or several at the same time (`AtOnce`), where its version says so.
 *
 * In the way of every call: what is allocated here is allocated for each.
 */
export class Invocations {
  readonly #options: InvocationsOptions;
  readonly #given: GivenInvocations;
  /** Instead of those, where its version runs several at the same time. */
  #atOnce: AtOnce | undefined;
  readonly #streams: AnswerStreams;
  readonly #deadline: Deadline;
  /** Of the one that began last. */
  #requestId: RequestId | undefined;
  #answers = 0;
  /** An answer that is settling. */
  #settleInvoke: ((outcome: InvokeOutcome) => void) | undefined;

  constructor(options: InvocationsOptions) {
    const { clock, conversation, ending } = options;
    this.#options = options;
    this.#streams = new AnswerStreams((cost) => conversation.credit(cost));
    this.#given = new GivenInvocations({
      clock,
      recall: () => conversation.recall(),
      sendEarly: (request) => conversation.invokeOnceLoaded?.(request),
    });
    this.#deadline = new Deadline(clock, () => ending.end({ status: 'timeout' }));
  }

  /** Before its code is loaded: its version runs so many at the same time. */
  runAtOnce(max: number): void {
    const { clock, conversation, ending, freezer, life } = this.#options;
    assert((conversation.atOnceMax ?? 1) >= max, 'a version runs no more at once than its runtime can');
    this.#atOnce = new AtOnce({
      clock,
      max,
      send: (request, slot) => conversation.invokeInSlot?.(request, slot),
      answered: () => void (this.#answers += 1),
      idle: () => {
        if (life.state !== 'busy') return;
        life.state = 'ready';
        freezer.idle();
      },
      drained: () => ending.end({ status: 'timeout' }),
    });
  }

  get areAtOnce(): boolean {
    return this.#atOnce !== undefined;
  }

  /** Those that have not been answered, one after the other. */
  get count(): number {
    return this.#given.count;
  }

  /** Those that have been answered until now. What was given back, ran out of time or ended with its environment is none. */
  get answers(): number {
    return this.#answers;
  }

  /** Extensions are told of an invocation before it begins, and who runs several at once is told of each by itself. */
  get beginsOnceLoaded(): boolean {
    const { conversation, extensions, isForTemplate } = this.#options;
    return (
      conversation.beginsOnceLoaded === true && this.#atOnce === undefined && !isForTemplate() && !extensions.isAttended
    );
  }

  get room(): number {
    const { conversation, extensions, life } = this.#options;
    if (life.verdict !== undefined || conversation.closed) return 0;
    if (life.state === 'loading') return this.beginsOnceLoaded && this.#given.count === 0 ? 1 : 0;
    if (life.state !== 'ready' && life.state !== 'busy') return 0;
    if (this.#atOnce !== undefined) return this.#atOnce.room;
    const { count, isRecalling } = this.#given;
    if (isRecalling && count > 0) return 0;
    // What is printed past the channel can be told apart only while nothing else is on its way.
    const isAlone = conversation.printedRaw || isRecalling || extensions.arePresent;
    const ahead = isAlone ? 0 : conversation.aheadMax;
    return Math.max(0, 1 + ahead - count);
  }

  invoke(request: InvokeRequest): Promise<InvokeOutcome> {
    const { freezer, life } = this.#options;
    freezer.wake();
    if (this.room === 0) return Promise.resolve({ status: 'not_started' });
    if (life.state !== 'loading') this.#options.called();
    if (this.#atOnce !== undefined) {
      life.state = 'busy';
      return this.#atOnce.begin(request);
    }
    return new Promise((settle) => {
      const given = { request, settle };
      if (this.#options.life.state === 'loading') return this.#given.addEarly(given);
      this.#given.add(given);
      const isAhead = this.#given.count > 1;
      if (!isAhead) this.#begin(request);
      this.#options.conversation.invoke(request, isAhead);
    });
  }

  /** The code is being loaded: what is sent from now on is heard. */
  heard(): void {
    if (this.#options.life.state === 'loading' && this.beginsOnceLoaded) this.#given.heard();
  }

  /** The code is loaded. What was handed over meanwhile has been begun inside, or begins now. */
  beginFirst(): void {
    const { called, conversation } = this.#options;
    const { first } = this.#given;
    assert(first !== undefined, 'one was handed over');
    const unsaid = this.#given.takeUnsaid();
    called();
    this.#begin(first.request);
    if (unsaid !== undefined) conversation.invoke(unsaid, false);
  }

  /** The handler's turn has come. */
  #begin(request: InvokeRequest): void {
    const { clock, extensions, life } = this.#options;
    life.state = 'busy';
    life.sinceMs = clock.monotonicMs();
    this.#requestId = request.requestId;
    this.#deadline.begin(life.sinceMs, request.timeoutMs);
    request.began?.();
    extensions.invoked(request);
  }

  /** Whose output it is. */
  requestId(slot: number | undefined): RequestId | undefined {
    return slot === undefined ? this.#requestId : this.#atOnce?.requestId(slot);
  }

  answered(answer: Answer, slot?: number): void {
    const { ending, life } = this.#options;
    if (answer.status === 'error' && answer.fatal) {
      const failure: Failure = { status: 'error', error: answer.error };
      if (slot === undefined) return ending.end(failure);
      // It was one that failed; the others have lost their environment.
      this.#atOnce?.failed(slot, failure);
      return ending.end({ status: 'exit', code: 1, signal: undefined });
    }
    if (slot !== undefined) {
      if (this.#atOnce?.answered(slot, answer) !== true) ending.breach('an answer that nobody waits for');
      return;
    }
    const given = life.state === 'busy' ? this.#given.answered() : undefined;
    if (given === undefined) return ending.breach('an answer that nobody waits for');
    this.#answers += 1;
    this.#options.answered();
    const outcome = this.#outcomeOf(answer);
    const next = this.#given.first;
    if (next !== undefined) {
      // It prints nowhere but on the channel, so all that belongs to this answer came before it.
      this.#options.conversation.flushOutput();
      this.#begin(next.request);
      given.settle(outcome);
      return;
    }
    life.state = 'settling';
    this.#settleInvoke = given.settle;
    const over = this.#finish(given.request, outcome);
    const settled: InvokeOutcome =
      over === undefined || outcome.status === 'not_started' ? outcome : { ...outcome, over };
    this.#options.gate.afterOutput(() => this.settled(() => given.settle(settled)));
  }

  #outcomeOf(answer: Answer): InvokeOutcome | Failure {
    const outcome = this.#streams.answered(answer);
    if (typeof outcome !== 'string') return outcome;
    const { ending, life } = this.#options;
    ending.breach(outcome);
    return life.verdict ?? killed;
  }

  /** The caller need not wait for the extensions, but the next invocation does. Undefined: they have finished, too. */
  #finish(request: InvokeRequest, outcome: InvokeOutcome): Promise<void> | undefined {
    const { clock } = this.#options;
    if (!this.#options.extensions.arePresent) {
      this.#deadline.over();
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    let isOver = false;
    this.#options.extensions.answered(request, outcome, clock.monotonicMs() - this.#options.life.sinceMs, () => {
      const { extensions, freezer, life, usage } = this.#options;
      this.#deadline.over();
      isOver = true;
      extensions.reported(request, outcome, clock.monotonicMs() - life.sinceMs, usage);
      if (life.state === 'finishing') {
        life.state = 'ready';
        freezer.idle();
      }
      resolve();
    });
    if (isOver) return undefined;
    void this.#options.ended.then(resolve);
    return promise;
  }

  /** What was printed before an answer, or before the end of the initialisation, has been read: it takes the next. */
  settled(settle: () => void): void {
    const { conversation, extensions, freezer, life } = this.#options;
    if (life.state === 'ended') return;
    conversation.flushOutput();
    if (life.verdict === undefined) life.state = extensions.areBusy ? 'finishing' : 'ready';
    freezer.idle();
    settle();
    this.#settleInvoke = undefined;
  }

  streamBegan(contentType: string | undefined): void {
    const running = this.#options.life.state === 'busy' ? this.#given.first : undefined;
    this.#mind(this.#streams.began(contentType, running?.request));
  }

  streamed(bytes: Uint8Array): void {
    this.#mind(this.#streams.streamed(bytes));
  }

  streamEnded(): void {
    this.#mind(this.#streams.ended());
  }

  gaveBack(count: number): void {
    if (!this.#given.gaveBack(count)) this.#options.ending.breach('more given back than was handed over');
  }

  /** `how`: it was out of turn; undefined: it was not. */
  #mind(how: string | undefined): void {
    if (how !== undefined) this.#options.ending.breach(how);
  }

  /** The environment is about to end: none is called back any more. */
  stopRecalling(): void {
    this.#given.close();
  }

  /** Extensions are told how the one that runs ends: with the environment. */
  cutShort(verdict: Failure): void {
    const { clock, extensions, life, usage } = this.#options;
    const running = this.#given.first;
    if (running !== undefined) extensions.cutShort(running.request, verdict, clock.monotonicMs() - life.sinceMs, usage);
  }

  /** Nothing runs any more. */
  close(): void {
    this.#deadline.close();
    this.#given.close();
  }

  /**
   * The environment has ended while its code was loaded, and what it said last could not be read: that the code is loaded may have
   * been in that. What may have run is not run again. False: nothing had been said to it.
   */
  mayHaveBegun(): boolean {
    if (this.#given.hasUnsaid) return false;
    this.#given.first?.request.began?.();
    return true;
  }

  /** Nothing comes any more. */
  closeStreams(): void {
    this.#streams.over();
  }

  /** The environment has ended. `hasBegun`: so had the first of those that wait. */
  over(verdict: Failure, hasBegun: boolean): void {
    this.#settleInvoke?.(verdict);
    this.#atOnce?.over(verdict);
    const [running, ...waiting] = this.#given.takeAll();
    running?.settle(hasBegun ? verdict : { status: 'not_started' });
    for (const { settle } of waiting) settle({ status: 'not_started' });
  }
}

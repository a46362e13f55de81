/**
 * The invocations of an environment that runs several at the same time. Each has its slot, by which the runtime says whose
 * an answer or a line of output is, and its own time-out. One that runs out of time is over for its caller; what its code
 * still does cannot be stopped alone, so the environment takes no more and ends when the others have had their answers.
 */
import type { Clock, Timer } from '../../../util/clock.ts';
import type { RequestId } from '../../../util/ids.ts';
import type { Failure, InvokeOutcome, InvokeRequest } from '../../sandbox.ts';
import type { Answer } from '../runtimes/runtime.ts';
import { SharedTime } from './shared-time.ts';

type Running = { request: InvokeRequest; settle: (outcome: InvokeOutcome) => void; timer: Timer; sharedMs: number };

export type AtOnceOptions = {
  clock: Clock;
  /** So many at the same time. */
  max: number;
  send(request: InvokeRequest, slot: number): void;
  /** One has been answered that was waited for. */
  answered(): void;
  /** Nothing runs any more, and more may. */
  idle(): void;
  /** Nothing runs any more, and nothing may: one has run out of time. */
  drained(): void;
};

export class AtOnce {
  readonly #options: AtOnceOptions;
  readonly #running = new Map<number, Running>();
  /** Slots of those that have run out of time: their answers come to nobody. */
  readonly #late = new Map<number, RequestId>();
  readonly #time: SharedTime;
  #lastSlot = 0;
  /** The one that brought the environment's end about. */
  #fatal: { slot: number; failure: Failure } | undefined;

  constructor(options: AtOnceOptions) {
    this.#options = options;
    this.#time = new SharedTime(() => options.clock.monotonicMs());
  }

  get room(): number {
    return this.#late.size > 0 ? 0 : this.#options.max - this.#running.size;
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  begin(request: InvokeRequest): Promise<InvokeOutcome> {
    const { clock, send } = this.#options;
    this.#lastSlot += 1;
    const slot = this.#lastSlot;
    return new Promise((settle) => {
      const timer = clock.schedule(request.timeoutMs, () => {
        this.#late.set(slot, request.requestId);
        this.#settle(slot, { status: 'timeout' });
      });
      this.#running.set(slot, { request, settle, timer, sharedMs: this.#time.began() });
      request.began?.();
      send(request, slot);
    });
  }

  /** Whose output it is; undefined: nobody's that runs. */
  requestId(slot: number): RequestId | undefined {
    return this.#running.get(slot)?.request.requestId ?? this.#late.get(slot);
  }

  /** False: nobody waits for it. */
  answered(slot: number, answer: Answer): boolean {
    if (this.#late.has(slot)) return true;
    if (!this.#running.has(slot)) return false;
    this.#options.answered();
    return this.#settle(slot, answer.status === 'error' ? { status: 'error', error: answer.error } : answer);
  }

  /** The environment is about to end, and this one is why: the others have lost it. */
  failed(slot: number, failure: Failure): void {
    this.#fatal ??= { slot, failure };
  }

  /** The environment has ended. */
  over(verdict: Failure): void {
    const fatal = this.#fatal;
    for (const slot of this.#running.keys()) this.#settle(slot, slot === fatal?.slot ? fatal.failure : verdict, false);
  }

  #settle(slot: number, outcome: Exclude<InvokeOutcome, { status: 'not_started' }>, goesOn = true): boolean {
    const running = this.#running.get(slot);
    if (running === undefined) return false;
    this.#running.delete(slot);
    running.timer.cancel();
    running.settle({ ...outcome, sharedMs: this.#time.ended() - running.sharedMs });
    if (!goesOn || this.#running.size > 0) return true;
    if (this.#late.size > 0) this.#options.drained();
    else this.#options.idle();
    return true;
  }
}

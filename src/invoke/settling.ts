import type { Resolved } from '../registry/registry.ts';
import type { Lease, LeaseOutcome } from '../runners/runners.ts';
import type { Environment, Failure, FunctionError, InvokeOutcome } from '../sandbox/sandbox.ts';
import type { EndReason } from '../telemetry/start-reason.ts';
import type { InvocationSettled, Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { limits } from '../util/limits.ts';
import { functionError, pausedError } from './failure.ts';
import type { InvocationLog } from './invocation-log.ts';
import type { Invocation, InvocationResult } from './invoke.ts';
import { billedMsOf, settlementOf, type Run } from './settlement.ts';

export type SettlingOptions = {
  log: InvocationLog;
  telemetry: Telemetry;
  clock: Clock;
  /** Told of what fails when the answer is out already, and nobody is left to fail for. */
  report: (message: string, cause: unknown) => void;
};

/** An invocation whose environment has answered. */
export type Answered = {
  invocation: Invocation;
  resolved: Resolved;
  lease: Lease;
  arrivedMs: number;
  /** Since when it ran there. */
  beganMs: number;
  endedMs: number;
  /** What a taker has been given. */
  streamedBytes: number;
};

/** What an environment answers that has begun. */
export type Outcome = Exclude<InvokeOutcome, { status: 'not_started' }>;

/** `over`: it is settled only when this resolves, which it always does. Absent: it is settled. */
export type Settled = { result: Ran; over?: Promise<void> };

type Ran = Extract<InvocationResult, { status: 'ok' | 'function_error' }>;

/** What the kernel says an environment has used is read again this often at most: it costs a system call. */
const usagePeriodMs = 1_000;

/**
 * The end of an invocation, in two parts. First its result. Then it is over: its environment is let go, END and REPORT are
 * written, and the event is told that metering and metrics live on. The second part comes
 * - before its caller has the result, who thus may know that it is done;
 * - or right after him, in the same turn of the event loop, where he passes the answer on and needs nothing else (`answerFirst`):
 *   nobody who has the answer can then ask anything before it is done;
 * - or when extensions of the function's have finished with it.
 */
export class Settling {
  readonly #log: InvocationLog;
  readonly #telemetry: Telemetry;
  readonly #clock: Clock;
  readonly #report: SettlingOptions['report'];
  /** By environment, and gone with it: it is written after the end of one that failed. */
  readonly #memory = new WeakMap<Environment, { bytes: number | undefined; readMs: number }>();

  constructor({ log, telemetry, clock, report }: SettlingOptions) {
    this.#log = log;
    this.#telemetry = telemetry;
    this.#clock = clock;
    this.#report = report;
  }

  settle(answered: Answered, outcome: Outcome): Settled | Promise<Settled> {
    const run = runOf(answered, outcome);
    const result = this.#result(run, outcome);
    if (outcome.over !== undefined) {
      const over = outcome.over.then(() =>
        this.#reported(() => this.#finish(answered, outcome, run, result, this.#clock.monotonicMs())),
      );
      // Its caller is told what is known by now, and that does not change when the rest is.
      const early = (): Settled => {
        const memoryBytesMax = this.#memory.get(answered.lease.environment)?.bytes;
        const settled = { ...result.settled, phases: { ...run.phases }, memoryBytesMax };
        return { result: { ...result, settled, over }, over };
      };
      return whenKnown(this.#knowMemory(answered.lease.environment, answered.endedMs), early);
    }
    const finish = (): Promise<void> | void => this.#finish(answered, outcome, run, result, answered.endedMs);
    if (answered.invocation.answerFirst && isAnswer(outcome)) {
      const { promise: over, resolve } = Promise.withResolvers<void>();
      process.nextTick(() => {
        const finishing = this.#reported(finish);
        if (finishing === undefined) resolve();
        else void finishing.then(resolve);
      });
      return { result, over };
    }
    return whenKnown(finish(), () => ({ result }));
  }

  /** There was no environment for it, since none could be initialised. */
  initFailed(
    invocation: Invocation,
    resolved: Resolved,
    outcome: Extract<LeaseOutcome, { status: 'init_failed' }>,
    arrivedMs: number,
  ): Ran {
    const { failure, environmentId, start, origin, provisionUs, initUs, memoryBytesMax, retried, pause } = outcome;
    const { placeUs } = origin;
    const handlerUs = retried?.spentUs ?? 0;
    const allUs = (this.#clock.monotonicMs() - arrivedMs) * 1_000;
    const queueUs = Math.max(0, allUs - placeUs - provisionUs - initUs - handlerUs);
    const of = { failure, environmentId };
    if (pause !== undefined) this.#log.pause(invocation, resolved, environmentId, pause);
    else if (retried === undefined) this.#log.failedInit(invocation, resolved, { phase: 'init', ...of, initUs });
    else {
      this.#log.failedInit(invocation, resolved, { phase: 'init', ...retried.first });
      this.#log.failedInit(invocation, resolved, { phase: 'invoke', ...of, initUs: retried.spentUs });
    }
    this.#log.start(invocation, resolved, environmentId);
    const last = functionError(failure, invocation.requestId, resolved.version.settings.timeoutMs);
    const error = pause === undefined ? last : pausedError(last, pause);
    const run: Run = {
      invocation,
      resolved,
      environmentId,
      start,
      provisioned: false,
      origin: pause === undefined ? origin : { ...origin, reason: { kind: 'paused', ...pause } },
      initFailed: true,
      phases: { queueUs, placeUs, provisionUs, initUs, handlerUs, replyUs: 0 },
      memoryBytesMax,
      streamedBytes: 0,
    };
    const result = this.#failed(run, failure.status, error);
    this.#tell(run, result);
    return result;
  }

  #result(run: Run, outcome: Outcome): Ran {
    const { version } = run.resolved;
    const { requestId } = run.invocation;
    if (outcome.status !== 'response')
      return this.#failed(run, outcome.status, functionError(outcome, requestId, version.settings.timeoutMs));
    const { payload, streamed } = outcome;
    const bytes = payload.byteLength;
    if (bytes > limits.answerBytesMax)
      return this.#failed(run, 'error', {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${limits.answerBytesMax} bytes).`,
      });
    const settled = this.#settlement(run, 'ok', undefined, bytes + run.streamedBytes);
    const result: Ran = { status: 'ok', payload, version: version.version, settled };
    return streamed === undefined ? result : { ...result, streamed };
  }

  #failed(run: Run, status: Failure['status'], error: FunctionError): Ran {
    const settled = this.#settlement(run, status, error.errorType, run.streamedBytes);
    return { status: 'function_error', error, version: run.resolved.version.version, settled };
  }

  #settlement(
    run: Run,
    status: InvocationSettled['status'],
    errorType: string | undefined,
    responseBytes: number,
  ): InvocationSettled {
    return settlementOf(run, { status, errorType, responseBytes, timeMs: this.#clock.now() });
  }

  /** A promise where the kernel is to be asked first. `endedMs`: until then it counts as the function's time. */
  #finish(answered: Answered, outcome: Outcome, run: Run, result: Ran, endedMs: number): Promise<void> | void {
    const { environment } = answered.lease;
    const { settled } = result;
    const finish = (): void => {
      try {
        letGo(answered, outcome);
      } finally {
        settled.timeMs = this.#clock.now();
        run.phases.handlerUs = handlerUs(answered, endedMs);
        run.phases.replyUs = (this.#clock.monotonicMs() - endedMs) * 1_000;
        settled.phases = run.phases;
        settled.billedMs = billedMsOf(run);
        settled.memoryBytesMax = this.#memory.get(environment)?.bytes;
        this.#tell(run, result);
      }
    };
    return whenKnown(this.#knowMemory(environment, endedMs), finish);
  }

  /** Undefined: it is known well enough. Never rejects: an environment is let go, and its invocation billed, without it, too. */
  #knowMemory(environment: Environment, nowMs: number): Promise<void> | undefined {
    const known = this.#memory.get(environment);
    if (known !== undefined && nowMs - known.readMs <= usagePeriodMs) return undefined;
    return environment.usage().then(
      ({ memoryBytesMax: bytes }) => void this.#memory.set(environment, { bytes, readMs: nowMs }),
      (error: unknown) => {
        // So that it is tried, and told, no more often than it would be read.
        this.#memory.set(environment, { bytes: known?.bytes, readMs: nowMs });
        this.#report('what an environment has used is not known', error);
      },
    );
  }

  #tell({ invocation, resolved, environmentId }: Run, result: Ran): void {
    const { settled } = result;
    const { requestId } = invocation;
    const prefix = `RequestId: ${requestId} Error: `;
    // What is told by us is logged by us; a runtime logs its own.
    if (result.status === 'function_error' && result.error.errorMessage.startsWith(prefix)) {
      const { errorType, errorMessage } = result.error;
      const nowMs = this.#clock.now();
      const text = errorMessage.slice(prefix.length);
      const line =
        settled.status === 'timeout'
          ? `${new Date(nowMs).toISOString()} ${requestId} ${text}`
          : `${prefix}${text}\n${errorType}`;
      this.#log.line(invocation, resolved, environmentId, nowMs, line);
    }
    this.#log.end(invocation, resolved, settled);
    this.#telemetry.emit(settled);
  }

  /** Here an exception would reach nobody who could answer with it: it would end the platform. */
  #reported(step: () => Promise<void> | void): Promise<void> | void {
    const report = (error: unknown): void =>
      this.#report('an invocation that was answered is not settled as it should be', error);
    try {
      return step()?.catch(report);
    } catch (error) {
      return report(error);
    }
  }
}

/** At once where there is nothing to wait for: a warm call's answer waits for no microtask. */
const whenKnown = <Value>(reading: Promise<void> | void, step: () => Value): Promise<Value> | Value =>
  reading === undefined ? step() : reading.then(step);

function runOf(answered: Answered, outcome: Outcome): Run {
  const { invocation, resolved, lease, arrivedMs, beganMs, endedMs, streamedBytes } = answered;
  const { environment, placeUs, provisionUs, initUs, start, retried } = lease;
  const spentUs = retried?.spentUs ?? 0;
  const queueUs = Math.max(0, (beganMs - arrivedMs) * 1_000 - placeUs - provisionUs - initUs - spentUs);
  const run: Run = {
    invocation,
    resolved,
    environmentId: environment.id,
    start,
    provisioned: lease.provided,
    origin: lease.origin,
    phases: { queueUs, placeUs, provisionUs, initUs, handlerUs: handlerUs(answered, endedMs), replyUs: 0 },
    memoryBytesMax: undefined,
    streamedBytes,
  };
  if (outcome.sharedMs !== undefined) run.sharedUs = outcome.sharedMs * 1_000 + spentUs;
  return run;
}

const handlerUs = ({ beganMs, lease }: Answered, endedMs: number): number =>
  (endedMs - beganMs) * 1_000 + (lease.retried?.spentUs ?? 0);

/** For others, where it can be used again. */
function letGo({ lease, beganMs, endedMs }: Answered, outcome: Outcome): void {
  const isFit = outcome.over === undefined ? isAnswer(outcome) : lease.environment.room > 0;
  if (!isFit) return lease.discard(endReasonOf(outcome));
  const tookUs = outcome.status === 'response' ? outcome.tookUs : undefined;
  lease.release(tookUs === undefined ? endedMs - beganMs : tookUs / 1_000);
}

const isAnswer = ({ status }: Outcome): boolean => status === 'response' || status === 'error';

/** Why its environment is not used again. */
function endReasonOf({ status }: Outcome): EndReason {
  return status === 'timeout' || status === 'out_of_memory' ? status : 'crash';
}

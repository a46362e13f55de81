/** The data path itself: admit → resolve → lease → run → settle. See invoke.ts for what it promises. */
import type { Registry, Resolved } from '../registry/registry.ts';
import type { Lease, LeaseOutcome, Runners } from '../runners/runners.ts';
import type {
  AnswerTaker,
  Environment,
  Failure,
  FunctionError,
  InvokeOutcome,
  InvokeRequest,
} from '../sandbox/sandbox.ts';
import type { EndReason } from '../telemetry/start-reason.ts';
import type { InvocationSettled, Phases, Telemetry } from '../telemetry/telemetry.ts';
import { assert } from '../util/assert.ts';
import { causedBy } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import type { EnvironmentId } from '../util/ids.ts';
import { limits } from '../util/limits.ts';
import type { Admission } from './admit.ts';
import { functionError, pausedError } from './failure.ts';
import { InvocationLog } from './invocation-log.ts';
import type { Invocation, InvocationResult, Invoker, Running, Throttled } from './invoke.ts';
import { settlementOf, type Run } from './settlement.ts';

export type InvokerOptions = {
  registry: Pick<Registry, 'resolve'>;
  runners: Runners;
  telemetry: Telemetry;
  clock: Clock;
  admission: Admission;
  /** Told of what fails when the answer is out already, and nobody is left to fail for. */
  report: (message: string, cause: unknown) => void;
};

/** What the kernel says an environment has used is read again this often at most: it costs a system call. */
const usagePeriodMs = 1_000;
/** Environments that an invocation is handed to, where each gives it back before it begins. */
const triesMax = 8;
/** After so many of them it no longer waits behind what runs, which has turned out to be slow. */
const triesBehindMax = 2;

/** Of an invocation in its environment: since when it runs there, and what a taker has been given. */
class Began {
  atMs: number;
  streamedBytes = 0;

  constructor(atMs: number) {
    this.atMs = atMs;
  }
}

type Answered = Extract<InvokeOutcome, { status: 'response' | 'error' }>;

type Ended = {
  invocation: Invocation;
  resolved: Resolved;
  lease: Lease;
  arrivedMs: number;
  endedMs: number;
  began: Began;
};

/** Of an environment's last invocation: without its event, which an environment that is idle for long would keep in memory. */
type LastRun = Pick<Invocation, 'requestId' | 'account' | 'cause'> & Pick<Resolved, 'version'>;

/** What is known of an invocation before its event has been read. */
type Call = Parameters<Invoker['refusal']>[0];

export class OpenInvoker implements Invoker {
  readonly #registry: InvokerOptions['registry'];
  readonly #runners: Runners;
  readonly #telemetry: Telemetry;
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #report: InvokerOptions['report'];
  readonly #log: InvocationLog;
  /** The last invocation stays: what a function does after its answer still has that cause. */
  readonly #running = new Map<EnvironmentId, LastRun>();
  /** By environment, and gone with it: it is written after the end of one that failed. */
  readonly #memory = new WeakMap<Environment, { bytes: number | undefined; readMs: number }>();
  #drained: (() => void) | undefined;
  #closing = false;

  constructor(options: InvokerOptions) {
    this.#registry = options.registry;
    this.#runners = options.runners;
    this.#telemetry = options.telemetry;
    this.#clock = options.clock;
    this.#admission = options.admission;
    this.#report = options.report;
    this.#log = new InvocationLog(options);
    this.#telemetry.attach({
      kinds: ['environment.ended'],
      take: (event) => {
        if (event.kind !== 'environment.ended') return;
        this.#running.delete(event.environmentId);
      },
      flush: () => Promise.resolve(),
    });
  }

  runningIn(environment: EnvironmentId): Running | undefined {
    const running = this.#running.get(environment);
    if (running === undefined) return undefined;
    const { requestId, account, cause, version } = running;
    const { arn, name } = version;
    return { requestId, account, functionArn: arn, functionName: name, cause: causedBy(cause, arn) };
  }

  /** Refuses what comes from now on; resolves when what runs has settled. */
  drain(): Promise<void> {
    this.#closing = true;
    if (this.#admission.total === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#drained = resolve));
  }

  refusal(call: Call): Throttled | undefined {
    const { account, functionName, qualifier, requestId } = call;
    const resolved = this.#registry.resolve(account, functionName, qualifier, requestId);
    if (resolved === undefined) return undefined;
    const { arn, settings } = resolved.version;
    const functionMax = resolved.function.extras.reservedConcurrency ?? settings.concurrencyMax;
    const admitted = this.#admission.look(account, arn, functionMax);
    if (admitted !== 'admitted')
      return this.#refuse(call, { status: 'throttled', reason: admitted, retryAfterMs: 1_000 });
    const refusal = this.#runners.refusal(resolved);
    return refusal && this.#refuse(call, { status: 'throttled', reason: 'queue', ...refusal });
  }

  async invoke(invocation: Invocation): Promise<InvocationResult> {
    if (this.#closing)
      return this.#refuse(invocation, { status: 'unavailable', message: 'the platform is shutting down' });
    const { account, functionName, qualifier, requestId } = invocation;
    const resolved = this.#registry.resolve(account, functionName, qualifier, requestId);
    if (resolved === undefined) {
      const wanted = qualifier === undefined ? functionName : `${functionName}:${qualifier}`;
      return { status: 'not_found', message: `Function not found: ${wanted}` };
    }
    const { arn, settings } = resolved.version;
    const hops = invocation.cause.hops[arn] ?? 0;
    const { reservedConcurrency, recursion } = resolved.function.extras;
    if (hops >= limits.recursionHopsMax && recursion === 'terminate')
      return this.#recursion(invocation, resolved, hops);
    const admitted = this.#admission.enter(account, arn, reservedConcurrency ?? settings.concurrencyMax);
    if (admitted !== 'admitted')
      return this.#refuse(invocation, { status: 'throttled', reason: admitted, retryAfterMs: 1_000 });
    const arrivedMs = invocation.receivedMs ?? this.#clock.monotonicMs();
    const leave = (): void => {
      this.#admission.leave(account, arn);
      if (this.#drained !== undefined && this.#admission.total === 0) this.#drained();
    };
    let over: Promise<void> | undefined;
    try {
      for (let tries = 0; tries < triesMax; tries += 1) {
        const alone = tries >= triesBehindMax;
        const lease = alone ? undefined : this.#runners.tryLease(resolved);
        const outcome = lease === undefined ? await this.#runners.lease(resolved, alone, invocation.caller) : undefined;
        if (outcome !== undefined && outcome.status !== 'leased')
          return this.#notLeased(invocation, resolved, outcome, arrivedMs);
        const held = lease ?? outcome?.lease;
        assert(held !== undefined, 'an invocation runs on a lease');
        const began = new Began(arrivedMs);
        const answer = await held.environment.invoke(this.#request(invocation, resolved, held, began));
        if (answer.status === 'not_started') {
          held.giveBack();
          continue;
        }
        const endedMs = this.#clock.monotonicMs();
        const ended: Ended = { invocation, resolved, lease: held, arrivedMs, endedMs, began };
        if (invocation.answerFirst && isAnswer(answer) && answer.over === undefined) {
          const first = this.#answerFirst(ended, answer);
          over = first.over;
          return first.result;
        }
        const reading = this.#knowMemory(held.environment, endedMs);
        if (reading !== undefined) await reading;
        const result = this.#ended(ended, answer);
        over = 'over' in result ? result.over : undefined;
        return result;
      }
      return this.#refuse(invocation, { status: 'throttled', reason: 'queue', retryAfterMs: 1_000 });
    } finally {
      if (over === undefined) leave();
      else void over.then(leave);
    }
  }

  #request(invocation: Invocation, resolved: Resolved, lease: Lease, began: Began): InvokeRequest {
    const { version } = resolved;
    const { retried, environment } = lease;
    const { qualifier, clientContext } = invocation;
    const timeoutMs = Math.max(1, version.settings.timeoutMs - Math.floor((retried?.spentUs ?? 0) / 1_000));
    if (retried !== undefined) this.#log.failedInit(invocation, resolved, { phase: 'init', ...retried.first });
    const taker = invocation.taker?.(version.version);
    const request: InvokeRequest = {
      requestId: invocation.requestId,
      // As it was called: without a qualifier where none was given.
      invokedFunctionArn: qualifier === undefined ? version.arn : `${version.arn}:${qualifier}`,
      event: invocation.event,
      deadlineMs: this.#clock.now() + timeoutMs,
      timeoutMs,
      traceId: invocation.cause.traceId,
      began: () => {
        began.atMs = this.#clock.monotonicMs();
        // From now on what the environment does is because of this invocation.
        const { requestId, account, cause } = invocation;
        this.#running.set(environment.id, { requestId, account, cause, version });
        this.#log.start(invocation, resolved, environment.id);
      },
    };
    // Not among the others: to copy properties that are mostly absent costs more than all of them.
    if (clientContext !== undefined) request.clientContext = clientContext;
    if (taker !== undefined) request.taker = counting(taker, (bytes) => (began.streamedBytes += bytes));
    return request;
  }

  /** Undefined: it is known well enough. */
  #knowMemory(environment: Environment, nowMs: number): Promise<void> | undefined {
    const known = this.#memory.get(environment);
    if (known !== undefined && nowMs - known.readMs <= usagePeriodMs) return undefined;
    return environment.usage().then(({ memoryBytesMax: bytes }) => {
      this.#memory.set(environment, { bytes, readMs: nowMs });
    });
  }

  /**
   * The answer, before what was used is known and written down: that is done when whoever waits for the answer has passed it on, at
   * the end of the same turn of the event loop. So nobody who has it can ask anything before that is done. Whatever of it fails, the
   * place of the invocation is free again.
   */
  #answerFirst(call: Ended, outcome: Answered): { result: InvocationResult; over: Promise<void> } {
    const { lease, endedMs, invocation, resolved } = call;
    const run = this.#runOf(call, outcome);
    run.isEarly = true;
    const result = this.#settle(run, outcome);
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const settle = (): void => {
      this.#afterAnswer(() => this.#release(call, outcome));
      this.#afterAnswer(() => {
        if (!('settled' in result)) return;
        const { settled } = result;
        settled.phases.replyUs = (this.#clock.monotonicMs() - endedMs) * 1_000;
        settled.memoryBytesMax = this.#memory.get(lease.environment)?.bytes;
        this.#tell(invocation, resolved, settled);
      });
      resolve();
    };
    process.nextTick(() => {
      const reading = this.#afterAnswer(() => this.#knowMemory(lease.environment, endedMs));
      if (reading === undefined) settle();
      else void reading.then(settle, settle);
    });
    return { result, over };
  }

  /** Here an exception would reach nobody who could answer with it: it would end the platform. */
  #afterAnswer<Value>(step: () => Value): Value | undefined {
    try {
      return step();
    } catch (error) {
      this.#report('an invocation that was answered is not settled as it should be', error);
      return undefined;
    }
  }

  #runOf(call: Ended, outcome: Exclude<InvokeOutcome, { status: 'not_started' }>): Run {
    const { invocation, resolved, lease, arrivedMs, endedMs, began } = call;
    const { environment, placeUs, provisionUs, initUs, start } = lease;
    const spentUs = lease.retried?.spentUs ?? 0;
    const busyMs = endedMs - began.atMs;
    const queueUs = Math.max(0, (began.atMs - arrivedMs) * 1_000 - placeUs - provisionUs - initUs - spentUs);
    const handlerUs = busyMs * 1_000 + spentUs;
    const replyUs = (this.#clock.monotonicMs() - endedMs) * 1_000;
    const phases: Phases = { queueUs, placeUs, provisionUs, initUs, handlerUs, replyUs };
    const run: Run = {
      invocation,
      resolved,
      environmentId: environment.id,
      start,
      provisioned: lease.provided,
      origin: lease.origin,
      phases,
      memoryBytesMax: this.#memory.get(environment)?.bytes,
      streamedBytes: began.streamedBytes,
    };
    if (outcome.sharedMs !== undefined) run.sharedUs = outcome.sharedMs * 1_000 + spentUs;
    return run;
  }

  #ended(call: Ended, outcome: Exclude<InvokeOutcome, { status: 'not_started' }>): InvocationResult {
    const { lease, endedMs, began } = call;
    const { environment } = lease;
    const run = this.#runOf(call, outcome);
    const { phases } = run;
    const spentUs = lease.retried?.spentUs ?? 0;
    if (outcome.over !== undefined) {
      const busyMs = endedMs - began.atMs;
      const over = outcome.over.then(() => {
        this.#afterAnswer(() => {
          if (environment.room > 0) lease.release(busyMs);
          else lease.discard(endReasonOf(outcome));
        });
        const wholeUs = (this.#clock.monotonicMs() - began.atMs) * 1_000 + spentUs;
        this.#afterAnswer(() => {
          this.#settle({ ...run, phases: { ...phases, handlerUs: wholeUs } }, outcome);
        });
      });
      const early = this.#settle({ ...run, isEarly: true }, outcome);
      return early.status === 'ok' || early.status === 'function_error' ? { ...early, over } : early;
    }
    this.#release(call, outcome);
    return this.#settle(run, outcome);
  }

  #release({ lease, endedMs, began }: Ended, outcome: Exclude<InvokeOutcome, { status: 'not_started' }>): void {
    const busyMs = endedMs - began.atMs;
    if (outcome.status === 'response') lease.release(outcome.tookUs === undefined ? busyMs : outcome.tookUs / 1_000);
    else if (outcome.status === 'error') lease.release(busyMs);
    else lease.discard(endReasonOf(outcome));
  }

  #settle(run: Run, outcome: Exclude<InvokeOutcome, { status: 'not_started' }>): InvocationResult {
    const { version } = run.resolved;
    const { requestId } = run.invocation;
    if (outcome.status === 'response') {
      const { payload, streamed } = outcome;
      const bytes = payload.byteLength;
      if (bytes <= limits.answerBytesMax) {
        const settled = this.#settled(run, 'ok', undefined, bytes + run.streamedBytes);
        const result: InvocationResult = { status: 'ok', payload, version: version.version, settled };
        return streamed === undefined ? result : { ...result, streamed };
      }
      return this.#failed(run, 'error', {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${limits.answerBytesMax} bytes).`,
      });
    }
    return this.#failed(run, outcome.status, functionError(outcome, requestId, version.settings.timeoutMs));
  }

  #failed(run: Run, status: Failure['status'], error: FunctionError): InvocationResult {
    const { version } = run.resolved;
    const { requestId } = run.invocation;
    // What is told by us is logged by us; a runtime logs its own.
    if (error.errorMessage.startsWith(`RequestId: ${requestId} Error: `)) {
      const nowMs = this.#clock.now();
      const text = error.errorMessage.replace(`RequestId: ${requestId} Error: `, '');
      const line =
        status === 'timeout'
          ? `${new Date(nowMs).toISOString()} ${requestId} ${text}`
          : `RequestId: ${requestId} Error: ${text}\n${error.errorType}`;
      this.#log.line(run.invocation, run.resolved, run.environmentId, nowMs, line);
    }
    const settled = this.#settled(run, status, error.errorType, run.streamedBytes);
    return { status: 'function_error', error, version: version.version, settled };
  }

  /** The invocation is over: END, REPORT, and the event that metering and metrics live on. */
  #settled(
    run: Run,
    status: InvocationSettled['status'],
    errorType: string | undefined,
    responseBytes: number,
  ): InvocationSettled {
    const settled = settlementOf(run, { status, errorType, responseBytes, timeMs: this.#clock.now() });
    if (!run.isEarly) this.#tell(run.invocation, run.resolved, settled);
    return settled;
  }

  #tell(invocation: Invocation, resolved: Resolved, settled: InvocationSettled): void {
    this.#log.end(invocation, resolved, settled);
    this.#telemetry.emit(settled);
  }

  #notLeased(
    invocation: Invocation,
    resolved: Resolved,
    outcome: Exclude<LeaseOutcome, { status: 'leased' }>,
    arrivedMs: number,
  ): InvocationResult {
    switch (outcome.status) {
      case 'full':
        return this.#refuse(invocation, { status: 'throttled', reason: 'queue', retryAfterMs: outcome.retryAfterMs });
      case 'unavailable':
        return this.#refuse(invocation, { status: 'unavailable', message: outcome.message });
      case 'init_failed': {
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
        return this.#failed(run, failure.status, error);
      }
    }
  }

  #recursion(invocation: Invocation, resolved: Resolved, hops: number): InvocationResult {
    const message =
      `${resolved.version.name} was stopped: it has run ${hops} times in one chain of events that leads from its own output back to itself ` +
      `(source: ${invocation.source}). Filter its event source (for a bucket: a prefix or suffix that its own output does not have), or write elsewhere.`;
    this.#log.line(
      invocation,
      resolved,
      'recursion' as EnvironmentId,
      this.#clock.now(),
      `RECURSION RequestId: ${invocation.requestId} ${message}`,
    );
    return this.#refuse(invocation, { status: 'recursion', hops, message });
  }

  #refuse<Result extends Extract<InvocationResult, { status: 'throttled' | 'recursion' | 'unavailable' }>>(
    invocation: Call,
    result: Result,
  ): Result {
    const { account, functionName, requestId, source } = invocation;
    this.#telemetry.emit({
      kind: 'invocation.refused',
      timeMs: this.#clock.now(),
      account,
      functionName,
      requestId,
      source,
      reason: result.status,
    });
    return result;
  }
}

const isAnswer = (outcome: InvokeOutcome): outcome is Answered =>
  outcome.status === 'response' || outcome.status === 'error';

/** Why its environment is not used again. */
function endReasonOf({ status }: Exclude<InvokeOutcome, { status: 'not_started' }>): EndReason {
  return status === 'timeout' || status === 'out_of_memory' ? status : 'crash';
}

/** The same, and the bytes of each piece are told. */
function counting(taker: AnswerTaker, passed: (bytes: number) => void): AnswerTaker {
  return {
    began: (contentType) => taker.began(contentType),
    bytes(bytes, taken) {
      passed(bytes.byteLength);
      taker.bytes(bytes, taken);
    },
    ended: () => taker.ended(),
  };
}

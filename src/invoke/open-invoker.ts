/** The data path itself: admit → resolve → lease → run → settle. See invoke.ts for what it promises. */
import type { Registry, Resolved } from '../registry/registry.ts';
import type { Lease, LeaseOutcome, Runners } from '../runners/runners.ts';
import type { AnswerTaker, InvokeRequest } from '../sandbox/sandbox.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { assert } from '../util/assert.ts';
import { causedBy } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import type { EnvironmentId } from '../util/ids.ts';
import { limits } from '../util/limits.ts';
import type { Admission } from './admit.ts';
import { InvocationLog } from './invocation-log.ts';
import type { Invocation, InvocationResult, Invoker, Running, Throttled } from './invoke.ts';
import { Settling, type SettlingOptions } from './settling.ts';

export type InvokerOptions = {
  registry: Pick<Registry, 'resolve'>;
  runners: Runners;
  telemetry: Telemetry;
  clock: Clock;
  admission: Admission;
  report: SettlingOptions['report'];
};

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
  readonly #log: InvocationLog;
  readonly #settling: Settling;
  /** The last invocation stays: what a function does after its answer still has that cause. */
  readonly #running = new Map<EnvironmentId, LastRun>();
  #drained: (() => void) | undefined;
  #closing = false;

  constructor(options: InvokerOptions) {
    this.#registry = options.registry;
    this.#runners = options.runners;
    this.#telemetry = options.telemetry;
    this.#clock = options.clock;
    this.#admission = options.admission;
    this.#log = new InvocationLog(options);
    this.#settling = new Settling({ ...options, log: this.#log });
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
    let waitedSinceMs: number | undefined;
    try {
      for (let tries = 0; tries < triesMax; tries += 1) {
        const alone = tries >= triesBehindMax;
        const lease = alone ? undefined : this.#runners.tryLease(resolved);
        let outcome: LeaseOutcome | undefined;
        if (lease === undefined) {
          waitedSinceMs ??= this.#clock.monotonicMs();
          const wait = { alone, caller: invocation.caller, sinceMs: waitedSinceMs };
          outcome = await this.#runners.lease(resolved, wait);
        }
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
        const { atMs: beganMs, streamedBytes } = began;
        const answered = { invocation, resolved, lease: held, arrivedMs, beganMs, endedMs, streamedBytes };
        const settling = this.#settling.settle(answered, answer);
        const settled = settling instanceof Promise ? await settling : settling;
        over = settled.over;
        return settled.result;
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
      case 'init_failed':
        return this.#settling.initFailed(invocation, resolved, outcome, arrivedMs);
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

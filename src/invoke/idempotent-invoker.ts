/**
 * Answers a repeated event of a function that asks for it (`idempotency` in its settings) from the first result.
 *
 *   new ──▶ running ──▶ succeeded: kept on disk before anybody is answered ──▶ forgotten after its time
 *     ▲        │
 *     └────────┘ failed, refused: nothing is kept
 *
 * Whoever comes with the same key meanwhile waits for that run and then is answered from it, or runs himself if it
 * failed. What ran when the platform was killed had not been answered, and runs again. Semantics beside Powertools':
 * docs/reference/idempotency.md.
 */
import type { Registry } from '../registry/registry.ts';
import type { Operation, Records } from '../store/records.ts';
import type { InvocationSettled, Telemetry } from '../telemetry/telemetry.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { EnvironmentId, RequestId, VersionId } from '../util/ids.ts';
import { parseKeyPath } from '../util/key-path.ts';
import { idempotencyKey } from './idempotency-key.ts';
import type { Invocation, InvocationResult, Invoker, Running, Throttled } from './invoke.ts';

/** Of an answer that is kept; a repeated event whose first answer was larger is not run again, and told so. */
export const keptAnswerBytesMax = 1024 * 1024;
/** Who waits for one run; beyond, they are throttled. */
const waitersMax = 100;
/** Between two looks for what is to be forgotten. */
const forgetEveryMs = 60_000;
const forgottenAtOnce = 500;

const resultPrefix = 'idempotent/';
/** The same in the order in which they end. */
const endPrefix = 'idempotent-end/';

type Kept = {
  untilMs: number;
  requestId: RequestId;
  version: VersionId;
  /** Base64; absent: it was too large. */
  payload?: string;
  settled: InvocationSettled;
};

type Run = { over: Promise<void>; waiters: number };

export type IdempotentInvokerParts = {
  invoker: Invoker;
  registry: Pick<Registry, 'resolve'>;
  records: Records;
  telemetry: Telemetry;
  clock: Clock;
};

export class IdempotentInvoker implements Invoker, AsyncDisposable {
  readonly #parts: IdempotentInvokerParts;
  readonly #running = new Map<string, Run>();
  #timer: Timer | undefined;
  #forgetting = Promise.resolve();
  #closed = false;

  constructor(parts: IdempotentInvokerParts) {
    this.#parts = parts;
    this.#forgetLater();
  }

  refusal(call: Parameters<Invoker['refusal']>[0]): Throttled | undefined {
    return this.#parts.invoker.refusal(call);
  }

  runningIn(environment: EnvironmentId): Running | undefined {
    return this.#parts.invoker.runningIn(environment);
  }

  async invoke(invocation: Invocation): Promise<InvocationResult> {
    const { invoker, registry } = this.#parts;
    const { account, functionName, qualifier, requestId } = invocation;
    const resolved = registry.resolve(account, functionName, qualifier, requestId);
    const wish = resolved?.version.settings.idempotency;
    const path = wish && parseKeyPath(wish.key);
    if (resolved === undefined || wish === undefined || path === undefined) return invoker.invoke(invocation);
    const digest = idempotencyKey(invocation.event, path);
    if (digest === undefined) {
      this.#say(
        invocation,
        resolved.version.version,
        `has nothing at ${wish.key} to be known by; it runs whatever ran before`,
      );
      return invoker.invoke(invocation);
    }
    const key = `${account}/${functionName}/${digest}`;
    for (;;) {
      const before = this.#running.get(key);
      if (before === undefined) return this.#first(key, invocation, wish.ttlMs);
      if (before.waiters >= waitersMax) return { status: 'throttled', reason: 'function', retryAfterMs: 1_000 };
      before.waiters += 1;
      await before.over;
    }
  }

  /** Nothing of this key runs: answered from what is kept, or run. */
  async #first(key: string, invocation: Invocation, ttlMs: number): Promise<InvocationResult> {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    this.#running.set(key, { over, waiters: 0 });
    try {
      const kept = (await this.#parts.records.get(resultPrefix + key))?.value as Kept | undefined;
      if (kept !== undefined && kept.untilMs > this.#parts.clock.now()) return this.#again(kept, invocation);
      // Kept whole, an answer is given whole, and with it what it took.
      const { taker: _taker, answerFirst: _answerFirst, ...whole } = invocation;
      const result = await this.#parts.invoker.invoke(whole);
      if (result.status === 'ok') await this.#keep(key, result, invocation.requestId, ttlMs);
      return result;
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      return { status: 'unavailable', message: `what has run cannot be remembered: ${error.message}` };
    } finally {
      this.#running.delete(key);
      end();
    }
  }

  async #keep(
    key: string,
    { payload, version, settled }: Extract<InvocationResult, { status: 'ok' }>,
    requestId: RequestId,
    ttlMs: number,
  ): Promise<void> {
    const untilMs = this.#parts.clock.now() + ttlMs;
    const kept: Kept = {
      untilMs,
      requestId,
      version,
      ...(payload.byteLength <= keptAnswerBytesMax && { payload: Buffer.from(payload).toString('base64') }),
      settled,
    };
    await this.#parts.records.transact([
      { kind: 'put', key: resultPrefix + key, value: kept },
      { kind: 'put', key: `${endPrefix}${endOf(untilMs)}/${key}`, value: 1 },
    ]);
  }

  #again(kept: Kept, invocation: Invocation): InvocationResult {
    const { version, settled, payload, requestId: firstRequestId } = kept;
    const { account, functionName, requestId, source } = invocation;
    const { telemetry, clock } = this.#parts;
    telemetry.emit({
      kind: 'invocation.remembered',
      timeMs: clock.now(),
      account,
      functionName,
      requestId,
      source,
      firstRequestId,
    });
    this.#say(invocation, version, `was answered from the result of ${firstRequestId}; nothing ran`);
    if (payload !== undefined)
      return { status: 'ok', payload: Buffer.from(payload, 'base64'), version, settled, remembered: firstRequestId };
    // Nobody reads the answer to an event that was accepted for later.
    if (invocation.acceptedMs !== undefined)
      return { status: 'ok', payload: Buffer.from('null'), version, settled, remembered: firstRequestId };
    return {
      status: 'function_error',
      error: {
        errorType: 'Mayfly.AnswerNotKept',
        errorMessage: `This event has run before, as ${firstRequestId}, and is not run again; its answer had more than ${keptAnswerBytesMax} bytes, which is what is kept.`,
      },
      version,
      settled,
    };
  }

  #say({ account, functionName, requestId }: Invocation, version: VersionId, what: string): void {
    const { telemetry, clock } = this.#parts;
    telemetry.emit({
      kind: 'log',
      timeMs: clock.now(),
      account,
      functionName,
      version,
      environmentId: 'platform' as EnvironmentId,
      requestId,
      origin: 'platform',
      text: `IDEMPOTENCY RequestId: ${requestId} ${what}`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#forgetting;
  }

  #forgetLater(): void {
    this.#timer = this.#parts.clock.schedule(forgetEveryMs, () => {
      // A store that refuses says so elsewhere; what is over is not answered from, whether it is there or not.
      this.#forgetting = this.#forget()
        .catch(() => undefined)
        .then(() => (this.#closed ? undefined : this.#forgetLater()));
    });
  }

  async #forget(): Promise<void> {
    const { records, clock } = this.#parts;
    const nowMs = clock.now();
    while (!this.#closed) {
      const page = await records.range({ prefix: endPrefix, limit: forgottenAtOnce });
      const due = page.filter(({ key }) => Number(key.slice(endPrefix.length).split('/')[0]) <= nowMs);
      const operations: Operation[] = [];
      for (const { key } of due) {
        operations.push({ kind: 'delete', key });
        const result = resultPrefix + key.slice(endPrefix.length + endOf(0).length + 1);
        const entry = await records.get(result);
        // It may have run again since.
        if (entry !== undefined && (entry.value as Kept).untilMs <= nowMs)
          operations.push({ kind: 'check', key: result, revision: entry.revision }, { kind: 'delete', key: result });
      }
      if (operations.length > 0) await records.transact(operations);
      if (due.length < forgottenAtOnce) return;
    }
  }
}

const endOf = (ms: number): string => String(Math.floor(ms)).padStart(13, '0');

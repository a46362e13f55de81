/** For the tests of this folder: an invoker whose outcomes the test decides, and what it was asked to run. */
import type { Invocation, InvocationResult, Invoker } from '../invoke/invoke.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { functionArn, latestVersion, type EnvironmentId } from '../util/ids.ts';

/** `ok` may carry the function's answer as JSON. */
export type FakeOutcome =
  | { status: 'ok'; answer?: string }
  | { status: 'function_error'; errorMessage: string }
  | Exclude<InvocationResult, { status: 'ok' | 'function_error' }>;

export class FakeInvoker implements Invoker {
  readonly invocations: Invocation[] = [];
  runningMax = 0;
  running = 0;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #decide: (invocation: Invocation) => FakeOutcome | Promise<FakeOutcome>;

  constructor(
    parts: { clock: Clock; telemetry: Telemetry },
    decide: (invocation: Invocation) => FakeOutcome | Promise<FakeOutcome> = () => ({ status: 'ok' }),
  ) {
    this.#clock = parts.clock;
    this.#telemetry = parts.telemetry;
    this.#decide = decide;
  }

  refusal(): undefined {
    return undefined;
  }

  async invoke(invocation: Invocation): Promise<InvocationResult> {
    this.invocations.push(invocation);
    this.running += 1;
    this.runningMax = Math.max(this.runningMax, this.running);
    try {
      return this.#resultOf(invocation, await this.#decide(invocation));
    } finally {
      this.running -= 1;
    }
  }

  runningIn(): undefined {
    return undefined;
  }

  #resultOf(invocation: Invocation, outcome: FakeOutcome): InvocationResult {
    if (outcome.status !== 'ok' && outcome.status !== 'function_error') return outcome;
    const { account, functionName, requestId, attempt, source, cause } = invocation;
    const settled = {
      kind: 'invocation.settled' as const,
      timeMs: this.#clock.now(),
      account,
      functionName,
      functionArn: functionArn('us-east-1', account, functionName),
      version: latestVersion,
      requestId,
      attempt,
      source,
      status: outcome.status === 'ok' ? ('ok' as const) : ('error' as const),
      start: 'warm' as const,
      environmentId: 'environment' as EnvironmentId,
      phases: { queueUs: 0, placeUs: 0, provisionUs: 0, initUs: 0, handlerUs: 1_000, replyUs: 0 },
      billedMs: 1,
      memoryMb: 128,
      memoryBytesMax: undefined,
      requestBytes: invocation.event.byteLength,
      responseBytes: 0,
      traceId: cause.traceId,
    };
    this.#telemetry.emit(settled);
    if (outcome.status === 'ok') {
      return { status: 'ok', payload: Buffer.from(outcome.answer ?? 'null'), version: latestVersion, settled };
    }
    const error = { errorType: 'Error', errorMessage: outcome.errorMessage };
    return { status: 'function_error', error, version: latestVersion, settled };
  }
}

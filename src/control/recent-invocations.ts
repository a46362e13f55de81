import type { InvocationSettled, Sink, TelemetryEvent } from '../telemetry/telemetry.ts';
import type { AccountId } from '../util/ids.ts';

/** Kept for people who look: an hour of a busy test, at about half a kilobyte each. */
export const invocationsMax = 1_000;
/** Functions whose last call is remembered. */
const functionsMax = 20_000;

/** What is told of one, in a form that the next can be written over: absent is undefined. */
type Kept = { -readonly [Name in keyof Required<InvocationSettled>]: InvocationSettled[Name] };

/** The latest settled invocations, in memory: a sink of telemetry. */
export class RecentInvocations implements Sink {
  readonly kinds = ['invocation.settled'] as const;
  /**
   * A ring: `#next` is where the next one goes. It is written over one that is there already: to keep the events themselves made
   * each of them old before it was forgotten, and that was most of what great collections, one in a second or two, had to find.
   */
  readonly #ring: Kept[] = [];
  #next = 0;
  readonly #lastMs = new Map<string, number>();

  take(event: TelemetryEvent): void {
    if (event.kind !== 'invocation.settled') return;
    const old = this.#ring[this.#next];
    if (old === undefined) this.#ring[this.#next] = copyOf(event);
    else writeOver(old, event);
    this.#next = (this.#next + 1) % invocationsMax;
    const key = event.functionArn;
    if (this.#lastMs.size < functionsMax || this.#lastMs.has(key)) this.#lastMs.set(key, event.timeMs);
  }

  /** Nothing to write. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** Newest first. */
  list(account: AccountId, functionName: string | undefined, limit: number): Kept[] {
    const found: Kept[] = [];
    for (let back = 1; back <= this.#ring.length && found.length < limit; back++) {
      const settled = this.#ring[(this.#next - back + invocationsMax) % invocationsMax];
      if (settled === undefined) break;
      if (settled.account === account && (functionName === undefined || settled.functionName === functionName))
        found.push(copyOf(settled));
    }
    return found;
  }

  /** The newest whose request id ends so. */
  endingWith(account: AccountId, end: string): string | undefined {
    return this.list(account, undefined, invocationsMax).find(({ requestId }) => requestId.endsWith(end))?.requestId;
  }

  lastMs(functionArn: string): number | undefined {
    return this.#lastMs.get(functionArn);
  }
}

/** Each property by name: that makes one shape of all of them, in which numbers are written in place. */
const copyOf = (of: Kept | InvocationSettled): Kept => ({
  kind: of.kind,
  timeMs: of.timeMs,
  account: of.account,
  functionName: of.functionName,
  functionArn: of.functionArn,
  version: of.version,
  runtime: of.runtime,
  requestId: of.requestId,
  attempt: of.attempt,
  acceptedMs: of.acceptedMs,
  source: of.source,
  status: of.status,
  errorType: of.errorType,
  start: of.start,
  startReason: of.startReason,
  environmentId: of.environmentId,
  environmentStartedMs: of.environmentStartedMs,
  provisioned: of.provisioned,
  phases: { ...of.phases },
  initFailed: of.initFailed,
  billedMs: of.billedMs,
  memoryMb: of.memoryMb,
  memoryBytesMax: of.memoryBytesMax,
  requestBytes: of.requestBytes,
  responseBytes: of.responseBytes,
  traceId: of.traceId,
});

function writeOver(kept: Kept, of: InvocationSettled): void {
  kept.kind = of.kind;
  kept.timeMs = of.timeMs;
  kept.account = of.account;
  kept.functionName = of.functionName;
  kept.functionArn = of.functionArn;
  kept.version = of.version;
  kept.runtime = of.runtime;
  kept.requestId = of.requestId;
  kept.attempt = of.attempt;
  kept.acceptedMs = of.acceptedMs;
  kept.source = of.source;
  kept.status = of.status;
  kept.errorType = of.errorType;
  kept.start = of.start;
  kept.startReason = of.startReason;
  kept.environmentId = of.environmentId;
  kept.environmentStartedMs = of.environmentStartedMs;
  kept.provisioned = of.provisioned;
  kept.initFailed = of.initFailed;
  kept.billedMs = of.billedMs;
  kept.memoryMb = of.memoryMb;
  kept.memoryBytesMax = of.memoryBytesMax;
  kept.requestBytes = of.requestBytes;
  kept.responseBytes = of.responseBytes;
  kept.traceId = of.traceId;
  const { phases } = kept;
  phases.queueUs = of.phases.queueUs;
  phases.placeUs = of.phases.placeUs;
  phases.provisionUs = of.phases.provisionUs;
  phases.initUs = of.phases.initUs;
  phases.handlerUs = of.phases.handlerUs;
  phases.replyUs = of.phases.replyUs;
}

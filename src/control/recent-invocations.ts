import type { InvocationSettled, Sink, TelemetryEvent } from '../telemetry/telemetry.ts';
import type { AccountId } from '../util/ids.ts';

/** Kept for people who look: an hour of a busy test, at about half a kilobyte each. */
const invocationsMax = 1_000;
/** Functions whose last call is remembered. */
const functionsMax = 20_000;

/** The latest settled invocations, in memory: a sink of telemetry. */
export class RecentInvocations implements Sink {
  readonly kinds = ['invocation.settled'] as const;
  /** A ring: `#next` is where the next one goes. */
  readonly #ring: InvocationSettled[] = [];
  #next = 0;
  readonly #lastMs = new Map<string, number>();

  take(event: TelemetryEvent): void {
    if (event.kind !== 'invocation.settled') return;
    this.#ring[this.#next] = event;
    this.#next = (this.#next + 1) % invocationsMax;
    const key = event.functionArn;
    if (this.#lastMs.size < functionsMax || this.#lastMs.has(key)) this.#lastMs.set(key, event.timeMs);
  }

  /** Nothing to write. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** Newest first. */
  list(account: AccountId, functionName: string | undefined, limit: number): InvocationSettled[] {
    const found: InvocationSettled[] = [];
    for (let back = 1; back <= this.#ring.length && found.length < limit; back++) {
      const settled = this.#ring[(this.#next - back + invocationsMax) % invocationsMax];
      if (settled === undefined) break;
      if (settled.account === account && (functionName === undefined || settled.functionName === functionName))
        found.push(settled);
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

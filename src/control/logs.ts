import type { LogLine, Sink } from '../telemetry/telemetry.ts';
import { linesResponse, numberQuery, parameter, type Call, type ControlContext, type Endpoint } from './endpoint.ts';
import { functionOf } from './functions.ts';
import type { LogQuery } from './control-parts.ts';
import type { LogView } from './views.ts';

/** Lines that wait for a reader who is slower than the functions; the oldest go first, and the reader is told. */
const waitingMax = 10_000;

const wire = ({ timeMs, functionName, requestId, origin, text, version, environmentId }: LogLine): LogView => ({
  timeMs,
  functionName,
  requestId,
  origin,
  text,
  version,
  environmentId,
});

/** Tells whether a live line is one that the store has given already. */
const identity = (line: LogLine): string => `${line.timeMs} ${line.environmentId} ${line.requestId ?? ''} ${line.text}`;

/** New lines, as they come: attached before the stored ones are read, so that none falls between. */
class Follower implements Sink {
  readonly kinds = ['log'] as const;
  readonly #query: LogQuery;
  readonly #signal: AbortSignal;
  #lines: LogLine[] = [];
  #dropped = 0;
  #wake: () => void = () => {};

  constructor(query: LogQuery, signal: AbortSignal) {
    this.#query = query;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake());
  }

  take(event: Parameters<Sink['take']>[0]): void {
    if (event.kind !== 'log' || event.account !== this.#query.account) return;
    if (this.#query.functionName !== undefined && event.functionName !== this.#query.functionName) return;
    if (this.#query.requestId !== undefined && !event.requestId?.endsWith(this.#query.requestId)) return;
    if (this.#lines.length >= waitingMax) {
      this.#lines.shift();
      this.#dropped++;
    }
    this.#lines.push(event);
    this.#wake();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** Forgets what was stored by the time it was read. */
  skip(stored: readonly LogLine[]): void {
    const known = new Set(stored.map(identity));
    this.#lines = this.#lines.filter((line) => !known.has(identity(line)));
  }

  async *lines(): AsyncGenerator<LogView> {
    while (!this.#signal.aborted) {
      const lines = this.#lines;
      this.#lines = [];
      const first = lines[0];
      if (this.#dropped > 0 && first !== undefined) {
        yield {
          ...wire(first),
          origin: 'platform',
          text: `… ${this.#dropped} lines left out: this reader is slower than they come`,
        };
        this.#dropped = 0;
      }
      for (const line of lines) yield wire(line);
      if (this.#lines.length > 0 || this.#signal.aborted) continue;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

function queryOf(context: ControlContext, call: Call): LogQuery {
  const isAll = parameter(call, 'name') === '*';
  return {
    account: call.account,
    functionName: isAll ? undefined : functionOf(context, call).name,
    sinceMs: numberQuery(call, 'since', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 }),
    limit: numberQuery(call, 'limit', { min: 1, max: 10_000, otherwise: 1_000 }),
    requestId: call.query.get('request') ?? undefined,
  };
}

export const getLogs: Endpoint = async (context, call) => {
  const query = queryOf(context, call);
  const isFollowing = call.query.get('follow') === '1';
  const follower = isFollowing ? new Follower(query, call.request.signal) : undefined;
  const attached = follower === undefined ? undefined : context.telemetry.attach(follower);
  // A client that leaves before the answer begins never starts the lines below.
  if (attached !== undefined) call.request.signal.addEventListener('abort', () => attached.detach());
  let stored: readonly LogLine[];
  try {
    stored = await context.logs.read(query);
  } catch (error) {
    attached?.detach();
    throw error;
  }
  async function* lines(): AsyncGenerator<LogView> {
    try {
      for (const line of stored) yield wire(line);
      if (follower === undefined) return;
      follower.skip(stored);
      yield* follower.lines();
    } finally {
      attached?.detach();
    }
  }
  return linesResponse(lines());
};

/** Calls over HTTP as many clients make them: each is sent when it is due, whatever became of those before. */
import { Agent, request } from 'node:http';

export type Call = {
  /** Undefined: no answer (`error` says why). */
  status: number | undefined;
  error?: string;
  retryAfter: string | undefined;
  startedMs: number;
  tookMs: number;
};

export type Client = Disposable & { call(url: string, body?: Uint8Array): Promise<Call> };

/** `timeoutMs`: how long a client waits for its answer. */
export function openClient({ timeoutMs }: { timeoutMs: number }): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  return {
    call(url, body) {
      const startedMs = performance.now();
      return new Promise((resolve) => {
        const done = (status: number | undefined, retryAfter?: string, error?: string): void =>
          resolve({
            status,
            retryAfter,
            startedMs,
            tookMs: performance.now() - startedMs,
            ...(error === undefined ? {} : { error }),
          });
        const asked = request(
          url,
          { agent, method: body === undefined ? 'GET' : 'POST', timeout: timeoutMs },
          (answer) => {
            answer.resume();
            answer.once('end', () => done(answer.statusCode, answer.headers['retry-after']));
            answer.once('error', (error) => done(undefined, undefined, error.message));
          },
        );
        asked.once('timeout', () => asked.destroy(new Error(`no answer for ${timeoutMs} ms`)));
        asked.once('error', (error) => done(undefined, undefined, error.message));
        asked.end(body);
      });
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** `perSecond` calls for so long, evenly; resolves when all have been answered. */
export async function openLoop(call: () => Promise<Call>, perSecond: number, seconds: number): Promise<Call[]> {
  const beganMs = performance.now();
  const total = Math.round(perSecond * seconds);
  const calls: Promise<Call>[] = [];
  while (calls.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - beganMs) / 1_000) * perSecond) + 1);
    while (calls.length < due) calls.push(call());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return Promise.all(calls);
}

/** `callers` that each call again when they have their answer. */
export async function closedLoop(call: () => Promise<Call>, callers: number, seconds: number): Promise<Call[]> {
  const untilMs = performance.now() + seconds * 1_000;
  const calls: Call[] = [];
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < untilMs) calls.push(await call());
    }),
  );
  return calls;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

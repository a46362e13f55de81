/**
 * The data path's port: one event to one function, and its outcome. Every entrance comes through here.
 *
 * admit (concurrency) → resolve (alias to version) → lease (a free environment, or wait, bounded) → run (sandbox) →
 * settle (release, telemetry). It knows no HTTP, no AWS words and no retries: those are the entrances' and events/'.
 */
import type { AnswerTaker, FunctionError, Streamed } from '../sandbox/sandbox.ts';
import type { Caller } from '../runners/runners.ts';
import type { InvocationSettled } from '../telemetry/telemetry.ts';
import type { Cause } from '../util/cause.ts';
import type { AccountId, EnvironmentId, FunctionArn, RequestId, VersionId } from '../util/ids.ts';

export type Invocation = {
  requestId: RequestId;
  account: AccountId;
  functionName: string;
  /** `$LATEST`, a version number, an alias; absent: $LATEST. */
  qualifier?: string;
  /** JSON, never parsed on the way. */
  event: Uint8Array;
  /** What produced it: `http`, `url`, `api`, `bucket`, `queue`, `schedule`, `destination`, `redrive`. */
  source: string;
  cause: Cause;
  attempt: number;
  /** When it was accepted for later (epoch ms); absent: its caller waits. */
  acceptedMs?: number;
  /** When its request was received, on the clock that never goes back; absent: now. */
  receivedMs?: number;
  clientContext?: string;
  /** Who waits for the answer, and may have gone; absent: nobody does. While it waits for an environment it is then not begun. */
  caller?: Caller;
  /** Takes the answer of a handler that streams it, from the version that runs. Absent: it is gathered. See invoke-streaming.ts. */
  taker?: (version: VersionId) => AnswerTaker;
  /**
   * Its caller needs the answer alone, and passes it on without waiting for anything: `settled` in the result is then told, and complete
   * (the memory, how long the reply took), only at the end of this turn of the event loop.
   */
  answerFirst?: true;
};

/**
 * `over`: extensions of the function's are still busy with it; it is settled (billed, reported) when it resolves. Who
 * must not lose its usage row waits for that.
 */
export type InvocationResult =
  /** `payload`: empty where a taker has taken it. `streamed`: the handler wrote it bit by bit. */
  | {
      status: 'ok';
      payload: Uint8Array;
      version: VersionId;
      settled: InvocationSettled;
      streamed?: Streamed;
      /** Nothing ran: it is the answer of this request, which was of the same event. `settled` is that one's, too. */
      remembered?: RequestId;
      over?: Promise<void>;
    }
  /** The function's fault: thrown, timed out, exited, out of memory, or could not be initialised. */
  | {
      status: 'function_error';
      error: FunctionError;
      version: VersionId;
      settled: InvocationSettled;
      over?: Promise<void>;
    }
  | { status: 'throttled'; reason: 'function' | 'account' | 'queue'; retryAfterMs: number }
  | { status: 'not_found'; message: string }
  /** It has run `hops` times in the chain that led here, and is stopped. */
  | { status: 'recursion'; hops: number; message: string }
  /** The platform cannot run it: shutting down, runtime missing, environment could not be made. */
  | { status: 'unavailable'; message: string };

/** An invocation that is running in an environment right now: how a call from inside is traced to what caused it. */
export type Running = {
  requestId: RequestId;
  account: AccountId;
  functionArn: FunctionArn;
  functionName: string;
  /** The cause of whatever this invocation brings about. */
  cause: Cause;
};

/** Refused for a limit or for the load, before it ran. `queue`: this machine has no room, and whoever waits is bounded. */
export type Throttled = Extract<InvocationResult, { status: 'throttled' }>;

export interface Invoker {
  /** Never rejects for what the function or its load does; those are results. */
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /**
   * What `invoke` would answer at once to who came now, for an entrance that would have to read the event first; it counts as
   * refused then. Undefined: it would be tried.
   */
  refusal(
    call: Pick<Invocation, 'account' | 'functionName' | 'qualifier' | 'source' | 'requestId'>,
  ): Throttled | undefined;
  /** Undefined when nothing runs in it just now. */
  runningIn(environment: EnvironmentId): Running | undefined;
}

/**
 * What makes functions run by itself: buckets, schedules and queues that are bound to them.
 *
 * A source reads what happened from the store (the log, the clock), makes the event that the function expects, and
 * hands it on: to `Asynchronous` where nobody waits for the answer, to the invoker where the answer decides what
 * becomes of the messages. It never answers requests, and whoever makes something happen never calls it: it appends
 * to the log, and the source reads that. Everything is delivered at least once; docs/reference/events.md says for
 * each source what that means.
 *
 * A new kind of source is a new file here and one more entry in the list that house.ts passes to `startSources`
 * (docs/guides/adding-an-event-source.md). Next: deliver.ts (how work is taken and paced), asynchronous.ts.
 */
import type { Invoker } from '../invoke/invoke.ts';
import type { BindingSource, Bindings } from '../registry/binding.ts';
import type { Queues } from '../resources/queue.ts';
import type { Log } from '../store/log.ts';
import type { Records } from '../store/records.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import type { Ids } from '../util/ids.ts';
import type { Asynchronous } from './asynchronous.ts';
import type { DeliverPermission } from './deliver-permission.ts';
import type { Draining } from './draining.ts';
import type { MessagingKeys } from './keys-for.ts';
import type { NoticeSender } from './bucket-notice.ts';
import type { ReceivePermission } from './receive-permission.ts';

/** What every source is given; each takes what it needs. */
export type SourceContext = {
  region: string;
  log: Log;
  records: Records;
  bindings: Bindings;
  queues: Queues;
  invoker: Invoker;
  asynchronous: Asynchronous;
  /** Told of what is let go of; absent: nobody asks. */
  draining?: Draining;
  /** Whether functions' roles let their queues be read; absent: nobody has a role. */
  receiving?: ReceivePermission;
  /** Whether functions' roles let their records be sent; absent: nobody has a role. */
  delivering?: DeliverPermission;
  /** For queues and topics that are encrypted with keys; absent: none is. */
  keys?: MessagingKeys;
  /** Topics, queues and buses that hear of changes in buckets. */
  notices: Pick<NoticeSender, 'send' | 'onBus'>;
  telemetry: Telemetry;
  clock: Clock;
  ids: Ids;
  report: Report;
};

/** Something of the platform's own went wrong and is being tried again: for the operator, not for the function's log. */
export type Report = (message: string, cause: unknown) => void;

export type EventSource = {
  /** Of the bindings that it serves, or what else it reads. */
  kind: BindingSource['kind'] | 'pipe' | 'secret' | 'parameter';
  /** Serves every binding of its kind until `signal` aborts; resolves once it has stopped cleanly. */
  run(context: SourceContext, signal: AbortSignal): Promise<void>;
};

/** Before a source that failed outright (its store did not answer) is started again. */
const restartMs = 1_000;

/** Runs them all; disposing stops them and waits for each to end. */
export function startSources(sources: readonly EventSource[], context: SourceContext): AsyncDisposable {
  const stop = new AbortController();
  const ended = Promise.all(sources.map((source) => keepRunning(source, context, stop.signal)));
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

async function keepRunning(source: EventSource, context: SourceContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await source.run(context, signal);
    } catch (cause) {
      if (signal.aborted) return;
      context.report(`the event source "${source.kind}" failed and is started again in ${restartMs} ms`, cause);
      await delay(context.clock, restartMs, signal);
    }
  }
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function delay(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.schedule(delayMs, done);
    signal.addEventListener('abort', done);
  });
}

/**
 * The kit for sources of events: what happened lies in a topic of the log, and each of it becomes asynchronous invocations of
 * the functions that are bound to it. Whoever writes a source says what is in the topic and what a function is given.
 *
 *   taken ─▶ its invocations on disk, in one transaction ─▶ acknowledged
 *     └─ cannot be read, or makes an event that is too large ─▶ set aside in `unreadable/TOPIC` ─▶ acknowledged
 *
 * A crash between two steps repeats them. Ids of invocations derive from the message's and the binding's, so that a
 * repetition is dropped while the first is held; one that had run by then runs again, under the same id.
 */
import type { Binding, BindingSource } from '../registry/binding.ts';
import type { Leased } from '../store/log.ts';
import type { Cause } from '../util/cause.ts';
import { PlatformError } from '../util/errors.ts';
import { derivedUuid, type RequestId } from '../util/ids.ts';
import { Delivery, done, type Handled } from './deliver.ts';
import { setAside } from './set-aside.ts';
import { untilAborted, type EventSource, type SourceContext } from './source.ts';

export type BoundTo<Kind extends BindingSource['kind']> = Binding & { source: Extract<BindingSource, { kind: Kind }> };

export type LogSourceParts<Kind extends BindingSource['kind']> = {
  kind: Kind;
  /** Of the log. Whoever makes something happen appends to it, in the transaction that makes it so. */
  topic: string;
  /** Pure: for each binding that it concerns the event, of which JSON is made. What it throws sets the message aside. */
  invocationsOf(
    message: { id: string; body: string },
    bindings: readonly BoundTo<Kind>[],
  ): readonly { binding: Binding; event: unknown; cause: Cause }[];
};

const leaseMs = 60_000;
/** While one message is on its way to the disk, others are made ready: as many as a commit takes along. */
const messagesAtOnceMax = 64;
/** Half a commit of the store. */
const operationsMax = 1_000;

export function logSource<Kind extends BindingSource['kind']>(parts: LogSourceParts<Kind>): EventSource {
  const { kind, topic } = parts;
  const holder = `source/${kind}`;
  return {
    kind,
    async run(context, signal) {
      const { log, clock, ids, report } = context;
      // What a crash left leased is ready again.
      await log.release(holder);
      await using _delivery = new Delivery<Leased>(
        {
          name: `what happened in ${topic}`,
          watch: (ready) => log.watch(topic, ready),
          take: (max) => log.receive(topic, { max, leaseMs, holder }),
          extend: ({ receipt }) => log.extend(topic, receipt, leaseMs),
          handle: (message) => handOn(parts, context, message),
          setAside: (message) => setAside(log, topic, [message]),
        },
        { concurrencyMax: messagesAtOnceMax, aheadMax: 0, extendEveryMs: leaseMs / 3 },
        { clock, ids, report },
      );
      await untilAborted(signal);
    },
  };
}

async function handOn<Kind extends BindingSource['kind']>(
  parts: LogSourceParts<Kind>,
  { log, records, bindings, asynchronous, report }: SourceContext,
  { id, body, receipt }: Leased,
): Promise<Handled> {
  const { kind, topic } = parts;
  try {
    const invocations = parts.invocationsOf({ id, body }, bindings.ofKind(kind));
    const operations = invocations.map(({ binding, event, cause }) =>
      asynchronous.enqueueOperation({
        requestId: derivedUuid(kind, id, binding.id) as RequestId,
        account: binding.account,
        functionName: binding.functionName,
        qualifier: binding.qualifier,
        event: JSON.stringify(event),
        source: kind,
        cause,
        from: id,
      }),
    );
    for (let at = 0; at < operations.length; at += operationsMax)
      await records.transact(operations.slice(at, at + operationsMax));
  } catch (cause) {
    // The disk will take it later; nothing will make a message readable.
    if (cause instanceof PlatformError && cause.code === 'unavailable') throw cause;
    report(`the message ${id} of ${topic} cannot be handed on, and is set aside in unreadable/${topic}`, cause);
    await setAside(log, topic, [{ id, body, receipt }]);
    return done;
  }
  await log.acknowledge(topic, [receipt]);
  return done;
}

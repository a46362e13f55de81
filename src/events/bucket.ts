/**
 * Buckets as a source: each change of an object becomes one asynchronous invocation of every function bound to it.
 *
 * Why an event is handed on exactly once, though the log may deliver it twice. A batch is handled in three steps:
 *   1. read from the log, leased
 *   2. in one transaction: an invocation for each matching binding, the event on the bus if the bucket is on it, and a record of the batch's event ids (`handled`)
 *   3. the batch is acknowledged, and the next batch's record replaces this one's
 * A crash before 2 left nothing behind: the batch comes back and is handled. A crash between 2 and 3 brings it back
 * with its ids in the record: it is only acknowledged. Batches are handled one at a time, so the record never has to
 * know more than one batch, plus those of whom the acknowledgement could not be confirmed (a lease that ran out),
 * which stay in it until they come back or the topic is seen empty. That the invocation's id derives from event and binding is a second net: the
 * log drops it while it still holds the first. It would not be enough alone, because the invocation may be done and
 * gone by the time its event comes back.
 *
 * Topics and queues that hear of changes (bucket-notice.ts) are told before step 2, in steps of their own: a crash between
 * tells them again, with the same ids.
 */
import type { Binding } from '../registry/binding.ts';
import type { Leased } from '../store/log.ts';
import type { Operation } from '../store/records.ts';
import { bucketEventsTopic, type BucketEvent } from '../resources/bucket-event.ts';
import { derivedUuid, type RequestId } from '../util/ids.ts';
import { bucketNotification, matches, type BucketSource } from './bucket-notification.ts';
import { Delivery, done, type Handled } from './deliver.ts';
import { setAsideOneByOne } from './set-aside.ts';
import { untilAborted, type EventSource, type SourceContext } from './source.ts';

const holder = 'events/bucket';
const leaseMs = 60_000;
/** Events of one transaction: large enough that the disk is waited for rarely, small enough that nobody waits for it long. */
const batchMax = 100;
/** Invocations of one transaction: half of what a store takes at once. */
const operationsMax = 5_000;
const handledKey = 'events/bucket/handled';
/** Events whose acknowledgement is unconfirmed; only a store that stalls for a minute makes any. The oldest go first. */
const unconfirmedMax = 10_000;

export const bucketSource: EventSource = {
  kind: 'bucket',
  async run(context, signal) {
    const { log, clock, ids, report } = context;
    await log.release(holder);
    const handing = new Handing(context);
    await handing.load();
    await using _delivery = new Delivery<Leased[]>(
      {
        name: 'bucket events',
        watch: (ready) => log.watch(bucketEventsTopic, ready),
        async take() {
          const batch = await log.receive(bucketEventsTopic, { max: batchMax, leaseMs, holder });
          if (batch.length > 0) return [batch];
          await handing.forgetIfEmpty();
          return [];
        },
        handle: (batch) => handing.handOn(batch),
        setAside: (batch) => setAsideOneByOne(log, bucketEventsTopic, batch, (one) => handing.handOn([one])),
        async extend(batch) {
          const kept = await Promise.all(batch.map(({ receipt }) => log.extend(bucketEventsTopic, receipt, leaseMs)));
          return kept.every(Boolean);
        },
      },
      { concurrencyMax: 1, aheadMax: 0, extendEveryMs: leaseMs / 3 },
      { clock, ids, report },
    );
    await untilAborted(signal);
  },
};

type BucketBinding = Binding & { source: BucketSource };

const bucketKey = ({ account, source }: BucketBinding): string => `${account}/${source.bucket}`;

class Handing {
  readonly #context: SourceContext;
  /** Ids that were handed on and may still come back. */
  #handled = new Set<string>();
  #revision = 0;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  async load(): Promise<void> {
    const entry = await this.#context.records.get(handledKey);
    this.#revision = entry?.revision ?? 0;
    this.#handled = new Set(entry === undefined ? [] : (entry.value as { ids: string[] }).ids);
  }

  /** What is not in the topic cannot come back. */
  async forgetIfEmpty(): Promise<void> {
    if (this.#handled.size === 0) return;
    const { ready, delayed, leased } = await this.#context.log.depth(bucketEventsTopic);
    if (ready + delayed + leased === 0) this.#handled.clear();
  }

  async handOn(batch: readonly Leased[]): Promise<Handled> {
    const { log, records, notices } = this.#context;
    const fresh = batch.filter(({ id }) => !this.#handled.has(id));
    await Promise.all(fresh.map(({ body }) => notices.send(JSON.parse(body) as BucketEvent)));
    for (const part of this.#parts(fresh)) {
      if (part.operations.length === 0) continue;
      const ids = [...this.#handled, ...part.ids].slice(-unconfirmedMax);
      const outcome = await records.transact([
        { kind: 'check', key: handledKey, revision: this.#revision },
        { kind: 'put', key: handledKey, value: { ids } },
        ...part.operations,
      ]);
      if (outcome.status === 'conflict') {
        // Another process handles bucket events too, and has just handed some on: perhaps these.
        await this.load();
        return { status: 'later', retryAfterMs: 0 };
      }
      this.#revision = outcome.revision;
      this.#handled = new Set(ids);
    }
    const acknowledged = await log.acknowledge(
      bucketEventsTopic,
      batch.map(({ receipt }) => receipt),
    );
    if (acknowledged === batch.length) for (const { id } of batch) this.#handled.delete(id);
    return done;
  }

  /** Mostly one; more where many functions listen. What one event alone has too many of counts as handed on with its last. */
  *#parts(events: readonly Leased[]): Generator<{ ids: string[]; operations: Operation[] }> {
    const bindings = Map.groupBy(this.#context.bindings.ofKind('bucket'), bucketKey);
    let part: { ids: string[]; operations: Operation[] } = { ids: [], operations: [] };
    for (const { id, body } of events) {
      const event = JSON.parse(body) as BucketEvent;
      const operations = this.#follows(event, bindings.get(`${event.account}/${event.bucket}`) ?? []);
      if (part.operations.length + operations.length > operationsMax) {
        yield part;
        part = { ids: [], operations: [] };
      }
      while (operations.length > operationsMax) yield { ids: [], operations: operations.splice(0, operationsMax) };
      part.ids.push(id);
      part.operations.push(...operations);
    }
    yield part;
  }

  #follows(event: BucketEvent, bindings: readonly BucketBinding[]): Operation[] {
    const { asynchronous, region, notices, telemetry, clock } = this.#context;
    const wanted = bindings
      .filter((binding) => matches(binding.source, event))
      .map((binding) => ({ binding, requestId: derivedUuid('bucket', event.id, binding.id) as RequestId }));
    const onBus = notices.onBus(event);
    if (wanted.length > 0 || onBus !== undefined)
      telemetry.emit({
        kind: 'delivery',
        timeMs: clock.now(),
        account: event.account,
        id: event.id,
        place: `bucket ${event.bucket}`,
        source: 'bucket',
        step: {
          kind: 'handed_on',
          to: [
            ...wanted.map(({ binding, requestId: id }) => ({ place: `function ${binding.functionName}`, id })),
            ...(onBus === undefined ? [] : [{ place: onBus.place, id: onBus.id }]),
          ],
        },
      });
    const invocations = wanted.map(({ binding, requestId }) =>
      asynchronous.enqueueOperation({
        requestId,
        account: event.account,
        functionName: binding.functionName,
        qualifier: binding.qualifier,
        event: JSON.stringify(bucketNotification(event, binding.id, region)),
        source: 'bucket',
        cause: event.cause,
      }),
    );
    return onBus === undefined ? invocations : [...invocations, onBus.operation];
  }
}

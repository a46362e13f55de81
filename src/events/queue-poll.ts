/**
 * How a queue's messages are taken in batches for somebody who takes them: a function's binding, or a pipe.
 *
 * A batch that is being taken, or is refused for want of room, keeps its messages hidden for as long as that takes, so that
 * who is slow or crowded neither gets a message twice nor uses up its receives. Messages that the filters do not want are
 * deleted, as Lambda does.
 */
import type { DataKeys } from '../resources/data-keys.ts';
import type { QueueMessage } from '../resources/queue-message.ts';
import type { Queue } from '../resources/queue.ts';
import { limits } from '../util/limits.ts';
import { Delivery, done, type Handled } from './deliver.ts';
import { isKeyRefusal } from './keys-for.ts';
import { queueFilter } from './queue-filter.ts';
import { queueRecord } from './queue-notification.ts';
import { delay, type SourceContext } from './source.ts';

export type QueuePoll = {
  /** For the operator: `messages of the queue jobs for hello`. */
  name: string;
  /** Whose leases are given back after a crash. */
  holder: string;
  batchMax: number;
  /** What messages that are encrypted with a key are opened with. */
  keys: DataKeys;
  /** Calls back when that may have changed. */
  watchKeys: (changed: () => void) => { stop(): void };
  /** How long a batch may fill. */
  windowMs: number;
  /** EventBridge patterns. Absent: every message is wanted. */
  filters?: readonly string[];
  /** Batches that run at once; absent: as many as there is room for. */
  concurrencyMax?: number;
  /** Sees a batch through. What is not removed comes back when its visibility is over. */
  take(batch: Batch): Promise<Handled>;
};

/** What a handled batch has been divided into is no longer in it: it shrinks to what is left to do. */
export type Batch = {
  messages: readonly QueueMessage[];
  /** What did not fit into the event with them, and may not overtake them: FIFO. */
  behind: readonly (readonly QueueMessage[])[];
};

/** Batches of one that run at once, and how their number grows while messages wait. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const batchesMax = 1_250;
const growth = { first: 5, perMinute: 300 };
/** A visibility of 0 would give a batch to everybody at once; Lambda asks for at least the function's time-out. */
const visibilityMsMin = 1_000;
/** Log's figure for one receive. */
const receiveMax = 1_000;

/** Until it is disposed of. */
export function pollQueue(context: SourceContext, queue: Queue, poll: QueuePoll): AsyncDisposable {
  const { queues, clock, ids, report } = context;
  const { account, name } = queue;
  const visibilityMs = Math.max(visibilityMsMin, queue.settings.visibilityMs);
  const { filters, concurrencyMax = batchesMax } = poll;
  const wants = filters === undefined ? undefined : queueFilter(filters);
  let told: string | undefined;
  return new Delivery<Batch>(
    {
      name: poll.name,
      watch(ready) {
        const watches = [queues.watchMessages(queue, ready), poll.watchKeys(ready)];
        return {
          stop() {
            for (const watch of watches) watch.stop();
          },
        };
      },
      async take(max, signal) {
        try {
          const batches = await takeBatches(context, poll, queue, max, signal);
          told = undefined;
          return batches;
        } catch (error) {
          if (!isKeyRefusal(error)) throw error;
          // They wait until something is different about the key, or who may use it.
          if (told !== error.message) report(`${poll.name} cannot be decrypted, and wait`, error);
          told = error.message;
          return [];
        }
      },
      handle: (batch) => takeInOrder(context, poll, queue, batch, wants),
      async extend({ messages, behind }) {
        const kept = [...messages, ...behind.flat()].map(({ receipt }) =>
          queues.keepHidden(account, name, receipt, visibilityMs),
        );
        return (await Promise.all(kept)).some(Boolean);
      },
    },
    { concurrencyMax, growth, aheadMax: 0, extendEveryMs: visibilityMs / 3 },
    { clock, ids, report },
  );
}

/** At most `max` batches, and only as many as there are messages ready for. */
async function takeBatches(
  context: SourceContext,
  poll: QueuePoll,
  queue: Queue,
  max: number,
  signal: AbortSignal,
): Promise<Batch[]> {
  const { batchMax } = poll;
  const batches: Batch[] = [];
  while (batches.length < max && !signal.aborted) {
    // All that there is room for at once: asking again whether there is more would keep the first waiting. Of a FIFO queue
    // each batch by itself, since a group that is being taken is given to nobody else.
    const asked = batchMax * (queue.settings.fifo === undefined ? max - batches.length : 1);
    const received = await receive(context, poll, queue, asked);
    if (received.length === 0) break;
    const last = received.splice(received.length - (received.length % batchMax));
    for (let at = 0; at < received.length; at += batchMax)
      batches.push(...divided(queue, received.slice(at, at + batchMax)));
    if (last.length > 0) {
      await gather(context, poll, queue, last, signal);
      batches.push(...divided(queue, last));
    }
    if (last.length > 0 || received.length < asked) break;
  }
  return batches;
}

/** What is ready, at most `max`. */
async function receive(
  { queues }: SourceContext,
  { windowMs, holder, keys }: QueuePoll,
  { account, name, settings }: Queue,
  max: number,
): Promise<QueueMessage[]> {
  // The window's length more, so that what is gathered first is still hidden when the batch is complete.
  const visibilityMs = Math.max(visibilityMsMin, settings.visibilityMs) + windowMs;
  const messages: QueueMessage[] = [];
  for (;;) {
    const asked = Math.min(max - messages.length, receiveMax);
    const received = await queues.receive(account, name, { max: asked, visibilityMs, waitMs: 0, holder, keys });
    messages.push(...received);
    if (received.length < asked || messages.length === max) return messages;
  }
}

/** Adds to `messages` what arrives until the batch is full or the binding's window is over. */
async function gather(
  context: SourceContext,
  poll: QueuePoll,
  queue: Queue,
  messages: QueueMessage[],
  signal: AbortSignal,
): Promise<void> {
  const { clock, queues } = context;
  const { batchMax, windowMs } = poll;
  const endMs = clock.monotonicMs() + windowMs;
  let arrived = new AbortController();
  const watch = queues.watchMessages(queue, () => arrived.abort());
  try {
    while (messages.length < batchMax && clock.monotonicMs() < endMs && !signal.aborted) {
      await delay(clock, endMs - clock.monotonicMs(), AbortSignal.any([signal, arrived.signal]));
      arrived = new AbortController();
      messages.push(...(await receive(context, poll, queue, batchMax - messages.length)));
    }
  } finally {
    watch.stop();
  }
}

/** What does not fit into one event is several batches, or of a FIFO queue one that is given in parts. */
function divided({ settings }: Queue, messages: readonly QueueMessage[]): Batch[] {
  const parts = withinPayload(messages);
  if (settings.fifo === undefined) return parts.map((part) => ({ messages: part, behind: [] }));
  const [first = [], ...behind] = parts;
  return [{ messages: first, behind }];
}

/** Cut where the event would grow past what an invocation takes. */
function withinPayload(messages: readonly QueueMessage[]): readonly QueueMessage[][] {
  const batches: QueueMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    // What surrounds a message in the event is far below the kilobyte added.
    const messageBytes = Buffer.byteLength(JSON.stringify([message.body, message.attributes])) + 1_024;
    if (bytes + messageBytes > limits.syncPayloadBytesMax) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(message);
    bytes += messageBytes;
  }
  return batches;
}

async function dropUnwanted(
  { queues, region }: SourceContext,
  queue: Queue,
  batch: Batch,
  wants: (record: object) => boolean,
): Promise<void> {
  const wanted = batch.messages.filter((message) => wants(queueRecord(queue, message, region)));
  const receipts = batch.messages.filter((message) => !wanted.includes(message)).map(({ receipt }) => receipt);
  if (receipts.length > 0) await queues.remove(queue.account, queue.name, receipts);
  batch.messages = wanted;
}

/** Part after part, until one of them fails: those behind it come back after it, with their visibility time-out. */
async function takeInOrder(
  context: SourceContext,
  poll: QueuePoll,
  queue: Queue,
  batch: Batch,
  wants: ((record: object) => boolean) | undefined,
): Promise<Handled> {
  for (;;) {
    if (wants !== undefined) await dropUnwanted(context, queue, batch, wants);
    const handled = batch.messages.length === 0 ? done : await poll.take(batch);
    const [next, ...behind] = batch.behind;
    if (handled.status !== 'done' || next === undefined) return handled;
    batch.messages = next;
    batch.behind = behind;
  }
}

/**
 * Queues as a source: messages are received in batches, each batch is one synchronous invocation, and its answer
 * decides: deleted when it succeeded, otherwise left until their visibility time-out brings them back (and after
 * enough receives to the queue's dead-letter queue, which resources/queue.ts does).
 *
 * Unlike Lambda's pollers, a batch that is running or throttled keeps its messages hidden for as long as that takes,
 * so that a slow or crowded function neither gets a message twice nor uses up its receives. Messages that a binding's
 * filters do not want are deleted, as Lambda does.
 */
import type { Binding, BindingSource } from '../registry/binding.ts';
import type { QueueMessage } from '../resources/queue-message.ts';
import type { Queue } from '../resources/queue.ts';
import { never } from '../util/assert.ts';
import { derivedUuid, type RequestId } from '../util/ids.ts';
import { limits } from '../util/limits.ts';
import { bury } from './dead-letter.ts';
import { Delivery, done, failed, type Handled } from './deliver.ts';
import { queueFilter } from './queue-filter.ts';
import { causeOf, failedIds, queueNotification, queueRecord } from './queue-notification.ts';
import { delay, type EventSource, type SourceContext, untilAborted } from './source.ts';

type QueueBinding = Binding & { source: Extract<BindingSource, { kind: 'queue' }> };

/** What a handled batch has been divided into is no longer in it: it shrinks to what is left to do. */
type Batch = {
  messages: readonly QueueMessage[];
  /** What did not fit into the event with them, and may not overtake them: FIFO. */
  behind: readonly (readonly QueueMessage[])[];
};

const holder = 'events/queue';
/** Batches of one binding that run at once, and how their number grows while messages wait. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const batchesMax = 1_250;
const growth = { first: 5, perMinute: 300 };
/** A visibility of 0 would give a batch to everybody at once; Lambda asks for at least the function's time-out. */
const visibilityMsMin = 1_000;
/** Log's figure for one receive. */
const receiveMax = 1_000;

export const queueSource: EventSource = {
  kind: 'queue',
  async run(context, signal) {
    await context.log.release(holder);
    {
      await using polls = new Polls(context);
      const reconcile = (): void => polls.reconcile();
      const watches = [context.bindings.watch(reconcile), context.queues.watch(reconcile)];
      reconcile();
      await untilAborted(signal);
      for (const watch of watches) watch.stop();
    }
    await context.log.release(holder);
  },
};

/** The deliveries that are under way: one for each binding whose queue exists. */
class Polls implements AsyncDisposable {
  readonly #context: SourceContext;
  readonly #active = new Map<string, { binding: QueueBinding; queue: Queue; delivery: AsyncDisposable }>();
  /** Replaced or unwanted, with something still running. */
  readonly #ending = new Set<Promise<void>>();

  constructor(context: SourceContext) {
    this.#context = context;
  }

  /** Makes the deliveries agree with the bindings and with the queues that exist. */
  reconcile(): void {
    const { bindings, queues } = this.#context;
    const wanted = new Map<string, { binding: QueueBinding; queue: Queue }>();
    for (const binding of bindings.ofKind('queue')) {
      const queue = queues.get(binding.account, binding.source.queue);
      if (queue !== undefined && binding.source.enabled !== false)
        wanted.set(`${binding.account}/${binding.id}`, { binding, queue });
    }
    for (const [key, { binding, queue }] of this.#active) {
      const next = wanted.get(key);
      // A queue that was changed in any way is another value.
      if (next?.queue !== queue || !isSame(next.binding, binding)) this.#end(key);
    }
    for (const [key, { binding, queue }] of wanted) {
      if (this.#active.has(key)) continue;
      this.#active.set(key, { binding, queue, delivery: poll(this.#context, binding, queue) });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const key of this.#active.keys()) this.#end(key);
    await Promise.all(this.#ending);
  }

  #end(key: string): void {
    const ending = this.#active.get(key)?.delivery[Symbol.asyncDispose]();
    this.#active.delete(key);
    if (ending === undefined) return;
    const ended = Promise.resolve(ending).then(() => void this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

function isSame(a: QueueBinding, b: QueueBinding): boolean {
  return (
    a.functionName === b.functionName &&
    a.qualifier === b.qualifier &&
    JSON.stringify(a.source) === JSON.stringify(b.source)
  );
}

function poll(context: SourceContext, binding: QueueBinding, queue: Queue): AsyncDisposable {
  const { queues, clock, ids, report } = context;
  const { account, name } = queue;
  const visibilityMs = Math.max(visibilityMsMin, queue.settings.visibilityMs);
  const { filters, concurrencyMax = batchesMax } = binding.source;
  const wants = filters === undefined ? undefined : queueFilter(filters);
  return new Delivery<Batch>(
    {
      name: `messages of the queue ${name} for ${binding.functionName}`,
      watch: (ready) => queues.watchMessages(queue, ready),
      take: (max, signal) => takeBatches(context, binding, queue, max, signal),
      handle: (batch) => handleInOrder(context, binding, queue, batch, wants),
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
  binding: QueueBinding,
  queue: Queue,
  max: number,
  signal: AbortSignal,
): Promise<Batch[]> {
  const { batchMax } = binding.source;
  const batches: Batch[] = [];
  while (batches.length < max && !signal.aborted) {
    const messages = await receive(context, binding, queue, batchMax);
    if (messages.length === 0) break;
    const isFull = messages.length === batchMax;
    if (!isFull) await gather(context, binding, queue, messages, signal);
    batches.push(...divided(queue, messages));
    if (!isFull) break;
  }
  return batches;
}

/** What is ready, at most `max`. */
async function receive(
  { queues }: SourceContext,
  { source }: QueueBinding,
  { account, name, settings }: Queue,
  max: number,
): Promise<QueueMessage[]> {
  // The window's length more, so that what is gathered first is still hidden when the batch is complete.
  const visibilityMs = Math.max(visibilityMsMin, settings.visibilityMs) + source.windowMs;
  const messages: QueueMessage[] = [];
  for (;;) {
    const asked = Math.min(max - messages.length, receiveMax);
    const received = await queues.receive(account, name, { max: asked, visibilityMs, waitMs: 0, holder });
    messages.push(...received);
    if (received.length < asked || messages.length === max) return messages;
  }
}

/** Adds to `messages` what arrives until the batch is full or the binding's window is over. */
async function gather(
  context: SourceContext,
  binding: QueueBinding,
  queue: Queue,
  messages: QueueMessage[],
  signal: AbortSignal,
): Promise<void> {
  const { clock, queues } = context;
  const { batchMax, windowMs } = binding.source;
  const endMs = clock.monotonicMs() + windowMs;
  let arrived = new AbortController();
  const watch = queues.watchMessages(queue, () => arrived.abort());
  try {
    while (messages.length < batchMax && clock.monotonicMs() < endMs && !signal.aborted) {
      await delay(clock, endMs - clock.monotonicMs(), AbortSignal.any([signal, arrived.signal]));
      arrived = new AbortController();
      messages.push(...(await receive(context, binding, queue, batchMax - messages.length)));
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
async function handleInOrder(
  context: SourceContext,
  binding: QueueBinding,
  queue: Queue,
  batch: Batch,
  wants: ((record: object) => boolean) | undefined,
): Promise<Handled> {
  for (;;) {
    if (wants !== undefined) await dropUnwanted(context, queue, batch, wants);
    const handled = batch.messages.length === 0 ? done : await handle(context, binding, queue, batch);
    const [next, ...behind] = batch.behind;
    if (handled.status !== 'done' || next === undefined) return handled;
    batch.messages = next;
    batch.behind = behind;
  }
}

async function handle(context: SourceContext, binding: QueueBinding, queue: Queue, batch: Batch): Promise<Handled> {
  const { invoker, queues, telemetry, clock, ids, region, report } = context;
  const { account, functionName, qualifier, source } = binding;
  const { messages } = batch;
  const event = JSON.stringify(queueNotification(queue, messages, region));
  const result = await invoker.invoke({
    requestId: ids.uuid() as RequestId,
    account,
    functionName,
    qualifier,
    event: Buffer.from(event),
    source: 'queue',
    cause: causeOf(messages, clock.now(), ids.hex(12)),
    attempt: 1,
  });
  if ('over' in result) await result.over;
  switch (result.status) {
    case 'ok': {
      const sent = messages.map(({ id }) => id);
      const unfinished = source.reportsFailures ? failedIds(result.payload, sent) : new Set();
      await telemetry.flush();
      const receipts = messages.filter(({ id }) => !unfinished.has(id)).map(({ receipt }) => receipt);
      if (receipts.length > 0) await queues.remove(account, queue.name, receipts);
      return unfinished.size === 0 ? done : failed;
    }
    case 'function_error':
      return failed;
    case 'throttled':
      return { status: 'later', retryAfterMs: result.retryAfterMs };
    case 'unavailable':
      return { status: 'later', retryAfterMs: 0 };
    case 'not_found':
      report(
        `the queue "${queue.name}" is bound to a function that cannot be called; its messages wait`,
        result.message,
      );
      return { status: 'later', retryAfterMs: 0 };
    case 'recursion':
      return messages.length > 1
        ? handleEach(context, binding, queue, batch)
        : giveUp(context, binding, queue, batch, event, result.message);
    default:
      return never(result);
  }
}

/** Only the messages that go round in a circle are given up: each is tried by itself. */
async function handleEach(context: SourceContext, binding: QueueBinding, queue: Queue, batch: Batch): Promise<Handled> {
  let all: Handled = done;
  for (const message of batch.messages) {
    const handled = await handle(context, binding, queue, { messages: [message], behind: [] });
    if (handled.status === 'later') return handled;
    if (handled.status === 'failed') {
      all = handled;
      // What is behind it in its group waits for it.
      if (queue.settings.fifo !== undefined) break;
    }
    batch.messages = batch.messages.filter((other) => other !== message);
  }
  return all;
}

async function giveUp(
  context: SourceContext,
  binding: QueueBinding,
  queue: Queue,
  { messages }: Batch,
  event: string,
  why: string,
): Promise<Handled> {
  const { account, functionName, qualifier } = binding;
  const deadLetterQueue = queue.settings.redrive?.deadLetterQueue;
  for (const message of messages) {
    const letter = {
      account,
      functionName,
      qualifier,
      // The same if a crash repeats it.
      requestId: derivedUuid('queue', queue.topic, message.id) as RequestId,
      source: 'queue',
      cause: causeOf(messages, context.clock.now(), context.ids.hex(12)),
      givenUp: { condition: 'RecursiveLoopDetected' as const, message: why, attempts: 0 },
      decidedMs: context.clock.now(),
    };
    // A queue gets the message as it was; the function's own dead letters, the event.
    if (deadLetterQueue === undefined) await bury({ ...letter, event }, context);
    else {
      const group = queue.settings.fifo === undefined ? undefined : message.group;
      await bury({ ...letter, event: message.body, deadLetterQueue, ...(group !== undefined && { group }) }, context);
    }
  }
  await context.queues.remove(
    account,
    queue.name,
    messages.map(({ receipt }) => receipt),
  );
  return done;
}

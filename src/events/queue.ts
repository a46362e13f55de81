/**
 * Queues as a source: messages are received in batches, each batch is one synchronous invocation, and its answer
 * decides: deleted when it succeeded, otherwise left until their visibility time-out brings them back (and after
 * enough receives to the queue's dead-letter queue, which resources/queue.ts does).
 * How they are taken is queue-poll.ts.
 */
import type { Binding, BindingSource } from '../registry/binding.ts';
import type { Queue } from '../resources/queue.ts';
import { never } from '../util/assert.ts';
import { derivedUuid, type RequestId } from '../util/ids.ts';
import { bury } from './dead-letter.ts';
import { done, failed, type Handled } from './deliver.ts';
import { noMessagingKeys } from './keys-for.ts';
import { comesAgain } from './comes-again.ts';
import { causeOf, failedIds, queueNotification } from './queue-notification.ts';
import { pollQueue, type Batch } from './queue-poll.ts';
import { receiptOfQueue } from './receive-permission.ts';
import { type EventSource, type SourceContext, untilAborted } from './source.ts';
import { UnderWay } from './under-way.ts';

type QueueBinding = Binding & { source: Extract<BindingSource, { kind: 'queue' }> };

const holder = 'events/queue';

export const queueSource: EventSource = {
  kind: 'queue',
  async run(context, signal) {
    await context.log.release(holder);
    {
      // A queue that was changed in any way is another value.
      await using polls = new UnderWay<Served>(
        (one) => poll(context, one),
        (before, now) => before.queue === now.queue && isSame(before.binding, now.binding),
      );
      const told = new Map<string, string>();
      const reconcile = (): void => polls.want(served(context, told));
      const watches = [
        context.bindings.watch(reconcile),
        context.queues.watch(reconcile),
        ...(context.receiving === undefined ? [] : [context.receiving.watch(reconcile)]),
      ];
      reconcile();
      await untilAborted(signal);
      for (const watch of watches) watch.stop();
    }
    await context.log.release(holder);
  },
};

/** One binding whose queue exists, and that its function's role lets read it. */
type Served = { binding: QueueBinding; queue: Queue };

/** `told`: why each binding is not served, which is reported once, though it is looked at after every change of anything. */
function served(
  { bindings, queues, receiving, region, report }: SourceContext,
  told: Map<string, string>,
): ReadonlyMap<string, Served> {
  const wanted = new Map<string, Served>();
  for (const binding of bindings.ofKind('queue')) {
    const queue = queues.get(binding.account, binding.source.queue);
    if (queue === undefined || binding.source.enabled === false) continue;
    const id = `${binding.account}/${binding.id}`;
    const why = binding.application === undefined ? receiving?.whyNot(receiptOfQueue(region, binding))?.why : undefined;
    if (why === undefined) {
      wanted.set(id, { binding, queue });
      told.delete(id);
      continue;
    }
    if (told.get(id) !== why) report(`${binding.functionName} is not given messages of the queue ${queue.name}`, why);
    told.set(id, why);
  }
  return wanted;
}

function poll(context: SourceContext, { binding, queue }: Served): AsyncDisposable {
  const { batchMax, windowMs, filters, concurrencyMax } = binding.source;
  const { queues: keys } = context.keys ?? noMessagingKeys;
  const polling = pollQueue(context, queue, {
    name: `messages of the queue ${queue.name} for ${binding.functionName}`,
    holder,
    keys: keys.function(binding),
    watchKeys: keys.watch,
    batchMax,
    windowMs,
    ...(filters !== undefined && { filters }),
    ...(concurrencyMax !== undefined && { concurrencyMax }),
    take: (batch) => handle(context, binding, queue, batch),
  });
  return {
    [Symbol.asyncDispose]() {
      const ending = polling[Symbol.asyncDispose]();
      return context.draining?.note(binding, ending) ?? ending;
    },
  };
}

function isSame(a: QueueBinding, b: QueueBinding): boolean {
  return (
    a.functionName === b.functionName &&
    a.qualifier === b.qualifier &&
    JSON.stringify(a.source) === JSON.stringify(b.source)
  );
}

async function handle(context: SourceContext, binding: QueueBinding, queue: Queue, batch: Batch): Promise<Handled> {
  const { invoker, queues, telemetry, clock, ids, region, report } = context;
  const { account, functionName, qualifier, source } = binding;
  const { messages } = batch;
  const event = JSON.stringify(queueNotification(queue, messages, region));
  const requestId = ids.uuid() as RequestId;
  const told = (outcome: 'succeeded' | 'back', detail?: string): void =>
    telemetry.emit({
      kind: 'delivery',
      timeMs: clock.now(),
      account,
      id: requestId,
      place: `function ${functionName}`,
      source: 'queue',
      from: messages.map(({ id }) => id),
      step: { kind: 'ended', outcome, ...(detail !== undefined && { detail }) },
    });
  const result = await invoker.invoke({
    requestId,
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
      if (unfinished.size === 0) told('succeeded');
      else told('back', `${unfinished.size} of ${messages.length} messages come again`);
      return unfinished.size === 0 ? done : failed;
    }
    case 'function_error':
      told('back', `${messages.length} messages come again once their visibility time-out is over`);
      return failed;
    case 'throttled':
    case 'unavailable':
    case 'not_found':
      return comesAgain(result, { source: `the queue "${queue.name}"`, waits: 'its messages' }, report);
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

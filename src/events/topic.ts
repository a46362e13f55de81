/**
 * Topics as a source: what was published is read from the log and handed on to everybody who has subscribed.
 *
 * A message is acknowledged once all that follows from it is on disk (topic-fan-out.ts). A crash before that hands it on
 * again: functions and queues that still hold the first one drop the second, which has the same id; what is done and gone
 * by then comes twice. So each message comes at least once, as SNS promises; in a FIFO queue exactly once, since the
 * queue remembers its deduplication id.
 *
 * Topics that keep an order have groups in the log, of which nothing more is given out while a part is under way: none
 * overtakes another, and a crash repeats the part as it was.
 */
import type { MessageSigner } from '../identity/message-signer.ts';
import type { Mails } from '../resources/mail.ts';
import type { DataKeys } from '../resources/data-keys.ts';
import { openBodies } from '../resources/sealed-bodies.ts';
import { publishedTopics, sequenceNumber, type Published, type Topics } from '../resources/topic.ts';
import type { Leased } from '../store/log.ts';
import type { PlatformError } from '../util/errors.ts';
import { Delivery, done, type Handled } from './deliver.ts';
import type { FunctionPermission } from './function-permission.ts';
import { noMessagingKeys, type MessagingKeys } from './keys-for.ts';
import type { QueuePermission } from './queue-permission.ts';
import { setAsideOneByOne } from './set-aside.ts';
import { untilAborted, type EventSource, type SourceContext } from './source.ts';
import { FanOut, type ToHandOn } from './topic-fan-out.ts';
import { postsHolder, TopicPosts } from './topic-posts.ts';
import { TopicSubscribers } from './topic-subscribers.ts';

const holder = 'events/topic';
const leaseMs = 60_000;
/** Messages handed on together: with ten subscriptions to each, a thousand things are put down in one go. */
const batchMax = 100;
/** A message whose key cannot be used is tried again so often, for as long as SNS tries queues. https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html */
const putOffMs = 20_000;
const putOffMsMax = 23 * 86_400_000;
/** Batches at once: while one is on its way to the disk, the next is made ready. */
const batchesMax = 4;

export type TopicSourceParts = {
  topics: Topics;
  signer: MessageSigner;
  mails: Pick<Mails, 'send'>;
  mayInvoke: FunctionPermission;
  maySend: QueuePermission;
  /** For topics and queues that are encrypted with keys; absent: none is. */
  keys?: MessagingKeys;
};

export function createTopicSource(parts: TopicSourceParts): EventSource {
  const { topics } = parts;
  return {
    kind: 'topic',
    async run(context, signal) {
      await context.log.release(holder);
      await context.log.release(postsHolder);
      using subscribers = new TopicSubscribers({ ...context, topics });
      const fanOut = new FanOut({ ...context, ...parts, subscribers });
      await using _posts = new TopicPosts({ ...context, ...parts, fanOut });
      const { own } = (parts.keys ?? noMessagingKeys).topics;
      const started = Object.values(publishedTopics).map((logTopic) => deliver(logTopic, context, topics, fanOut, own));
      await untilAborted(signal);
      await Promise.all(started.map((delivery) => delivery[Symbol.asyncDispose]()));
    },
  };
}

function deliver(
  logTopic: string,
  context: SourceContext,
  topics: Topics,
  fanOut: FanOut,
  keys: DataKeys,
): AsyncDisposable {
  const { log, clock, ids, report } = context;
  const handOn = async (batch: readonly Leased[]): Promise<Handled> => {
    const { readable, refused, refusal } = await openBodies(batch, keys);
    await fanOut.handOn(readable.flatMap((leased) => toHandOn(topics, leased)));
    await log.acknowledge(
      logTopic,
      readable.map(({ receipt }) => receipt),
    );
    if (refusal !== undefined) await putOff(logTopic, context, refused, refusal);
    return done;
  };
  return new Delivery<Leased[]>(
    {
      name: `messages in ${logTopic}`,
      watch: (ready) => log.watch(logTopic, ready),
      async take(max) {
        const batches: Leased[][] = [];
        while (batches.length < max) {
          const batch = await log.receive(logTopic, { max: batchMax, leaseMs, holder });
          if (batch.length > 0) batches.push(batch);
          if (batch.length < batchMax) break;
        }
        return batches;
      },
      handle: handOn,
      setAside: (batch) => setAsideOneByOne(log, logTopic, batch, (one) => handOn([one])),
      async extend(batch) {
        const kept = await Promise.all(batch.map(({ receipt }) => log.extend(logTopic, receipt, leaseMs)));
        return kept.every(Boolean);
      },
    },
    { concurrencyMax: batchesMax, aheadMax: 0, extendEveryMs: leaseMs / 3 },
    { clock, ids, report },
  );
}

/** What cannot be decrypted now may be later, when its key is enabled again; not when the key is gone. */
async function putOff(
  logTopic: string,
  { log, clock, report }: SourceContext,
  refused: readonly Leased[],
  refusal: PlatformError,
): Promise<void> {
  for (const { id, receipt, receives, appendedMs } of refused) {
    const isOver = refusal.reason === 'KMSNotFound' || clock.now() - appendedMs > putOffMsMax;
    if (isOver) report(`message ${id} of a topic was dropped, for it cannot be decrypted`, refusal);
    else if (receives === 1) report(`message ${id} of a topic cannot be decrypted, and waits`, refusal);
    if (isOver) await log.acknowledge(logTopic, [receipt], { as: 'dropped' });
    else await log.redeliver(logTopic, receipt, { delayMs: putOffMs });
  }
}

/** What is left of a topic that is no more goes nowhere. */
function toHandOn(topics: Topics, { body, sequence }: Leased): readonly ToHandOn[] {
  const { account, topic: name, life, message } = JSON.parse(body) as Published;
  const topic = topics.get(account, name);
  if (topic?.life !== life) return [];
  const isOrdered = topic.settings.fifo !== undefined;
  return [{ topic, message: { ...message, ...(isOrdered && { sequenceNumber: sequenceNumber(sequence) }) } }];
}

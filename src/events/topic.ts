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
import { publishedTopics, sequenceNumber, type Published, type Topics } from '../resources/topic.ts';
import type { Leased } from '../store/log.ts';
import { Delivery, done, type Handled } from './deliver.ts';
import type { FunctionPermission } from './function-permission.ts';
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
/** Batches at once: while one is on its way to the disk, the next is made ready. */
const batchesMax = 4;

export type TopicSourceParts = {
  topics: Topics;
  signer: MessageSigner;
  mails: Pick<Mails, 'send'>;
  mayInvoke: FunctionPermission;
  maySend: QueuePermission;
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
      const started = Object.values(publishedTopics).map((logTopic) => deliver(logTopic, context, topics, fanOut));
      await untilAborted(signal);
      await Promise.all(started.map((delivery) => delivery[Symbol.asyncDispose]()));
    },
  };
}

function deliver(logTopic: string, context: SourceContext, topics: Topics, fanOut: FanOut): AsyncDisposable {
  const { log, clock, ids, report } = context;
  const handOn = async (batch: readonly Leased[]): Promise<Handled> => {
    await fanOut.handOn(batch.flatMap((leased) => toHandOn(topics, leased)));
    await log.acknowledge(
      logTopic,
      batch.map(({ receipt }) => receipt),
    );
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

/** What is left of a topic that is no more goes nowhere. */
function toHandOn(topics: Topics, { body, sequence }: Leased): readonly ToHandOn[] {
  const { account, topic: name, life, message } = JSON.parse(body) as Published;
  const topic = topics.get(account, name);
  if (topic?.life !== life) return [];
  const isOrdered = topic.settings.fifo !== undefined;
  return [{ topic, message: { ...message, ...(isOrdered && { sequenceNumber: sequenceNumber(sequence) }) } }];
}

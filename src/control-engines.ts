/** The engines as control/ asks for them (control/control-parts.ts). */
import type { ControlBuckets, ControlBuses, ControlQueues, ControlTopics, Removal } from './control/control-parts.ts';
import type { BucketView } from './control/views.ts';
import type { DeployedQueue } from './manifest/deployment.ts';
import type { BucketAddress, Buckets } from './resources/bucket.ts';
import { defaultBus } from './resources/event-bus/event-bus.ts';
import type { EventBuses } from './resources/event-bus/event-buses.ts';
import {
  completeQueueSettings,
  fifoSettingsDefault,
  isFifoName,
  type QueueSettings,
} from './resources/queue-settings.ts';
import type { Queues } from './resources/queue.ts';
import type { Topics } from './resources/topic.ts';
import { PlatformError } from './util/errors.ts';

/** Buckets of one account: what one page gives. https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html */
const bucketsMax = 10_000;

/** Objects of a bucket that are counted at each look, and of all of an account's: some milliseconds for a thousand, a page at a time. */
const countedMax = 10_000;
const countedOfAllMax = 50_000;
const pageLength = 1_000;

/** Undefined: there are more, or the bucket is gone. */
async function countObjects(
  buckets: Pick<Buckets, 'objects'>,
  address: BucketAddress,
): Promise<{ objects: number; bytes: number } | undefined> {
  let [objects, bytes] = [0, 0];
  let after: string | undefined;
  do {
    const page = await buckets
      .objects(address, { limit: pageLength, ...(after !== undefined && { after }) })
      .catch((error: unknown) => {
        if (error instanceof PlatformError && error.code === 'not_found') return undefined;
        throw error;
      });
    if (page === undefined) return undefined;
    objects += page.items.length;
    bytes += page.items.reduce((sum, one) => sum + one.bytes, 0);
    if (objects > countedMax) return undefined;
    after = page.next;
  } while (after !== undefined);
  return { objects, bytes };
}

/** What `attempt` came to: S3 and SQS alike say by an error that something is in the way or not there. */
async function removal(attempt: () => Promise<unknown>): Promise<Removal> {
  try {
    await attempt();
    return 'removed';
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    if (error.code === 'not_found') return 'absent';
    if (error.code === 'conflict') return 'holds_something';
    throw error;
  }
}

export function controlBuckets(buckets: Buckets): ControlBuckets {
  const exists: ControlBuckets['exists'] = async (account, name) =>
    (await buckets.bucket({ account, bucket: name })) !== undefined;
  return {
    exists,
    async list(account) {
      const { items } = await buckets.list(account, { limit: bucketsMax });
      const views: BucketView[] = [];
      let left = countedOfAllMax;
      for (const { name } of items) {
        const counted = left <= 0 ? undefined : await countObjects(buckets, { account, bucket: name });
        left -= counted?.objects ?? countedMax;
        views.push({ name, ...counted });
      }
      return views;
    },
    async create(account, name) {
      if (!(await exists(account, name))) await buckets.create({ account, bucket: name });
    },
    remove: (account, name) => removal(() => buckets.delete({ account, bucket: name })),
  };
}

/**
 * What a deployment makes of a queue: what it says, and what it cannot say (a key, a policy, how long messages are kept) as
 * it was. A FIFO queue knows a message that is sent again by its content, where its sender says no more.
 */
function settingsOf({ name, ...said }: DeployedQueue, present: QueueSettings | undefined): QueueSettings {
  const { redrive: _, ...kept }: Partial<QueueSettings> = present ?? {
    ...(isFifoName(name) && { fifo: { ...fifoSettingsDefault, contentDeduplication: true } }),
  };
  return completeQueueSettings(name, { ...kept, ...said });
}

export function controlQueues(queues: Queues): ControlQueues {
  const wouldPut: ControlQueues['wouldPut'] = (account, queue) => {
    const present = queues.get(account, queue.name);
    if (present === undefined) return 'created';
    const wanted = settingsOf(queue, present.settings);
    return JSON.stringify(sorted(present.settings)) === JSON.stringify(sorted(wanted)) ? 'unchanged' : 'updated';
  };
  return {
    exists: (account, name) => queues.get(account, name) !== undefined,
    list: async (account) =>
      Promise.all(queues.list(account).map(async ({ name }) => ({ name, ...(await queues.depth(account, name)) }))),
    async put(account, queue, application) {
      const came = wouldPut(account, queue);
      const wanted = settingsOf(queue, queues.get(account, queue.name)?.settings);
      if (came !== 'unchanged') await queues.put(account, queue.name, wanted, application);
      return came;
    },
    wouldPut,
    async remove(account, name) {
      if (queues.get(account, name) === undefined) return 'absent';
      const { ready, delayed, leased } = await queues.depth(account, name);
      if (ready + delayed + leased > 0) return 'holds_something';
      return (await queues.delete(account, name)) ? 'removed' : 'absent';
    },
    async send(account, name, body) {
      const [sent] = await queues.send(account, name, [{ body, senderId: account }]);
      return sent?.id ?? '';
    },
  };
}

export function controlTopics(topics: Topics): ControlTopics {
  return {
    exists: (account, name) => topics.get(account, name) !== undefined,
    list: (account) =>
      topics.list(account).map(({ name }) => ({ name, subscriptions: topics.subscriptionsOf(account, name).length })),
    async create(account, name, application) {
      await topics.create(account, name, { application });
    },
    async remove(account, name) {
      if (topics.subscriptionsOf(account, name).length > 0) return 'holds_something';
      return (await topics.delete(account, name)) ? 'removed' : 'absent';
    },
  };
}

export function controlBuses(buses: EventBuses): ControlBuses {
  return {
    exists: (account, name) => buses.bus(account, name) !== undefined,
    list: (account) =>
      buses
        .buses(account)
        .map(({ name }) => ({ name, rules: buses.rules(account, name).length }))
        // The default one is always there: of interest once it has something.
        .filter(({ name, rules }) => name !== defaultBus || rules > 0),
    async create(account, name, application) {
      await buses.createBus(account, name, { tags: {}, application });
    },
    async remove(account, name) {
      if (buses.bus(account, name) === undefined) return 'absent';
      if (buses.rules(account, name).length > 0) return 'holds_something';
      await buses.deleteBus(account, name);
      return 'removed';
    },
  };
}

const sorted = (settings: QueueSettings): unknown => Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));

/** The queues that there are: read from memory, and on disk before they count. */
import { isDeepStrictEqual } from 'node:util';
import { scan, type Operation, type Records } from '../../store/records.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId, Ids } from '../../util/ids.ts';
import { createInTurn, type InTurn } from '../../util/in-turn.ts';
import { checkQueueName, checkQueueSettings, completeQueueSettings, type QueueSettings } from '../queue-settings.ts';
import { checkTags } from './queue-tags.ts';

export type Queue = {
  account: AccountId;
  name: string;
  /** The deployment that owns it; absent: made through an API. */
  application?: string;
  createdMs: number;
  modifiedMs: number;
  settings: QueueSettings;
  tags?: Readonly<Record<string, string>>;
  /** Where its messages are in the log; different for each life of the queue. */
  topic: string;
};

/** `undefined`: that setting is taken away. */
export type SettingsChange = { [Setting in keyof QueueSettings]?: QueueSettings[Setting] | undefined };

export type SettingsChanger = (settings: QueueSettings) => SettingsChange;

type Parts = {
  records: Records;
  clock: Clock;
  ids: Ids;
  /** How long after its deletion a name is not given again to who asks for it anew (`create`). */
  renewAfterMs: number;
};

const recordPrefix = 'queue/';
const deletedPrefix = 'deleted-queue/';
export const topicPrefix = 'queue/';

export class QueueDefinitions {
  readonly #parts: Parts;
  readonly #queues = new Map<string, { queue: Queue; revision: number }>();
  readonly #byTopic = new Map<string, Queue>();
  /** When a name was given up, as long as that matters. */
  readonly #deleted = new Map<string, number>();
  readonly #watchers = new Set<() => void>();
  /** Of changes of one queue, each begins from what the one before made. */
  readonly #inTurn: InTurn = createInTurn();

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async open(parts: Parts): Promise<QueueDefinitions> {
    const definitions = new QueueDefinitions(parts);
    for await (const entry of scan(parts.records, recordPrefix)) {
      const queue = entry.value as Queue;
      // One from before some setting was there has its default.
      const settings = completeQueueSettings(queue.name, queue.settings);
      definitions.#keep(entry.key, { ...queue, settings }, entry.revision);
    }
    for await (const entry of scan(parts.records, deletedPrefix))
      definitions.#deleted.set(entry.key, (entry.value as { deletedMs: number }).deletedMs);
    return definitions;
  }

  get(account: AccountId, name: string): Queue | undefined {
    return this.#queues.get(recordKey(account, name))?.queue;
  }

  ofTopic(topic: string): Queue | undefined {
    return this.#byTopic.get(topic);
  }

  all(): Queue[] {
    return [...this.#byTopic.values()];
  }

  /** By name. */
  list(account: AccountId): readonly Queue[] {
    return this.all()
      .filter((queue) => queue.account === account)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  need(account: AccountId, name: string): Queue {
    const queue = this.get(account, name);
    if (queue !== undefined) return queue;
    throw new PlatformError('not_found', `The specified queue does not exist: "${name}".`, {
      field: 'QueueName',
      reason: 'QueueDoesNotExist',
    });
  }

  /** Answers the existing queue if there is one; `already_exists` if that is set differently, `conflict` soon after a deletion. */
  create(
    account: AccountId,
    name: string,
    settings: Partial<QueueSettings>,
    tags?: Readonly<Record<string, string>>,
  ): Promise<Queue> {
    return this.#inTurn(recordKey(account, name), async () => {
      const existing = this.get(account, name);
      if (existing === undefined) {
        this.#checkRenewal(account, name);
        return this.#write({ account, name, ...(tags !== undefined && { tags }) }, settings);
      }
      for (const [setting, value] of Object.entries(settings)) {
        if (isDeepStrictEqual(existing.settings[setting as keyof QueueSettings], value)) continue;
        throw new PlatformError(
          'already_exists',
          `A queue already exists with the same name and a different value for attribute ${setting}: "${name}".`,
          { field: setting, reason: 'QueueNameExists' },
        );
      }
      return existing;
    });
  }

  /** Creates it or changes it to exactly these settings, as a deployment does; one that is so already stays untouched. */
  put(account: AccountId, name: string, settings: Partial<QueueSettings>, application?: string): Promise<Queue> {
    return this.#inTurn(recordKey(account, name), async () => {
      const existing = this.get(account, name);
      const wanted = completeQueueSettings(name, settings);
      if (
        existing !== undefined &&
        existing.application === application &&
        isDeepStrictEqual(existing.settings, wanted)
      )
        return existing;
      const tags = existing?.tags;
      const written = { account, name, ...(application !== undefined && { application }), ...(tags && { tags }) };
      return this.#write(written, wanted);
    });
  }

  /** Changes the given settings, or what `change` makes of the present ones. Throws `not_found`. */
  update(account: AccountId, name: string, change: SettingsChange | SettingsChanger): Promise<Queue> {
    return this.#inTurn(recordKey(account, name), async () => {
      const queue = this.need(account, name);
      const merged = Object.entries({
        ...queue.settings,
        ...(typeof change === 'function' ? change(queue.settings) : change),
      }).filter(([, value]) => value !== undefined);
      return this.#write(queue, Object.fromEntries(merged) as Partial<QueueSettings>);
    });
  }

  /** Throws `not_found`, `invalid_argument`. */
  retag(
    account: AccountId,
    name: string,
    change: (tags: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
  ): Promise<Queue> {
    return this.#inTurn(recordKey(account, name), async () => {
      const queue = this.need(account, name);
      return this.#write({ ...queue, tags: change(queue.tags ?? {}) }, queue.settings);
    });
  }

  /** The queue that there was. */
  delete(account: AccountId, name: string): Promise<Queue | undefined> {
    return this.#inTurn(recordKey(account, name), async () => {
      const key = recordKey(account, name);
      const held = this.#queues.get(key);
      if (held === undefined) return undefined;
      const nowMs = this.#parts.clock.now();
      const operations: Operation[] = [
        { kind: 'check', key, revision: held.revision },
        { kind: 'delete', key },
      ];
      const deleted = deletedKey(account, name);
      if (this.#parts.renewAfterMs > 0) {
        operations.push({ kind: 'put', key: deleted, value: { deletedMs: nowMs } });
        for (const [old, deletedMs] of this.#deleted)
          if (nowMs - deletedMs >= this.#parts.renewAfterMs && old !== deleted)
            operations.push({ kind: 'delete', key: old });
      }
      const outcome = await this.#parts.records.transact(operations);
      if (outcome.status === 'conflict') throw changedMeanwhile(name);
      for (const operation of operations) if (operation.kind === 'delete') this.#deleted.delete(operation.key);
      if (this.#parts.renewAfterMs > 0) this.#deleted.set(deleted, nowMs);
      this.#queues.delete(key);
      this.#byTopic.delete(held.queue.topic);
      this.#changed();
      return held.queue;
    });
  }

  /** Calls back when a queue is made, changed or deleted. */
  watch(changed: () => void): { stop(): void } {
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
  #checkRenewal(account: AccountId, name: string): void {
    const { clock, renewAfterMs } = this.#parts;
    const deletedMs = this.#deleted.get(deletedKey(account, name)) ?? Number.NEGATIVE_INFINITY;
    const waitMs = deletedMs + renewAfterMs - clock.now();
    if (!(waitMs > 0)) return;
    throw new PlatformError(
      'conflict',
      `You must wait ${renewAfterMs / 1_000} seconds after deleting a queue before you can create another with the same name.`,
      { field: 'QueueName', reason: 'QueueDeletedRecently', retryAfterMs: waitMs },
    );
  }

  async #write(
    written: Pick<Queue, 'account' | 'name' | 'application' | 'tags'>,
    wanted: Partial<QueueSettings>,
  ): Promise<Queue> {
    const { account, name, application, tags } = written;
    checkQueueName(name);
    const settings = completeQueueSettings(name, wanted);
    checkQueueSettings(settings);
    checkTags(name, tags ?? {});
    if (settings.redrive?.deadLetterQueue === name) {
      throw new PlatformError('invalid_argument', `The queue "${name}" cannot be its own dead-letter queue.`, {
        field: 'redrive',
        reason: 'InvalidAttributeValue',
      });
    }
    const key = recordKey(account, name);
    const held = this.#queues.get(key);
    const nowMs = this.#parts.clock.now();
    const queue: Queue = {
      account,
      name,
      ...(application !== undefined && { application }),
      createdMs: held?.queue.createdMs ?? nowMs,
      modifiedMs: nowMs,
      settings,
      ...(tags !== undefined && Object.keys(tags).length > 0 && { tags }),
      topic: held?.queue.topic ?? `${topicPrefix}${account}/${name}/${this.#parts.ids.hex(8)}`,
    };
    const outcome = await this.#parts.records.transact([
      { kind: 'check', key, revision: held?.revision ?? 0 },
      { kind: 'put', key, value: queue },
    ]);
    if (outcome.status === 'conflict') throw changedMeanwhile(name);
    this.#keep(key, queue, outcome.revision);
    this.#changed();
    return queue;
  }

  #keep(key: string, queue: Queue, revision: number): void {
    this.#queues.set(key, { queue, revision });
    this.#byTopic.set(queue.topic, queue);
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }
}

const recordKey = (account: AccountId, name: string): string => `${recordPrefix}${account}/${name}`;
const deletedKey = (account: AccountId, name: string): string => `${deletedPrefix}${account}/${name}`;

/** Of the queue whose messages are, or were, in this topic. */
export const queueNameOf = (topic: string): string | undefined => /^queue\/\d+\/([^/]+)\//.exec(topic)?.[1];

function changedMeanwhile(name: string): PlatformError {
  return new PlatformError('conflict', `The queue "${name}" was changed by somebody else meanwhile; try again.`, {
    field: 'QueueName',
  });
}

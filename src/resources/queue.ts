/**
 * Queues: messages that wait until somebody receives them and deletes them.
 *
 *   sent ──▶ delayed ──▶ ready ──▶ hidden ──▶ deleted
 *                          ▲         │
 *                          └─────────┤ its time is over, or it is given back
 *                                    └──▶ ready in the dead-letter queue, once it was received too often
 *
 * A message is never lost, and may be received twice; of a FIFO queue's group it is received in order, and nothing
 * behind it while it is hidden. It knows no wire words (aws/sqs/ has them) and calls no function (events/queue.ts
 * does). test/model/ explores this life, and holds the engine to it through crashes.
 *
 * Each life of a queue has a topic of its own in the log, so that what is left of a deleted queue can never show up
 * in a new one of the same name. Whoever receives moves what was received too often, and drops what is too old, in the
 * commit that gives him the rest.
 */
import type { Depth, Log } from '../store/log.ts';
import type { Records } from '../store/records.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, Ids } from '../util/ids.ts';
import {
  QueueDefinitions,
  topicPrefix,
  type Queue,
  type SettingsChange,
  type SettingsChanger,
} from './queue/definitions.ts';
import { Pollers } from './queue/pollers.ts';
import { ReceiveAttempts } from './queue/receive-attempts.ts';
import { decodeReceipt } from './queue/receipt.ts';
import { readMessage, sequenceNumber, toStore } from './queue/stored-message.ts';
import { checkMessage, type OutgoingMessage, type QueueMessage } from './queue-message.ts';
import { noKeys, type DataKeys } from './data-keys.ts';
import type { QueueSettings } from './queue-settings.ts';
import { openBodies, SealedBodies } from './sealed-bodies.ts';

export type { Queue } from './queue/definitions.ts';

export type QueueReceive = {
  /** From 1. The wire allows 10; the platform's own consumers take more. */
  max: number;
  /** Absent: the queue's own. */
  visibilityMs?: number;
  /** How long to wait for a first message. Absent: the queue's own. */
  waitMs?: number;
  /** Ends the wait, with nothing. */
  signal?: AbortSignal;
  /** See `Log.release`. */
  holder?: string;
  /** FIFO: asked again under this name, the same messages (queue/receive-attempts.ts). */
  attemptId?: string;
  /** What sealed messages are opened with. Absent: nothing is. */
  keys?: DataKeys;
};

export type Sent = {
  /** Of a message that repeats another: that one's. */
  id: string;
  /** FIFO. */
  sequenceNumber?: string;
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html */
export const queueLimits = {
  /** Hidden messages of a standard queue; of a FIFO queue AWS refuses none either. */
  inFlightMax: 120_000,
  /** How long a message may be hidden from the time it was received. */
  hiddenMsMax: 43_200_000,
} as const;

/** How long a queue that was purged is not purged again, and the name of one that was deleted is not given again. */
export const afterwardsMs = 60_000;

type QueueParts = {
  records: Records;
  log: Log;
  clock: Clock;
  ids: Ids;
  /** AWS: 60 s. 0 for who develops, and has no time for it. */
  afterwardsMs?: number;
};

export class Queues {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #afterwardsMs: number;
  readonly #definitions: QueueDefinitions;
  readonly #pollers: Pollers<QueueMessage>;
  readonly #attempts: ReceiveAttempts;
  readonly #sealed: SealedBodies;
  /** By topic: at least as many as are hidden, since this process began. */
  readonly #inFlight = new Map<string, number>();
  /** By topic. */
  readonly #purgedMs = new Map<string, number>();

  private constructor(parts: QueueParts, definitions: QueueDefinitions) {
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#afterwardsMs = parts.afterwardsMs ?? 0;
    this.#definitions = definitions;
    this.#pollers = new Pollers({ clock: parts.clock, watch: (topic, ready) => parts.log.watch(topic, ready) });
    this.#attempts = new ReceiveAttempts(parts.clock);
    this.#sealed = new SealedBodies(parts);
  }

  static async open(parts: QueueParts): Promise<Queues> {
    const definitions = await QueueDefinitions.open({ ...parts, renewAfterMs: parts.afterwardsMs ?? 0 });
    const topics = await parts.log.topics(topicPrefix);
    for (const topic of topics)
      if (definitions.ofTopic(topic) === undefined) await parts.log.purge(topic, { forever: true });
    return new Queues(parts, definitions);
  }

  get(account: AccountId, name: string): Queue | undefined {
    return this.#definitions.get(account, name);
  }

  /** By name. */
  list(account: AccountId): readonly Queue[] {
    return this.#definitions.list(account);
  }

  all(): readonly Queue[] {
    return this.#definitions.all();
  }

  /** Those whose dead-letter queue it is, by name. */
  sourcesOf({ account, name }: Queue): readonly Queue[] {
    return this.list(account).filter(({ settings }) => settings.redrive?.deadLetterQueue === name);
  }

  /** Answers the existing queue if there is one; `already_exists` if that is set differently from what is asked. */
  create(
    account: AccountId,
    name: string,
    settings: Partial<QueueSettings> = {},
    tags?: Readonly<Record<string, string>>,
  ): Promise<Queue> {
    return this.#definitions.create(account, name, settings, tags);
  }

  /** Creates it or changes it to exactly these settings, as a deployment does; one that is so already stays untouched. */
  put(account: AccountId, name: string, settings: Partial<QueueSettings>, application?: string): Promise<Queue> {
    return this.#definitions.put(account, name, settings, application);
  }

  /** Changes the given settings; `redrive: undefined` takes the dead-letter queue away. Throws `not_found`. */
  update(account: AccountId, name: string, change: SettingsChange | SettingsChanger): Promise<Queue> {
    return this.#definitions.update(account, name, change);
  }

  /** Throws `not_found`, `invalid_argument`. */
  retag(
    account: AccountId,
    name: string,
    change: (tags: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
  ): Promise<Queue> {
    return this.#definitions.retag(account, name, change);
  }

  /** Its messages go with it. False: there was none. */
  async delete(account: AccountId, name: string): Promise<boolean> {
    const queue = await this.#definitions.delete(account, name);
    if (queue === undefined) return false;
    this.#pollers.wake(queue.topic);
    this.#inFlight.delete(queue.topic);
    this.#purgedMs.delete(queue.topic);
    this.#sealed.forget(queue.topic);
    await this.#log.purge(queue.topic, { forever: true });
    return true;
  }

  /**
   * Durable once resolved, in order. Throws `not_found`, `invalid_argument`, `too_large`, and what is wrong with the queue's key
   * for who sends; then nothing was sent. `keys`: what a queue with a key seals them with; absent: it takes none.
   */
  async send(
    account: AccountId,
    name: string,
    messages: readonly OutgoingMessage[],
    keys: DataKeys = noKeys,
  ): Promise<Sent[]> {
    const { topic, settings } = this.#definitions.need(account, name);
    for (const message of messages) checkMessage(message, settings);
    const nowMs = this.#clock.now();
    const stored = messages.map((message) => toStore(message, settings, this.#ids, nowMs));
    const { encryption, dataKeyReuseMs: reuseMs } = settings;
    const sealed =
      encryption.kind === 'kms'
        ? await this.#sealed.seal(stored, topic, { account, name }, { keyId: encryption.keyId, reuseMs }, keys)
        : stored;
    const appended = await this.#log.append(topic, sealed);
    return appended.map(({ id, sequence }) => ({
      id,
      ...(settings.fifo && { sequenceNumber: sequenceNumber(sequence) }),
    }));
  }

  /**
   * At most `max`, possibly none. Throws `not_found`; `throttled` when too many receives wait or too many messages are hidden;
   * what is wrong with the queue's key for who receives, or with those of all messages that were found: they stay.
   */
  async receive(account: AccountId, name: string, options: QueueReceive): Promise<QueueMessage[]> {
    const { topic, settings } = this.#definitions.need(account, name);
    const again = options.attemptId === undefined ? undefined : await this.#again(topic, settings, options);
    if (again !== undefined) return again;
    const waitMs = options.waitMs ?? settings.waitMs;
    const look = (): Promise<QueueMessage[]> => this.#receiveNow(account, name, options);
    if (waitMs === 0) return look();
    const found = await this.#pollers.poll(topic, look, waitMs, options.signal);
    return [...found];
  }

  /**
   * Answers how many of the receipts were still good: of a standard queue until somebody else receives the message, of
   * a FIFO queue while it is hidden. Throws `invalid_argument` for what never was a receipt, and for one of a FIFO queue
   * whose time is over.
   */
  async remove(account: AccountId, name: string, receipts: readonly string[]): Promise<number> {
    const { topic, settings } = this.#definitions.need(account, name);
    const decoded = receipts.map((receipt) => decodeReceipt(receipt).receipt);
    for (const receipt of receipts) this.#attempts.changed(receipt);
    const removed = await this.#log.acknowledge(topic, decoded, { late: settings.fifo === undefined });
    this.#settled(topic, removed);
    const [handle = ''] = receipts;
    const [only = ''] = decoded;
    if (settings.fifo !== undefined && removed === 0 && decoded.length === 1)
      await this.#checkNotOver(topic, only, handle);
    return removed;
  }

  /** Hidden for `visibilityMs` from now; 0: to be received again at once. `not_yours`: received by somebody since, or gone. */
  async changeVisibility(
    account: AccountId,
    name: string,
    handle: string,
    visibilityMs: number,
  ): Promise<'changed' | 'not_in_flight' | 'not_yours'> {
    const { topic } = this.#definitions.need(account, name);
    const { receipt, receivedMs } = decodeReceipt(handle);
    this.#attempts.changed(handle);
    if (this.#clock.now() + visibilityMs - receivedMs > queueLimits.hiddenMsMax) {
      throw new PlatformError(
        'invalid_argument',
        `Value ${visibilityMs / 1_000} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [${queueLimits.hiddenMsMax / 1_000} seconds].`,
        { field: 'VisibilityTimeout', reason: 'InvalidParameterValue' },
      );
    }
    if (visibilityMs === 0) {
      if (await this.#giveBack(topic, receipt)) return 'changed';
    } else if (await this.#log.extend(topic, receipt, visibilityMs)) {
      return 'changed';
    }
    return (await this.#log.fate(topic, receipt)) === 'over' ? 'not_in_flight' : 'not_yours';
  }

  /** For the platform's own consumers, which may need longer than anybody else is given. False: the receipt is void. */
  keepHidden(account: AccountId, name: string, handle: string, visibilityMs: number): Promise<boolean> {
    const { topic } = this.#definitions.need(account, name);
    return this.#log.extend(topic, decodeReceipt(handle).receipt, visibilityMs);
  }

  /** Answers how many there were. Throws `not_found`; `conflict` soon after another purge. */
  async purge(account: AccountId, name: string): Promise<number> {
    const { topic } = this.#definitions.need(account, name);
    const nowMs = this.#clock.now();
    const waitMs = (this.#purgedMs.get(topic) ?? Number.NEGATIVE_INFINITY) + this.#afterwardsMs - nowMs;
    if (waitMs > 0) {
      throw new PlatformError(
        'conflict',
        `Only one PurgeQueue operation on ${name} is allowed every ${this.#afterwardsMs / 1_000} seconds.`,
        { field: 'QueueUrl', reason: 'PurgeQueueInProgress', retryAfterMs: waitMs },
      );
    }
    this.#purgedMs.set(topic, nowMs);
    this.#inFlight.delete(topic);
    return this.#log.purge(topic);
  }

  async depth(account: AccountId, name: string): Promise<Depth> {
    return this.#log.depth(this.#definitions.need(account, name).topic);
  }

  /** Calls back when a queue is made, changed or deleted. */
  watch(changed: () => void): { stop(): void } {
    return this.#definitions.watch(changed);
  }

  /** Calls back when a message may have become ready in this life of the queue. */
  watchMessages(queue: Queue, ready: () => void): { stop(): void } {
    return this.#log.watch(queue.topic, ready);
  }

  async #receiveNow(account: AccountId, name: string, options: QueueReceive): Promise<QueueMessage[]> {
    const { topic, settings } = this.#definitions.need(account, name);
    const { max, signal, holder, attemptId, keys = noKeys } = options;
    if (signal?.aborted === true) return [];
    // Before anything is taken, so that a receive that is refused counts for no message.
    if (settings.encryption.kind === 'kms') await keys.require(settings.encryption.keyId, { account, name }, 'receive');
    const leasedAbout = await this.#checkInFlight(topic, settings);
    const spent = this.#spentTo(account, settings);
    const nowMs = this.#clock.now();
    const leased = await this.#log.receive(topic, {
      max,
      leaseMs: options.visibilityMs ?? settings.visibilityMs,
      appendedFromMs: Math.max(0, nowMs - settings.retentionMs),
      leasedAbout,
      ...(holder !== undefined && { holder }),
      ...(spent !== undefined && { spent }),
    });
    this.#settled(topic, -leased.length);
    if (gone(signal)) {
      for (const { receipt } of leased) await this.#giveBack(topic, receipt);
      return [];
    }
    // What cannot be read stays hidden as long as if it had been: it is not taken again at once.
    const { readable, refusal } = await openBodies(leased, keys);
    if (readable.length === 0 && refusal !== undefined) throw refusal;
    const messages = readable.map((one) => readMessage(one, settings, nowMs));
    if (attemptId !== undefined && messages.length > 0) this.#attempts.keep(topic, attemptId, messages);
    return messages;
  }

  /** Without its dead-letter queue a message goes on being received: better seen too often than lost. */
  #spentTo(account: AccountId, { redrive }: QueueSettings): { topic: string; receivesMax: number } | undefined {
    const target = redrive && this.get(account, redrive.deadLetterQueue);
    return redrive && target && { topic: target.topic, receivesMax: redrive.receivesMax };
  }

  /** The messages of an attempt that was made before, hidden anew; undefined: there was none, or something was done to one of them. */
  async #again(topic: string, settings: QueueSettings, options: QueueReceive): Promise<QueueMessage[] | undefined> {
    const messages = this.#attempts.get(topic, options.attemptId ?? '');
    if (messages === undefined) return undefined;
    const visibilityMs = options.visibilityMs ?? settings.visibilityMs;
    const kept = await Promise.all(
      messages.map(({ receipt }) => this.#log.extend(topic, decodeReceipt(receipt).receipt, visibilityMs)),
    );
    return kept.every(Boolean) ? [...messages] : undefined;
  }

  async #giveBack(topic: string, receipt: string): Promise<boolean> {
    const isGiven = await this.#log.redeliver(topic, receipt, { delayMs: 0 });
    if (isGiven) this.#settled(topic, 1);
    return isGiven;
  }

  /** Throws `throttled`. Answers about how many are hidden, or more. */
  async #checkInFlight(topic: string, { fifo }: QueueSettings): Promise<number> {
    const about = this.#inFlight.get(topic) ?? 0;
    if (about < queueLimits.inFlightMax) return about;
    // Those whose time was over have not been counted off.
    const { leased } = await this.#log.depth(topic);
    this.#inFlight.set(topic, leased);
    if (leased < queueLimits.inFlightMax || fifo !== undefined) return leased;
    throw new PlatformError(
      'throttled',
      `The maximum number of in flight messages is reached: ${queueLimits.inFlightMax}.`,
      { reason: 'OverLimit' },
    );
  }

  #settled(topic: string, messages: number): void {
    this.#inFlight.set(topic, Math.max(0, (this.#inFlight.get(topic) ?? 0) - messages));
  }

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html, of ReceiveRequestAttemptId */
  async #checkNotOver(topic: string, receipt: string, handle: string): Promise<void> {
    if ((await this.#log.fate(topic, receipt)) === 'gone') return;
    throw new PlatformError(
      'invalid_argument',
      `Value ${handle.slice(0, 80)} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
      { field: 'ReceiptHandle', reason: 'InvalidParameterValue' },
    );
  }
}

/** Read anew: it may have changed since. */
const gone = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

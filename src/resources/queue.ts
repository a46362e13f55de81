/**
 * Queues: messages that wait until somebody receives them and deletes them.
 *
 * A message is received, hidden for a while, and back again unless it was deleted meanwhile; after too many receives
 * it moves to the queue's dead-letter queue. It is never lost, and may be received twice. It knows no wire words
 * (aws/sqs/ has them) and calls no function (events/queue.ts does).
 *
 * Each life of a queue has a topic of its own in the log, so that what is left of a deleted queue can never show up
 * in a new one of the same name. Settings are read from memory and written to disk before they count.
 *
 * Moving to the dead-letter queue: appended there first, acknowledged here after. A crash in between makes the
 * message come back here, and move again with the same id, which the dead-letter queue drops while it still holds the
 * first. So it is never lost; only a message that somebody had taken out of the dead-letter queue within that
 * instant can appear there twice, with the same id both times.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Log, Depth, Leased } from '../store/log.ts';
import { scan, type Records } from '../store/records.ts';
import { assert } from '../util/assert.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, Ids } from '../util/ids.ts';
import { checkMessage, type OutgoingMessage, type QueueMessage, type StoredMessage } from './queue-message.ts';
import { checkQueueName, checkQueueSettings, queueSettingsDefault, type QueueSettings } from './queue-settings.ts';

export type Queue = {
  account: AccountId;
  name: string;
  /** The deployment that owns it; absent: made through an API. */
  application?: string;
  createdMs: number;
  modifiedMs: number;
  settings: QueueSettings;
  /** Where its messages are in the log; different for each life of the queue. */
  topic: string;
};

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
};

/** Receives that wait at the same time: each is a connection and a timer. */
const waitingMax = 1_000;

/** Messages stay hidden at least this long while it is decided which of them the receiver gets. */
const sortingMs = 1_000;

const recordPrefix = 'queue/';
const topicPrefix = 'queue/';

export class Queues {
  readonly #records: Records;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #queues = new Map<string, { queue: Queue; revision: number }>();
  readonly #watchers = new Set<() => void>();
  #waiting = 0;

  private constructor(options: { records: Records; log: Log; clock: Clock; ids: Ids }) {
    this.#records = options.records;
    this.#log = options.log;
    this.#clock = options.clock;
    this.#ids = options.ids;
  }

  static async open(options: { records: Records; log: Log; clock: Clock; ids: Ids }): Promise<Queues> {
    const queues = new Queues(options);
    for await (const entry of scan(options.records, recordPrefix)) {
      const queue = entry.value as Queue;
      queues.#queues.set(entry.key, { queue, revision: entry.revision });
    }
    const live = new Set([...queues.#queues.values()].map(({ queue }) => queue.topic));
    const left = (await options.log.topics(topicPrefix)).filter((topic) => !live.has(topic));
    for (const topic of left) await options.log.purge(topic);
    return queues;
  }

  get(account: AccountId, name: string): Queue | undefined {
    return this.#queues.get(recordKey(account, name))?.queue;
  }

  /** By name. */
  list(account: AccountId): readonly Queue[] {
    return [...this.#queues.values()]
      .map(({ queue }) => queue)
      .filter((queue) => queue.account === account)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Answers the existing queue if there is one; `already_exists` if that is set differently from what is asked. */
  async create(account: AccountId, name: string, settings: Partial<QueueSettings> = {}): Promise<Queue> {
    const existing = this.get(account, name);
    if (existing === undefined) return this.#write(account, name, undefined, settings);
    for (const [setting, value] of Object.entries(settings)) {
      if (isDeepStrictEqual(existing.settings[setting as keyof QueueSettings], value)) continue;
      throw new PlatformError(
        'already_exists',
        `A queue already exists with the same name and a different value for attribute ${setting}: "${name}".`,
        { field: setting, reason: 'QueueNameExists' },
      );
    }
    return existing;
  }

  /** Creates it or changes it to exactly these settings, as a deployment does; one that is so already stays untouched. */
  async put(account: AccountId, name: string, settings: Partial<QueueSettings>, application?: string): Promise<Queue> {
    const existing = this.get(account, name);
    const wanted: QueueSettings = { ...queueSettingsDefault, ...settings };
    const same = existing?.application === application && isDeepStrictEqual(existing?.settings, wanted);
    return existing !== undefined && same ? existing : this.#write(account, name, application, settings);
  }

  /** Changes the given settings; `redrive: undefined` takes the dead-letter queue away. Throws `not_found`. */
  async update(
    account: AccountId,
    name: string,
    change: { [Setting in keyof QueueSettings]?: QueueSettings[Setting] | undefined },
  ): Promise<Queue> {
    const queue = this.#need(account, name);
    const { redrive: present, ...others } = queue.settings;
    const { redrive: wanted, ...changed } = change;
    const redrive = 'redrive' in change ? wanted : present;
    const given = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
    return this.#write(account, name, queue.application, { ...others, ...given, ...(redrive && { redrive }) });
  }

  /** Its messages go with it. False: there was none. */
  async delete(account: AccountId, name: string): Promise<boolean> {
    const key = recordKey(account, name);
    const held = this.#queues.get(key);
    if (held === undefined) return false;
    const outcome = await this.#records.transact([
      { kind: 'check', key, revision: held.revision },
      { kind: 'delete', key },
    ]);
    if (outcome.status === 'conflict') throw changedMeanwhile(name);
    this.#queues.delete(key);
    this.#changed();
    await this.#log.purge(held.queue.topic);
    return true;
  }

  /** Durable once resolved. Answers the ids, in order. Throws `not_found`, `invalid_argument`, `too_large`; then nothing was sent. */
  async send(account: AccountId, name: string, messages: readonly OutgoingMessage[]): Promise<string[]> {
    const { topic, settings } = this.#need(account, name);
    for (const message of messages) checkMessage(message, settings.messageBytesMax);
    const nowMs = this.#clock.now();
    const appended = messages.map((message) => {
      const stored: StoredMessage = {
        body: message.body,
        attributes: message.attributes ?? {},
        sentMs: nowMs,
        senderId: message.senderId,
        ...(message.cause && { cause: message.cause }),
        ...(message.traceHeader !== undefined && { traceHeader: message.traceHeader }),
      };
      const delayMs = message.delayMs ?? settings.delayMs;
      return {
        id: message.id ?? this.#ids.uuid(),
        body: JSON.stringify(stored),
        ...(delayMs > 0 && { notBeforeMs: nowMs + delayMs }),
      };
    });
    await this.#log.append(topic, appended);
    return appended.map(({ id }) => id);
  }

  /** At most `max`, possibly none. Throws `not_found`; `throttled` when too many receives wait. */
  async receive(account: AccountId, name: string, options: QueueReceive): Promise<QueueMessage[]> {
    const found = await this.#receiveNow(account, name, options);
    const waitMs = options.waitMs ?? this.#need(account, name).settings.waitMs;
    if (found.length > 0 || waitMs === 0 || options.signal?.aborted === true) return found;
    if (this.#waiting >= waitingMax) {
      throw new PlatformError('throttled', `More than ${waitingMax} receives are waiting for messages.`, {
        reason: 'OverLimit',
        retryAfterMs: 1_000,
      });
    }
    this.#waiting += 1;
    try {
      return await this.#receiveWaiting(account, name, options, waitMs);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Answers how many of the receipts were still good. Throws `invalid_argument` for what never was a receipt. */
  async remove(account: AccountId, name: string, receipts: readonly string[]): Promise<number> {
    const { topic } = this.#need(account, name);
    return this.#log.acknowledge(topic, receipts.map(decodeReceipt));
  }

  /** Hidden for `visibilityMs` from now; 0: to be received again at once. False: the receipt is void. */
  async changeVisibility(account: AccountId, name: string, receipt: string, visibilityMs: number): Promise<boolean> {
    const { topic } = this.#need(account, name);
    const leased = decodeReceipt(receipt);
    if (visibilityMs === 0) return this.#log.redeliver(topic, leased, { delayMs: 0 });
    return this.#log.extend(topic, leased, visibilityMs);
  }

  async purge(account: AccountId, name: string): Promise<number> {
    return this.#log.purge(this.#need(account, name).topic);
  }

  async depth(account: AccountId, name: string): Promise<Depth> {
    return this.#log.depth(this.#need(account, name).topic);
  }

  /** Calls back when a queue is made, changed or deleted. */
  watch(changed: () => void): { stop(): void } {
    this.#watchers.add(changed);
    return { stop: () => void this.#watchers.delete(changed) };
  }

  /** Calls back when a message may have become ready in this life of the queue. */
  watchMessages(queue: Queue, ready: () => void): { stop(): void } {
    return this.#log.watch(queue.topic, ready);
  }

  async #write(
    account: AccountId,
    name: string,
    application: string | undefined,
    wanted: Partial<QueueSettings>,
  ): Promise<Queue> {
    checkQueueName(name);
    const settings: QueueSettings = { ...queueSettingsDefault, ...wanted };
    checkQueueSettings(settings);
    const target = settings.redrive?.deadLetterQueue;
    if (target === name) {
      throw new PlatformError('invalid_argument', `The queue "${name}" cannot be its own dead-letter queue.`, {
        field: 'redrive',
        reason: 'InvalidAttributeValue',
      });
    }
    const key = recordKey(account, name);
    const held = this.#queues.get(key);
    const nowMs = this.#clock.now();
    const queue: Queue = {
      account,
      name,
      ...(application !== undefined && { application }),
      createdMs: held?.queue.createdMs ?? nowMs,
      modifiedMs: nowMs,
      settings,
      topic: held?.queue.topic ?? `${topicPrefix}${account}/${name}/${this.#ids.hex(8)}`,
    };
    const outcome = await this.#records.transact([
      { kind: 'check', key, revision: held?.revision ?? 0 },
      { kind: 'put', key, value: queue },
    ]);
    if (outcome.status === 'conflict') throw changedMeanwhile(name);
    this.#queues.set(key, { queue, revision: outcome.revision });
    this.#changed();
    return queue;
  }

  #need(account: AccountId, name: string): Queue {
    const queue = this.get(account, name);
    if (queue !== undefined) return queue;
    throw new PlatformError('not_found', `The specified queue does not exist: "${name}".`, {
      field: 'QueueName',
      reason: 'QueueDoesNotExist',
    });
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }

  async #receiveWaiting(
    account: AccountId,
    name: string,
    options: QueueReceive,
    waitMs: number,
  ): Promise<QueueMessage[]> {
    const deadlineMs = this.#clock.monotonicMs() + waitMs;
    let wake: () => void = () => {};
    let ready = true;
    const watch = this.watchMessages(this.#need(account, name), () => {
      ready = true;
      wake();
    });
    let timer: Timer | undefined;
    const stop = (): void => wake();
    options.signal?.addEventListener('abort', stop);
    try {
      for (;;) {
        // What arrives while we look sets `ready` again, so that nothing slips between looking and waiting.
        if (ready) {
          ready = false;
          const found = await this.#receiveNow(account, name, options);
          if (found.length > 0) return found;
        }
        const leftMs = deadlineMs - this.#clock.monotonicMs();
        if (leftMs <= 0 || options.signal?.aborted === true) return [];
        if (ready) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = this.#clock.schedule(leftMs, resolve);
        });
        timer?.cancel();
      }
    } finally {
      timer?.cancel();
      watch.stop();
      options.signal?.removeEventListener('abort', stop);
    }
  }

  async #receiveNow(account: AccountId, name: string, options: QueueReceive): Promise<QueueMessage[]> {
    for (;;) {
      const queue = this.#need(account, name);
      const visibilityMs = options.visibilityMs ?? queue.settings.visibilityMs;
      const leased = await this.#log.receive(queue.topic, {
        max: options.max,
        leaseMs: Math.max(visibilityMs, sortingMs),
        ...(options.holder !== undefined && { holder: options.holder }),
      });
      if (leased.length === 0) return [];
      const messages = leased.map(readMessage);
      const expired = messages.filter((message) => this.#clock.now() - message.sentMs > queue.settings.retentionMs);
      const spent = messages.filter((message) => !expired.includes(message) && this.#isSpent(queue, message));
      const taken = [...expired, ...spent];
      if (taken.length > 0) {
        await this.#moveToDeadLetters(queue, spent);
        await this.#log.acknowledge(
          queue.topic,
          taken.map(({ receipt }) => decodeReceipt(receipt)),
        );
      }
      const kept = messages.filter((message) => !taken.includes(message));
      if (visibilityMs < sortingMs) await this.#unhide(queue, kept, visibilityMs);
      if (kept.length > 0) return kept;
    }
  }

  /** For those who only want to look, and ask for a visibility of next to nothing. */
  async #unhide(queue: Queue, messages: readonly QueueMessage[], visibilityMs: number): Promise<void> {
    for (const { receipt } of messages) {
      const leased = decodeReceipt(receipt);
      if (visibilityMs === 0) await this.#log.redeliver(queue.topic, leased, { delayMs: 0 });
      else await this.#log.extend(queue.topic, leased, visibilityMs);
    }
  }

  /** Without its dead-letter queue a message goes on being received: better seen too often than lost. */
  #isSpent(queue: Queue, message: QueueMessage): boolean {
    const { redrive } = queue.settings;
    return (
      redrive !== undefined &&
      message.receives > redrive.receivesMax &&
      this.get(queue.account, redrive.deadLetterQueue) !== undefined
    );
  }

  async #moveToDeadLetters(queue: Queue, spent: readonly QueueMessage[]): Promise<void> {
    if (spent.length === 0) return;
    const { redrive } = queue.settings;
    assert(redrive !== undefined, 'only a queue with a dead-letter queue has spent messages');
    const target = this.#need(queue.account, redrive.deadLetterQueue);
    await this.#log.append(
      target.topic,
      spent.map((message) => {
        const { id, receipt: _receipt, receives: _receives, firstReceivedMs: _first, ...stored } = message;
        return { id, body: JSON.stringify({ ...stored, deadLetterSource: queue.name } satisfies StoredMessage) };
      }),
    );
  }
}

function readMessage(leased: Leased): QueueMessage {
  const stored = JSON.parse(leased.body) as StoredMessage;
  return {
    ...stored,
    id: leased.id,
    receipt: encodeReceipt(leased.receipt),
    receives: leased.receives,
    firstReceivedMs: leased.firstReceivedMs,
  };
}

function recordKey(account: AccountId, name: string): string {
  return `${recordPrefix}${account}/${name}`;
}

/** The mark tells a receipt of ours from any other text. */
const receiptMark = 'AQEB';

function encodeReceipt(receipt: string): string {
  return receiptMark + Buffer.from(receipt).toString('base64url');
}

function decodeReceipt(receipt: string): string {
  const match = /^AQEB([A-Za-z0-9_-]+)$/.exec(receipt);
  if (match?.[1] !== undefined) return Buffer.from(match[1], 'base64url').toString();
  throw new PlatformError('invalid_argument', `The input receipt handle is invalid: "${receipt.slice(0, 80)}".`, {
    field: 'ReceiptHandle',
    reason: 'ReceiptHandleIsInvalid',
  });
}

function changedMeanwhile(name: string): PlatformError {
  return new PlatformError('conflict', `The queue "${name}" was changed by somebody else meanwhile; try again.`, {
    field: 'QueueName',
  });
}

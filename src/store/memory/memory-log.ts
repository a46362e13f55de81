import type { Clock } from '../../util/clock.ts';
import { checkCount, checkMs, checkName, checkText, encodeAppends, storeLimits } from '../encode-operations.ts';
import type { EncodedAppend } from '../encode-operations.ts';
import type { Depth, Leased, Log, Receive } from '../log.ts';
import type { LogMessage } from '../records.ts';
import { TopicWatches } from '../topic-watches.ts';
import type { TopicTimes } from '../topic-watches.ts';
import type { Counter } from './open-memory-store.ts';

type Message = {
  sequence: number;
  topic: string;
  id: string;
  body: string;
  /** When it is, or was, ready: the end of its delay or of its lease. */
  dueMs: number;
  leased: boolean;
  holder: string | undefined;
  receives: number;
  appendedMs: number;
  firstReceivedMs: number;
};

const inOrder = (a: Message, b: Message): number => a.dueMs - b.dueMs || a.sequence - b.sequence;

export class MemoryLog implements Log {
  readonly #clock: Clock;
  readonly #counter: Counter;
  readonly #topics = new Map<string, Map<string, Message>>();
  readonly #watches: TopicWatches;

  constructor(clock: Clock, counter: Counter) {
    this.#clock = clock;
    this.#counter = counter;
    this.#watches = new TopicWatches(clock, (topic, nowMs) => this.#times(topic, nowMs));
  }

  close(): void {
    this.#watches.close();
  }

  /** Answers how many were new. */
  add(appends: readonly EncodedAppend[]): number {
    const nowMs = this.#clock.now();
    let added = 0;
    for (const { topic, id, body, notBeforeMs } of appends) {
      const messages = this.#topics.get(topic) ?? new Map<string, Message>();
      this.#topics.set(topic, messages);
      if (messages.has(id)) continue;
      const dueMs = Math.max(nowMs, notBeforeMs);
      const sequence = this.#counter.next();
      messages.set(id, {
        sequence,
        topic,
        id,
        body,
        dueMs,
        leased: false,
        holder: undefined,
        receives: 0,
        appendedMs: nowMs,
        firstReceivedMs: 0,
      });
      added += 1;
      this.#watches.changed(topic, dueMs);
    }
    return added;
  }

  async append(topic: string, messages: readonly LogMessage[]): Promise<number> {
    return this.add(encodeAppends(topic, messages));
  }

  async receive(topic: string, { max, leaseMs, holder }: Receive): Promise<Leased[]> {
    checkName('topic', topic);
    checkCount('max', max, storeLimits.receiveMax);
    checkMs('leaseMs', leaseMs);
    const nowMs = this.#clock.now();
    const ready = this.#all(topic).filter((message) => message.dueMs <= nowMs);
    return ready
      .sort(inOrder)
      .slice(0, max)
      .map((message) => {
        message.dueMs = Math.ceil(nowMs + leaseMs);
        message.leased = true;
        message.holder = holder;
        message.receives += 1;
        if (message.receives === 1) message.firstReceivedMs = nowMs;
        this.#watches.changed(topic, message.dueMs);
        const { id, body, receives, appendedMs, firstReceivedMs } = message;
        return { id, body, receipt: `${message.sequence}.${receives}`, receives, appendedMs, firstReceivedMs };
      });
  }

  async acknowledge(topic: string, receipts: readonly string[]): Promise<number> {
    let acknowledged = 0;
    for (const receipt of receipts) {
      const message = this.#leasedBy(topic, receipt);
      if (message !== undefined && this.#topics.get(topic)?.delete(message.id) === true) acknowledged += 1;
    }
    return acknowledged;
  }

  async redeliver(
    topic: string,
    receipt: string,
    { delayMs, body }: { delayMs: number; body?: string },
  ): Promise<boolean> {
    checkMs('delayMs', delayMs);
    if (body !== undefined) checkText('message body', body);
    const message = this.#leasedBy(topic, receipt);
    if (message === undefined) return false;
    message.body = body?.toWellFormed() ?? message.body;
    this.#end(message, delayMs);
    return true;
  }

  async extend(topic: string, receipt: string, leaseMs: number): Promise<boolean> {
    checkMs('leaseMs', leaseMs);
    const message = this.#leasedBy(topic, receipt);
    if (message === undefined) return false;
    message.dueMs = Math.ceil(this.#clock.now() + leaseMs);
    this.#watches.changed(topic, message.dueMs);
    return true;
  }

  async release(holder: string): Promise<void> {
    const nowMs = this.#clock.now();
    for (const topic of this.#topics.keys()) {
      for (const message of this.#all(topic)) {
        if (message.leased && message.holder === holder && message.dueMs > nowMs) this.#end(message, 0);
      }
    }
  }

  async depth(topic: string): Promise<Depth> {
    const nowMs = this.#clock.now();
    const messages = this.#all(topic);
    const waiting = messages.filter((message) => message.dueMs > nowMs);
    const leased = waiting.filter((message) => message.leased).length;
    return { ready: messages.length - waiting.length, delayed: waiting.length - leased, leased };
  }

  async topics(prefix: string): Promise<string[]> {
    return [...this.#topics]
      .filter(([topic, messages]) => topic.startsWith(prefix) && messages.size > 0)
      .map(([topic]) => topic);
  }

  async peek(
    topic: string,
    limit: number,
  ): Promise<{ id: string; body: string; appendedMs: number; receives: number }[]> {
    checkCount('limit', limit, storeLimits.peekMax);
    const oldest = this.#all(topic).sort(inOrder).slice(0, limit);
    return oldest.map(({ id, body, appendedMs, receives }) => ({ id, body, appendedMs, receives }));
  }

  async purge(topic: string): Promise<number> {
    const purged = this.#all(topic).length;
    this.#topics.delete(topic);
    return purged;
  }

  watch(topic: string, ready: () => void): { stop(): void } {
    checkName('topic', topic);
    return this.#watches.watch(topic, ready);
  }

  #all(topic: string): Message[] {
    return [...(this.#topics.get(topic)?.values() ?? [])];
  }

  #leasedBy(topic: string, receipt: string): Message | undefined {
    return this.#all(topic).find(
      (message) =>
        message.leased && `${message.sequence}.${message.receives}` === receipt && message.dueMs > this.#clock.now(),
    );
  }

  #end(message: Message, delayMs: number): void {
    message.dueMs = Math.ceil(this.#clock.now() + delayMs);
    message.leased = false;
    message.holder = undefined;
    this.#watches.changed(message.topic, message.dueMs);
  }

  #times(topic: string, nowMs: number): TopicTimes {
    const dueMs = this.#all(topic).map((message) => message.dueMs);
    const next = Math.min(...dueMs.filter((ms) => ms > nowMs));
    return { isReady: dueMs.some((ms) => ms <= nowMs), nextDueMs: Number.isFinite(next) ? next : undefined };
  }
}

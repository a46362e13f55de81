import type { Clock } from '../../util/clock.ts';
import { checkCount, checkMs, checkName, checkText, encodeMessages, storeLimits } from '../encode-operations.ts';
import type { EncodedAppend, EncodedMessage } from '../encode-operations.ts';
import type { Appended, Balance, Depth, Fate, Leased, Log, Lying, Move, Outcome, Receive, Tallied } from '../log.ts';
import type { LogMessage, MessageGroup } from '../records.ts';
import { TopicWatches } from '../topic-watches.ts';
import type { TopicTimes } from '../topic-watches.ts';
import { inOrder, pick } from './memory-groups.ts';
import type { Counter } from './open-memory-store.ts';

export type MemoryMessage = {
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
  group: MessageGroup | undefined;
  origin: string | undefined;
  earlierReceives: number;
};

type Key = { id: string; sequence: number; untilMs: number };

/** The port's figure. */
const expiredMax = 1_000;

export class MemoryLog implements Log {
  readonly #clock: Clock;
  readonly #counter: Counter;
  readonly #topics = new Map<string, Map<string, MemoryMessage>>();
  /** By topic and key. */
  readonly #keys = new Map<string, Key>();
  readonly #tallies = new Map<string, Map<Tallied, number>>();
  readonly #watches: TopicWatches;

  constructor(clock: Clock, counter: Counter) {
    this.#clock = clock;
    this.#counter = counter;
    this.#watches = new TopicWatches(clock, (topic, nowMs) => this.#times(topic, nowMs));
  }

  close(): void {
    this.#watches.close();
  }

  add(appends: readonly EncodedAppend[]): void {
    for (const append of appends) this.#add(append.topic, append);
  }

  async append(topic: string, messages: readonly LogMessage[]): Promise<Appended[]> {
    return encodeMessages(topic, messages).map((message) => this.#add(topic, message));
  }

  #add(topic: string, { id, body, notBeforeMs, group, unique }: EncodedMessage): Appended {
    const nowMs = this.#clock.now();
    const key = `${topic}\0${unique?.key ?? ''}`;
    const known = unique === undefined ? undefined : this.#keys.get(key);
    if (known !== undefined && known.untilMs > nowMs) return { id: known.id, sequence: known.sequence, isNew: false };
    const messages = this.#messagesOf(topic);
    const held = messages.get(id);
    if (held !== undefined) return { id, sequence: held.sequence, isNew: false };
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
      group,
      origin: undefined,
      earlierReceives: 0,
    });
    this.#note(topic, 'accepted');
    if (unique !== undefined) this.#keys.set(key, { id, sequence, untilMs: unique.untilMs });
    this.#watches.changed(topic, dueMs);
    return { id, sequence, isNew: true };
  }

  async receive(topic: string, options: Receive): Promise<Leased[]> {
    const { max, leaseMs, holder, spent, appendedFromMs = 0, leasedAbout = 0 } = options;
    checkName('topic', topic);
    checkCount('max', max, storeLimits.receiveMax);
    checkMs('leaseMs', leaseMs);
    const nowMs = this.#clock.now();
    const leased: Leased[] = [];
    for (;;) {
      let takenAway = 0;
      for (const message of pick(this.#all(topic), nowMs, max - leased.length, leasedAbout)) {
        if (message.appendedMs < appendedFromMs) {
          this.#topics.get(topic)?.delete(message.id);
          this.#note(topic, 'expired');
          takenAway += 1;
        } else if (spent !== undefined && message.receives >= spent.receivesMax) {
          this.#move(message, spent.topic, message.id);
          takenAway += 1;
        } else {
          leased.push(this.#lease(message, leaseMs, holder));
        }
      }
      if (takenAway === 0 || leased.length === max) return leased;
    }
  }

  #lease(message: MemoryMessage, leaseMs: number, holder: string | undefined): Leased {
    const nowMs = this.#clock.now();
    message.dueMs = Math.ceil(nowMs + leaseMs);
    message.leased = true;
    message.holder = holder;
    message.receives += 1;
    if (message.firstReceivedMs === 0) message.firstReceivedMs = nowMs;
    this.#watches.changed(message.topic, message.dueMs);
    const { id, body, sequence, receives, appendedMs, firstReceivedMs, group, origin, earlierReceives } = message;
    return {
      id,
      body,
      sequence,
      receipt: `${sequence}.${receives}`,
      receives,
      appendedMs,
      firstReceivedMs,
      ...(group === undefined ? {} : { group: group.name }),
      ...(origin === undefined ? {} : { origin }),
      ...(earlierReceives === 0 ? {} : { earlierReceives }),
    };
  }

  /** To the end of another topic, as one that was never received. Its age goes with it, unless order begins it anew. */
  #move(message: MemoryMessage, to: string, id: string): void {
    const nowMs = this.#clock.now();
    this.#topics.get(message.topic)?.delete(message.id);
    this.#note(message.topic, 'moved');
    const messages = this.#messagesOf(to);
    if (messages.has(id)) return;
    this.#note(to, 'arrived');
    const isNew = id !== message.id;
    const isAnew = message.group?.ordered === true || isNew;
    messages.set(id, {
      ...message,
      id,
      topic: to,
      origin: isNew ? undefined : message.topic,
      earlierReceives: isNew ? 0 : message.earlierReceives + message.receives,
      sequence: this.#counter.next(),
      dueMs: nowMs,
      appendedMs: isAnew ? nowMs : message.appendedMs,
      leased: false,
      holder: undefined,
      receives: 0,
      firstReceivedMs: isNew ? 0 : message.firstReceivedMs,
    });
    this.#watches.changed(to, nowMs);
  }

  async move(topic: string, { to, origins = [], max, ids }: Move): Promise<number> {
    checkCount('max', max, storeLimits.receiveMax);
    let moved = 0;
    for (const message of pick(this.#all(topic), this.#clock.now(), Number.POSITIVE_INFINITY, 0)) {
      const id = ids[moved];
      if (moved === max || id === undefined) break;
      const target = to ?? message.origin;
      if (target === undefined || (to === undefined && !origins.includes(target))) continue;
      this.#move(message, target, id);
      moved += 1;
    }
    return moved;
  }

  async expire(topic: string, readyBeforeMs: number): Promise<number> {
    const expired = this.#all(topic).filter(({ dueMs }) => dueMs < readyBeforeMs);
    for (const { id } of expired.slice(0, expiredMax)) this.#topics.get(topic)?.delete(id);
    this.#note(topic, 'expired', Math.min(expired.length, expiredMax));
    return Math.min(expired.length, expiredMax);
  }

  async acknowledge(
    topic: string,
    receipts: readonly string[],
    { late = false, as = 'done' }: { late?: boolean; as?: Outcome } = {},
  ): Promise<number> {
    let acknowledged = 0;
    let ofGroups = false;
    for (const receipt of receipts) {
      const message = late ? this.#latestBy(topic, receipt) : this.#leasedBy(topic, receipt);
      if (message === undefined || this.#topics.get(topic)?.delete(message.id) !== true) continue;
      acknowledged += 1;
      ofGroups ||= message.group !== undefined;
    }
    if (ofGroups) this.#watches.changed(topic, this.#clock.now());
    this.#note(topic, as, acknowledged);
    return acknowledged;
  }

  async fate(topic: string, receipt: string): Promise<Fate> {
    if (this.#leasedBy(topic, receipt) !== undefined) return 'leased';
    if (this.#latestBy(topic, receipt) !== undefined) return 'over';
    const [sequence] = receipt.split('.');
    return this.#all(topic).some((message) => String(message.sequence) === sequence) ? 'taken' : 'gone';
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

  async peek(topic: string, limit: number): Promise<Lying[]> {
    checkCount('limit', limit, storeLimits.peekMax);
    return this.#all(topic).sort(inOrder).slice(0, limit).map(lyingOf);
  }

  async find(topic: string, id: string): Promise<Lying | undefined> {
    const message = this.#topics.get(topic)?.get(id);
    return message && lyingOf(message);
  }

  async purge(topic: string, { forever = false } = {}): Promise<number> {
    const purged = this.#all(topic).length;
    this.#topics.delete(topic);
    if (forever) this.#tallies.delete(topic);
    else this.#note(topic, 'purged', purged);
    return purged;
  }

  async balance(topic: string): Promise<Balance> {
    return { counts: Object.fromEntries(this.#tallies.get(topic) ?? []), held: this.#all(topic).length };
  }

  async tallied(prefix: string): Promise<string[]> {
    return [...this.#tallies.keys()].filter((topic) => topic.startsWith(prefix)).sort();
  }

  /** Whether it is there, and nobody's. */
  holds(topic: string, id: string): boolean {
    const message = this.#topics.get(topic)?.get(id);
    return message !== undefined && !(message.leased && message.dueMs > this.#clock.now());
  }

  take(topic: string, id: string): void {
    if (this.#topics.get(topic)?.delete(id) === true) this.#note(topic, 'taken');
  }

  #note(topic: string, what: Tallied, count = 1): void {
    if (count === 0) return;
    const counts = this.#tallies.get(topic) ?? new Map<Tallied, number>();
    this.#tallies.set(topic, counts);
    counts.set(what, (counts.get(what) ?? 0) + count);
  }

  watch(topic: string, ready: () => void): { stop(): void } {
    checkName('topic', topic);
    return this.#watches.watch(topic, ready);
  }

  #all(topic: string): MemoryMessage[] {
    return [...(this.#topics.get(topic)?.values() ?? [])];
  }

  #messagesOf(topic: string): Map<string, MemoryMessage> {
    const messages = this.#topics.get(topic) ?? new Map<string, MemoryMessage>();
    this.#topics.set(topic, messages);
    return messages;
  }

  #latestBy(topic: string, receipt: string): MemoryMessage | undefined {
    return this.#all(topic).find(({ sequence, receives }) => receives > 0 && `${sequence}.${receives}` === receipt);
  }

  #leasedBy(topic: string, receipt: string): MemoryMessage | undefined {
    const message = this.#latestBy(topic, receipt);
    return message?.leased === true && message.dueMs > this.#clock.now() ? message : undefined;
  }

  #end(message: MemoryMessage, delayMs: number): void {
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

const lyingOf = ({ id, body, appendedMs, receives, group, origin }: MemoryMessage): Lying => ({
  id,
  body,
  appendedMs,
  receives,
  ...(group !== undefined && { group: group.name }),
  ...(origin !== undefined && { origin }),
});

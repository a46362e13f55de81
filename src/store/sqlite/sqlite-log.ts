import type { Clock } from '../../util/clock.ts';
import { checkCount, checkMs, checkName, checkText, encodeMessages, storeLimits } from '../encode-operations.ts';
import type { Leased, Log, Move, Receive } from '../log.ts';
import type { TopicWatches } from '../topic-watches.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export function sqliteLog(clock: Clock, writer: Writer, reader: () => Reader, watches: TopicWatches): Log {
  const now = (): number => Math.floor(clock.now());
  return {
    async append(topic, messages) {
      const encoded = encodeMessages(topic, messages);
      if (encoded.length === 0) return [];
      const nowMs = now();
      const characters = encoded.reduce((sum, { body }) => sum + body.length, 0);
      const answer = await writer.ask<'append'>({ kind: 'append', nowMs, topic, messages: encoded }, characters);
      for (const { notBeforeMs } of encoded) watches.changed(topic, Math.max(nowMs, notBeforeMs));
      return answer;
    },

    async receive(topic, options: Receive): Promise<Leased[]> {
      const { max, leaseMs, holder, spent, appendedFromMs = 0, leasedAbout = 0 } = options;
      checkName('topic', topic);
      checkCount('max', max, storeLimits.receiveMax);
      checkMs('leaseMs', leaseMs);
      if (holder !== undefined) checkName('holder', holder);
      if (spent !== undefined) checkName('topic', spent.topic);
      const nowMs = now();
      const { leased, moved, more } = await writer.ask<'receive'>(
        {
          kind: 'receive',
          nowMs,
          topic,
          max,
          leaseMs,
          holder: holder ?? null,
          spent: spent ?? null,
          appendedFromMs,
          leasedAbout,
        },
        0,
      );
      if (leased.length > 0) watches.changed(topic, Math.ceil(nowMs + leaseMs));
      if (more) watches.changed(topic, nowMs);
      if (moved > 0 && spent !== undefined) watches.changed(spent.topic, nowMs);
      return leased;
    },

    async acknowledge(topic, receipts, { late = false, as = 'done' } = {}) {
      if (receipts.length === 0) return 0;
      const nowMs = now();
      const { acknowledged, ofGroups } = await writer.ask<'acknowledge'>(
        { kind: 'acknowledge', nowMs, topic, receipts, late, as },
        0,
      );
      // The next of an ordered group may be ready now.
      if (ofGroups) watches.changed(topic, nowMs);
      return acknowledged;
    },

    fate: (topic, receipt) => writer.ask<'fate'>({ kind: 'fate', nowMs: now(), topic, receipt }, 0),

    async move(topic, { to, origins = [], max, ids }: Move) {
      checkCount('max', max, storeLimits.receiveMax);
      if (to !== undefined) checkName('topic', to);
      const nowMs = now();
      const { moved, topics } = await writer.ask<'move'>(
        { kind: 'move', nowMs, topic, to: to ?? null, origins, max, ids },
        0,
      );
      for (const target of topics) watches.changed(target, nowMs);
      return moved;
    },

    expire: (topic, readyBeforeMs) =>
      writer.ask<'expire'>({ kind: 'expire', nowMs: now(), topic, readyBeforeMs: Math.floor(readyBeforeMs) }, 0),

    async redeliver(topic, receipt, { delayMs, body }) {
      checkMs('delayMs', delayMs);
      if (body !== undefined) checkText('message body', body);
      const nowMs = now();
      const characters = body?.length ?? 0;
      const isLeased = await writer.ask<'redeliver'>(
        { kind: 'redeliver', nowMs, topic, receipt, delayMs, body: body?.toWellFormed() ?? null },
        characters,
      );
      if (isLeased) watches.changed(topic, Math.ceil(nowMs + delayMs));
      return isLeased;
    },

    async extend(topic, receipt, leaseMs) {
      checkMs('leaseMs', leaseMs);
      const nowMs = now();
      const isLeased = await writer.ask<'extend'>({ kind: 'extend', nowMs, topic, receipt, leaseMs }, 0);
      if (isLeased) watches.changed(topic, Math.ceil(nowMs + leaseMs));
      return isLeased;
    },

    async release(holder) {
      const nowMs = now();
      const topics = await writer.ask<'release'>({ kind: 'release', nowMs, holder }, 0);
      for (const topic of topics) watches.changed(topic, nowMs);
    },

    depth: (topic) => writer.ask<'depth'>({ kind: 'depth', nowMs: now(), topic }, 0),
    topics: async (prefix) => reader().topics(prefix),
    tallied: async (prefix) => reader().tallied(prefix),
    balance: (topic) => writer.ask<'balance'>({ kind: 'balance', topic }, 0),
    purge: (topic, { forever = false } = {}) => writer.ask<'purge'>({ kind: 'purge', topic, forever }, 0),
    find: async (topic, id) => reader().find(topic, id),

    async peek(topic, limit) {
      checkCount('limit', limit, storeLimits.peekMax);
      return reader().peek(topic, limit);
    },

    watch(topic, ready) {
      checkName('topic', topic);
      return watches.watch(topic, ready);
    },
  };
}

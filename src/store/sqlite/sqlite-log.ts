import { assert } from '../../util/assert.ts';
import type { Clock } from '../../util/clock.ts';
import { checkCount, checkMs, checkName, checkText, encodeAppends, storeLimits } from '../encode-operations.ts';
import type { Leased, Log, Receive } from '../log.ts';
import type { TopicWatches } from '../topic-watches.ts';
import type { Reader } from './reader.ts';
import { charactersOf } from './sqlite-records.ts';
import type { Writer } from './writer.ts';

export function sqliteLog(clock: Clock, writer: Writer, reader: () => Reader, watches: TopicWatches): Log {
  const now = (): number => Math.floor(clock.now());
  return {
    async append(topic, messages) {
      const operations = encodeAppends(topic, messages);
      const nowMs = now();
      const answer = await writer.ask<'transact'>({ kind: 'transact', nowMs, operations }, charactersOf(operations));
      assert(answer.status === 'committed', 'an append checks nothing that could conflict');
      for (const { notBeforeMs } of operations) watches.changed(topic, Math.max(nowMs, notBeforeMs));
      return answer.appended;
    },

    async receive(topic, { max, leaseMs, holder }: Receive): Promise<Leased[]> {
      checkName('topic', topic);
      checkCount('max', max, storeLimits.receiveMax);
      checkMs('leaseMs', leaseMs);
      if (holder !== undefined) checkName('holder', holder);
      const nowMs = now();
      const leased = await writer.ask<'receive'>(
        { kind: 'receive', nowMs, topic, max, leaseMs, holder: holder ?? null },
        0,
      );
      if (leased.length > 0) watches.changed(topic, Math.ceil(nowMs + leaseMs));
      return leased;
    },

    async acknowledge(topic, receipts) {
      return receipts.length === 0
        ? 0
        : writer.ask<'acknowledge'>({ kind: 'acknowledge', nowMs: now(), topic, receipts }, 0);
    },

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
    purge: (topic) => writer.ask<'purge'>({ kind: 'purge', topic }, 0),

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

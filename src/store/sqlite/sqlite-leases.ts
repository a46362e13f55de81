import type { Clock } from '../../util/clock.ts';
import { checkMs, checkName } from '../encode-operations.ts';
import type { Leases } from '../leases.ts';
import type { Writer } from './writer.ts';

export function sqliteLeases(clock: Clock, writer: Writer): Leases {
  const now = (): number => Math.floor(clock.now());
  return {
    async acquire(name, holder, ttlMs) {
      checkName('lease name', name);
      checkName('holder', holder);
      checkMs('ttlMs', ttlMs);
      const lease = await writer.ask<'acquire'>({ kind: 'acquire', nowMs: now(), name, holder, ttlMs }, 0);
      return lease ?? undefined;
    },
    async renew({ name, token }, ttlMs) {
      checkMs('ttlMs', ttlMs);
      return writer.ask<'renew'>({ kind: 'renew', nowMs: now(), name, token, ttlMs }, 0);
    },
    async release({ name, token }) {
      await writer.ask<'give-up'>({ kind: 'give-up', name, token }, 0);
    },
  };
}

import type { DatabaseSync } from 'node:sqlite';
import type { Counter } from './counter.ts';
import type { Answers, RequestOf } from './request.ts';

/** A lease given up leaves no row: its tokens come from the store's one counter, which never goes back. */
export function applyLeases(database: DatabaseSync, counter: Counter) {
  const heldByOther = database.prepare('SELECT 1 FROM leases WHERE name = ? AND holder <> ? AND expires_ms > ?');
  const put = database.prepare(
    'INSERT INTO leases (name, holder, token, expires_ms) VALUES (?, ?, ?, ?) ON CONFLICT (name) ' +
      'DO UPDATE SET holder = excluded.holder, token = excluded.token, expires_ms = excluded.expires_ms',
  );
  const prolong = database.prepare('UPDATE leases SET expires_ms = ? WHERE name = ? AND token = ? AND expires_ms > ?');
  const remove = database.prepare('DELETE FROM leases WHERE name = ? AND token = ?');

  return {
    acquire({ name, holder, ttlMs, nowMs }: RequestOf<'acquire'>): Answers['acquire'] {
      if (heldByOther.get(name, holder, nowMs) !== undefined) return null;
      const lease = { name, holder, token: counter.next(), expiresMs: Math.ceil(nowMs + ttlMs) };
      put.run(name, holder, lease.token, lease.expiresMs);
      return lease;
    },
    renew: ({ name, token, ttlMs, nowMs }: RequestOf<'renew'>): Answers['renew'] =>
      prolong.run(Math.ceil(nowMs + ttlMs), name, token, nowMs).changes === 1,
    'give-up': ({ name, token }: RequestOf<'give-up'>): Answers['give-up'] => remove.run(name, token).changes === 1,
  };
}

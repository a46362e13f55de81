import type { DatabaseSync } from 'node:sqlite';
import { never } from '../../util/assert.ts';
import type { ApplyLog } from './apply-log.ts';
import type { Counter } from './counter.ts';
import type { Answers, RequestOf } from './request.ts';

/** Checks first, then writes: a conflict has changed nothing when it is found, so only its own request is given up. */
export function applyRecords(
  database: DatabaseSync,
  counter: Counter,
  { appendOne, holds, takeOne }: Pick<ApplyLog, 'appendOne' | 'holds' | 'takeOne'>,
) {
  const revision = database.prepare('SELECT revision FROM records WHERE key = ?');
  revision.setReturnArrays(true);
  const put = database.prepare(
    'INSERT INTO records (key, revision, value) VALUES (?, ?, ?) ' +
      'ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, value = excluded.value',
  );
  const remove = database.prepare('DELETE FROM records WHERE key = ?');

  return {
    transact({ nowMs, operations }: RequestOf<'transact'>): Answers['transact'] {
      for (const operation of operations) {
        if (operation.kind === 'take' && !holds(operation.topic, operation.id, nowMs))
          return { status: 'conflict', key: `${operation.topic} ${operation.id}` };
        if (operation.kind !== 'check') continue;
        const row = revision.get(operation.key) as [number] | undefined;
        if (operation.revision !== (row?.[0] ?? 0)) return { status: 'conflict', key: operation.key };
      }
      const next = counter.next();
      for (const operation of operations) {
        switch (operation.kind) {
          case 'check':
            break;
          case 'put':
            put.run(operation.key, next, operation.json);
            break;
          case 'delete':
            remove.run(operation.key);
            break;
          case 'append':
            appendOne(operation.topic, operation, nowMs);
            break;
          case 'take':
            takeOne(operation.topic, operation.id);
            break;
          default:
            never(operation);
        }
      }
      return { status: 'committed', revision: next };
    },
  };
}

/** Items whose time is over. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Records } from '../../store/records.ts';
import { newCause } from '../../util/cause.ts';
import type { Clock } from '../../util/clock.ts';
import type { Ids } from '../../util/ids.ts';
import type { Item } from './attribute-value.ts';
import type { Decision } from './item-change.ts';
import { decodeItem } from './item-codec.ts';
import { expiryBound, expiryIndex, indexPrefix } from './item-places.ts';
import type { TableCiphers } from './table-ciphers.ts';
import type { TableItems } from './table-items.ts';
import type { Table } from './table.ts';

/** Deleted, and committed, at once. */
const batchRows = 100;
/** Longer ago than that a time is taken for a mistake. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ttl-expired-items.html */
const yearsBack = 5;
const yearSeconds = 365 * 86_400;

type Parts = { records: Records; clock: Clock; ids: Ids; ciphers: TableCiphers; items: TableItems };

/** All of a table's; each is looked at again while nobody else changes it. */
export async function deleteExpired(
  { records, clock, ids, ciphers, items }: Parts,
  table: Table,
  attribute: string,
  isClosed: () => boolean,
): Promise<void> {
  const nowSeconds = Math.floor(clock.now() / 1_000);
  const fromSeconds = nowSeconds - yearsBack * yearSeconds;
  const cipher = await ciphers.of(table.id, table.cipherKey);
  const [prefix, before] = [indexPrefix(table.id, expiryIndex), expiryBound(table, nowSeconds)];
  for (let from = expiryBound(table, fromSeconds); !isClosed();) {
    const entries = await records.range({ prefix, from, before, limit: batchRows });
    await Promise.all(
      entries.map(async ({ key, value }) => {
        const change = { table, key: decodeItem(cipher.open(value as string, key)), decide };
        await items.write([change], { cause: newCause(clock.now(), ids.hex(12)), byExpiry: true });
      }),
    );
    const last = entries.at(-1);
    if (last === undefined || entries.length < batchRows) return;
    from = `${last.key} `;
    await nextTurn();
  }

  function decide(item: Item | undefined): Decision {
    const end = item?.[attribute];
    const seconds = end !== undefined && 'N' in end ? Number(end.N) : Infinity;
    return { kind: seconds <= nowSeconds && seconds >= fromSeconds ? 'delete' : 'keep' };
  }
}

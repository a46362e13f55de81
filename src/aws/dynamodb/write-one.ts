import type { ItemChange, ItemWritten } from '../../resources/table/item-change.ts';
import type { AwsContext } from '../service.ts';
import { unitsOf } from './consumed-capacity.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';

/** One item. Errors: those of its decision. */
export async function writeOne(
  { tables, used }: Pick<DynamoDbParts, 'tables' | 'used'>,
  { cause }: Pick<AwsContext, 'cause'>,
  change: ItemChange,
): Promise<ItemWritten> {
  const written = await tables.items.write([change], { cause });
  if (written.status === 'refused') {
    // What a condition was asked of was read, and is paid for as if it had been written.
    used(change.table, { writeUnits: 1 });
    throw written.refusals[0]?.why ?? new Error('invariant broken: refused for nothing');
  }
  const [one] = written.changes;
  if (one === undefined) throw new Error('invariant broken: a change without an outcome');
  used(change.table, { writeUnits: unitsOf(one.units) });
  return one;
}

/** What a month's reading and writing of tables costs. Pure, and exact. */
import type { Plan } from './price.ts';
import type { TableRow } from './usage-row.ts';

/** Reads in halves of a unit, the least that there is. */
export type TableUsage = { table: string; halfReadUnits: bigint; writeUnits: bigint };

export function addTableRow(usage: TableUsage | undefined, { table, readUnits, writeUnits }: TableRow): TableUsage {
  return {
    table,
    halfReadUnits: (usage?.halfReadUnits ?? 0n) + BigInt(Math.round(readUnits * 2)),
    writeUnits: (usage?.writeUnits ?? 0n) + BigInt(Math.round(writeUnits)),
  };
}

export const tableTrillionths = ({ halfReadUnits, writeUnits }: Omit<TableUsage, 'table'>, plan: Plan): bigint =>
  halfReadUnits * plan.halfReadUnitTrillionths + writeUnits * plan.writeUnitTrillionths;

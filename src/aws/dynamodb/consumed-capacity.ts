/** ReturnConsumedCapacity. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html */
import type { WriteUnits } from '../../resources/table/item-change.ts';
import type { Table } from '../../resources/table/table.ts';

/** Units, of the table itself and by the names of its indexes. */
export type Consumed = { table: number; indexes: Readonly<Record<string, number>> };

type Capacity = { CapacityUnits: number; ReadCapacityUnits?: number; WriteCapacityUnits?: number };

export type ConsumedCapacityAnswer = Capacity & {
  TableName: string;
  Table?: Capacity;
  GlobalSecondaryIndexes?: Record<string, Capacity>;
  LocalSecondaryIndexes?: Record<string, Capacity>;
};

/** `kind`: of a transaction, whose units are told by their kind too. `tableName`: as the caller says it. */
export function consumedCapacity(
  wanted: string | undefined,
  tableName: string,
  table: Pick<Table, 'indexes'>,
  consumed: Consumed,
  kind?: 'read' | 'write',
): ConsumedCapacityAnswer | undefined {
  if (wanted !== 'TOTAL' && wanted !== 'INDEXES') return undefined;
  const capacity = (units: number): Capacity => ({
    CapacityUnits: units,
    ...(kind === 'read' && { ReadCapacityUnits: units }),
    ...(kind === 'write' && { WriteCapacityUnits: units }),
  });
  const answer: ConsumedCapacityAnswer = { TableName: tableName, ...capacity(unitsOf(consumed)) };
  if (wanted === 'TOTAL') return answer;
  answer.Table = capacity(consumed.table);
  for (const [name, units] of Object.entries(consumed.indexes)) {
    const isLocal = table.indexes.find((index) => index.name === name)?.kind === 'local';
    const member = isLocal ? 'LocalSecondaryIndexes' : 'GlobalSecondaryIndexes';
    answer[member] = { ...answer[member], [name]: capacity(units) };
  }
  return answer;
}

export const unitsOf = ({ table, indexes }: Consumed): number =>
  Object.values(indexes).reduce((sum, units) => sum + units, table);

/** Of several writes or reads of one table together. */
export function addConsumed(one: Consumed, other: Consumed | WriteUnits): Consumed {
  const indexes = { ...one.indexes };
  for (const [name, units] of Object.entries(other.indexes)) indexes[name] = (indexes[name] ?? 0) + units;
  return { table: one.table + other.table, indexes };
}

/** A transaction reads or writes everything twice. */
export const doubled = ({ table, indexes }: Consumed): Consumed => ({
  table: table * 2,
  indexes: Object.fromEntries(Object.entries(indexes).map(([name, units]) => [name, units * 2])),
});

export const nothingConsumed: Consumed = Object.freeze({ table: 0, indexes: Object.freeze({}) });

/** What a statement needs permission for. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html */
import type { Item } from '../../../resources/table/attribute-value.ts';
import type { Table } from '../../../resources/table/table.ts';
import { keyValueOf } from '../../../resources/table/item-places.ts';
import type { Access, AwsContext } from '../../service.ts';
import type { DynamoDbParts } from '../dynamodb-parts.ts';
import { attributesOfCondition, attributesOfUpdate } from '../named-attributes.ts';
import { type ItemConditions, onItems, tableReference } from '../table-reference.ts';
import { isFullScan } from './select-items.ts';
import type { Returning, SelectStatement, Statement } from './statement.ts';
import { partitionsIn } from './statement-keys.ts';

/** As operations with parameters call it. */
const returnValues: Readonly<Record<Returning, string>> = {
  'ALL OLD': 'ALL_OLD',
  'ALL NEW': 'ALL_NEW',
  'MODIFIED OLD': 'UPDATED_OLD',
  'MODIFIED NEW': 'UPDATED_NEW',
};

/** `enclosing`: the transaction of which it is. */
export function accessOfStatement(
  { tables }: Pick<DynamoDbParts, 'tables'>,
  context: AwsContext,
  statement: Statement,
  enclosing?: string,
): Access {
  const within = enclosing === undefined ? {} : { enclosing };
  const tableNamed = (name: string): Table | undefined => {
    const reference = tableReference(context, name);
    return tables.get(reference.account, reference.name);
  };
  if (statement.kind === 'select' || statement.kind === 'exists') {
    const select = statement.kind === 'select' ? statement : statement.select;
    return accessOfSelect(context, select, tableNamed(select.table), within);
  }
  const table = tableNamed(statement.table);
  if (statement.kind === 'insert')
    return onItems(context, 'PartiQLInsert', statement.table, {
      ...within,
      leadingKeys: table === undefined ? [] : keyOfItem(table, statement.item),
      attributes: Object.keys(statement.item),
    });
  return onItems(context, statement.kind === 'update' ? 'PartiQLUpdate' : 'PartiQLDelete', statement.table, {
    ...within,
    leadingKeys: (table === undefined ? undefined : partitionsIn(statement.where, table.key)) ?? [],
    attributes: [
      ...attributesOfCondition(statement.where),
      ...(statement.kind === 'update' ? attributesOfUpdate(statement) : []),
    ],
    returnValues: statement.returning === undefined ? 'NONE' : returnValues[statement.returning],
  });
}

function accessOfSelect(
  context: AwsContext,
  select: SelectStatement,
  table: Table | undefined,
  within: ItemConditions,
): Access {
  const key = table?.indexes.find((index) => index.name === select.index)?.key ?? table?.key;
  const access = onItems(
    context,
    'PartiQLSelect',
    select.table,
    {
      ...within,
      leadingKeys: (key === undefined ? undefined : partitionsIn(select.where, key)) ?? [],
      attributes: [...attributesOfCondition(select.where), ...(select.paths ?? []).map(([name]) => name)],
      select: select.paths === undefined ? 'ALL_ATTRIBUTES' : 'SPECIFIC_ATTRIBUTES',
    },
    select.index,
  );
  const isFull = table === undefined || isFullScan(table, select);
  return { ...access, conditions: { ...access.conditions, 'dynamodb:fulltablescan': String(isFull) } };
}

function keyOfItem({ key }: Table, item: Item): NonNullable<ItemConditions['leadingKeys']> {
  const value = keyValueOf(item, key.partition);
  return value === undefined ? [] : [value];
}

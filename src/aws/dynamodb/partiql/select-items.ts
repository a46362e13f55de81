/** SELECT: a query where the condition says the partition key, a scan where it does not. */
import { type AttributeValue, compareValues, type Item, newItem } from '../../../resources/table/attribute-value.ts';
import { readUnits } from '../../../resources/table/capacity.ts';
import { decodeItem, encodeItem } from '../../../resources/table/item-codec.ts';
import type { ItemPage } from '../../../resources/table/item-page.ts';
import type { KeyValue } from '../../../resources/table/key-text.ts';
import { attributesOf, type Table, type TableIndex, tableLimits } from '../../../resources/table/table.ts';
import { PlatformError } from '../../../util/errors.ts';
import type { Consumed } from '../consumed-capacity.ts';
import type { DynamoDbParts } from '../dynamodb-parts.ts';
import { type DocumentPath, valueAt } from '../expression/document-path.ts';
import { validationException } from '../expression/validation-exception.ts';
import { filterItems } from '../filter-items.ts';
import { attributesOfCondition } from '../named-attributes.ts';
import { requireStart } from '../page-of-items.ts';
import type { SelectStatement } from './statement.ts';
import { partitionsIn, sortIn } from './statement-keys.ts';

export type SelectOptions = { limit?: number; isConsistent: boolean; token?: string };
export type Selected = {
  items: readonly Item[];
  token: string | undefined;
  last: Item | undefined;
  consumed: Consumed;
};

/** Where the page before ended: in which of the partitions, and with which item. */
type Place = { partition: number; after?: Item };

/** Errors: ValidationException. */
export async function selectItems(
  { tables }: Pick<DynamoDbParts, 'tables'>,
  table: Table,
  statement: SelectStatement,
  { limit, isConsistent, token }: SelectOptions,
): Promise<Selected> {
  const { where } = statement;
  const index = indexNamed(table, statement.index, isConsistent);
  const key = index?.key ?? table.key;
  const isWhole = needsWhole(table, index, statement);
  const partitions = partitionsIn(where, key);
  const isReversed = orderOf(statement, key.sort?.name, key.partition.name, partitions);
  const sort = sortIn(where, key);
  const start: Place = token === undefined ? { partition: 0 } : readToken(token);
  if (start.after !== undefined) requireStart(table, index, start.after);

  const request = { ...(index !== undefined && { index: index.name }), ...(isWhole && { isWhole }) };
  const found: Item[] = [];
  const counted = { items: 0, bytes: 0, units: 0, fetched: 0 };
  const kind = isConsistent ? 'strong' : 'eventual';
  let next: Place | undefined = start;
  do {
    const at: Place = next;
    const page: ItemPage = await readFrom(at, limit === undefined ? undefined : limit - counted.items);
    counted.items += page.items.length;
    counted.bytes += page.bytes;
    counted.units += readUnits(page.bytes, kind);
    counted.fetched += page.fetchedBytes.reduce((sum, bytes) => sum + readUnits(bytes, kind), 0);
    for (const item of await filterItems(page.items, where)) found.push(item);
    if (page.last !== undefined) next = { partition: at.partition, after: page.last };
    else next = at.partition + 1 < (partitions?.length ?? 0) ? { partition: at.partition + 1 } : undefined;
  } while (next !== undefined && next.after === undefined && !isFull());

  const { units } = counted;
  return {
    items: found.map((item) => pickPaths(item, statement.paths)),
    token: next === undefined ? undefined : tokenOf(next),
    last: next?.after,
    consumed:
      index === undefined
        ? { table: units, indexes: {} }
        : { table: counted.fetched, indexes: { [index.name]: units } },
  };

  function isFull(): boolean {
    return (limit !== undefined && counted.items >= limit) || counted.bytes >= tableLimits.pageBytesMax;
  }

  function readFrom({ partition, after }: Place, left: number | undefined): Promise<ItemPage> {
    const page = { ...request, ...(after !== undefined && { after }), ...(left !== undefined && { limit: left }) };
    if (partitions === undefined) return tables.items.scan(table, page);
    const value: KeyValue | undefined = partitions[partition];
    if (value === undefined) throw invalidToken();
    return tables.items.query(table, { ...page, partition: value, ...(sort !== undefined && { sort }), isReversed });
  }
}

/** Whether a statement goes through the whole table, for policies that keep who asks from it. */
export const isFullScan = (table: Table, { index, where }: SelectStatement): boolean => {
  const key = index === undefined ? table.key : table.indexes.find((one) => one.name === index)?.key;
  return key === undefined || partitionsIn(where, key) === undefined;
};

function indexNamed(table: Table, name: string | undefined, isConsistent: boolean): TableIndex | undefined {
  if (name === undefined) return undefined;
  const index = table.indexes.find((one) => one.name === name);
  if (index === undefined) throw validationException('The table does not have the specified index');
  if (index.kind === 'global' && isConsistent)
    throw validationException('Strongly consistent read is not supported on Global Secondary Indexes');
  return index;
}

function needsWhole(table: Table, index: TableIndex | undefined, { where, paths }: SelectStatement): boolean {
  if (index === undefined || index.projection.kind === 'ALL') return false;
  const has = new Set([
    ...[table.key, index.key].flatMap(attributesOf).map(({ name }) => name),
    ...(index.projection.kind === 'INCLUDE' ? index.projection.attributes : []),
  ]);
  const invalid = 'One or more parameter values were invalid:';
  const unfiltered = [...new Set(attributesOfCondition(where).filter((name) => !has.has(name)))];
  if (unfiltered.length > 0)
    throw validationException(
      `${invalid} Secondary index ${index.name} does not project one or more filter attributes: [${unfiltered.join(', ')}]`,
    );
  const missing = (paths ?? []).map(([name]) => name).filter((name) => !has.has(name));
  if (missing.length > 0 && index.kind === 'global')
    throw validationException(
      `${invalid} Global secondary index ${index.name} does not project [${missing.join(', ')}]`,
    );
  return missing.length > 0;
}

/** Whether it goes backwards; several partitions are put in their order. */
function orderOf(
  { order, where }: SelectStatement,
  sortName: string | undefined,
  partitionName: string,
  partitions: KeyValue[] | undefined,
): boolean {
  if (order.length === 0) return false;
  if (where === undefined)
    throw validationException('Must have WHERE clause in the statement when using ORDER BY clause.');
  if (partitions === undefined)
    throw validationException(
      'Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.',
    );
  let isReversed = false;
  for (const { path, isDescending } of order) {
    const [name] = path;
    if (path.length > 1 || (name !== sortName && name !== partitionName))
      throw validationException(`Variable reference ${name} in ORDER BY clause must be part of the primary key`);
    if (name === sortName) isReversed = isDescending;
    else partitions.sort((one, other) => (compareValues(one, other) ?? 0) * (isDescending ? -1 : 1));
  }
  return isReversed;
}

/** What is wanted of an item, each under the last name of its path; no paths: all of it. */
export function pickPaths(item: Item, paths: readonly DocumentPath[] | undefined): Item {
  if (paths === undefined) return item;
  const part: Record<string, AttributeValue> = newItem();
  for (const path of paths) {
    const value = valueAt(item, path);
    if (value !== undefined) part[nameOf(path)] = value;
  }
  return part;
}

function nameOf(path: DocumentPath): string {
  let name = '';
  for (const part of path) name = typeof part === 'number' ? `${name}[${part}]` : part;
  return name;
}

const tokenOf = ({ partition, after }: Place): string =>
  Buffer.from(JSON.stringify([partition, ...(after === undefined ? [] : [encodeItem(after)])])).toString('base64');

function readToken(token: string): Place {
  try {
    const [partition, after] = JSON.parse(Buffer.from(token, 'base64').toString('utf8')) as [unknown, unknown];
    if (typeof partition !== 'number' || !Number.isInteger(partition) || partition < 0) throw invalidToken();
    return { partition, ...(typeof after === 'string' && { after: decodeItem(after) }) };
  } catch (cause) {
    if (cause instanceof PlatformError) throw cause;
    throw invalidToken();
  }
}

const invalidToken = (): Error => validationException('The provided NextToken is invalid');

/** What Query and Scan have in common: which items of a page are answered, and what of them. */
import type { Item } from '../../resources/table/attribute-value.ts';
import { readUnits } from '../../resources/table/capacity.ts';
import type { ItemPage } from '../../resources/table/item-page.ts';
import { attributesOf, type Table, type TableIndex } from '../../resources/table/table.ts';
import { PlatformError } from '../../util/errors.ts';
import { readItem, type WireItem } from './attribute-input.ts';
import { type Consumed, consumedCapacity, unitsOf } from './consumed-capacity.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { type Condition, parseCondition } from './expression/condition.ts';
import type { ExpressionNames } from './expression/expression-names.ts';
import { project, type Projection } from './expression/projection.ts';
import { validationException } from './expression/validation-exception.ts';
import { filterItems } from './filter-items.ts';
import { requireKey } from './item-keys.ts';
import { attributesOfCondition } from './named-attributes.ts';
import { readProjection } from './read-projection.ts';

export type PageInput = {
  TableName?: string | undefined;
  IndexName?: string | undefined;
  Select?: string | undefined;
  Limit?: number | undefined;
  ConsistentRead?: boolean | undefined;
  ExclusiveStartKey?: WireItem | undefined;
  ReturnConsumedCapacity?: string | undefined;
  ProjectionExpression?: string | undefined;
  AttributesToGet?: readonly string[] | undefined;
  FilterExpression?: string | undefined;
};

export type ReadPage = { filter: Condition | undefined; projection: Projection | undefined; after: Item | undefined };

const invalid = 'One or more parameter values were invalid:';

/** `legacyFilter`: where the request has one. Errors: ValidationException. */
export function readPage(input: PageInput, names: ExpressionNames, legacyFilter: Condition | undefined): ReadPage {
  const filter =
    input.FilterExpression === undefined
      ? legacyFilter
      : parseCondition('FilterExpression', input.FilterExpression, names);
  const projection = readProjection(input, names);
  requireSelect(input);
  return { filter, projection, after: readStart(input.ExclusiveStartKey) };
}

/** What AWS says of it as it is, and what after these words. */
const saidAsIs = /contains duplicates|number set|numeric value|significant digits|number with magnitude/i;

function readStart(start: WireItem | undefined): Item | undefined {
  if (start === undefined) return undefined;
  return readItem(start, (error) =>
    error instanceof PlatformError && !saidAsIs.test(error.message)
      ? validationException(`The provided starting key is invalid: ${error.message}`)
      : error,
  );
}

function requireSelect({ Select, ProjectionExpression, AttributesToGet, IndexName }: PageInput): void {
  const given =
    ProjectionExpression !== undefined
      ? 'ProjectionExpression'
      : AttributesToGet === undefined
        ? undefined
        : 'AttributesToGet';
  if (Select === 'SPECIFIC_ATTRIBUTES' && given === undefined)
    throw validationException(
      `${invalid} Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES`,
    );
  if (Select !== undefined && Select !== 'SPECIFIC_ATTRIBUTES' && given !== undefined)
    throw validationException(
      `${invalid} Cannot specify the ${given} when choosing to get ${Select === 'COUNT' ? 'only the Count' : Select}`,
    );
  if (Select === 'ALL_PROJECTED_ATTRIBUTES' && IndexName === undefined)
    throw validationException(`${invalid} ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName`);
}

/** What a request selects, also one that leaves it to the vendor to say what that is. */
export function selectOf({ Select, IndexName }: PageInput, projection: Projection | undefined): string {
  if (Select !== undefined) return Select;
  if (projection !== undefined) return 'SPECIFIC_ATTRIBUTES';
  return IndexName === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
}

/** Undefined: the table itself. Errors: ValidationException. */
export function indexOf(table: Table, { IndexName, ConsistentRead }: PageInput): TableIndex | undefined {
  if (IndexName === undefined) return undefined;
  const index = table.indexes.find((one) => one.name === IndexName);
  if (index === undefined) throw validationException(`The table does not have the specified index: ${IndexName}`);
  if (index.kind === 'global' && ConsistentRead === true)
    throw validationException('Consistent reads are not supported on global secondary indexes');
  return index;
}

/** Whether whole items are needed, of an index that has only parts of them. Errors: ValidationException. */
export function needsWhole(
  table: Table,
  index: TableIndex | undefined,
  { Select }: PageInput,
  { filter, projection }: ReadPage,
): boolean {
  if (index === undefined || index.projection.kind === 'ALL') return false;
  const has = new Set([
    ...attributesOf(table.key).map(({ name }) => name),
    ...attributesOf(index.key).map(({ name }) => name),
    ...(index.projection.kind === 'INCLUDE' ? index.projection.attributes : []),
  ]);
  const isMissing = (name: string): boolean => !has.has(name);
  const unfiltered = attributesOfCondition(filter).filter(isMissing);
  const missing = [...(projection?.keys() ?? [])].filter(isMissing);
  // What is fetched is whole, and so can be filtered by whatever it has.
  if (index.kind === 'local' && (Select === 'ALL_ATTRIBUTES' || missing.length > 0)) return true;
  if (Select === 'ALL_ATTRIBUTES')
    throw validationException(
      `${invalid} Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  if (unfiltered.length > 0)
    throw validationException(
      `${invalid} ${index.kind === 'global' ? 'Global' : 'Local'} secondary index ${index.name} does not project one or more filter attributes: [${[...new Set(unfiltered)].join(', ')}]`,
    );
  if (missing.length > 0)
    throw validationException(
      `${invalid} Global secondary index ${index.name} does not project [${missing.join(', ')}]`,
    );
  return false;
}

const invalidStart = 'The provided starting key is invalid';

/** Errors: ValidationException, where it is not where a page of this table or index can have ended. */
export function requireStart(table: Table, index: TableIndex | undefined, after: Item): void {
  const keys = [table.key, ...(index === undefined ? [] : [index.key])].flatMap(attributesOf);
  const names = new Set(keys.map(({ name }) => name));
  if (Object.keys(after).length !== names.size)
    throw validationException(
      index === undefined ? `${invalidStart}: The provided key element does not match the schema` : invalidStart,
    );
  for (const { name, type } of keys) {
    const value = after[name];
    if (value === undefined || !(type in value))
      throw validationException(
        index === undefined ? `${invalidStart}: The provided key element does not match the schema` : invalidStart,
      );
  }
  const tableNames = new Set(attributesOf(table.key).map(({ name }) => name));
  const tableKey = Object.fromEntries(Object.entries(after).filter(([name]) => tableNames.has(name)));
  try {
    requireKey(table, tableKey);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    throw validationException(`${invalidStart}: ${error.message}`);
  }
}

/** The answer of a page that was read. */
export async function answerPage(
  parts: Pick<DynamoDbParts, 'used'>,
  input: PageInput,
  { filter, projection }: ReadPage,
  table: Table,
  index: TableIndex | undefined,
  page: ItemPage,
): Promise<object> {
  const kind = input.ConsistentRead === true ? 'strong' : 'eventual';
  const units = readUnits(page.bytes, kind);
  const fetched = page.fetchedBytes.reduce((sum, bytes) => sum + readUnits(bytes, kind), 0);
  const consumed: Consumed =
    index === undefined ? { table: units, indexes: {} } : { table: fetched, indexes: { [index.name]: units } };
  parts.used(table, { readUnits: unitsOf(consumed) });
  const kept = await filterItems(page.items, filter);
  return {
    Items:
      input.Select === 'COUNT'
        ? undefined
        : projection === undefined
          ? kept
          : kept.map((item) => project(item, projection)),
    Count: kept.length,
    ScannedCount: page.items.length,
    LastEvaluatedKey: page.last,
    ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, input.TableName ?? '', table, consumed),
  };
}

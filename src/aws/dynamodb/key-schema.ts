/** Keys, indexes and throughput as a request gives them, checked as DynamoDB checks them. Errors: ValidationException. */
import type {
  AttributeDefinition,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  Projection as GivenProjection,
  ProvisionedThroughput,
} from '@aws-sdk/client-dynamodb';
import { invalidTable } from '../../resources/table/table-errors.ts';
import {
  tableLimits,
  type KeyAttribute,
  type KeyType,
  type Projection,
  type TableKey,
  type Throughput,
} from '../../resources/table/table.ts';
import type { NewIndex } from '../../resources/table/tables.ts';
import { never } from '../../util/assert.ts';

export type Definitions = ReadonlyMap<string, KeyType>;

const wrong = (message: string): Error => invalidTable(`One or more parameter values were invalid: ${message}`);

/** Units a second that a request can ask for. */
const unitsMax = 1_000_000_000_000;

export function definitionsOf(given: readonly AttributeDefinition[] | undefined): Definitions {
  const definitions = new Map<string, KeyType>();
  for (const { AttributeName: name = '', AttributeType: type = 'S' } of given ?? []) {
    if (definitions.has(name)) throw wrong(`Duplicate AttributeName in AttributeDefinitions: ${name}`);
    definitions.set(name, type as KeyType);
  }
  return definitions;
}

export function keyOfSchema(schema: readonly KeySchemaElement[] | undefined, definitions: Definitions): TableKey {
  const [first, second, ...more] = schema ?? [];
  if (first === undefined)
    throw invalidTable(
      'No defined key schema.  A key schema containing at least a hash key must be defined for all tables',
    );
  if (more.length > 0) throw wrong('A key schema has one HASH and at most one RANGE element here');
  const names = [first, ...(second === undefined ? [] : [second])].map(({ AttributeName: name = '' }) => name);
  if (names.some((name) => !definitions.has(name)))
    throw wrong(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${names.join(', ')}], AttributeDefinitions: [${[...definitions.keys()].join(', ')}]`,
    );
  if (names.length === 2 && names[0] === names[1])
    throw invalidTable('Both the Hash Key and the Range Key element in the KeySchema have the same name');
  if (first.KeyType !== 'HASH')
    throw invalidTable('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  if (second !== undefined && second.KeyType !== 'RANGE')
    throw invalidTable('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  const [partition, sort] = names.map((name): KeyAttribute => ({ name, type: definitions.get(name) ?? 'S' }));
  if (partition === undefined) throw new Error('invariant broken: a key schema without a first element');
  return { partition, ...(sort !== undefined && { sort }) };
}

/** That nothing is defined which no key has. */
export function checkAllUsed(definitions: Definitions, keys: readonly TableKey[]): void {
  const used = new Set(
    keys.flatMap(({ partition, sort }) => [partition.name, ...(sort === undefined ? [] : [sort.name])]),
  );
  if ([...definitions.keys()].every((name) => used.has(name))) return;
  throw keys.length === 1
    ? wrong(
        'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
      )
    : wrong(
        `Some AttributeDefinitions are not used. AttributeDefinitions: [${[...definitions.keys()].join(', ')}], keys used: [${[...used].join(', ')}]`,
      );
}

export function localIndexes(
  given: readonly LocalSecondaryIndex[] | undefined,
  key: TableKey,
  definitions: Definitions,
): NewIndex[] {
  if (given === undefined) return [];
  if (given.length === 0) throw wrong('List of LocalSecondaryIndexes is empty');
  if (key.sort === undefined)
    throw wrong('Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex');
  const indexes = given.map(({ IndexName: name = '', KeySchema: schema, Projection: projection }): NewIndex => {
    const own = keyOfSchema(schema, definitions);
    if (own.sort === undefined) throw wrong(`Index KeySchema does not have a range key for index: ${name}`);
    if (own.partition.name !== key.partition.name)
      throw wrong(
        `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${name}. index hash key: ${own.partition.name}, table hash key: ${key.partition.name}`,
      );
    return { name, kind: 'local', key: own, projection: projectionOf(projection) };
  });
  if (indexes.length > tableLimits.localIndexesMax)
    throw wrong(`Number of LocalSecondaryIndexes exceeds per-table limit of ${tableLimits.localIndexesMax}`);
  return indexes;
}

export function globalIndex(given: GlobalSecondaryIndex, definitions: Definitions, isProvisioned: boolean): NewIndex {
  const { IndexName: name = '', KeySchema: schema, Projection: projection, ProvisionedThroughput: units } = given;
  if (given.OnDemandThroughput !== undefined || given.WarmThroughput !== undefined)
    throw wrong('OnDemandThroughput and WarmThroughput of an index are not built');
  const key = keyOfSchema(schema, definitions);
  if (!isProvisioned && units !== undefined)
    throw wrong(`ProvisionedThroughput should not be specified for index: ${name} when BillingMode is PAY_PER_REQUEST`);
  if (isProvisioned && units === undefined) throw wrong(`ProvisionedThroughput must be specified for index: ${name}`);
  return {
    name,
    kind: 'global',
    key,
    projection: projectionOf(projection),
    ...(units !== undefined && { throughput: throughputOf(units) }),
  };
}

export function globalIndexes(
  given: readonly GlobalSecondaryIndex[] | undefined,
  definitions: Definitions,
  isProvisioned: boolean,
): NewIndex[] {
  if (given === undefined) return [];
  if (given.length === 0) throw wrong('List of GlobalSecondaryIndexes is empty');
  return given.map((index) => globalIndex(index, definitions, isProvisioned));
}

/** Of all that a table then has. */
export function checkIndexes(indexes: readonly Pick<NewIndex, 'name' | 'kind' | 'projection'>[]): void {
  const names = new Set<string>();
  for (const { name } of indexes) {
    if (names.has(name)) throw wrong(`Duplicate index name: ${name}`);
    names.add(name);
  }
  if (indexes.filter(({ kind }) => kind === 'global').length > tableLimits.globalIndexesMax)
    throw wrong(`GlobalSecondaryIndex count exceeds the per-table limit of ${tableLimits.globalIndexesMax}`);
  const included = indexes.flatMap(({ projection }) => (projection.kind === 'INCLUDE' ? projection.attributes : []));
  if (included.length > tableLimits.projectedAttributesMax)
    throw wrong(
      `Number of NonKeyAttributes of all indexes exceeds the per-table limit of ${tableLimits.projectedAttributesMax}`,
    );
}

function projectionOf(given: GivenProjection | undefined): Projection {
  const { ProjectionType: kind, NonKeyAttributes: attributes } = given ?? {};
  switch (kind) {
    case 'ALL':
    case 'KEYS_ONLY':
      if (attributes !== undefined) throw wrong(`ProjectionType is ${kind}, but NonKeyAttributes is specified`);
      return { kind };
    case 'INCLUDE':
      if (attributes === undefined || attributes.length === 0)
        throw wrong('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
      return { kind, attributes: [...new Set(attributes)] };
    case undefined:
      throw wrong('Unknown ProjectionType: null');
    default:
      return never(kind);
  }
}

export function throughputOf({
  ReadCapacityUnits: readUnits = 0,
  WriteCapacityUnits: writeUnits = 0,
}: ProvisionedThroughput): Throughput {
  if (readUnits > unitsMax) throw invalidTable(`Given value ${readUnits} for ReadCapacityUnits is out of bounds`);
  if (writeUnits > unitsMax) throw invalidTable(`Given value ${writeUnits} for WriteCapacityUnits is out of bounds`);
  return { readUnits, writeUnits };
}

/** Whether an item or a key is one of a table. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
import { type AttributeValue, type Item, typeOf } from '../../resources/table/attribute-value.ts';
import { keyValueOf } from '../../resources/table/item-places.ts';
import { keyText, type KeyValue } from '../../resources/table/key-text.ts';
import {
  attributesOf,
  type KeyAttribute,
  type Table,
  type TableIndex,
  tableLimits,
} from '../../resources/table/table.ts';
import type { AwsContext } from '../service.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { validationException } from './expression/validation-exception.ts';
import { tableReference } from './table-reference.ts';

const invalid = 'One or more parameter values were invalid:';
const notValid = 'One or more parameter values are not valid.';

/** Errors: ValidationException, where it is not exactly the table's key. */
export function requireKey({ key }: Pick<Table, 'key'>, given: Item): void {
  const attributes = attributesOf(key);
  if (Object.keys(given).length !== attributes.length) throw notTheKey();
  for (const attribute of attributes) {
    const value = keyValueOf(given, attribute);
    if (value === undefined) throw notTheKey();
    requireKeyValue(attribute.name, value, attribute === key.partition);
  }
}

const notTheKey = (): Error => validationException('The provided key element does not match the schema');

/** Errors: ValidationException, where it cannot be an item of the table, or an entry of its indexes. */
export function requireItemKeys(table: Pick<Table, 'key' | 'indexes'>, item: Item): void {
  for (const attribute of attributesOf(table.key)) {
    const { name, type } = attribute;
    const value = item[name];
    if (value === undefined) throw validationException(`${invalid} Missing the key ${name} in the item`);
    const keyValue = keyValueOf(item, attribute);
    if (keyValue === undefined)
      throw validationException(`${invalid} Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
    requireKeyValue(name, keyValue, attribute === table.key.partition);
  }
  requireIndexKeys(table, item);
}

/** In the order in which DynamoDB finds fault with them. */
export const globalFirst = ({ indexes }: Pick<Table, 'indexes'>): readonly TableIndex[] => [
  ...indexes.filter(({ kind }) => kind === 'global'),
  ...indexes.filter(({ kind }) => kind === 'local'),
];

/** Errors: ValidationException. */
export function requireIndexKeys(table: Pick<Table, 'indexes'>, item: Item): void {
  for (const index of globalFirst(table)) {
    for (const attribute of attributesOf(index.key)) {
      const value = item[attribute.name];
      if (value !== undefined) requireIndexKey(index.name, attribute, value, attribute === index.key.partition);
    }
  }
}

function requireIndexKey(index: string, attribute: KeyAttribute, value: AttributeValue, isPartition: boolean): void {
  const { name, type } = attribute;
  if (!(type in value))
    throw validationException(
      `${invalid} Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index}`,
    );
  const kind = emptyKind(value);
  if (kind !== undefined)
    throw validationException(
      `${notValid} A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${kind} value. IndexName: ${index}, IndexKey: ${name}`,
    );
  requireSize(value, isPartition);
}

function requireKeyValue(name: string, value: KeyValue, isPartition: boolean): void {
  const kind = emptyKind(value);
  if (kind !== undefined)
    throw validationException(
      `${notValid} The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`,
    );
  requireSize(value, isPartition);
}

function emptyKind(value: AttributeValue): string | undefined {
  if ('S' in value) return value.S === '' ? 'string' : undefined;
  return 'B' in value && value.B.byteLength === 0 ? 'binary' : undefined;
}

function requireSize(value: AttributeValue, isPartition: boolean): void {
  const bytes = 'S' in value ? Buffer.byteLength(value.S) : 'B' in value ? value.B.byteLength : 0;
  const { partitionKeyBytesMax, sortKeyBytesMax } = tableLimits;
  // Without a space before the number, as the vendor says it.
  if (isPartition && bytes > partitionKeyBytesMax)
    throw validationException(
      `${invalid} Size of hashkey has exceeded the maximum size limit of${partitionKeyBytesMax} bytes`,
    );
  if (!isPartition && bytes > sortKeyBytesMax)
    throw validationException(
      `${invalid} Aggregated size of all range keys has exceeded the size limit of ${sortKeyBytesMax} bytes`,
    );
}

/** What a policy may ask of a request that names these items; none: there is no such table, or no such key. */
export function leadingKeysOf(
  { tables }: Pick<DynamoDbParts, 'tables'>,
  context: Pick<AwsContext, 'account' | 'region'>,
  nameOrArn: string | undefined,
  items: readonly Item[],
): KeyValue[] {
  const { account, name } = tableReference(context, nameOrArn);
  const table = tables.get(account, name);
  if (table === undefined) return [];
  return items.flatMap((item) => keyValueOf(item, table.key.partition) ?? []);
}

/** Of an item or key of this table: no two items have the same. */
export function keyTextOf({ key }: Pick<Table, 'key'>, item: Item): string {
  const texts = attributesOf(key).map((attribute) => {
    const value = keyValueOf(item, attribute);
    if (value === undefined) throw notTheKey();
    return keyText(value);
  });
  return texts.join(' ');
}

/** Of a batch. Errors: ValidationException. */
export function requireDistinctKeys(table: Pick<Table, 'key'>, keys: readonly Item[]): void {
  if (new Set(keys.map((key) => keyTextOf(table, key))).size < keys.length)
    throw validationException('Provided list of item keys contains duplicates');
}

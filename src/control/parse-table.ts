import type { DeployedTable } from '../manifest/deployment.ts';
import { checkTableSettings } from '../resources/table/table-settings.ts';
import {
  tableLimits,
  type KeyAttribute,
  type KeyType,
  type Projection,
  type StreamView,
  type TableKey,
} from '../resources/table/table.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject, refuse } from '../util/field.ts';

const namePattern = /^[a-zA-Z0-9_.-]{3,255}$/;
const keyTypes: readonly KeyType[] = ['S', 'N', 'B'];
const views: readonly StreamView[] = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'];
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const attributeLengthMax = 255;

/** Of a deployment, as it came over the wire. Errors: `invalid_argument`, naming the field. */
export function parseTable(value: unknown, index: number): DeployedTable {
  if (!isObject(value)) return refuse(`tables[${index}]`, value, 'an object');
  const name = nameOf(value['name'], `tables[${index}].name`);
  const at = `tables.${name}`;
  const indexes = value['indexes'];
  if (!Array.isArray(indexes) || indexes.length > tableLimits.globalIndexesMax)
    return refuse(`${at}.indexes`, indexes, `a list of at most ${tableLimits.globalIndexesMax}`);
  const { expires, stream } = value;
  const view = views.find((one) => one === stream);
  if (stream !== undefined && view === undefined) return refuse(`${at}.stream`, stream, views.join(', '));
  const table: DeployedTable = {
    name,
    key: keyOf(value['key'], `${at}.key`),
    indexes: indexes.map((one: unknown, place) => indexOf(one, `${at}.indexes[${place}]`)),
    ...(expires !== undefined && { expires: attributeName(expires, `${at}.expires`) }),
    ...(view !== undefined && { stream: view }),
  };
  const names = new Set(table.indexes.map((one) => one.name));
  if (names.size < indexes.length) return refuse(`${at}.indexes`, indexes, 'each name once');
  try {
    checkTableSettings(table);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    throw new PlatformError('invalid_argument', `${at}: ${error.message}`, { field: at, cause: error });
  }
  return table;
}

function indexOf(value: unknown, at: string): DeployedTable['indexes'][number] {
  if (!isObject(value)) return refuse(at, value, 'an object');
  return {
    name: nameOf(value['name'], `${at}.name`),
    key: keyOf(value['key'], `${at}.key`),
    projection: projectionOf(value['projection'], `${at}.projection`),
  };
}

function projectionOf(value: unknown, at: string): Projection {
  if (!isObject(value)) return refuse(at, value, 'an object');
  const { kind, attributes } = value;
  if (kind === 'ALL' || kind === 'KEYS_ONLY') return { kind };
  if (kind !== 'INCLUDE') return refuse(`${at}.kind`, kind, 'ALL, KEYS_ONLY, INCLUDE');
  if (!Array.isArray(attributes) || attributes.length === 0 || attributes.length > tableLimits.projectedAttributesMax)
    return refuse(`${at}.attributes`, attributes, `a list of 1 to ${tableLimits.projectedAttributesMax}`);
  return {
    kind,
    attributes: attributes.map((one: unknown, place) => attributeName(one, `${at}.attributes[${place}]`)),
  };
}

function keyOf(value: unknown, at: string): TableKey {
  if (!isObject(value)) return refuse(at, value, 'an object');
  const { sort } = value;
  return {
    partition: attributeOf(value['partition'], `${at}.partition`),
    ...(sort !== undefined && { sort: attributeOf(sort, `${at}.sort`) }),
  };
}

function attributeOf(value: unknown, at: string): KeyAttribute {
  if (!isObject(value)) return refuse(at, value, 'an object');
  const type = keyTypes.find((one) => one === value['type']);
  if (type === undefined) return refuse(`${at}.type`, value['type'], keyTypes.join(', '));
  return { name: attributeName(value['name'], `${at}.name`), type };
}

const attributeName = (value: unknown, at: string): string =>
  typeof value === 'string' && value !== '' && value.length <= attributeLengthMax
    ? value
    : refuse(at, value, `a name of 1 to ${attributeLengthMax} characters`);

const nameOf = (value: unknown, at: string): string =>
  typeof value === 'string' && namePattern.test(value)
    ? value
    : refuse(at, value, '3 to 255 letters, digits, _, - and .');

/**
 * Attribute values as they come over the wire, held to DynamoDB's rules, and as they are kept: numbers in their canonical
 * form. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
 */
import {
  attributeTypes,
  type AttributeType,
  type AttributeValue,
  bytesKey,
  type Item,
  newItem,
} from '../../resources/table/attribute-value.ts';
import { canonicalNumber, type NumberProblem } from '../../resources/table/number.ts';
import { validationException } from './expression/validation-exception.ts';

/** An attribute value as decoded from the request: of its members those that the caller gave, one or not. */
export type WireValue = {
  S?: string | undefined;
  N?: string | undefined;
  B?: Uint8Array | undefined;
  BOOL?: boolean | undefined;
  NULL?: boolean | undefined;
  L?: readonly WireValue[] | undefined;
  M?: WireItem | undefined;
  SS?: readonly string[] | undefined;
  NS?: readonly string[] | undefined;
  BS?: readonly Uint8Array[] | undefined;
  $unknown?: unknown;
};
export type WireItem = Readonly<Record<string, WireValue>>;

/** Levels of an attribute, its own counted. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const levelsMax = 32;
/** Of an attribute's name, in bytes of UTF-8. */
const nameBytesMax = 65_535;

const invalid = 'One or more parameter values were invalid:';

export const numberProblems: Readonly<Record<Exclude<NumberProblem, 'not a number'>, string>> = {
  'too precise': 'Attempting to store more than 38 significant digits in a Number',
  overflow: 'Number overflow. Attempting to store a number with magnitude larger than supported range',
  underflow: 'Number underflow. Attempting to store a number with magnitude smaller than supported range',
};

/** Errors: ValidationException; `explain` may make another one of it, with the attribute's name. */
export function readItem(item: WireItem, explain?: (error: unknown, name: string) => unknown): Item {
  const read = newItem();
  for (const name in item) {
    try {
      read[name] = readNamed(item, name, 1);
    } catch (error) {
      throw explain === undefined ? error : explain(error, name);
    }
  }
  return read;
}

/** Errors: ValidationException. */
export const readValue = (value: WireValue): AttributeValue => readAt(value, 1);

function readNamed(item: WireItem, name: string, level: number): AttributeValue {
  if (name === '') throw validationException(`${invalid} Empty attribute name`);
  if (name.length * 3 > nameBytesMax && Buffer.byteLength(name) > nameBytesMax)
    throw validationException(`${invalid} Attribute name is too large, must be less than 65536 bytes`);
  const value = item[name];
  if (value === undefined) throw new Error(`no value of the attribute '${name}'`);
  return readAt(value, level);
}

/** Of an item that was put together. Errors: ValidationException. */
export function requireLevels(item: Item): void {
  for (const name in item) requireLevelsOf(item[name], 1);
}

function requireLevelsOf(value: AttributeValue | undefined, level: number): void {
  if (value === undefined) return;
  if (level > levelsMax) throw tooDeep();
  if ('L' in value) for (const element of value.L) requireLevelsOf(element, level + 1);
  else if ('M' in value) for (const name in value.M) requireLevelsOf(value.M[name], level + 1);
}

const tooDeep = (): Error =>
  validationException(
    'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
  );

function readAt(value: WireValue, level: number): AttributeValue {
  if (level > levelsMax) throw tooDeep();
  let type: AttributeType | undefined;
  let read: AttributeValue | undefined;
  let types = 0;
  for (const name of attributeTypes) {
    if (value[name] === undefined) continue;
    types += 1;
    type = name;
    read = readTyped(value, type, level);
  }
  if (read === undefined)
    throw validationException('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  if (types > 1)
    throw validationException(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  return read;
}

function readTyped(value: WireValue, type: AttributeType, level: number): AttributeValue {
  const { S, N, B, BOOL, NULL, L, M, SS, NS, BS } = value;
  if (type === 'S' && S !== undefined) return { S };
  if (type === 'N' && N !== undefined) return { N: readNumber(N) };
  if (type === 'B' && B !== undefined) return { B };
  if (type === 'BOOL' && BOOL !== undefined) return { BOOL };
  if (type === 'NULL') {
    if (NULL === true) return { NULL };
    throw validationException(`${invalid} Null attribute value types must have the value of true`);
  }
  if (type === 'L' && L !== undefined) return { L: L.map((item) => readAt(item, level + 1)) };
  if (type === 'M' && M !== undefined) {
    const map = newItem();
    for (const name in M) map[name] = readNamed(M, name, level + 1);
    return { M: map };
  }
  if (type === 'SS' && SS !== undefined) return { SS: readStrings(SS) };
  if (type === 'NS' && NS !== undefined) return { NS: readNumbers(NS) };
  if (BS !== undefined) return { BS: readBinaries(BS) };
  throw new Error(`no value of type ${type}`);
}

function readNumber(text: string): string {
  const read = canonicalNumber(text);
  if ('number' in read) return read.number;
  if (read.problem !== 'not a number') throw validationException(numberProblems[read.problem]);
  throw validationException(
    text === ''
      ? 'The parameter cannot be converted to a numeric value'
      : `The parameter cannot be converted to a numeric value: ${text}`,
  );
}

function readStrings(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) throw validationException(`${invalid} An string set  may not be empty`);
  if (texts.includes('')) throw validationException(`${invalid} An string set may not have a empty string as a member`);
  if (new Set(texts).size < texts.length)
    throw validationException(`${invalid} Input collection [${texts.join(', ')}] contains duplicates.`);
  return texts;
}

function readNumbers(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) throw validationException(`${invalid} An number set  may not be empty`);
  const numbers = texts.map(readNumber);
  if (new Set(numbers).size < numbers.length) throw validationException('Input collection contains duplicates');
  return numbers;
}

function readBinaries(values: readonly Uint8Array[]): readonly Uint8Array[] {
  if (values.length === 0) throw validationException(`${invalid} Binary sets should not be empty`);
  if (values.some((bytes) => bytes.byteLength === 0))
    throw validationException(`${invalid} Binary sets may not contain empty values`);
  if (new Set(values.map(bytesKey)).size < values.length) {
    const shown = values.map((bytes) => Buffer.from(bytes).toString('base64')).join(', ');
    throw validationException(`${invalid} Input collection [${shown}]of type BS contains duplicates.`);
  }
  return values;
}

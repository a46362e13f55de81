/** Values to JSON (and what CBOR shares with it) and back, as the shapes say. https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
import { PlatformError } from '../../util/errors.ts';
import { missingMembers } from './missing-members.ts';
import { setEntry } from './protocol.ts';
import { formatTimestamp, parseBlob, parseNumber, parseTimestamp, timestampFormat } from './scalar.ts';
import type { Member, Shape, StructureShape } from './shape.ts';

export type JsonOptions = {
  /** REST-JSON renames members, JSON 1.0 and 1.1 do not. */
  usesJsonName: boolean;
  /** CBOR: bytes, times and every number are values of their own, not strings. */
  isBinary?: true;
  /** Of a service that spoke Query before: what is missing is MissingParameter there, and a validation error elsewhere. */
  isQueryCompatible?: boolean;
};

/** Documents and shapes that contain themselves: DynamoDB allows 32 levels, nobody allows more than 100. */
const depthMax = 128;

/** Errors: `invalid_argument`, reason MalformedInput. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new PlatformError('invalid_argument', 'The request body is not JSON in UTF-8.', {
      reason: 'MalformedInput',
      cause,
    });
  }
}

export function decodeJsonStructure(
  shape: StructureShape,
  value: unknown,
  field: string,
  options: JsonOptions,
  depth = 0,
): Record<string, unknown> {
  const record = decodeJsonMembers(shape, value, field, options, undefined, depth);
  if (shape.union && Object.keys(record).length !== 1) {
    const members = shape.members.map((member) => member.name).join(', ');
    const message = `${field} has ${Object.keys(record).length} members: expected exactly one of ${members}`;
    throw new PlatformError('invalid_argument', message, { reason: 'MalformedInput', field });
  }
  const missing = shape.required
    .filter((name) => record[name] === undefined)
    .map((name) => (field === '' ? name : `${field}.${name}`));
  const [first] = missing;
  if (first === undefined) return record;
  if (options.isQueryCompatible !== true) throw missingMembers(missing);
  throw new PlatformError('invalid_argument', `The request must contain the parameter ${first}.`, {
    field: first,
    reason: 'MissingParameter',
  });
}

/** Those of its members that are there, of `only` or of all: whether they are enough is the caller's question. */
export function decodeJsonMembers(
  shape: StructureShape,
  value: unknown,
  field: string,
  options: JsonOptions,
  only?: ReadonlySet<Member>,
  depth = 0,
): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw mistyped(field === '' ? 'the request body' : field, value, 'an object');
  const record: Record<string, unknown> = {};
  const byKey = options.usesJsonName ? shape.byJsonName : shape.byName;
  for (const [key, inner] of Object.entries(value)) {
    const member = byKey.get(key);
    if (member === undefined || inner === null || (only !== undefined && !only.has(member))) continue;
    record[member.name] = decodeJson(
      member.shape,
      inner,
      field === '' ? member.name : `${field}.${member.name}`,
      options,
      depth + 1,
    );
  }
  return record;
}

/** Nulls in lists and maps are dropped, as Smithy says of those that are not sparse; no model here has a sparse one. */
export function decodeJson(shape: Shape, value: unknown, field: string, options: JsonOptions, depth = 0): unknown {
  if (depth > depthMax)
    throw new PlatformError('invalid_argument', `${field} is nested deeper than ${depthMax} levels`, {
      reason: 'MalformedInput',
      field,
    });
  switch (shape.type) {
    case 'structure':
      return decodeJsonStructure(shape, value, field, options, depth);
    case 'list': {
      if (!Array.isArray(value)) throw mistyped(field, value, 'a list');
      const { member } = shape;
      return value
        .filter((item) => item !== null)
        .map((item, index) => decodeJson(member.shape, item, `${field}[${index}]`, options, depth + 1));
    }
    case 'map': {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw mistyped(field, value, 'an object');
      const map: Record<string, unknown> = {};
      for (const [key, item] of Object.entries(value)) {
        if (item !== null)
          setEntry(map, key, decodeJson(shape.value.shape, item, `${field}.${key}`, options, depth + 1));
      }
      return map;
    }
    case 'string':
    case 'bigDecimal':
      if (typeof value !== 'string') throw mistyped(field, value, 'a string');
      return value;
    case 'number':
      if (typeof value === 'number') return value;
      if (typeof value === 'bigint') return Number(value);
      if (typeof value === 'string') return asInput(() => parseNumber(value, field));
      throw mistyped(field, value, 'a number');
    case 'bigInteger':
      if (typeof value === 'bigint') return value;
      if (typeof value !== 'number' || !Number.isInteger(value)) throw mistyped(field, value, 'a whole number');
      return BigInt(value);
    case 'boolean':
      if (typeof value !== 'boolean') throw mistyped(field, value, 'true or false');
      return value;
    case 'blob':
      if (value instanceof Uint8Array) return value;
      if (typeof value !== 'string') throw mistyped(field, value, 'a base64 string');
      return asInput(() => parseBlob(value, field));
    case 'timestamp':
    case 'dateTime':
    case 'httpDate':
    case 'epochSeconds':
      if (value instanceof Date) return value;
      if (typeof value !== 'number' && typeof value !== 'string') throw mistyped(field, value, 'a time');
      return asInput(() => parseTimestamp(String(value), field));
    case 'document':
      return value;
    case 'unit':
      return {};
  }
}

/** What is wrong with a text that stands for something else is, here, wrong with the document. */
function asInput<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof PlatformError)) throw cause;
    throw new PlatformError(cause.code, cause.message, {
      reason: 'MalformedInput',
      ...(cause.field === undefined ? {} : { field: cause.field }),
    });
  }
}

function mistyped(field: string, value: unknown, expected: string): PlatformError {
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  return new PlatformError('invalid_argument', `${field} is ${found}: expected ${expected}`, {
    reason: 'MalformedInput',
    field,
  });
}

/** Something for JSON.stringify, or for encodeCbor. */
export function encodeJson(shape: Shape, value: unknown, options: JsonOptions, only?: ReadonlySet<Member>): unknown {
  if (value === null || value === undefined) return null;
  switch (shape.type) {
    case 'structure': {
      const record = value as Readonly<Record<string, unknown>>;
      const encoded: Record<string, unknown> = {};
      for (const member of shape.members) {
        const inner = record[member.name];
        if (inner === undefined || inner === null || (only !== undefined && !only.has(member))) continue;
        encoded[options.usesJsonName ? (member.ownTraits.jsonName ?? member.name) : member.name] = encodeJson(
          member.shape,
          inner,
          options,
        );
      }
      return encoded;
    }
    case 'list': {
      const { member } = shape;
      return (value as readonly unknown[]).map((item) => encodeJson(member.shape, item, options));
    }
    case 'map': {
      const { shape: valueShape } = shape.value;
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, encodeJson(valueShape, item, options)]),
      );
    }
    case 'blob': {
      const bytes = Buffer.from(value as Uint8Array | string);
      return options.isBinary === true ? bytes : bytes.toString('base64');
    }
    case 'timestamp':
    case 'dateTime':
    case 'httpDate':
    case 'epochSeconds': {
      if (options.isBinary === true) return value;
      const text = formatTimestamp(value as Date, timestampFormat(shape.type, 'epochSeconds'));
      return shape.type === 'timestamp' || shape.type === 'epochSeconds' ? Number(text) : text;
    }
    case 'number':
      return typeof value === 'number' && !Number.isFinite(value) && options.isBinary !== true ? String(value) : value;
    case 'bigInteger':
      return options.isBinary === true ? value : Number(value);
    case 'string':
    case 'bigDecimal':
    case 'boolean':
    case 'document':
      return value;
    case 'unit':
      return {};
  }
}

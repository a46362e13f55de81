/**
 * The protocol test cases of AWS, in the form in which botocore ships them: a client's serialised request must decode
 * to the parameters it was made from, and our response must mean to a client what theirs does.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { PlatformError } from '../../util/errors.ts';
import { decodeCbor } from './cbor.ts';
import { failureOf } from './failure.ts';
import { json } from './json.ts';
import type { Protocol, WireBody, WireRequest } from './protocol.ts';
import { parseQueryParameters } from './query-parameters.ts';
import { query } from './query.ts';
import { restJson } from './rest-json.ts';
import { restXml } from './rest-xml.ts';
import { rpcV2Cbor } from './rpc-v2-cbor.ts';
import {
  linkModel,
  type Model,
  type ModelTable,
  type Reference,
  type Shape,
  type ShapeTable,
  type Traits,
} from './shape.ts';
import { decodeXmlStructure } from './xml-codec.ts';
import { parseXml, type XmlElement } from './xml.ts';

const folder = path.join(import.meta.dirname, '../../../../shared/fixtures/aws-protocols');

type Place = {
  shape: string;
  location?: string;
  locationName?: string;
  xmlAttribute?: boolean;
  flattened?: boolean;
  xmlNamespace?: { uri: string; prefix?: string } | string;
  streaming?: boolean;
  jsonvalue?: boolean;
  timestampFormat?: string;
  hostLabel?: boolean;
  idempotencyToken?: boolean;
};
type BotocoreShape = Partial<Place> & {
  type: string;
  members?: Record<string, Place>;
  required?: string[];
  member?: Place;
  key?: Place;
  value?: Place;
  payload?: string;
  document?: boolean;
  union?: boolean;
  exception?: boolean;
  error?: { code?: string; httpStatusCode?: number };
};
type Case = {
  id?: string;
  description?: string;
  given: {
    name: string;
    http?: { method: string; requestUri: string; responseCode?: number };
    input?: Place;
    output?: Place & { resultWrapper?: string };
    errors?: Place[];
  };
  params?: unknown;
  serialized?: { method?: string; uri: string; body?: string; headers?: Record<string, string> };
  result?: unknown;
  error?: Record<string, unknown>;
  errorCode?: string;
  errorMessage?: string;
  response?: { status_code: number; headers?: Record<string, string>; body?: string };
};
type Group = {
  description: string;
  metadata: {
    protocol: string;
    targetPrefix?: string;
    apiVersion: string;
    jsonVersion?: string;
    xmlNamespace?: string | { uri: string };
    awsQueryCompatible?: object;
  };
  shapes: Record<string, BotocoreShape>;
  cases: Case[];
};

const simple: Readonly<Record<string, string>> = {
  string: 'string',
  character: 'string',
  integer: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  short: 'number',
  byte: 'number',
  boolean: 'boolean',
  blob: 'blob',
  timestamp: 'timestamp',
  bigdecimal: 'bigDecimal',
  biginteger: 'bigInteger',
};
const timestampTypes: Readonly<Record<string, string>> = {
  iso8601: 'dateTime',
  rfc822: 'httpDate',
  unixTimestamp: 'epochSeconds',
};

/** Botocore's model of one case's operation as a table of ours. */
function tableOf(group: Group, given: Case['given']): ModelTable {
  const isXml = /xml|query/.test(group.metadata.protocol);
  const traitsOf = (place: Partial<Place>): Traits => {
    const traits: Traits = {};
    const name = place.locationName;
    switch (place.location ?? 'body') {
      case 'uri':
        traits.label = true;
        break;
      case 'querystring':
        if (name === undefined) traits.queryParams = true;
        else traits.query = name;
        break;
      case 'header':
        traits.header = name ?? '';
        break;
      case 'headers':
        traits.prefixHeaders = name ?? '';
        break;
      case 'statusCode':
        traits.responseCode = true;
        break;
      default:
        if (name !== undefined) traits[isXml ? 'xmlName' : 'jsonName'] = name;
    }
    if (place.xmlAttribute === true) traits.attribute = true;
    if (place.flattened === true) traits.flattened = true;
    if (place.streaming === true) traits.streaming = true;
    if (place.jsonvalue === true) traits.mediaType = 'application/json';
    if (place.xmlNamespace !== undefined)
      traits.xmlNamespace =
        typeof place.xmlNamespace === 'string'
          ? place.xmlNamespace
          : place.xmlNamespace.prefix === undefined
            ? place.xmlNamespace.uri
            : [place.xmlNamespace.prefix, place.xmlNamespace.uri];
    return traits;
  };
  const target = (place: Place): string => {
    const shape = group.shapes[place.shape];
    if (place.timestampFormat !== undefined) return timestampTypes[place.timestampFormat] ?? 'timestamp';
    if (shape === undefined) throw new Error(`no shape ${place.shape}`);
    if (shape.type === 'timestamp') return timestampTypes[shape.timestampFormat ?? ''] ?? 'timestamp';
    if (shape.document === true) return 'document';
    const type = simple[shape.type];
    if (type === 'blob' && shape.streaming === true) return '#' + place.shape;
    return type ?? `#${place.shape}`;
  };
  const reference = (place: Place, extra: Traits = {}): Reference => {
    // A list's own name, and whether it is flattened, are in botocore the shape's and in Smithy the place's.
    const shape = group.shapes[place.shape];
    const traits = { ...traitsOf(place), ...(shape?.flattened === true ? { flattened: true as const } : {}), ...extra };
    return Object.keys(traits).length === 0 ? target(place) : [target(place), traits];
  };
  const shapes: Record<string, ShapeTable> = {};
  for (const [name, shape] of Object.entries(group.shapes)) {
    if (shape.type === 'structure') {
      const members = Object.entries(shape.members ?? {}).map(([member, place]) => {
        if (shape.payload !== member) return [member, reference(place)] as const;
        // botocore gives every payload an element name; the member's own is none.
        const { locationName, ...unnamed } = place;
        return [member, reference(locationName === member ? unnamed : place, { payload: true })] as const;
      });
      const { xmlName, xmlNamespace } = traitsOf(shape);
      shapes[name] = {
        structure: Object.fromEntries(members),
        required: shape.required ?? [],
        ...(shape.union === true ? { union: true as const } : {}),
        traits: {
          ...(xmlName === undefined ? {} : { xmlName }),
          ...(xmlNamespace === undefined ? {} : { xmlNamespace }),
        },
      };
    } else if (shape.type === 'list' && shape.member !== undefined) {
      shapes[name] = { list: reference(shape.member) };
    } else if (shape.type === 'map' && shape.key !== undefined && shape.value !== undefined) {
      shapes[name] = { map: [reference(shape.key), reference(shape.value)] };
    } else if (shape.type === 'blob') {
      shapes[name] = { simple: 'blob', traits: { streaming: true } };
    }
  }
  const structureOf = (place: Place | undefined): string => {
    if (place === undefined) return 'unit';
    const shape = shapes[place.shape];
    const own = traitsOf(place);
    // The root's name and namespace are the operation's, not the shape's.
    if (shape !== undefined && 'structure' in shape && Object.keys(own).length > 0)
      shapes[place.shape] = { ...shape, traits: { ...shape.traits, ...own } };
    return place.shape;
  };
  const namespace = group.metadata.xmlNamespace;
  return {
    generatedFrom: group.description,
    serviceId: 'Test',
    version: group.metadata.apiVersion,
    namespace: 'test',
    targetPrefix: group.metadata.targetPrefix ?? 'Test',
    ...(namespace === undefined ? {} : { xmlNamespace: typeof namespace === 'string' ? namespace : namespace.uri }),
    operations: {
      [given.name]: {
        ...(given.http === undefined
          ? {}
          : { http: [given.http.method, given.http.requestUri, given.http.responseCode ?? 200] as const }),
        input: structureOf(given.input),
        output: structureOf(given.output),
      },
    },
    shapes,
    errors: Object.fromEntries(
      Object.entries(group.shapes)
        .filter(([, shape]) => shape.exception === true)
        .map(([name, { error }]) => [name, { structure: {}, traits: errorTraits(error) }]),
    ),
    ...(group.metadata.awsQueryCompatible === undefined ? {} : { queryCompatible: true as const }),
  };
}

function errorTraits(error: BotocoreShape['error']): Traits {
  const status = error?.httpStatusCode;
  return {
    ...(status === undefined ? {} : { status }),
    ...(error?.code === undefined ? {} : { queryError: [error.code, status ?? 400] }),
  };
}

/** The case's values as ours: botocore writes times as seconds and blobs as text. */
function asOurs(shape: Shape, value: unknown): unknown {
  if (value === null) return null;
  switch (shape.type) {
    case 'structure': {
      const record: Record<string, unknown> = {};
      for (const member of shape.members) {
        const inner = (value as Record<string, unknown>)[member.name];
        if (inner !== undefined && inner !== null) record[member.name] = asOurs(member.shape, inner);
      }
      return record;
    }
    case 'list':
      return (value as unknown[]).map((item) => asOurs(shape.member.shape, item));
    case 'map':
      return Object.fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, asOurs(shape.value.shape, item)]),
      );
    case 'blob':
      return Buffer.from(value as string);
    case 'timestamp':
    case 'dateTime':
    case 'httpDate':
    case 'epochSeconds':
      return new Date(Math.round(Number(value) * 1000));
    case 'number':
      return typeof value === 'string' ? Number(value) : value;
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : value;
    case 'bigDecimal':
    case 'bigInteger':
    case 'boolean':
    case 'document':
    case 'unit':
      return value;
  }
}

/** Buffers and other arrays of bytes are the same to us; a JSON value in a header is compared as what it says. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (value instanceof Date) return { time: value.getTime() };
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, comparable(inner)]));
  return value;
}

const protocols: Readonly<Record<string, (model: Model) => Protocol>> = {
  json_1_0: (model) => json(model, '1.0'),
  'json_1_0-query-compatible': (model) => json(model, '1.0'),
  json: (model) => json(model, '1.1'),
  query,
  'rest-xml': restXml,
  'rest-json': restJson,
  'smithy-rpc-v2-cbor': rpcV2Cbor,
  'smithy-rpc-v2-cbor-query-compatible': rpcV2Cbor,
  'smithy-rpc-v2-cbor-non-query-compatible': rpcV2Cbor,
};

function groupsOf(direction: string, name: string): Group[] {
  const file = path.join(folder, direction, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Group[]) : [];
}

/** Cases in which the wire does not say what the parameters say, by id or by description, with the reason. */
const clientsOwn = "what is sent is the client's own choice, and not among the parameters";
const nothingSent = 'an empty list or map is not sent';
const overridden = "a map's entry that another member overrides is not sent";
const noBody = 'the case gives no body';
const inputSkips: Readonly<Record<string, string>> = {
  SDKAppliedContentEncoding_awsJson1_0: noBody,
  SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0: noBody,
  SDKAppliedContentEncoding_awsJson1_1: noBody,
  SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1: noBody,
  SDKAppliedContentEncoding_awsQuery: noBody,
  SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery: noBody,
  SDKAppliedContentEncoding_restXml: noBody,
  SDKAppendedGzipAfterProvidedEncoding_restXml: noBody,
  SDKAppliedContentEncoding_restJson1: noBody,
  SDKAppendedGzipAfterProvidedEncoding_restJson1: noBody,
  QueryProtocolIdempotencyTokenAutoFill: clientsOwn,
  QueryIdempotencyTokenAutoFill: clientsOwn,
  RestJsonQueryIdempotencyTokenAutoFill: clientsOwn,
  QueryEmptyQueryMaps: nothingSent,
  HttpPrefixHeadersAreNotPresent: nothingSent,
  RestJsonHttpPrefixHeadersAreNotPresent: nothingSent,
  RestJsonOmitsEmptyListQueryValues: nothingSent,
  RestJsonHttpWithEmptyStructurePayload: 'an empty payload and none are both sent as {}',
  RestJsonHttpWithHeadersButNoPayload: 'an empty payload and none are both sent as {}',
  RestXmlQueryPrecedence: overridden,
  RestJsonQueryPrecedence: overridden,
  RestJsonHostWithPath: "a path before the service's own belongs to the endpoint that a client chose",
};
const outputSkips: Readonly<Record<string, string>> = {
  HttpPrefixHeadersAreNotPresent: nothingSent,
  IgnoreQueryParamsInResponse: 'no model binds an output to a query, which would be of no effect',
};

const notText = "the platform's errors carry facts in text alone: structures in errors are not built";
const errorSkips: Readonly<Record<string, string>> = {
  AwsJson11ComplexError: notText,
  AwsJson10ComplexError: notText,
  QueryComplexError: notText,
  RestJsonComplexErrorWithNoMessage: notText,
  ComplexError: notText,
  RpcV2CborComplexError: notText,
};

function nameOf(entry: Case, group: Group, index: number): string {
  return entry.id ?? `${group.description} ${index + 1}`;
}

function requestOf(
  serialized: NonNullable<Case['serialized']>,
  given: Case['given'],
  group: Group,
): { wire: WireRequest; bytes: Uint8Array } {
  const [pathPart = '/', queryPart = ''] = serialized.uri.split('?');
  const headers = Object.fromEntries(
    Object.entries(serialized.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  // The cases give only the headers that they are about.
  if (group.metadata.protocol === 'json') headers['x-amz-target'] ??= `${group.metadata.targetPrefix}.${given.name}`;
  const isBinary = headers['smithy-protocol'] === 'rpc-v2-cbor';
  return {
    wire: {
      method: serialized.method ?? given.http?.method ?? 'POST',
      path: pathPart,
      query: parseQueryParameters(queryPart),
      headers,
      labels: {},
    },
    bytes: Buffer.from(serialized.body ?? '', isBinary ? 'base64' : 'utf8'),
  };
}

for (const [name, create] of Object.entries(protocols)) {
  describe(`AWS's request cases of ${name}`, { skip: existsSync(folder) ? false : `${folder} is not there` }, () => {
    for (const group of groupsOf('input', name)) {
      group.cases.forEach((entry, index) => {
        const caseName = nameOf(entry, group, index);
        test(caseName, { skip: inputSkips[caseName] ?? false }, async () => {
          assert.ok(entry.serialized);
          const model = linkModel(tableOf(group, entry.given));
          const protocol = create(model);
          const { wire, bytes } = requestOf(entry.serialized, entry.given, group);
          const body: WireBody = {
            bytes: () => Promise.resolve(bytes),
            stream: () => new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(),
          };
          const located = await protocol.locate(wire, body);
          assert.ok('operation' in located, `no operation at ${wire.method} ${wire.path}`);
          assert.equal(located.operation.name, entry.given.name);
          const input = await protocol.decode(located.operation, wire, body);
          for (const [member, value] of Object.entries(input)) {
            if (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
              input[member] = bytes.length === 0 ? undefined : bytes;
          }
          const expected = asOurs(located.operation.input, entry.params ?? {}) as Record<string, unknown>;
          const found = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
          withoutNamedParameters(located.operation.input, found, expected);
          assert.deepEqual(comparable(found), comparable(expected));
        });
      });
    }
  });

  describe(`AWS's response cases of ${name}`, { skip: existsSync(folder) ? false : `${folder} is not there` }, () => {
    for (const group of groupsOf('output', name)) {
      group.cases.forEach((entry, index) => {
        const caseName = nameOf(entry, group, index);
        if (entry.result === undefined) {
          testError(caseName, group, entry, name, create);
          return;
        }
        test(caseName, { skip: outputSkips[caseName] ?? false }, async () => {
          const theirs = entry.response;
          assert.ok(theirs);
          const table = tableOf(group, entry.given);
          const model = linkModel(table);
          const operation = model.operations.get(entry.given.name);
          assert.ok(operation);
          const result = asOurs(operation.output, entry.result) as Record<string, unknown>;
          const status = operation.output.members.find((member) => member.traits.responseCode === true)?.name;
          const { body, ...head } = create(model).encode(operation, result, {
            requestId: 'request-id',
            method: 'POST',
            resource: '/',
          });
          const ours = {
            status: head.status,
            headers: withoutRequestId(head.headers as Record<string, string>),
            bytes: body === undefined ? Buffer.alloc(0) : Buffer.from(body as string | Uint8Array),
          };
          const isBinary = name.includes('cbor');
          const given = {
            status: theirs.status_code,
            headers: lowerCase(theirs.headers),
            bytes: Buffer.from(theirs.body ?? '', isBinary ? 'base64' : 'utf8'),
          };

          assert.equal(ours.status, given.status);
          const expected: Record<string, unknown> = { ...result };
          if (status !== undefined) delete expected[status];
          assert.deepEqual(
            comparable(await read(given, table, entry.given, create)),
            comparable(expected),
            'their response, read by us',
          );
          assert.deepEqual(
            comparable(await read(ours, table, entry.given, create)),
            comparable(expected),
            'our response, read by us',
          );
          assert.deepEqual(
            Object.keys(ours.headers).filter(isBound).sort(),
            Object.keys(given.headers).filter(isBound).sort(),
          );
          const names = namesIn(given.bytes, name);
          if (given.bytes.length > 0)
            assert.deepEqual(
              [...namesIn(ours.bytes, name)].filter((one) => !names.has(one) && !/^\/\w+\/ResponseMetadata/.test(one)),
              [],
              'names that theirs does not have',
            );
        });
      });
    }
  });
}

function testError(
  caseName: string,
  group: Group,
  entry: Case,
  name: string,
  create: (model: Model) => Protocol,
): void {
  test(caseName, { skip: errorSkips[caseName] ?? false }, () => {
    const { response, errorCode = '', errorMessage = '', given } = entry;
    assert.ok(response);
    const model = linkModel(tableOf(group, given));
    const error = new PlatformError('invalid_argument', errorMessage, { reason: errorCode });
    const failure = failureOf(
      error,
      model,
      /query$|xml/.test(name) && !name.includes('json') && !name.includes('cbor') ? 'query' : 'json',
    );
    const { status, headers, body } = create(model).encodeError(failure, {
      requestId: 'request-id',
      method: 'POST',
      resource: '/',
    });
    const ours = errorOf(
      { status, headers: headers as Record<string, string>, bytes: Buffer.from(body as string | Uint8Array) },
      name,
    );
    const theirs = errorOf(
      {
        status: response.status_code,
        headers: lowerCase(response.headers),
        bytes: Buffer.from(response.body ?? '', name.includes('cbor') ? 'base64' : 'utf8'),
      },
      name,
    );
    assert.deepEqual(theirs, { code: errorCode, message: errorMessage }, 'their error, read by us');
    assert.deepEqual(ours, theirs);
    const modelled = [...model.errors.values()].find(
      (shape) => shape.name === errorCode || shape.traits.queryError?.[0] === errorCode,
    );
    // botocore has one status for both of the protocols of a service that changed from Query to another.
    if (modelled?.traits.status !== undefined && !model.queryCompatible) assert.equal(status, response.status_code);
  });
}

/** What a client makes of an error: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html#operation-error-serialization and its like. */
function errorOf(received: Received, name: string): { code: string; message: string } {
  if (!name.includes('json') && !name.includes('cbor')) {
    const error = parseXml(received.bytes.toString()).children.find((child) => child.name === 'Error');
    const textOf = (wanted: string): string => error?.children.find((child) => child.name === wanted)?.text ?? '';
    return { code: textOf('Code'), message: textOf('Message') };
  }
  const value = (
    received.bytes.length === 0
      ? {}
      : name.includes('cbor')
        ? decodeCbor(received.bytes)
        : JSON.parse(received.bytes.toString())
  ) as Record<string, string | undefined>;
  const named =
    received.headers['x-amzn-query-error']?.split(';')[0] ??
    received.headers['x-amzn-errortype'] ??
    value['__type'] ??
    value['code'] ??
    '';
  return { code: named.split(':')[0]?.split('#').at(-1) ?? '', message: value['message'] ?? value['Message'] ?? '' };
}

/** A server gets every parameter in the map, those with members of their own included; most cases say what a client puts there. */
function withoutNamedParameters(shape: Shape, found: Record<string, unknown>, expected: Record<string, unknown>): void {
  if (shape.type !== 'structure') return;
  const map = shape.members.find((member) => member.traits.queryParams === true)?.name;
  if (map === undefined || found[map] === undefined) return;
  const named = new Set(shape.members.map((member) => member.traits.query));
  const kept = Object.entries(found[map] as object).filter(
    ([name]) => !named.has(name) || name in ((expected[map] as object | undefined) ?? {}),
  );
  if (kept.length === 0) delete found[map];
  else found[map] = Object.fromEntries(kept);
}

type Received = { status: number; headers: Record<string, string>; bytes: Buffer };

function lowerCase(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Ours alone, and in the way of a map of all headers. */
function withoutRequestId({ 'x-amzn-requestid': _id, ...headers }: Record<string, string>): Record<string, string> {
  return headers;
}

/** Headers that say something of the output. */
function isBound(name: string): boolean {
  return !['content-type', 'content-length', 'x-amzn-requestid', 'smithy-protocol', 'date', 'x-amz-target'].includes(
    name,
  );
}

/** A response as the output that it means: our decoders read the output's shape as if it were an input's. */
async function read(
  received: Received,
  table: ModelTable,
  given: Case['given'],
  create: (model: Model) => Protocol,
): Promise<unknown> {
  const [name, entry] = Object.entries(table.operations)[0] ?? [];
  assert.ok(name !== undefined && entry !== undefined);
  const model = linkModel({ ...table, operations: { [name]: { ...entry, input: entry.output } } });
  const operation = model.operations.get(name);
  assert.ok(operation);
  if (create === query) {
    if (received.bytes.length === 0) return {};
    const wrapper = given.output?.resultWrapper ?? `${given.name}Result`;
    const root = parseXml(received.bytes.toString());
    const result = root.children.find((child) => child.name === wrapper);
    return result === undefined ? {} : decodeXmlStructure(operation.input, result, '');
  }
  const wire: WireRequest = {
    method: 'POST',
    path: '/',
    query: parseQueryParameters(''),
    headers: received.headers,
    labels: {},
  };
  const body: WireBody = {
    bytes: () => Promise.resolve(received.bytes),
    stream: () => new Blob([received.bytes as Uint8Array<ArrayBuffer>]).stream(),
  };
  const output = await create(model).decode(operation, wire, body);
  for (const [member, value] of Object.entries(output))
    if (typeof value === 'object' && value !== null && Symbol.asyncIterator in value) output[member] = received.bytes;
  return output;
}

/** Every name in a document, with the names round it; empty for what is not one. */
function namesIn(bytes: Buffer, name: string): Set<string> {
  const names = new Set<string>();
  const inElement = (element: XmlElement, before: string): void => {
    const here = `${before}/${element.name}`;
    names.add(here);
    for (const attribute of element.attributes) names.add(`${here}@${attribute.join('=')}`);
    for (const child of element.children) inElement(child, here);
  };
  const inValue = (value: unknown, before: string): void => {
    if (Array.isArray(value)) value.forEach((item) => inValue(item, `${before}[]`));
    else if (
      typeof value === 'object' &&
      value !== null &&
      !(value instanceof Uint8Array) &&
      !(value instanceof Date)
    ) {
      for (const [key, inner] of Object.entries(value)) {
        names.add(`${before}.${key}`);
        inValue(inner, `${before}.${key}`);
      }
    }
  };
  const text = bytes.toString();
  if (/xml|query$/.test(name) && text.trimStart().startsWith('<')) inElement(parseXml(text), '');
  else if (name.includes('cbor') && bytes.length > 0) inValue(decodeCbor(bytes), '');
  else if (name.includes('json') && /^\s*\{/.test(text)) inValue(JSON.parse(text), '');
  return names;
}

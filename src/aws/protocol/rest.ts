/**
 * What REST-XML and REST-JSON share: members in the path, the query, the headers and the status; the body is left to a
 * codec. https://smithy.io/2.0/spec/http-bindings.html
 */
import type { PlatformError } from '../../util/errors.ts';
import type { HttpResponse } from '../../util/http.ts';
import { encodeEventStream, eventStreamType, isEventStream } from './event-stream.ts';
import { type Input, type Protocol, setEntry, type WireBody, type WireRequest } from './protocol.ts';
import { compileRoutes } from './rest-route.ts';
import { formatNumber, formatTimestamp, parseScalar, timestampFormat } from './scalar.ts';
import type { Member, Model, Operation, Shape, StructureShape } from './shape.ts';

export type BodyCodec = {
  contentType: string;
  decodeDocument(bytes: Uint8Array, operation: Operation, members: ReadonlySet<Member>): Input;
  /** A payload that is neither a blob nor a string. */
  decodePayload(bytes: Uint8Array, payload: Member): unknown;
  encodeDocument(operation: Operation, output: Readonly<Record<string, unknown>>, members: ReadonlySet<Member>): string;
  encodePayload(payload: Member, value: unknown): string;
  /** The error of an input without these members, of which it needs all. */
  missing(operation: Operation, names: readonly string[]): PlatformError;
};

/** A structure's members by the place where they travel. */
type Bindings = {
  labels: readonly Member[];
  queries: readonly Member[];
  queryMap: Member | undefined;
  headers: readonly { member: Member; name: string }[];
  prefixes: readonly { member: Member; prefix: string }[];
  status: Member | undefined;
  payload: Member | undefined;
  document: ReadonlySet<Member>;
};

function bind(shape: StructureShape): Bindings {
  const { members } = shape;
  const inDocument = members.filter(({ traits }) => {
    const { label, query, queryParams, header, prefixHeaders, responseCode, payload } = traits;
    return [label, query, queryParams, header, prefixHeaders, responseCode, payload].every(
      (trait) => trait === undefined,
    );
  });
  return {
    labels: members.filter((member) => member.traits.label === true),
    queries: members.filter((member) => member.traits.query !== undefined),
    queryMap: members.find((member) => member.traits.queryParams === true),
    headers: members.flatMap((member) =>
      member.traits.header === undefined ? [] : [{ member, name: member.traits.header.toLowerCase() }],
    ),
    prefixes: members.flatMap((member) =>
      member.traits.prefixHeaders === undefined ? [] : [{ member, prefix: member.traits.prefixHeaders.toLowerCase() }],
    ),
    status: members.find((member) => member.traits.responseCode === true),
    payload: members.find((member) => member.traits.payload === true),
    document: new Set(inDocument),
  };
}

export type Rest = Pick<Protocol, 'locate' | 'decode' | 'encode'>;

export function rest(model: Model, codec: BodyCodec): Rest {
  const routes = compileRoutes(model.operations.values());
  const bindings = new Map<StructureShape, Bindings>();
  const bindingsOf = (shape: StructureShape): Bindings => {
    let known = bindings.get(shape);
    if (known === undefined) bindings.set(shape, (known = bind(shape)));
    return known;
  };

  return {
    locate(request) {
      const operation = routes.find(request);
      return Promise.resolve(
        operation === undefined ? { unknown: `${request.method} ${request.path}` } : { operation },
      );
    },

    async decode(operation, request, body) {
      const bound = bindingsOf(operation.input);
      const input: Input = {};
      const labels = routes.labels(operation, request);
      for (const member of bound.labels)
        set(input, member, labels[member.name], (text) => parseScalar(member.shape, text, member.name));
      decodeQuery(bound, request, input);
      decodeHeaders(bound, request.headers, input);
      await decodeBody(operation, bound, body, codec, input);
      const missing = operation.input.required.filter((name) => input[name] === undefined);
      if (missing.length > 0) throw codec.missing(operation, missing);
      return input;
    },

    encode(operation, output) {
      const bound = bindingsOf(operation.output);
      const headers: Record<string, string> = {};
      for (const { member, name } of bound.headers) {
        const value = output[member.name];
        if (value !== undefined && value !== null) headers[name] = encodeHeader(member, value);
      }
      for (const { member, prefix } of bound.prefixes) {
        for (const [name, value] of Object.entries(output[member.name] ?? {}))
          headers[prefix + name] = headerText(String(value));
      }
      const status = bound.status === undefined ? undefined : output[bound.status.name];
      return {
        status: typeof status === 'number' ? status : (operation.http?.status ?? 200),
        headers,
        ...encodeBody(operation, bound, output, codec, headers),
      };
    },
  };
}

function set(input: Input, member: Member, text: string | undefined, decode: (text: string) => unknown): void {
  if (text !== undefined) input[member.name] = decode(text);
}

function decodeQuery(bound: Bindings, request: WireRequest, input: Input): void {
  for (const member of bound.queries) {
    const name = member.traits.query ?? '';
    if (!request.query.has(name)) continue;
    const { shape } = member;
    if (shape.type === 'list')
      input[member.name] = request.query.all(name).map((text) => parseScalar(shape.member.shape, text, member.name));
    else input[member.name] = parseScalar(shape, request.query.get(name) ?? '', member.name);
  }
  const { queryMap } = bound;
  if (queryMap?.shape.type !== 'map') return;
  const map: Record<string, unknown> = {};
  const isOfLists = queryMap.shape.value.shape.type === 'list';
  for (const [name] of request.query.entries) {
    setEntry(map, name, isOfLists ? request.query.all(name) : request.query.get(name));
  }
  if (Object.keys(map).length > 0) input[queryMap.name] = map;
}

function decodeHeaders(bound: Bindings, headers: WireRequest['headers'], input: Input): void {
  for (const { member, name } of bound.headers) {
    const text = headers[name];
    if (text !== undefined) {
      const value = decodeHeader(member, text, name);
      if (value !== undefined) input[member.name] = value;
    }
  }
  for (const { member, prefix } of bound.prefixes) {
    const map: Record<string, string> = {};
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined && name.startsWith(prefix)) setEntry(map, name.slice(prefix.length), utf8Header(value));
    }
    if (Object.keys(map).length > 0) input[member.name] = map;
  }
}

async function decodeBody(
  operation: Operation,
  bound: Bindings,
  body: WireBody,
  codec: BodyCodec,
  input: Input,
): Promise<void> {
  const { payload } = bound;
  if (payload?.shape.type === 'blob' && payload.traits.streaming === true) {
    input[payload.name] = body.stream();
    return;
  }
  const bytes = await body.bytes();
  if (payload === undefined) {
    if (bound.document.size > 0 && bytes.length > 0)
      Object.assign(input, codec.decodeDocument(bytes, operation, bound.document));
  } else if (bytes.length === 0) {
    return;
  } else if (payload.shape.type === 'blob') {
    input[payload.name] = bytes;
  } else if (payload.shape.type === 'string') {
    input[payload.name] = Buffer.from(bytes).toString('utf8');
  } else {
    input[payload.name] = codec.decodePayload(bytes, payload);
  }
}

function encodeBody(
  operation: Operation,
  bound: Bindings,
  output: Readonly<Record<string, unknown>>,
  codec: BodyCodec,
  headers: Record<string, string>,
): Pick<HttpResponse, 'body'> {
  const { payload } = bound;
  if (payload === undefined) {
    if (bound.document.size === 0) return {};
    headers['content-type'] ??= codec.contentType;
    return { body: codec.encodeDocument(operation, output, bound.document) };
  }
  const value = output[payload.name];
  if (value === undefined || value === null) return {};
  if (isEventStream(payload.shape)) {
    headers['content-type'] ??= eventStreamType;
    const document = { contentType: codec.contentType, encode: codec.encodePayload };
    return { body: encodeEventStream(payload.shape, value as Parameters<typeof encodeEventStream>[1], document) };
  }
  if (payload.shape.type === 'blob') {
    headers['content-type'] ??= payload.traits.mediaType ?? 'application/octet-stream';
    return { body: value as Uint8Array | AsyncIterable<Uint8Array> };
  }
  if (payload.shape.type === 'string') {
    headers['content-type'] ??= payload.traits.mediaType ?? 'text/plain';
    return { body: encodeScalar(payload.shape, value) };
  }
  headers['content-type'] ??= codec.contentType;
  return { body: codec.encodePayload(payload, value) };
}

/** A date that is none is as if the condition were not there. RFC 9110, section 13.1.3. */
const ignoredWhenNoDate = /(^|-)if-|^expires$/;

function decodeHeader(member: Member, text: string, name: string): unknown {
  const { shape } = member;
  if (shape.type === 'list') {
    const item = shape.member.shape;
    return splitHeader(text, isHttpDate(item)).map((part) => parseScalar(item, part, name));
  }
  if (shape.type === 'string') {
    if (member.traits.mediaType !== undefined) return Buffer.from(text, 'base64').toString('utf8');
    return utf8Header(text);
  }
  try {
    return parseScalar(shape, text, name);
  } catch (error) {
    if (ignoredWhenNoDate.test(name)) return undefined;
    throw error;
  }
}

function isHttpDate(shape: Shape): boolean {
  return shape.type === 'timestamp' || shape.type === 'httpDate';
}

/** Splits at commas outside quotes; the dates of HTTP have one comma inside each. */
function splitHeader(text: string, ofHttpDates: boolean): string[] {
  const parts = text.match(/"(?:[^"\\]|\\.)*"|[^,\s](?:[^,]*[^,\s])?/g) ?? [];
  if (ofHttpDates) {
    const dates: string[] = [];
    for (let index = 0; index + 1 < parts.length; index += 2) dates.push(`${parts[index]}, ${parts[index + 1]}`);
    return dates;
  }
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll(/\\(.)/g, '$1') : part));
}

function encodeHeader(member: Member, value: unknown): string {
  const { shape } = member;
  if (Array.isArray(value) && shape.type === 'list') {
    return value
      .map((item) => encodeScalar(shape.member.shape, item))
      .map((text) =>
        shape.member.shape.type === 'string' && /[",]/.test(text)
          ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
          : text,
      )
      .join(', ');
  }
  const text = encodeScalar(shape, value);
  return shape.type === 'string' && member.traits.mediaType !== undefined
    ? Buffer.from(text).toString('base64')
    : headerText(text);
}

function encodeScalar(shape: Shape, value: unknown): string {
  if (value instanceof Date) {
    const type = shape.type === 'dateTime' || shape.type === 'epochSeconds' ? shape.type : 'timestamp';
    return formatTimestamp(value, timestampFormat(type, 'httpDate'));
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'number' || typeof value === 'bigint') return formatNumber(value);
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  throw new Error(`invariant broken: a ${shape.type} cannot be ${typeof value}`);
}

/** Clients send UTF-8, node:http reads Latin-1. */
function utf8Header(text: string): string {
  // oxlint-disable-next-line no-control-regex -- ASCII is what needs no care
  if (/^[\u0000-\u007f]*$/.test(text)) return text;
  const bytes = Buffer.from(text, 'latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}

/** What HTTP cannot carry goes out as S3 sends it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
function headerText(text: string): string {
  return /^[\t\u0020-\u007e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
}

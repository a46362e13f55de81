/**
 * Request to event and back, in AWS's payload format 2.0, which HTTP API routes and function URLs share.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 *
 * The event is put together as text, part by part, because it is made for every request and read by nobody on the way.
 */
import { isUtf8 } from 'node:buffer';
import { unescape } from 'node:querystring';
import type { Principal } from '../identity/principal.ts';
import { userIdOf } from '../identity/user-id.ts';
import type { HttpRequest } from '../util/http.ts';
import { never } from '../util/assert.ts';

/** Where the request came in. The two differ in small things, as AWS's do. */
export type Door =
  | { kind: 'route'; routeKey: string; accountId: string; apiId: string }
  /** `caller`: who signed the request, where the URL asks for that. */
  | { kind: 'url'; urlId: string; caller?: Principal };

export type HttpEventInput = {
  request: HttpRequest;
  door: Door;
  requestId: string;
  /** Value for the `x-amzn-trace-id` header that the function sees. */
  traceHeader: string;
  timeMs: number;
  /** `timeMs` as AWS writes it (see `requestTime`). */
  time: string;
  pathParameters: readonly { name: string; value: string }[] | undefined;
  /** Undefined: the request has none. */
  body: Buffer | undefined;
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => String(value).padStart(2, '0');

/** `12/Mar/2020:19:03:58 +0000` */
export function requestTime(timeMs: number): string {
  const date = new Date(timeMs);
  const day = `${two(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

/**
 * Content types whose body is passed as text; every other one, and none at all, goes as base64. AWS does not publish
 * the list; this one was measured against the real service: https://github.com/ministackorg/ministack/pull/766
 */
const textTypes = /^\s*(text\/[^;]*|application\/(json|xml|javascript))\s*(;|$)/i;

const quote = (text: string): string => JSON.stringify(text);

/** Names of headers whose JSON is kept: clients and proxies send a few dozen. */
const namesKeptMax = 256;

type DoorText = { routeKey: string; apiId: string };
type HostText = { host: string; domainName: string; domainPrefix: string; port: string };

/** What events have in common, as JSON: most come through a few doors, for a few hosts, with the same names of headers. */
export class EventTexts {
  readonly #doors = new WeakMap<Door, DoorText>();
  readonly #names = new Map<string, string>();
  /** Of the request before. */
  #host: HostText | undefined;

  ofDoor(door: Door): DoorText {
    const known = this.#doors.get(door);
    if (known !== undefined) return known;
    const isRoute = door.kind === 'route';
    const text = {
      routeKey: quote(isRoute ? door.routeKey : '$default'),
      apiId: quote(isRoute ? door.apiId : door.urlId),
    };
    this.#doors.set(door, text);
    return text;
  }

  ofHost(host: string): HostText {
    if (this.#host?.host === host) return this.#host;
    const colon = host.lastIndexOf(':');
    const hasPort = colon > host.lastIndexOf(']');
    const domainName = hasPort ? host.slice(0, colon) : host;
    const dot = domainName.indexOf('.');
    this.#host = {
      host,
      domainName: quote(domainName),
      domainPrefix: quote(dot < 0 ? domainName : domainName.slice(0, dot)),
      port: quote(hasPort ? host.slice(colon + 1) : '80'),
    };
    return this.#host;
  }

  ofName(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const text = quote(name);
    if (this.#names.size < namesKeptMax) this.#names.set(name, text);
    return text;
  }
}

/** Headers that belong to one connection, or that the event carries elsewhere. */
const unlisted = new Set([
  'cookie',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
  'te',
  'trailer',
  'expect',
]);

/** Set by the gateway whatever the client sent. */
const ours = new Set(['x-forwarded-for', 'x-forwarded-port', 'x-forwarded-proto', 'x-amzn-trace-id', 'content-length']);

/** Repeated headers are joined with a bare comma, as AWS does; node:http joins some and drops others. */
function repeatedHeaders(rawHeaders: readonly string[]): Map<string, string> {
  const joined = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = rawHeaders[at + 1] ?? '';
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return joined;
}

function headersJson(input: HttpEventInput, sourceIp: string, port: string, texts: EventTexts): string {
  const { request, door, body } = input;
  const headers = request.headers;
  let text = '';
  let count = 0;
  for (const name in headers) {
    count++;
    const value = headers[name];
    if (value === undefined || unlisted.has(name) || ours.has(name)) continue;
    text += `${texts.ofName(name)}:${quote(value)},`;
  }
  if (count * 2 !== request.rawHeaders.length) {
    text = '';
    for (const [name, value] of repeatedHeaders(request.rawHeaders)) {
      if (!unlisted.has(name) && !ours.has(name)) text += `${quote(name)}:${quote(value)},`;
    }
  }
  // HTTP APIs always say a length; function URLs pass on what came.
  if (body !== undefined || door.kind === 'route') text += `"content-length":"${body?.byteLength ?? 0}",`;
  const forwarded = headers['x-forwarded-for'];
  text += `"x-amzn-trace-id":${quote(input.traceHeader)},"x-forwarded-for":${forwarded === undefined ? `"${sourceIp}"` : quote(`${forwarded}, ${sourceIp}`)}`;
  return `{${text},"x-forwarded-port":${port},"x-forwarded-proto":"http"}`;
}

function cookiesJson(header: string | undefined): string {
  if (header === undefined) return '';
  const cookies = header.split(';').flatMap((part) => part.trim() || []);
  return cookies.length === 0 ? '' : `"cookies":${JSON.stringify(cookies)},`;
}

/** Decoded, repeated names joined with a comma; the key is absent without a query (programs test for it). */
function queryJson(query: string): string {
  if (query === '') return '';
  const values = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodeQuery(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decodeQuery(part.slice(equals + 1));
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return values.size === 0 ? '' : `"queryStringParameters":${pairsJson(values)},`;
}

/** `+` is a space in a query, and only there. Malformed escapes stay as they are. */
const decodeQuery = (text: string): string => unescape(text.includes('+') ? text.replaceAll('+', ' ') : text);

function pairsJson(pairs: Iterable<readonly [string, string]>): string {
  let text = '';
  for (const [name, value] of pairs) text += `${text === '' ? '' : ','}${quote(name)}:${quote(value)}`;
  return `{${text}}`;
}

function bodyJson(body: Buffer | undefined, contentType: string | undefined): string {
  if (body === undefined) return '"isBase64Encoded":false}';
  const isText = contentType !== undefined && textTypes.test(contentType) && isUtf8(body);
  return isText
    ? `"body":${quote(body.toString('utf8'))},"isBase64Encoded":false}`
    : `"body":"${body.toString('base64')}","isBase64Encoded":true}`;
}

function accountOf(door: Door): string {
  return door.kind === 'route' ? door.accountId : (door.caller?.account ?? 'anonymous');
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
function authorizerJson(door: Door): string {
  const caller = door.kind === 'url' ? door.caller : undefined;
  if (caller === undefined || caller.kind === 'anonymous') return '';
  const userId = userIdOf(caller);
  const iam = {
    accessKey: caller.accessKeyId,
    accountId: caller.account,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: caller.arn,
    userId,
  };
  return `"authorizer":${JSON.stringify({ iam })},`;
}

/** The event, as UTF-8 JSON. `texts`: kept from one to the next. */
export function httpEvent(input: HttpEventInput, texts: EventTexts = new EventTexts()): Buffer {
  const { request, door, pathParameters } = input;
  const { headers } = request;
  const { domainName, domainPrefix, port } = texts.ofHost(headers.host ?? '');
  const { routeKey, apiId } = texts.ofDoor(door);
  // An address, which JSON writes as it is.
  const remote = request.remoteAddress;
  const sourceIp = remote.startsWith('::ffff:') ? remote.slice(7) : remote;
  // HTTP APIs decode the path, function URLs do not: https://github.com/middleapi/standard-server/pull/93
  const path = quote(door.kind === 'route' && request.path.includes('%') ? unescape(request.path) : request.path);

  return Buffer.from(
    `{"version":"2.0","routeKey":${routeKey},"rawPath":${path},"rawQueryString":${request.query === '' ? '""' : quote(request.query)},` +
      cookiesJson(headers.cookie) +
      `"headers":${headersJson(input, sourceIp, port, texts)},` +
      queryJson(request.query) +
      `"requestContext":{"accountId":"${accountOf(door)}","apiId":${apiId},` +
      authorizerJson(door) +
      `"domainName":${domainName},"domainPrefix":${domainPrefix},` +
      `"http":{"method":${quote(request.method)},"path":${path},"protocol":"HTTP/1.1","sourceIp":"${sourceIp}",` +
      `"userAgent":${quote(headers['user-agent'] ?? '')}},"requestId":"${input.requestId}","routeKey":${routeKey},` +
      `"stage":"$default","time":"${input.time}","timeEpoch":${input.timeMs}},` +
      (pathParameters === undefined
        ? ''
        : `"pathParameters":${pairsJson(pathParameters.map(({ name, value }) => [name, value] as const))},`) +
      bodyJson(input.body, headers['content-type']),
  );
}

export type FunctionResponse =
  | { status: 'ok'; statusCode: number; headers: Record<string, string | readonly string[]>; body: string | Uint8Array }
  | Invalid;

/** Why it is none. */
export type Invalid = { status: 'invalid'; reason: string };

export const invalid = (reason: string): Invalid => ({ status: 'invalid', reason });

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex -- these are exactly the characters that would end or forge a header
const headerBreaks = /[\0-\x08\x0a-\x1f\x7f]/;
const asciiOnly = /^[\t\x20-\x7e]*$/;

/** Headers that describe the connection to the client, which is ours. */
const dropped = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** node:http writes header values as Latin-1: UTF-8 bytes go through as they are. Undefined: cannot be one. */
function headerValue(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const text = String(value);
  if (asciiOnly.test(text)) return text;
  return headerBreaks.test(text) ? undefined : Buffer.from(text, 'utf8').toString('latin1');
}

/** Content type of a response that names none: as the two services answer. */
function defaultContentType(door: Door): string {
  switch (door.kind) {
    case 'route':
      return 'text/plain; charset=utf-8';
    case 'url':
      return 'application/json';
    default:
      return never(door);
  }
}

/**
 * What the function answered, as HTTP. An object with `statusCode` is a response; anything else is a 200 whose body is
 * the whole answer, byte for byte, as application/json (measured by AWS's own test tool against the service, where
 * the documentation says "valid JSON": https://github.com/aws/aws-lambda-dotnet/tree/master/Tools/LambdaTestTool-v2).
 */
export function functionResponse(payload: Uint8Array, door: Door): FunctionResponse {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  let answer: unknown;
  try {
    answer = JSON.parse(bytes.toString('utf8'));
  } catch {
    answer = undefined;
  }
  if (typeof answer !== 'object' || answer === null || !Object.hasOwn(answer, 'statusCode')) {
    return { status: 'ok', statusCode: 200, headers: { 'content-type': 'application/json' }, body: bytes };
  }
  const { body, isBase64Encoded } = answer as Record<string, unknown>;
  const head = responseHead(answer as Record<string, unknown>, defaultContentType(door));
  if (head.status === 'invalid') return head;
  if (body !== undefined && body !== null && typeof body !== 'string') {
    return invalid(`body is ${Array.isArray(body) ? 'an array' : `of type ${typeof body}`}; a string is accepted`);
  }
  const text = body ?? '';
  const sent = isBase64Encoded === true ? Buffer.from(text, 'base64') : text;
  return { status: 'ok', statusCode: head.statusCode, headers: head.headers, body: sent };
}

export type ResponseHead = { status: 'ok'; statusCode: number; headers: Record<string, string | readonly string[]> };

/** Status and headers as a function says them: `statusCode`, `headers`, `cookies`. `contentType`: where it says none. */
export function responseHead(
  { statusCode, headers, cookies }: Readonly<Record<string, unknown>>,
  contentType: string,
): ResponseHead | Invalid {
  const code = typeof statusCode === 'string' && /^\d{3}$/.test(statusCode) ? Number(statusCode) : statusCode;
  if (typeof code !== 'number' || !Number.isInteger(code) || code < 200 || code > 599) {
    return invalid(`statusCode is ${JSON.stringify(statusCode)}; a whole number from 200 to 599 is accepted`);
  }
  const sent: Record<string, string | readonly string[]> = { 'content-type': contentType };
  if (headers !== undefined && headers !== null) {
    if (typeof headers !== 'object' || Array.isArray(headers)) return invalid('headers is not an object');
    for (const [name, given] of Object.entries(headers)) {
      if (!headerName.test(name)) return invalid(`header name ${JSON.stringify(name)} is none`);
      const value = headerValue(given);
      if (value === undefined) {
        return invalid(
          `header ${name} is ${JSON.stringify(given)?.slice(0, 80)}; a string, number or boolean in one line is accepted`,
        );
      }
      const key = name.toLowerCase();
      if (!dropped.has(key)) sent[key] = value;
    }
  }
  if (cookies !== undefined && cookies !== null) {
    if (!Array.isArray(cookies)) return invalid('cookies is not an array');
    const values: string[] = [];
    for (const cookie of cookies) {
      const value = typeof cookie === 'string' ? headerValue(cookie) : undefined;
      if (value === undefined) return invalid('cookies holds something that is not a string in one line');
      values.push(value);
    }
    const own = sent['set-cookie'];
    sent['set-cookie'] = typeof own === 'string' ? [own, ...values] : values;
  }
  return { status: 'ok', statusCode: code, headers: sent };
}

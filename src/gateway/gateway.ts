/**
 * The public HTTP side: host and path to an alias, request to event, outcome to response. It runs nothing itself and
 * keeps nothing. Next: invoke/.
 */
import type { Invocation, InvocationResult, Invoker } from '../invoke/invoke.ts';
import { invokeStreaming } from '../invoke/invoke-streaming.ts';
import type { Binding, Bindings } from '../registry/binding.ts';
import { createResourcePolicyReader } from '../identity/resource-policy.ts';
import { liveAlias, liveQualifier } from '../registry/function.ts';
import type { Registry } from '../registry/registry.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { never } from '../util/assert.ts';
import { continuedCause, newCause, type Cause } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import { retryAfter, type HttpHandler, type HttpRequest, type HttpResponse } from '../util/http.ts';
import type { AccountId, Ids, RequestId } from '../util/ids.ts';
import { limits } from '../util/limits.ts';
import { readHeld } from '../util/read-held.ts';
import { preflightResponse, withCors } from './cors.ts';
import { enterSigned, forbidden, isPublic, type FoundUrl, type UrlGateOptions } from './function-url.ts';
import { EventTexts, functionResponse, httpEvent, requestTime, type Door } from './http-event.ts';
import { buildRouteTable, type RouteTable } from './route.ts';
import { gatheredResponse, streamResponse } from './stream-response.ts';
import { isBodiless } from './write-response.ts';

export type GatewayOptions = {
  bindings: Bindings;
  registry: Pick<Registry, 'byUrlId'>;
  invoker: Invoker;
  telemetry: Telemetry;
  region: string;
  clock: Clock;
  ids: Ids;
} & Pick<UrlGateOptions, 'authenticate' | 'standingOf' | 'refused' | 'used'>;

type Target = {
  account: AccountId;
  functionName: string;
  qualifier: string | undefined;
  source: 'http' | 'url';
  door: Door;
  /** The answer goes out as it is written. */
  streams?: boolean;
  /** Present for a function URL. */
  found?: FoundUrl;
};

type HttpBinding = Binding & { source: { kind: 'http'; method: string; path: string } };

/** What the function's event calls the API that a route without an application belongs to. */
const apiIdDefault = 'mayfly';

function routeTarget(binding: HttpBinding): Target {
  const { account, functionName, qualifier, application, source } = binding;
  return {
    account,
    functionName,
    qualifier,
    source: 'http',
    door: {
      kind: 'route',
      routeKey: `${source.method} ${source.path}`,
      accountId: account,
      apiId: application ?? apiIdDefault,
    },
  };
}

function urlTarget(found: FoundUrl): Target {
  const { function: record, qualifier: key, url } = found;
  return {
    account: record.account,
    functionName: record.name,
    qualifier: key === liveAlias ? liveQualifier(record) : key,
    source: 'url',
    door: { kind: 'url', urlId: url.urlId },
    streams: url.streams,
    found,
  };
}

/** The table as the bindings are now. Older routes stand before newer ones of the same identity. */
function routesOf(bindings: Bindings): RouteTable<Target> {
  const ordered = bindings.ofKind('http').toSorted((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
  return buildRouteTable(
    ordered.map((binding) => ({
      method: binding.source.method,
      path: binding.source.path,
      target: routeTarget(binding),
    })),
  );
}

/** One that nobody else has. */
type OwnResponse = HttpResponse & { headers: Record<string, string | readonly string[]> };

const json = (status: number, message: string, headers: HttpResponse['headers'] = {}): OwnResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ message }),
});

/** Says `Internal Server Error` as a function URL does (bare text) or as a route does (JSON). */
const failed = (door: Door, status: number, message: string): OwnResponse =>
  door.kind === 'url' ? { status, headers: { 'content-type': 'text/plain' }, body: message } : json(status, message);

/** When a platform that is starting or stopping is worth asking again. */
const unavailableRetryMs = 1_000;

/**
 * Statuses of outcomes that are not the function's answer. docs/reference/http.md gives each with what AWS does;
 * a function's own failure is 502 at both doors.
 */
function outcomeResponse(result: InvocationResult, door: Door, malformed: (reason: string) => void): OwnResponse {
  switch (result.status) {
    case 'ok': {
      const response =
        gatheredResponse(result.payload, result.streamed?.contentType) ?? functionResponse(result.payload, door);
      if (response.status === 'ok') {
        return { status: response.statusCode, headers: response.headers, body: response.body };
      }
      malformed(response.reason);
      return failed(door, 502, 'Internal Server Error');
    }
    case 'function_error':
      return result.settled.status === 'timeout' && door.kind === 'route'
        ? json(504, 'Endpoint request timed out')
        : failed(door, 502, 'Internal Server Error');
    case 'throttled':
      return result.reason === 'queue'
        ? json(503, 'Service Unavailable', retryAfter(result.retryAfterMs))
        : json(429, 'Too Many Requests', retryAfter(result.retryAfterMs));
    case 'not_found':
      return json(404, 'Not Found');
    case 'recursion':
      return json(508, result.message);
    case 'unavailable':
      return json(503, 'Service Unavailable', retryAfter(unavailableRetryMs));
    default:
      return never(result);
  }
}

export function createGateway(options: GatewayOptions): HttpHandler {
  const documentOf = createResourcePolicyReader();
  const { bindings, registry, invoker, telemetry, clock, ids } = options;
  const urlInfix = `.lambda-url.${options.region}.`;
  let routes: RouteTable<Target> | undefined;
  // Rebuilt by the next request, not by each of a deployment's many changes.
  bindings.watch(() => (routes = undefined));

  const texts = new EventTexts();
  let second = -1;
  let secondText = '';
  const timeText = (nowMs: number): string => {
    const nowSecond = Math.floor(nowMs / 1000);
    if (nowSecond !== second) {
      second = nowSecond;
      secondText = requestTime(nowMs);
    }
    return secondText;
  };

  function causeOf(request: HttpRequest, nowMs: number, requestId: RequestId): { cause: Cause; traceHeader: string } {
    const running = request.environmentId === undefined ? undefined : invoker.runningIn(request.environmentId);
    if (running !== undefined) return { cause: running.cause, traceHeader: running.cause.traceId };
    const given = request.headers['x-amzn-trace-id'];
    const continued = continuedCause(given);
    if (given !== undefined && continued !== undefined) return { cause: continued, traceHeader: given };
    // 24 digits of its UUID, time and chance: another id would be as much work as the rest of this.
    const cause = newCause(nowMs, requestId.slice(0, 8) + requestId.slice(9, 13) + requestId.slice(24));
    return { cause, traceHeader: cause.traceId };
  }

  /** Tells whoever wrote the function why its answer became a 502: in its log, since the caller shall not know. */
  function logMalformed(result: InvocationResult, reason: string): void {
    if (result.status !== 'ok' && result.status !== 'function_error') return;
    const { settled } = result;
    const { account, functionName, version, environmentId, requestId } = settled;
    telemetry.emit({
      kind: 'log',
      timeMs: clock.now(),
      account,
      functionName,
      version,
      environmentId,
      requestId,
      origin: 'platform',
      text: `[ERROR] Gateway.MalformedResponse: ${reason}; the caller was answered 502`,
    });
  }

  function call(
    request: HttpRequest,
    target: Target,
    pathParameters: readonly { name: string; value: string }[] | undefined,
    body: Buffer | undefined,
  ): Promise<HttpResponse> {
    const timeMs = clock.now();
    const requestId = ids.uuid() as RequestId;
    const { cause, traceHeader } = causeOf(request, timeMs, requestId);
    const { door } = target;
    const time = timeText(timeMs);
    const event = httpEvent({ request, door, requestId, traceHeader, timeMs, time, pathParameters, body }, texts);
    if (event.byteLength > limits.syncPayloadBytesMax) return Promise.resolve(tooLarge());
    const invocation: Invocation = {
      requestId,
      account: target.account,
      functionName: target.functionName,
      event,
      source: target.source,
      cause,
      attempt: 1,
      caller: request,
    };
    if (target.qualifier !== undefined) invocation.qualifier = target.qualifier;
    if (request.receivedMs !== undefined) invocation.receivedMs = request.receivedMs;
    const answered = (result: InvocationResult): OwnResponse =>
      outcomeResponse(result, door, (reason) => logMalformed(result, reason));
    const named = (response: OwnResponse): HttpResponse => {
      // One property after the other: a copy of them all costs more than the rest of the answer.
      response.headers[door.kind === 'route' ? 'apigw-requestid' : 'x-amzn-requestid'] = requestId;
      response.headers['x-amzn-trace-id'] = cause.traceId;
      return response;
    };
    if (target.streams === true) return stream(request, invocation, door, answered).then(named);
    invocation.answerFirst = true;
    return invoker.invoke(invocation).then((result) => named(answered(result)));
  }

  /** Answers as soon as there is a status: the body follows as it is written. */
  async function stream(
    request: HttpRequest,
    invocation: Invocation,
    door: Door,
    answered: (result: InvocationResult) => OwnResponse,
  ): Promise<OwnResponse> {
    const streamed = await invokeStreaming(invoker, invocation, request.signal);
    if (streamed.status === 'whole') return answered(streamed.result);
    const response = await streamResponse(streamed);
    switch (response.status) {
      case 'ok':
        if (request.method === 'HEAD' || isBodiless(response.statusCode)) streamed.drop();
        return { status: response.statusCode, headers: response.headers, body: response.body };
      case 'broken':
        return answered(await streamed.result);
      case 'invalid':
        streamed.result.then(
          (result) => logMalformed(result, response.reason),
          () => undefined,
        );
        return failed(door, 502, 'Internal Server Error');
      default:
        return never(response);
    }
  }

  /** Reads the body, and calls. */
  function receive(
    request: HttpRequest,
    target: Target,
    pathParameters: readonly { name: string; value: string }[] | undefined,
  ): Promise<HttpResponse> {
    const { headers } = request;
    const length = headers['content-length'];
    if ((length === undefined || length === '0') && headers['transfer-encoding'] === undefined) {
      return admit(request, target, pathParameters, undefined);
    }
    const refused = refusedUnread(target);
    if (refused !== undefined) return Promise.resolve(refused);
    const bytesExpected = length === undefined ? undefined : Number(length);
    return readHeld(request, { bytesMax: limits.syncPayloadBytesMax, bytesExpected }).then((read) => {
      switch (read.status) {
        case 'read':
          return admit(request, target, pathParameters, read.bytes.byteLength === 0 ? undefined : read.bytes);
        case 'too_large':
          return tooLarge();
        case 'no_room':
          return json(503, 'Service Unavailable', retryAfter(unavailableRetryMs));
        default:
          return never(read);
      }
    });
  }

  /** Who would be refused for the load anyway is so before the body is read; but strangers are not told of the load. */
  function refusedUnread({ account, functionName, qualifier, source, door, found }: Target): HttpResponse | undefined {
    if (found?.url.auth === 'iam') return undefined;
    const requestId = ids.uuid() as RequestId;
    const refusal = invoker.refusal({
      account,
      functionName,
      source,
      requestId,
      ...(qualifier === undefined ? {} : { qualifier }),
    });
    if (refusal === undefined) return undefined;
    const response = outcomeResponse(refusal, door, () => undefined);
    const idHeader = door.kind === 'route' ? 'apigw-requestid' : 'x-amzn-requestid';
    return { ...response, headers: { ...response.headers, [idHeader]: requestId } };
  }

  /** A URL that asks for a signature lets in whom it knows: only now, for the signature covers the body. */
  function admit(
    request: HttpRequest,
    target: Target,
    pathParameters: readonly { name: string; value: string }[] | undefined,
    body: Buffer | undefined,
  ): Promise<HttpResponse> {
    const { found, door } = target;
    if (found?.url.auth !== 'iam' || door.kind !== 'url') return call(request, target, pathParameters, body);
    return enterSigned({ ...options, documentOf }, found, request, body ?? Buffer.alloc(0)).then((entry) =>
      entry.status === 'refused'
        ? entry.response
        : call(request, { ...target, door: { ...door, caller: entry.caller } }, pathParameters, body),
    );
  }

  function throughUrl(request: HttpRequest, target: Target, found: FoundUrl): Promise<HttpResponse> {
    const { cors, auth } = found.url;
    const preflight = preflightResponse(cors, request);
    if (preflight !== undefined) return Promise.resolve(identified(preflight));
    const isOpen = auth === 'iam' || isPublic({ documentOf }, found);
    const response = isOpen ? receive(request, target, undefined) : Promise.resolve(forbidden());
    return response.then((answer) => identified(cors === undefined ? answer : withCors(cors, request, answer)));
  }

  /** Every answer of a URL has an id, also where the function was never asked. */
  const identified = (response: HttpResponse): HttpResponse =>
    response.headers['x-amzn-requestid'] === undefined
      ? { ...response, headers: { ...response.headers, 'x-amzn-requestid': ids.uuid() } }
      : response;

  const tooLarge = (): HttpResponse => json(413, 'Request Too Long');

  return (request) => {
    const { headers } = request;
    // Names of hosts are the same in upper and lower case.
    const host = (headers.host ?? '').toLowerCase();
    const infixAt = host.indexOf(urlInfix);
    let target: Target | undefined;
    let pathParameters: readonly { name: string; value: string }[] | undefined;
    if (infixAt > 0) {
      const urlId = host.slice(0, infixAt);
      const found = registry.byUrlId(urlId);
      if (found !== undefined) target = urlTarget(found);
    } else {
      routes ??= routesOf(bindings);
      const match = routes.match(request.method, request.path);
      target = match?.target;
      pathParameters = match?.parameters;
    }
    if (target === undefined) return Promise.resolve(json(404, 'Not Found'));
    return target.found === undefined
      ? receive(request, target, pathParameters)
      : throughUrl(request, target, target.found);
  };
}

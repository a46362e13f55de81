import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import type { Invocation, InvocationResult, Running, Throttled } from '../invoke/invoke.ts';
import type { Binding, Bindings } from '../registry/binding.ts';
import { createStandings } from '../identity/standing.ts';
import { publicUrlStatements, type FunctionRecord } from '../registry/function.ts';
import type { Registry } from '../registry/registry.ts';
import { openBindings } from '../registry/open-bindings.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry, type InvocationSettled, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { ByteBudget } from '../util/byte-budget.ts';
import { systemClock } from '../util/clock.ts';
import { randomIds, type AccountId, type EnvironmentId, type VersionId } from '../util/ids.ts';
import { createGateway } from './gateway.ts';
import { Listener } from './listener.ts';

const account = '000000000000' as AccountId;

const settled = (status: InvocationSettled['status']): InvocationSettled =>
  ({ status }) as unknown as InvocationSettled;
const answer = (value: unknown): InvocationResult => ({
  status: 'ok',
  payload: Buffer.from(JSON.stringify(value)),
  version: '1' as VersionId,
  settled: settled('ok'),
});

type Served = {
  port: number;
  calls: Invocation[];
  events: TelemetryEvent[];
  bindings: Bindings;
  answerWith(result: InvocationResult): void;
};

async function serve(
  context: TestContext,
  options: { running?: Running; refusal?: Throttled; heldBytesMax?: number } = {},
): Promise<Served> {
  const store = openMemoryStore({ clock: systemClock });
  const bindings = await openBindings({ records: store.records });
  const calls: Invocation[] = [];
  const events: TelemetryEvent[] = [];
  const telemetry = new Telemetry();
  telemetry.attach({ take: (event) => events.push(event), flush: () => Promise.resolve() });
  let result = answer({ statusCode: 200, headers: { 'content-type': 'text/plain' }, body: 'hello' });
  const extras = { policies: { live: publicUrlStatements } };
  const withUrl = { account, name: 'hello', aliases: { live: {} }, extras } as unknown as FunctionRecord;
  const found = { function: withUrl, qualifier: 'live', url: { urlId: 'abc123', auth: 'none', streams: false } };
  const handler = createGateway({
    bindings,
    registry: { byUrlId: (urlId: string) => (urlId === 'abc123' ? found : undefined) } as unknown as Registry,
    invoker: {
      invoke: (invocation) => {
        calls.push(invocation);
        return Promise.resolve(result);
      },
      refusal: () => options.refusal,
      runningIn: () => options.running,
    },
    telemetry,
    region: 'us-east-1',
    clock: systemClock,
    ids: randomIds,
    authenticate: () => assert.fail('nothing here is signed'),
    standingOf: createStandings({ grantsOf: () => undefined }),
  });
  const listener = new Listener({
    handler: (request) =>
      handler(
        options.running === undefined ? request : Object.assign(request, { environmentId: 'e' as EnvironmentId }),
      ),
    clock: systemClock,
    onError: (error) => assert.fail(String(error)),
    ...(options.heldBytesMax === undefined ? {} : { budget: new ByteBudget(options.heldBytesMax) }),
  });
  context.after(async () => {
    await listener.close(0);
    await store[Symbol.asyncDispose]();
  });
  const { port } = await listener.listen(0, '127.0.0.1');
  const route: Binding = {
    id: 'a',
    account,
    functionName: 'hello',
    qualifier: 'live',
    application: 'shop',
    createdMs: 1,
    source: { kind: 'http', method: 'ANY', path: '/hello/{name}' },
  };
  await bindings.put(route);
  return { port, calls, events, bindings, answerWith: (next) => (result = next) };
}

async function call(port: number, options: RequestOptions = {}, body?: string | Buffer) {
  const request = httpRequest({ port, host: '127.0.0.1', path: '/hello/Ada', ...options });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

const url: RequestOptions = { path: '/any/path', headers: { host: 'abc123.lambda-url.us-east-1.localhost:8080' } };
const eventOf = ({ event }: Invocation) => JSON.parse(Buffer.from(event).toString('utf8'));

test('a route calls its function by the alias that the binding names', async (context) => {
  const { port, calls } = await serve(context);
  const { status, headers, body } = await call(port);
  assert.deepEqual([status, body, headers['content-type']], [200, 'hello', 'text/plain']);
  const [invocation] = calls;
  assert.ok(invocation);
  assert.deepEqual(
    [invocation.functionName, invocation.qualifier, invocation.source, invocation.attempt, invocation.account],
    ['hello', 'live', 'http', 1, account],
  );
  const event = eventOf(invocation);
  assert.equal(event.routeKey, 'ANY /hello/{name}');
  assert.deepEqual(event.pathParameters, { name: 'Ada' });
  assert.equal(event.requestContext.apiId, 'shop');
  assert.equal(event.requestContext.requestId, invocation.requestId);
  assert.equal(headers['apigw-requestid'], invocation.requestId);
  assert.equal(headers['x-amzn-trace-id'], invocation.cause.traceId);
  assert.match(invocation.cause.traceId, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
});

test('a function URL is told by its host, and calls the live alias', async (context) => {
  const { port, calls } = await serve(context);
  const { status, headers } = await call(port, url);
  assert.equal(status, 200);
  assert.deepEqual([calls[0]?.functionName, calls[0]?.qualifier, calls[0]?.source], ['hello', 'live', 'url']);
  assert.equal(headers['x-amzn-requestid'], calls[0]?.requestId);
  const upper = { path: '/', headers: { host: 'ABC123.Lambda-URL.us-east-1.LOCALHOST:8080' } };
  assert.equal((await call(port, upper)).status, 200);
  assert.equal((await call(port, { headers: { host: 'other.lambda-url.us-east-1.localhost:8080' } })).status, 404);
});

test('bodies of every size and kind reach the event, up to the limit', async (context) => {
  const { port, calls } = await serve(context);
  await call(port, { method: 'POST', headers: { 'content-type': 'application/json' } }, '{"a":1}');
  assert.equal(eventOf(calls[0] ?? assert.fail()).body, '{"a":1}');
  await call(port, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, Buffer.from([0, 255]));
  const second = eventOf(calls[1] ?? assert.fail());
  assert.deepEqual([second.body, second.isBase64Encoded], ['AP8=', true]);
  await call(port, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
  assert.equal('body' in eventOf(calls[2] ?? assert.fail()), false);
  const large = Buffer.alloc(6 * 1024 * 1024, 'a');
  for (const headers of [{ 'content-length': large.length }, { 'transfer-encoding': 'chunked' }]) {
    assert.equal(
      (await call(port, { method: 'POST', headers: { 'content-type': 'text/plain', ...headers } }, large)).status,
      413,
    );
  }
  assert.equal(calls.length, 3);
});

test('an answer that is no response is a 502, and the function’s log says why', async (context) => {
  const { port, calls, events, answerWith } = await serve(context);
  const of = { account, functionName: 'hello', requestId: 'r', version: '3', environmentId: 'e' };
  const ok = { ...answer({ statusCode: 200, body: { a: 1 } }), settled: of as unknown as InvocationSettled };
  answerWith(ok as InvocationResult);
  const { status, body } = await call(port);
  assert.deepEqual([status, body], [502, '{"message":"Internal Server Error"}']);
  assert.equal(calls.length, 1);
  const [{ timeMs, ...line } = { timeMs: 0 }, ...more] = events;
  assert.ok(timeMs > 0);
  assert.deepEqual(more, []);
  assert.deepEqual(line, {
    kind: 'log',
    ...of,
    origin: 'platform',
    text: '[ERROR] Gateway.MalformedResponse: body is of type object; a string is accepted; the caller was answered 502',
  });
});

test('outcomes that are not the function’s answer have their own statuses', async (context) => {
  const { port, answerWith } = await serve(context);
  const error = { errorType: 'Error', errorMessage: 'secret' };
  const version = '1' as VersionId;
  const cases: [InvocationResult, number, number, string?][] = [
    [{ status: 'function_error', error, version, settled: settled('error') }, 502, 502],
    [{ status: 'function_error', error, version, settled: settled('timeout') }, 504, 502],
    [{ status: 'throttled', reason: 'function', retryAfterMs: 1_500 }, 429, 429, '2'],
    [{ status: 'throttled', reason: 'queue', retryAfterMs: 1_500 }, 503, 503, '2'],
    [{ status: 'not_found', message: 'gone' }, 404, 404],
    [{ status: 'recursion', hops: 16, message: 'hello has run 16 times in this chain' }, 508, 508],
    [{ status: 'unavailable', message: 'stopping' }, 503, 503, '1'],
    [answer({ statusCode: 'none' }), 502, 502],
  ];
  for (const [result, atRoute, atUrl, retryAfter] of cases) {
    answerWith(result);
    const [route, own] = [await call(port), await call(port, url)];
    assert.deepEqual([route.status, own.status], [atRoute, atUrl], result.status);
    assert.equal(route.headers['retry-after'], retryAfter);
    assert.equal(/secret/.test(route.body + own.body), false, 'what went wrong inside stays inside');
    assert.equal(typeof JSON.parse(route.body).message, 'string');
  }
});

test('who would be refused anyway is so before the body has come', async (context) => {
  const refusal: Throttled = { status: 'throttled', reason: 'account', retryAfterMs: 2_000 };
  const { port, calls } = await serve(context, { refusal });
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    path: '/hello/Ada',
    method: 'POST',
    headers: { 'content-length': 1_000_000 },
  });
  request.flushHeaders();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.deepEqual([response.statusCode, response.headers['retry-after']], [429, '2']);
  assert.equal(typeof response.headers['apigw-requestid'], 'string');
  request.destroy();
  assert.deepEqual(calls, []);
});

test('bodies that there is no memory for are refused, and there is again when others have been answered', async (context) => {
  const { port, calls } = await serve(context, { heldBytesMax: 1_000 });
  const post = (bytes: number) => call(port, { method: 'POST' }, Buffer.alloc(bytes));
  assert.equal((await post(1_000)).status, 200);
  assert.equal((await post(1_000)).status, 200, 'the first has given back what it held');
  const refused = await post(1_001);
  assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1']);
  assert.equal(calls.length, 2);
});

test('what no route matches is not found, and new routes are seen at once', async (context) => {
  const { port, bindings } = await serve(context);
  const missing = await call(port, { path: '/new' });
  assert.deepEqual(
    [missing.status, missing.body, missing.headers['content-type']],
    [404, '{"message":"Not Found"}', 'application/json'],
  );
  const [route] = bindings.ofKind('http');
  await bindings.put({ ...(route ?? assert.fail()), id: 'b', source: { kind: 'http', method: 'GET', path: '/new' } });
  assert.equal((await call(port, { path: '/new' })).status, 200);
  await bindings.delete(account, 'b');
  assert.equal((await call(port, { path: '/new' })).status, 404);
});

test('a trace that the client brings is carried on, a malformed one is not', async (context) => {
  const { port, calls } = await serve(context);
  const given = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
  await call(port, { headers: { 'x-amzn-trace-id': given } });
  assert.equal(calls[0]?.cause.traceId, given);
  assert.equal(eventOf(calls[0] ?? assert.fail()).headers['x-amzn-trace-id'], given);
  await call(port, { headers: { 'x-amzn-trace-id': 'Root=evil"}' } });
  assert.match(calls[1]?.cause.traceId ?? '', /^Root=1-/);
  const partly = 'Self=1-2;Sampled=?;Parent=evil"};Root=1-5759e988-bd862e3fe1be46a994272793';
  await call(port, { headers: { 'x-amzn-trace-id': partly } });
  assert.equal(calls[2]?.cause.traceId, 'Root=1-5759e988-bd862e3fe1be46a994272793');
});

test('a call out of an environment carries on the chain of what runs there', async (context) => {
  const running = {
    cause: { traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793', hops: { 'arn:a': 3 } },
  } as unknown as Running;
  const { port, calls } = await serve(context, { running });
  await call(port);
  assert.equal(calls[0]?.cause, running.cause);
});

test('a response without a body, and one of bytes, arrive as they are', async (context) => {
  const { port, answerWith } = await serve(context);
  answerWith(answer({ statusCode: 204 }));
  assert.deepEqual([(await call(port)).status, (await call(port)).body], [204, '']);
  answerWith(
    answer({
      statusCode: 200,
      headers: { 'content-type': 'image/png' },
      body: 'iVBORw==',
      isBase64Encoded: true,
      cookies: ['a=1'],
    }),
  );
  const { headers } = await call(port);
  assert.deepEqual([headers['content-length'], headers['set-cookie']], ['4', ['a=1']]);
});

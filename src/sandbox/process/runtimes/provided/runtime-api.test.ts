import assert from 'node:assert/strict';
import { request, type IncomingHttpHeaders } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { FunctionError, InvokeRequest } from '../../../sandbox.ts';
import type { RequestId } from '../../../../util/ids.ts';
import { InsideApi } from '../../extensions/inside-api.ts';
import { RuntimeApiSession } from './runtime-api.ts';

type Answer = { status: number; headers: IncomingHttpHeaders; body: string };
type Said = { ready: number; responses: string[]; errors: FunctionError[]; initErrors: FunctionError[] };

/** A session as a runtime sees it: over HTTP. */
async function open(t: TestContext) {
  const said: Said = { ready: 0, responses: [], errors: [], initErrors: [] };
  const session = new RuntimeApiSession({
    ready: () => void said.ready++,
    initFailed: (error) => void said.initErrors.push(error),
    responded: (payload) => void said.responses.push(Buffer.from(payload).toString()),
    failed: (error) => void said.errors.push(error),
    streamBegan: () => {},
    streamed: () => {},
    streamEnded: () => {},
  });
  const api = new InsideApi();
  const inside = {
    handle: (...asked: Parameters<RuntimeApiSession['handle']>) => void session.handle(...asked),
    upgrade: () => undefined,
  };
  const server = createServer((socket) => api.accept(socket, inside)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const call = (method: string, resource: string, body = '', headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const path = `/2018-06-01/runtime/${resource}`;
      const sent = request(
        { port, host: '127.0.0.1', method, path, headers: { ...headers, connection: 'close' } },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
          );
        },
      );
      sent.on('error', reject).end(body);
    });
  return { session, said, call };
}

function invocation(requestId: string, options: Partial<InvokeRequest> = {}): InvokeRequest {
  return {
    requestId: requestId as RequestId,
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:tried',
    event: Buffer.from('{"a":1}'),
    deadlineMs: 1_700_000_000_000,
    timeoutMs: 3_000,
    traceId: 'Root=1-0-0',
    ...options,
  };
}

const errorTypeOf = ({ body }: Answer): unknown => (JSON.parse(body) as { errorType: unknown }).errorType;

test('next waits, and brings the event with all its headers', async (t) => {
  const { session, said, call } = await open(t);
  const next = call('GET', 'invocation/next');
  session.invoke(invocation('r-1', { clientContext: '{\n"custom":"Zoë"}' }));
  const { status, headers, body } = await next;
  assert.deepEqual({ status, body, ready: said.ready }, { status: 200, body: '{"a":1}', ready: 1 });
  assert.equal(headers['lambda-runtime-aws-request-id'], 'r-1');
  assert.equal(headers['lambda-runtime-deadline-ms'], '1700000000000');
  assert.equal(headers['lambda-runtime-invoked-function-arn'], 'arn:aws:lambda:us-east-1:000000000000:function:tried');
  assert.equal(headers['lambda-runtime-trace-id'], 'Root=1-0-0');
  assert.equal(headers['lambda-runtime-client-context'], '{ "custom":"Zo\\u00eb"}');
  assert.equal(headers['content-type'], 'application/json');
});

test('an event that comes while the runtime is not asking waits for it', async (t) => {
  const { session, said, call } = await open(t);
  const first = call('GET', 'invocation/next');
  session.invoke(invocation('r-1'));
  await first;
  assert.equal((await call('POST', 'invocation/r-1/response', '1')).status, 202);
  session.invoke(invocation('r-2'));
  assert.equal((await call('GET', 'invocation/next')).headers['lambda-runtime-aws-request-id'], 'r-2');
  assert.equal((await call('POST', 'invocation/r-2/response', '2')).status, 202);
  assert.deepEqual(said.responses, ['1', '2']);
});

test('errors are taken in every form that runtimes send them in', async (t) => {
  const { session, said, call } = await open(t);
  const errors: [string, Record<string, string>, FunctionError][] = [
    [
      '{"errorType":"A","errorMessage":"b","stackTrace":["c"],"more":1}',
      {},
      { errorType: 'A', errorMessage: 'b', stackTrace: ['c'], more: 1 } as FunctionError,
    ],
    [
      'just words',
      { 'Lambda-Runtime-Function-Error-Type': 'Runtime.Own' },
      { errorType: 'Runtime.Own', errorMessage: 'just words' },
    ],
    ['', {}, { errorType: 'Runtime.Unknown', errorMessage: '' }],
  ];
  for (const [body, headers] of errors) {
    const next = call('GET', 'invocation/next');
    session.invoke(invocation('r-1'));
    await next;
    assert.equal((await call('POST', 'invocation/r-1/error', body, headers)).status, 202);
  }
  assert.deepEqual(
    said.errors,
    errors.map(([, , error]) => error),
  );
});

test('what does not fit the state is refused and changes nothing', async (t) => {
  const { session, said, call } = await open(t);
  const before = await call('POST', 'invocation/r-1/response', '1');
  assert.deepEqual([before.status, errorTypeOf(before)], [403, 'InvalidStateTransition']);
  const next = call('GET', 'invocation/next');
  session.invoke(invocation('r-1'));
  await next;
  const other = await call('POST', 'invocation/r-2/response', '2');
  assert.deepEqual([other.status, errorTypeOf(other)], [400, 'InvalidRequestID']);
  const early = await call('GET', 'invocation/next');
  assert.deepEqual([early.status, errorTypeOf(early)], [403, 'InvalidStateTransition']);
  const late = await call('POST', 'init/error', '{}');
  assert.deepEqual([late.status, errorTypeOf(late)], [403, 'InvalidStateTransition']);
  for (const [method, resource] of [
    ['GET', 'nothing'],
    ['PUT', 'invocation/next'],
    ['GET', 'invocation/r-1/response'],
    ['POST', 'invocation//response'],
  ] as const) {
    assert.equal((await call(method, resource)).status, 404, `${method} ${resource}`);
  }
  assert.equal((await call('POST', 'invocation/r-1/response', '1')).status, 202);
  const twice = await call('POST', 'invocation/r-1/response', '1');
  assert.equal(twice.status, 403);
  assert.deepEqual(said, { ready: 1, responses: ['1'], errors: [], initErrors: [] });
});

test('an answer over the limit is refused, and is the error of the invocation', async (t) => {
  const { session, said, call } = await open(t);
  const next = call('GET', 'invocation/next');
  session.invoke(invocation('r-1'));
  await next;
  const answer = await call('POST', 'invocation/r-1/response', 'x'.repeat(6_291_557));
  assert.deepEqual([answer.status, errorTypeOf(answer)], [413, 'RequestEntityTooLarge']);
  assert.equal(said.errors[0]?.errorType, 'Function.ResponseSizeTooLarge');
});

test('a failed initialisation is heard once, before anything else', async (t) => {
  const { said, call } = await open(t);
  assert.equal((await call('POST', 'init/error', '{"errorType":"No","errorMessage":"go"}')).status, 202);
  assert.deepEqual(said.initErrors, [{ errorType: 'No', errorMessage: 'go' }]);
  assert.equal(said.ready, 0);
});

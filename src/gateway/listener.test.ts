import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { ByteBudget } from '../util/byte-budget.ts';
import { systemClock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../util/http.ts';
import type { EnvironmentId } from '../util/ids.ts';
import { waitingRequestsMax } from './environment-turns.ts';
import { Listener, type ListenerOptions } from './listener.ts';

type Served = { listener: Listener; port: number; errors: unknown[] };

async function serve(
  context: TestContext,
  handler: HttpHandler,
  limits: ListenerOptions['limits'] = {},
): Promise<Served> {
  const errors: unknown[] = [];
  const listener = new Listener({ handler, clock: systemClock, onError: (error) => errors.push(error), limits });
  context.after(() => listener.close(0));
  const { port } = await listener.listen(0, '127.0.0.1');
  return { listener, port, errors };
}

async function call(
  port: number,
  options: RequestOptions = {},
  body?: string | Buffer,
): Promise<{ response: IncomingMessage; text: string }> {
  const request = httpRequest({ port, host: '127.0.0.1', ...options });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const answer = await text(response);
  // A server that stops while we still send resets the connection.
  if (!request.writableFinished) await once(request, 'finish');
  return { response, text: answer };
}

/** Sends raw bytes and answers all that comes back until the connection ends. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  return text(socket);
}

const ok = (body: HttpResponse['body'] = 'ok'): HttpResponse => ({
  status: 200,
  headers: {},
  ...(body === undefined ? {} : { body }),
});

async function bytesOf(request: HttpRequest): Promise<number> {
  let bytes = 0;
  for await (const chunk of request.body) bytes += chunk.byteLength;
  return bytes;
}

test('it also listens at a path, and leaves none when it closes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-listener-'));
  try {
    const socketPath = join(folder, 'door');
    await using listener = new Listener({ handler: async () => ok('there'), clock: systemClock, onError: () => {} });
    await listener.listenAt(socketPath);
    assert.equal((await call(0, { socketPath })).text, 'there');
    await listener.close(0);
    assert.deepEqual(await readdir(folder), []);
    await assert.rejects(listener.listenAt(join(folder, 'no', 'door')), /cannot listen on .*no\/door/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a request arrives as plain data, an answer leaves with its length', async (context) => {
  let seen: HttpRequest | undefined;
  const { port } = await serve(context, async (request) => {
    seen = request;
    return { status: 201, headers: { 'x-a': 'b', 'set-cookie': ['c=1', 'd=2'] }, body: 'grüezi' };
  });
  const { response, text: body } = await call(port, { path: '/a%20b?c=d&e', headers: { 'X-Name': 'Ada' } });
  assert.equal(body, 'grüezi');
  assert.equal(response.statusCode, 201);
  assert.equal(response.headers['content-length'], '7');
  assert.deepEqual(response.headers['set-cookie'], ['c=1', 'd=2']);
  assert.deepEqual(
    [
      seen?.method,
      seen?.target,
      seen?.path,
      seen?.query,
      seen?.headers['x-name'],
      seen?.remoteAddress,
      seen?.environmentId,
    ],
    ['GET', '/a%20b?c=d&e', '/a%20b', 'c=d&e', 'Ada', '127.0.0.1', undefined],
  );
  assert.equal(await bytesOf(seen ?? assert.fail()), 0);
});

test('the absolute form of a target names the same path', async (context) => {
  const { port } = await serve(context, async ({ path, query }) => ok(`${path} ${query}`));
  assert.equal((await call(port, { path: 'http://example.com/a?b' })).text, '/a b');
  assert.equal((await call(port, { path: 'http://example.com?b' })).text, '/ b');
});

test('bodies stream in, of known length and chunked', async (context) => {
  const { port } = await serve(context, async (request) => ok(String(await bytesOf(request))));
  const body = Buffer.alloc(3_000_000);
  assert.equal((await call(port, { method: 'PUT', headers: { 'content-length': body.length } }, body)).text, '3000000');
  assert.equal(
    (await call(port, { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } }, body)).text,
    '3000000',
  );
});

test('bodies stream out, and a slow reader holds the source back', async (context) => {
  let given = 0;
  const { port } = await serve(context, async () =>
    ok(
      (async function* () {
        for (; given < 500; given++) yield Buffer.alloc(64 * 1024);
      })(),
    ),
  );
  const request = httpRequest({ port, host: '127.0.0.1' });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(given < 400, `${given} pieces were taken while nobody read`);
  let bytes = 0;
  for await (const chunk of response) bytes += chunk.length;
  assert.equal(bytes, 500 * 64 * 1024);
});

test('a stream with a length is sent with it; HEAD sends the headers alone', async (context) => {
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('abc');
  };
  const { port } = await serve(context, async () => ({
    status: 200,
    headers: { 'content-length': '3' },
    body: stream(),
  }));
  assert.equal((await call(port)).response.headers['transfer-encoding'], undefined);
  const { response, text: body } = await call(port, { method: 'HEAD' });
  assert.deepEqual([response.headers['content-length'], body], ['3', '']);
});

test('statuses without a body have no length either', async (context) => {
  const { port } = await serve(context, async () => ({
    status: 204,
    headers: { 'content-length': '5' },
    body: 'never',
  }));
  const { response, text: body } = await call(port);
  assert.deepEqual([response.headers['content-length'], body], [undefined, '']);
});

test('a source that fails cuts the response, so that the client can tell', async (context) => {
  const { port, errors } = await serve(context, async () =>
    ok(
      (async function* () {
        yield Buffer.from('some');
        throw new Error('disk on fire');
      })(),
    ),
  );
  await assert.rejects(call(port), /aborted|socket hang up/);
  assert.match(String(errors[0]), /disk on fire/);
});

test('a handler that fails, or answers what cannot be a header, is a 500 that is told of', async (context) => {
  const { port, errors, listener } = await serve(context, ({ path }) =>
    path === '/reject'
      ? Promise.reject(new Error('bug'))
      : Promise.resolve({ status: 200, headers: { a: 'b\r\nc: d' } }),
  );
  for (const path of ['/reject', '/header']) {
    const { response, text: body } = await call(port, { path });
    assert.deepEqual([response.statusCode, body], [500, '{"message":"Internal Server Error"}']);
  }
  assert.equal(errors.length, 2);
  assert.equal(listener.counts.failed, 2);
});

test('who waits for 100-continue gets it when the body is read, and not when it is refused', async (context) => {
  const { port } = await serve(context, async (request) =>
    request.path === '/take' ? ok(String(await bytesOf(request))) : { status: 403, headers: {} },
  );
  const ask = async (path: string) => {
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      method: 'PUT',
      path,
      headers: { expect: '100-continue', 'content-length': 5 },
    });
    let isContinued = false;
    request.on('continue', () => {
      isContinued = true;
      request.end('hello');
    });
    request.flushHeaders();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const body = await text(response);
    request.destroy();
    return [response.statusCode, isContinued, body];
  };
  assert.deepEqual(await ask('/take'), [200, true, '5']);
  assert.deepEqual(await ask('/refuse'), [403, false, '']);
});

test('a large body that nobody reads does not cost the client its answer', async (context) => {
  const { port } = await serve(context, async () => ({ status: 413, headers: {}, body: 'too large' }));
  const { response, text: body } = await call(port, { method: 'PUT' }, Buffer.alloc(8_000_000));
  assert.deepEqual([response.statusCode, body], [413, 'too large']);
});

test('a small body that nobody reads does not cost the client its connection', async (context) => {
  const { port } = await serve(context, async ({ path }) => ok(path));
  const answer = await raw(
    port,
    'POST /one HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhelloGET /two HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
  );
  assert.deepEqual(answer.match(/\/(one|two)/g), ['/one', '/two']);
});

test('the signal aborts when the client goes away, and not when it has its answer', async (context) => {
  let signal: AbortSignal | undefined;
  const { port } = await serve(context, async (request) => {
    signal = request.signal;
    if (request.path === '/stay') return ok();
    await once(request.signal, 'abort');
    return ok();
  });
  await call(port, { path: '/stay' });
  const kept = signal;
  const request = httpRequest({ port, host: '127.0.0.1', path: '/leave' });
  request.on('error', () => {});
  request.end();
  while (signal === kept) await new Promise((resolve) => setImmediate(resolve));
  request.destroy();
  await once(signal ?? assert.fail(), 'abort');
  assert.equal(kept?.aborted, false);
});

test('what is not HTTP is answered 400, too many headers 431, and counted', async (context) => {
  const { port, listener } = await serve(context, async () => ok());
  assert.match(await raw(port, 'GARBAGE\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request/);
  assert.match(await raw(port, `GET / HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(40_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  assert.match(
    await raw(port, 'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n'),
    /^HTTP\/1\.1 400 /,
  );
  assert.equal(listener.counts.malformed, 3);
  assert.equal(listener.counts.requests, 0);
});

test('a slow-loris is closed with 408', async (context) => {
  const { port } = await serve(context, async () => ok(), {
    headersTimeoutMs: 100,
    requestTimeoutMs: 100,
    timeoutCheckMs: 50,
  });
  assert.match(await raw(port, 'GET / HTTP/1.1\r\nhost:'), /^HTTP\/1\.1 408 Request Timeout/);
});

test('garbage behind a request that is being answered does not get into the answer', async (context) => {
  let finish = (): void => {};
  const { port } = await serve(context, async () =>
    ok(
      (async function* () {
        yield Buffer.from('first');
        await new Promise<void>((resolve) => (finish = resolve));
        yield Buffer.from('second');
      })(),
    ),
  );
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const [first] = (await once(socket, 'data')) as [Buffer];
  socket.write('GARBAGE\r\n\r\n');
  const rest = await text(socket);
  finish();
  assert.equal(/400/.test(first.toString() + rest), false);
});

test('a port that is taken is said in words', async (context) => {
  const { port } = await serve(context, async () => ok());
  await using other = new Listener({ handler: async () => ok(), clock: systemClock, onError: () => {} });
  await assert.rejects(
    other.listen(port, '127.0.0.1'),
    (error) =>
      error instanceof PlatformError &&
      error.code === 'unavailable' &&
      /another program already does/.test(error.message),
  );
});

test('a connection from elsewhere is served, and each of its requests says which environment it came from', async (context) => {
  const { listener, port } = await serve(context, async ({ environmentId }) => ok(environmentId ?? 'outside'));
  const at = await inside(context, listener, 'environment-1');
  assert.equal((await call(at)).text, 'environment-1');
  assert.match(
    await raw(at, 'GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'),
    /environment-1[\s\S]*environment-1/,
  );
  assert.equal((await call(port)).text, 'outside');
});

/** A port whose connections are of an environment. */
async function inside(context: TestContext, listener: Listener, environment: string): Promise<number> {
  const elsewhere = createServer({ pauseOnConnect: true }, (socket: Socket) =>
    listener.attach(socket, environment as EnvironmentId),
  );
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  context.after(() => elsewhere.close());
  const address = elsewhere.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

test('an environment that floods the platform with requests gets those of its turns, and is refused the rest; another’s is served between them', async (context) => {
  const served: string[] = [];
  const { listener } = await serve(context, async ({ environmentId }) => {
    served.push(environmentId ?? 'outside');
    return ok();
  });
  const flooding = connect(await inside(context, listener, 'flood'), '127.0.0.1');
  flooding.on('error', () => {});
  const other = await inside(context, listener, 'other');
  const flood = 5_000;
  flooding.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(flood));
  const answers = text(flooding);
  while (served.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await call(other)).text, 'ok');
  assert.ok(served.indexOf('other') < waitingRequestsMax, `${served.indexOf('other')} before it`);
  const refused = /HTTP\/1\.1 503 .*\r\n(?:.+\r\n)*\r\n(\{.*?\})/.exec(await answers);
  assert.match(refused?.[0] ?? '', /connection: close/i);
  assert.match(
    refused?.[1] ?? '',
    /"__type":"ThrottlingException","message":"this environment has 512 requests waiting/,
  );
  assert.ok(listener.counts.refused > 0);
  assert.equal((await call(await inside(context, listener, 'flood'))).text, 'ok', 'and is served again afterwards');
});

test('what environments hold of the memory for requests leaves half of it to others, and three quarters of that to each other', async (context) => {
  const budget = new ByteBudget(8_000);
  const held: boolean[] = [];
  const waiting: (() => void)[] = [];
  const listener = new Listener({
    clock: systemClock,
    onError: (error) => assert.fail(String(error)),
    budget,
    handler: (request) => {
      held.push(request.hold?.(2_000) ?? false);
      return new Promise((resolve) => waiting.push(() => resolve(ok('held'))));
    },
  });
  context.after(() => listener.close(0));
  const { port } = await listener.listen(0, '127.0.0.1');
  const asked = async (environment: string | undefined): Promise<boolean | undefined> => {
    let at = port;
    if (environment !== undefined) at = await inside(context, listener, environment);
    const before = held.length;
    answers.push(call(at));
    while (held.length === before) await new Promise((resolve) => setImmediate(resolve));
    return held.at(-1);
  };
  const answers: Promise<unknown>[] = [];
  assert.equal(await asked('one'), true);
  assert.equal(await asked('one'), false, 'a quarter for one environment');
  assert.equal(await asked('two'), true);
  assert.equal(await asked('three'), false, 'half for all of them');
  assert.equal(await asked(undefined), true);
  assert.equal(await asked(undefined), true);
  assert.equal(await asked(undefined), false);
  for (const answer of waiting) answer();
  await Promise.all(answers);
  assert.equal(budget.taken, 0);
});

test('a function may still ask while the request that waits for it is waited for', async (context) => {
  let finish = (): void => {};
  const { listener, port } = await serve(context, ({ environmentId }) =>
    environmentId === undefined
      ? new Promise((resolve) => (finish = () => resolve(ok('outside'))))
      : Promise.resolve(ok(environmentId)),
  );
  const elsewhere = createServer({ pauseOnConnect: true }, (socket: Socket) =>
    listener.attach(socket, 'environment-1' as EnvironmentId),
  );
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  context.after(() => elsewhere.close());
  const address = elsewhere.address();
  const inside = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const initial = finish;
  const waiting = call(port);
  while (finish === initial) await new Promise((resolve) => setImmediate(resolve));
  const closed = listener.close(5_000);
  assert.equal((await call(inside)).text, 'environment-1');
  finish();
  assert.equal((await waiting).text, 'outside');
  await closed;
});

test('a source that nobody will read is let go', async (context) => {
  let freed = 0;
  const source = (): AsyncIterable<Uint8Array> => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: () => Promise.resolve({ done: true, value: void freed++ }),
    }),
  });
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { port } = await serve(context, async ({ path, signal }) => {
    if (path === '/head') return ok(source());
    arrive();
    if (!signal.aborted) await once(signal, 'abort');
    return ok(source());
  });
  await call(port, { method: 'HEAD', path: '/head' });
  while (freed < 1) await new Promise((resolve) => setImmediate(resolve));
  const request = httpRequest({ port, host: '127.0.0.1', path: '/leave' });
  request.on('error', () => {});
  request.end();
  await arrived;
  request.destroy();
  while (freed < 2) await new Promise((resolve) => setImmediate(resolve));
});

test('closing lets what is in flight finish, accepts nothing new, and cuts what takes too long', async (context) => {
  const waiting: (() => void)[] = [];
  const handler: HttpHandler = () => new Promise((resolve) => waiting.push(() => resolve(ok('done'))));
  const arrived = async (count: number): Promise<void> => {
    while (waiting.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  const patient = await serve(context, handler);
  const answer = call(patient.port);
  await arrived(1);
  const closing = patient.listener.close(10_000);
  await assert.rejects(call(patient.port), /ECONNREFUSED/);
  waiting[0]?.();
  const { response, text: body } = await answer;
  assert.deepEqual([body, response.headers.connection], ['done', 'close']);
  await closing;

  const strict = await serve(context, handler);
  const cut = call(strict.port);
  cut.catch(() => {});
  await arrived(2);
  await strict.listener.close(50);
  await assert.rejects(cut, /hang up|ECONNRESET/);
});

test('a client that goes away within its body is no failure of ours', async (context) => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const { listener, port, errors } = await serve(context, async (request) => {
    try {
      return ok(String(await bytesOf(request)));
    } finally {
      resolve();
    }
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc');
  await once(socket, 'connect');
  while (listener.counts.requests === 0) await new Promise((next) => setImmediate(next));
  socket.destroy();
  await ended;
  await new Promise((next) => setImmediate(next));
  assert.deepEqual(errors, []);
  assert.deepEqual([listener.counts.failed, listener.counts.inFlight], [0, 0]);
});

test('a request with two hosts is refused before anybody sees it', async (context) => {
  const { listener, port } = await serve(context, () => assert.fail('served'));
  const answer = await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.match(answer, /connection: close/i);
  assert.equal(listener.counts.malformed, 1);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { FunctionError } from '../../../sandbox.ts';
import { streamCost, streamWindow } from '../../channel/frame.ts';
import { isStreamed, StreamWindow, streamResponse } from './stream-response.ts';

/** A runtime's `response`, and what is heard of it. */
async function open(t: TestContext, headers: Record<string, string> = {}) {
  const heard = { contentType: undefined as string | undefined, pieces: [] as Buffer[], hasEnded: false };
  const window = new StreamWindow();
  const over = Promise.withResolvers<FunctionError | undefined>();
  const server = createServer((incoming, outgoing) => {
    assert.equal(isStreamed(incoming), true);
    void streamResponse(incoming, window, {
      streamBegan: (contentType) => (heard.contentType = contentType),
      streamed: (bytes) => void heard.pieces.push(Buffer.from(bytes)),
      streamEnded: () => (heard.hasEnded = true),
    }).then((error) => {
      over.resolve(error);
      outgoing.writeHead(202).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const sent: ClientRequest = request({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    method: 'POST',
    agent: false,
    headers: { 'Lambda-Runtime-Function-Response-Mode': 'streaming', 'Transfer-Encoding': 'chunked', ...headers },
  });
  sent.on('error', () => {});
  return { sent, heard, window, over: over.promise };
}

test('the body is heard as it comes, with its content type, and its end', async (t) => {
  const { sent, heard, over } = await open(t, { 'Content-Type': 'text/plain' });
  sent.write('one');
  sent.end('two');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 202);
  assert.equal(await over, undefined);
  assert.deepEqual(
    [Buffer.concat(heard.pieces).toString(), heard.contentType, heard.hasEnded],
    ['onetwo', 'text/plain', true],
  );
});

test('trailers tell what went wrong half-way', async (t) => {
  const trailers = 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body';
  for (const [body, expected] of [
    [
      '{"errorType":"Own","errorMessage":"dry","stackTrace":["here"]}',
      { errorType: 'Own', errorMessage: 'dry', stackTrace: ['here'] },
    ],
    ['just words', { errorType: 'Runtime.Own', errorMessage: 'just words' }],
    ['', { errorType: 'Runtime.Own', errorMessage: '' }],
  ] as const) {
    const { sent, heard, over } = await open(t, { Trailer: trailers });
    sent.write('some');
    sent.addTrailers({
      'Lambda-Runtime-Function-Error-Type': 'Runtime.Own',
      'Lambda-Runtime-Function-Error-Body': Buffer.from(body).toString('base64'),
    });
    sent.end();
    assert.deepEqual(await over, expected);
    assert.deepEqual([Buffer.concat(heard.pieces).toString(), heard.hasEnded], ['some', false]);
  }
});

test('a connection that breaks is a truncated response', async (t) => {
  const { sent, heard, over } = await open(t);
  sent.write('some');
  while (heard.pieces.length === 0) await new Promise((resolve) => setImmediate(resolve));
  sent.destroy();
  assert.equal((await over)?.errorType, 'Runtime.TruncatedResponse');
  assert.equal(heard.hasEnded, false);
});

test('no more is passed on than there is room for, whatever the runtime sends', async (t) => {
  const { sent, heard, window, over } = await open(t);
  const costOf = (): number => heard.pieces.reduce((sum, { length }) => sum + streamCost(length), 0);
  const bytes = Buffer.alloc(3 * 1024 * 1024, 'x');
  sent.end(bytes);
  while (costOf() < streamWindow - 64 * 1024) await new Promise((resolve) => setImmediate(resolve));
  let isOver = false;
  void over.then(() => (isOver = true));
  let credited = 0;
  while (!isOver) {
    assert.ok(costOf() - credited <= streamWindow);
    const cost = costOf() - credited;
    window.credit(cost);
    credited += cost;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(Buffer.concat(heard.pieces).equals(bytes), true);
});

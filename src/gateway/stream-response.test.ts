import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { array, assert as check, asyncProperty, integer, uint8Array } from 'fast-check';
import type { Invocation, InvocationResult } from '../invoke/invoke.ts';
import { invokeStreaming } from '../invoke/invoke-streaming.ts';
import type { Bindings } from '../registry/binding.ts';
import { createStandings } from '../identity/standing.ts';
import type { FunctionRecord } from '../registry/function.ts';
import type { Registry } from '../registry/registry.ts';
import type { AnswerTaker } from '../sandbox/sandbox.ts';
import { Telemetry, type InvocationSettled, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { systemClock } from '../util/clock.ts';
import { randomIds, type AccountId, type VersionId } from '../util/ids.ts';
import { createGateway } from './gateway.ts';
import { Listener } from './listener.ts';
import { gatheredResponse, streamResponse } from './stream-response.ts';

const account = '000000000000' as AccountId;
const withPrelude = 'application/vnd.awslambda.http-integration-response';
const nuls = '\0'.repeat(8);
const settled = { status: 'ok' } as unknown as InvocationSettled;
const ok: InvocationResult = { status: 'ok', payload: Buffer.alloc(0), version: '1' as VersionId, settled };
const failure: InvocationResult = {
  status: 'function_error',
  error: { errorType: 'Error', errorMessage: 'no' },
  version: '1' as VersionId,
  settled: { status: 'error' } as unknown as InvocationSettled,
};

/** What a function does with whoever takes its answer. */
type Writes = (taker: AnswerTaker) => Promise<InvocationResult>;

function takerOf({ taker }: Invocation): AnswerTaker {
  assert.ok(taker !== undefined);
  return taker('1' as VersionId);
}

/** Resolves when the bytes have gone on. */
const write = (taker: AnswerTaker, piece: string | Uint8Array): Promise<void> =>
  new Promise((resolve) => taker.bytes(Buffer.from(piece), resolve));

test('status and headers are the same in whatever pieces they come, and so is the body', async () => {
  await check(
    asyncProperty(
      uint8Array({ maxLength: 100 }),
      array(integer({ min: 1, max: 40 }), { maxLength: 12 }),
      async (body, cuts) => {
        const whole = Buffer.concat([Buffer.from(`{"statusCode":201,"headers":{"A":"b"}}${nuls}`), body]);
        const streamed = await invokeStreaming(
          {
            refusal: () => undefined,
            runningIn: () => undefined,
            async invoke(invocation) {
              const taker = takerOf(invocation);
              taker.began(withPrelude);
              let at = 0;
              for (const cut of [...cuts, whole.length]) {
                void write(taker, whole.subarray(at, at + cut));
                at += cut;
              }
              taker.ended();
              return Promise.resolve(ok);
            },
          },
          {} as Invocation,
          new AbortController().signal,
        );
        assert.ok(streamed.status === 'streaming');
        const response = await streamResponse(streamed);
        assert.ok(response.status === 'ok');
        assert.deepEqual(
          [response.statusCode, response.headers],
          [201, { 'content-type': 'application/octet-stream', a: 'b' }],
        );
        assert.deepEqual(Buffer.concat(await Array.fromAsync(response.body)), Buffer.from(body));
        const { body: gathered } = gatheredResponse(whole, withPrelude) as { body: Uint8Array };
        assert.deepEqual(Buffer.from(gathered), Buffer.from(body));
      },
    ),
    { numRuns: 100 },
  );
});

async function serve(context: TestContext, writes: Writes) {
  const events: TelemetryEvent[] = [];
  const telemetry = new Telemetry();
  telemetry.attach({ take: (event) => events.push(event), flush: () => Promise.resolve() });
  const anybody = [
    { id: 'url', principal: '*', action: 'lambda:InvokeFunctionUrl', functionUrlAuth: 'none' },
    { id: 'invoke', principal: '*', action: 'lambda:InvokeFunction', viaUrl: true },
  ];
  const record = {
    account,
    name: 'hello',
    aliases: {},
    extras: { policies: { $LATEST: anybody } },
  } as unknown as FunctionRecord;
  const handler = createGateway({
    bindings: { watch: () => ({ stop() {} }), ofKind: () => [] } as unknown as Bindings,
    registry: {
      byUrlId: () => ({ function: record, qualifier: '$LATEST', url: { urlId: 'abc', auth: 'none', streams: true } }),
    } as unknown as Registry,
    invoker: {
      invoke: (invocation) => writes(takerOf(invocation)),
      refusal: () => undefined,
      runningIn: () => undefined,
    },
    telemetry,
    region: 'us-east-1',
    clock: systemClock,
    ids: randomIds,
    authenticate: () => assert.fail('nobody signs here'),
    standingOf: createStandings({ grantsOf: () => undefined }),
  });
  const listener = new Listener({ handler, clock: systemClock, onError: (error) => assert.fail(String(error)) });
  context.after(() => listener.close(0));
  const { port } = await listener.listen(0, '127.0.0.1');
  const ask = async (options: RequestOptions = {}): Promise<IncomingMessage> => {
    const headers = { host: `abc.lambda-url.us-east-1.localhost:${port}` };
    const sent = httpRequest({ port, host: '127.0.0.1', headers, agent: false, ...options }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  };
  return { ask, events };
}

test('what a function writes is with the client before it writes more', async (context) => {
  const more = Promise.withResolvers<void>();
  const { ask } = await serve(context, async (taker) => {
    taker.began(withPrelude);
    await write(taker, `{"statusCode":202,"headers":{"content-type":"text/event-stream"},"cookies":["a=b"]}${nuls}one`);
    await more.promise;
    await write(taker, 'two');
    taker.ended();
    return ok;
  });
  const response = await ask();
  assert.deepEqual(
    [
      response.statusCode,
      response.headers['content-type'],
      response.headers['set-cookie'],
      response.headers['transfer-encoding'],
    ],
    [202, 'text/event-stream', ['a=b'], 'chunked'],
  );
  const [first] = (await once(response, 'data')) as [Buffer];
  assert.equal(first.toString(), 'one');
  more.resolve();
  assert.equal(await text(response), 'two');
});

test('an answer without a prelude is a body alone', async (context) => {
  const { ask } = await serve(context, async (taker) => {
    taker.began(undefined);
    await write(taker, 'plain');
    taker.ended();
    return ok;
  });
  const response = await ask();
  assert.deepEqual([response.statusCode, response.headers['content-type']], [200, 'application/octet-stream']);
  assert.equal(await text(response), 'plain');
});

test('a function that answers whole is understood as ever', async (context) => {
  const { ask } = await serve(context, () =>
    Promise.resolve({ ...ok, payload: Buffer.from('{"statusCode":201,"body":"whole"}') }),
  );
  const response = await ask();
  assert.equal(response.statusCode, 201);
  assert.equal(await text(response), 'whole');
});

test('a failure before there is a status is a 502, one half-way cuts the body', async (context) => {
  const { ask: askBefore } = await serve(context, async (taker) => {
    taker.began(withPrelude);
    await write(taker, '{"statusCode":200');
    return failure;
  });
  assert.equal((await askBefore()).statusCode, 502);
  const { ask } = await serve(context, async (taker) => {
    taker.began('text/plain');
    await write(taker, 'some');
    return failure;
  });
  const response = await ask();
  assert.equal(response.statusCode, 200);
  await assert.rejects(text(response), /aborted/);
});

for (const [what, prelude] of [
  ['is not JSON', `{"statusCode":${nuls}x`],
  ['has a status that is none', `{"statusCode":7}${nuls}x`],
  ['has no end', 'x'.repeat(200 * 1024)],
] as const) {
  test(`a prelude that ${what} is a 502, of which the log tells`, async (context) => {
    const { ask, events } = await serve(context, async (taker) => {
      taker.began(withPrelude);
      await write(taker, prelude);
      taker.ended();
      return ok;
    });
    assert.equal((await ask()).statusCode, 502);
    assert.match(JSON.stringify(events), /Gateway.MalformedResponse/);
  });
}

test('a content type that is none is a 502', async (context) => {
  const { ask, events } = await serve(context, async (taker) => {
    taker.began('text/plain\r\nx-forged: yes');
    await write(taker, 'x');
    taker.ended();
    return ok;
  });
  const response = await ask();
  assert.deepEqual([response.statusCode, response.headers['x-forged']], [502, undefined]);
  assert.match(JSON.stringify(events), /header content-type is/);
});

test('a client that goes away does not hold up the function', async (context) => {
  const over = Promise.withResolvers<void>();
  const { ask } = await serve(context, async (taker) => {
    taker.began('text/plain');
    for (let n = 0; n < 2_000; n++) await write(taker, 'x'.repeat(10_000));
    taker.ended();
    over.resolve();
    return ok;
  });
  const response = await ask();
  response.destroy();
  await over.promise;
});

test('nor does one that asks for the headers alone', async (context) => {
  const over = Promise.withResolvers<void>();
  const { ask } = await serve(context, async (taker) => {
    taker.began('text/plain');
    for (let n = 0; n < 10; n++) await write(taker, 'x');
    taker.ended();
    over.resolve();
    return ok;
  });
  assert.equal((await ask({ method: 'HEAD' })).statusCode, 200);
  await over.promise;
});

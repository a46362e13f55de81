/** Records of asynchronous events posted as CloudEvents, to a receiver that reads them with the official SDK. */
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { test, type TestContext } from 'node:test';
import { HTTP, type CloudEventV1 } from 'cloudevents';
import type { FunctionSettings } from '../registry/function.ts';
import { noExtras } from '../registry/function.ts';
import type { HttpDestination } from '../registry/http-destination.ts';
import type { Registry } from '../registry/registry.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId, type RequestId } from '../util/ids.ts';
import type { InvocationRecord } from './invocation-record.ts';
import { RecordPosts, type RecordPost } from './record-posts.ts';

const account = '000000000000' as AccountId;
const turnsMax = 2_000;

type Got = { headers: IncomingHttpHeaders; body: string };
type Receiver = { url: string; got: Got[]; events(): CloudEventV1<InvocationRecord>[] };

/** Answers with what the test decides; `held` keeps the first from being answered. */
async function receive(
  context: TestContext,
  decide: (count: number) => number = () => 204,
  held?: Promise<void>,
): Promise<Receiver> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const answer = (): void => void response.writeHead(decide(got.length)).end();
      if (got.length === 1 && held !== undefined) void held.then(answer);
      else answer();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    url: `http://127.0.0.1:${address.port}/in?key=sesame`,
    got,
    events: () =>
      got.flatMap(({ headers, body }) => {
        const read = HTTP.toEvent<InvocationRecord>({ headers: { ...headers }, body });
        return Array.isArray(read) ? read : [read];
      }),
  };
}

async function start(
  context: TestContext,
  environment: Record<string, string> = {},
  over: { clock?: FakeClock; store?: ReturnType<typeof openMemoryStore> } = {},
) {
  const clock = over.clock ?? new FakeClock();
  const store = over.store ?? openMemoryStore({ clock });
  const telemetry = new Telemetry();
  const told: TelemetryEvent[] = [];
  telemetry.attach({ take: (event) => void told.push(event), flush: async () => {} });
  const settings = { environment } as FunctionSettings;
  const registry = {
    resolve: () => ({ version: { settings }, function: { extras: noExtras } }) as ReturnType<Registry['resolve']>,
  };
  const posts = await RecordPosts.open({
    region: 'us-east-1',
    log: store.log,
    registry,
    telemetry,
    clock,
    ids: randomIds,
    report: () => {},
  });
  context.after(() => posts[Symbol.asyncDispose]());
  const depth = () => store.log.depth(`record/${account}/listen`);
  /** Lets the network and the clock go on until then. */
  async function until(is: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < turnsMax; turn += 1) {
      if (await is()) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
      await clock.advance(100);
    }
    assert.fail('it did not come to that');
  }
  const isOver = async (): Promise<boolean> => {
    const { ready, delayed, leased } = await depth();
    return ready + delayed + leased === 0;
  };
  return { clock, store, posts, told, depth, until, isOver };
}

function post(n: number, destination: HttpDestination, condition = 'Success'): RecordPost {
  const requestId = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as RequestId;
  const requestContext = { requestId, functionArn: 'arn:f', condition, approximateInvokeCount: 1 };
  const record: InvocationRecord = { version: '1.0', timestamp: 't', requestContext, requestPayload: { n } };
  const facts = { account, functionName: 'listen', qualifier: 'live', requestId, decidedMs: 1_700_000_000_000 };
  return { ...facts, record: JSON.stringify(record), destination };
}

test('in each mode a receiver reads the same CloudEvent, with the token of its variable', async (context) => {
  for (const mode of ['structured', 'binary', 'batched'] as const) {
    const receiver = await receive(context);
    const { posts, until, isOver } = await start(context, { TOKEN: 'a-long-token' });
    await posts.enqueue(post(1, { url: receiver.url, mode, token: 'TOKEN' }));
    await until(isOver);
    const [event] = receiver.events();
    assert.deepEqual(
      [event?.id, event?.source, event?.type, event?.time, event?.data?.requestPayload],
      [
        '00000000-0000-4000-8000-000000000001',
        'arn:aws:lambda:us-east-1:000000000000:function:listen',
        'mayfly.invocation.succeeded',
        '2023-11-14T22:13:20.000Z',
        { n: 1 },
      ],
    );
    const types = {
      structured: 'application/cloudevents+json; charset=utf-8',
      binary: 'application/json',
      batched: 'application/cloudevents-batch+json; charset=utf-8',
    };
    const { 'content-type': type, authorization } = receiver.got[0]?.headers ?? {};
    assert.deepEqual([type, authorization], [types[mode], 'Bearer a-long-token']);
  }
});

test('what comes while a batch is posted makes the next one', async (context) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const receiver = await receive(context, () => 200, promise);
  const { posts, depth, until, isOver } = await start(context);
  const destination = { url: receiver.url, mode: 'batched' } as const;
  await posts.enqueue(post(0, destination));
  await until(() => receiver.got.length === 1);
  for (let n = 1; n < 8; n += 1) await posts.enqueue(post(n, destination));
  await until(async () => (await depth()).leased === 8);
  resolve();
  await until(isOver);
  assert.deepEqual(
    receiver.got.map(({ body }) => (JSON.parse(body) as unknown[]).length),
    [1, 7],
  );
  assert.deepEqual(
    receiver.events().map(({ data }) => data?.requestPayload),
    Array.from({ length: 8 }, (_, n) => ({ n })),
  );
});

test('an address that fails is tried again, with the same id', async (context) => {
  const receiver = await receive(context, (count) => (count < 4 ? 503 : 202));
  const { posts, until, isOver } = await start(context);
  await posts.enqueue(post(1, { url: receiver.url, mode: 'structured' }));
  await until(isOver);
  assert.equal(receiver.got.length, 4);
  assert.equal(new Set(receiver.events().map(({ id }) => id)).size, 1);
});

test('what is refused for good is told without the address’s secrets, and a failure is kept', async (context) => {
  const receiver = await receive(context, () => 410);
  const { posts, store, told, until, isOver } = await start(context);
  await posts.enqueue(post(1, { url: receiver.url, mode: 'structured' }));
  await posts.enqueue(post(2, { url: receiver.url, mode: 'binary' }, 'RetriesExhausted'));
  await posts.enqueue(post(3, { url: receiver.url, mode: 'structured', token: 'GONE' }, 'RetriesExhausted'));
  await until(isOver);
  assert.equal(receiver.got.length, 2);
  assert.equal(
    receiver.events().find(({ type }) => type === 'mayfly.invocation.failed')?.id,
    post(2, { url: '', mode: 'binary' }).requestId,
  );
  const letters = await store.log.peek(`dead/${account}/listen`, 10);
  assert.deepEqual(
    letters.map(({ id }) => id).toSorted(),
    [2, 3].map((n) => post(n, { url: '', mode: 'binary' }).requestId),
  );
  const lines = told.flatMap((event) => (event.kind === 'log' ? [event.text] : []));
  assert.equal(lines.filter((line) => line.includes('it answered with status 410')).length, 2);
  assert.equal(lines.filter((line) => line.includes('no variable of the function has its token')).length, 1);
  assert.ok(!lines.some((line) => line.includes('sesame')));
});

test('what is not taken within a day is given up, and what was undertaken survives the process', async (context) => {
  const receiver = await receive(context, () => 500);
  const first = await start(context);
  await first.posts.enqueue(post(1, { url: receiver.url, mode: 'structured' }, 'EventAgeExceeded'));
  await first.until(() => receiver.got.length === 1);
  await first.posts[Symbol.asyncDispose]();
  await first.clock.advance(25 * 3_600_000);
  const second = await start(context, {}, first);
  await second.until(second.isOver);
  assert.equal(receiver.got.length, 2);
  assert.equal((await second.store.log.peek(`dead/${account}/listen`, 10)).length, 1);
});

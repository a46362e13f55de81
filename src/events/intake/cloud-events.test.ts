/** The entrance for CloudEvents, held against the official SDK as sender and as receiver of replies. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { CloudEvent, HTTP, type Message } from 'cloudevents';
import type { CloudEventSource } from '../../registry/cloudevent-source.ts';
import type { Registry } from '../../registry/registry.ts';
import { Telemetry, type TelemetryEvent } from '../../telemetry/telemetry.ts';
import { randomIds } from '../../util/ids.ts';
import type { FakeOutcome } from '../fake-invoker.ts';
import { untilAborted, type EventSource } from '../source.ts';
import { account, rig, type SourceRig } from '../source-rig.ts';
import { withCloudEvents } from './cloud-events.ts';
import { intakeRequest } from './intake-request.ts';

const idle: EventSource = { kind: 'cloudevent', run: (_context, signal) => untilAborted(signal) };

type Answer = { status: number; headers: Record<string, string>; body: string };
type Served = {
  one: SourceRig;
  told: TelemetryEvent[];
  send(headers: Record<string, string>, body?: string | Buffer, target?: string, method?: string): Promise<Answer>;
  /** The events that the function was given. */
  events(): unknown[];
};

async function serve(
  context: TestContext,
  source: Partial<CloudEventSource> = {},
  options: { full?: boolean; variables?: Record<string, string>; decide?: () => FakeOutcome } = {},
): Promise<Served> {
  const { decide } = options;
  const one = await rig(idle, decide === undefined ? {} : { decide });
  context.after(() => one.stop());
  await one.bind('listen', { kind: 'cloudevent', path: '/events', secrets: [], ...source });
  const told: TelemetryEvent[] = [];
  const telemetry = new Telemetry();
  telemetry.attach({ take: (event) => void told.push(event), flush: async () => {} });
  const environment = options.variables ?? { TOKEN: 'a-long-token' };
  const handler = withCloudEvents(
    {
      ...one,
      registry: {
        resolve: () => ({ version: { settings: { environment } } }) as unknown as ReturnType<Registry['resolve']>,
      },
      records: one.store.records,
      telemetry,
      requireRoom: () => {
        if (options.full === true) throw new Error('the disk is full');
      },
      region: 'us-east-1',
      ids: randomIds,
      report: () => {},
    },
    () => Promise.resolve({ status: 404, headers: {} }),
  );
  return {
    one,
    told,
    events: () => one.invoker.invocations.map(({ event }) => JSON.parse(Buffer.from(event).toString()) as unknown),
    async send(headers, body = '', target = '/events', method = 'POST') {
      const response = await handler(intakeRequest(method, target, headers, body));
      await one.clock.advance(1);
      const { status, body: answered = '' } = response;
      assert.ok(typeof answered === 'string' || Buffer.isBuffer(answered));
      return { status, headers: response.headers as Record<string, string>, body: answered.toString() };
    },
  };
}

/** As node:http has the headers of what the SDK sends. */
function wire(message: Message): [Record<string, string>, string] {
  const entries = Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  const { body } = message;
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  return [Object.fromEntries(entries) as Record<string, string>, text];
}

const paid = new CloudEvent({
  id: 'a-1',
  source: '/shop/eu',
  type: 'com.example.paid',
  subject: 'order 7',
  time: '2026-01-31T23:59:59.000Z',
  datacontenttype: 'application/json',
  data: { order: 7, note: 'grüße' },
  region: 'eu',
});
const asJson = {
  specversion: '1.0',
  id: 'a-1',
  source: '/shop/eu',
  type: 'com.example.paid',
  subject: 'order 7',
  time: '2026-01-31T23:59:59.000Z',
  datacontenttype: 'application/json',
  data: { order: 7, note: 'grüße' },
  region: 'eu',
};
const structured = { 'content-type': 'application/cloudevents+json' };
const batched = { 'content-type': 'application/cloudevents-batch+json; charset=UTF-8' };

test("the SDK's binary and structured modes, and a batch, give the function the same event", async (context) => {
  const { send, events, one } = await serve(context);
  const binary = await send(...wire(HTTP.binary(paid)));
  assert.equal(binary.status, 202);
  await one.clock.advance(1_000);
  assert.equal((await send(...wire(HTTP.structured(paid)))).status, 202);
  await one.clock.advance(1_000);
  assert.equal((await send(batched, JSON.stringify([paid]))).status, 202);
  assert.deepEqual(events(), [asJson, asJson, asJson]);
  // Whatever the mode, source and id make the request's id, which the answer says.
  const ids = new Set(one.invoker.invocations.map(({ requestId }) => requestId));
  assert.deepEqual([...ids], [(JSON.parse(binary.body) as { id: string }).id]);
});

test('headers are percent-decoded, and data that is no JSON stands as text or in base64', async (context) => {
  const { send, events } = await serve(context);
  const attributes = { 'ce-specversion': '1.0', 'ce-source': '/a', 'ce-type': 't' };
  await send(
    { ...attributes, 'ce-id': '1', 'ce-subject': 'Euro%20%E2%82%AC%20%F0%9F%98%80', 'content-type': 'text/plain' },
    'hello',
  );
  await send(
    { ...attributes, 'ce-id': '2', 'ce-subject': '"a \\"b\\""', 'content-type': 'image/png' },
    Buffer.from([0xff, 0]),
  );
  await send({ ...attributes, 'ce-id': '3' });
  assert.deepEqual(events(), [
    {
      specversion: '1.0',
      source: '/a',
      type: 't',
      id: '1',
      subject: 'Euro € 😀',
      datacontenttype: 'text/plain',
      data: 'hello',
    },
    {
      specversion: '1.0',
      source: '/a',
      type: 't',
      id: '2',
      subject: 'a "b"',
      datacontenttype: 'image/png',
      data_base64: '/wA=',
    },
    { specversion: '1.0', source: '/a', type: 't', id: '3' },
  ]);
});

test('what is wrong is refused by the name of its attribute, and nothing of its batch is kept', async (context) => {
  const { send, events, told } = await serve(context);
  const wrong: readonly [attribute: string | undefined, event: unknown][] = [
    ['specversion', { ...asJson, specversion: undefined }],
    ['specversion', { ...asJson, specversion: '0.3' }],
    ['id', { ...asJson, id: '' }],
    ['id', { ...asJson, id: null }],
    ['id', { ...asJson, id: 7 }],
    ['source', { ...asJson, source: undefined }],
    ['source', { ...asJson, source: 'a space' }],
    ['source', { ...asJson, source: '/100%' }],
    ['type', { ...asJson, type: '' }],
    ['subject', { ...asJson, subject: '' }],
    ['time', { ...asJson, time: 'yesterday' }],
    ['time', { ...asJson, time: '2026-02-30T00:00:00Z' }],
    ['dataschema', { ...asJson, dataschema: 'relative' }],
    ['datacontenttype', { ...asJson, datacontenttype: 'json' }],
    ['my_attribute', { ...asJson, my_attribute: 'a' }],
    ['Upper', { ...asJson, Upper: 'a' }],
    ['much', { ...asJson, much: 2 ** 31 }],
    ['part', { ...asJson, part: 0.5 }],
    ['nested', { ...asJson, nested: {} }],
    ['bell', { ...asJson, bell: '\u0007' }],
    ['half', { ...asJson, half: '\ud800' }],
    ['data_base64', { ...asJson, data_base64: 'AA==' }],
    ['data_base64', { ...asJson, data: undefined, data_base64: 'no base64' }],
    [undefined, 'text'],
    [undefined, [asJson]],
  ];
  for (const [attribute, event] of wrong) {
    const { status, body } = await send(structured, JSON.stringify(event));
    const said = JSON.parse(body) as { message: string; attribute?: string };
    assert.deepEqual([status, said.attribute], [400, attribute], JSON.stringify(event));
    if (attribute !== undefined) assert.ok(said.message.includes(attribute), said.message);
  }
  const batch = await send(batched, JSON.stringify([asJson, { ...asJson, id: '2' }, { ...asJson, type: '' }]));
  const { attribute, index } = JSON.parse(batch.body) as { attribute: string; index: number };
  assert.deepEqual([batch.status, attribute, index], [400, 'type', 2]);
  for (const [headers, body] of [
    [structured, '{'],
    [structured, Buffer.from([0xff])],
    [batched, '{}'],
    [batched, JSON.stringify(Array.from({ length: 1_001 }, () => asJson))],
    [
      { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/a', 'ce-type': 't', 'content-type': 'application/json' },
      '{',
    ],
    [{ 'ce-specversion': '1.0', 'ce-id': '%zz', 'ce-source': '/a', 'ce-type': 't' }, ''],
    [{ 'ce-id': '1' }, ''],
  ] as const)
    assert.equal((await send(headers, body)).status, 400, `${JSON.stringify(headers)} ${body.toString().slice(0, 40)}`);
  assert.deepEqual(events(), []);
  assert.ok(told.some((event) => event.kind === 'cloudevents.answered' && event.outcome === 'invalid'));
});

test('what is no CloudEvent, or in a format that is not understood, is 415; what is too large 413', async (context) => {
  const { send } = await serve(context);
  for (const type of ['application/cloudevents+avro', 'application/cloudevents-batch+xml', 'application/json'])
    assert.equal((await send({ 'content-type': type }, '{}')).status, 415, type);
  assert.equal((await send({ 'content-type': 'application/cloudevents+json; charset=latin1' }, '{}')).status, 415);
  const large = JSON.stringify({ ...asJson, data: 'x'.repeat(1024 * 1024) });
  assert.equal((await send(structured, large)).status, 413);
});

test('a batch is taken whole, each event once, and those that nobody wants are left out', async (context) => {
  const filter = JSON.stringify([
    { any: [{ prefix: { type: 'com.example.' } }, { exact: { type: 'other' } }] },
    { not: { suffix: { source: '/us' } } },
    { all: [{ exact: { specversion: '1.0', count: '3' } }] },
  ]);
  const { send, events, told } = await serve(context, { filter });
  const event = { specversion: '1.0', source: '/shop/eu', type: 'com.example.paid', count: 3 };
  const batch = [
    { ...event, id: '1' },
    { ...event, id: '1' },
    { ...event, id: '2', type: 'other' },
    { ...event, id: '3', type: 'neither' },
    { ...event, id: '4', source: '/shop/us' },
    { ...event, id: '5', count: 4 },
    { ...event, id: '6', count: null },
  ];
  const { status, body } = await send(batched, JSON.stringify(batch));
  const { ids } = JSON.parse(body) as { ids: (string | null)[] };
  assert.deepEqual([status, ids.map((id) => id !== null)], [202, [true, true, true, false, false, false, false]]);
  assert.deepEqual(events(), [
    { ...event, id: '1' },
    { ...event, id: '2', type: 'other' },
  ]);
  assert.equal((await send(batched, '[]')).body, '{"ids":[]}');
  const counted = told.flatMap((one) => (one.kind === 'cloudevents.answered' ? [[one.outcome, one.count]] : []));
  assert.deepEqual(counted, [
    ['accepted', 3],
    ['filtered', 4],
  ]);
});

test('what cannot be kept is not accepted', async (context) => {
  const { send, events } = await serve(context, {}, { full: true });
  assert.equal((await send(structured, JSON.stringify(asJson))).status, 503);
  assert.deepEqual(events(), []);
});

test('a token is asked for before the body is read, and either of a rotation is good', async (context) => {
  const { send, events, told } = await serve(
    context,
    { secrets: ['OLD', 'NEW'] },
    { variables: { OLD: 'o1', NEW: 'n1' } },
  );
  const body = JSON.stringify(asJson);
  const bearer = (token: string) => ({ ...structured, authorization: `Bearer ${token}` });
  const none = await send(structured, body);
  assert.deepEqual([none.status, none.headers['www-authenticate']], [401, 'Bearer']);
  assert.equal((await send(bearer('x1'), body)).status, 401);
  assert.equal((await send(bearer(''), body)).status, 401);
  assert.equal((await send(bearer('o1'), body)).status, 202);
  assert.equal((await send(bearer('n1'), JSON.stringify({ ...asJson, id: '2' }))).status, 202);
  assert.equal((await send(structured, JSON.stringify({ ...asJson, id: '3' }), '/events?access_token=n1')).status, 202);
  assert.equal(events().length, 3);
  const lines = told.flatMap((event) => (event.kind === 'log' ? [event.text] : []));
  assert.deepEqual(lines, ['CLOUDEVENT POST /events was refused: it has no token that is accepted.']);
  const unset = await serve(context, { secrets: ['GONE'] });
  assert.equal((await unset.send(bearer(''), body)).status, 500);
});

test('senders are given the permission that they ask for', async (context) => {
  const { send } = await serve(context);
  const asked = { 'webhook-request-origin': 'sender.example.com', 'webhook-request-rate': '120' };
  const { status, headers } = await send(asked, '', '/events', 'OPTIONS');
  assert.deepEqual(
    [status, headers],
    [200, { allow: 'POST, OPTIONS', 'webhook-allowed-origin': 'sender.example.com', 'webhook-allowed-rate': '*' }],
  );
  assert.deepEqual((await send({}, '', '/events', 'OPTIONS')).headers, { allow: 'POST, OPTIONS' });
  assert.equal((await send(asked, '', '/other', 'OPTIONS')).status, 404);
  assert.equal((await send({}, '', '/events', 'GET')).status, 404);
});

test('a sender that waits gets the answer: a CloudEvent in the mode of the route, as the SDK reads it', async (context) => {
  const reply = { specversion: '1.0', id: 'r 1', source: '/reply', type: 'done', data: { ok: true }, note: '50% €' };
  for (const mode of ['binary', 'structured'] as const) {
    const { send, events } = await serve(
      context,
      { reply: mode },
      { decide: () => ({ status: 'ok', answer: JSON.stringify(reply) }) },
    );
    const answer = await send(...wire(HTTP.binary(paid)));
    assert.equal(answer.status, 200);
    assert.deepEqual(events(), [asJson]);
    const read = HTTP.toEvent({ headers: answer.headers, body: answer.body });
    assert.ok(!Array.isArray(read));
    assert.deepEqual([read.source, read.type, read.data], ['/reply', 'done', { ok: true }]);
    if (mode === 'binary') assert.equal(answer.headers['ce-note'], '50%25%20%E2%82%AC');
    assert.equal((await send(batched, '[]')).status, 415);
  }
});

test('a function that fails, is throttled, or answers no CloudEvent, where a sender waits', async (context) => {
  const outcomes: readonly [FakeOutcome, status: number, body?: string][] = [
    [{ status: 'ok', answer: 'null' }, 204, ''],
    [{ status: 'ok', answer: '{"plain":true}' }, 200, '{"plain":true}'],
    [{ status: 'ok', answer: '{"specversion":"1.0","id":""}' }, 502],
    [{ status: 'function_error', errorMessage: 'no' }, 502],
    [{ status: 'throttled', reason: 'function', retryAfterMs: 100 }, 429],
    [{ status: 'unavailable', message: 'it stops' }, 503],
  ];
  for (const [outcome, status, body] of outcomes) {
    const { send } = await serve(context, { reply: 'binary' }, { decide: () => outcome });
    const answer = await send(...wire(HTTP.structured(paid)));
    assert.equal(answer.status, status, JSON.stringify(outcome));
    if (body !== undefined) assert.equal(answer.body, body);
  }
});

test('on a bus, an event is one of EventBridge', async (context) => {
  const { send, one, events } = await serve(context, { bus: 'default' });
  const put = await send(structured, JSON.stringify({ ...asJson, time: '2026-01-31T23:59:59.5Z' }));
  assert.equal(put.status, 202);
  await send(structured, JSON.stringify({ ...asJson, id: '2', data: 'text' }));
  const [first, second] = (await one.store.log.peek('bus/events', 10)).map(
    ({ body }) => (JSON.parse(body) as { event: Record<string, unknown> }).event,
  );
  const { id, cause: _cause, ...event } = first ?? {};
  assert.equal(id, (JSON.parse(put.body) as { id: string }).id);
  assert.deepEqual(event, {
    account,
    region: 'us-east-1',
    source: '/shop/eu',
    detailType: 'com.example.paid',
    detail: '{"order":7,"note":"grüße"}',
    resources: ['order 7'],
    timeMs: Date.parse('2026-01-31T23:59:59.500Z'),
  });
  assert.equal(second?.['detail'], '{"data":"text"}');
  const forged = await send(structured, JSON.stringify({ ...asJson, source: 'aws.s3' }));
  assert.deepEqual([forged.status, (JSON.parse(forged.body) as { attribute: string }).attribute], [400, 'source']);
  assert.deepEqual(events(), []);
  const gone = await serve(context, { bus: 'gone' });
  assert.equal((await gone.send(structured, JSON.stringify(asJson))).status, 503);
});

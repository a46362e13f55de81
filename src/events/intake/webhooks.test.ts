import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import type { BindingSource } from '../../registry/binding.ts';
import type { Registry } from '../../registry/registry.ts';
import type { WebhookSource } from '../../registry/webhook-source.ts';
import type { Store } from '../../store/store.ts';
import { Telemetry, type TelemetryEvent } from '../../telemetry/telemetry.ts';
import type { FakeClock } from '../../util/fake-clock.ts';
import { randomIds } from '../../util/ids.ts';
import { untilAborted, type EventSource } from '../source.ts';
import { rig, type SourceRig } from '../source-rig.ts';
import { intakeRequest } from './intake-request.ts';
import { WebhookDeliveries } from './webhook-deliveries.ts';
import { withWebhooks } from './webhooks.ts';

const idle: EventSource = { kind: 'webhook', run: (_context, signal) => untilAborted(signal) };

type Served = {
  one: SourceRig;
  told: TelemetryEvent[];
  post(path: string, headers: Record<string, string>, body: string): Promise<{ status: number; body: string }>;
  /** The events that the function was given. */
  events(): unknown[];
};

async function serve(
  context: TestContext,
  source: Partial<WebhookSource>,
  options: { clock?: FakeClock; store?: Store; variables?: Record<string, string>; full?: boolean } = {},
): Promise<Served> {
  const one = await rig(idle, options);
  context.after(() => one.stop());
  const whole: WebhookSource = {
    kind: 'webhook',
    path: '/hooks',
    verify: { kind: 'github' },
    secrets: ['SECRET'],
    form: 'body',
    ...source,
  };
  if (options.store === undefined) await one.bind('listen', whole satisfies BindingSource);
  const told: TelemetryEvent[] = [];
  const telemetry = new Telemetry();
  telemetry.attach({ take: (event) => void told.push(event), flush: async () => {} });
  const environment = options.variables ?? { SECRET: 'secret' };
  const handler = withWebhooks(
    {
      ...one,
      registry: {
        resolve: () => ({ version: { settings: { environment } } }) as unknown as ReturnType<Registry['resolve']>,
      },
      invoker: { runningIn: () => undefined },
      deliveries: await WebhookDeliveries.open(one.store),
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
    async post(path, headers, body) {
      const response = await handler(intakeRequest('POST', path, headers, body));
      await one.clock.advance(1);
      return { status: response.status, body: typeof response.body === 'string' ? response.body : '' };
    },
  };
}

const sign = (text: string, secret = 'secret'): string => createHmac('sha256', secret).update(text).digest('hex');
const github = (body: string, id: string, secret = 'secret'): Record<string, string> => ({
  'content-type': 'application/json',
  'x-github-event': 'push',
  'x-github-delivery': id,
  'x-hub-signature-256': `sha256=${sign(body, secret)}`,
});

test('what is genuine runs once under its id, also after the platform was started again', async (context) => {
  const { one, post, events } = await serve(context, {});
  const body = '{"ref":"main"}';
  const first = await post('/hooks', github(body, 'a'), body);
  const second = await post('/hooks', github(body, 'a'), body);
  assert.deepEqual([first.status, second.status, first.body], [202, 202, second.body]);
  await post('/hooks', github(body, 'b'), body);
  assert.deepEqual(events(), [{ ref: 'main' }, { ref: 'main' }]);
  const again = await serve(context, {}, { clock: one.clock, store: one.store });
  assert.equal((await again.post('/hooks', github(body, 'a'), body)).status, 202);
  assert.deepEqual(again.events(), []);
});

test('of deliveries that come at once under one id, one runs', async (context) => {
  const { post, events } = await serve(context, {});
  const answers = await Promise.all(Array.from({ length: 5 }, () => post('/hooks', github('{}', 'a'), '{}')));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
  assert.equal(events().length, 1);
});

test('what is not genuine is refused and counted, and told once a minute without a secret', async (context) => {
  const { one, post, events, told } = await serve(context, {});
  for (const id of ['a', 'b', 'c']) {
    assert.equal((await post('/hooks', github('{}', id, 'guess'), '{}')).status, 401);
  }
  await one.clock.advance(61_000);
  await post('/hooks', {}, '{}');
  assert.deepEqual(events(), []);
  assert.equal(told.filter((event) => event.kind === 'webhook.answered' && event.outcome === 'refused').length, 4);
  const lines = told.flatMap((event) => (event.kind === 'log' ? [event.text] : []));
  assert.deepEqual(lines, [
    'WEBHOOK POST /hooks was refused: its signature was not made with the secret.',
    'WEBHOOK POST /hooks was refused: it has no header x-hub-signature-256. 2 more were refused since this was said last.',
  ]);
});

test('either secret of a rotation is good, and with none nothing is', async (context) => {
  const both = await serve(context, { secrets: ['OLD', 'NEW'] }, { variables: { OLD: 'old', NEW: 'new' } });
  assert.equal((await both.post('/hooks', github('{}', 'a', 'old'), '{}')).status, 202);
  assert.equal((await both.post('/hooks', github('{}', 'b', 'new'), '{}')).status, 202);
  // An empty secret would be one that everybody knows.
  const none = await serve(context, {}, { variables: { SECRET: '' } });
  assert.equal((await none.post('/hooks', github('{}', 'a', ''), '{}')).status, 500);
  assert.deepEqual(none.events(), []);
});

test('Slack is given its challenge back, and a command without an id runs once', async (context) => {
  const { one, post, events } = await serve(context, { verify: { kind: 'slack', toleranceMs: 300_000 } });
  const seconds = String(Math.floor(one.clock.now() / 1_000)).padStart(10, '0');
  const slack = (body: string, type: string): Record<string, string> => ({
    'content-type': type,
    'x-slack-request-timestamp': seconds,
    'x-slack-signature': `v0=${sign(`v0:${seconds}:${body}`)}`,
  });
  const challenge = '{"type":"url_verification","challenge":"3eZbrw1a"}';
  assert.deepEqual(await post('/hooks', slack(challenge, 'application/json'), challenge), {
    status: 200,
    body: '3eZbrw1a',
  });
  const command = 'command=%2Fdeploy&text=shop';
  const form = slack(command, 'application/x-www-form-urlencoded');
  assert.deepEqual(await post('/hooks', form, command), { status: 200, body: '' });
  await post('/hooks', form, command);
  const pressed = 'payload=%7B%22type%22%3A%22block_actions%22%7D';
  await post('/hooks', slack(pressed, 'application/x-www-form-urlencoded'), pressed);
  assert.deepEqual(events(), [{ command: '/deploy', text: 'shop' }, { type: 'block_actions' }]);
});

test('a transform picks and renames, into a plain event or a CloudEvent', async (context) => {
  const transform = JSON.stringify({
    order: '$.body.data.object.id',
    kind: '$.body.type',
    note: 'order <$.body.data.object.id> of <$.headers.x-shop>',
    absent: '$.body.nothing',
    tags: ['fixed', '$.body.data.object.amount'],
  });
  const verify = { kind: 'stripe', toleranceMs: 300_000 } as const;
  const body = JSON.stringify({ id: 'evt_1', type: 'invoice.paid', data: { object: { id: 'in_7', amount: 12 } } });
  const picked = {
    order: 'in_7',
    kind: 'invoice.paid',
    note: 'order in_7 of blue',
    tags: ['fixed', 12],
  };
  for (const form of ['body', 'cloudevent'] as const) {
    const { one, post, events } = await serve(context, { verify, transform, form });
    const seconds = Math.floor(one.clock.now() / 1_000);
    const signature = `t=${seconds},v1=${sign(`${seconds}.${body}`)}`;
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature, 'x-shop': 'blue' };
    assert.equal((await post('/hooks', headers, body)).status, 202);
    const { time: _time, ...event } = events()[0] as Record<string, unknown>;
    const cloudEvent = {
      specversion: '1.0',
      id: 'evt_1',
      source: '/hooks',
      type: 'com.stripe.invoice.paid',
      datacontenttype: 'application/json',
      data: picked,
    };
    assert.deepEqual(event, form === 'body' ? picked : cloudEvent);
  }
});

test('as a request the function gets what a route of it would', async (context) => {
  const { post, events } = await serve(context, { form: 'request' });
  await post('/hooks', github('{"a":1}', 'a'), '{"a":1}');
  const [event] = events() as [{ version: string; routeKey: string; body: string; headers: Record<string, string> }];
  assert.deepEqual([event.version, event.routeKey, event.body], ['2.0', 'POST /hooks', '{"a":1}']);
  assert.equal(event.headers['x-github-event'], 'push');
});

test('what cannot be kept is not accepted, and what is too large neither', async (context) => {
  const full = await serve(context, {}, { full: true });
  assert.equal((await full.post('/hooks', github('{}', 'a'), '{}')).status, 503);
  assert.deepEqual(full.events(), []);
  const { post } = await serve(context, {});
  const large = JSON.stringify('x'.repeat(1024 * 1024));
  assert.equal((await post('/hooks', github(large, 'a'), large)).status, 413);
});

test('other paths, and hosts of function URLs, are left to others', async (context) => {
  const { post } = await serve(context, {});
  assert.equal((await post('/other', github('{}', 'a'), '{}')).status, 404);
  const host = { ...github('{}', 'a'), host: 'abc.lambda-url.us-east-1.localhost:8080' };
  assert.equal((await post('/hooks', host, '{}')).status, 404);
});

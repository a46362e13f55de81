/** The sources that are there, and the one of the guide, held to what every source owes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { test } from 'node:test';
import { createHmac } from 'node:crypto';
import { createBusSource } from '../../src/events/bus.ts';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { bucketSource } from '../../src/events/bucket.ts';
import { withCloudEvents } from '../../src/events/intake/cloud-events.ts';
import { intakeRequest } from '../../src/events/intake/intake-request.ts';
import { WebhookDeliveries } from '../../src/events/intake/webhook-deliveries.ts';
import { withWebhooks } from '../../src/events/intake/webhooks.ts';
import { createMailSource } from '../../src/events/mail.ts';
import { createPipeSource } from '../../src/events/pipe.ts';
import { queueSource } from '../../src/events/queue.ts';
import { scheduleSource } from '../../src/events/schedule.ts';
import { createSchedulerSource } from '../../src/events/scheduler.ts';
import { untilAborted, type EventSource } from '../../src/events/source.ts';
import { account, openTables, type SourceRig } from '../../src/events/source-rig.ts';
import { ProcessingResults } from '../../src/events/processing-results.ts';
import { createTableSource } from '../../src/events/table.ts';
import { createTopicSource } from '../../src/events/topic.ts';
import type { Permission } from '../../src/events/function-permission.ts';
import type { MessageSigner } from '../../src/identity/message-signer.ts';
import type { BindingSource } from '../../src/registry/binding.ts';
import { bucketEventsTopic, type BucketEvent } from '../../src/resources/bucket-event.ts';
import { EventBuses } from '../../src/resources/event-bus/event-buses.ts';
import { Pipes } from '../../src/resources/pipe/pipes.ts';
import { newItem } from '../../src/resources/table/attribute-value.ts';
import type { Table } from '../../src/resources/table/table.ts';
import { Topics } from '../../src/resources/topic.ts';
import type { Resolved } from '../../src/registry/registry.ts';
import { Telemetry } from '../../src/telemetry/telemetry.ts';
import { newCause, type Cause } from '../../src/util/cause.ts';
import type { HttpHandler } from '../../src/util/http.ts';
import { randomIds } from '../../src/util/ids.ts';
import { eventSourceContract, type World } from './event-source.ts';

const minuteMs = 60_000;
const parts = ({ store, clock }: World) => ({ ...store, clock, ids: randomIds });

const guide = readFileSync(new URL('../../docs/guides/adding-an-event-source.md', import.meta.url), 'utf8');
const block = /```ts\n([\s\S]*?)\n {3}```/.exec(guide)?.[1] ?? assert.fail('the guide has no block of code');

/** The block of code in the guide, with its imports pointing into `src/events/`. */
async function guidedSource(): Promise<EventSource> {
  const events = new URL('../../src/events/', import.meta.url);
  const code = stripTypeScriptTypes(block).replaceAll(
    /from '(\.[^']+)'/g,
    (_all, path: string) => `from '${new URL(path, events).href}'`,
  );
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { pulseSource: EventSource };
  return module.pulseSource;
}

const causeOf = (n: number): Cause => newCause(0, String(n).padStart(24, '0'));
const traceOf = (n: number): string => causeOf(n).traceId;
const keyOf = (n: number): string => `${String(n).padStart(4, '0')}.jpg`;

test('a new source takes less than 50 lines', () => {
  assert.ok(block.split('\n').length < 50);
});

eventSourceContract('the source of the guide', {
  source: await guidedSource(),
  binding: { kind: 'pulse' } as unknown as BindingSource,
  happen: ({ store }, n) =>
    store.log.append('events/pulse', [{ id: `pulse-${n}`, body: JSON.stringify({ beat: n, cause: causeOf(n) }) }]),
  thingsIn: (event) => [(event as { beat: number }).beat],
  traceOf,
  unreadable: {
    happen: ({ store }) => store.log.append('events/pulse', [{ id: 'none', body: 'no JSON' }]),
    setAside: async ({ store }) => (await store.log.depth('unreadable/events/pulse')).ready,
  },
});

eventSourceContract('buckets', {
  source: bucketSource,
  binding: { kind: 'bucket', bucket: 'pics', events: ['ObjectCreated:*'], prefix: '', suffix: '' },
  happen({ store }, n) {
    const event: BucketEvent = {
      id: `change-${n}`,
      account,
      key: keyOf(n),
      bucket: 'pics',
      name: 'ObjectCreated:Put',
      bytes: 1,
      etag: 'e',
      sequencer: '1',
      timeMs: 0,
      sourceIp: '127.0.0.1',
      principalId: 'p',
      requestId: 'r',
      cause: causeOf(n),
    };
    return store.log.append(bucketEventsTopic, [{ id: event.id, body: JSON.stringify(event) }]);
  },
  thingsIn: (event) =>
    (event as { Records: { s3: { object: { key: string } } }[] }).Records.map(({ s3 }) =>
      Number(s3.object.key.slice(0, 4)),
    ),
  traceOf,
});

eventSourceContract('queues', {
  source: queueSource,
  binding: { kind: 'queue', queue: 'jobs', batchMax: 1, windowMs: 0, reportsFailures: false },
  hasNewIds: true,
  async prepare({ queues }) {
    await queues.create(account, 'dead');
    await queues.create(account, 'jobs', {
      visibilityMs: 30_000,
      // As in SQS, a message that could not be handed over was received, too.
      redrive: { deadLetterQueue: 'dead', receivesMax: 20 },
    });
  },
  happen: ({ queues }, n) => queues.send(account, 'jobs', [{ body: String(n), senderId: 'me', cause: causeOf(n) }]),
  thingsIn: (event) => (event as { Records: { body: string }[] }).Records.map(({ body }) => Number(body)),
  traceOf,
  deadCount: async ({ queues }) => (await queues.depth(account, 'dead')).ready,
});

const signer: MessageSigner = {
  sign: () => Promise.resolve('signature'),
  certificate: () => Promise.resolve({ id: 'id', pem: '' }),
};
const region = 'us-east-1';
const roleArn = `arn:aws:iam::${account}:role/any`;
const listenArn = `arn:aws:lambda:${region}:${account}:function:listen`;
const yes = (): Permission => 'allowed';
const allowed = {
  mayInvoke: yes,
  maySend: yes,
  roles: { whyNot: () => undefined, watch: () => ({ stop: () => undefined }) },
  mayPublish: yes,
  mayPut: yes,
  callDestination: () => assert.fail('nothing is called here'),
  serviceCalls: { call: () => assert.fail('no service is called here') },
};

eventSourceContract('topics', {
  source: ({ topics }) => [
    createTopicSource({ ...allowed, topics, signer, mails: { send: () => assert.fail('nobody gets mail here') } }),
  ],
  binding: { kind: 'topic', topic: 'news', filterScope: 'attributes' },
  prepare: async (world) => void (await (await Topics.open(parts(world))).create(account, 'news')),
  happen: async (world, n) =>
    (await Topics.open(parts(world))).publish(account, 'news', [
      { id: `message-${n}`, message: String(n), attributes: {}, cause: causeOf(n) },
    ]),
  thingsIn: (event) =>
    (event as { Records: { Sns: { Message: string } }[] }).Records.map(({ Sns }) => Number(Sns.Message)),
  traceOf,
});

eventSourceContract('event buses', {
  source: ({ buses, topics }) => [createBusSource({ ...allowed, buses, topics })],
  binding: { kind: 'bus', bus: 'default', pattern: '{"source":["shop"]}' },
  happen: async (world, n) =>
    (await EventBuses.open(parts(world))).putEvents(account, [
      {
        bus: 'default',
        event: {
          id: `event-${n}`,
          account,
          region,
          source: 'shop',
          detailType: 'Paid',
          detail: JSON.stringify({ n }),
          resources: [],
          timeMs: n,
          cause: causeOf(n),
        },
      },
    ]),
  thingsIn: (event) => [(event as { detail: { n: number } }).detail.n],
  traceOf,
});

/** The first whole minute from now. */
const minuteFrom = ({ clock }: World): Date => new Date((Math.floor(clock.now() / minuteMs) + 1) * minuteMs);

eventSourceContract("the manifest's schedules", {
  source: scheduleSource,
  async happen(world, n, one) {
    if (one.bindings.list(account).some(({ id }) => id === `schedule-${n}`)) return;
    const at = minuteFrom(world);
    const day = `${at.getUTCDate()} ${at.getUTCMonth() + 1} ? ${at.getUTCFullYear()}`;
    const expression = `cron(${at.getUTCMinutes()} ${at.getUTCHours()} ${day})`;
    await one.bindings.put({
      id: `schedule-${n}`,
      account,
      functionName: 'listen',
      qualifier: 'live',
      createdMs: world.clock.now(),
      source: { kind: 'schedule', expression, timeZone: 'UTC', enabled: true, input: JSON.stringify({ n }) },
    });
  },
  isEntrance: true,
  arrivesInMs: minuteMs,
  thingsIn: (event) => [(event as { n: number }).n],
});

eventSourceContract('schedules of EventBridge Scheduler', {
  source: ({ schedules, buses, topics }) => [
    createSchedulerSource({ schedules, buses }),
    createBusSource({ ...allowed, buses, topics }),
  ],
  async happen(world, n, { schedules }) {
    if (schedules.get(account, 'default', `once-${n}`) !== undefined) return;
    await schedules.create(account, 'default', `once-${n}`, {
      expression: `at(${minuteFrom(world).toISOString().slice(0, 19)})`,
      timeZone: 'UTC',
      isEnabled: true,
      windowMs: 0,
      isDeletedWhenOver: false,
      target: { arn: listenArn, roleArn, input: JSON.stringify({ n }), retry: {} },
    });
  },
  isEntrance: true,
  arrivesInMs: minuteMs,
  thingsIn: (event) => [(event as { n: number }).n],
});

eventSourceContract('pipes', {
  source: ({ pipes, buses, topics, tableStreams }) => [
    createPipeSource({ ...allowed, pipes, buses, topics, tableStreams }),
  ],
  async prepare(world) {
    await world.queues.create(account, 'dead');
    await world.queues.create(account, 'jobs', {
      visibilityMs: 30_000,
      redrive: { deadLetterQueue: 'dead', receivesMax: 20 },
    });
    const pipes = await Pipes.open(parts(world));
    await pipes.create(
      account,
      'jobs',
      {
        isWanted: true,
        roleArn,
        source: `arn:aws:sqs:${region}:${account}:jobs`,
        batchMax: 1,
        windowMs: 0,
        target: { arn: listenArn, waits: true },
      },
      {},
    );
  },
  happen: ({ queues }, n) => queues.send(account, 'jobs', [{ body: String(n), senderId: 'me', cause: causeOf(n) }]),
  thingsIn: (event) => (event as { body: string }[]).map(({ body }) => Number(body)),
  traceOf,
  hasNewIds: true,
  deadCount: async ({ queues }) => (await queues.depth(account, 'dead')).ready,
});

/** A table with a stream. */
async function makeTable(world: World): Promise<Table> {
  await using opened = await openTables(world);
  return await opened.tables.create({
    account,
    name: 'things',
    key: { partition: { name: 'n', type: 'N' } },
    indexes: [],
    billing: { mode: 'on demand' },
    isProtected: false,
    tags: {},
    stream: { view: 'KEYS_ONLY' },
  });
}

async function putItem(_world: World, n: number, { tables }: SourceRig): Promise<void> {
  const table = tables.get(account, 'things') ?? assert.fail('it was made before');
  const item = newItem([['n', { N: String(n) }]]);
  await tables.items.write([{ table, key: item, decide: () => ({ kind: 'put', item }) }], { cause: causeOf(n) });
}

type ItemRecord = { dynamodb: { Keys: { n: { N: string } } } };
const numberOf = ({ dynamodb }: ItemRecord): number => Number(dynamodb.Keys.n.N);

eventSourceContract('tables', {
  source: ({ tableStreams, ...engines }) => [
    createTableSource({ tableStreams, destinations: engines, results: new ProcessingResults() }),
  ],
  binding: {
    kind: 'table',
    table: 'things',
    startAt: 'oldest',
    batchMax: 1,
    windowMs: 0,
    parallel: 1,
    bisects: false,
    reportsFailures: false,
    retriesMax: 2,
  },
  prepare: async (world) => void (await makeTable(world)),
  happen: putItem,
  // Crashes are tried in many more ways in src/events/table-order.test.ts.
  seedsMax: 10,
  // Records are written in the commit of the change, by the process that makes it.
  isEntrance: true,
  thingsIn: (event) => (event as { Records: ItemRecord[] }).Records.map(numberOf),
  traceOf,
});

eventSourceContract('pipes from tables', {
  source: ({ pipes, buses, topics, tableStreams }) => [
    createPipeSource({ ...allowed, pipes, buses, topics, tableStreams }),
  ],
  async prepare(world) {
    await world.queues.create(account, 'dead');
    const { stream } = await makeTable(world);
    const pipes = await Pipes.open(parts(world));
    await pipes.create(
      account,
      'things',
      {
        isWanted: true,
        roleArn,
        source: `arn:aws:dynamodb:${region}:${account}:table/things/stream/${stream?.label}`,
        batchMax: 1,
        windowMs: 0,
        stream: {
          startAt: 'oldest',
          parallel: 1,
          bisects: false,
          retriesMax: 2,
          deadLetterArn: `arn:aws:sqs:${region}:${account}:dead`,
        },
        target: { arn: listenArn, waits: true },
      },
      {},
    );
  },
  happen: putItem,
  // Crashes are tried in many more ways in src/events/table-order.test.ts.
  seedsMax: 10,
  isEntrance: true,
  hasNewIds: true,
  thingsIn: (event) => (event as ItemRecord[]).map(numberOf),
  traceOf,
  deadCount: async ({ queues }) => (await queues.depth(account, 'dead')).ready,
});

const idle = (kind: EventSource['kind']): EventSource => ({ kind, run: (_context, signal) => untilAborted(signal) });

/** What an entrance over HTTP is made of, in one life. */
const intakeParts = (one: SourceRig) => ({
  ...one,
  registry: {
    resolve: () => ({ version: { settings: { environment: { SECRET: 'secret' } } } }) as unknown as Resolved,
  },
  records: one.store.records,
  telemetry: new Telemetry(),
  requireRoom: () => {},
  region,
  ids: randomIds,
  report: () => {},
});
const nobody: HttpHandler = () => assert.fail('the request is for nobody');

async function accepted(handler: HttpHandler, headers: Record<string, string>, body: string): Promise<void> {
  const { status } = await handler(intakeRequest('POST', '/in', headers, body));
  assert.equal(status, 202);
}

eventSourceContract('webhooks', {
  source: idle('webhook'),
  binding: { kind: 'webhook', path: '/in', verify: { kind: 'github' }, secrets: ['SECRET'], form: 'body' },
  async happen(_world, n, one) {
    const deliveries = await WebhookDeliveries.open(one.store);
    const body = JSON.stringify({ n });
    const signature = createHmac('sha256', 'secret').update(body).digest('hex');
    await accepted(
      withWebhooks({ ...intakeParts(one), deliveries }, nobody),
      {
        'x-github-delivery': `delivery-${n}`,
        'x-hub-signature-256': `sha256=${signature}`,
        'x-amzn-trace-id': traceOf(n),
      },
      body,
    );
  },
  isEntrance: true,
  thingsIn: (event) => [(event as { n: number }).n],
  traceOf,
});

eventSourceContract('CloudEvents', {
  source: idle('cloudevent'),
  binding: { kind: 'cloudevent', path: '/in', secrets: [] },
  happen: (_world, n, one) =>
    accepted(
      withCloudEvents(intakeParts(one), nobody),
      { 'content-type': 'application/cloudevents+json', 'x-amzn-trace-id': traceOf(n) },
      JSON.stringify({ specversion: '1.0', id: `event-${n}`, source: '/shop', type: 'paid', data: { n } }),
    ),
  isEntrance: true,
  thingsIn: (event) => [(event as { data: { n: number } }).data.n],
  traceOf,
});

/** Keeps its connection for the next mail for this long: the server takes its time to greet. */
const quietMsMax = 50;

/** A sender's mail server. */
class Courier {
  readonly #port: Promise<number>;
  #connection: Promise<SMTPConnection> | undefined;
  #quiet: NodeJS.Timeout | undefined;

  constructor(port: Promise<number>) {
    this.#port = port;
  }

  /** Resolves once it is taken. */
  async send(subject: string): Promise<void> {
    clearTimeout(this.#quiet);
    const connection = await (this.#connection ??= this.#connect());
    const envelope = { from: 'a@example.org', to: ['in@example.com'] };
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject);
      connection.send(envelope, `Subject: ${subject}\r\n\r\nhello\r\n`, (refused) =>
        refused ? reject(refused) : resolve(),
      );
    });
    this.#quiet = setTimeout(() => {
      this.#connection = undefined;
      connection.close();
    }, quietMsMax);
  }

  async #connect(): Promise<SMTPConnection> {
    const connection = new SMTPConnection({ host: '127.0.0.1', port: await this.#port, ignoreTLS: true });
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject);
      connection.connect((refused) => (refused ? reject(refused) : resolve()));
    });
    return connection;
  }
}

const couriers = new WeakMap<SourceRig['mails'], Courier>();

eventSourceContract('mail', {
  source({ mails, buckets }) {
    const { promise, resolve } = Promise.withResolvers<number>();
    couriers.set(mails, new Courier(promise));
    return [createMailSource({ mails, buckets, account, port: 0, listen: '127.0.0.1', listening: resolve })];
  },
  binding: { kind: 'email', address: 'in@example.com' },
  async happen(_world, n, { mails }) {
    await (couriers.get(mails) ?? assert.fail('it listens nowhere')).send(String(n));
  },
  isEntrance: true,
  seedsMax: 4,
  hasNewIds: true,
  thingsIn: (event) =>
    (event as { Records: { ses: { mail: { commonHeaders: { subject: string } } } }[] }).Records.map(({ ses }) =>
      Number(ses.mail.commonHeaders.subject),
    ),
});

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import type { Principal } from '../identity/principal.ts';
import { createStandings } from '../identity/standing.ts';
import type { InvocationResult } from '../invoke/invoke.ts';
import type { UsageRow } from '../metering/usage-row.ts';
import type { Change, DeployedFunction, DeployedQueue, Deployment } from '../manifest/deployment.ts';
import { exampleSettings } from '../registry/example-settings.ts';
import { exampleZip, inPieces } from '../registry/example-zip.ts';
import type { FunctionSettings } from '../registry/function.ts';
import { openLayers } from '../registry/layers.ts';
import { openBindings } from '../registry/open-bindings.ts';
import { openRegistry } from '../registry/open-registry.ts';
import { Accounts } from '../resources/accounts.ts';
import { AuditLog } from '../resources/audit-log.ts';
import { Identities } from '../resources/iam/identities.ts';
import { BundleSigners } from '../resources/bundle-signers.ts';
import { Advisories } from '../resources/packages/advisories.ts';
import { UsedPermissions } from '../resources/used-permissions.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry, type InvocationSettled, type LogLine, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { HttpRequest, HttpResponse } from '../util/http.ts';
import {
  randomIds,
  type AccountId,
  type BundleHash,
  type EnvironmentId,
  type FunctionArn,
  type RequestId,
  type VersionId,
} from '../util/ids.ts';
import { createSealer } from '../util/sealer.ts';
import type { ControlParts, LogQuery, Removal } from './control-parts.ts';
import { createControl } from './control.ts';

const account = '000000000000' as AccountId;
const administrator: Principal = {
  kind: 'administrator',
  account,
  arn: 'arn:aws:iam::000000000000:root',
  accessKeyId: 'AKIA',
};

/** Buckets, queues, topics and buses that keep names, and what an application says of a queue, and of a table. */
function fakeEngines() {
  const full = new Set<string>();
  const buckets = new Set<string>();
  const queues = new Map<string, string>();
  const topics = new Set<string>();
  const buses = new Set<string>();
  const tables = new Map<string, string>();
  const sent: string[] = [];
  const remove = (from: { delete(name: string): boolean }, name: string): Promise<Removal> =>
    Promise.resolve(full.has(name) ? 'holds_something' : from.delete(name) ? 'removed' : 'absent');
  const came = (queue: DeployedQueue) => {
    const present = queues.get(queue.name);
    return present === undefined ? 'created' : present === JSON.stringify(queue) ? 'unchanged' : 'updated';
  };
  const parts: Pick<ControlParts, 'buckets' | 'queues' | 'topics' | 'buses' | 'tables' | 'mails'> = {
    mails: { list: () => [], get: () => undefined, raw: () => Promise.resolve(undefined) },
    buckets: {
      exists: async (_, name) => buckets.has(name),
      list: async () => [...buckets].map((name) => ({ name })),
      create: async (_, name) => void buckets.add(name),
      remove: (_, name) => remove(buckets, name),
    },
    queues: {
      exists: (_, name) => queues.has(name),
      list: async () => [...queues.keys()].map((name) => ({ name, ready: 0, delayed: 0, leased: 0 })),
      put: async (_, queue) => {
        const answer = came(queue);
        queues.set(queue.name, JSON.stringify(queue));
        return answer;
      },
      wouldPut: (_, queue) => came(queue),
      remove: (_, name) => remove(queues, name),
      send: async (_, name, body) => {
        sent.push(`${name}: ${body}`);
        return 'message-1';
      },
    },
    topics: {
      exists: (_, name) => topics.has(name),
      list: () => [...topics].map((name) => ({ name, subscriptions: 0 })),
      create: async (_, name) => void topics.add(name),
      remove: (_, name) => remove(topics, name),
    },
    buses: {
      exists: (_, name) => buses.has(name),
      list: () => [...buses].map((name) => ({ name, rules: 0 })),
      create: async (_, name) => void buses.add(name),
      remove: (_, name) => remove(buses, name),
    },
    tables: {
      list: () => [...tables.keys()].map((name) => ({ name, items: 0, bytes: 0, indexes: 0 })),
      wouldPut: (_, table) => {
        const present = tables.get(table.name);
        return present === undefined ? 'created' : present === JSON.stringify(table) ? 'unchanged' : 'updated';
      },
      put: async (_, table) => void tables.set(table.name, JSON.stringify(table)),
      remove: (_, name) => remove(tables, name),
    },
  };
  return { parts, full, buckets, queues, topics, buses, tables, sent };
}

const settled = (functionName: string, requestId: string): InvocationSettled => ({
  kind: 'invocation.settled',
  timeMs: 5,
  account,
  functionName,
  functionArn: `arn:aws:lambda:us-east-1:${account}:function:${functionName}` as FunctionArn,
  version: '1' as VersionId,
  requestId: requestId as RequestId,
  attempt: 1,
  source: 'api',
  status: 'ok',
  start: 'warm',
  environmentId: 'e1' as EnvironmentId,
  phases: { queueUs: 1, placeUs: 0, provisionUs: 0, initUs: 0, handlerUs: 1_500, replyUs: 0 },
  billedMs: 2,
  memoryMb: 128,
  memoryBytesMax: 1_000,
  requestBytes: 2,
  responseBytes: 2,
  traceId: 'Root=1-00000000-000000000000000000000000',
});

const line = (text: string, change: Partial<LogLine> = {}): LogLine => ({
  kind: 'log',
  timeMs: 1,
  account,
  functionName: 'hello',
  version: '1' as VersionId,
  environmentId: 'e1' as EnvironmentId,
  requestId: undefined,
  origin: 'function',
  text,
  ...change,
});

async function setUp(context: TestContext, change: Partial<ControlParts> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-control-'));
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  context.after(async () => {
    await store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const registry = await openRegistry({
    records: store.records,
    blobs: store.blobs,
    folder,
    region: 'us-east-1',
    clock,
    ids: randomIds,
    sealer: createSealer([Buffer.alloc(32)], randomIds),
  });
  const layers = await openLayers({ records: store.records, region: 'us-east-1', clock, ids: randomIds });
  const bindings = await openBindings({ records: store.records });
  const engines = fakeEngines();
  const telemetry = new Telemetry();
  const events: TelemetryEvent[] = [];
  telemetry.attach({ take: (event) => events.push(event), flush: async () => {} });
  const enqueued: unknown[] = [];
  const logQueries: LogQuery[] = [];
  const invoker = {
    invoke: async ({
      functionName,
      requestId,
      event,
    }: {
      functionName: string;
      requestId: string;
      event: Uint8Array;
    }): Promise<InvocationResult> => {
      telemetry.emit(line(`got ${Buffer.from(event).toString()}`, { requestId: requestId as RequestId, functionName }));
      telemetry.emit(line('of another', { requestId: 'other' as RequestId, functionName }));
      const done = settled(functionName, requestId);
      telemetry.emit(done);
      return { status: 'ok', payload: Buffer.from('{"a":1}'), version: done.version, settled: done };
    },
    refusal: () => undefined,
    runningIn: () => undefined,
  };
  const report = (message: string): void => assert.fail(message);
  const identities = await Identities.open({
    ...store,
    sealer: createSealer([Buffer.alloc(32)], randomIds),
    clock,
    report,
  });
  const used = await UsedPermissions.open({ records: store.records, clock, report });
  const control = createControl({
    version: '0.1.0',
    region: 'us-east-1',
    mode: 'serve',
    limits: 'lambda',
    privateServices: [],
    dataFolder: folder,
    startedMs: clock.now(),
    ports: () => ({ apiPort: 4566, httpPort: 8080 }),
    clock,
    ids: randomIds,
    records: store.records,
    registry,
    layers,
    bindings,
    ...engines.parts,
    keys: { report: () => assert.fail('nobody asks'), rotate: () => assert.fail('nobody asks') },
    accounts: await Accounts.open({ records: store.records, clock, ids: randomIds, operator: account }),
    giveAdministrator: async () => ({ userName: 'administrator', accessKeyId: 'AKIA', secretAccessKey: 'secret' }),
    forgetIdentities: async () => {},
    held: () => [],
    standingOf: createStandings({ grantsOf: () => undefined }),
    isNamedElsewhere: async () => false,
    signers: await BundleSigners.open({ records: store.records }),
    packages: { of: async () => [], advisories: new Advisories({ records: store.records }) },
    review: {
      identities,
      registry,
      used,
      standingOf: createStandings({
        identities,
        grantsOf: ({ functionName }) => registry.get(account, functionName)?.latest.settings,
      }),
      liveOf: ({ latest }) => latest,
      sideOf: () => undefined,
      resources: async () => [],
      clock,
    },
    audit: new AuditLog({ records: store.records, clock, ids: randomIds, onError: (message) => assert.fail(message) }),
    invoker,
    enqueue: async (invocation) => void enqueued.push(invocation),
    environments: () => ({ busy: 1, idle: 2 }),
    provisioned: async () => {},
    deliveries: { list: async () => [], story: async () => [] },
    deadLetterPlaces: {
      places: async () => [],
      list: async () => [],
      get: () => Promise.reject(new Error('there are none')),
      redrive: async () => ({ sent: [], refused: [], left: 0 }),
      purge: async () => 0,
    },
    deadLetters: { count: async () => 3, list: async () => [{ requestPayload: 1 }] },
    telemetry,
    logs: {
      read: async (query) => {
        logQueries.push(query);
        return [line('stored')];
      },
    },
    bill: async (_, month) => ({ month, total: 0 }),
    usage: async function* () {
      yield { a: 1 };
      yield { a: 2 };
    },
    attempts: async () => [],
    whyNoTemplate: () => undefined,
    starts: {
      history: { find: async () => undefined, latestWaitedFor: async () => [] },
      counts: { each: async () => {}, minutes: async () => [] },
    },
    capabilities: async () => [{ name: 'namespaces', status: 'ok', finding: 'all' }],
    releases: () => [],
    runtimes: async () => [{ name: 'python' as const, version: '3.11.2' }],
    missingRuntime: async (name: string) =>
      name === 'python3.8' ? "it is not there; run 'mayfly runtimes install python3.8'" : undefined,
    metrics: () => 'mayfly_up 1\n',
    ...change,
  });

  async function ask(
    method: string,
    target: string,
    body?: unknown,
    options: { principal?: Principal; signal?: AbortSignal } = {},
  ) {
    const [path = '', query = ''] = target.split('?');
    const bytes =
      typeof body === 'string' || Buffer.isBuffer(body)
        ? Buffer.from(body)
        : body === undefined
          ? Buffer.alloc(0)
          : Buffer.from(JSON.stringify(body));
    const request: HttpRequest = {
      method,
      target,
      path,
      query,
      headers: {},
      rawHeaders: [],
      body: inPieces(bytes),
      remoteAddress: '127.0.0.1',
      signal: options.signal ?? new AbortController().signal,
      sendContinue: () => {},
    };
    return control(request, options.principal ?? administrator);
  }
  async function json(method: string, target: string, body?: unknown) {
    const response = await ask(method, target, body);
    // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at freely
    return { status: response.status, value: JSON.parse(bodyText(response)) as any };
  }
  const { zip, hash } = await exampleZip([{ path: 'hello.py', text: 'one' }]);
  await registry.addBundle(hash, inPieces(zip));
  return {
    ask,
    json,
    registry,
    layers,
    bindings,
    engines,
    telemetry,
    events,
    enqueued,
    logQueries,
    clock,
    bundle: hash,
  };
}

const fn = (
  name: string,
  bundle: BundleHash,
  change: Partial<DeployedFunction> = {},
  settings: Partial<FunctionSettings> = {},
): DeployedFunction => ({
  name,
  settings: exampleSettings({ bundle, ...settings }),
  url: false,
  sources: [],
  ...change,
});
const deployment = (change: Partial<Deployment> = {}): Deployment => ({
  application: 'shop',
  functions: [],
  buckets: [],
  queues: [],
  ...change,
});
function bodyText({ body }: HttpResponse): string {
  assert.ok(typeof body === 'string');
  return body;
}

const get = { kind: 'http', method: 'GET', path: '/hello' } as const;

const summary = (changes: readonly Change[]): string[] =>
  changes.map(({ what, name, action, detail }) => `${action} ${what} ${name}: ${detail}`);

async function linesOf(response: HttpResponse): Promise<unknown[]> {
  assert.ok(typeof response.body === 'object' && Symbol.asyncIterator in response.body);
  const all = await text(response.body as AsyncIterable<Uint8Array>);
  return all
    .split('\n')
    .filter(Boolean)
    .map((one) => JSON.parse(one));
}

test('a deployment makes what it names, says so, and changes nothing the second time', async (context) => {
  const { json, registry, bindings, engines, events, bundle } = await setUp(context);
  const wanted = deployment({
    functions: [
      fn('hello', bundle, {
        url: true,
        sources: [get, { kind: 'bucket', bucket: 'pics', events: ['ObjectCreated:*'], prefix: '', suffix: '.jpg' }],
      }),
    ],
    buckets: [{ name: 'pics' }],
    queues: [{ name: 'jobs', visibilityMs: 30_000, redrive: { deadLetterQueue: 'jobs-dead', receivesMax: 3 } }],
  });
  const planned = await json('POST', '/_mayfly/deployments?plan=1', wanted);
  assert.deepEqual(registry.list(account), [], 'a plan does nothing');
  assert.equal(engines.buckets.size + engines.queues.size, 0);

  const { value } = await json('POST', '/_mayfly/deployments', wanted);
  assert.match(value.changes[2].detail, /^version 1, 0\.1 kB$/);
  assert.deepEqual(summary(value.changes), [
    'created bucket pics: ',
    'created queue jobs: visibility 30 s, after 3 receives to jobs-dead',
    'created function hello: version 1, 0.1 kB',
    'created source hello: GET /hello',
    'created source hello: bucket pics (ObjectCreated:*) ….jpg',
  ]);
  assert.deepEqual(summary(planned.value.changes), summary(value.changes));
  const { urlId } = registry.get(account, 'hello')?.extras.urls['live'] ?? assert.fail();
  assert.deepEqual(value.changes[2].urls, [
    'http://127.0.0.1:8080/hello',
    `http://${urlId}.lambda-url.us-east-1.localhost:8080/`,
  ]);
  assert.equal(registry.resolve(account, 'hello', 'live', 'r' as RequestId)?.version.version, '1');
  assert.deepEqual(
    bindings.list(account).map(({ qualifier, application }) => [qualifier, application]),
    [
      ['live', 'shop'],
      ['live', 'shop'],
    ],
  );

  const again = await json('POST', '/_mayfly/deployments', wanted);
  assert.ok(again.value.changes.every(({ action }: Change) => action === 'unchanged'));
  assert.deepEqual(
    events
      .filter(({ kind }) => kind === 'deployment.applied')
      .map((event) => event.kind === 'deployment.applied' && event.changes),
    [5, 0],
  );
});

test('changed code or settings make the next version live; a rollback goes back; deploying again goes forward', async (context) => {
  const { json, registry, bundle } = await setUp(context);
  const live = () => registry.resolve(account, 'hello', 'live', 'r' as RequestId)?.version;
  const deploy = (memoryMb: number) =>
    json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle, {}, { memoryMb })] }));
  await deploy(128);
  const { value } = await deploy(256);
  assert.deepEqual(summary(value.changes), ['updated function hello: version 1 → 2, 0.1 kB']);
  assert.equal(live()?.settings.memoryMb, 256);
  assert.deepEqual((await json('POST', '/_mayfly/functions/hello/rollback')).value, { from: '2', to: '1' });
  assert.equal(live()?.settings.memoryMb, 128);
  assert.deepEqual((await json('POST', '/_mayfly/functions/hello/rollback')).status, 409);
  assert.deepEqual(summary((await deploy(256)).value.changes), ['updated function hello: version 1 → 2, 0.1 kB']);
  assert.equal(live()?.version, '2');
});

test('a deployment lets go of versions that no rollback comes back to, except those that something names', async (context) => {
  // By its ARN, from outside of the registry, for as long as that is there.
  const named = new Set(['4']);
  const { json, registry, bundle } = await setUp(context, {
    isNamedElsewhere: async (_, name, version) => name === 'hello' && named.has(version),
  });
  const deploy = (memoryMb: number) =>
    json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle, {}, { memoryMb })] }));
  const versions = async () => (await registry.versions(account, 'hello')).map(({ version }) => Number(version));
  for (let made = 1; made <= 21; made += 1) await deploy(128 + made);
  assert.equal((await versions()).length, 21, 'the live one, and twenty to go back to');
  await registry.pointAlias(account, 'hello', 'stable', '2' as VersionId);
  await registry.edit(account, 'hello', ({ extras }) => ({
    ...extras,
    provisioned: { ...extras.provisioned, ['3' as VersionId]: { count: 1, modifiedMs: 0 } },
  }));
  for (let made = 22; made <= 26; made += 1) await deploy(128 + made);
  assert.deepEqual(
    (await versions()).toSorted((one, other) => one - other),
    [2, 3, 4, ...Array.from({ length: 21 }, (_, at) => at + 6)],
  );
  named.clear();
  await deploy(128 + 27);
  assert.ok(!(await versions()).includes(4));
  for (let back = 0; back < 20; back += 1)
    assert.equal((await json('POST', '/_mayfly/functions/hello/rollback')).status, 200, `${back}`);
  assert.equal(registry.resolve(account, 'hello', 'live', 'r' as RequestId)?.version.settings.memoryMb, 128 + 7);
  assert.equal((await json('POST', '/_mayfly/functions/hello/rollback')).status, 409);
});

test('a deployment never removes what somebody published himself, also when `live` was there, or a deployment had made it', async (context) => {
  const { json, registry, bundle } = await setUp(context);
  const deploy = (memoryMb: number) =>
    json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle, {}, { memoryMb })] }));
  const versions = async () => (await registry.versions(account, 'hello')).map(({ version }) => Number(version));
  await deploy(128);
  await deploy(129);
  assert.equal((await registry.publish(account, 'hello')).version, '2', 'made by the deployment, and now his');
  await registry.put(account, 'hello', exampleSettings({ bundle, memoryMb: 130 }), {});
  assert.equal((await registry.publish(account, 'hello')).version, '3');
  await registry.pointAlias(account, 'hello', 'live', '3' as VersionId);
  await deploy(130);
  for (let made = 0; made < 24; made += 1) await deploy(200 + made);
  assert.deepEqual(await versions(), [2, 3, ...Array.from({ length: 21 }, (_, at) => at + 7)]);
});

test('a function that no deployment made has nothing to roll back to, and is told what has', async (context) => {
  const { registry, bundle, json } = await setUp(context);
  const { settings } = fn('handmade', bundle);
  await registry.put(account, 'handmade', settings, {});
  const { status, value } = await json('POST', '/_mayfly/functions/handmade/rollback');
  assert.equal(status, 409);
  assert.match(value.error.message, /has no alias 'live', which deployments move; .* aws lambda update-alias$/);
});

test('environments are kept ready as the deployment says, and no longer when it says nothing', async (context) => {
  const { registry, bundle, json } = await setUp(context);
  const deploy = async (provisioned?: number): Promise<string[]> => {
    const given = provisioned === undefined ? {} : { provisioned };
    const { value } = await json(
      'POST',
      '/_mayfly/deployments',
      deployment({ functions: [fn('hello', bundle, given)] }),
    );
    return summary(value.changes);
  };
  const counts = () =>
    Object.entries(registry.get(account, 'hello')?.extras.provisioned ?? {}).map(([name, { count }]) => [name, count]);
  await deploy(2);
  assert.deepEqual(counts(), [['live', 2]]);
  assert.deepEqual(await deploy(2), ['unchanged function hello: version 1']);
  await registry.edit(account, 'hello', ({ extras }) => ({
    ...extras,
    provisioned: { ...extras.provisioned, other: { count: 5, modifiedMs: 0 } },
  }));
  assert.deepEqual(await deploy(3), ['updated function hello: version 1, 0.1 kB']);
  assert.deepEqual(counts(), [
    ['other', 5],
    ['live', 3],
  ]);
  await deploy();
  assert.deepEqual(counts(), [['other', 5]], 'what was configured for another qualifier stays');
});

test('more is not kept ready than the account has, or the function itself', async (context) => {
  const { registry, bundle, json } = await setUp(context);
  const deploy = async (first: number, second: number) => {
    const functions = [fn('first', bundle, { provisioned: first }), fn('second', bundle, { provisioned: second })];
    const { status, value } = await json('POST', '/_mayfly/deployments', deployment({ functions }));
    return status === 200 ? 'applied' : value.error;
  };
  assert.equal(await deploy(600, 300), 'applied');
  assert.equal(await deploy(300, 600), 'applied', 'what was kept before makes room');
  const { field, message } = await deploy(300, 601);
  assert.equal(field, 'functions.second.provisioned');
  assert.match(
    message,
    /keeps 601 ready; together with what else is set aside that is 901 .* at most 900 are accepted$/,
  );
  await registry.edit(account, 'first', ({ extras }) => ({ ...extras, reservedConcurrency: 10 }));
  assert.match((await deploy(11, 0)).message, /keeps 11 ready; at most the 10 that are reserved for it are accepted/);
  assert.equal(await deploy(10, 890), 'applied');
});

test('live moves to a new version once what is to be kept ready of it is, and not before', async (context) => {
  const seen: unknown[] = [];
  const { registry, bundle, json } = await setUp(context, {
    provisioned: async (_account, name, version) => {
      const { aliases, extras } = registry.get(account, name) ?? {};
      seen.push([version, aliases?.['live']?.version, extras?.provisioned[version]?.count]);
    },
  });
  const deploy = (memoryMb: number) =>
    json(
      'POST',
      '/_mayfly/deployments',
      deployment({ functions: [fn('hello', bundle, { provisioned: 2 }, { memoryMb })] }),
    );
  await deploy(128);
  assert.deepEqual(seen, [], 'nobody calls a function that was not there');
  await deploy(256);
  assert.deepEqual(seen, [['2', '1', 2]]);
  const { aliases, extras } = registry.get(account, 'hello') ?? {};
  assert.equal(aliases?.['live']?.version, '2');
  assert.deepEqual(Object.keys(extras?.provisioned ?? {}), ['live']);
});

test('layers that a deployment names are those that are published, by their content', async (context) => {
  const { registry, layers, bundle, json } = await setUp(context);
  const { arn } = await layers.publish(account, 'tools', { bundle, zipBytes: 7 });
  const deploy = (...arns: string[]) =>
    json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle, { layers: arns })] }));
  assert.deepEqual(summary((await deploy(arn)).value.changes), ['created function hello: version 1, 0.1 kB']);
  assert.deepEqual(registry.get(account, 'hello')?.latest.settings.layers, [{ arn, bundle, zipBytes: 7 }]);
  assert.deepEqual(summary((await deploy(arn)).value.changes), ['unchanged function hello: version 1']);
  assert.deepEqual(summary((await deploy()).value.changes), ['updated function hello: version 1 → 2, 0.1 kB']);
  assert.equal(registry.get(account, 'hello')?.latest.settings.layers, undefined);

  const missing = await deploy(`${arn}9`);
  assert.equal(missing.status, 404);
  assert.equal(missing.value.error.field, 'functions.hello.layers[0]');
  assert.match(missing.value.error.message, /uses the layer .*:tools:19, which is not here; publish it first/);
  const twice = await deploy(arn, `${arn}9`);
  assert.equal(twice.value.error.field, 'functions.hello.layers[1]');
  assert.match(twice.value.error.message, /uses the layer .*:layer:tools twice; accepted: one version of it$/);
});

test('a topic is made with the application, and bound with a filter that is one', async (context) => {
  const { json, bindings, engines, bundle } = await setUp(context);
  const deploy = (filter: string) =>
    json(
      'POST',
      '/_mayfly/deployments',
      deployment({
        functions: [
          fn('hello', bundle, { sources: [{ kind: 'topic', topic: 'news', filter, filterScope: 'attributes' }] }),
        ],
        topics: [{ name: 'news' }],
      }),
    );
  const wrong = await deploy('{"a":{"b":["c"]}}');
  assert.match(wrong.value.error.message, /^functions.hello.sources\[0\].filter: .*nested filter policy/);
  const { value } = await deploy('{"kind":["order"]}');
  assert.deepEqual(summary(value.changes), [
    'created topic news: ',
    'created function hello: version 1, 0.1 kB',
    'created source hello: topic news {"kind":["order"]}',
  ]);
  assert.deepEqual([...engines.topics], ['news']);
  assert.deepEqual(
    bindings.ofKind('topic').map(({ source }) => source.topic),
    ['news'],
  );
  assert.deepEqual((await json('GET', '/_mayfly/topics')).value, { topics: [{ name: 'news', subscriptions: 0 }] });
});

test('a bus is made with the application, and goes with it unless it has rules', async (context) => {
  const { json, bindings, engines, bundle } = await setUp(context);
  const deploy = (bus: string) =>
    json(
      'POST',
      '/_mayfly/deployments',
      deployment({
        functions: [fn('hello', bundle, { sources: [{ kind: 'bus', bus: 'orders', pattern: '{"source":["shop"]}' }] })],
        buses: [{ name: bus }, { name: 'audit' }],
      }),
    );
  const wrong = await deploy('or/ders');
  assert.match(wrong.value.error.message, /^buses\[0\].name: 'or\/ders' is no event bus's name/);
  const { value } = await deploy('orders');
  assert.deepEqual(summary(value.changes), [
    'created bus orders: ',
    'created bus audit: ',
    'created function hello: version 1, 0.1 kB',
    'created source hello: events of orders {"source":["shop"]}',
  ]);
  assert.deepEqual(
    bindings.ofKind('bus').map(({ source }) => source.bus),
    ['orders'],
  );
  assert.deepEqual((await json('GET', '/_mayfly/buses')).value, {
    buses: [
      { name: 'orders', rules: 0 },
      { name: 'audit', rules: 0 },
    ],
  });
  engines.full.add('audit');
  const gone = await json('POST', '/_mayfly/deployments', deployment({ functions: [] }));
  assert.deepEqual(summary(gone.value.changes), [
    'removed source hello: events of orders {"source":["shop"]}',
    'removed function hello: with 1 version',
    'removed bus orders: ',
    'unchanged bus audit: left the application but stays: it holds rules',
  ]);
});

test('tables of a deployment are made, changed, and left where they hold something', async (context) => {
  const { json, engines } = await setUp(context);
  const key = { partition: { name: 'id', type: 'S' } };
  const orders = { name: 'orders', key, indexes: [{ name: 'by-day', key, projection: { kind: 'ALL' } }] };
  const deploy = async (...tables: object[]): Promise<string[]> => {
    const { value } = await json('POST', '/_mayfly/deployments', { ...deployment({}), tables });
    return summary(value.changes);
  };
  assert.deepEqual(await deploy(orders, { name: 'old', key, indexes: [] }, { name: 'full', key, indexes: [] }), [
    'created table orders: key id, 1 index',
    'created table old: key id',
    'created table full: key id',
  ]);
  engines.full.add('full');
  assert.deepEqual(await deploy({ ...orders, expires: 'until' }), [
    'updated table orders: key id, 1 index',
    'removed table old: ',
    'unchanged table full: left the application but stays: it holds items',
  ]);
  assert.deepEqual((await json('GET', '/_mayfly/tables')).value, {
    tables: ['orders', 'full'].map((name) => ({ name, items: 0, bytes: 0, indexes: 0 })),
  });
  const sort = { name: 'at', type: 'text' };
  const wrong = await json('POST', '/_mayfly/deployments', {
    ...deployment({}),
    tables: [{ ...orders, key: { ...key, sort } }],
  });
  assert.equal(wrong.status, 400);
  assert.match(JSON.stringify(wrong.value), /tables\.orders\.key\.sort\.type/);
});

test('what leaves the application is removed, except buckets and queues that hold something', async (context) => {
  const { json, registry, bindings, engines, bundle } = await setUp(context);
  const queue = (name: string): DeployedQueue => ({ name, visibilityMs: 30_000 });
  await json(
    'POST',
    '/_mayfly/deployments',
    deployment({
      functions: [fn('hello', bundle, { sources: [get] }), fn('old', bundle)],
      buckets: [{ name: 'pics' }, { name: 'empty' }],
      queues: [queue('jobs')],
      topics: [{ name: 'news' }],
    }),
  );
  engines.full.add('pics');
  const { value } = await json(
    'POST',
    '/_mayfly/deployments',
    deployment({ functions: [fn('hello', bundle, { sources: [{ ...get, path: '/hi' }] })] }),
  );
  assert.deepEqual(summary(value.changes), [
    'unchanged function hello: version 1',
    'created source hello: GET /hi',
    'removed source hello: GET /hello',
    'removed function old: with 1 version',
    'removed queue jobs: ',
    'removed topic news: ',
    'unchanged bucket pics: left the application but stays: it holds objects',
    'removed bucket empty: ',
  ]);
  assert.deepEqual([...engines.buckets], ['pics']);
  assert.deepEqual(
    registry.list(account).map(({ name }) => name),
    ['hello'],
  );
  assert.deepEqual((await json('GET', '/_mayfly/deployments')).value, {
    applications: [{ application: 'shop', functions: ['hello'] }],
  });

  const removed = await json('DELETE', '/_mayfly/deployments/shop');
  assert.deepEqual(summary(removed.value.changes), [
    'removed source hello: GET /hi',
    'removed function hello: with 1 version',
  ]);
  assert.deepEqual(bindings.list(account), []);
  assert.deepEqual((await json('GET', '/_mayfly/deployments')).value, { applications: [] });
  assert.equal((await json('DELETE', '/_mayfly/deployments/shop')).status, 404);
});

test('what another application has is refused, both named, and nothing is done', async (context) => {
  const { json, bundle, engines } = await setUp(context);
  await json(
    'POST',
    '/_mayfly/deployments',
    deployment({ functions: [fn('hello', bundle, { sources: [{ ...get, path: '/users/{id}' }] })] }),
  );
  const other = (change: Partial<Deployment>) =>
    json(
      'POST',
      '/_mayfly/deployments',
      deployment({ application: 'blog', buckets: [{ name: 'new-one' }], ...change }),
    );
  const route = await other({ functions: [fn('post', bundle, { sources: [{ ...get, path: '/users/{name}' }] })] });
  assert.equal(route.status, 409);
  assert.equal(route.value.error.code, 'already_exists');
  assert.match(
    route.value.error.message,
    /GET \/users\/\{id\} of function 'post' \(application 'blog'\) is taken by function 'hello' of application 'shop'/,
  );
  const name = await other({ functions: [fn('hello', bundle)] });
  assert.match(name.value.error.message, /'hello' of application 'blog'.*application 'shop' has/);
  assert.equal(name.value.error.field, 'functions.hello');
  assert.equal(engines.buckets.size, 0);
});

test('a runtime that the machine does not have is refused, with what to do and what there is', async (context) => {
  const { json, bundle } = await setUp(context);
  const wanted = deployment({ functions: [fn('hello', bundle, {}, { runtime: 'python3.8' })] });
  const { status, value } = await json('POST', '/_mayfly/deployments', wanted);
  assert.equal(status, 400);
  assert.deepEqual(value.error, {
    code: 'invalid_argument',
    message:
      "function 'hello' asks for the runtime python3.8, which is not here: it is not there; run 'mayfly runtimes install python3.8'; this machine has python",
    field: 'functions.hello.settings.runtime',
  });
});

test('a private service that the platform does not have is refused, planned or done, with those that it has', async (context) => {
  const { json, bundle, engines } = await setUp(context, { privateServices: ['orders-db', 'cache'] });
  const wanting = (...services: string[]) =>
    deployment({
      functions: [fn('hello', bundle, {}, { network: { egress: [], private: services } })],
      buckets: [{ name: 'pics' }],
    });
  for (const query of ['', '?plan=1']) {
    const { status, value } = await json('POST', `/_mayfly/deployments${query}`, wanting('cache', 'order-db'));
    assert.equal(status, 400);
    assert.deepEqual(value.error, {
      code: 'invalid_argument',
      message:
        "function 'hello' is attached to the private service 'order-db', which this platform does not have: it has orders-db, cache. Did you mean orders-db?",
      field: 'functions.hello.network.private[1]',
    });
  }
  assert.equal(engines.buckets.size, 0);
  assert.equal((await json('POST', '/_mayfly/deployments', wanting('cache', 'orders-db'))).status, 200);

  const none = await setUp(context);
  const { value } = await none.json('POST', '/_mayfly/deployments', wanting('cache'));
  assert.match(value.error.message, /it has none; its operator names them \(mayfly serve --private-services/);
});

test('resources of another application are used, not taken over and not removed', async (context) => {
  const { json, engines } = await setUp(context);
  await json(
    'POST',
    '/_mayfly/deployments',
    deployment({ buckets: [{ name: 'pics' }], queues: [{ name: 'jobs', visibilityMs: 60_000 }] }),
  );
  const blog = deployment({
    application: 'blog',
    buckets: [{ name: 'pics' }],
    queues: [{ name: 'jobs', visibilityMs: 30_000 }],
  });
  assert.deepEqual(summary((await json('POST', '/_mayfly/deployments', blog)).value.changes), [
    "unchanged bucket pics: belongs to application 'shop'",
    "unchanged queue jobs: belongs to application 'shop', which says how it is set",
  ]);
  await json('DELETE', '/_mayfly/deployments/blog');
  assert.deepEqual([[...engines.buckets], [...engines.queues.keys()]], [['pics'], ['jobs']]);
});

test('a bucket that was there before is not the application’s to remove', async (context) => {
  const { json, engines } = await setUp(context);
  engines.buckets.add('mine');
  await json('POST', '/_mayfly/deployments', deployment({ buckets: [{ name: 'mine' }] }));
  await json('POST', '/_mayfly/deployments', deployment({}));
  assert.deepEqual([...engines.buckets], ['mine']);
});

test('a deployment that failed half way is finished by the next', async (context) => {
  const { json, engines, bundle } = await setUp(context);
  const put = engines.parts.queues.put;
  engines.parts.queues.put = () => Promise.reject(new Error('disk full'));
  const wanted = deployment({
    functions: [fn('hello', bundle)],
    buckets: [{ name: 'pics' }],
    queues: [{ name: 'jobs', visibilityMs: 1_000 }],
  });
  await assert.rejects(json('POST', '/_mayfly/deployments', wanted), /disk full/);
  engines.parts.queues.put = put;
  const { value } = await json('POST', '/_mayfly/deployments', wanted);
  assert.deepEqual(summary(value.changes).slice(0, 2), [
    'unchanged bucket pics: ',
    'created queue jobs: visibility 1 s',
  ]);
  await json('DELETE', '/_mayfly/deployments/shop');
  assert.deepEqual([...engines.buckets], [], 'the bucket of the failed try is the application’s');
});

test('two deployments at once are done one after the other', async (context) => {
  const { json, registry, bundle } = await setUp(context);
  const deploy = (memoryMb: number) =>
    json(
      'POST',
      '/_mayfly/deployments',
      deployment({ functions: [fn('hello', bundle, { sources: [get] }, { memoryMb })] }),
    );
  const answers = await Promise.all([128, 256, 512, 1024].map(deploy));
  assert.deepEqual(
    answers.map(({ value }) => value.changes[0].detail.split(',')[0]),
    ['version 1', 'version 1 → 2', 'version 2 → 3', 'version 3 → 4'],
  );
  assert.equal(registry.resolve(account, 'hello', 'live', 'r' as RequestId)?.version.version, '4');
});

test('a deployment that is wrong says which field', async (context) => {
  const { json, bundle } = await setUp(context);
  const refusal = async (body: unknown) => {
    const { status, value } = await json('POST', '/_mayfly/deployments', body);
    return [status, value.error.code, value.error.field];
  };
  const withSource = (source: object) =>
    deployment({ functions: [fn('hello', bundle, { sources: [source as never] })] });
  assert.deepEqual(await refusal({}), [400, 'invalid_argument', 'application']);
  assert.deepEqual(await refusal(deployment({ functions: [fn('hello', bundle, {}, { memoryMb: 1 })] })), [
    400,
    'invalid_argument',
    'functions.hello.settings.memoryMb',
  ]);
  assert.deepEqual(await refusal(deployment({ functions: [fn('hello', 'f'.repeat(64) as BundleHash)] })), [
    404,
    'not_found',
    'functions.hello.settings.bundle',
  ]);
  assert.deepEqual(await refusal(withSource({ kind: 'pigeon' })), [
    400,
    'invalid_argument',
    'functions.hello.sources[0].kind',
  ]);
  assert.deepEqual(await refusal(withSource({ kind: 'http', method: 'FETCH', path: '/' })), [
    400,
    'invalid_argument',
    'functions.hello.sources[0].method',
  ]);
  assert.deepEqual(await refusal(withSource({ kind: 'http', method: 'GET', path: '/{a+}/b' })), [
    400,
    'invalid_argument',
    'functions.hello.sources[0].path',
  ]);
  assert.deepEqual(
    await refusal(withSource({ kind: 'schedule', expression: 'rate(0 minutes)', timeZone: 'UTC', enabled: true })),
    [400, 'invalid_argument', 'functions.hello.sources[0].expression'],
  );
  assert.deepEqual(await refusal(deployment({ buckets: [{ name: 'No_Bucket' }] })), [
    400,
    'invalid_argument',
    'buckets[0].name',
  ]);
  assert.deepEqual(await refusal(deployment({ buckets: [{ name: 'pics' }, { name: 'pics' }] })), [
    400,
    'invalid_argument',
    'buckets',
  ]);
  assert.deepEqual(await refusal(deployment({ queues: [{ name: 'jobs', visibilityMs: 43_200_001 }] })), [
    400,
    'invalid_argument',
    'queues.jobs.visibilityMs',
  ]);
  const redrives: [redrive: object, field: string][] = [
    [{ deadLetterQueue: 'dead' }, 'receivesMax'],
    [{ deadLetterQueue: 'dead', receivesMax: 1_001 }, 'receivesMax'],
    [{ receivesMax: 3 }, 'deadLetterQueue'],
    [{ deadLetterQueue: 'no queue', receivesMax: 3 }, 'deadLetterQueue'],
    [{ deadLetterQueue: 'jobs', receivesMax: 3 }, 'deadLetterQueue'],
  ];
  for (const [redrive, field] of redrives) {
    const queues = [{ name: 'jobs', visibilityMs: 30_000, redrive: redrive as never }];
    assert.deepEqual(await refusal(deployment({ queues })), [400, 'invalid_argument', `queues.jobs.redrive.${field}`]);
  }
  const bucket = { kind: 'bucket', bucket: 'pics', prefix: '', suffix: '' };
  for (const events of [[], ['ObjectCreated:Fly'], ['s3:ObjectCreated:*'], [5]]) {
    const [status, code, field] = await refusal(withSource({ ...bucket, events }));
    assert.deepEqual([status, code], [400, 'invalid_argument']);
    assert.match(field, /^functions\.hello\.sources\[0\]\.events/);
  }
  const schedule = { kind: 'schedule', expression: 'rate(1 hour)', timeZone: 'UTC', enabled: true };
  assert.deepEqual(await refusal(withSource({ ...schedule, input: '{ no JSON' })), [
    400,
    'invalid_argument',
    'functions.hello.sources[0].input',
  ]);
  assert.deepEqual(
    await refusal(deployment({ functions: [fn('hello', bundle, {}, { environment: { _HANDLER: 'x' } })] })),
    [400, 'invalid_argument', 'functions.hello.settings.environment._HANDLER'],
  );
  assert.deepEqual(
    await refusal(
      deployment({ functions: [fn('a', bundle, { sources: [get] }), fn('b', bundle, { sources: [get] })] }),
    ),
    [400, 'invalid_argument', 'functions.b.sources'],
  );
  const { value } = await json('POST', '/_mayfly/deployments', '{"application": "shop", oops}');
  assert.match(value.error.message, /not JSON: .*(position|line|column)/);
});

test('functions are shown as they are, and with their history', async (context) => {
  const { json, bundle } = await setUp(context);
  await json(
    'POST',
    '/_mayfly/deployments',
    deployment({ functions: [fn('hello', bundle, { url: true, sources: [get] })] }),
  );
  const { value } = await json('GET', '/_mayfly/functions');
  const [view] = value.functions;
  assert.deepEqual(
    [
      view.name,
      view.application,
      view.runtime,
      view.version,
      view.versions,
      view.sources,
      view.environments,
      view.deadLetters,
      view.lastInvokedMs,
    ],
    ['hello', 'shop', 'python', '1', 1, ['GET /hello', 'url'], { busy: 1, idle: 2 }, 3, undefined],
  );
  assert.ok(view.codeBytes > 100);
  await json('POST', '/_mayfly/functions/hello/invocations', {});
  const one = await json('GET', '/_mayfly/functions/hello');
  assert.equal(one.value.lastInvokedMs, 5);
  assert.deepEqual(
    one.value.history.map(({ version, live }: { version: string; live: boolean }) => [version, live]),
    [['1', true]],
  );
  const missing = await json('GET', '/_mayfly/functions/hallo');
  assert.deepEqual(
    [missing.status, missing.value.error.message],
    [404, "there is no function 'hallo'; deployed: hello"],
  );
  assert.equal((await json('DELETE', '/_mayfly/functions/hello')).status, 200);
  assert.deepEqual((await json('GET', '/_mayfly/functions')).value, { functions: [] });
});

test('an invocation answers with its outcome and its own lines; as an event it is accepted', async (context) => {
  const { json, bundle, enqueued } = await setUp(context);
  await json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle)] }));
  const { value } = await json('POST', '/_mayfly/functions/hello/invocations', { name: 'Ada' });
  assert.deepEqual(
    [value.status, value.payload, value.version, value.billedMs, value.start, value.log],
    ['ok', { a: 1 }, '1', 2, 'warm', ['got {"name":"Ada"}']],
  );
  const recent = await json('GET', '/_mayfly/invocations?function=hello&limit=5');
  assert.equal(recent.value.invocations[0].requestId, value.requestId);

  const accepted = await json('POST', '/_mayfly/functions/hello/invocations?type=event', { name: 'Ada' });
  assert.equal(accepted.status, 202);
  const [event] = enqueued as [{ requestId: string; event: string; qualifier: string; source: string }];
  assert.deepEqual(
    [event.requestId, event.event, event.qualifier, event.source],
    [accepted.value.requestId, '{"name":"Ada"}', 'live', 'api'],
  );

  assert.equal((await json('POST', '/_mayfly/functions/hello/invocations', '{')).value.error.field, 'body');
  assert.equal((await json('POST', '/_mayfly/functions/hello/invocations?type=later', {})).value.error.field, 'type');
  assert.equal((await json('POST', '/_mayfly/functions/hello/invocations?type=event&qualifier=9', {})).status, 404);
  assert.equal(
    (await json('POST', '/_mayfly/functions/hello/invocations?type=event', `"${'x'.repeat(1024 * 1024)}"`)).status,
    413,
  );
});

test('invocations of before the start stand behind those since', async (context) => {
  const row: UsageRow = {
    requestId: 'r0',
    attempt: 1,
    timeMs: -1,
    functionName: 'hello',
    version: '1',
    source: 'http',
    status: 'ok',
    start: 'warm',
    memoryMb: 128,
    handlerUs: 1,
    initUs: 0,
    billedMs: 1,
    requestBytes: 1,
    responseBytes: 1,
  };
  const { json, telemetry } = await setUp(context, {
    logs: { read: async () => [line('START', { requestId: 'r0' as RequestId, timeMs: -2 })] },
    attempts: async (_, requestId) => (requestId === 'r0' ? [row] : []),
  });
  telemetry.emit(settled('hello', 'r1'));
  const idsOf = async (query: string): Promise<string[]> => {
    const { value } = await json('GET', `/_mayfly/invocations${query}`);
    return value.invocations.map(({ requestId }: { requestId: string }) => requestId);
  };
  assert.deepEqual(await idsOf(''), ['r1', 'r0']);
  assert.deepEqual(await idsOf('?limit=1'), ['r1']);
});

test('logs are read with their query, and followed without a gap or a repetition', async (context) => {
  const { ask, bundle, json, telemetry, logQueries } = await setUp(context);
  await json('POST', '/_mayfly/deployments', deployment({ functions: [fn('hello', bundle)] }));
  const stored = await linesOf(await ask('GET', '/_mayfly/functions/hello/logs?since=7&limit=3&request=r1'));
  assert.deepEqual(stored, [
    { timeMs: 1, functionName: 'hello', origin: 'function', text: 'stored', version: '1', environmentId: 'e1' },
  ]);
  assert.deepEqual(logQueries[0], { account, functionName: 'hello', sinceMs: 7, limit: 3, requestId: 'r1' });

  const stop = new AbortController();
  const response = await ask('GET', '/_mayfly/functions/*/logs?follow=1', undefined, { signal: stop.signal });
  assert.equal(logQueries[1]?.functionName, undefined);
  telemetry.emit(line('stored'));
  telemetry.emit(line('new', { functionName: 'other' }));
  telemetry.emit(line('not ours', { account: '111111111111' as AccountId }));
  const seen: string[] = [];
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    seen.push(JSON.parse(Buffer.from(chunk).toString()).text);
    if (seen.length === 2) telemetry.emit(line('later'));
    if (seen.length === 3) stop.abort();
  }
  assert.deepEqual(seen, ['stored', 'new', 'later']);
});

test('bills, usage, resources, doctor and metrics', async (context) => {
  const { json, ask, engines, bundle } = await setUp(context);
  assert.deepEqual((await json('GET', '/_mayfly/bill?month=2026-02')).value, { month: '2026-02', total: 0 });
  assert.equal((await json('GET', '/_mayfly/bill')).value.month, '2026-01');
  assert.equal((await json('GET', '/_mayfly/bill?month=13')).value.error.field, 'month');
  assert.deepEqual(await linesOf(await ask('GET', '/_mayfly/usage')), [{ a: 1 }, { a: 2 }]);
  await json(
    'POST',
    '/_mayfly/deployments',
    deployment({
      functions: [
        fn('tick', bundle, {
          sources: [{ kind: 'schedule', expression: 'rate(5 minutes)', timeZone: 'UTC', enabled: true }],
        }),
      ],
      buckets: [{ name: 'pics' }],
      queues: [{ name: 'jobs', visibilityMs: 1_000 }],
    }),
  );
  assert.deepEqual((await json('GET', '/_mayfly/buckets')).value, { buckets: [{ name: 'pics' }] });
  assert.equal((await json('GET', '/_mayfly/queues')).value.queues[0].name, 'jobs');
  assert.equal((await json('GET', '/_mayfly/schedules')).value.schedules[0].description, 'rate(5 minutes)');
  assert.deepEqual((await json('POST', '/_mayfly/queues/jobs/messages', { body: 'do it' })).value, { id: 'message-1' });
  assert.deepEqual(engines.sent, ['jobs: do it']);
  assert.equal((await json('POST', '/_mayfly/queues/none/messages', { body: 'x' })).status, 404);
  assert.equal((await json('POST', '/_mayfly/queues/jobs/messages', {})).value.error.field, 'body');
  assert.equal((await json('GET', '/_mayfly/doctor')).value.capabilities[0].name, 'namespaces');
  assert.equal((await ask('GET', '/_mayfly/metrics')).body, 'mayfly_up 1\n');
  assert.deepEqual((await json('GET', '/_mayfly/functions/tick/dead-letters')).value, {
    messages: [{ requestPayload: 1 }],
  });
});

test('bundles come by their hash', async (context) => {
  const { ask, json } = await setUp(context);
  const { zip, hash } = await exampleZip([{ path: 'a.txt', text: 'abc' }]);
  assert.equal((await ask('HEAD', `/_mayfly/bundles/${hash}`)).status, 404);
  assert.deepEqual((await json('PUT', `/_mayfly/bundles/${hash}`, zip)).value, { bytes: 3, files: 1 });
  assert.equal((await ask('HEAD', `/_mayfly/bundles/${hash}`)).status, 200);
  assert.equal((await json('PUT', `/_mayfly/bundles/${'0'.repeat(64)}`, zip)).value.error.code, 'invalid_argument');
  assert.equal((await json('PUT', '/_mayfly/bundles/nothing', zip)).value.error.field, 'hash');
});

test('only the administrator is let in; health is for all', async (context) => {
  const { ask } = await setUp(context);
  const code = async (target: string, principal: Principal) => {
    const response = await ask('GET', target, undefined, { principal });
    return [response.status, JSON.parse(bodyText(response)).error?.code];
  };
  const inside: Principal = {
    ...administrator,
    kind: 'function',
    functionArn: 'a' as FunctionArn,
    functionName: 'hello',
    environmentId: 'e' as EnvironmentId,
  };
  const nobody: Principal = { kind: 'anonymous', account, arn: '', accessKeyId: '' };
  assert.deepEqual(await code('/_mayfly/functions', inside), [403, 'permission_denied']);
  assert.deepEqual(await code('/_mayfly/nowhere', inside), [403, 'permission_denied']);
  assert.deepEqual(await code('/_mayfly/functions', nobody), [403, 'unauthenticated']);
  assert.deepEqual(await code('/_mayfly/nowhere', administrator), [404, 'not_found']);
  assert.deepEqual(await code('/_mayfly/health', nobody), [200, undefined]);
});

test('what is asked for with the wrong method says which are right', async (context) => {
  const { json } = await setUp(context);
  const { status, value } = await json('PATCH', '/_mayfly/functions/hello');
  assert.equal(status, 404);
  assert.equal(value.error.message, 'the admin API has no PATCH /_mayfly/functions/hello; accepted there: GET, DELETE');
  const nowhere = (await json('PATCH', '/_mayfly/nowhere')).value.error.message;
  assert.equal(nowhere, 'the admin API has no PATCH /_mayfly/nowhere');
});

test('bill, usage and logs are answered while the disk takes nothing', async (context) => {
  const full = new Telemetry();
  full.attach({ take: () => {}, flush: () => new Promise(() => {}) });
  const { ask } = await setUp(context, { telemetry: full });
  for (const what of ['bill', 'usage', 'functions/*/logs']) {
    assert.equal((await ask('GET', `/_mayfly/${what}`)).status, 200, what);
  }
});

test('reset exists in dev alone, a console token only where one is needed', async (context) => {
  const serve = await setUp(context, { issueConsoleToken: () => ({ token: 't', expiresMs: 9 }) });
  assert.equal((await serve.json('POST', '/_mayfly/reset')).status, 403);
  assert.deepEqual((await serve.json('POST', '/_mayfly/console-tokens')).value, {
    token: 't',
    expiresMs: 9,
    url: 'http://127.0.0.1:4566/_mayfly/console/#token=t',
  });
  let resets = 0;
  const dev = await setUp(context, { mode: 'dev', reset: async () => void resets++ });
  assert.deepEqual((await dev.json('POST', '/_mayfly/reset')).value, {});
  assert.equal(resets, 1);
  assert.equal((await dev.json('POST', '/_mayfly/console-tokens')).status, 409);
});

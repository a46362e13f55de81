/** The control API over an in-memory store and engines that only keep names. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { Principal } from '../../src/identity/principal.ts';
import { createStandings } from '../../src/identity/standing.ts';
import type { InvocationResult } from '../../src/invoke/invoke.ts';
import type { Change, DeployedFunction, DeployedQueue, Deployment } from '../../src/manifest/deployment.ts';
import { exampleSettings } from '../../src/registry/example-settings.ts';
import { exampleZip, inPieces } from '../../src/registry/example-zip.ts';
import type { FunctionSettings } from '../../src/registry/function.ts';
import { openLayers } from '../../src/registry/layers.ts';
import { openBindings } from '../../src/registry/open-bindings.ts';
import { openRegistry } from '../../src/registry/open-registry.ts';
import { Accounts } from '../../src/resources/accounts.ts';
import { AuditLog } from '../../src/resources/audit-log.ts';
import { Identities } from '../../src/resources/iam/identities.ts';
import { BundleSigners } from '../../src/resources/bundle-signers.ts';
import { Advisories } from '../../src/resources/packages/advisories.ts';
import { UsedPermissions } from '../../src/resources/used-permissions.ts';
import { openMemoryStore } from '../../src/store/memory/open-memory-store.ts';
import { Telemetry, type InvocationSettled, type LogLine, type TelemetryEvent } from '../../src/telemetry/telemetry.ts';
import { FakeClock } from '../../src/util/fake-clock.ts';
import type { HttpRequest, HttpResponse } from '../../src/util/http.ts';
import {
  randomIds,
  type AccountId,
  type BundleHash,
  type EnvironmentId,
  type FunctionArn,
  type RequestId,
  type VersionId,
} from '../../src/util/ids.ts';
import { createSealer } from '../../src/util/sealer.ts';
import type { ControlParts, LogQuery, Removal } from '../../src/control/control-parts.ts';
import { createControl } from '../../src/control/control.ts';

export const account = '000000000000' as AccountId;
export const administrator: Principal = {
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

export const settled = (functionName: string, requestId: string): InvocationSettled => ({
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

export const line = (text: string, change: Partial<LogLine> = {}): LogLine => ({
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

export async function openControl(context: TestContext, change: Partial<ControlParts> = {}) {
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

export const fn = (
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
export const deployment = (change: Partial<Deployment> = {}): Deployment => ({
  application: 'shop',
  functions: [],
  buckets: [],
  queues: [],
  ...change,
});
export function bodyText({ body }: HttpResponse): string {
  assert.ok(typeof body === 'string');
  return body;
}

export const get = { kind: 'http', method: 'GET', path: '/hello' } as const;

export const summary = (changes: readonly Change[]): string[] =>
  changes.map(({ what, name, action, detail }) => `${action} ${what} ${name}: ${detail}`);

export async function linesOf(response: HttpResponse): Promise<unknown[]> {
  assert.ok(typeof response.body === 'object' && Symbol.asyncIterator in response.body);
  const all = await text(response.body as AsyncIterable<Uint8Array>);
  return all
    .split('\n')
    .filter(Boolean)
    .map((one) => JSON.parse(one));
}

/** For the tests of this folder: everything a source is given, over a store in memory and a clock that the test moves. */
import { openBindings } from '../registry/open-bindings.ts';
import type { Binding, BindingSource, Bindings } from '../registry/binding.ts';
import { noExtras, type FunctionSettings } from '../registry/function.ts';
import type { Registry } from '../registry/registry.ts';
import type { Buckets } from '../resources/bucket.ts';
import { openBuckets } from '../resources/bucket/open-buckets.ts';
import { EventBuses } from '../resources/event-bus/event-buses.ts';
import { Mails } from '../resources/mail.ts';
import { Pipes } from '../resources/pipe/pipes.ts';
import { Queues } from '../resources/queue.ts';
import { Schedules } from '../resources/scheduler/schedules.ts';
import { Streams } from '../resources/stream/streams.ts';
import { TableStreams } from '../resources/stream/table-streams.ts';
import { TableCiphers } from '../resources/table/table-ciphers.ts';
import { Tables } from '../resources/table/tables.ts';
import { Topics } from '../resources/topic.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import type { Store } from '../store/store.ts';
import { Telemetry, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId } from '../util/ids.ts';
import { createSealer } from '../util/sealer.ts';
import { Asynchronous } from './asynchronous.ts';
import { FakeInvoker } from './fake-invoker.ts';
import { startSources, type EventSource, type SourceContext } from './source.ts';

export const account = '000000000000' as AccountId;

/** What a source may be made with besides its context. */
export type Engines = {
  topics: Topics;
  buses: EventBuses;
  schedules: Schedules;
  pipes: Pipes;
  mails: Mails;
  buckets: Buckets;
  queues: Queues;
  tables: Tables;
  tableStreams: TableStreams;
};

/** Tables whose changes are told of, on a disk that others may have been on before. */
export async function openTables({ store, clock }: { store: Store; clock: FakeClock }) {
  const sealer = createSealer([Buffer.alloc(32, 7)], randomIds);
  const monotonicMs = (): number => clock.monotonicMs();
  const openKms = (): Promise<Uint8Array> => Promise.reject(new Error('no key of KMS is used here'));
  const ciphers = new TableCiphers({ sealer, ids: randomIds, openKms, monotonicMs });
  const parts = { records: store.records, clock, report: () => undefined };
  const streams = await Streams.open(parts);
  const tableStreams = new TableStreams({ streams, ciphers });
  const tables = await Tables.open({ ...parts, ids: randomIds, ciphers, changes: tableStreams });
  return {
    tables,
    tableStreams,
    async [Symbol.asyncDispose]() {
      await tables[Symbol.asyncDispose]();
      await streams[Symbol.asyncDispose]();
    },
  };
}

export type SourceRig = Engines & {
  clock: FakeClock;
  store: Store;
  bindings: Bindings;
  invoker: FakeInvoker;
  asynchronous: Asynchronous;
  /** What telemetry was told. */
  events: TelemetryEvent[];
  reports: string[];
  bind(functionName: string, source: BindingSource): Promise<Binding>;
  /** Stops it as SIGTERM would. */
  stop(): Promise<void>;
};

/** Given a `clock` and a `store` it is the platform's next start on the same disk. */
export async function rig(
  source: EventSource | ((engines: Engines) => readonly EventSource[]),
  options: {
    decide?: ConstructorParameters<typeof FakeInvoker>[1];
    clock?: FakeClock;
    store?: Store;
    context?: Partial<SourceContext>;
  } = {},
): Promise<SourceRig> {
  const clock = options.clock ?? new FakeClock();
  const store = options.store ?? openMemoryStore({ clock });
  const telemetry = new Telemetry();
  const events: TelemetryEvent[] = [];
  telemetry.attach({ take: (one) => void events.push(one), flush: async () => {} });
  const bindings = await openBindings({ records: store.records });
  const queues = await Queues.open({ ...store, clock, ids: randomIds });
  const buckets = await openBuckets({ ...store, clock, ids: randomIds, wantsEvents: () => false });
  const topics = await Topics.open({ ...store, clock, ids: randomIds });
  const buses = await EventBuses.open({ ...store, clock, ids: randomIds });
  const schedules = await Schedules.open({ ...store, clock });
  const pipes = await Pipes.open({ ...store, clock, ids: randomIds });
  const mails = await Mails.open({ ...store, clock, ids: randomIds });
  const { tables, tableStreams, ...disposal } = await openTables({ store, clock });
  const engines: Engines = { topics, buses, schedules, pipes, mails, buckets, queues, tables, tableStreams };
  const invoker = new FakeInvoker({ clock, telemetry }, options.decide);
  const reports: string[] = [];
  const settings = { attemptsMax: 3, eventAgeMaxMs: 21_600_000 } as FunctionSettings;
  const registry = {
    resolve: () => ({ version: { settings }, function: { extras: noExtras } }) as ReturnType<Registry['resolve']>,
  };
  const parts = {
    ...store,
    region: 'us-east-1',
    bindings,
    queues,
    buckets,
    topics,
    buses,
    registry,
    invoker,
    telemetry,
    clock,
    ids: randomIds,
    notices: { send: () => Promise.resolve(), onBus: () => undefined },
    report: (message: string, cause: unknown) => void reports.push(`${message}: ${String(cause)}`),
  };
  const asynchronous = await Asynchronous.open(parts);
  const sources = startSources(typeof source === 'function' ? source(engines) : [source], {
    ...parts,
    asynchronous,
    ...options.context,
  });
  let made = 0;
  return {
    clock,
    store,
    bindings,
    ...engines,
    invoker,
    asynchronous,
    events,
    reports,
    async bind(functionName, bindingSource) {
      const id = `${functionName}-${bindingSource.kind}-${++made}`;
      const binding = { id, account, functionName, qualifier: 'live', createdMs: clock.now(), source: bindingSource };
      await bindings.put(binding);
      return binding;
    },
    async stop() {
      await sources[Symbol.asyncDispose]();
      await asynchronous[Symbol.asyncDispose]();
      await disposal[Symbol.asyncDispose]();
    },
  };
}

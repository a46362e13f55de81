/** Invocations, at once and for later: who is admitted, what becomes of the rest, and what is given up. */
import { Asynchronous, type AsyncInvocation } from './events/asynchronous.ts';
import type { DeliverPermission } from './events/deliver-permission.ts';
import type { MessagingKeys } from './events/keys-for.ts';
import { startDeadLetterBounds } from './events/dead-letter-bounds.ts';
import { Admission } from './invoke/admit.ts';
import { IdempotentInvoker } from './invoke/idempotent-invoker.ts';
import { OpenInvoker } from './invoke/open-invoker.ts';
import type { Layers } from './registry/layers.ts';
import type { OpenRegistry } from './registry/open-registry.ts';
import { setAside } from './registry/set-aside.ts';
import type { Accounts } from './resources/accounts.ts';
import type { Buckets } from './resources/bucket.ts';
import type { EventBuses } from './resources/event-bus/event-buses.ts';
import type { Queues } from './resources/queue.ts';
import type { Topics } from './resources/topic.ts';
import type { OpenRunners } from './runners/open-runners.ts';
import type { Log } from './store/log.ts';
import type { Records } from './store/records.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import type { Clock } from './util/clock.ts';
import { functionArn, type AccountId, type Ids } from './util/ids.ts';
import { collectUnusedRegularly } from './collect-unused.ts';

export type InvokingParts = {
  mode: 'serve' | 'dev';
  region: string;
  records: Records;
  log: Log;
  accounts: Pick<Accounts, 'isSuspended' | 'concurrencyMax'>;
  registry: OpenRegistry;
  layers: Layers;
  runners: OpenRunners;
  queues: Queues;
  buckets: Buckets;
  topics: Topics;
  buses: EventBuses;
  delivering: DeliverPermission;
  keys: MessagingKeys;
  telemetry: Telemetry;
  /** Throws `unavailable` where nothing new can be kept. */
  requireRoom: () => void;
  clock: Clock;
  ids: Ids;
  tell: (message: string) => void;
  report: (message: string, cause: unknown) => void;
};

export type WiredInvoking = AsyncDisposable & {
  openInvoker: OpenInvoker;
  invoker: IdempotentInvoker;
  asynchronous: Asynchronous;
  /** For who asks for it; what bindings bring about was accepted before. */
  enqueue(invocation: AsyncInvocation): Promise<void>;
};

/** Lambda waits one and two minutes between attempts; who develops does not. */
const devRetryDelaysMs = [1_000, 2_000];

export async function wireInvoking(parts: InvokingParts): Promise<WiredInvoking> {
  const { mode, region, accounts, registry, layers, runners, telemetry, requireRoom, clock, tell, report } = parts;
  const { records, queues, buckets, topics, buses, ids } = parts;
  await using opening = new AsyncDisposableStack();
  const admission = new Admission((owner) => (accounts.isSuspended(owner) ? 0 : accounts.concurrencyMax(owner)));
  const reserve = (owner: AccountId, name: string): void => {
    const record = registry.get(owner, name);
    admission.setAside(owner, functionArn(region, owner, name), record === undefined ? 0 : setAside(record));
  };
  for (const { account: owner, name } of registry.all()) reserve(owner, name);
  registry.watch(reserve);

  const openInvoker = new OpenInvoker({ registry, runners, telemetry, clock, admission, report });
  const invoker = opening.use(new IdempotentInvoker({ invoker: openInvoker, registry, records, telemetry, clock }));
  const asynchronous = await Asynchronous.open({
    region,
    log: parts.log,
    queues,
    buckets,
    topics,
    buses,
    delivering: parts.delivering,
    keys: parts.keys,
    registry,
    invoker,
    telemetry,
    clock,
    ids,
    report,
    ...(mode === 'dev' ? { retryDelaysMs: devRetryDelaysMs } : {}),
  });
  opening.use(startDeadLetterBounds({ records, log: parts.log, telemetry, clock, tell }));
  opening.use(collectUnusedRegularly({ registry, layers, runners, clock, report }));
  const enqueue = async (invocation: AsyncInvocation): Promise<void> => {
    requireRoom();
    await asynchronous.enqueue(invocation);
  };
  const opened = opening.move();
  return { openInvoker, invoker, asynchronous, enqueue, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

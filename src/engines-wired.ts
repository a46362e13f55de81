/**
 * The engines of all services that keep something, each with its API, its event sources, and what its resources say of who may use
 * them: one more is a few lines here.
 */
import type { Authorization, SideOf } from './aws/authorization.ts';
import type { AwsService } from './aws/service.ts';
import type { NoticeSender } from './events/bucket-notice.ts';
import type { DeliverPermission } from './events/deliver-permission.ts';
import type { ProcessingResults } from './events/processing-results.ts';
import type { Roles } from './events/role-permission.ts';
import type { ServiceCalls } from './events/service-calls.ts';
import type { EventSource } from './events/source.ts';
import type { Principal } from './identity/principal.ts';
import type { Standing } from './identity/standing.ts';
import type { Bindings } from './registry/binding.ts';
import type { Registry } from './registry/registry.ts';
import type { Buckets } from './resources/bucket.ts';
import type { EventBuses } from './resources/event-bus/event-buses.ts';
import { Mails } from './resources/mail.ts';
import type { Parameters } from './resources/parameter/parameters.ts';
import type { Pipes } from './resources/pipe/pipes.ts';
import type { Queues } from './resources/queue.ts';
import type { Schedules } from './resources/scheduler/schedules.ts';
import type { Secrets } from './resources/secret/secrets.ts';
import type { TableStreams } from './resources/stream/table-streams.ts';
import type { Tables } from './resources/table/tables.ts';
import type { Topics } from './resources/topic.ts';
import type { Blobs } from './store/blobs.ts';
import type { Log } from './store/log.ts';
import type { Records } from './store/records.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import type { Clock } from './util/clock.ts';
import type { AccountId, Ids } from './util/ids.ts';
import type { Sealer } from './util/sealer.ts';
import { wireBuckets } from './buckets-wired.ts';
import { wireBuses } from './buses-wired.ts';
import type { WiredKms } from './kms-wired.ts';
import { wireMail, type MailSettings } from './mail-wired.ts';
import type { WiredMessageKeys } from './message-keys-wired.ts';
import { wireQueues } from './queues-wired.ts';
import type { ResolveReferences } from './resolve-references.ts';
import { wireSecrets } from './secrets-wired.ts';
import { wireStreams } from './streams-wired.ts';
import { wireTables } from './tables-wired.ts';
import { wireTopics, type WiredTopics } from './topics-wired.ts';

export type EnginesParts = {
  mode: 'serve' | 'dev';
  dataFolder: string;
  region: string;
  /** Whose mail it is that arrives. */
  account: AccountId;
  /** Absent: mails are kept, and none arrive. */
  mail?: MailSettings;
  records: Records;
  log: Log;
  blobs: Blobs;
  registry: Registry;
  bindings: Bindings;
  sealer: Sealer;
  kms: WiredKms;
  /** For queues, topics and tables that are encrypted with keys. */
  messageKeys: WiredMessageKeys;
  authorization: Authorization;
  standingOf: (principal: Principal) => Standing;
  serviceCalls: ServiceCalls;
  roles: Roles;
  delivering: DeliverPermission;
  telemetry: Telemetry;
  clock: Clock;
  ids: Ids;
  report: (message: string, cause: unknown) => void;
};

export type Engines = {
  buckets: Buckets;
  queues: Queues;
  topics: Topics;
  buses: EventBuses;
  schedules: Schedules;
  pipes: Pipes;
  tables: Tables;
  tableStreams: TableStreams;
  secrets: Secrets;
  parameters: Parameters;
  mails: Mails;
};

export type WiredEngines = AsyncDisposable & {
  engines: Engines;
  services: readonly AwsService[];
  sources: readonly EventSource[];
  /** What their resources say themselves of who may use them. */
  sides: readonly SideOf[];
  noticeSender: NoticeSender;
  /** What came of batches of tables' streams. */
  streamResults: ProcessingResults;
  resolveReferences: ResolveReferences;
  certificate: WiredTopics['certificate'];
  /** Where mail arrives for functions, once it does. */
  smtpPort(): Promise<number>;
  /** What an account has that nobody removes with it: how many of which. */
  held(owner: AccountId): [count: number, what: string][];
};

const noMail: MailSettings = { listen: '127.0.0.1' };

export async function wireEngines(parts: EnginesParts): Promise<WiredEngines> {
  const { clock } = parts;
  const { keys, keyUse } = parts.kms;
  const { queueKeys, topicKeys, ...messagingKeys } = parts.messageKeys;
  await using opening = new AsyncDisposableStack();
  const wiredQueues = opening.use(await wireQueues({ ...parts, keysFor: queueKeys }));
  const { queues } = wiredQueues;
  const wiredTables = opening.use(await wireTables({ ...parts, keys, keyUse }));
  const { tables, tableStreams } = wiredTables;
  const mails = await Mails.open(parts);
  const sending = { ...parts, keys: messagingKeys, queues, tableStreams, mails };
  const wiredTopics = await wireTopics({ ...sending, keysFor: topicKeys });
  const { topics } = wiredTopics;
  const wiredBuses = await wireBuses({ ...sending, topics });
  const { buses, schedules, pipes } = wiredBuses;
  const wiredSecrets = await wireSecrets({ ...parts, keyUse, buses });
  const { secrets, parameters } = wiredSecrets;
  const wiredBuckets = opening.use(await wireBuckets({ ...sending, keyUse, topics, buses }));
  const { buckets } = wiredBuckets;
  const mail = opening.use(await wireMail({ ...sending, settings: parts.mail ?? noMail, buckets, topics }));
  const streams = wireStreams({
    tableStreams,
    unlock: wiredTables.unlock,
    queues,
    buckets,
    topics,
    buses,
    delivering: parts.delivering,
    keys: messagingKeys,
    clock,
  });
  const opened = opening.move();
  return {
    engines: { buckets, queues, topics, buses, schedules, pipes, tables, tableStreams, secrets, parameters, mails },
    services: [
      wiredBuckets.service,
      wiredQueues.service,
      wiredTables.service,
      streams.service,
      wiredTopics.service,
      ...mail.services,
      ...wiredBuses.services,
      ...wiredSecrets.services,
    ],
    sources: [wiredTopics.source, mail.source, streams.source, ...wiredBuses.sources, ...wiredSecrets.sources],
    sides: [wiredBuckets, wiredTopics, wiredQueues, streams, wiredTables, wiredBuses, wiredSecrets].map(
      ({ side }) => side,
    ),
    noticeSender: wiredBuckets.noticeSender,
    streamResults: streams.results,
    resolveReferences: wiredSecrets.resolveReferences,
    certificate: wiredTopics.certificate,
    smtpPort: mail.port,
    held: (owner) => [
      [schedules.list(owner).length, 'schedule'],
      [pipes.list(owner).length, 'pipe'],
      [tables.list(owner).length, 'table'],
      [secrets.list(owner).length, 'secret'],
      [parameters.list(owner).length, 'parameter'],
    ],
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

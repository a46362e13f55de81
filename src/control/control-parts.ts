/**
 * What the control API is given. Engines are described by the few things that it asks of them, in its own words;
 * control-engines.ts and house.ts fit the real ones to it.
 */
import type { DeliveryHistory } from '../deliveries/delivery-history.ts';
import type { AsyncInvocation } from '../events/asynchronous.ts';
import type { DeadLetters } from '../events/dead-letters.ts';
import type { Invoker } from '../invoke/invoke.ts';
import type { DeployedQueue, DeployedTable } from '../manifest/deployment.ts';
import type { Bindings } from '../registry/binding.ts';
import type { RuntimeName } from '../util/runtime-names.ts';
import type { Layers } from '../registry/layers.ts';
import type { Registry, Resolved } from '../registry/registry.ts';
import type { Capability, RuntimeReport } from '../sandbox/sandbox.ts';
import type { KeyringReport } from '../identity/keyring.ts';
import type { Principal } from '../identity/principal.ts';
import type { Bearer } from '../identity/temporary-credentials.ts';
import type { Standing } from '../identity/standing.ts';
import type { Accounts } from '../resources/accounts.ts';
import type { BundleSigners } from '../resources/bundle-signers.ts';
import type { AuditLog } from '../resources/audit-log.ts';
import type { Advisories } from '../resources/packages/advisories.ts';
import type { Package } from '../resources/packages/package.ts';
import type { Mails } from '../resources/mail.ts';
import type { Records } from '../store/records.ts';
import type { Resealed } from '../store/resealing-records.ts';
import type { UsageRow } from '../metering/usage-row.ts';
import type { EnvironmentHistory } from '../starts/environment-history.ts';
import type { StartCounts } from '../starts/start-counts.ts';
import type { LogLine, Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import type { ReleaseView } from '../runners/runtime-releases.ts';
import type { LimitProfileName } from '../util/limit-profiles.ts';
import type { AccountId, BundleHash, Ids, VersionId } from '../util/ids.ts';
import type { AccountKey } from './accounts.ts';
import type { ReviewParts } from './review/review-parts.ts';
import type { BucketView, BusView, QueueView, TableView, TopicView } from './views.ts';

/** Left behind because it holds something, gone, or not there in the first place. */
export type Removal = 'removed' | 'holds_something' | 'absent';

export interface ControlBuckets {
  exists(account: AccountId, name: string): Promise<boolean>;
  list(account: AccountId): Promise<readonly BucketView[]>;
  /** Nothing happens when it exists. */
  create(account: AccountId, name: string): Promise<void>;
  remove(account: AccountId, name: string): Promise<Removal>;
}

export interface ControlQueues {
  exists(account: AccountId, name: string): boolean;
  list(account: AccountId): Promise<readonly QueueView[]>;
  /** Creates it, or sets it to exactly this. Answers what that came to. */
  put(account: AccountId, queue: DeployedQueue, application: string): Promise<'created' | 'updated' | 'unchanged'>;
  /** What `put` would answer. */
  wouldPut(account: AccountId, queue: DeployedQueue): 'created' | 'updated' | 'unchanged';
  remove(account: AccountId, name: string): Promise<Removal>;
  /** Answers the message's id. */
  send(account: AccountId, name: string, body: string): Promise<string>;
}

export interface ControlTopics {
  exists(account: AccountId, name: string): boolean;
  list(account: AccountId): readonly TopicView[];
  /** Nothing happens when it exists. */
  create(account: AccountId, name: string, application: string): Promise<void>;
  /** It holds something while others subscribe to it than functions of deployments. */
  remove(account: AccountId, name: string): Promise<Removal>;
}

export interface ControlBuses {
  exists(account: AccountId, name: string): boolean;
  list(account: AccountId): readonly BusView[];
  create(account: AccountId, name: string, application: string): Promise<void>;
  /** It holds something while it has rules: functions of deployments need none. */
  remove(account: AccountId, name: string): Promise<Removal>;
}

export interface ControlTables {
  list(account: AccountId): readonly TableView[];
  /** What `put` would come to. Errors: `conflict` for a change that a table cannot be given. */
  wouldPut(account: AccountId, table: DeployedTable): 'created' | 'updated' | 'unchanged';
  put(account: AccountId, table: DeployedTable, application: string, nowMs: number): Promise<void>;
  /** It holds something while it has items, or is protected. */
  remove(account: AccountId, name: string): Promise<Removal>;
}

export type LogQuery = {
  account: AccountId;
  /** Undefined: every function. */
  functionName: string | undefined;
  sinceMs: number;
  /** Absent: to the end. */
  untilMs?: number;
  /** The last so many that match, oldest first. */
  limit: number;
  requestId: string | undefined;
};

export type KeyRotation = {
  /** Absent where the data folder's own is replaced. */
  newKeyFile: string | undefined;
  /** Sessions of before are over, but for those of functions' environments. */
  endsSessions: boolean;
};

export type ControlParts = {
  version: string;
  region: string;
  /** Whose limits hold for functions that name none. */
  limits: LimitProfileName;
  /** Names of the operator's services that functions may be attached to. */
  privateServices: readonly string[];
  mode: 'serve' | 'dev';
  dataFolder: string;
  startedMs: number;
  /** Known only once both listen. */
  ports(): { apiPort: number; httpPort: number };
  clock: Clock;
  ids: Ids;
  keys: {
    report(): KeyringReport;
    rotate(rotation: KeyRotation): Promise<KeyringReport & { resealed: Resealed }>;
  };
  audit: Pick<AuditLog, 'record' | 'page' | 'verify'>;
  accounts: Accounts;
  /** A key for the account's first user, who may everything there; those that he had stop. */
  giveAdministrator(account: AccountId): Promise<AccountKey>;
  /** What else an account has that it is not removed with: how many of what, in the singular. */
  held(account: AccountId): readonly (readonly [count: number, what: string])[];
  /** Its users, groups, roles and policies are gone. */
  forgetIdentities(account: AccountId): Promise<void>;
  /** What somebody may do of himself. */
  standingOf(principal: Principal): Standing;
  signers: BundleSigners;
  packages: {
    /** Those that a version's code and layers are made of. */
    of(resolved: Resolved): Promise<Package[]>;
    advisories: Advisories;
  };
  /** What permissions are explained and judged from. */
  review: ReviewParts;
  records: Records;
  registry: Registry & {
    /** Size of the zip; undefined: no such bundle. */
    bundleBytes(hash: BundleHash): number | undefined;
  };
  /** Whether targets, subscriptions, destinations, rotations or waiting events call this version by its number, or may. */
  isNamedElsewhere(account: AccountId, functionName: string, version: VersionId): Promise<boolean>;
  layers: Pick<Layers, 'find' | 'byArn'>;
  bindings: Bindings;
  buckets: ControlBuckets;
  queues: ControlQueues;
  topics: ControlTopics;
  buses: ControlBuses;
  tables: ControlTables;
  mails: Pick<Mails, 'list' | 'get' | 'raw'>;
  invoker: Invoker;
  /** Accepts an event for later: on disk once resolved. */
  enqueue(invocation: AsyncInvocation): Promise<void>;
  environments(account: AccountId, functionName: string): { busy: number; idle: number };
  /** Resolves when as many environments of the version are ready as it is to have, or will not be soon. */
  provisioned(account: AccountId, functionName: string, version: VersionId): Promise<void>;
  deadLetters: {
    count(account: AccountId, functionName: string): Promise<number>;
    list(account: AccountId, functionName: string, limit: number): Promise<readonly unknown[]>;
  };
  deliveries: Pick<DeliveryHistory, 'list' | 'story'>;
  deadLetterPlaces: Pick<DeadLetters, 'places' | 'list' | 'get' | 'redrive' | 'purge'>;
  telemetry: Telemetry;
  logs: { read(query: LogQuery): Promise<readonly LogLine[]> };
  /** `month`: `2026-01`. */
  bill(account: AccountId, month: string): Promise<unknown>;
  usage(account: AccountId, month: string): AsyncIterable<unknown>;
  /** Of one request, in order. */
  attempts(account: AccountId, requestId: string): Promise<readonly UsageRow[]>;
  /** Why environments of a version begin with no template; undefined: they do, or may. */
  whyNoTemplate(account: AccountId, functionName: string, version: VersionId): string | undefined;
  starts: {
    history: Pick<EnvironmentHistory, 'find' | 'latestWaitedFor'>;
    counts: Pick<StartCounts, 'each' | 'minutes'>;
  };
  capabilities(): Promise<readonly Capability[]>;
  /** Throws `unavailable` where nothing new can be kept; absent: there is always room. */
  requireRoom?: () => void;
  /** Whether there is; absent: there always is. */
  hasRoom?: () => boolean;
  runtimes(): Promise<readonly RuntimeReport[]>;
  /** Releases that this machine has had of the runtimes that functions use. */
  releases(): readonly ReleaseView[];
  /** Why this machine cannot run it, and what to do; undefined when it can. */
  missingRuntime(name: RuntimeName): Promise<string | undefined>;
  /** What is wrong with the platform itself, for the health check; absent: nothing. */
  problems?: () => readonly string[];
  /** Prometheus text. */
  metrics(): string | Promise<string>;
  /** Only where the console asks for one (serve). */
  issueConsoleToken?: (bearer: Bearer) => { token: string; expiresMs: number };
  /** Only in dev: everything gone, at once. */
  reset?: () => Promise<void>;
};

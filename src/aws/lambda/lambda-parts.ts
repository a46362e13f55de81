import type { AsyncInvocation } from '../../events/asynchronous.ts';
import type { DeliverPermission } from '../../events/deliver-permission.ts';
import type { Draining } from '../../events/draining.ts';
import type { ProcessingResults } from '../../events/processing-results.ts';
import type { ReceivePermission } from '../../events/receive-permission.ts';
import type { Invoker } from '../../invoke/invoke.ts';
import type { Bindings } from '../../registry/binding.ts';
import type { Architecture } from '../../registry/function.ts';
import type { Layers } from '../../registry/layers.ts';
import type { OpenRegistry } from '../../registry/open-registry.ts';
import type { Resolved } from '../../registry/registry.ts';
import type { Buckets } from '../../resources/bucket.ts';
import type { EventBuses } from '../../resources/event-bus/event-buses.ts';
import type { Queues } from '../../resources/queue.ts';
import type { TableStreams } from '../../resources/stream/table-streams.ts';
import type { Topics } from '../../resources/topic.ts';
import type { Provided } from '../../runners/runners.ts';
import type { RuntimeReleases } from '../../runners/runtime-releases.ts';
import type { Records } from '../../store/records.ts';
import type { LogTails } from '../../telemetry/log-tail.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import type { AccountId, BundleHash, Ids } from '../../util/ids.ts';
import type { InTurn } from '../../util/in-turn.ts';
import type { RuntimeName } from '../../util/runtime-names.ts';
import type { KeyUse } from '../key-use.ts';
import type { EnvironmentKeys } from './environment-key.ts';
import type { RuntimeFinding } from './version-states.ts';

/** What the operations work with. */
export type LambdaParts = {
  records: Records;
  registry: OpenRegistry;
  layers: Layers;
  bindings: Bindings;
  buckets: Buckets;
  /** Keys of S3, for code that lies encrypted in a bucket; absent: there are none. */
  objectKeys?: Pick<KeyUse, 'decrypt'>;
  queues: Queues;
  /** Which mappings still run something of before they were changed; absent: nobody knows. */
  draining?: Pick<Draining, 'of'>;
  topics: Topics;
  buses: EventBuses;
  invoker: Invoker;
  /** Invocations at once of an account. */
  concurrencyMax(account: AccountId): number;
  /** Whether IAM has the role, and the role does not let Lambda have it. */
  isRefusedByRole(roleArn: string): boolean;
  /** Tables' streams, which mappings read. */
  tableStreams: TableStreams;
  /** What came of what mappings read of them. */
  streamResults: Pick<ProcessingResults, 'of'>;
  /** Whether a function's role lets Lambda read its queue or stream. */
  receiving: Pick<ReceivePermission, 'whyNot'>;
  /** For variables under customers' keys; absent: there are none. */
  environmentKeys?: EnvironmentKeys;
  /** Whether a function's role lets Lambda send its records and dead letters; absent: nobody has a role. */
  delivering?: DeliverPermission;
  /** Accepts an event for asynchronous invocation: durable once resolved. */
  enqueue(invocation: AsyncInvocation): Promise<void>;
  /** How far provisioned concurrency of a version has come. */
  provided(resolved: Resolved): Provided;
  telemetry: Telemetry;
  logTails: LogTails;
  /** What this machine can run, and why not the rest. */
  runtimes: () => Promise<readonly RuntimeFinding[]>;
  /** Why environments of a runtime cannot begin with a template here; undefined: they can. */
  templatesRefused: (runtime: RuntimeName) => string | undefined;
  /** Which patch release of its runtime a version has. */
  releases: Pick<RuntimeReleases, 'current' | 'settled' | 'pin'>;
  /** An address from which a bundle's zip can be had without credentials, for ten minutes. `endpoint`: where the caller reached us. */
  codeLocation(endpoint: string, bundle: BundleHash): string;
  /** This machine's. */
  architecture: Architecture;
  /** Where function URLs are served. */
  httpPort: () => number;
  region: string;
  /** Changes that are checked against others of the account, and must not overtake them: mappings, shares of its concurrency. */
  inTurn: InTurn;
  clock: Clock;
  ids: Ids;
};

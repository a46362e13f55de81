/** Our own API, given what it asks of the rest of the house. */
import type { ConsoleTokens } from './console/console-token.ts';
import { createControl, type Control } from './control/control.ts';
import type { ControlParts } from './control/control-parts.ts';
import type { Asynchronous } from './events/asynchronous.ts';
import type { Conservation } from './events/conservation.ts';
import { keepBills } from './metering/kept-bills.ts';
import type { Meter } from './metering/meter.ts';
import type { Registry } from './registry/registry.ts';
import { controlTables } from './control-tables.ts';
import type { Identities } from './resources/iam/identities.ts';
import { Advisories } from './resources/packages/advisories.ts';
import { createPackageLists } from './resources/packages/package-lists.ts';
import type { OpenRunners } from './runners/open-runners.ts';
import type { RuntimeReleases } from './runners/runtime-releases.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import type { DiskRoom } from './store/disk-room.ts';
import type { Log } from './store/log.ts';
import type { Store } from './store/store.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { functionArn, type AccountId, type Ids, type RequestId, type VersionId } from './util/ids.ts';
import type { Resolved } from './registry/registry.ts';
import type { Sealer } from './util/sealer.ts';
import { forgetIdentities, giveAdministrator } from './account-administrators.ts';
import { controlBuckets, controlBuses, controlQueues, controlTopics } from './control-engines.ts';
import { conservationCapability } from './conservation-capability.ts';
import { wireDeadLetters } from './dead-letters-wired.ts';
import { diskCapability } from './disk-capability.ts';
import { storeCapability } from './store-capability.ts';
import type { Engines } from './engines-wired.ts';
import type { ExplainedStarts } from './explained-starts.ts';
import type { WiredKeys } from './keys-wired.ts';
import { whenProvided } from './keep-provisioned.ts';
import { isVersionNamed } from './named-versions.ts';

/** What goes through as it is. */
type Same =
  | 'accounts'
  | 'held'
  | 'standingOf'
  | 'review'
  | 'signers'
  | 'version'
  | 'region'
  | 'limits'
  | 'privateServices'
  | 'mode'
  | 'dataFolder'
  | 'ports'
  | 'audit'
  | 'clock'
  | 'ids'
  | 'records'
  | 'registry'
  | 'layers'
  | 'bindings'
  | 'mails'
  | 'invoker'
  | 'enqueue'
  | 'deliveries'
  | 'telemetry'
  | 'logs'
  | 'capabilities'
  | 'reset';

/** What it looks at, and makes for a deployment. */
type Used = 'buckets' | 'queues' | 'topics' | 'buses' | 'schedules' | 'pipes' | 'secrets' | 'tables';

export type ControlWiring = Pick<ControlParts, Same> &
  Pick<Engines, Used> & {
    ids: Ids;
    registry: Registry;
    log: Log;
    sandbox: Sandbox;
    asynchronous: Asynchronous;
    runners: OpenRunners;
    releases: RuntimeReleases;
    explained: ExplainedStarts;
    meter: Meter;
    metrics: Metrics;
    room: DiskRoom;
    conservation: Conservation;
    refusal: Store['refusal'];
    consoleTokens: ConsoleTokens;
    identities: Identities;
    sealer: Sealer;
    keys: Pick<WiredKeys, 'report' | 'rotate' | 'capability'>;
  };

export function wireControl(parts: ControlWiring): Control {
  const { version, region, limits, mode, dataFolder, ports, audit, clock, ids, records, registry, layers, bindings } =
    parts;
  const {
    accounts,
    held,
    standingOf,
    review,
    mails,
    invoker,
    enqueue,
    deliveries,
    telemetry,
    logs,
    capabilities,
    reset,
  } = parts;
  const { log, sandbox, asynchronous, runners, releases, explained, meter, metrics, room, conservation, keys } = parts;

  const packageLists = createPackageLists();
  const resolve = (owner: AccountId, name: string, ofVersion: VersionId): Resolved | undefined =>
    registry.resolve(owner, name, ofVersion, ids.uuid() as RequestId);
  return createControl({
    version,
    region,
    limits,
    privateServices: parts.privateServices,
    mode,
    dataFolder,
    startedMs: clock.now(),
    ports,
    audit,
    accounts,
    held,
    giveAdministrator: (account) => giveAdministrator(parts, account),
    forgetIdentities: (account) => forgetIdentities(parts, account),
    standingOf,
    review,
    signers: parts.signers,
    packages: {
      of: ({ bundlePath, layersPath }) => packageLists([bundlePath, ...(layersPath === undefined ? [] : [layersPath])]),
      advisories: new Advisories({ records }),
    },
    keys,
    clock,
    ids,
    records,
    registry,
    isNamedElsewhere: (owner, name, ofVersion) => isVersionNamed(parts, owner, name, ofVersion),
    layers,
    bindings,
    buckets: controlBuckets(parts.buckets),
    queues: controlQueues(parts.queues),
    topics: controlTopics(parts.topics),
    buses: controlBuses(parts.buses),
    tables: controlTables(parts.tables),
    mails,
    invoker,
    enqueue,
    environments: (owner, name) => runners.counts(functionArn(region, owner, name)),
    async provisioned(owner, name, ofVersion) {
      const resolved = resolve(owner, name, ofVersion);
      const count = registry.get(owner, name)?.extras.provisioned[ofVersion]?.count ?? 0;
      if (resolved !== undefined) await whenProvided(runners, resolved, count, clock);
    },
    deadLetters: {
      count: (owner, functionName) => asynchronous.deadLetterCount(owner, functionName),
      list: (owner, functionName, limit) => asynchronous.deadLetters(owner, functionName, limit),
    },
    deliveries,
    deadLetterPlaces: wireDeadLetters({
      buses: parts.buses,
      schedules: parts.schedules,
      records,
      log,
      registry,
      queues: parts.queues,
      topics: parts.topics,
      asynchronous,
      clock,
      ids,
    }),
    telemetry,
    logs,
    bill: keepBills(clock, (owner, month) => meter.bill({ account: owner, month })),
    usage: (owner, month) => meter.usage({ account: owner, month }),
    attempts: (owner, requestId) => meter.attempts(owner, requestId),
    whyNoTemplate(owner, name, ofVersion) {
      const resolved = resolve(owner, name, ofVersion);
      return resolved === undefined ? undefined : runners.whyNoTemplate(resolved);
    },
    starts: explained,
    async capabilities() {
      await room.look();
      await conservation.check();
      return [
        ...(await capabilities()),
        diskCapability(room, dataFolder),
        await storeCapability(parts),
        keys.capability(),
        conservationCapability(conservation),
      ];
    },
    requireRoom: () => room.require(),
    hasRoom: () => room.full === undefined,
    runtimes: () => sandbox.runtimes(),
    releases: () => releases.list(),
    missingRuntime: async (name) => {
      const found = await sandbox.release(name);
      return 'missing' in found ? found.missing : undefined;
    },
    problems: () => [
      ...(parts.refusal() === undefined ? [] : ['the disk refuses what is written: mayfly doctor says how']),
      ...(conservation.differences.length === 0 ? [] : ['events do not add up: mayfly doctor says where']),
    ],
    metrics: async () => metrics.prometheus() + (await conservation.prometheus()),
    ...(mode === 'serve' ? { issueConsoleToken: parts.consoleTokens.issue } : {}),
    ...(reset === undefined ? {} : { reset }),
  });
}

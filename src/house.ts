/** The store and everything that lives on it, wired: one of these stands between the listeners while the platform runs. */
import { join } from 'node:path';
import { createApiPort } from './api-port.ts';
import type { SideOf } from './aws/authorization.ts';
import { createAwsHandler, type AwsHandlerOptions } from './aws/dispatch.ts';
import { createCloudtrailService } from './aws/cloudtrail/cloudtrail.ts';
import { createCodeLocations } from './aws/lambda/code-location.ts';
import { createLambdaService } from './aws/lambda/lambda.ts';
import { notificationDestination } from './aws/s3/notification-destination.ts';
import { createS3Service } from './aws/s3/s3.ts';
import { createStsService } from './aws/sts/sts.ts';
import { createTrustSide } from './aws/sts/trust-side.ts';
import { createControlDoor } from './control-door.ts';
import { createConsole } from './console/console.ts';
import { DeliveryHistory } from './deliveries/delivery-history.ts';
import { Conservation } from './events/conservation.ts';
import { functionPermission } from './events/function-permission.ts';
import { bucketInterest } from './events/bucket-interest.ts';
import { bucketSource } from './events/bucket.ts';
import { deliverPermission } from './events/deliver-permission.ts';
import { Draining } from './events/draining.ts';
import { queueSource } from './events/queue.ts';
import { scheduleSource } from './events/schedule.ts';
import { receivePermission } from './events/receive-permission.ts';
import { startSources } from './events/source.ts';
import { createAuthenticate } from './identity/authenticate.ts';
import { Meter } from './metering/meter.ts';
import { openLayers } from './registry/layers.ts';
import { openBindings } from './registry/open-bindings.ts';
import { openRegistry } from './registry/open-registry.ts';
import { openBuckets } from './resources/bucket/open-buckets.ts';
import { Accounts } from './resources/accounts.ts';
import { Identities } from './resources/iam/identities.ts';
import { BundleSigners } from './resources/bundle-signers.ts';
import { Mails } from './resources/mail.ts';
import { UsedPermissions } from './resources/used-permissions.ts';
import type { KeepPolicy } from './runners/predict/keeper.ts';
import type { Capability, OutputLine, Sandbox } from './sandbox/sandbox.ts';
import { DiskRoom } from './store/disk-room.ts';
import { MessageKeys } from './store/message-keys.ts';
import { sealMessages } from './store/sealed-messages.ts';
import type { FolderLock } from './store/sqlite/folder-lock.ts';
import { openSqliteStore } from './store/sqlite/open-sqlite-store.ts';
import { openLogFiles } from './telemetry/log-files.ts';
import { LogTails } from './telemetry/log-tail.ts';
import { Metrics } from './telemetry/metrics.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import type { Clock } from './util/clock.ts';
import { messageOf } from './util/errors.ts';
import type { HttpHandler } from './util/http.ts';
import { type AccountId, type EnvironmentId, type Ids } from './util/ids.ts';
import { createInTurn } from './util/in-turn.ts';
import type { PrivateService } from './util/network-access.ts';
import { defaultLimitProfile, type LimitProfileName } from './util/limit-profiles.ts';
import { within } from './util/within.ts';
import { explainStarts } from './explained-starts.ts';
import { functionSides } from './function-grants.ts';
import { wireAudit } from './audit-wired.ts';
import { wireBucketPolicies } from './buckets-wired.ts';
import { wireBuses } from './buses-wired.ts';
import { wireControl } from './control-wired.ts';
import type { MasterKeySource } from './identity/master-key.ts';
import { wireInvoking } from './invoking-wired.ts';
import { wireKeys } from './keys-wired.ts';
import { wireKms } from './kms-wired.ts';
import { wireMessageKeys } from './message-keys-wired.ts';
import { wireRunners } from './runners-wired.ts';
import { wirePublic } from './public-wired.ts';
import { wireQueues } from './queues-wired.ts';
import { wireNotices } from './notices-wired.ts';
import { wireServiceCalls } from './service-calls-wired.ts';
import { wireSecrets } from './secrets-wired.ts';
import { wireStreams } from './streams-wired.ts';
import { forgetUseOfRemoved, notePermissionUse } from './permission-use.ts';
import { wireReview } from './review-wired.ts';
import { wireTables } from './tables-wired.ts';
import { wireIdentities } from './identities-wired.ts';
import { wireMail, type MailSettings } from './mail-wired.ts';
import { wireTopics } from './topics-wired.ts';

export type HouseOptions = {
  dataFolder: string;
  folderLock: FolderLock;
  /** The program's own version. */
  version: string;
  mode: 'serve' | 'dev';
  /** Whose limits hold for functions that name none. Default: Lambda's. */
  limitProfile?: LimitProfileName;
  clock: Clock;
  ids: Ids;
  sandbox: Sandbox;
  capabilities: () => Promise<Capability[]>;
  prebooted: number;
  /** How long idle environments are kept; absent: as calls are expected. */
  keep?: KeepPolicy;
  /** What idle and pre-booted environments may hold altogether; absent: a share of the machine's memory. */
  warmBytesMax?: number;
  ports: () => { apiPort: number; httpPort: number };
  /** Where the master key is from; absent: the data folder. */
  masterKey?: MasterKeySource;
  /** Absent: mails are kept, and none arrive. */
  mail?: MailSettings;
  /** Issuers of tokens that may be at private addresses, or without TLS. */
  privateIssuers?: readonly string[];
  /** What functions may be attached to by name. */
  privateServices?: readonly PrivateService[];
  log: (message: string) => void;
  reset?: () => Promise<void>;
};

export type House = {
  /** The API port: AWS's wire APIs, our own, the console. */
  api: HttpHandler;
  /** The public side. */
  http: HttpHandler;
  /** A line that a function printed. */
  output(environment: EnvironmentId, line: OutputLine): void;
  /** Where mail arrives for functions, once it does. */
  smtpPort(): Promise<number>;
  /** Takes up no more events, and sees through those that it has taken, for at most `drainMs`. Requests are served on. */
  stopEvents(drainMs: number): Promise<void>;
  /** Lets what runs finish for at most `drainMs`, and ends the rest; everything acknowledged is on disk afterwards. */
  close(drainMs: number): Promise<void>;
};

/** What telemetry still holds at the end is written, unless the disk refuses for this long. */
const flushMsMax = 10_000;
const account = '000000000000' as AccountId;
const region = 'us-east-1';

const noMail: MailSettings = { listen: '127.0.0.1' };
/** The queue source, the bucket source …: one more kind is one more line. */
const sources = [bucketSource, queueSource, scheduleSource];

export async function openHouse(options: HouseOptions): Promise<House> {
  const { dataFolder, mode, clock, ids, sandbox, log } = options;
  const report = (message: string, cause: unknown): void => log(`${message}: ${messageOf(cause)}`);
  await using opening = new AsyncDisposableStack();
  const room = opening.use(new DiskRoom({ folder: dataFolder, clock, log }));
  const requireRoom = (): void => room.require();
  const keys = await wireKeys(options);
  const opened = opening.use(await openSqliteStore({ folder: dataFolder, lock: options.folderLock, clock, room }));
  const resealing = await keys.records(opened.records);
  const messageKeys = await MessageKeys.open({ records: resealing, sealer: keys.sealer, clock, ids, report });
  const store = { ...opened, ...sealMessages({ log: opened.log, records: resealing }, messageKeys, report) };
  const { records, blobs } = store;
  const conservation = opening.use(new Conservation({ log: store.log, clock, alarm: log }));

  const telemetry = new Telemetry();
  opening.defer(async () => {
    const isWritten = await within(flushMsMax, telemetry.flush(), clock);
    if (!isWritten) log('the disk takes nothing: the last usage rows of synchronous calls are lost');
  });
  const logs = openLogFiles({ folder: join(dataFolder, 'logs'), clock, onError: log });
  const metrics = new Metrics();
  const meter = new Meter({ records, clock, onError: log });
  const logTails = new LogTails();
  for (const sink of [logs, metrics, meter, logTails]) telemetry.attach(sink);

  const { administrator, sessions, sealer, consoleTokens } = keys;
  const accounts = await Accounts.open({ records, clock, ids, operator: account });
  const audit = opening.use(wireAudit({ records, account, accounts, clock, ids, report }));
  const identities = opening.use(await Identities.open({ records, sealer, clock, report }));
  const serviceCalls = wireServiceCalls({ region, apiPort: () => options.ports().apiPort, requireRoom, log });
  const { authorization } = serviceCalls;
  const kms = opening.use(await wireKms({ records, region, sealer, clock, ids, report, authorization }));
  const limitProfile = options.limitProfile ?? defaultLimitProfile;
  const bundleSigners = await BundleSigners.open({ records });
  const registry = await openRegistry({
    signers: bundleSigners,
    records,
    blobs,
    folder: dataFolder,
    region,
    clock,
    ids,
    sealer,
    limitProfile,
  });
  const { standingOf, roles, isRefusedByRole, ...iam } = wireIdentities({
    region,
    accounts,
    identities,
    registry,
    // Of the version that lives there, which after a rollback is not the newest.
    grantsOf: ({ environmentId }) => runners.inhabitant(environmentId)?.version.settings,
    sides: () => sides,
    sealer,
    clock,
    ids,
  });
  const { queueKeys, topicKeys, ...messagingKeys } = wireMessageKeys({ region, kms, identities, registry, ...iam });
  const layers = await openLayers({ records, region, clock, ids });
  const explained = opening.use(await explainStarts({ records, clock, ids, telemetry, registry }));
  const deliveryHistory = opening.use(new DeliveryHistory({ records, clock, accounts: () => accounts.ids() }));
  telemetry.attach(deliveryHistory);
  const bindings = await openBindings({ records });
  const wiredQueues = opening.use(
    await wireQueues({ mode, records, log: store.log, clock, ids, keysFor: queueKeys, report }),
  );
  const { queues } = wiredQueues;
  const wiredTables = opening.use(await wireTables({ records, region, sealer, ...kms, telemetry, clock, ids, report }));
  const mails = await Mails.open({ ...store, clock, ids });
  const topics = await wireTopics({
    ...store,
    dataFolder,
    region,
    registry,
    bindings,
    queues,
    mails,
    sealer,
    keys: messagingKeys,
    keysFor: topicKeys,
    clock,
    ids,
  });
  const buses = await wireBuses({
    ...store,
    keys: messagingKeys,
    region,
    registry,
    queues,
    topics: topics.topics,
    tableStreams: wiredTables.tableStreams,
    serviceCalls: serviceCalls.calls,
    roles,
    sealer,
    clock,
    ids,
  });
  const secrets = await wireSecrets({
    mode,
    region,
    records,
    registry,
    buses: buses.buses,
    sealer,
    keyUse: kms.keyUse,
    authorization,
    clock,
    ids,
    report,
  });
  const told = await wireNotices({
    records,
    topics: topics.topics,
    queues,
    buses: buses.buses,
    keys: messagingKeys,
    region,
    report,
  });
  const wantsEvents = bucketInterest(bindings, told.notices);
  const buckets = opening.use(await openBuckets({ records, blobs, clock, ids, wantsEvents, sealer }));

  const mail = opening.use(
    await wireMail({
      ...store,
      region,
      account,
      settings: options.mail ?? noMail,
      buckets,
      mails,
      topics: topics.topics,
      keys: messagingKeys,
      clock,
      ids,
      report,
    }),
  );

  const codeLocations = createCodeLocations({
    sign: keys.signCodeLocation,
    read: (bundle) => registry.bundleZip(bundle),
    clock,
  });
  const page = await createConsole();
  const signers = {
    administrator,
    sessions,
    account,
    identities,
    clock,
    noteAccount: (id: AccountId) => accounts.note(id),
  };
  const authenticate = createAuthenticate({ mode, ...signers });

  const { releases, runners } = opening.use(
    await wireRunners({
      ...options,
      region,
      records,
      registry,
      sessions,
      resolveReferences: secrets.resolveReferences,
      explained,
      telemetry,
      report,
    }),
  );

  const delivering = deliverPermission({ registry, identities, roles, region, ids });
  const { openInvoker, invoker, asynchronous, enqueue } = opening.use(
    await wireInvoking({
      ...store,
      mode,
      region,
      accounts,
      registry,
      layers,
      runners,
      queues,
      buckets,
      topics: topics.topics,
      buses: buses.buses,
      delivering,
      keys: messagingKeys,
      telemetry,
      requireRoom,
      clock,
      ids,
      tell: log,
      report,
    }),
  );
  const draining = new Draining();
  const streams = wireStreams({
    tableStreams: wiredTables.tableStreams,
    unlock: wiredTables.unlock,
    queues,
    buckets,
    topics: topics.topics,
    buses: buses.buses,
    delivering,
    keys: messagingKeys,
    clock,
  });
  const receiving = receivePermission({ registry, identities, roles, region, ids });
  const bucketPolicies = wireBucketPolicies(buckets, standingOf);
  const sides: readonly SideOf[] = [
    bucketPolicies.side,
    topics.side,
    wiredQueues.side,
    streams.side,
    wiredTables.side,
    buses.side,
    secrets.side,
    kms.side,
    functionSides(registry),
    createTrustSide({ identities }),
  ];
  const sourcesOfServices = [topics.source, mail.source, streams.source, ...buses.sources, ...secrets.sources];
  const running = startSources([...sources, ...sourcesOfServices], {
    region,
    log: store.log,
    records,
    bindings,
    queues,
    invoker,
    asynchronous,
    draining,
    receiving,
    delivering,
    keys: messagingKeys,
    telemetry,
    clock,
    ids,
    notices: told.noticeSender,
    report,
  });
  let stopped: Promise<unknown> | undefined;
  const stopEvents = (): Promise<unknown> =>
    (stopped ??= Promise.all([running[Symbol.asyncDispose](), asynchronous[Symbol.asyncDispose]()]));
  opening.defer(async () => void (await stopEvents()));

  const usedPermissions = opening.use(await UsedPermissions.open({ records, clock, report }));
  forgetUseOfRemoved(usedPermissions, registry);
  const used = notePermissionUse(usedPermissions);
  const served: AwsHandlerOptions = {
    services: [
      createS3Service({
        keyUse: kms.keyUse('s3'),
        policiesAsk: bucketPolicies.ask,
        buckets,
        bindings,
        ...told,
        destination: notificationDestination(functionPermission(registry, ids)),
        clock,
        ids,
      }),
      iam.service,
      createStsService({ identities, sessions, privateIssuers: options.privateIssuers ?? [], clock }),
      wiredQueues.service,
      wiredTables.service,
      streams.service,
      topics.service,
      ...mail.services,
      ...buses.services,
      ...secrets.services,
      kms.service,
      createCloudtrailService({ audit: audit.log }),
      createLambdaService({
        objectKeys: kms.keyUse('s3'),
        environmentKeys: { keyUse: kms.keyUse('lambda'), functionPrincipal: iam.functionPrincipal },
        records,
        registry,
        layers,
        bindings,
        buckets,
        queues,
        draining,
        topics: topics.topics,
        buses: buses.buses,
        invoker,
        concurrencyMax: (owner) => accounts.concurrencyMax(owner),
        enqueue,
        provided: (resolved) => runners.provided(resolved),
        telemetry,
        logTails,
        runtimes: () => sandbox.runtimes(),
        templatesRefused: (runtime) => sandbox.templatesRefused(runtime),
        releases,
        codeLocation: codeLocations.url,
        architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
        httpPort: () => options.ports().httpPort,
        region,
        isRefusedByRole,
        receiving,
        delivering,
        tableStreams: wiredTables.tableStreams,
        streamResults: streams.results,
        inTurn: createInTurn(),
        clock,
        ids,
      }),
    ],
    authenticate,
    audit: audit.call,
    isSuspended: (owner) => accounts.isSuspended(owner),
    standingOf,
    used,
    sides,
    causeOf: (environment) => invoker.runningIn(environment)?.cause,
    requireRoom,
    clock,
    ids,
    region,
    onError: (error, where) =>
      log(
        `unexpected in ${where.service} ${where.operation ?? '?'} (request ${where.requestId}): ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      ),
  };
  const aws = createAwsHandler(serviceCalls.serve(served, identities));
  const admin = wireControl({
    ...options,
    ...store,
    audit: audit.log,
    accounts,
    held: (owner) => [
      [buses.schedules.list(owner).length, 'schedule'],
      [buses.pipes.list(owner).length, 'pipe'],
      [wiredTables.tables.list(owner).length, 'table'],
      [secrets.secrets.list(owner).length, 'secret'],
      [secrets.parameters.list(owner).length, 'parameter'],
      [kms.keys.list(owner).filter(({ manager }) => manager === 'CUSTOMER').length, 'key'],
    ],
    standingOf,
    signers: bundleSigners,
    review: wireReview({
      region,
      accounts,
      identities,
      registry,
      used: usedPermissions,
      sides: served.sides ?? [],
      buckets,
      queues,
      topics: topics.topics,
      buses: buses.buses,
      secrets: secrets.secrets,
      tables: wiredTables.tables,
      keys: kms.keys,
      clock,
      ids,
    }),
    identities,
    sealer,
    region,
    limits: limitProfile,
    privateServices: options.privateServices?.map(({ name }) => name) ?? [],
    registry,
    layers,
    bindings,
    buckets,
    queues,
    topics: topics.topics,
    buses,
    secrets: secrets.secrets,
    tables: wiredTables.tables,
    mails,
    invoker,
    asynchronous,
    enqueue,
    runners,
    releases,
    explained,
    deliveries: deliveryHistory,
    telemetry,
    logs,
    meter,
    metrics,
    room,
    conservation,
    consoleTokens,
    keys,
  });

  const publicSide = await wirePublic({
    ...store,
    region,
    bindings,
    registry,
    invoker,
    asynchronous,
    buses: buses.buses,
    telemetry,
    requireRoom,
    // Also where everything else trusts this machine: whether an address is closed shall show while it is made.
    authenticate: createAuthenticate({ mode: 'serve', ...signers }),
    standingOf,
    used,
    refused: audit.urlRefused,
    clock,
    ids,
    report,
  });

  const control = createControlDoor({
    control: admin,
    authenticate,
    account,
    refused: audit.controlRefused,
    acceptToken: consoleTokens.accept,
  });

  const parts = opening.move();
  return {
    api: createApiPort({ console: page, control, code: codeLocations.handler, certificate: topics.certificate, aws }),
    http: publicSide,
    output(environmentId, line) {
      const inhabitant = runners.inhabitant(environmentId);
      if (inhabitant === undefined) return;
      const { account: owner, name, version: ofVersion } = inhabitant.version;
      telemetry.emit({
        kind: 'log',
        origin: 'function',
        account: owner,
        functionName: name,
        version: ofVersion,
        environmentId,
        ...line,
      });
    },
    smtpPort: mail.port,
    stopEvents: async (drainMs) => void (await within(drainMs, stopEvents(), clock)),
    async close(drainMs) {
      const drained = openInvoker.drain();
      await within(drainMs, Promise.all([drained, stopEvents()]), clock);
      // What still runs is ended, and has its usage row before the store closes.
      await runners[Symbol.asyncDispose]();
      await within(flushMsMax, drained, clock);
      await parts.disposeAsync();
    },
  };
}

/** The store and everything that lives on it, wired: one of these stands between the listeners while the platform runs. */
import { createApiPort } from './api-port.ts';
import { createCodeLocations } from './aws/lambda/code-location.ts';
import { createControlDoor } from './control-door.ts';
import { createConsole } from './console/console.ts';
import { DeliveryHistory } from './deliveries/delivery-history.ts';
import { bucketSource } from './events/bucket.ts';
import { deliverPermission } from './events/deliver-permission.ts';
import { Draining } from './events/draining.ts';
import { queueSource } from './events/queue.ts';
import { scheduleSource } from './events/schedule.ts';
import { receivePermission } from './events/receive-permission.ts';
import { startSources } from './events/source.ts';
import { createAuthenticate } from './identity/authenticate.ts';
import type { MasterKeySource } from './identity/master-key.ts';
import { openLayers } from './registry/layers.ts';
import { openBindings } from './registry/open-bindings.ts';
import { openRegistry } from './registry/open-registry.ts';
import { Accounts } from './resources/accounts.ts';
import { BundleSigners } from './resources/bundle-signers.ts';
import { Identities } from './resources/iam/identities.ts';
import { UsedPermissions } from './resources/used-permissions.ts';
import type { KeepPolicy } from './runners/predict/keeper.ts';
import type { Capability, OutputLine, Sandbox } from './sandbox/sandbox.ts';
import type { FolderLock } from './store/sqlite/folder-lock.ts';
import type { Clock } from './util/clock.ts';
import { messageOf } from './util/errors.ts';
import type { HttpHandler } from './util/http.ts';
import { type AccountId, type EnvironmentId, type Ids } from './util/ids.ts';
import { defaultLimitProfile, type LimitProfileName } from './util/limit-profiles.ts';
import type { PrivateService } from './util/network-access.ts';
import { within } from './util/within.ts';
import { wireAudit } from './audit-wired.ts';
import { wireAws } from './aws-wired.ts';
import { wireControl } from './control-wired.ts';
import { wireEngines } from './engines-wired.ts';
import { explainStarts } from './explained-starts.ts';
import { wireIdentities } from './identities-wired.ts';
import { wireInvoking } from './invoking-wired.ts';
import { wireKms } from './kms-wired.ts';
import type { MailSettings } from './mail-wired.ts';
import { wireMessageKeys } from './message-keys-wired.ts';
import { forgetUseOfRemoved, notePermissionUse } from './permission-use.ts';
import { wirePublic } from './public-wired.ts';
import { wireReview } from './review-wired.ts';
import { wireRunners } from './runners-wired.ts';
import { wireServiceCalls } from './service-calls-wired.ts';
import { wireStore } from './store-wired.ts';
import { flushMsMax, wireTelemetry } from './telemetry-wired.ts';

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

const account = '000000000000' as AccountId;
const region = 'us-east-1';

/** Beside those that come with their service: one more kind is one more line. */
const sources = [bucketSource, queueSource, scheduleSource];

export async function openHouse(options: HouseOptions): Promise<House> {
  const { dataFolder, mode, clock, ids, sandbox, log } = options;
  const report = (message: string, cause: unknown): void => log(`${message}: ${messageOf(cause)}`);
  await using opening = new AsyncDisposableStack();
  const { room, keys, store, conservation } = opening.use(await wireStore({ ...options, report }));
  const { records, blobs } = store;
  const requireRoom = (): void => room.require();
  const told = opening.use(wireTelemetry({ dataFolder, records, clock, log }));
  const { telemetry } = told;

  const { administrator, sessions, sealer, consoleTokens } = keys;
  const accounts = await Accounts.open({ records, clock, ids, operator: account });
  const audit = opening.use(wireAudit({ records, account, accounts, clock, ids, report }));
  const identities = opening.use(await Identities.open({ records, sealer, clock, report }));
  const serviceCalls = wireServiceCalls({ region, apiPort: () => options.ports().apiPort, requireRoom, log });
  const { authorization } = serviceCalls;
  const kms = opening.use(await wireKms({ records, region, sealer, clock, ids, report, authorization }));
  const limitProfile = options.limitProfile ?? defaultLimitProfile;
  const signers = await BundleSigners.open({ records });
  const registry = await openRegistry({
    signers,
    records,
    blobs,
    folder: dataFolder,
    region,
    clock,
    ids,
    sealer,
    limitProfile,
  });
  const iam = wireIdentities({
    region,
    accounts,
    identities,
    registry,
    // Of the version that lives there, which after a rollback is not the newest.
    grantsOf: ({ environmentId }) => runners.inhabitant(environmentId)?.version.settings,
    sides: () => aws.sides,
    sealer,
    clock,
    ids,
  });
  const { standingOf, roles } = iam;
  const messageKeys = wireMessageKeys({ region, kms, identities, registry, ...iam });
  const layers = await openLayers({ records, region, clock, ids });
  const explained = opening.use(await explainStarts({ records, clock, ids, telemetry, registry }));
  const deliveries = opening.use(new DeliveryHistory({ records, clock, accounts: () => accounts.ids() }));
  telemetry.attach(deliveries);
  const bindings = await openBindings({ records });
  const delivering = deliverPermission({ registry, identities, roles, region, ids });
  const wired = opening.use(
    await wireEngines({
      ...store,
      mode,
      dataFolder,
      region,
      account,
      ...(options.mail !== undefined && { mail: options.mail }),
      registry,
      bindings,
      sealer,
      kms,
      messageKeys,
      authorization,
      standingOf,
      serviceCalls: serviceCalls.calls,
      roles,
      delivering,
      telemetry,
      clock,
      ids,
      report,
    }),
  );
  const { engines } = wired;

  const codeLocations = createCodeLocations({
    sign: keys.signCodeLocation,
    read: (bundle) => registry.bundleZip(bundle),
    clock,
  });
  const page = await createConsole();
  const authenticating = {
    administrator,
    sessions,
    account,
    identities,
    clock,
    noteAccount: (id: AccountId) => accounts.note(id),
  };
  const authenticate = createAuthenticate({ mode, ...authenticating });

  const { releases, runners } = opening.use(
    await wireRunners({
      ...options,
      region,
      records,
      registry,
      sessions,
      resolveReferences: wired.resolveReferences,
      explained,
      telemetry,
      report,
    }),
  );
  const { openInvoker, invoker, asynchronous, enqueue } = opening.use(
    await wireInvoking({
      ...store,
      ...engines,
      mode,
      region,
      accounts,
      registry,
      layers,
      runners,
      delivering,
      keys: messageKeys,
      telemetry,
      requireRoom,
      clock,
      ids,
      tell: log,
      report,
    }),
  );
  const draining = new Draining();
  const receiving = receivePermission({ registry, identities, roles, region, ids });
  const running = startSources([...sources, ...wired.sources], {
    region,
    log: store.log,
    records,
    bindings,
    queues: engines.queues,
    invoker,
    asynchronous,
    draining,
    receiving,
    delivering,
    keys: messageKeys,
    telemetry,
    clock,
    ids,
    notices: wired.noticeSender,
    report,
  });
  let stopped: Promise<unknown> | undefined;
  const stopEvents = (): Promise<unknown> =>
    (stopped ??= Promise.all([running[Symbol.asyncDispose](), asynchronous[Symbol.asyncDispose]()]));
  opening.defer(async () => void (await stopEvents()));

  const usedPermissions = opening.use(await UsedPermissions.open({ records, clock, report }));
  forgetUseOfRemoved(usedPermissions, registry);
  const used = notePermissionUse(usedPermissions);
  const aws = wireAws({
    wired,
    iam,
    kms,
    audit,
    serviceCalls,
    accounts,
    identities,
    sessions,
    ...(options.privateIssuers !== undefined && { privateIssuers: options.privateIssuers }),
    authenticate,
    standingOf,
    used,
    records,
    registry,
    layers,
    bindings,
    invoker,
    enqueue,
    draining,
    receiving,
    delivering,
    runners,
    releases,
    sandbox,
    telemetry,
    logTails: told.logTails,
    codeLocation: codeLocations.url,
    httpPort: () => options.ports().httpPort,
    requireRoom,
    region,
    clock,
    ids,
    log,
  });
  const admin = wireControl({
    ...options,
    ...store,
    ...engines,
    ...told,
    audit: audit.log,
    accounts,
    held: (owner) => [
      ...wired.held(owner),
      [kms.keys.list(owner).filter(({ manager }) => manager === 'CUSTOMER').length, 'key'],
    ],
    standingOf,
    signers,
    review: wireReview({
      ...engines,
      region,
      accounts,
      identities,
      registry,
      used: usedPermissions,
      sides: aws.sides,
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
    invoker,
    asynchronous,
    enqueue,
    runners,
    releases,
    explained,
    deliveries,
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
    buses: engines.buses,
    telemetry,
    requireRoom,
    // Also where everything else trusts this machine: whether an address is closed shall show while it is made.
    authenticate: createAuthenticate({ mode: 'serve', ...authenticating }),
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
    api: createApiPort({
      console: page,
      control,
      code: codeLocations.handler,
      certificate: wired.certificate,
      aws: aws.handler,
    }),
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
    smtpPort: wired.smtpPort,
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

/**
 * The composition root: the one place that knows every part. It opens the sandbox and the two listeners, and between
 * them a house (house.ts): the store and everything that lives on it.
 */
import description from '../package.json' with { type: 'json' };
import { rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Host } from './cli/command.ts';
import { openDoctorFolder } from './doctor-folder.ts';
import type { EndpointFile } from './endpoint-file.ts';
import { Listener, publicListenerLimits } from './gateway/listener.ts';
import { SpareTurns } from './gateway/spare-turns.ts';
import { openHouse, type House } from './house.ts';
import { rehearse } from './rehearsal.ts';
import type { MasterKeySource } from './identity/master-key.ts';
import { openIsolation } from './sandbox/process/isolation/isolation.ts';
import { openProcessSandbox } from './sandbox/process/process-sandbox.ts';
import { installRuntime } from './sandbox/process/runtimes/install-runtime.ts';
import type { KeepPolicy } from './runners/predict/keeper.ts';
import type { Capability, RuntimeReport } from './sandbox/sandbox.ts';
import { lockFolder } from './store/sqlite/folder-lock.ts';
import { ByteBudget } from './util/byte-budget.ts';
import { systemClock } from './util/clock.ts';
import type { HttpHandler } from './util/http.ts';
import { randomIds } from './util/ids.ts';
import type { LimitProfileName } from './util/limit-profiles.ts';
import type { PrivateService } from './util/network-access.ts';

export type PlatformOptions = {
  /** Everything that survives is in here. */
  dataFolder: string;
  /** 0: any free port. */
  apiPort: number;
  httpPort: number;
  /** Address to listen on; loopback unless told otherwise. */
  listen: string;
  mode: 'serve' | 'dev';
  /** Whose limits hold for functions that name none. Default: Lambda's. */
  limitProfile?: LimitProfileName;
  /** Generic environments kept ready for each kind of runtime that is deployed. Default 2. */
  prebooted?: number;
  /** How long idle environments are kept, of functions that do not say. Default: as their calls are expected. */
  keep?: KeepPolicy;
  /** What idle and pre-booted environments and templates may hold altogether. Default: a share of the memory. */
  warmBytesMax?: number;
  /** How processes enter control groups on this machine is left as it is, also where it serves. */
  keepsControlGroupMounts?: boolean;
  /** Where the master key is from. Default: the data folder. */
  masterKey?: MasterKeySource;
  /** Issuers of tokens that may be at private addresses, or without TLS. */
  privateIssuers?: readonly string[];
  /** What functions may be attached to by name, in the operator's own network. */
  privateServices?: readonly PrivateService[];
  /** `smtp://host:25`; absent: mails stay in the mailbox. */
  smtpRelay?: string;
  /** Where mail for functions arrives; 0: any free port. Absent: nowhere. */
  smtpPort?: number;
  /** What the operator should know, a line at a time. */
  log?: (message: string) => void;
};

export type Platform = { apiPort: number; httpPort: number; smtpPort?: number; close(): Promise<void> };

const prebootedDefault = 2;
/** Who develops has no bursts of strangers' first calls, and sees every link that the machine has. */
const networksReadyInDev = 16;
/** On the way out: how long requests, and invocations in flight, may take, all together. */
const drainMsMax = 30_000;
/**
 * Of requests that are kept whole until they are answered: a sixteenth of the memory, since each is there twice at times (as it came,
 * and as an event), and at most what a thousand requests of one megabyte are.
 */
const heldShare = 1 / 16;
const heldBytesMax = 1024 * 1024 * 1024;
/** Listening takes no time; what has not come to it by then will not. */
const listenMsMax = 5_000;
/** Who starts it to ask something at once is not to wait for that. */
const rehearsalAfterMs = 500;
const projectRoot = join(import.meta.dirname, '..');
const { version } = description;

/** `endpoint`: where its start has been announced. */
export async function openPlatform(options: PlatformOptions, endpoint: EndpointFile): Promise<Platform> {
  const { dataFolder, mode, listen } = options;
  const log = options.log ?? (() => undefined);
  const [clock, ids] = [systemClock, randomIds];

  await using opening = new AsyncDisposableStack();
  opening.use(endpoint);
  const spareTurns = new SpareTurns(clock);
  // Before anything is swept: a platform that runs on the folder already, and was started again by mistake, loses nothing.
  const folderLock = opening.use(await lockFolder(dataFolder));
  await endpoint.held();
  const isolation = opening.use(
    await openIsolation({
      folder: join(dataFolder, 'run'),
      clock,
      ...(options.privateServices === undefined ? {} : { privateServices: options.privateServices }),
      quickensMoves: mode === 'serve' && options.keepsControlGroupMounts !== true,
      ...(mode === 'dev' ? { networksReady: networksReadyInDev } : {}),
      hasTime: () => spareTurns.areSpare,
      log,
    }),
  );
  // Requests are answered only once the house stands; those out of environments cannot come before.
  let house: House | undefined;
  const sandbox = opening.use(
    await openProcessSandbox({
      isolation,
      clock,
      projectRoot,
      releasesFolder: join(dataFolder, 'runtimes'),
      archivesFolder: join(dataFolder, 'archives'),
      events: {
        output: (environment, line) => house?.output(environment, line),
        connection: (environment, socket) => apiListener.attach(socket, environment),
      },
    }),
  );

  for (const { name, status, finding } of await sandbox.capabilities()) {
    if (status === 'missing')
      log(`no function can run here, ${name} is missing: ${finding} (mayfly doctor says what to do)`);
  }

  const report = (error: unknown): void =>
    log(`unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const through =
    (door: 'api' | 'http'): HttpHandler =>
    (request) =>
      house === undefined ? Promise.resolve(starting) : house[door](request);
  const budget = new ByteBudget(Math.min(heldBytesMax, Math.floor(totalmem() * heldShare)));
  const shared = { clock, onError: report, budget, spareTurns };
  const apiListener = opening.use(new Listener({ handler: through('api'), ...shared }));
  const httpListener = opening.use(new Listener({ handler: through('http'), ...shared, limits: publicListenerLimits }));
  const ports = { apiPort: 0, httpPort: 0 };

  const build = (): Promise<House> =>
    openHouse({
      dataFolder,
      folderLock,
      version,
      mode,
      clock,
      ids,
      sandbox,
      capabilities: () => sandbox.capabilities(),
      prebooted: options.prebooted ?? prebootedDefault,
      ...(options.keep === undefined ? {} : { keep: options.keep }),
      ...(options.warmBytesMax === undefined ? {} : { warmBytesMax: options.warmBytesMax }),
      mail: {
        listen,
        ...(options.smtpRelay === undefined ? {} : { relay: options.smtpRelay }),
        ...(options.smtpPort === undefined ? {} : { port: options.smtpPort }),
      },
      ports: () => ports,
      ...(options.masterKey === undefined ? {} : { masterKey: options.masterKey }),
      ...(options.privateIssuers === undefined ? {} : { privateIssuers: options.privateIssuers }),
      ...(options.privateServices === undefined ? {} : { privateServices: options.privateServices }),
      ...(options.limitProfile === undefined ? {} : { limitProfile: options.limitProfile }),
      log,
      ...(mode === 'dev' ? { reset } : {}),
    });
  /** All state gone, at once: the house is taken down and built again on an empty folder. Credentials stay. */
  async function rebuild(): Promise<void> {
    const old = house;
    house = undefined;
    await old?.close(0);
    const gone = ['mayfly.db', 'mayfly.db-wal', 'mayfly.db-shm', 'blobs', 'bundles', 'logs'];
    await Promise.all(gone.map((name) => rm(join(dataFolder, name), { recursive: true, force: true })));
    house = await build();
  }
  /** Who asks while it is under way is answered by the same one. */
  let rebuilding: Promise<void> | undefined;
  function reset(): Promise<void> {
    rebuilding ??= rebuild().finally(() => (rebuilding = undefined));
    return rebuilding;
  }

  house = await build();
  opening.defer(() => house?.close(0));
  ports.apiPort = (await apiListener.listen(options.apiPort, listen)).port;
  ports.httpPort = (await httpListener.listen(options.httpPort, listen)).port;
  await endpoint.ready({ ...ports, listen, pid: process.pid, mode });

  const smtpPort = options.smtpPort === undefined ? undefined : await listeningPort(house.smtpPort(), options.smtpPort);
  const rehearsal = new AbortController();
  let over: Promise<void> | undefined;
  const rehearsed = clock.schedule(rehearsalAfterMs, () => {
    const hasTime = (): boolean => spareTurns.areSpare && apiListener.counts.inFlight === 0;
    const rehearsing = rehearse({ folder: dataFolder, clock, ids, hasTime, signal: rehearsal.signal });
    over = rehearsing.then(
      () => undefined,
      (error: unknown) => report(error),
    );
  });
  opening.defer(async () => {
    rehearsed.cancel();
    rehearsal.abort();
    await over;
  });
  const parts = opening.move();
  return {
    ...ports,
    ...(smtpPort === undefined ? {} : { smtpPort }),
    async close() {
      const endMs = clock.monotonicMs() + drainMsMax;
      // Keeps the process alive to the end: what closes may wait for nothing but a timer of the clock, and those do not.
      const alive = setInterval(() => undefined, drainMsMax);
      try {
        await endpoint[Symbol.asyncDispose]();
        // First what makes functions run, then what they ask for while they do.
        await Promise.all([httpListener.close(drainMsMax), house?.stopEvents(drainMsMax)]);
        await apiListener.close(Math.max(0, endMs - clock.monotonicMs()));
        await parts.disposeAsync();
      } finally {
        clearInterval(alive);
      }
    },
  };
}

/** The port where mail arrives. Throws where it cannot be listened to, which has been reported. */
async function listeningPort(port: Promise<number>, wanted: number): Promise<number> {
  const waiting = new AbortController();
  const found = await Promise.race([port, setTimeout(listenMsMax, undefined, { signal: waiting.signal })]);
  waiting.abort();
  if (found === undefined) throw new Error(`the SMTP port ${wanted} cannot be listened to`);
  return found;
}

const starting = {
  status: 503,
  headers: { 'content-type': 'application/json', 'retry-after': '1' },
  body: '{"message":"Service Unavailable"}',
};

/** For `mayfly runtimes install`. */
export const installRuntimeHere: Host['installRuntime'] = (name, progress) =>
  installRuntime(name, { projectRoot, progress, isRoot: process.getuid?.() === 0 });

/**
 * What this machine offers, without starting anything: for `mayfly doctor` where no platform runs. Rejects when it is to stop, once
 * nothing is left of what it tried.
 */
export async function inspectHost(
  signal: AbortSignal,
): Promise<{ capabilities: Capability[]; runtimes: RuntimeReport[] }> {
  signal.throwIfAborted();
  await using opening = new AsyncDisposableStack();
  // Of its own: in a data folder a platform may run that does not answer.
  const { path: folder } = opening.use(await openDoctorFolder(systemClock));
  signal.throwIfAborted();
  const isolation = opening.use(await openIsolation({ folder, clock: systemClock }));
  signal.throwIfAborted();
  await using sandbox = await openProcessSandbox({
    isolation,
    clock: systemClock,
    projectRoot,
    events: { output: () => undefined, connection: (_environment, socket) => socket.destroy() },
  });
  signal.throwIfAborted();
  const report = { capabilities: await sandbox.capabilities(), runtimes: await sandbox.runtimes() };
  signal.throwIfAborted();
  return report;
}

/**
 * The platform's own part of a first call, done some dozens of times before anybody asks: until then V8 has compiled nothing of it and
 * seen no shapes, and the first calls after a start would pay for that, a quarter to a third of the processor time of each.
 * docs/decisions/074-before-anybody-asks.md has the figures.
 *
 * It is the real way, from a listener to an environment and back, past everything that anybody could see: functions that nobody
 * has, telemetry that nobody hears, a store in memory, and environments without processes (sandbox/process/stand-in.ts).
 */
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createGateway } from './gateway/gateway.ts';
import { Listener } from './gateway/listener.ts';
import { createTemporaryCredentials } from './identity/temporary-credentials.ts';
import { Admission } from './invoke/admit.ts';
import { IdempotentInvoker } from './invoke/idempotent-invoker.ts';
import { OpenInvoker } from './invoke/open-invoker.ts';
import { openBindings } from './registry/open-bindings.ts';
import { noExtras, type FunctionVersion } from './registry/function.ts';
import type { Resolved } from './registry/registry.ts';
import { OpenRunners } from './runners/open-runners.ts';
import { bootKind } from './runners/version-key.ts';
import type { Isolation } from './sandbox/process/process.ts';
import { openProcessSandbox } from './sandbox/process/process-sandbox.ts';
import { nodeRuntime } from './sandbox/process/runtimes/node/node-runtime.ts';
import { meetingPath, openStandIn } from './sandbox/process/stand-in.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import { openMemoryStore } from './store/memory/open-memory-store.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import type { Clock } from './util/clock.ts';
import { functionArn, type AccountId, type BundleHash, type Ids, type VersionId } from './util/ids.ts';
import { createFunctionVariables } from './function-variables.ts';

/** Each of another function, so that each is a first one. V8's first compiler takes what was called some dozens of times. */
const calls = 64;
/** Environments that are ready at once: each holds two sockets. */
const prebooted = 8;
/** Between two looks whether there is time for the next, or an environment. */
const lookEveryMs = 10;
/** Where there has been no time for so long, others have called often enough. */
const lastsMsMax = 600_000;
/** What the kernel takes as the path of a socket; under a longer one nothing is rehearsed. */
const socketPathBytesMax = 107;
/** Where its calls come in: no port, which anybody on the machine could call. Shorter than where its environments meet. */
const doorPath = (folder: string): string => join(folder, 'door');
const answer = '{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{}"}';
const region = 'us-east-1';
const account = '000000000000' as AccountId;

export type RehearsalOptions = {
  /** Where it has a folder with its sockets while it lasts. */
  folder: string;
  clock: Clock;
  ids: Ids;
  /** Nobody else has anything to do just now: looked at before each call. */
  hasTime: () => boolean;
  /** Ends it before its time. */
  signal: AbortSignal;
};

/** How many calls were answered. */
export async function rehearse({ folder, clock, ids, hasTime, signal }: RehearsalOptions): Promise<number> {
  const own = join(folder, 'rehearsal');
  if (Buffer.byteLength(meetingPath(own)) > socketPathBytesMax) return 0;
  const untilMs = clock.monotonicMs() + lastsMsMax;
  await using parts = new AsyncDisposableStack();
  const isolation = parts.use(await openStandIn(own, Buffer.from(answer)));
  const sandbox = parts.use(await openSandbox(isolation, clock));
  const telemetry = new Telemetry();
  const sessions = createTemporaryCredentials(Buffer.from(ids.hex(32), 'hex'), ids, undefined, setImmediate);
  const functionVariables = createFunctionVariables({ region, sessions });
  const runners = parts.use(
    new OpenRunners({
      sandbox,
      clock,
      ids,
      telemetry,
      variablesFor(resolved, environmentId, initialization) {
        const { environment } = resolved.version.settings;
        return functionVariables(resolved, environmentId, { nowMs: clock.now(), initialization, environment });
      },
      keep: { kind: 'predicted', season: true },
      warmBytesMax: Infinity,
      environmentsMax: calls + prebooted,
      prebootedEach: prebooted,
      startsAtOnceMax: 1,
      warn: () => {},
    }),
  );
  const functions = Array.from({ length: calls }, (_, n) => functionOf(`rehearsal-${n}`));
  const byName = new Map(functions.map((one) => [one.function.name, one]));
  const registry = { resolve: (_account: AccountId, name: string) => byName.get(name), byUrlId: () => undefined };
  const { records } = openMemoryStore({ clock });
  const admission = new Admission(() => calls);
  const openInvoker = new OpenInvoker({ registry, runners, telemetry, clock, admission, report: () => {} });
  const invoker = parts.use(new IdempotentInvoker({ invoker: openInvoker, registry, records, telemetry, clock }));
  const bindings = await openBindings({ records });
  for (const name of byName.keys())
    await bindings.put({
      id: name,
      account,
      functionName: name,
      qualifier: 'live',
      application: 'rehearsal',
      createdMs: 0,
      source: { kind: 'http', method: 'GET', path: `/${name}` },
    });
  const nobody = (): never => {
    throw new Error('nobody signs in a rehearsal');
  };
  const handler = createGateway({
    bindings,
    registry,
    invoker,
    telemetry,
    region,
    clock,
    ids,
    authenticate: nobody,
    standingOf: nobody,
  });
  const listener = parts.use(new Listener({ handler, clock, onError: () => {} }));
  const door = doorPath(own);
  await listener.listenAt(door);
  const isOver = (): boolean => signal.aborted || clock.monotonicMs() > untilMs;
  let answered = 0;
  for (const [name, { version }] of byName) {
    runners.want([bootKind(version.settings)]);
    while (!isOver() && (!hasTime() || runners.counts().prebooted === 0)) await setTimeout(lookEveryMs);
    if (isOver()) break;
    if (await isAnswered(door, `/${name}`)) answered += 1;
  }
  return answered;
}

function openSandbox(isolation: Isolation, clock: Clock): Promise<Sandbox> {
  const nothing = { version: '', from: '', command: () => [], mounts: [] };
  return openProcessSandbox({
    isolation,
    clock,
    projectRoot: '/nowhere',
    runtimes: [{ ...nodeRuntime('nodejs26.x', '/nowhere'), find: () => Promise.resolve(nothing) }],
    events: { output: () => {}, connection: (_environment, socket) => socket.destroy() },
  });
}

/** As a client does that has no connection yet. */
async function isAnswered(door: string, path: string): Promise<boolean> {
  const socket = connect(door);
  // Whatever becomes of it: it is over.
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  // Not `once`, which rejects at an error: that is no reason for the others not to be made.
  await new Promise((resolve) => socket.on('close', resolve));
  return text.startsWith('HTTP/1.1 200 ');
}

function functionOf(name: string): Resolved {
  const arn = functionArn(region, account, name);
  const common = { account, name, arn, createdMs: 0, revisionId: '' };
  const version: FunctionVersion = {
    ...common,
    version: '1' as VersionId,
    settingsHash: '',
    settings: {
      runtime: 'nodejs26.x',
      handler: 'index.handler',
      memoryMb: 128,
      timeoutMs: 3_000,
      environment: {},
      bundle: '0'.repeat(64) as BundleHash,
      network: 'internet',
      ephemeralMb: 512,
      permissions: [],
      attemptsMax: 3,
      eventAgeMaxMs: 3_600_000,
    },
  };
  const record = { ...common, latest: version, versionLast: 1, aliases: {}, modifiedMs: 0, extras: noExtras };
  return { version, function: record, bundlePath: '/nowhere' };
}

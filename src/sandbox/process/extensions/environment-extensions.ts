/**
 * One environment's extensions, as its environment sees them: whom it waits for, what they are told and when, and what
 * telemetry goes to them. Answers everything at the Runtime API's address but the Runtime API itself.
 *
 *   init:      external ones start → all have registered → the runtime loads the code → all ask for their next event
 *   invoke:    INVOKE to all who want it → the answer → all of them ask for the next
 *   shutdown:  the runtime ends → SHUTDOWN to all who want it → they end, or the time is over
 *
 * Without external extensions there is no attendant: then there is nothing to start, and no telemetry.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../util/clock.ts';
import { isObject } from '../../../util/field.ts';
import type { EnvironmentId } from '../../../util/ids.ts';
import {
  extensionRecord,
  initReportRecord,
  initRuntimeDoneRecord,
  initStartRecord,
  isShown,
  platformJson,
  reportRecord,
  runtimeDoneRecord,
  startRecord,
  telemetrySubscriptionRecord,
  type PlatformRecord,
  type RecordStatus,
} from '../../../telemetry/platform-record.ts';
import type { FunctionVersion } from '../../../registry/function.ts';
import type {
  Failure,
  FunctionError,
  InitSpec,
  InvokeOutcome,
  InvokeRequest,
  OutputLine,
  Usage,
} from '../../sandbox.ts';
import { Attendant, attendantPath, type ProcessExit } from './attendant.ts';
import { Extensions, extensionsMax, extensionsRoot, type Extension, type ShutdownReason } from './extensions.ts';
import { readBody, refuse, type InsideApi, type InsideSession } from './inside-api.ts';
import { logsPath, parseSubscription, telemetryPath, TelemetrySubscriptions } from './telemetry-subscriptions.ts';

export type EnvironmentExtensionsOptions = {
  environmentId: EnvironmentId;
  /** Names of the external ones: files in /opt/extensions. */
  external: readonly string[];
  clock: Clock;
  api: InsideApi;
  /** Answers requests to the Runtime API; absent: this runtime is not one that uses it. */
  runtimeApi: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined;
  output(line: Pick<OutputLine, 'text' | 'origin'>): void;
  /** The environment is of no use any more. */
  failed(error: FunctionError): void;
  runtimeExited(exit: ProcessExit): void;
  /** The attendant is gone, and all else with it. */
  lost(): void;
};

/** From the documentation: what external extensions have for their end, and what of it the runtime has. */
const shutdownMsMax = 2_000;
const runtimeShutdownMsMax = 300;
const subscriptionBytesMax = 64 * 1024;
const runtimeRoot = '/2018-06-01/';
/** What extensions are not given. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html */
const variablesKeptBack: readonly string[] = [
  '_HANDLER',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_XRAY_CONTEXT_MISSING',
  'AWS_XRAY_DAEMON_ADDRESS',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
];

export class EnvironmentExtensions implements InsideSession {
  readonly #options: EnvironmentExtensionsOptions;
  readonly #extensions: Extensions;
  readonly #attendant: Attendant | undefined;
  readonly #subscriptions: TelemetrySubscriptions;
  readonly #sockets = new Set<Socket>();
  #version: FunctionVersion | undefined;
  /** Told with the first invocation after it. */
  #initMs: number | undefined;
  #initializationType = 'on-demand';
  #isStarted = false;
  #isInitialised = false;
  #isShuttingDown = false;
  #isClosed = false;
  #runtimeHasExited = false;
  /** Called when `isDue` says so. */
  #waiter: { isDue: () => boolean; go: () => void } | undefined;

  constructor(options: EnvironmentExtensionsOptions) {
    this.#options = options;
    this.#extensions = new Extensions(options.environmentId, {
      changed: () => this.#look(),
      failed: (extension, error) => this.#failed(extension, error),
    });
    this.#attendant =
      options.external.length === 0
        ? undefined
        : new Attendant({
            launchFailed: (name, why) => this.#extensions.launchFailed(name, why),
            exited: (name, exit) => this.#extensions.exited(name, exitText(exit), this.#isShuttingDown),
            runtimeExited: (exit) => {
              this.#runtimeHasExited = true;
              this.#look();
              options.runtimeExited(exit);
            },
            output: (name, text) => this.#printed(name, text),
            lost: () => {
              if (!this.#isClosed) options.lost();
            },
          });
    this.#subscriptions = new TelemetrySubscriptions({
      clock: options.clock,
      deliver: async (parcel) => (await this.#attendant?.deliver(parcel)) ?? false,
    });
  }

  /** The environment is up only when its attendant is. */
  get connected(): Promise<void> {
    return this.#attendant?.connected ?? Promise.resolve();
  }

  get isAttended(): boolean {
    return this.#attendant !== undefined;
  }

  get #isJson(): boolean {
    return this.#version?.settings.logging?.format === 'json';
  }

  /** Some of them have registered: the handler's turn is theirs, too. */
  get arePresent(): boolean {
    return this.#extensions.size > 0;
  }

  get areBusy(): boolean {
    return !this.#extensions.areWaiting;
  }

  /** Nothing waits for them, nor is on its way to them. */
  get areQuiet(): boolean {
    return !this.areBusy && this.#subscriptions.areDelivered;
  }

  /** Somebody is to be told of the end. */
  get wantShutdown(): boolean {
    return this.#isStarted && this.#extensions.toShutDown.length > 0;
  }

  /** Reads nothing more of what they print, until `readOn`. */
  stopReading(): void {
    this.#attendant?.pause();
  }

  readOn(): void {
    this.#attendant?.resume();
  }

  accept(socket: Socket): void {
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    this.#options.api.accept(socket, this);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path.startsWith(extensionsRoot))
      void this.#extensions.handle(request, response, path.slice(extensionsRoot.length));
    else if (path === telemetryPath || path === `${telemetryPath}/`) void this.#subscribe(request, response);
    else if (path === logsPath)
      refuse(response, 403, 'Logs.NotSupported', 'The Logs API is not here: subscribe to the Telemetry API');
    else if (!path.startsWith(runtimeRoot))
      refuse(response, 404, 'NotFound', `${request.method} ${path} is in none of the APIs here`);
    else if (this.#options.runtimeApi === undefined)
      refuse(response, 403, 'InvalidStateTransition', 'The runtime of this function has no need of the Runtime API');
    else void this.#options.runtimeApi(request, response);
  }

  upgrade(request: IncomingMessage, socket: Duplex): void {
    if (request.url === attendantPath && this.#attendant !== undefined) this.#attendant.accept(socket);
    else socket.destroy();
  }

  /** `load`: called once all external extensions have registered. */
  init({ version }: InitSpec, variables: Readonly<Record<string, string>>, load: () => void): void {
    const { external } = this.#options;
    this.#version = version;
    this.#initializationType = variables['AWS_LAMBDA_INITIALIZATION_TYPE'] ?? this.#initializationType;
    this.#isStarted = true;
    this.#extensions.open(version, external);
    if (this.#attendant === undefined) return load();
    const { name, settings } = version;
    this.#tell(
      initStartRecord(this.#initializationType, { name, version: version.version, runtime: settings.runtime }),
    );
    const kept = Object.entries(variables).filter(([name]) => !variablesKeptBack.includes(name));
    this.#attendant.start(external.slice(0, extensionsMax), Object.fromEntries(kept));
    for (const one of external.slice(extensionsMax))
      this.#extensions.launchFailed(one, `Extension limit (${extensionsMax}) reached`);
    this.#wait(() => this.#extensions.haveRegistered, load);
  }

  /** `go`: called, perhaps at once, when all of them have asked for their next event. */
  loaded(tookMs: () => number, go: () => void): void {
    this.#tell(initRuntimeDoneRecord(this.#initializationType, 'success'));
    this.#wait(
      () => this.#extensions.areWaiting,
      () => {
        this.#isInitialised = true;
        this.#extensions.close();
        this.#subscriptions.initialised();
        for (const extension of this.#extensions.all) this.#describe(extension);
        this.#initMs = tookMs();
        this.#tell(initReportRecord(this.#initializationType, 'success', this.#initMs));
        go();
      },
    );
  }

  /** The environment is about to end. If it was never ready, the log says how far its extensions had come. */
  ending(failure: Failure, tookMs: number): void {
    if (!this.#isStarted || this.#isInitialised) return;
    this.#isInitialised = true;
    for (const extension of this.#extensions.all) if (extension.errorType === undefined) this.#describe(extension);
    this.#tell(initReportRecord(this.#initializationType, doneOf(failure).status, tookMs));
  }

  invoked(request: InvokeRequest): void {
    if (!this.arePresent) return;
    const { deadlineMs, requestId, invokedFunctionArn, traceId } = request;
    this.#tell(startRecord({ requestId, traceId, version: this.#version?.version ?? '' }));
    const tracing = { type: 'X-Amzn-Trace-Id', value: traceId };
    this.#extensions.send('INVOKE', { deadlineMs, requestId, invokedFunctionArn, tracing });
  }

  /** The handler has answered. `go`: called, perhaps at once, when the extensions have finished with it, too. */
  answered(request: InvokeRequest, outcome: InvokeOutcome, tookMs: number, go: () => void): void {
    this.#tellDone(request, outcome, tookMs);
    this.#wait(() => this.#extensions.areWaiting, go);
  }

  /** The handler will not answer any more. */
  cutShort(request: InvokeRequest, failure: Failure, tookMs: number, usage: () => Promise<Usage>): void {
    this.#tellDone(request, failure, tookMs);
    this.reported(request, failure, tookMs, usage);
  }

  #tellDone(request: InvokeRequest, outcome: InvokeOutcome, durationMs: number): void {
    if (this.#attendant === undefined) return;
    const { requestId, traceId } = request;
    this.#tell(runtimeDoneRecord({ ...doneOf(outcome), requestId, traceId, durationMs }));
  }

  /** All of the invocation is over. */
  reported({ requestId }: InvokeRequest, outcome: InvokeOutcome, tookMs: number, usage: () => Promise<Usage>): void {
    if (this.#attendant === undefined) return;
    const { status, errorType } = doneOf(outcome);
    const initDurationMs = this.#initMs;
    this.#initMs = undefined;
    void usage().then(({ memoryBytesMax }) =>
      this.#tell(
        reportRecord({
          requestId,
          status,
          errorType,
          durationMs: tookMs,
          billedDurationMs: Math.max(1, Math.ceil(tookMs)),
          memoryMb: this.#version?.settings.memoryMb ?? 0,
          memoryBytesMax,
          initDurationMs,
        }),
      ),
    );
  }

  printed(text: string): void {
    if (this.#attendant === undefined) return;
    const record = this.#isJson ? (parseObject(text) ?? text) : text;
    this.#subscriptions.take({ type: 'function', timeMs: this.#options.clock.now(), record });
  }

  /** Tells those who want to know that it ends, and waits for their end, within the time that they have. */
  async shutdown(reason: ShutdownReason): Promise<void> {
    const { clock } = this.#options;
    const deadlineMs = clock.now() + shutdownMsMax;
    this.#isShuttingDown = true;
    this.#waiter = undefined;
    this.#attendant?.signalRuntime(reason === 'spindown' ? 'SIGTERM' : 'SIGKILL');
    await this.#until(() => this.#runtimeHasExited, runtimeShutdownMsMax);
    this.#attendant?.signalRuntime('SIGKILL');
    await Promise.race([this.#subscriptions.flush(), this.#until(() => false, runtimeShutdownMsMax)]);
    this.#extensions.send('SHUTDOWN', { shutdownReason: reason, deadlineMs });
    await this.#until(() => this.#extensions.toShutDown.length === 0, deadlineMs - clock.now());
  }

  close(): void {
    this.#isClosed = true;
    this.#waiter = undefined;
    this.#subscriptions.close();
    this.#attendant?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #wait(isDue: () => boolean, go: () => void): void {
    const before = this.#waiter;
    if (isDue()) go();
    else if (before === undefined) this.#waiter = { isDue, go };
    else
      this.#waiter = {
        isDue,
        go: () => {
          before.go();
          go();
        },
      };
  }

  #look(): void {
    const waiter = this.#waiter;
    if (waiter === undefined || !waiter.isDue()) return;
    this.#waiter = undefined;
    waiter.go();
  }

  #until(isDue: () => boolean, ms: number): Promise<void> {
    if (isDue() || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#options.clock.schedule(ms, resolve);
      this.#waiter = {
        isDue,
        go: () => {
          timer.cancel();
          resolve();
        },
      };
    });
  }

  #failed(extension: Extension, error: FunctionError): void {
    this.#describe(extension);
    if (!this.#isShuttingDown) this.#options.failed(error);
  }

  #describe(extension: Extension): void {
    const record = extensionRecord(extension);
    this.#tell(record);
    const { systemLevel } = this.#version?.settings.logging ?? {};
    if (this.#isJson && !isShown(record, systemLevel)) return;
    this.#options.output({
      text: this.#isJson ? platformJson(record, this.#options.clock.now()) : extensionLine(extension),
      origin: 'platform',
    });
  }

  #printed(name: string, text: string): void {
    this.#options.output({ text, origin: 'extension' });
    this.#subscriptions.take({ type: 'extension', timeMs: this.#options.clock.now(), record: text });
  }

  #tell({ type, record }: PlatformRecord): void {
    if (this.#attendant !== undefined) this.#subscriptions.take({ type, record, timeMs: this.#options.clock.now() });
  }

  async #subscribe(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const extension = this.#extensions.identified(request, response);
    if (extension === undefined) return;
    if (request.method !== 'PUT')
      return refuse(response, 405, 'MethodNotAllowed', `${request.method}: PUT is accepted`);
    const body = await readBody(request, subscriptionBytesMax);
    if (body === undefined) return;
    if (this.#attendant === undefined) {
      const why = 'The Telemetry API is for functions with an external extension, a file in /opt/extensions of a layer';
      return refuse(response, 403, 'Telemetry.NotSupported', why);
    }
    if (extension.state === 'Exited' || !this.#extensions.isOpen)
      return refuse(response, 403, 'Telemetry.ServiceClosed', 'Telemetry API subscription is closed already');
    const subscription = parseSubscription(
      body === 'too large' ? undefined : parseObject(Buffer.from(body).toString()),
    );
    if ('wrong' in subscription) return refuse(response, 400, 'ValidationError', subscription.wrong.join('; '));
    this.#subscriptions.subscribe(extension.name, subscription);
    response.writeHead(200, { 'content-type': 'application/json' }).end('"OK"\n');
    this.#tell(telemetrySubscriptionRecord(extension.name, subscription.types));
  }
}

function extensionLine({ name, state, events, errorType }: Extension): string {
  const failed = errorType === undefined ? '' : `\tError Type: ${errorType}`;
  return `EXTENSION\tName: ${name}\tState: ${state}\tEvents: [${events.join(', ')}]${failed}`;
}

function exitText({ code, signal }: ProcessExit): string {
  return signal === undefined ? `exit status ${code ?? 0}` : `signal: ${signal}`;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function doneOf(outcome: InvokeOutcome): { status: RecordStatus; errorType?: string; producedBytes: number } {
  if (outcome.status === 'response')
    return { status: 'success', producedBytes: outcome.streamed?.bytes ?? outcome.payload.byteLength };
  if (outcome.status === 'error') return { status: 'error', errorType: outcome.error.errorType, producedBytes: 0 };
  if (outcome.status === 'timeout') return { status: 'timeout', producedBytes: 0 };
  return { status: 'failure', errorType: 'Runtime.ExitError', producedBytes: 0 };
}

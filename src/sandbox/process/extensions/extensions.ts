/**
 * The Extensions API of one environment, version 2020-01-01: who has registered, for what, and whom we wait for.
 *
 *   started → registered → ready (a `next` is open) ⇄ running → exited          any → failed (said so itself, or died)
 *
 * External ones are programs in /opt/extensions, known before they run; whoever else registers is internal, a part of
 * the runtime's process. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html; names and texts of
 * errors are those of AWS's own emulator. It keeps no time and ends no process: the environment does.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionVersion } from '../../../registry/function.ts';
import { isObject } from '../../../util/field.ts';
import type { FunctionError } from '../../sandbox.ts';
import { accepted, readBody, refuse } from './inside-api.ts';

export type ExtensionEventName = 'INVOKE' | 'SHUTDOWN';
export type ShutdownReason = 'spindown' | 'timeout' | 'failure';
type State = 'Started' | 'Registered' | 'Ready' | 'Running' | 'LaunchError' | 'InitError' | 'ExitError' | 'Exited';

export type Extension = {
  readonly name: string;
  readonly isExternal: boolean;
  /** What it gives with each request. */
  readonly identifier: string;
  state: State;
  events: readonly ExtensionEventName[];
  errorType: string | undefined;
  /** The open `next`. */
  next: ServerResponse | undefined;
  /** What the next `next` is answered with. */
  pending: Readonly<Record<string, unknown>> | undefined;
};

export type ExtensionsEvents = {
  /** Somebody has registered, has asked for its next event, or has ended: whoever waits may look again. */
  changed(): void;
  /** It is of no use any more, and neither is the environment. */
  failed(extension: Extension, error: FunctionError): void;
};

export const extensionsRoot = '/2020-01-01/extension/';
/** Lambda's own figure. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const extensionsMax = 10;
const bodyBytesMax = 64 * 1024;
/** As a file's name. */
const nameLengthMax = 128;

export class Extensions {
  readonly #events: ExtensionsEvents;
  readonly #environmentId: string;
  readonly #byName = new Map<string, Extension>();
  #eventsSent = 0;
  #version: FunctionVersion | undefined;
  /** Lambda closes registration with the initialisation. */
  #isOpen = false;

  constructor(environmentId: string, events: ExtensionsEvents) {
    this.#environmentId = environmentId;
    this.#events = events;
  }

  /** The initialisation begins: `external` will register, others may. */
  open(version: FunctionVersion, external: readonly string[]): void {
    this.#version = version;
    this.#isOpen = true;
    for (const name of external) this.#add(name, true);
  }

  close(): void {
    this.#isOpen = false;
  }

  /** The initialisation is under way. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get all(): readonly Extension[] {
    return [...this.#byName.values()];
  }

  get size(): number {
    return this.#byName.size;
  }

  byIdentifier(identifier: string): Extension | undefined {
    return this.all.find((extension) => extension.identifier === identifier);
  }

  /** Every external one has registered. */
  get haveRegistered(): boolean {
    return this.all.every(({ state }) => state !== 'Started');
  }

  /** Every one has asked for its next event since it registered, or since it was given the last one. */
  get areWaiting(): boolean {
    return this.all.every(({ state }) => state === 'Ready' || state === 'Exited');
  }

  /** Those that are to be told of the end. */
  get toShutDown(): Extension[] {
    return this.all.filter(({ state, events }) => state !== 'Exited' && events.includes('SHUTDOWN'));
  }

  /** To all that have registered for it. */
  send(name: ExtensionEventName, event: Readonly<Record<string, unknown>>): void {
    for (const extension of this.all) {
      if (!extension.events.includes(name) || extension.state === 'Exited') continue;
      extension.pending = { eventType: name, ...event };
      // Busy from now on, also where it has not come back for this yet.
      if (extension.state === 'Ready') extension.state = 'Running';
      this.#deliver(extension);
    }
  }

  /** Its process is gone. */
  exited(name: string, how: string, isExpected: boolean): void {
    const extension = this.#byName.get(name);
    if (extension === undefined || extension.state === 'Exited') return;
    const isFirst = extension.errorType === undefined;
    extension.state = 'Exited';
    extension.next = undefined;
    if (isExpected || !isFirst) this.#events.changed();
    else this.#fail(extension, 'Exited', 'Extension.Crash', how);
  }

  launchFailed(name: string, how: string): void {
    const extension = this.#byName.get(name);
    if (extension !== undefined) this.#fail(extension, 'LaunchError', 'Extension.LaunchError', how);
  }

  async handle(request: IncomingMessage, response: ServerResponse, resource: string): Promise<void> {
    const what = `${request.method} ${resource}`;
    if (what === 'POST register') return this.#register(request, response);
    if (!['GET event/next', 'POST init/error', 'POST exit/error'].includes(what)) {
      return refuse(response, 404, 'NotFound', `${request.method} ${request.url} is not in the Extensions API`);
    }
    const extension = this.identified(request, response);
    if (extension === undefined) return;
    if (what === 'GET event/next') this.#waits(extension, response);
    else await this.#failure(request, response, extension, what === 'POST init/error' ? 'InitError' : 'ExitError');
  }

  /** Who asks; undefined where that has been refused. */
  identified(request: IncomingMessage, response: ServerResponse): Extension | undefined {
    const identifier = request.headers['lambda-extension-identifier'];
    if (typeof identifier !== 'string' || identifier === '') {
      refuse(response, 403, 'Extension.MissingExtensionIdentifier', 'Missing Lambda-Extension-Identifier');
      return undefined;
    }
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(identifier)) {
      refuse(response, 403, 'Extension.InvalidExtensionIdentifier', 'Invalid Lambda-Extension-Identifier');
      return undefined;
    }
    const extension = this.byIdentifier(identifier.toLowerCase());
    if (extension === undefined)
      refuse(response, 403, 'Extension.UnknownExtensionIdentifier', `Unknown extension ${identifier}`);
    return extension;
  }

  async #register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, bodyBytesMax);
    if (body === undefined) return;
    const name = request.headers['lambda-extension-name'];
    if (typeof name !== 'string' || name === '' || name.length > nameLengthMax)
      return refuse(response, 403, 'Extension.InvalidExtensionName', 'Empty extension name');
    const events = body === 'too large' ? undefined : parseEvents(body);
    if (events === undefined)
      return refuse(response, 403, 'InvalidRequestFormat', 'the body is a JSON object such as {"events": ["INVOKE"]}');
    const known = this.#byName.get(name);
    for (const event of events) {
      if (!isEventName(event))
        return refuse(response, 403, 'Extension.InvalidEventType', `${event}: ErrorInvalidEventType`);
      if (event === 'SHUTDOWN' && known?.isExternal !== true) {
        const why = `${event}: ShutdownEventNotSupportedForInternalExtension`;
        return refuse(response, 403, 'Extension.InvalidEventType', why);
      }
    }
    if (known === undefined && !this.#isOpen)
      return refuse(response, 403, 'Extension.RegistrationClosed', 'Extension registration closed already');
    if (known !== undefined && !known.isExternal)
      return refuse(response, 403, 'Extension.InvalidExtensionState', 'Extension with this name already registered');
    if (known !== undefined && known.state !== 'Started') return refuseTransition(response, known, 'Registered');
    if (known === undefined && this.size >= extensionsMax)
      return refuse(response, 403, 'Extension.TooManyExtensions', `Extension limit (${extensionsMax}) reached`);
    const extension = known ?? this.#add(name, false);
    extension.events = events.filter(isEventName);
    extension.state = 'Registered';
    this.#welcome(request, response, extension);
    this.#events.changed();
  }

  #welcome(request: IncomingMessage, response: ServerResponse, extension: Extension): void {
    const version = this.#version;
    const features = String(request.headers['lambda-extension-accept-feature'] ?? '').split(',');
    const body = {
      functionName: version?.name,
      functionVersion: version?.version,
      handler: version?.settings.handler,
      ...(features.some((feature) => feature.trim() === 'accountId') && { accountId: version?.account }),
    };
    const headers = { 'content-type': 'application/json', 'lambda-extension-identifier': extension.identifier };
    response.writeHead(200, headers).end(JSON.stringify(body));
  }

  #waits(extension: Extension, response: ServerResponse): void {
    const { state } = extension;
    if (state !== 'Registered' && state !== 'Ready' && state !== 'Running')
      return refuseTransition(response, extension, 'Ready');
    if (extension.next !== undefined) return refuseTransition(response, extension, 'Ready');
    extension.next = response;
    response.on('close', () => {
      if (extension.next === response) extension.next = undefined;
    });
    if (extension.pending === undefined) extension.state = 'Ready';
    else this.#deliver(extension);
    this.#events.changed();
  }

  #deliver(extension: Extension): void {
    const { next, pending } = extension;
    if (next === undefined || pending === undefined) return;
    extension.next = undefined;
    extension.pending = undefined;
    extension.state = 'Running';
    this.#eventsSent += 1;
    const identifier = identifierOf(this.#environmentId, `${extension.name}/${this.#eventsSent}`);
    const headers = { 'content-type': 'application/json', 'lambda-extension-event-identifier': identifier };
    next.writeHead(200, headers).end(JSON.stringify(pending));
  }

  async #failure(
    request: IncomingMessage,
    response: ServerResponse,
    extension: Extension,
    state: 'InitError' | 'ExitError',
  ): Promise<void> {
    const body = await readBody(request, bodyBytesMax);
    if (body === undefined) return;
    const header = request.headers['lambda-extension-function-error-type'];
    if (typeof header !== 'string' || header === '') {
      return refuse(response, 403, 'Extension.MissingHeader', 'Lambda-Extension-Function-Error-Type not found');
    }
    if (state === 'InitError' && !this.#isOpen) return refuseTransition(response, extension, state);
    accepted(response);
    this.#fail(extension, state, `Extension.${state}`, header);
  }

  /** The first failure counts. */
  #fail(extension: Extension, state: State, errorType: string, errorMessage: string): void {
    if (extension.errorType !== undefined) return;
    extension.state = state;
    extension.errorType = errorType;
    this.#events.failed(extension, { errorType, errorMessage });
  }

  #add(name: string, isExternal: boolean): Extension {
    const extension: Extension = {
      name,
      isExternal,
      identifier: identifierOf(this.#environmentId, name),
      state: 'Started',
      events: [],
      errorType: undefined,
      next: undefined,
      pending: undefined,
    };
    this.#byName.set(name, extension);
    return extension;
  }
}

function parseEvents(body: Uint8Array): string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
  // Lambda has given up configurationKeys, and refuses them.
  if (!isObject(value) || 'configurationKeys' in value) return undefined;
  const events = value['events'] ?? [];
  if (!Array.isArray(events)) return undefined;
  return events.every((event) => typeof event === 'string') ? [...new Set(events)] : undefined;
}

const isEventName = (event: string): event is ExtensionEventName => event === 'INVOKE' || event === 'SHUTDOWN';

function refuseTransition(response: ServerResponse, { state, identifier }: Extension, to: State): void {
  const why = `State transition from ${state} to ${to} failed for extension ${identifier}. Error: State transition is not allowed`;
  refuse(response, 403, 'Extension.InvalidExtensionState', why);
}

/** Need not be secret: only what is in the environment reaches its API. In the form of a UUID, which clients parse. */
function identifierOf(environmentId: string, name: string): string {
  const hex = createHash('sha256').update(`${environmentId}/${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

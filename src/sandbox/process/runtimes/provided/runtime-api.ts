/**
 * The Lambda Runtime API, version 2018-06-01, for `provided` runtimes.
 *
 * A session's life:   starting → waiting (a `next` is open) → running (→ streaming) → answered → waiting …
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html; the error names are those of AWS's own emulator.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionError, InvokeRequest } from '../../../sandbox.ts';
import { errorBytesMax, responseBytesMax } from '../../channel/frame.ts';
import { accepted, readBody, refuse } from '../../extensions/inside-api.ts';
import { parseFunctionError } from '../function-error.ts';
import { errorTypeHeader, isStreamed, StreamWindow, streamResponse, type StreamEvents } from './stream-response.ts';

/** What a runtime has said, for the environment's conversation. */
export type RuntimeApiEvents = {
  /** It asked for work for the first time. */
  ready(): void;
  initFailed(error: FunctionError): void;
  responded(payload: Uint8Array): void;
  failed(error: FunctionError): void;
} & StreamEvents;

const root = '/2018-06-01/runtime/';
const nothing = new Uint8Array();

export class RuntimeApiSession {
  readonly #events: RuntimeApiEvents;
  readonly #window = new StreamWindow();
  #state: 'starting' | 'waiting' | 'running' | 'streaming' | 'answered' = 'starting';
  /** The open `next`. */
  #next: ServerResponse | undefined;
  /** Waits for a `next`, or runs. */
  #request: InvokeRequest | undefined;

  constructor(events: RuntimeApiEvents) {
    this.#events = events;
  }

  /** One at a time, after `ready`. */
  invoke(request: InvokeRequest): void {
    this.#request = request;
    this.#deliver();
  }

  /** So much more of a streamed answer may come. */
  credit(cost: number): void {
    this.#window.credit(cost);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, resource = ''] = (request.url ?? '').split(root);
    const [, requestId, what] = /^invocation\/([^/]+)\/(response|error)$/.exec(resource) ?? [];
    if (request.method === 'GET' && resource === 'invocation/next') return this.#waits(response);
    if (request.method === 'POST' && resource === 'init/error') return this.#initError(request, response);
    if (request.method === 'POST' && requestId !== undefined && this.#accepts(requestId, response)) {
      return what === 'response' ? this.#response(request, response) : this.#error(request, response);
    }
    if (!response.headersSent)
      refuse(response, 404, 'NotFound', `${request.method} ${request.url} is not in the Runtime API`);
  }

  #waits(response: ServerResponse): void {
    if (this.#state !== 'starting' && this.#state !== 'answered') return this.#wrongState(response, 'Ready');
    const first = this.#state === 'starting';
    this.#state = 'waiting';
    this.#next = response;
    response.on('close', () => {
      if (this.#next !== response) return;
      this.#next = undefined;
      this.#state = 'answered';
    });
    if (first) this.#events.ready();
    this.#deliver();
  }

  #deliver(): void {
    const request = this.#request;
    const response = this.#next;
    if (request === undefined || response === undefined) return;
    this.#next = undefined;
    this.#state = 'running';
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': request.event.length,
      'lambda-runtime-aws-request-id': request.requestId,
      'lambda-runtime-deadline-ms': String(request.deadlineMs),
      'lambda-runtime-invoked-function-arn': request.invokedFunctionArn,
      'lambda-runtime-trace-id': request.traceId,
      ...(request.clientContext !== undefined && { 'lambda-runtime-client-context': asciiJson(request.clientContext) }),
    });
    response.end(request.event);
  }

  /** True when an answer for `requestId` is due; otherwise it has been refused. */
  #accepts(requestId: string, response: ServerResponse): boolean {
    if (this.#state !== 'running') this.#wrongState(response, 'InvocationResponse');
    else if (this.#request?.requestId !== requestId) refuse(response, 400, 'InvalidRequestID', 'Invalid request ID');
    else return true;
    return false;
  }

  async #response(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isStreamed(request)) return this.#stream(request, response);
    const payload = await readBody(request, responseBytesMax);
    if (payload === undefined || !this.#answered()) return;
    if (payload === 'too large') {
      refuseSize(response, responseBytesMax);
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${responseBytesMax} bytes).`;
      this.#events.failed({ errorType: 'Function.ResponseSizeTooLarge', errorMessage });
      return;
    }
    accepted(response);
    this.#events.responded(payload);
  }

  async #stream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#state = 'streaming';
    const error = await streamResponse(request, this.#window, this.#events);
    this.#state = 'answered';
    this.#request = undefined;
    if (!response.destroyed) accepted(response);
    if (error === undefined) this.#events.responded(nothing);
    else this.#events.failed(error);
  }

  async #error(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const error = await readError(request, response);
    if (error === undefined || !this.#answered()) return;
    accepted(response);
    this.#events.failed(error);
  }

  async #initError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#state !== 'starting') return this.#wrongState(response, 'InitError');
    const error = await readError(request, response);
    if (error === undefined) return;
    accepted(response);
    this.#events.initFailed(error);
  }

  /** The first of several answers counts; false for the others. */
  #answered(): boolean {
    if (this.#state !== 'running') return false;
    this.#state = 'answered';
    this.#request = undefined;
    return true;
  }

  #wrongState(response: ServerResponse, to: string): void {
    refuse(
      response,
      403,
      'InvalidStateTransition',
      `State transition from ${this.#state} to ${to} failed: it is not allowed`,
    );
  }
}

/** What a runtime reports in whatever form; undefined when that has been refused or the connection broke. */
async function readError(request: IncomingMessage, response: ServerResponse): Promise<FunctionError | undefined> {
  const body = await readBody(request, errorBytesMax);
  if (body === 'too large') refuseSize(response, errorBytesMax);
  if (body === undefined || body === 'too large') return undefined;
  const header = request.headers[errorTypeHeader];
  const errorType = typeof header === 'string' ? header : 'Runtime.Unknown';
  return parseFunctionError(body) ?? { errorType, errorMessage: Buffer.from(body).toString() };
}

function refuseSize(response: ServerResponse, bytesMax: number): void {
  refuse(response, 413, 'RequestEntityTooLarge', `Exceeded maximum allowed payload size (${bytesMax} bytes).`);
}

/** A header holds ASCII in one line only; JSON can say everything in it. */
function asciiJson(json: string): string {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replace(/\p{Cc}/gu, ' ').replace(/[\u0080-\uffff]/g, escaped);
}

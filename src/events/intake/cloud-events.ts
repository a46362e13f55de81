/**
 * CloudEvents that others post to a path, in each of the three modes of HTTP. Accepted means on disk: each event that is wanted
 * is an asynchronous invocation, or lies on a bus, and of a batch all are or none. Only where the route says so does the sender
 * wait for the function.
 *
 * Nothing is remembered of events whose invocations are over: their ids derive from source and id, so that a repetition is
 * dropped while the first is held, and later runs again under the same id (docs/reference/cloudevents.md).
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md
 */
import { timingSafeEqual, createHash } from 'node:crypto';
import type { InvocationResult, Invoker } from '../../invoke/invoke.ts';
import type { Binding } from '../../registry/binding.ts';
import { parseCloudEventFilter } from '../../registry/cloud-event-filter.ts';
import type { CloudEventFilter, CloudEventSource } from '../../registry/cloudevent-source.ts';
import type { EventBuses } from '../../resources/event-bus/event-buses.ts';
import type { Operation } from '../../store/records.ts';
import { never } from '../../util/assert.ts';
import { PlatformError } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';
import { retryAfter, type HttpHandler, type HttpRequest, type HttpResponse } from '../../util/http.ts';
import { derivedUuid, type RequestId } from '../../util/ids.ts';
import { limits } from '../../util/limits.ts';
import { readHeld } from '../../util/read-held.ts';
import { checkedCloudEvent, type CloudEvent } from '../cloudevents/cloud-event.ts';
import { isWanted } from '../cloudevents/is-wanted.ts';
import { readCloudEvents, type ReadCloudEvents } from '../cloudevents/read-cloud-events.ts';
import { writeBinary, writeStructured } from '../cloudevents/write-cloud-events.ts';
import { answer, tooLarge, unavailable } from './answers.ts';
import { busEventOf } from './bus-event-of.ts';
import { causeOf, createIntake, secretsOf, type Intake, type IntakeParts } from './intake.ts';

type CloudEventBinding = Binding & { source: CloudEventSource };

export type CloudEventParts = Omit<IntakeParts, 'invoker'> & {
  invoker: Pick<Invoker, 'runningIn' | 'invoke'>;
  buses: Pick<EventBuses, 'putOperation'>;
};

/** When a platform that is starting or stopping is worth asking again. */
const unavailableRetryMs = 1_000;

export function withCloudEvents(parts: CloudEventParts, next: HttpHandler): HttpHandler {
  const intake = createIntake(() => parts.bindings.ofKind('cloudevent'), parts);
  /** Parsed once for each binding, which is another when it changes. */
  const filters = new WeakMap<CloudEventSource, CloudEventFilter>();
  function filterOf(source: CloudEventSource): CloudEventFilter | undefined {
    if (source.filter === undefined) return undefined;
    const filter = filters.get(source) ?? parseCloudEventFilter(source.filter);
    filters.set(source, filter);
    return filter;
  }
  return async (request) => {
    const binding = request.method === 'POST' || request.method === 'OPTIONS' ? intake.find(request) : undefined;
    if (binding === undefined) return next(request);
    if (request.method === 'OPTIONS') return permission(request);
    return new Receiving(parts, binding, intake, filterOf(binding.source)).receive(request);
  };
}

/**
 * Whether a sender may send here, which it asks beforehand: any, as fast as it likes, for what it sends must have the token,
 * where there is one. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#4-abuse-protection
 */
function permission({ headers }: HttpRequest): HttpResponse {
  const allow = { allow: 'POST, OPTIONS' };
  const origin = headers['webhook-request-origin'];
  if (origin === undefined) return { status: 200, headers: allow };
  const isAskedForRate = headers['webhook-request-rate'] !== undefined;
  return {
    status: 200,
    headers: { ...allow, 'webhook-allowed-origin': origin, ...(isAskedForRate && { 'webhook-allowed-rate': '*' }) },
  };
}

class Receiving {
  readonly #parts: CloudEventParts;
  readonly #binding: CloudEventBinding;
  readonly #intake: Intake<CloudEventBinding>;
  /** Undefined: every event is wanted. */
  readonly #filter: CloudEventFilter | undefined;

  constructor(
    parts: CloudEventParts,
    binding: CloudEventBinding,
    intake: Intake<CloudEventBinding>,
    filter: CloudEventFilter | undefined,
  ) {
    this.#filter = filter;
    this.#parts = parts;
    this.#binding = binding;
    this.#intake = intake;
  }

  async receive(request: HttpRequest): Promise<HttpResponse> {
    const { source } = this.#binding;
    const secrets = secretsOf(this.#binding, source.secrets, this.#parts);
    if (source.secrets.length > 0) {
      if (secrets.length === 0) {
        this.#refuse(`no variable of the function has its secret (${source.secrets.join(', ')})`);
        return answer(500, 'Internal Server Error');
      }
      if (!hasToken(request, secrets)) {
        this.#refuse('it has no token that is accepted');
        return answer(401, 'Unauthorized', { 'www-authenticate': 'Bearer' });
      }
    }
    const { 'content-length': length } = request.headers;
    const bytesExpected = length === undefined ? undefined : Number(length);
    const body = await readHeld(request, { bytesMax: limits.asyncPayloadBytesMax, bytesExpected });
    if (body.status === 'too_large') return tooLarge();
    if (body.status === 'no_room') return unavailable();
    const read = readCloudEvents(request.headers, body.bytes);
    if (read.status !== 'read') return this.#notRead(read);
    if (source.reply !== undefined) return this.#reply(request, read);
    try {
      return await this.#accept(request, read);
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'too_large') return tooLarge();
      if (error instanceof PlatformError && error.code === 'invalid_argument') return this.#invalid(error);
      this.#parts.report(`CloudEvents at ${source.path} could not be kept`, error);
      return unavailable();
    }
  }

  #notRead(read: Exclude<ReadCloudEvents, { status: 'read' }>): HttpResponse {
    this.#count('invalid', 1);
    if (read.status === 'not_understood') return answer(415, read.message);
    const { message, attribute, index } = read;
    return answer(400, message, {}, { attribute, index });
  }

  #invalid({ message, field }: PlatformError): HttpResponse {
    this.#count('invalid', 1);
    return answer(400, message, {}, { attribute: field });
  }

  async #accept(
    request: HttpRequest,
    { events, isBatch }: Extract<ReadCloudEvents, { status: 'read' }>,
  ): Promise<HttpResponse> {
    const { clock, records, requireRoom } = this.#parts;
    const { id } = this.#binding;
    const timeMs = clock.now();
    const cause = causeOf(request, timeMs, this.#parts);
    const wanted = events.map((event) => this.#isWanted(event));
    const ids = events.map((event) => derivedUuid('cloudevent', id, event.source, event.id) as RequestId);
    const operations = new Map<string, Operation>();
    for (const [index, event] of events.entries()) {
      const requestId = ids[index];
      // The same event twice in one batch is one event.
      if (requestId !== undefined && wanted[index] === true)
        operations.set(requestId, this.#operation(event, requestId, { timeMs, cause }));
    }
    if (operations.size > 0) {
      requireRoom();
      await this.#settled(records.transact([...operations.values()]));
    }
    const filtered = wanted.filter((is) => !is).length;
    this.#count('accepted', events.length - filtered);
    this.#count('filtered', filtered);
    const told = ids.map((one, index) => (wanted[index] === true ? one : null));
    return {
      status: 202,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(isBatch ? { ids: told } : { id: told[0] ?? null }),
    };
  }

  async #settled(transaction: ReturnType<IntakeParts['records']['transact']>): Promise<void> {
    const { status } = await transaction;
    if (status === 'conflict')
      throw new PlatformError('unavailable', 'the store had a conflict where nothing is checked');
  }

  #operation(
    event: CloudEvent,
    requestId: RequestId,
    { timeMs, cause }: { timeMs: number; cause: ReturnType<typeof causeOf> },
  ): Operation {
    const { asynchronous, buses, region } = this.#parts;
    const { account, functionName, qualifier, source } = this.#binding;
    if (source.bus === undefined) {
      return asynchronous.enqueueOperation({
        requestId,
        account,
        functionName,
        qualifier,
        event: JSON.stringify(event),
        source: 'cloudevent',
        cause,
      });
    }
    const put = buses.putOperation(
      account,
      source.bus,
      busEventOf(event, { id: requestId, account, region, timeMs, cause }),
    );
    if (put === undefined) {
      this.#refuse(`the event bus ${source.bus} is not there`);
      throw new PlatformError('unavailable', `the event bus ${source.bus} is not there`);
    }
    return put;
  }

  /** The function's answer is the sender's: each sending is an invocation of its own. */
  async #reply(
    request: HttpRequest,
    { events, isBatch }: Extract<ReadCloudEvents, { status: 'read' }>,
  ): Promise<HttpResponse> {
    const [event] = events;
    if (isBatch || event === undefined) {
      this.#count('invalid', 1);
      return answer(415, 'a batch has no one answer; send its events one by one');
    }
    const { clock, ids, invoker } = this.#parts;
    const { account, functionName, qualifier } = this.#binding;
    if (!this.#isWanted(event)) {
      this.#count('filtered', 1);
      return { status: 204, headers: {} };
    }
    this.#count('accepted', 1);
    const timeMs = clock.now();
    const requestId = ids.uuid() as RequestId;
    const result = await invoker.invoke({
      requestId,
      account,
      functionName,
      qualifier,
      event: Buffer.from(JSON.stringify(event)),
      source: 'cloudevent',
      cause: causeOf(request, timeMs, this.#parts),
      attempt: 1,
      caller: request,
      ...(request.receivedMs !== undefined && { receivedMs: request.receivedMs }),
    });
    const { status, headers, body } = this.#replyOf(result);
    return { status, headers: { ...headers, 'x-amzn-requestid': requestId }, ...(body !== undefined && { body }) };
  }

  #replyOf(result: InvocationResult): HttpResponse {
    switch (result.status) {
      case 'ok':
        return this.#answered(Buffer.from(result.payload).toString());
      case 'function_error':
        return answer(502, 'Bad Gateway');
      case 'throttled':
        return answer(429, 'Too Many Requests', retryAfter(result.retryAfterMs));
      case 'not_found':
        return answer(404, 'Not Found');
      case 'recursion':
        return answer(508, result.message);
      case 'unavailable':
        return answer(503, 'Service Unavailable', retryAfter(unavailableRetryMs));
      default:
        return never(result);
    }
  }

  #answered(payload: string): HttpResponse {
    const given = jsonOf(payload);
    if (given === undefined || given === null || given === '') return { status: 204, headers: {} };
    if (!isObject(given) || !Object.hasOwn(given, 'specversion'))
      return { status: 200, headers: { 'content-type': 'application/json' }, body: payload };
    try {
      const event = checkedCloudEvent(given);
      const { headers, body } = this.#binding.source.reply === 'binary' ? writeBinary(event) : writeStructured(event);
      return { status: 200, headers, body };
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      this.#intake.tell(this.#binding, `CLOUDEVENT answered at POST ${this.#binding.source.path}`, error.message);
      return answer(502, 'Bad Gateway');
    }
  }

  #isWanted(event: CloudEvent): boolean {
    return this.#filter === undefined || isWanted(this.#filter, event);
  }

  #count(outcome: 'accepted' | 'filtered' | 'invalid' | 'refused', count: number): void {
    if (count === 0) return;
    const { telemetry, clock } = this.#parts;
    const { account, functionName } = this.#binding;
    telemetry.emit({ kind: 'cloudevents.answered', timeMs: clock.now(), account, functionName, outcome, count });
  }

  #refuse(reason: string): void {
    this.#count('refused', 1);
    this.#intake.tell(this.#binding, `CLOUDEVENT POST ${this.#binding.source.path}`, reason);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#3-authorization */
function hasToken({ headers, query }: HttpRequest, secrets: readonly string[]): boolean {
  const given =
    /^Bearer +(\S+) *$/i.exec(headers['authorization'] ?? '')?.[1] ?? new URLSearchParams(query).get('access_token');
  if (given === null || given === undefined) return false;
  // Digests are of one length, whatever was given.
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return secrets.map((secret) => timingSafeEqual(digest(secret), digest(given))).some(Boolean);
}

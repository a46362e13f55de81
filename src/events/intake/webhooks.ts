/**
 * Webhooks: what others send to a path, signed with a secret that they share with the function. Accepted means on disk, as
 * an asynchronous invocation of the function: only then is the sender answered, who else sends it again.
 *
 * The body is read before the signature can be looked at, within what requests may hold in memory; nothing else is done for
 * a stranger. What asks for no webhook goes on to `next`.
 */
import { httpEvent, requestTime } from '../../gateway/http-event.ts';
import type { Invoker } from '../../invoke/invoke.ts';
import type { Binding, Bindings } from '../../registry/binding.ts';
import { liveAlias } from '../../registry/function.ts';
import type { Registry } from '../../registry/registry.ts';
import type { WebhookSource } from '../../registry/webhook-source.ts';
import type { Records } from '../../store/records.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { continuedCause, newCause, type Cause } from '../../util/cause.ts';
import type { Clock } from '../../util/clock.ts';
import { PlatformError } from '../../util/errors.ts';
import { retryAfter, type HttpHandler, type HttpRequest, type HttpResponse } from '../../util/http.ts';
import { derivedUuid, latestVersion, type EnvironmentId, type Ids, type RequestId } from '../../util/ids.ts';
import { limits } from '../../util/limits.ts';
import { readHeld } from '../../util/read-held.ts';
import type { Asynchronous } from '../asynchronous.ts';
import type { Report } from '../source.ts';
import type { WebhookDeliveries } from './webhook-deliveries.ts';
import { verifyWebhook } from './verify-webhook.ts';
import { deliveryId, slackChallenge, webhookDocument, webhookEvent, type WebhookDocument } from './webhook-event.ts';

type WebhookBinding = Binding & { source: WebhookSource };

export type WebhookParts = {
  bindings: Bindings;
  registry: Pick<Registry, 'resolve'>;
  invoker: Pick<Invoker, 'runningIn'>;
  asynchronous: Pick<Asynchronous, 'enqueueOperation'>;
  deliveries: WebhookDeliveries;
  records: Records;
  telemetry: Telemetry;
  requireRoom(): void;
  region: string;
  clock: Clock;
  ids: Ids;
  report: Report;
};

/** Refusals of one webhook are told in its function's log once for each of these. */
const tellEveryMs = 60_000;
/** When it is worth sending again what could not be kept. */
const unavailableRetryMs = 5_000;

type Told = { atMs: number; untold: number };

export function withWebhooks(parts: WebhookParts, next: HttpHandler): HttpHandler {
  const { bindings, clock } = parts;
  const urlInfix = `.lambda-url.${parts.region}.`;
  let byPath: Map<string, WebhookBinding> | undefined;
  let told = new Map<string, Told>();
  bindings.watch(() => (byPath = undefined));

  /** Older ones stand before newer ones of the same path. */
  function table(): Map<string, WebhookBinding> {
    const newestFirst = bindings
      .ofKind('webhook')
      .toSorted((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? 1 : -1));
    told = new Map(
      newestFirst.flatMap(({ id }) => (told.has(id) ? [[id, told.get(id) ?? { atMs: 0, untold: 0 }]] : [])),
    );
    return new Map(newestFirst.map((binding) => [binding.source.path, binding]));
  }

  /** Answers how many there were that nobody was told of, where it is time to tell. */
  function timeToTell({ id }: WebhookBinding): number | undefined {
    const nowMs = clock.monotonicMs();
    const before = told.get(id);
    if (before !== undefined && nowMs - before.atMs < tellEveryMs) {
      before.untold += 1;
      return undefined;
    }
    told.set(id, { atMs: nowMs, untold: 0 });
    return before?.untold ?? 0;
  }

  return async (request) => {
    if (request.method !== 'POST') return next(request);
    const binding = (byPath ??= table()).get(request.path);
    if (binding === undefined || (request.headers.host ?? '').toLowerCase().includes(urlInfix)) return next(request);
    const { 'content-length': length } = request.headers;
    const bytesExpected = length === undefined ? undefined : Number(length);
    const read = await readHeld(request, { bytesMax: limits.asyncPayloadBytesMax, bytesExpected });
    if (read.status === 'too_large') return tooLarge();
    if (read.status === 'no_room') return unavailable();
    return new Receiving(parts, binding, () => timeToTell(binding)).receive(request, read.bytes);
  };
}

class Receiving {
  readonly #parts: WebhookParts;
  readonly #binding: WebhookBinding;
  readonly #timeToTell: () => number | undefined;

  constructor(parts: WebhookParts, binding: WebhookBinding, timeToTell: () => number | undefined) {
    this.#parts = parts;
    this.#binding = binding;
    this.#timeToTell = timeToTell;
  }

  async receive(request: HttpRequest, body: Buffer): Promise<HttpResponse> {
    const { clock, ids, deliveries, requireRoom } = this.#parts;
    const { source, id } = this.#binding;
    const { verify } = source;
    const secrets = this.#secrets();
    if (secrets.length === 0) {
      this.#tell('refused', `no variable of the function has its secret (${source.secrets.join(', ')})`);
      return answer(500, 'Internal Server Error');
    }
    const timeMs = clock.now();
    const genuineness = verifyWebhook(verify, secrets, { headers: request.headers, body }, timeMs);
    if (genuineness.status === 'refused') {
      this.#tell('refused', genuineness.reason);
      return answer(401, 'Unauthorized');
    }
    const document = webhookDocument(request, body, verify);
    const challenge = slackChallenge(verify, document);
    if (challenge !== undefined) return { status: 200, headers: { 'content-type': 'text/plain' }, body: challenge };
    // What has no id of its own, but a time that is signed, is told apart by its signature.
    const { signature, isTimed } = genuineness;
    const name = deliveryId(verify, document) ?? (isTimed ? signature : undefined);
    const requestId = (name === undefined ? ids.uuid() : derivedUuid('webhook', id, name)) as RequestId;
    try {
      if (name !== undefined && deliveries.has(requestId)) return this.#repeated(requestId);
      requireRoom();
      return await this.#accept(request, body, document, { requestId, timeMs, isNamed: name !== undefined });
    } catch (error) {
      if (error instanceof PlatformError && error.code === 'too_large') return tooLarge();
      this.#parts.report(`a webhook at ${source.path} could not be kept`, error);
      return unavailable();
    }
  }

  async #accept(
    request: HttpRequest,
    body: Buffer,
    document: WebhookDocument,
    { requestId, timeMs, isNamed }: { requestId: RequestId; timeMs: number; isNamed: boolean },
  ): Promise<HttpResponse> {
    const { asynchronous, records, deliveries } = this.#parts;
    const { account, functionName, qualifier, source } = this.#binding;
    const cause = this.#causeOf(request, timeMs);
    const event =
      source.form === 'request'
        ? this.#requestEvent(request, body, { requestId, timeMs, traceHeader: cause.traceId })
        : webhookEvent(source, document, { requestId, timeMs });
    const invocation = asynchronous.enqueueOperation({
      requestId,
      account,
      functionName,
      qualifier,
      event,
      source: 'webhook',
      cause,
    });
    const remembered = isNamed ? deliveries.operations(requestId, timeMs) : [];
    const outcome = await records.transact([...remembered, invocation]);
    // The same came twice at once, and the other one was first.
    if (outcome.status === 'conflict') return this.#repeated(requestId);
    if (isNamed) deliveries.accepted(requestId, timeMs);
    this.#count('accepted');
    return accepted(source, requestId);
  }

  #repeated(requestId: RequestId): HttpResponse {
    this.#count('repeated');
    return accepted(this.#binding.source, requestId);
  }

  #requestEvent(
    request: HttpRequest,
    body: Buffer,
    { requestId, timeMs, traceHeader }: { requestId: RequestId; timeMs: number; traceHeader: string },
  ): string {
    const { account, application, source } = this.#binding;
    return httpEvent({
      request,
      door: { kind: 'route', routeKey: `POST ${source.path}`, accountId: account, apiId: application ?? 'mayfly' },
      requestId,
      traceHeader,
      timeMs,
      time: requestTime(timeMs),
      pathParameters: undefined,
      body: body.byteLength === 0 ? undefined : body,
    }).toString();
  }

  /** Of the version that would run now: what the sender signed with is there under one of the names. */
  #secrets(): string[] {
    const { registry, ids } = this.#parts;
    const { account, functionName, qualifier, source } = this.#binding;
    const resolved = registry.resolve(account, functionName, qualifier, ids.uuid() as RequestId);
    const variables = resolved?.version.settings.environment ?? {};
    return source.secrets
      .flatMap((name) => (Object.hasOwn(variables, name) ? (variables[name] ?? []) : []))
      .filter(Boolean);
  }

  #causeOf(request: HttpRequest, nowMs: number): Cause {
    const { invoker, ids } = this.#parts;
    const running = request.environmentId === undefined ? undefined : invoker.runningIn(request.environmentId);
    return running?.cause ?? continuedCause(request.headers['x-amzn-trace-id']) ?? newCause(nowMs, ids.hex(12));
  }

  #count(outcome: 'accepted' | 'repeated' | 'refused'): void {
    const { telemetry, clock } = this.#parts;
    const { account, functionName } = this.#binding;
    telemetry.emit({ kind: 'webhook.answered', timeMs: clock.now(), account, functionName, outcome });
  }

  /** In the function's log, and seldom: whoever sends rubbish shall not fill it. */
  #tell(outcome: 'refused', reason: string): void {
    this.#count(outcome);
    const untold = this.#timeToTell();
    if (untold === undefined) return;
    const { telemetry, clock } = this.#parts;
    const { account, functionName, source, qualifier } = this.#binding;
    const more = untold === 0 ? '' : ` ${untold} more were refused since this was said last.`;
    telemetry.emit({
      kind: 'log',
      timeMs: clock.now(),
      account,
      functionName,
      requestId: undefined,
      version: latestVersion,
      environmentId: 'platform' as EnvironmentId,
      origin: 'platform',
      text: `WEBHOOK POST ${source.path}${qualifier === liveAlias ? '' : ` (${qualifier})`} was refused: ${reason}.${more}`,
    });
  }
}

/** As the sender expects it: Slack shows what stands in the answer to a command. */
function accepted({ verify }: WebhookSource, requestId: RequestId): HttpResponse {
  const headers = { 'x-amzn-requestid': requestId };
  if (verify.kind === 'slack') return { status: 200, headers };
  return {
    status: 202,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ id: requestId }),
  };
}

const answer = (status: number, message: string, headers: HttpResponse['headers'] = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ message }),
});
const tooLarge = (): HttpResponse => answer(413, 'Request Too Long');
const unavailable = (): HttpResponse => answer(503, 'Service Unavailable', retryAfter(unavailableRetryMs));

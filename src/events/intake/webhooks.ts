/**
 * Webhooks: what others send to a path, signed with a secret that they share with the function. Accepted means on disk, as
 * an asynchronous invocation of the function: only then is the sender answered, who else sends it again.
 *
 * The body is read before the signature can be looked at, within what requests may hold in memory; nothing else is done for
 * a stranger. What asks for no webhook goes on to `next`.
 */
import { httpEvent, requestTime } from '../../gateway/http-event.ts';
import type { Binding } from '../../registry/binding.ts';
import type { WebhookSource } from '../../registry/webhook-source.ts';
import { PlatformError } from '../../util/errors.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../../util/http.ts';
import { derivedUuid, type RequestId } from '../../util/ids.ts';
import { limits } from '../../util/limits.ts';
import { readHeld } from '../../util/read-held.ts';
import { answer, tooLarge, unavailable } from './answers.ts';
import { causeOf, createIntake, secretsOf, type Intake, type IntakeParts } from './intake.ts';
import type { WebhookDeliveries } from './webhook-deliveries.ts';
import { verifyWebhook } from './verify-webhook.ts';
import { deliveryId, slackChallenge, webhookDocument, webhookEvent, type WebhookDocument } from './webhook-event.ts';

type WebhookBinding = Binding & { source: WebhookSource };

export type WebhookParts = IntakeParts & { deliveries: WebhookDeliveries };

export function withWebhooks(parts: WebhookParts, next: HttpHandler): HttpHandler {
  const intake = createIntake(() => parts.bindings.ofKind('webhook'), parts);
  return async (request) => {
    const binding = request.method === 'POST' ? intake.find(request) : undefined;
    if (binding === undefined) return next(request);
    const { 'content-length': length } = request.headers;
    const bytesExpected = length === undefined ? undefined : Number(length);
    const read = await readHeld(request, { bytesMax: limits.asyncPayloadBytesMax, bytesExpected });
    if (read.status === 'too_large') return tooLarge();
    if (read.status === 'no_room') return unavailable();
    return new Receiving(parts, binding, intake).receive(request, read.bytes);
  };
}

class Receiving {
  readonly #parts: WebhookParts;
  readonly #binding: WebhookBinding;
  readonly #intake: Intake<WebhookBinding>;

  constructor(parts: WebhookParts, binding: WebhookBinding, intake: Intake<WebhookBinding>) {
    this.#parts = parts;
    this.#binding = binding;
    this.#intake = intake;
  }

  async receive(request: HttpRequest, body: Buffer): Promise<HttpResponse> {
    const { clock, ids, deliveries, requireRoom } = this.#parts;
    const { source, id } = this.#binding;
    const { verify } = source;
    const secrets = secretsOf(this.#binding, source.secrets, this.#parts);
    if (secrets.length === 0) {
      this.#refuse(`no variable of the function has its secret (${source.secrets.join(', ')})`);
      return answer(500, 'Internal Server Error');
    }
    const timeMs = clock.now();
    const genuineness = verifyWebhook(verify, secrets, { headers: request.headers, body }, timeMs);
    if (genuineness.status === 'refused') {
      this.#refuse(genuineness.reason);
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
    const cause = causeOf(request, timeMs, this.#parts);
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

  #count(outcome: 'accepted' | 'repeated' | 'refused'): void {
    const { telemetry, clock } = this.#parts;
    const { account, functionName } = this.#binding;
    telemetry.emit({ kind: 'webhook.answered', timeMs: clock.now(), account, functionName, outcome });
  }

  #refuse(reason: string): void {
    this.#count('refused');
    this.#intake.tell(this.#binding, `WEBHOOK POST ${this.#binding.source.path}`, reason);
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

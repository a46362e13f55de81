/** What a function gets for a webhook: the request, what was sent, or a CloudEvent, and of these what is picked. Pure. */
import { isUtf8 } from 'node:buffer';
import type { WebhookSource, WebhookVerification } from '../../registry/webhook-source.ts';
import { webhookLimits } from '../../registry/webhook-source.ts';
import { never } from '../../util/assert.ts';
import { PlatformError } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';
import type { HttpRequest } from '../../util/http.ts';
import { fillTemplate } from '../input-template.ts';
import { atPath } from '../target-input.ts';

/** What paths of a transform begin at. */
export type WebhookDocument = {
  headers: Readonly<Record<string, string | undefined>>;
  query: Readonly<Record<string, string>>;
  path: string;
  /** What was sent: parsed where it is JSON or a form, otherwise its text (base64 of what is none). */
  body: unknown;
};

/** What one level of a transform stands in another. */
const transformDepthMax = 32;

export function webhookDocument(
  request: HttpRequest,
  body: Buffer,
  verification: WebhookVerification,
): WebhookDocument {
  return {
    headers: request.headers,
    query: Object.fromEntries(new URLSearchParams(request.query)),
    path: request.path,
    body: parsedBody(body, request.headers['content-type'] ?? 'application/json', verification),
  };
}

function parsedBody(body: Buffer, contentType: string, { kind }: WebhookVerification): unknown {
  if (!isUtf8(body)) return body.toString('base64');
  const text = body.toString();
  if (/^\s*application\/x-www-form-urlencoded\b/i.test(contentType)) {
    const fields = Object.fromEntries(new URLSearchParams(text));
    // Their forms carry the event as JSON in this field.
    const payload = kind === 'github' || kind === 'slack' ? fields['payload'] : undefined;
    return payload === undefined ? fields : parsedOrText(payload);
  }
  return /\bjson\b/i.test(contentType) ? parsedOrText(text) : text;
}

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The sender's own name of this delivery: what comes again under it is the same. Undefined: it has none. */
export function deliveryId(verification: WebhookVerification, { headers, body }: WebhookDocument): string | undefined {
  switch (verification.kind) {
    case 'stripe':
      return textIn(body, 'id');
    case 'github':
      return headers['x-github-delivery'];
    case 'slack':
      return textIn(body, 'event_id');
    case 'hmac':
      return verification.idHeader === undefined ? undefined : headers[verification.idHeader];
    default:
      return never(verification);
  }
}

/** The text that Slack asks an address to give back before it sends anything there. */
export function slackChallenge(verification: WebhookVerification, { body }: WebhookDocument): string | undefined {
  if (verification.kind !== 'slack' || textIn(body, 'type') !== 'url_verification') return undefined;
  return textIn(body, 'challenge');
}

const textIn = (value: unknown, name: string): string | undefined => {
  const found = isObject(value) ? value[name] : undefined;
  return typeof found === 'string' && found !== '' ? found : undefined;
};

/** For `body` and `cloudevent`; JSON. `requestId`: the CloudEvent's id where the sender gives none. */
export function webhookEvent(
  source: WebhookSource,
  document: WebhookDocument,
  { requestId, timeMs }: { requestId: string; timeMs: number },
): string {
  const picked = source.transform === undefined ? document.body : transformed(JSON.parse(source.transform), document);
  if (source.form !== 'cloudevent') return JSON.stringify(picked ?? null);
  return JSON.stringify({
    specversion: '1.0',
    id: deliveryId(source.verify, document) ?? requestId,
    source: source.path,
    type: typeOf(source.verify, document),
    time: new Date(timeMs).toISOString(),
    datacontenttype: 'application/json',
    data: picked ?? null,
  });
}

/** A type in the sender's words: `com.stripe.invoice.paid`, `com.github.push`, `com.slack.app_mention`. */
function typeOf({ kind }: WebhookVerification, { headers, body }: WebhookDocument): string {
  switch (kind) {
    case 'stripe':
      return `com.stripe.${textIn(body, 'type') ?? 'event'}`;
    case 'github':
      return `com.github.${headers['x-github-event'] ?? 'event'}`;
    case 'slack': {
      const inner = isObject(body) ? textIn(body['event'], 'type') : undefined;
      return `com.slack.${inner ?? textIn(body, 'type') ?? (textIn(body, 'command') === undefined ? 'event' : 'command')}`;
    }
    case 'hmac':
      return 'webhook';
    default:
      return never(kind);
  }
}

/** `$.body.id` alone gives the value that is there, absent where there is none; `Order <$.body.id>` a text with it. */
function transformed(template: unknown, document: WebhookDocument, depth = 0): unknown {
  if (depth > transformDepthMax)
    throw new PlatformError('invalid_argument', `a transform of at most ${transformDepthMax} levels is accepted`);
  if (Array.isArray(template)) return template.map((item: unknown) => transformed(item, document, depth + 1));
  if (isObject(template)) {
    const entries = Object.entries(template).map(([name, value]) => [name, transformed(value, document, depth + 1)]);
    return Object.fromEntries(entries) as Record<string, unknown>;
  }
  if (typeof template !== 'string') return template;
  if (template.startsWith('$')) return atPath(document, template);
  return template.includes('<')
    ? fillTemplate(template, (name) => (name.startsWith('$') ? atPath(document, name) : ''))
    : template;
}

/** Throws `invalid_argument` for a transform that no delivery could go through. */
export function checkTransform(transform: string): void {
  if (transform.length > webhookLimits.transformLengthMax)
    throw new PlatformError(
      'invalid_argument',
      `the transform has ${transform.length} characters; at most ${webhookLimits.transformLengthMax} are accepted`,
    );
  transformed(JSON.parse(transform), { headers: {}, query: {}, path: '', body: {} });
}

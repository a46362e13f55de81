/**
 * Whether a webhook comes from who shares the secret: by the signature over the bytes of its body as they came. Pure, but
 * for the hashing. What is compared is compared in constant time, and no answer says how far a wrong one was right.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HmacVerification, WebhookVerification } from '../../registry/webhook-source.ts';
import { never } from '../../util/assert.ts';
import type { HttpRequest } from '../../util/http.ts';

export type Genuineness =
  /** `signature`: the right one, as we made it. `isTimed`: it covers the time, so that it is good for this delivery alone. */
  { status: 'genuine'; signature: string; isTimed: boolean } | { status: 'refused'; reason: string };

export type SignedRequest = { headers: HttpRequest['headers']; body: Buffer };

/** Signatures looked at in one request: two secrets in rotation make two, and each costs a hash over the body. */
const signaturesMax = 8;

type Claim = {
  /** What is signed before and after the body. */
  before: string;
  after: string;
  timestampMs?: number;
  signatures: readonly string[];
} & Pick<HmacVerification, 'algorithm' | 'encoding'>;

export function verifyWebhook(
  verification: WebhookVerification,
  secrets: readonly string[],
  request: SignedRequest,
  nowMs: number,
): Genuineness {
  const claim = claimOf(verification, request.headers);
  if (typeof claim === 'string') return { status: 'refused', reason: claim };
  const { timestampMs, algorithm, encoding } = claim;
  const given = claim.signatures.slice(0, signaturesMax);
  for (const secret of secrets) {
    const signature = createHmac(algorithm, secret)
      .update(claim.before)
      .update(request.body)
      .update(claim.after)
      .digest(encoding);
    // Every one is looked at, whichever fits.
    const isGenuine = given.map((one) => isSame(one, signature, encoding)).some(Boolean);
    if (!isGenuine) continue;
    if (timestampMs !== undefined && 'toleranceMs' in verification) {
      const awayMs = Math.abs(nowMs - timestampMs);
      if (awayMs > verification.toleranceMs)
        return { status: 'refused', reason: `its time is ${Math.round(awayMs / 1_000)} s away from the clock here` };
    }
    return { status: 'genuine', signature, isTimed: timestampMs !== undefined };
  }
  return { status: 'refused', reason: 'its signature was not made with the secret' };
}

function isSame(given: string, signature: string, encoding: HmacVerification['encoding']): boolean {
  const bytes = Buffer.from(encoding === 'hex' ? given.toLowerCase() : given);
  const right = Buffer.from(signature);
  return bytes.byteLength === right.byteLength && timingSafeEqual(bytes, right);
}

/** What the request claims, or why it claims nothing. */
function claimOf(verification: WebhookVerification, headers: HttpRequest['headers']): Claim | string {
  switch (verification.kind) {
    case 'stripe':
      return stripeClaim(headers['stripe-signature']);
    case 'github':
      return plainClaim('x-hub-signature-256', headers, 'sha256=');
    case 'slack': {
      const time = timeOf('x-slack-request-timestamp', headers);
      if (typeof time === 'string') return time;
      const claim = plainClaim('x-slack-signature', headers, 'v0=');
      if (typeof claim === 'string') return claim;
      return { ...claim, before: `v0:${time.text}:`, timestampMs: time.ms };
    }
    case 'hmac':
      return hmacClaim(verification, headers);
    default:
      return never(verification);
  }
}

function stripeClaim(header: string | undefined): Claim | string {
  if (header === undefined) return 'it has no header stripe-signature';
  const parts = header.split(',').map((part) => part.trim());
  const values = (name: string): string[] =>
    parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
  const [text = ''] = values('t');
  const ms = millisecondsOf(text);
  if (ms === undefined) return 'its header stripe-signature has no time (t=)';
  return {
    before: `${text}.`,
    after: '',
    timestampMs: ms,
    signatures: values('v1'),
    algorithm: 'sha256',
    encoding: 'hex',
  };
}

function plainClaim(name: string, headers: HttpRequest['headers'], prefix: string): Claim | string {
  const signatures = signaturesOf(name, headers, prefix);
  if (typeof signatures === 'string') return signatures;
  return { before: '', after: '', signatures, algorithm: 'sha256', encoding: 'hex' };
}

function hmacClaim(verification: HmacVerification, headers: HttpRequest['headers']): Claim | string {
  const { header, algorithm, encoding, prefix, signed, timestampHeader } = verification;
  const signatures = signaturesOf(header, headers, prefix);
  if (typeof signatures === 'string') return signatures;
  const time = timestampHeader === undefined ? undefined : timeOf(timestampHeader, headers);
  if (typeof time === 'string') return time;
  const at = signed.indexOf('{body}');
  const filled = (text: string): string => text.replaceAll('{timestamp}', time?.text ?? '');
  return {
    before: filled(signed.slice(0, at)),
    after: filled(signed.slice(at + '{body}'.length)),
    signatures,
    algorithm,
    encoding,
    ...(time !== undefined && { timestampMs: time.ms }),
  };
}

function signaturesOf(name: string, headers: HttpRequest['headers'], prefix: string): string[] | string {
  const header = headers[name];
  if (header === undefined) return `it has no header ${name}`;
  return header
    .split(/[,\s]+/)
    .filter((one) => one.startsWith(prefix))
    .map((one) => one.slice(prefix.length));
}

function timeOf(name: string, headers: HttpRequest['headers']): { text: string; ms: number } | string {
  const text = headers[name];
  const ms = millisecondsOf(text ?? '');
  return text === undefined || ms === undefined ? `its header ${name} has no time` : { text, ms };
}

/** Seconds have ten digits until the year 2286, and milliseconds thirteen. */
function millisecondsOf(text: string): number | undefined {
  if (!/^\d{1,13}$/.test(text)) return undefined;
  return text.length > 11 ? Number(text) : Number(text) * 1_000;
}

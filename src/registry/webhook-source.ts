/** What a webhook says of itself: where it answers, how its sender signs, and what the function gets. */

export const hmacAlgorithms = ['sha256', 'sha512', 'sha1'] as const;
export const hmacEncodings = ['hex', 'base64'] as const;
/** `request`: the HTTP request, as a route's function gets it. `body`: what was sent, parsed. `cloudevent`: that in a CloudEvent. */
export const webhookForms = ['request', 'body', 'cloudevent'] as const;

export type HmacVerification = {
  kind: 'hmac';
  /** The header that has the signature; several in it stand apart by commas or spaces. */
  header: string;
  algorithm: (typeof hmacAlgorithms)[number];
  encoding: (typeof hmacEncodings)[number];
  /** Stands in front of the signature (`sha256=`). */
  prefix: string;
  /** What is signed: a text with `{body}` and, where there is one, `{timestamp}`. */
  signed: string;
  /** The header with the time of sending, in seconds or milliseconds since 1970. */
  timestampHeader?: string;
  toleranceMs: number;
  /** The header with the delivery's id. */
  idHeader?: string;
};

export type WebhookVerification =
  /** https://docs.stripe.com/webhooks#verify-manually · https://docs.slack.dev/authentication/verifying-requests-from-slack */
  | { kind: 'stripe' | 'slack'; toleranceMs: number }
  /** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
  | { kind: 'github' }
  | HmacVerification;

export type WebhookSource = {
  kind: 'webhook';
  /** Without parameters. */
  path: string;
  verify: WebhookVerification;
  /** Variables of the function's environment that hold the sender's secrets: any of them may have signed. */
  secrets: readonly string[];
  form: (typeof webhookForms)[number];
  /** JSON in which texts are paths or templates; absent: nothing is left out and nothing renamed. */
  transform?: string;
};

export const webhookLimits = {
  /** The old one, the new one, and one to spare: a rotation needs two. */
  secretsMax: 3,
  /** How old, or how far ahead of the clock, a delivery may be where nothing else is said: what Stripe and Slack advise. */
  toleranceMsDefault: 5 * 60_000,
  toleranceMsMax: 60 * 60_000,
  /** Characters of a transform. */
  transformLengthMax: 32 * 1024,
} as const;

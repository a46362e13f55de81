/** A webhook of a deployment as it comes over the wire. */
import { checkTransform } from '../events/intake/webhook-event.ts';
import {
  hmacAlgorithms,
  hmacEncodings,
  webhookForms,
  webhookLimits,
  type WebhookSource,
  type WebhookVerification,
} from '../registry/webhook-source.ts';
import { parseRoutePath } from '../registry/route-path.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject, refuse, wholeNumber } from '../util/field.ts';

const textMax = 1_024;
type Fields = Readonly<Record<string, unknown>>;

function text(value: unknown, field: string, pattern: RegExp, accepted: string): string {
  return typeof value === 'string' && value.length <= textMax && pattern.test(value)
    ? value
    : refuse(field, value, accepted);
}

function word<Word extends string>(value: unknown, field: string, words: readonly Word[]): Word {
  return words.find((one) => one === value) ?? refuse(field, value, words.join(', '));
}

const headerName = (value: unknown, field: string): string =>
  text(value, field, /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'the name of a header in lower case');

/** Throws `invalid_argument`, naming the field. */
export function parseWebhook(source: Fields, field: string): WebhookSource {
  const path = text(
    source['path'],
    `${field}.path`,
    /^\/[^{}%\s]+$/,
    'a path without parameters, such as /hooks/stripe',
  );
  const parsed = parseRoutePath(path);
  if (typeof parsed === 'string') refuse(`${field}.path`, path, 'a path such as /hooks/stripe');
  const { secrets, transform } = source;
  if (!Array.isArray(secrets) || secrets.length === 0 || secrets.length > webhookLimits.secretsMax)
    refuse(`${field}.secrets`, secrets, `1 to ${webhookLimits.secretsMax} names of variables`);
  return {
    kind: 'webhook',
    path,
    verify: parseVerification(source['verify'], `${field}.verify`),
    secrets: secrets.map((name: unknown, index) =>
      text(name, `${field}.secrets[${index}]`, /^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable'),
    ),
    form: word(source['form'], `${field}.form`, webhookForms),
    ...(transform === undefined ? {} : { transform: parseTransform(transform, `${field}.transform`) }),
  };
}

function parseTransform(value: unknown, field: string): string {
  if (typeof value !== 'string') return refuse(field, value, 'JSON as text');
  try {
    checkTransform(value);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(field, value, 'JSON as text');
    if (!(error instanceof PlatformError)) throw error;
    throw new PlatformError(error.code, `${field}: ${error.message}`, { field, cause: error });
  }
}

function parseVerification(value: unknown, field: string): WebhookVerification {
  const given = isObject(value) ? value : refuse(field, value, 'an object');
  const kind = word(given['kind'], `${field}.kind`, ['stripe', 'slack', 'github', 'hmac']);
  if (kind === 'github') return { kind };
  const toleranceMs = wholeNumber(given['toleranceMs'], `${field}.toleranceMs`, [1, webhookLimits.toleranceMsMax]);
  if (kind !== 'hmac') return { kind, toleranceMs };
  const signed = text(given['signed'], `${field}.signed`, /^[^]*\{body\}[^]*$/, "'{body}' or '{timestamp}.{body}'");
  const { timestampHeader, idHeader } = given;
  if (signed.includes('{timestamp}') !== (timestampHeader !== undefined))
    refuse(`${field}.signed`, signed, '{timestamp} in it where there is a timestampHeader, and nowhere else');
  return {
    kind,
    toleranceMs,
    signed,
    header: headerName(given['header'], `${field}.header`),
    algorithm: word(given['algorithm'], `${field}.algorithm`, hmacAlgorithms),
    encoding: word(given['encoding'], `${field}.encoding`, hmacEncodings),
    prefix: text(given['prefix'], `${field}.prefix`, /^[A-Za-z0-9=:_-]{0,32}$/, 'a short text such as sha256='),
    ...(timestampHeader === undefined
      ? {}
      : { timestampHeader: headerName(timestampHeader, `${field}.timestampHeader`) }),
    ...(idHeader === undefined ? {} : { idHeader: headerName(idHeader, `${field}.idHeader`) }),
  };
}

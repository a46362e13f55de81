/**
 * A CloudEvent 1.0, as JSON has it, and what every one owes. Pure.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
import { isObject } from '../../util/field.ts';
import { PlatformError } from '../../util/errors.ts';

export type CloudEvent = Readonly<Record<string, unknown>> & {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
};

/** Longer names say nothing more; the specification advises 20 characters. */
const nameLengthMax = 100;
const wholeMax = 2 ** 31;

/** Throws `invalid_argument`; its field is the attribute. */
export function refuseAttribute(name: string, found: string, accepted: string): never {
  throw new PlatformError('invalid_argument', `the attribute ${name} is ${found}; accepted: ${accepted}`, {
    field: name,
  });
}

const shown = (value: unknown): string =>
  value === undefined ? 'missing' : value === '' ? 'empty' : JSON.stringify(value).slice(0, 80);

// oxlint-disable-next-line no-control-regex -- these are the characters that no attribute may have
const forbiddenCharacters = /[\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]/;
/** https://www.rfc-editor.org/rfc/rfc3986#section-4.1 */
const uriReference = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/;
/** https://www.rfc-editor.org/rfc/rfc3339#section-5.6 */
const timestamp =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;
/** https://www.rfc-editor.org/rfc/rfc2045#section-5.1 */
const mediaType = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+\s*(?:;.*)?$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

type Check = { accepts: string; is(text: string): boolean };

const text: Check = { accepts: 'a text that is not empty', is: (value) => value !== '' };
const checks: Readonly<Record<string, Check>> = {
  id: text,
  type: text,
  subject: text,
  source: { accepts: 'a URI reference that is not empty', is: (value) => uriReference.test(value) },
  dataschema: { accepts: 'an absolute URI', is: (value) => scheme.test(value) && uriReference.test(value) },
  datacontenttype: { accepts: 'a media type such as application/json', is: (value) => mediaType.test(value) },
  time: {
    accepts: 'a time such as 2026-01-31T23:59:59Z',
    is: (value) => timestamp.test(value) && dayIsThere(value),
  },
};
const required = ['specversion', 'id', 'source', 'type'];

/** 31 April is no day of any year. */
function dayIsThere(value: string): boolean {
  const day = value.slice(0, 10);
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}

/**
 * The event in JSON's form: attributes whose value is null left out, as the JSON format has it. Throws `invalid_argument`
 * whose field is the attribute.
 */
export function checkedCloudEvent(value: unknown): CloudEvent {
  if (!isObject(value))
    throw new PlatformError('invalid_argument', `the event is ${shown(value)}; accepted: a JSON object`);
  const event = Object.fromEntries(Object.entries(value).filter(([name, one]) => one !== null || name === 'data'));
  // Of its version nothing else can be said before it is known.
  if (event['specversion'] !== '1.0') refuseAttribute('specversion', shown(event['specversion']), '1.0');
  for (const name of required) if (event[name] === undefined) refuseAttribute(name, 'missing', acceptedOf(name));
  for (const [name, one] of Object.entries(event))
    if (name !== 'data' && name !== 'data_base64') checkAttribute(name, one);
  const { data_base64: encoded } = event;
  if (encoded !== undefined) {
    if (Object.hasOwn(event, 'data')) refuseAttribute('data_base64', 'there beside data', 'one of the two');
    if (typeof encoded !== 'string' || !base64.test(encoded))
      refuseAttribute('data_base64', shown(encoded), 'base64 as text');
  }
  // What was looked at is what it says.
  return event as CloudEvent;
}

const acceptedOf = (name: string): string => checkOf(name)?.accepts ?? 'a value';

/** Names are the sender's: `constructor` is one like any other. */
const checkOf = (name: string): Check | undefined => (Object.hasOwn(checks, name) ? checks[name] : undefined);

function checkAttribute(name: string, value: unknown): void {
  if (!/^[a-z0-9]+$/.test(name) || name.length > nameLengthMax)
    refuseAttribute(
      name.slice(0, nameLengthMax),
      'there',
      `names of lower-case letters and digits, ${nameLengthMax} at most`,
    );
  const check = checkOf(name);
  if (typeof value === 'string') {
    if (forbiddenCharacters.test(value) || !value.isWellFormed())
      refuseAttribute(name, shown(value), 'a text without control characters');
    if (check !== undefined && !check.is(value)) refuseAttribute(name, shown(value), check.accepts);
    return;
  }
  if (check !== undefined) refuseAttribute(name, shown(value), check.accepts);
  const isWhole = typeof value === 'number' && Number.isInteger(value) && value >= -wholeMax && value < wholeMax;
  if (!isWhole && typeof value !== 'boolean')
    refuseAttribute(name, shown(value), 'a text, true, false, or a whole number of 32 bits');
}

/** Whether data of this type stands as JSON where the event does. Absent: it does. */
export const isJsonType = (contentType: string | undefined): boolean =>
  contentType === undefined || /^[^;]*[/+]json\s*(?:;|$)/i.test(contentType);

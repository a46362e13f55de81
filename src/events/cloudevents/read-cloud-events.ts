/**
 * CloudEvents out of HTTP, in each of its three modes. Pure.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
import { isUtf8 } from 'node:buffer';
import { cloudEventLimits } from '../../registry/cloudevent-source.ts';
import { PlatformError } from '../../util/errors.ts';
import { checkedCloudEvent, isJsonType, refuseAttribute, type CloudEvent } from './cloud-event.ts';

export type ReadCloudEvents =
  | { status: 'read'; isBatch: boolean; events: readonly CloudEvent[] }
  /** Neither a CloudEvent nor in a format that is understood. */
  | { status: 'not_understood'; message: string }
  /** `attribute`: which one is wrong. `index`: of the event in its batch. */
  | { status: 'invalid'; message: string; attribute?: string; index?: number };

type Headers = Readonly<Record<string, string | undefined>>;

export const structuredType = 'application/cloudevents+json';
export const batchedType = 'application/cloudevents-batch+json';

export function readCloudEvents(headers: Headers, body: Buffer): ReadCloudEvents {
  const contentType = headers['content-type'];
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (type.startsWith('application/cloudevents')) {
    if (type !== structuredType && type !== batchedType)
      return notUnderstood(`'${type}' is not understood; ${structuredType} and ${batchedType} are`);
    const charset = parameters.find((one) => one.startsWith('charset='))?.replaceAll(/^charset=|"/g, '');
    if (charset !== undefined && charset !== 'utf-8' && charset !== 'us-ascii')
      return notUnderstood(`the charset '${charset}' is not understood; utf-8 is`);
    return structured(body, type === batchedType);
  }
  if (!Object.keys(headers).some((name) => name.startsWith('ce-')))
    return notUnderstood(
      `no CloudEvent: the content type is neither ${structuredType} nor ${batchedType}, and no header begins with ce-`,
    );
  return read(() => binary(headers, body));
}

const notUnderstood = (message: string): ReadCloudEvents => ({ status: 'not_understood', message });

function read(make: () => CloudEvent): ReadCloudEvents {
  try {
    return { status: 'read', isBatch: false, events: [make()] };
  } catch (error) {
    return invalidOf(error);
  }
}

function invalidOf(error: unknown, index?: number): ReadCloudEvents {
  if (!(error instanceof PlatformError)) throw error;
  return {
    status: 'invalid',
    message: error.message,
    ...(error.field !== undefined && { attribute: error.field }),
    ...(index !== undefined && { index }),
  };
}

function structured(body: Buffer, isBatch: boolean): ReadCloudEvents {
  const parsed = isUtf8(body) ? parsedJson(body.toString()) : undefined;
  if (parsed === undefined) return { status: 'invalid', message: 'the body is no JSON' };
  if (!isBatch) return read(() => checkedCloudEvent(parsed.value));
  const { value } = parsed;
  if (!Array.isArray(value)) return { status: 'invalid', message: 'the body of a batch is no JSON array' };
  const { batchEventsMax } = cloudEventLimits;
  if (value.length > batchEventsMax)
    return {
      status: 'invalid',
      message: `the batch has ${value.length} events; at most ${batchEventsMax} are accepted`,
    };
  const events: CloudEvent[] = [];
  for (const [index, one] of value.entries()) {
    try {
      events.push(checkedCloudEvent(one));
    } catch (error) {
      return invalidOf(error, index);
    }
  }
  return { status: 'read', isBatch: true, events };
}

function parsedJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function binary(headers: Headers, body: Buffer): CloudEvent {
  const attributes: Record<string, unknown> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith('ce-') || value === undefined) continue;
    const name = header.slice('ce-'.length);
    if (name === 'data' || name === 'data_base64') refuseAttribute(name, 'a header', 'data in the body');
    attributes[name] = decoded(name, value);
  }
  const contentType = headers['content-type'];
  if (contentType !== undefined) attributes['datacontenttype'] = contentType;
  const event = checkedCloudEvent(attributes);
  return body.byteLength === 0 ? event : { ...event, ...dataOf(body, contentType) };
}

/** Quotes taken off and percents decoded. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values */
function decoded(name: string, header: string): string {
  // A sender that writes UTF-8 as it is: headers are read as Latin-1.
  const bytes = Buffer.from(header, 'latin1');
  const plain = (isUtf8(bytes) ? bytes.toString() : header).trim();
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(plain)?.[1];
  const value = quoted === undefined ? plain : quoted.replaceAll(/\\(.)/g, '$1');
  try {
    return decodeURIComponent(value);
  } catch {
    return refuseAttribute(name, JSON.stringify(value).slice(0, 80), 'percents followed by the digits of UTF-8');
  }
}

/** As the JSON format has it: JSON as it is, other text as text, and bytes in base64. */
function dataOf(body: Buffer, contentType: string | undefined): { data: unknown } | { data_base64: string } {
  const text = isUtf8(body) ? body.toString() : undefined;
  if (isJsonType(contentType)) {
    const parsed = text === undefined ? undefined : parsedJson(text);
    if (parsed !== undefined) return { data: parsed.value };
    // Without a content type nothing says that it is JSON.
    if (contentType !== undefined) refuseAttribute('data', 'no JSON', `JSON, which ${contentType} says that it is`);
    return { data_base64: body.toString('base64') };
  }
  return text === undefined ? { data_base64: body.toString('base64') } : { data: text };
}

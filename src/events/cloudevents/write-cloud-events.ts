/**
 * CloudEvents into HTTP, in each of its three modes. Pure.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
import { isJsonType, type CloudEvent } from './cloud-event.ts';
import { batchedType, structuredType } from './read-cloud-events.ts';

export type WrittenCloudEvents = { headers: Readonly<Record<string, string>>; body: string | Buffer };

export const writeStructured = (event: CloudEvent): WrittenCloudEvents => ({
  headers: { 'content-type': `${structuredType}; charset=utf-8` },
  body: JSON.stringify(event),
});

/** `events`: each as JSON. */
export const writeBatch = (events: readonly string[]): WrittenCloudEvents => ({
  headers: { 'content-type': `${batchedType}; charset=utf-8` },
  body: `[${events.join(',')}]`,
});

export function writeBinary(event: CloudEvent): WrittenCloudEvents {
  const { data, data_base64: encoded, datacontenttype: contentType, ...attributes } = event;
  const headers = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodedHeader(String(value))]),
  );
  const type = typeof contentType === 'string' ? contentType : undefined;
  if (typeof encoded === 'string') {
    return {
      headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
      body: Buffer.from(encoded, 'base64'),
    };
  }
  if (data === undefined)
    return { headers: { ...headers, ...(type !== undefined && { 'content-type': type }) }, body: '' };
  const isText = typeof data === 'string' && !isJsonType(type);
  return {
    headers: { ...headers, 'content-type': type ?? 'application/json' },
    body: isText ? data : JSON.stringify(data),
  };
}

/** Space, quote, percent, and all that is not ASCII for printing. */
const encodedHeader = (text: string): string =>
  text.replaceAll(/[^\u0021\u0023\u0024\u0026-\u007e]+/g, (part) =>
    [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );

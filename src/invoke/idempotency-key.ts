/**
 * What an event is known by: what it has at a path (util/key-path.ts). Pure.
 *
 * A path goes on into text that is JSON (an HTTP request's body, also in base64; a message's body), and does not mind
 * how the name of a header is written, as nothing in HTTP does.
 */
import { createHash } from 'node:crypto';
import { isObject } from '../util/field.ts';
import type { KeyPath } from '../util/key-path.ts';

/** What the event has at that path, as a digest; undefined: nothing (absent, null or empty), so there is nothing to know it by. */
export function idempotencyKey(event: Uint8Array, path: KeyPath): string | undefined {
  let value: unknown = parsed(Buffer.from(event).toString());
  let holder: unknown;
  let last: string | number | undefined;
  for (const name of path) {
    if (typeof value === 'string') value = parsed(decoded(value, holder, last));
    const isHeaders = last === 'headers';
    holder = value;
    last = name;
    if (Array.isArray(value) && typeof name === 'number') value = value[name];
    else if (isObject(value) && typeof name === 'string') value = valueOf(value, name, isHeaders);
    else return undefined;
  }
  if (value === undefined || value === null || value === '') return undefined;
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** Exactly this name, or in `headers` the same in other letters. */
function valueOf(object: Readonly<Record<string, unknown>>, name: string, isHeaders: boolean): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const lower = name.toLowerCase();
  return isHeaders ? Object.entries(object).find(([other]) => other.toLowerCase() === lower)?.[1] : undefined;
}

const decoded = (text: string, holder: unknown, name: string | number | undefined): string =>
  name === 'body' && isObject(holder) && holder['isBase64Encoded'] === true
    ? Buffer.from(text, 'base64').toString()
    : text;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Equal values have equal text, in whatever order their keys were written. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).toSorted();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

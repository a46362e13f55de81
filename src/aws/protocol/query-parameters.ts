/** The query of a URL, or a form body: percent-decoded, in order, names repeated as they came. */
import { PlatformError } from '../../util/errors.ts';

export type QueryParameters = {
  entries: readonly (readonly [name: string, value: string])[];
  has(name: string): boolean;
  /** The first one's. */
  get(name: string): string | undefined;
  all(name: string): readonly string[];
};

/** Far more than any operation has members; a form body of a batch of messages has about 200. */
const parametersMax = 10_000;

/** `+` is a space, as in forms. Errors: `invalid_argument` for a percent sign without two hex digits or bytes that are not UTF-8. */
export function parseQueryParameters(text: string): QueryParameters {
  const entries: [string, string][] = [];
  const byName = new Map<string, string[]>();
  if (text !== '') {
    const parts = text.split('&', parametersMax + 1);
    if (parts.length > parametersMax)
      throw new PlatformError('too_large', `more than ${parametersMax} parameters`, { reason: 'InvalidRequest' });
    for (const part of parts) {
      if (part === '') continue;
      const equals = part.indexOf('=');
      const name = decode(equals < 0 ? part : part.slice(0, equals));
      const value = equals < 0 ? '' : decode(part.slice(equals + 1));
      entries.push([name, value]);
      const values = byName.get(name);
      if (values === undefined) byName.set(name, [value]);
      else values.push(value);
    }
  }
  return {
    entries,
    has: (name) => byName.has(name),
    get: (name) => byName.get(name)?.[0],
    all: (name) => byName.get(name) ?? [],
  };
}

function decode(text: string): string {
  return decodePercent(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** decodeURIComponent with an error of ours. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new PlatformError('invalid_argument', `'${text}' is not percent-encoded UTF-8`, { reason: 'InvalidURI' });
  }
}

/** Keys in the order of their UTF-8 bytes, which is the order of their code points, and not that of JavaScript's strings. */
import type { Range } from './records.ts';

export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The first string after all those that start with `prefix`; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (;;) {
    const last = points.pop();
    if (last === undefined) return undefined;
    if (last === 0x10ffff) continue;
    // Surrogates (U+D800 to U+DFFF) are no code points of their own.
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
}

/** A range as a half-open interval: `start` included, `end` not; `end` undefined is no end. */
export function intervalOf({ prefix, after, from, before }: Range): { start: string; end: string | undefined } {
  // A string's successor is itself with the smallest character behind it.
  const starts = [prefix, from ?? '', after === undefined ? '' : `${after}\0`];
  const start = starts.reduce((a, b) => (compareKeys(a, b) >= 0 ? a : b));
  const end = afterPrefix(prefix);
  return { start, end: before === undefined || (end !== undefined && compareKeys(end, before) < 0) ? end : before };
}

/** Keys and tokens in a text that is to be deployed. Pure. What was found is named and placed, and never repeated. */
import type { Position } from '../complaint.ts';
import { bitsMinDefault, placeholder, secretRules, type SecretRule } from './secret-rules.ts';

export type FoundSecret = Position & { what: string };

/** What is looked at from a mark on: longer than any token. */
const windowCharactersMax = 6_000;
/** Of one text: whoever has that many has one problem. */
const foundMax = 20;

type Marked = { mark: Buffer; rule: SecretRule };
const marked: readonly Marked[] = secretRules.flatMap((rule) =>
  rule.marks.map((mark) => ({ mark: Buffer.from(mark), rule })),
);

export function findSecrets(bytes: Buffer): FoundSecret[] {
  const found = new Map<number, string>();
  for (const { mark, rule } of marked) {
    for (let at = bytes.indexOf(mark); at >= 0 && found.size < foundMax; at = bytes.indexOf(mark, at + mark.length)) {
      const start = secretAt(bytes, at, rule);
      if (start !== undefined && !found.has(start)) found.set(start, rule.what);
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([offset, what]) => ({ ...positionAt(bytes, offset), what }));
}

/** Where the secret round the mark at `at` begins. */
function secretAt(
  bytes: Buffer,
  at: number,
  { expression, before = 1, bitsMin = bitsMinDefault }: SecretRule,
): number | undefined {
  const from = Math.max(0, at - before);
  const text = bytes.toString('latin1', from, Math.min(bytes.length, at + windowCharactersMax));
  const match = expression.exec(text);
  // A match further on is another mark's.
  if (match === null || from + match.index > at) return undefined;
  const random = match.groups?.['random'] ?? '';
  if (placeholder.test(random) || bitsOf(random) < bitsMin) return undefined;
  return from + match.index;
}

/** Shannon's entropy of its characters, in bits for each. */
function bitsOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

function positionAt(bytes: Buffer, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < offset; at = bytes.indexOf(0x0a, at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: bytes.toString('utf8', start, offset).length + 1 };
}

/**
 * Patterns of policies: `*` stands for any characters, `?` for any one, and `${aws:username}` for what a key of the request
 * has, literally. Read once; then compared in time linear in practice and pattern × text at worst: only the last star is
 * ever reconsidered, so no pattern makes it explode.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import { PlatformError } from '../util/errors.ts';
import type { ConditionKeys } from './condition-keys.ts';

/** `any`: one character; `star`: any number of them. */
type Part = { literal: string } | Variable | 'star' | 'any';

/** `variable`: in lower case; `written`: as it stands there. */
type Variable = { variable: string; written: string; otherwise: string | undefined };

export type Pattern =
  | { kind: 'all' }
  | { kind: 'exact'; text: string }
  | { kind: 'prefix'; text: string }
  | { kind: 'wild'; codes: readonly number[] }
  | { kind: 'variable'; parts: readonly Part[]; folds: boolean };

export type PatternOptions = {
  /** False: `*` and `?` mean themselves. */
  hasWildcards: boolean;
  /** False: `${` means itself. */
  hasVariables: boolean;
  /** Compared without regard to case: who compares gives text in lower case. */
  folds: boolean;
};

const starCode = -1;
const anyCode = -2;
/**
 * Of what is compared with wildcards: more than any ARN or tag has. What callers say of themselves (`aws:Referer`, an
 * encryption context) may be longer, and with it a policy of theirs would hold up everybody else.
 */
const textLengthMax = 2_048;

export function readPattern(text: string, { hasWildcards, hasVariables, folds }: PatternOptions): Pattern {
  if (hasVariables && text.includes('${')) return { kind: 'variable', parts: partsOf(text, hasWildcards), folds };
  const wanted = folds ? text.toLowerCase() : text;
  if (!hasWildcards || !/[*?]/.test(wanted)) return { kind: 'exact', text: wanted };
  if (wanted === '*') return { kind: 'all' };
  if (/^[^*?]*\*$/.test(wanted)) return { kind: 'prefix', text: wanted.slice(0, -1) };
  return { kind: 'wild', codes: codesOf(literals(wanted)) };
}

/**
 * A variable that the request has no value for, or several, matches nothing. Errors: `permission_denied` for a text that is
 * too long, since who cannot be told of a denial must not be let in.
 */
export function matchesPattern(pattern: Pattern, text: string, keys: ConditionKeys): boolean {
  switch (pattern.kind) {
    case 'all':
      return true;
    case 'exact':
      return pattern.text === text;
    case 'prefix':
      return text.startsWith(pattern.text);
    case 'wild':
      requireComparable(text);
      return matchesCodes(pattern.codes, text);
    case 'variable': {
      requireComparable(text);
      const codes = expanded(pattern, keys, text.length);
      return codes !== undefined && matchesCodes(codes, text);
    }
  }
}

function requireComparable({ length }: string): void {
  if (length <= textLengthMax) return;
  throw new PlatformError(
    'permission_denied',
    `A policy asks for something in the request that has ${length} characters; ${textLengthMax} are compared with patterns.`,
    { reason: 'AccessDenied' },
  );
}

/** Whether everything that it names is known of the request. */
export const isResolved = (pattern: Pattern, keys: ConditionKeys): boolean =>
  pattern.kind !== 'variable' ||
  pattern.parts.every((part) => typeof part !== 'object' || !('variable' in part) || valueOf(part, keys) !== undefined);

/** Keys that it names, as they are written. */
export const variablesOf = (pattern: Pattern): readonly string[] =>
  pattern.kind === 'variable'
    ? pattern.parts.flatMap((part) => (typeof part === 'object' && 'variable' in part ? [part.written] : []))
    : [];

/** Undefined also where it would be longer than what it is compared with: then it cannot match. */
function expanded(
  { parts, folds }: Extract<Pattern, { kind: 'variable' }>,
  keys: ConditionKeys,
  lengthMax: number,
): readonly number[] | undefined {
  const codes: number[] = [];
  let length = 0;
  for (const part of parts) {
    const isLiteral = typeof part === 'object' && 'literal' in part;
    const literal = isLiteral ? part.literal : typeof part === 'object' ? valueOf(part, keys) : '';
    if (literal === undefined) return undefined;
    length += literal.length;
    if (length > lengthMax) return undefined;
    codes.push(...codesOf([typeof part === 'object' ? { literal } : part], folds));
  }
  return codes;
}

function valueOf({ variable: name, otherwise }: Variable, keys: ConditionKeys): string | undefined {
  const found = keys(name);
  return typeof found === 'string' ? found : found === undefined ? otherwise : undefined;
}

/** `${key}`, `${key, 'value where the key is not there'}`, and `${*}`, `${?}`, `${$}` for those characters. */
const variable = /\$\{([^}]*)\}/g;

function partsOf(text: string, hasWildcards: boolean): Part[] {
  const parts: Part[] = [];
  const add = (plain: string): void => {
    if (plain !== '') parts.push(...(hasWildcards ? literals(plain) : [{ literal: plain }]));
  };
  let at = 0;
  for (const found of text.matchAll(variable)) {
    add(text.slice(at, found.index));
    at = found.index + found[0].length;
    const inner = found[1] ?? '';
    if (inner === '*' || inner === '?' || inner === '$') {
      parts.push({ literal: inner });
      continue;
    }
    const [, name = '', otherwise] = /^\s*([^,\s]*)\s*(?:,\s*'([^']*)'\s*)?$/s.exec(inner) ?? [];
    parts.push({ variable: name.toLowerCase(), written: name, otherwise });
  }
  add(text.slice(at));
  return parts;
}

const literals = (text: string): Part[] =>
  (text.match(/[*?]|[^*?]+/g) ?? []).map((run) => (run === '*' ? 'star' : run === '?' ? 'any' : { literal: run }));

const codesOf = (parts: readonly Part[], folds = false): number[] =>
  parts.flatMap((part) => {
    if (part === 'star') return [starCode];
    if (part === 'any') return [anyCode];
    if (!('literal' in part)) return [];
    const text = folds ? part.literal.toLowerCase() : part.literal;
    return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  });

function matchesCodes(codes: readonly number[], text: string): boolean {
  // Each star may stand for nothing, and everything else for one character.
  if (codes.length > text.length && codes.filter((code) => code !== starCode).length > text.length) return false;
  let codeAt = 0;
  let textAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (textAt < text.length) {
    const code = codes[codeAt];
    if (code === starCode) {
      starAt = codeAt;
      codeAt += 1;
      resumeAt = textAt;
    } else if (code !== undefined && (code === anyCode || code === text.charCodeAt(textAt))) {
      codeAt += 1;
      textAt += 1;
    } else if (starAt >= 0) {
      codeAt = starAt + 1;
      resumeAt += 1;
      textAt = resumeAt;
    } else {
      return false;
    }
  }
  while (codes[codeAt] === starCode) codeAt += 1;
  return codeAt === codes.length;
}

/**
 * EventBridge's patterns: which events somebody wants, as JSON. Pure; a pattern is parsed once and held against many
 * events. Every key of the pattern must match (a list: any of its conditions); an event's list matches if an entry does.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { BlockList, isIP } from 'node:net';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';

/** As Lambda's for one filter; EventBridge's own is half of it. */
const patternLengthMax = 4_096;
/** Deeper ones say nothing about an event that a person has seen. */
const depthMax = 32;

export type EventPattern = {
  matches(event: unknown): boolean;
  /** What the pattern has under a key of its top: an object, a list of conditions, or nothing. */
  kindOf(key: string): 'nested' | 'list' | 'none';
};

/** Whether a value satisfies a condition; undefined: the key is not there. */
type Condition = (value: unknown) => boolean;

/** Throws `invalid_argument`. `lengthMax`: characters; the default is what Lambda takes. */
export function parseEventPattern(text: string, lengthMax = patternLengthMax): EventPattern {
  if (text.length > lengthMax) refuse(`it has more than ${lengthMax} characters`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    return refuse('it is no JSON', cause);
  }
  if (!isObject(parsed)) return refuse('it is no JSON object');
  const pattern = parsed;
  return {
    matches: parseObject(pattern, 0),
    kindOf: (key) => {
      if (!Object.hasOwn(pattern, key)) return 'none';
      return Array.isArray(pattern[key]) ? 'list' : 'nested';
    },
  };
}

function refuse(why: string, cause?: unknown): never {
  throw new PlatformError('invalid_argument', `The event pattern is not accepted: ${why}.`, {
    field: 'Pattern',
    ...(cause === undefined ? {} : { cause }),
  });
}

function parseObject(pattern: Readonly<Record<string, unknown>>, depth: number): Condition {
  if (depth > depthMax) refuse(`it is more than ${depthMax} levels deep`);
  const entries = Object.entries(pattern);
  if (entries.length === 0) refuse('an object in it is empty');
  const conditions = entries.map(([key, value]): Condition => {
    if (key === '$or') return parseAlternatives(value, depth);
    if (Array.isArray(value)) return atKey(key, parseList(value, key));
    if (isObject(value)) return atKey(key, inside(parseObject(value, depth + 1)));
    return refuse(`'${key}' is neither a list nor an object`);
  });
  return (event) => conditions.every((holds) => holds(event));
}

function parseAlternatives(value: unknown, depth: number): Condition {
  if (!Array.isArray(value) || value.length < 2) return refuse("'$or' is no list of at least two objects");
  const alternatives = value.map((one: unknown) =>
    isObject(one) ? parseObject(one, depth + 1) : refuse("'$or' has something that is no object"),
  );
  return (event) => alternatives.some((holds) => holds(event));
}

const atKey =
  (key: string, holds: Condition): Condition =>
  (event) =>
    holds(isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined);

/** An object as such, or any of a list's. What is not there is looked into as well: it may be wanted absent. */
const inside =
  (holds: Condition): Condition =>
  (value) =>
    Array.isArray(value) ? value.some(holds) : holds(value);

function parseList(list: readonly unknown[], key: string): Condition {
  if (list.length === 0) refuse(`the list of '${key}' is empty`);
  const conditions = list.map((one) => parseCondition(one, key));
  return (value) => conditions.some((holds) => holds(value));
}

/** Of a list in the event, one entry is enough. */
const ofAny =
  (holds: Condition): Condition =>
  (value) =>
    Array.isArray(value) ? value.some(holds) : value !== undefined && holds(value);

function parseCondition(condition: unknown, key: string): Condition {
  if (Array.isArray(condition)) return refuse(`the list of '${key}' has a list in it`);
  if (!isObject(condition)) return ofAny((value) => value === condition);
  const [operator, ...more] = Object.keys(condition);
  if (operator === undefined || more.length > 0) return refuse(`a condition of '${key}' is not one operator`);
  const argument = condition[operator];
  switch (operator) {
    case 'exists': {
      if (typeof argument !== 'boolean') return refuse(`'exists' of '${key}' is neither true nor false`);
      const isWanted = argument;
      return (value) => (value !== undefined && !isObject(value)) === isWanted;
    }
    case 'anything-but':
      return parseAnythingBut(argument, key);
    case 'numeric':
      return ofAny(parseNumeric(argument, key));
    case 'cidr':
      return ofAny(parseCidr(argument, key));
    default:
      return ofAny(parseText(operator, argument, key));
  }
}

/** The operators that look at a text. */
function parseText(operator: string, argument: unknown, key: string): Condition {
  const ofText =
    (holds: (text: string) => boolean): Condition =>
    (value) =>
      typeof value === 'string' && holds(value);
  const folded = isObject(argument) ? argument['equals-ignore-case'] : undefined;
  if ((operator === 'prefix' || operator === 'suffix') && typeof folded === 'string') {
    const wanted = folded.toLowerCase();
    return ofText((text) =>
      operator === 'prefix' ? text.toLowerCase().startsWith(wanted) : text.toLowerCase().endsWith(wanted),
    );
  }
  if (typeof argument !== 'string') return refuse(`'${operator}' of '${key}' is no text`);
  switch (operator) {
    case 'prefix':
      return ofText((text) => text.startsWith(argument));
    case 'suffix':
      return ofText((text) => text.endsWith(argument));
    case 'equals-ignore-case':
      return ofText((text) => text.toLowerCase() === argument.toLowerCase());
    case 'wildcard':
      return ofText(parseWildcard(argument, key));
    default:
      return refuse(`'${operator}' of '${key}' is no operator`);
  }
}

/** Any value that is there and satisfies none of what is excluded; of a list, some entry. */
function parseAnythingBut(argument: unknown, key: string): Condition {
  if (isObject(argument)) {
    const [operator = '', ...more] = Object.keys(argument);
    if (more.length > 0) return refuse(`'anything-but' of '${key}' is not one operator`);
    const given = argument[operator];
    const excluded = (Array.isArray(given) ? given : [given]).map((one) => parseText(operator, one, key));
    return ofAny((value) => !excluded.some((holds) => holds(value)));
  }
  const excluded: unknown[] = Array.isArray(argument) ? argument : [argument];
  if (excluded.length === 0 || excluded.some((one) => typeof one === 'object' && one !== null))
    return refuse(`'anything-but' of '${key}' is neither a value nor a list of values`);
  return ofAny((value) => !excluded.includes(value));
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `[">", 0, "<=", 5]`. */
function parseNumeric(argument: unknown, key: string): Condition {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4))
    return refuse(`'numeric' of '${key}' is not one comparison or two`);
  const checks: ((value: number) => boolean)[] = [];
  for (let at = 0; at < argument.length; at += 2) {
    const compare = comparisons[String(argument[at])];
    const bound: unknown = argument[at + 1];
    if (compare === undefined || typeof bound !== 'number')
      return refuse(`'numeric' of '${key}' has no comparison ${JSON.stringify(argument.slice(at, at + 2))}`);
    checks.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && checks.every((holds) => holds(value));
}

/** `*` stands for any text, also none; `\\*` for itself. Walked, not compiled: no pattern can take long. */
function parseWildcard(argument: string, key: string): (text: string) => boolean {
  const pieces: string[] = [''];
  for (let at = 0; at < argument.length; at += 1) {
    const character = argument.charAt(at);
    if (character === '\\') {
      at += 1;
      const escaped = argument.charAt(at);
      if (escaped !== '*' && escaped !== '\\') return refuse(`'wildcard' of '${key}' has a lone backslash`);
      pieces.push(`${pieces.pop() ?? ''}${escaped}`);
    } else if (character === '*') {
      if (pieces.length > 1 && pieces.at(-1) === '') return refuse(`'wildcard' of '${key}' has two * in a row`);
      pieces.push('');
    } else pieces.push(`${pieces.pop() ?? ''}${character}`);
  }
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  return (text) => {
    if (last === undefined) return text === first;
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const piece of rest) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}

function parseCidr(argument: unknown, key: string): Condition {
  const [address = '', bits = ''] = typeof argument === 'string' ? argument.split('/') : [];
  const version = isIP(address);
  const prefix = Number(bits);
  if (version === 0 || !/^\d{1,3}$/.test(bits) || prefix > (version === 4 ? 32 : 128))
    return refuse(`'cidr' of '${key}' is no range of addresses`);
  const range = new BlockList();
  const family = version === 4 ? 'ipv4' : 'ipv6';
  range.addSubnet(address, prefix, family);
  return (value) => typeof value === 'string' && isIP(value) === version && range.check(value, family);
}

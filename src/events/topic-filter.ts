/**
 * Which of a topic's messages a subscription wants. The operators are those of event patterns; what is different is
 * what they are held against (the message's attributes, or its body if that is JSON) and how large they may be. Pure.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
import type { MessageAttribute } from '../resources/queue-message.ts';
import type { TopicMessage } from '../resources/topic-message.ts';
import type { SubscriptionSettings } from '../resources/topic-subscription.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import { parseEventPattern } from '../resources/event-pattern.ts';

/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const limits = {
  charactersMax: 256 * 1_024,
  keysMax: 5,
  /** Values of each list, multiplied; in a body each list counts for as often as it is deep. */
  combinationsMax: 150,
  /** Of numbers, either way. */
  numberMax: 1e9,
} as const;

export type TopicFilter = (message: Pick<TopicMessage, 'message' | 'attributes'>) => boolean;

type Scope = SubscriptionSettings['filterScope'];

/** Throws InvalidParameter. */
export function parseTopicFilter(policy: string, scope: Scope): TopicFilter {
  const parsed = parseJson(policy);
  const keys = Object.keys(parsed);
  if (keys.length === 0) return () => true;
  if (keys.length > limits.keysMax) refuse('Filter policy can not have more than 5 keys');
  if (combinationsOf(parsed, scope, 1) > limits.combinationsMax) refuse('Filter policy is too complex');
  const { matches } = parse(policy);
  if (scope === 'attributes') return ({ attributes }) => matches(comparable(attributes));
  return ({ message }) => {
    const body = jsonOf(message);
    return isObject(body) && matches(body);
  };
}

function parse(policy: string): ReturnType<typeof parseEventPattern> {
  try {
    return parseEventPattern(policy, limits.charactersMax);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return refuse(error.message.replace(/^The event pattern is not accepted: /, ''));
  }
}

function parseJson(policy: string): Readonly<Record<string, unknown>> {
  const parsed = jsonOf(policy);
  return isObject(parsed) ? parsed : refuse('failed to parse JSON.');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function combinationsOf(policy: Readonly<Record<string, unknown>>, scope: Scope, depth: number): number {
  let combinations = 1;
  for (const [key, value] of Object.entries(policy)) {
    if (isObject(value)) {
      if (scope === 'attributes') refuse('Filter policy scope MessageAttributes does not support nested filter policy');
      combinations *= combinationsOf(value, scope, depth + 1);
    } else if (!Array.isArray(value)) {
      refuse(`"${key}" must be an object or an array`);
    } else if (key === '$or') {
      for (const one of value) if (isObject(one)) combinations *= combinationsOf(one, scope, depth + 1);
    } else {
      for (const one of value) {
        if (typeof one === 'number' && Math.abs(one) >= limits.numberMax)
          refuse(`${one} is not between ${-limits.numberMax} and ${limits.numberMax}`);
      }
      combinations *= Math.max(1, value.length) * depth;
    }
  }
  return combinations;
}

/** Attributes as what a pattern is held against; of bytes nothing can be said. */
function comparable(attributes: Readonly<Record<string, MessageAttribute>>): Readonly<Record<string, unknown>> {
  const values: [string, unknown][] = [];
  for (const [name, attribute] of Object.entries(attributes)) {
    if ('base64' in attribute) continue;
    const { type, text } = attribute;
    if (type === 'String.Array') values.push([name, jsonOf(text)]);
    else values.push([name, type.startsWith('Number') ? Number(text) : text]);
  }
  return Object.fromEntries(values);
}

function refuse(why: string): never {
  throw new PlatformError('invalid_argument', `Invalid parameter: FilterPolicy: ${why}`, {
    field: 'FilterPolicy',
    reason: 'InvalidParameter',
  });
}

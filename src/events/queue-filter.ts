import { parseEventPattern, type EventPattern } from '../resources/event-pattern.ts';

/**
 * Whether any of the patterns matches a message's record. A pattern for an object in `body` is held against the body's
 * JSON; one for a text, against a body that is no JSON object: a mismatch of the two never matches.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
 */
export function queueFilter(patterns: readonly string[]): (record: object) => boolean {
  const parsed = patterns.map((pattern) => parseEventPattern(pattern));
  return (record) => {
    const body = 'body' in record ? jsonObject(record.body) : undefined;
    return parsed.some((pattern) => matchesRecord(pattern, record, body));
  };
}

function matchesRecord(pattern: EventPattern, record: object, body: object | undefined): boolean {
  const kind = pattern.kindOf('body');
  if (kind === 'nested') return body !== undefined && pattern.matches({ ...record, body });
  return (kind === 'none' || body === undefined) && pattern.matches(record);
}

function jsonObject(text: unknown): object | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

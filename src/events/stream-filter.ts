import { parseEventPattern } from '../resources/event-pattern.ts';

/** Whether any of the patterns matches a record. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html */
export function streamFilter(patterns: readonly string[]): (event: object) => boolean {
  const parsed = patterns.map((pattern) => parseEventPattern(pattern));
  return (event) => parsed.some((pattern) => pattern.matches(event));
}

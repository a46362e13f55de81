/**
 * Whether an event is wanted: filters of CloudEvents' Subscriptions API. Pure.
 * https://github.com/cloudevents/spec/blob/main/subscriptions/spec.md#324-filters
 */
import type { CloudEventFilter } from '../../registry/cloudevent-source.ts';
import { never } from '../../util/assert.ts';
import type { CloudEvent } from './cloud-event.ts';

/** Attributes that are no texts are held against as they would stand in a header. */
export function isWanted(filter: CloudEventFilter, event: CloudEvent): boolean {
  switch (filter.kind) {
    case 'exact':
      return every(filter.attributes, event, (value, text) => value === text);
    case 'prefix':
      return every(filter.attributes, event, (value, text) => value.startsWith(text));
    case 'suffix':
      return every(filter.attributes, event, (value, text) => value.endsWith(text));
    case 'all':
      return filter.filters.every((one) => isWanted(one, event));
    case 'any':
      return filter.filters.some((one) => isWanted(one, event));
    case 'not':
      return !isWanted(filter.filter, event);
    default:
      return never(filter);
  }
}

function every(
  attributes: Readonly<Record<string, string>>,
  event: CloudEvent,
  matches: (value: string, text: string) => boolean,
): boolean {
  return Object.entries(attributes).every(([name, text]) => {
    const value: unknown = Object.hasOwn(event, name) ? event[name] : undefined;
    if (typeof value === 'string') return matches(value, text);
    return (typeof value === 'number' || typeof value === 'boolean') && matches(String(value), text);
  });
}

/** What goes into the address of an HTTP endpoint, of which values may be paths into the event. */
import type { HttpParameters } from '../resources/event-bus/rule.ts';
import { atPath, isPath } from './target-input.ts';

/** `$.body.id`: what the event has there; anything else is itself. */
export function valueAt(event: unknown, given: string): string {
  if (!/^\$[.[]/.test(given) || !isPath(given)) return given;
  const value = atPath(event, given);
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

/** Values that are paths become what the event has there. */
export function filledHttp({ pathValues, query, headers }: HttpParameters, event: unknown): HttpParameters {
  const filled = (all: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(all).map(([name, text]) => [name, valueAt(event, text)]));
  return {
    pathValues: pathValues.map((text) => valueAt(event, text)),
    query: filled(query),
    headers: filled(headers),
  };
}

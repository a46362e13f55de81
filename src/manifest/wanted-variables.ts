import { under } from './found.ts';
import type { WantedVariable } from './manifest.ts';
import type { WrittenFunction } from './read-manifest.ts';

/** What webhooks, routes for CloudEvents and destinations of a function name. */
export function wantedVariablesOf({ events, destinations }: WrittenFunction): WantedVariable[] {
  const ofEvents = events.flatMap(({ value: { tag, value }, found }): WantedVariable[] => {
    // A route for CloudEvents may be open.
    if ((tag !== 'webhook' && tag !== 'cloudevent') || value.secrets.length === 0) return [];
    const { at, path } = under(found, tag, 'secret');
    return [{ of: `the ${tag} at ${value.path}`, what: 'secret', names: value.secrets, at, path }];
  });
  const ofDestinations = (['onSuccess', 'onFailure'] as const).flatMap((name): WantedVariable[] => {
    const { url, token } = destinations?.value[name] ?? {};
    if (destinations === undefined || token === undefined) return [];
    const { at, path } = under(destinations.found, name, 'token');
    return [{ of: `the destination ${url}`, what: 'token', names: [token], at, path }];
  });
  return [...ofEvents, ...ofDestinations];
}

import type { BindingSource } from '../registry/binding.ts';
import { routeOf } from '../registry/route-path.ts';
import type { ControlContext } from './endpoint.ts';

/** Where people call a function: its routes (by the gateway's address; parameters stay in braces) and its own URLs. */
export function addresses(
  context: ControlContext,
  urlIds: readonly string[],
  sources: readonly BindingSource[],
): string[] {
  const { httpPort } = context.ports();
  const routes = sources.flatMap((source) => {
    const route = routeOf(source);
    return route === undefined ? [] : [`http://127.0.0.1:${httpPort}${route.path}`];
  });
  const own = urlIds.map((urlId) => `http://${urlId}.lambda-url.${context.region}.localhost:${httpPort}/`);
  return [...new Set([...routes, ...own])];
}

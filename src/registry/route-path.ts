/**
 * A route's method and path template, as API Gateway's HTTP APIs have them: words, `{name}`, and last `{name+}`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
import { unescape } from 'node:querystring';
import type { BindingSource } from './binding.ts';

/** What a route may name; ANY is every method that the same path does not name. */
export const routeMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'ANY'] as const;

type Segment = { kind: 'literal'; text: string } | { kind: 'parameter' | 'greedy'; name: string };

/** A path template's segments, or what is wrong with it. */
export function parseRoutePath(path: string): readonly Segment[] | string {
  if (!path.startsWith('/')) return `a path starts with '/', '${path}' does not`;
  const segments: Segment[] = [];
  const names = new Set<string>();
  const parts = path === '/' ? [] : path.slice(1).split('/');
  for (const [index, part] of parts.entries()) {
    if (!part.includes('{') && !part.includes('}')) {
      if (/[?#\s]/.test(part)) return `'${part}' in '${path}' holds a character that no path can have`;
      segments.push({ kind: 'literal', text: unescape(part) });
      continue;
    }
    const match = /^\{([A-Za-z0-9._:-]+)(\+?)\}$/.exec(part);
    const name = match?.[1];
    if (name === undefined) return `'${part}' in '${path}' is neither a word, nor {name}, nor {name+}`;
    const isGreedy = match?.[2] === '+';
    if (isGreedy && index !== parts.length - 1) return `{${name}+} in '${path}' must be the last segment`;
    if (names.has(name)) return `{${name}} stands twice in '${path}'`;
    names.add(name);
    segments.push({ kind: isGreedy ? 'greedy' : 'parameter', name });
  }
  return segments;
}

/** Two routes with the same identity answer the same requests: `GET /users/{}`. Undefined: not a path. */
export function routeIdentity(method: string, path: string): string | undefined {
  const segments = parseRoutePath(path);
  if (typeof segments === 'string') return undefined;
  const parts = segments.map((segment) =>
    segment.kind === 'literal' ? encodeURIComponent(segment.text) : segment.kind === 'greedy' ? '{+}' : '{}',
  );
  return `${method.toUpperCase()} /${parts.join('/')}`;
}

/** What a source answers at the gateway; undefined: it answers nothing there. */
export function routeOf(source: BindingSource): { method: string; path: string } | undefined {
  if (source.kind === 'webhook' || source.kind === 'cloudevent') return { method: 'POST', path: source.path };
  return source.kind === 'http' ? { method: source.method, path: source.path } : undefined;
}

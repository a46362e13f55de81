/**
 * The route table: method and path to whatever answers there. Pure; built anew when routes change.
 *
 * Selection as API Gateway's HTTP APIs do it: the most specific path that has the method (or ANY) wins; literal
 * segment before `{name}` before `{name+}`; within one path, the method before ANY. Nothing matching is "not found",
 * a known path with another method included; a trailing slash is a segment of its own (empty).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
import { unescape } from 'node:querystring';
import { parseRoutePath } from '../registry/route-path.ts';

export type Route<Target> = { method: string; path: string; target: Target };

type RouteMatch<Target> = {
  target: Target;
  /** Decoded; undefined when the route has none. */
  parameters: readonly { name: string; value: string }[] | undefined;
};

type Entry<Target> = { target: Target; names: readonly string[] };

/** Entries of one path, by method. */
type Entries<Target> = Map<string, Entry<Target>>;

type Node<Target> = {
  literals: Map<string, Node<Target>>;
  parameter: Node<Target> | undefined;
  greedy: Entries<Target> | undefined;
  entries: Entries<Target>;
};

const newNode = <Target>(): Node<Target> => ({
  literals: new Map(),
  parameter: undefined,
  greedy: undefined,
  entries: new Map(),
});

const pick = <Target>(entries: Entries<Target> | undefined, method: string): Entry<Target> | undefined =>
  entries?.get(method) ?? entries?.get('ANY');

export type RouteTable<Target> = {
  /** `path` as it came on the wire, still percent-encoded, without the query. */
  match(method: string, path: string): RouteMatch<Target> | undefined;
};

/** Of two routes with one identity the first stands. Paths that are none are left out (they are refused when deployed). */
export function buildRouteTable<Target>(routes: Iterable<Route<Target>>): RouteTable<Target> {
  const root = newNode<Target>();
  /** Paths without parameters, whole: what most requests hit. */
  const plain = new Map<string, Map<string, RouteMatch<Target>>>();

  for (const { method, path, target } of routes) {
    const segments = parseRoutePath(path);
    if (typeof segments === 'string') continue;
    const names: string[] = [];
    let node = root;
    let entries: Entries<Target> | undefined;
    for (const segment of segments) {
      if (segment.kind === 'literal') {
        let next = node.literals.get(segment.text);
        if (next === undefined) node.literals.set(segment.text, (next = newNode()));
        node = next;
        continue;
      }
      names.push(segment.name);
      if (segment.kind === 'greedy') entries = node.greedy ??= new Map();
      else node = node.parameter ??= newNode();
    }
    entries ??= node.entries;
    const verb = method.toUpperCase();
    if (entries.has(verb)) continue;
    entries.set(verb, { target, names });
    if (names.length === 0 && !path.includes('%')) {
      let methods = plain.get(path);
      if (methods === undefined) plain.set(path, (methods = new Map()));
      methods.set(verb, { target, parameters: undefined });
    }
  }

  /** Each node is looked at once at most: the work is bounded by the table, however long the path. */
  function find(
    node: Node<Target>,
    parts: readonly string[],
    at: number,
    method: string,
    values: string[],
  ): Entry<Target> | undefined {
    const part = parts[at];
    if (part === undefined) return pick(node.entries, method);
    const literal = node.literals.get(part);
    const found = literal === undefined ? undefined : find(literal, parts, at + 1, method, values);
    if (found !== undefined) return found;
    if (part !== '' && node.parameter !== undefined) {
      values.push(part);
      const through = find(node.parameter, parts, at + 1, method, values);
      if (through !== undefined) return through;
      values.pop();
    }
    const greedy = pick(node.greedy, method);
    if (greedy !== undefined) values.push(parts.slice(at).join('/'));
    return greedy;
  }

  return {
    match(method, path) {
      const methods = plain.get(path);
      const direct = methods?.get(method) ?? methods?.get('ANY');
      if (direct !== undefined) return direct;
      const parts = path.slice(1).split('/');
      const values: string[] = [];
      const entry = find(root, path.includes('%') ? parts.map(unescape) : parts, 0, method, values);
      if (entry === undefined) return undefined;
      const parameters = entry.names.map((name, index) => ({ name, value: values[index] ?? '' }));
      return { target: entry.target, parameters: parameters.length === 0 ? undefined : parameters };
    },
  };
}

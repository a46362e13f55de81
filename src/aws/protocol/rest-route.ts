/** Which operation a request means, where operations are bound to methods, paths and queries (REST-XML, REST-JSON). */
import { decodePercent } from './query-parameters.ts';
import type { WireRequest } from './protocol.ts';
import type { Operation } from './shape.ts';

type Route = {
  operation: Operation;
  path: RegExp;
  labels: readonly string[];
  /** Query parameters of the binding's URI, with the value that they must have, if any. */
  literals: readonly (readonly [name: string, value: string | undefined])[];
  /** Required members that travel in the query or in a header: they tell operations with the same URI apart. */
  requiredQueries: readonly string[];
  requiredHeaders: readonly string[];
  /** Required labels that are not in the path: the request must have them, and one that has none of them must not. */
  outerLabels: readonly string[];
};

export type Routes = {
  find(request: WireRequest): Operation | undefined;
  /** The path's labels and the outer ones, decoded. Errors: `invalid_argument` (InvalidURI). */
  labels(operation: Operation, request: WireRequest): Readonly<Record<string, string>>;
};

/** A hint that newer clients send, beside what S3 itself goes by. */
const hint = 'x-id';

export function compileRoutes(operations: Iterable<Operation>): Routes {
  const byMethod = new Map<string, Route[]>();
  const byOperation = new Map<Operation, Route>();
  for (const operation of operations) {
    if (operation.http === undefined) continue;
    const { method, uri } = operation.http;
    const route = compileRoute(operation, uri);
    byOperation.set(operation, route);
    byMethod.set(method, [...(byMethod.get(method) ?? []), route]);
  }
  return {
    find: (request) => mostSpecific(byMethod.get(request.method) ?? [], request)?.operation,

    labels(operation, request) {
      const route = byOperation.get(operation);
      const match = route?.path.exec(request.path) ?? [];
      const inPath = (route?.labels ?? []).map(
        (label, index) => [label, decodePercent(match[index + 1] ?? '')] as const,
      );
      return { ...request.labels, ...Object.fromEntries(inPath) };
    },
  };
}

function compileRoute(operation: Operation, uri: string): Route {
  const question = uri.indexOf('?');
  const path = question < 0 ? uri : uri.slice(0, question);
  const literals = (question < 0 ? '' : uri.slice(question + 1))
    .split('&')
    .filter((part) => part !== '')
    .map((part) => part.split('='))
    .map(
      ([name, value]) => [decodePercent(name ?? ''), value === undefined ? undefined : decodePercent(value)] as const,
    );
  const labels: string[] = [];
  const pattern = path
    .split('/')
    .map((segment) => {
      const label = /^\{(\w+)(\+?)\}$/.exec(segment);
      if (label === null) return segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
      labels.push(label[1] ?? '');
      return label[2] === '+' ? '(.+)' : '([^/]+)';
    })
    .join('/');
  const required = operation.input.members.filter((member) => operation.input.required.includes(member.name));
  return {
    operation,
    path: new RegExp(`^${pattern}$`, 's'),
    labels,
    literals,
    requiredQueries: required.flatMap((member) => member.traits.query ?? []),
    requiredHeaders: required.flatMap((member) => member.traits.header?.toLowerCase() ?? []),
    outerLabels: required
      .filter((member) => member.traits.label === true && !labels.includes(member.name))
      .map((member) => member.name),
  };
}

/**
 * The most specific one: the most literals of its URI, then all of its required queries and headers there, and the
 * most of them, then what the hint says. S3 needs all three: `?uploads`, `?partNumber=&uploadId=`, x-amz-copy-source.
 */
function mostSpecific(routes: readonly Route[], request: WireRequest): Route | undefined {
  let best: { route: Route; score: readonly number[] } | undefined;
  const outerLabelCount = Object.keys(request.labels).length;
  for (const route of routes) {
    const hasOuterLabels =
      route.outerLabels.length === outerLabelCount &&
      route.outerLabels.every((label) => request.labels[label] !== undefined);
    if (!hasOuterLabels || !route.path.test(request.path)) continue;
    const score = specificity(route, request);
    if (score !== undefined && (best === undefined || isGreater(score, best.score))) best = { route, score };
  }
  return best?.route;
}

/** Undefined: a literal is missing. Otherwise numbers to compare from the left. */
function specificity(
  route: Route,
  request: WireRequest,
): readonly [literals: number, complete: number, required: number, hinted: number] | undefined {
  let literals = 0;
  for (const [name, value] of route.literals) {
    if (name === hint) continue;
    if (!request.query.has(name) || (value !== undefined && request.query.get(name) !== value)) return undefined;
    literals += 1;
  }
  const missing =
    route.requiredQueries.filter((name) => !request.query.has(name)).length +
    route.requiredHeaders.filter((name) => request.headers[name] === undefined).length;
  const required = route.requiredQueries.length + route.requiredHeaders.length;
  const isHinted = request.query.get(hint) === route.operation.name;
  return [literals, missing === 0 ? 1 : 0, missing === 0 ? required : -missing, isHinted ? 1 : 0];
}

function isGreater(left: readonly number[], right: readonly number[]): boolean {
  for (let index = 0; index < left.length; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

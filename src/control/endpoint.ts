import type { Principal } from '../identity/principal.ts';
import { PlatformError, type ErrorCode } from '../util/errors.ts';
import { retryAfter, type HttpRequest, type HttpResponse } from '../util/http.ts';
import type { AccountId } from '../util/ids.ts';
import type { InTurn } from '../util/in-turn.ts';
import { readWhole } from '../util/read-whole.ts';
import type { ControlParts } from './control-parts.ts';
import type { EarlierInvocations } from './earlier-invocations.ts';
import type { RecentInvocations } from './recent-invocations.ts';

/** What every endpoint works with. */
export type ControlContext = ControlParts & {
  recent: RecentInvocations;
  /** Those of before the platform was started. */
  earlier: EarlierInvocations;
  /** Deployments of one account, one after the other: each looks at what the others own. */
  inTurn: InTurn;
};

/** One authenticated request. */
export type Call = {
  request: HttpRequest;
  /** Who asks; a function or a stranger never does. */
  principal: Principal;
  account: AccountId;
  parameters: Readonly<Record<string, string>>;
  query: URLSearchParams;
};

export type Endpoint = (context: ControlContext, call: Call) => Promise<HttpResponse>;

const statuses = {
  invalid_argument: 400,
  // As every AWS service answers a missing or wrong signature; 401 would promise a WWW-Authenticate.
  unauthenticated: 403,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  throttled: 429,
  timeout: 504,
  unavailable: 503,
  not_implemented: 501,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;

export function jsonResponse(value: unknown, status = 200): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(value),
  };
}

/** One JSON value a line, as long as `values` lasts. */
export function linesResponse(values: AsyncIterable<unknown>): HttpResponse {
  async function* lines(): AsyncGenerator<Uint8Array> {
    for await (const value of values) yield Buffer.from(`${JSON.stringify(value)}\n`);
  }
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' },
    body: lines(),
  };
}

export function errorResponse(error: PlatformError): HttpResponse {
  const { code, message, field, retryAfterMs } = error;
  const response = jsonResponse(
    { error: { code, message, ...(field === undefined ? {} : { field }) } },
    statuses[code],
  );
  return retryAfterMs === undefined
    ? response
    : { ...response, headers: { ...response.headers, ...retryAfter(retryAfterMs) } };
}

/** A path parameter that the route has. */
export function parameter(call: Call, name: string): string {
  return call.parameters[name] ?? '';
}

/** A whole number in the query, `otherwise` when absent. */
export function numberQuery(call: Call, name: string, bounds: { min: number; max: number; otherwise: number }): number {
  const text = call.query.get(name);
  if (text === null || text === '') return bounds.otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= bounds.min && value <= bounds.max) return value;
  throw new PlatformError(
    'invalid_argument',
    `the query's ${name} is '${text}'; accepted: a whole number from ${bounds.min} to ${bounds.max}`,
    { field: name },
  );
}

/** Errors: `too_large`. */
export async function readBytes(request: HttpRequest, bytesMax: number): Promise<Buffer> {
  const bytes = await readWhole(request.body, bytesMax);
  if (bytes !== undefined) return bytes;
  throw new PlatformError('too_large', `the body has more than ${bytesMax} bytes, which is what is accepted here`);
}

/** The message of a failure says where the text stops being JSON. */
export async function readJson(request: HttpRequest, bytesMax: number): Promise<unknown> {
  const text = (await readBytes(request, bytesMax)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PlatformError('invalid_argument', `the body is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

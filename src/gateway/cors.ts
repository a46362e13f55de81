/**
 * What browsers are told about requests from other origins, by a function URL's own configuration.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
 */
import type { Cors } from '../registry/function.ts';
import type { HttpRequest, HttpResponse } from '../util/http.ts';

type Headers = Record<string, string>;

/**
 * The answer to a browser that asks whether it may: given without the function, whoever asks, as on AWS. Undefined: the
 * request is something else. From an origin that is not allowed: an answer that allows nothing.
 */
export function preflightResponse(cors: Cors | undefined, { method, headers }: HttpRequest): HttpResponse | undefined {
  const asked = headers['access-control-request-method'];
  if (cors === undefined || method !== 'OPTIONS' || headers['origin'] === undefined || asked === undefined) {
    return undefined;
  }
  const origin = originHeaders(cors, headers['origin']);
  const allowed =
    origin === undefined
      ? {}
      : {
          ...origin,
          ...listed('access-control-allow-methods', cors, cors.allowMethods, asked),
          ...listed(
            'access-control-allow-headers',
            cors,
            cors.allowHeaders?.map((name) => name.toLowerCase()),
            headers['access-control-request-headers'],
          ),
          ...(cors.maxAgeS === undefined ? {} : { 'access-control-max-age': String(cors.maxAgeS) }),
        };
  return { status: 200, headers: { 'content-type': 'application/json', ...allowed } };
}

/**
 * The response with what the configuration adds. Where the function says something else, both go out, as on AWS: browsers
 * refuse that, and whoever wrote the function should see it here first.
 */
export function withCors(cors: Cors | undefined, { headers }: HttpRequest, response: HttpResponse): HttpResponse {
  const origin = headers['origin'];
  const own = cors === undefined || origin === undefined ? undefined : originHeaders(cors, origin);
  if (cors === undefined || own === undefined) return response;
  const added = { ...own, ...listed('access-control-expose-headers', cors, cors.exposeHeaders, undefined) };
  const all: Record<string, string | readonly string[]> = { ...response.headers };
  for (const [name, value] of Object.entries(added)) {
    const present = all[name];
    all[name] = present === undefined ? value : [...(typeof present === 'string' ? [present] : present), value];
  }
  return { ...response, headers: all };
}

/** Undefined: the origin is not allowed. */
function originHeaders({ allowOrigins = [], allowCredentials = false }: Cors, origin: string): Headers | undefined {
  const isAny = allowOrigins.includes('*');
  if (!isAny && !allowOrigins.includes(origin)) return undefined;
  // Browsers do not take a star where there are credentials.
  if (isAny && !allowCredentials) return { 'access-control-allow-origin': '*' };
  return {
    'access-control-allow-origin': origin,
    vary: 'Origin',
    ...(allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
  };
}

/** `asked`: what a star stands for where there are credentials. */
function listed(
  name: string,
  { allowCredentials = false }: Cors,
  values: readonly string[] | undefined,
  asked: string | undefined,
): Headers {
  if (values === undefined || values.length === 0) return {};
  return { [name]: values.includes('*') && allowCredentials ? (asked ?? '*') : values.join(',') };
}

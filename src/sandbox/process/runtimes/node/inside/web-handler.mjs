/**
 * Web-standard handlers, `export default { fetch(request, env, ctx) }`, on Lambda's events.
 *
 *   fetch      for HTTP events, payload format 2.0 (function URLs, HTTP routes)
 *   scheduled  for schedules: (controller, env, ctx), controller { scheduledTime, cron, type }
 *   handler    for every other event: Lambda's own (event, context)
 *
 * The answer waits for what `ctx.waitUntil` was given, so that it is measured, billed and never cut short. One that is
 * read while it is written has ended for its reader when its body has; only the invocation waits.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
import { RuntimeError } from './errors.mjs';
import { withMetadata } from './response-stream.mjs';

// Node.js loads these when they are first used: now, during init, whose CPU is not limited, rather than in the first call.
new Response(new Request('http://localhost/').body);

/** Bodies of these types are text; every other is sent in base64. */
const textType =
  /^text\/|[/+](json|xml|javascript|ecmascript|x-www-form-urlencoded|yaml|graphql|x-ndjson)\b|^image\/svg/i;

export function webHandler(exported) {
  const kinds = ['fetch', 'scheduled', 'handler'].filter((kind) => typeof exported[kind] === 'function');
  const handle = async (event, context, deliver) => {
    const waits = [];
    const ctx = {
      waitUntil: (promise) => void waits.push(promise),
      passThroughOnException() {},
      props: {},
      lambda: context,
    };
    const kind = kindOf(event, kinds);
    if (!kinds.includes(kind)) throw notAccepted(event, kinds);
    const answer = await answers[kind](exported, event, ctx, context, deliver);
    while (waits.length > 0) await Promise.all(waits.splice(0));
    return answer;
  };
  const call = (event, context) => handle(event, context, toResult);
  const write = (event, responseStream, context) =>
    handle(event, context, (response) => writeResponse(response, responseStream));
  /** For a caller that reads while the answer is written: how to write it, where that can be. */
  call.streaming = (event) => (kindOf(event, kinds) === 'fetch' ? write : undefined);
  return call;
}

function kindOf(event, kinds) {
  if (event?.requestContext?.http !== undefined) return kinds.includes('fetch') ? 'fetch' : 'handler';
  if (event?.['detail-type'] === 'Scheduled Event' && kinds.includes('scheduled')) return 'scheduled';
  return 'handler';
}

const answers = {
  async fetch(exported, event, ctx, _context, deliver) {
    return deliver(await exported.fetch(toRequest(event), process.env, ctx));
  },
  async scheduled(exported, event, ctx) {
    const controller = {
      scheduledTime: Date.parse(event.time),
      cron: event.resources?.[0] ?? '',
      type: 'scheduled',
      noRetry() {},
    };
    await exported.scheduled(controller, process.env, ctx);
    return null;
  },
  handler: (exported, event, _ctx, context) => exported.handler(event, context),
};

/** Head first, then the body as it comes, no faster than it is taken. */
async function writeResponse(response, responseStream) {
  checkResponse(response);
  const out = withMetadata(responseStream, { statusCode: response.status, ...headersOf(response) });
  for await (const chunk of response.body ?? [Buffer.from(await response.arrayBuffer())]) {
    if (!out.write(chunk)) await new Promise((resolve) => out.once('drain', resolve));
  }
  out.end();
}

function notAccepted(event, kinds) {
  const got = event?.['detail-type'] ?? event?.Records?.[0]?.eventSource ?? 'it is not an HTTP event';
  return new RuntimeError(
    'HandlerNotFound',
    `the default export has ${kinds.join(', ')}, which does not accept this event (${got}): add fetch(request, env, ctx) for HTTP, ` +
      'scheduled(controller, env, ctx) for schedules, or handler(event, context) for every other event',
  );
}

export function toRequest(event) {
  const { http, domainName } = event.requestContext;
  const query = event.rawQueryString ? `?${event.rawQueryString}` : '';
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers ?? {})) headers.set(name, value);
  if (event.cookies?.length > 0) headers.set('cookie', event.cookies.join('; '));
  const scheme = headers.get('x-forwarded-proto') ?? 'http';
  const target = `${event.rawPath ?? http.path}${query}`;
  // The host is whatever the client sent, which need not make a URL.
  const hosts = [headers.get('host') ?? domainName, domainName, 'localhost'];
  const url = hosts.map((host) => `${scheme}://${host}${target}`).find((candidate) => URL.canParse(candidate));
  const bodiless = http.method === 'GET' || http.method === 'HEAD' || event.body === undefined || event.body === null;
  return new Request(url, {
    method: http.method,
    headers,
    body: bodiless ? null : Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8'),
  });
}

export async function toResult(response) {
  checkResponse(response);
  const { headers, cookies } = headersOf(response);
  const bytes = Buffer.from(await response.arrayBuffer());
  const isText =
    bytes.length === 0 || (textType.test(headers['content-type'] ?? '') && headers['content-encoding'] === undefined);
  return {
    statusCode: response.status,
    headers,
    ...(cookies.length > 0 && { cookies }),
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  };
}

function checkResponse(response) {
  if (typeof response?.arrayBuffer !== 'function' || typeof response.status !== 'number') {
    throw new TypeError('fetch must return a Response, or a promise of one');
  }
}

function headersOf(response) {
  const headers = {};
  for (const [name, value] of response.headers) if (name !== 'set-cookie') headers[name] = value;
  return { headers, cookies: response.headers.getSetCookie() };
}

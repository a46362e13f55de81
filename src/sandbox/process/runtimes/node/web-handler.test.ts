import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  answerOf,
  errorOf,
  openTestSandbox,
  projectRoot,
  type TestSandbox,
} from '../../../../../test/fakes/process-sandbox.ts';
import { TakenAnswer } from '../../../../../test/fakes/taken-answer.ts';
import { inTime } from '../../../../../test/harness/in-time.ts';

const fixtures = join(projectRoot, '../shared/fixtures/events');
const hasFixtures = existsSync(fixtures);

type Result = {
  statusCode: number;
  headers: Record<string, string>;
  cookies?: string[];
  body: string;
  isBase64Encoded: boolean;
};

/** An event of payload format 2.0. */
function httpEvent(
  method: string,
  path: string,
  options: {
    query?: string;
    headers?: Record<string, string>;
    cookies?: string[];
    body?: string;
    base64?: boolean;
  } = {},
) {
  const { query = '', headers = {}, cookies, body, base64 = false } = options;
  return {
    version: '2.0',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'abc.lambda-url.us-east-1.localhost:8080', 'x-forwarded-proto': 'http', ...headers },
    ...(cookies && { cookies }),
    ...(body !== undefined && { body }),
    isBase64Encoded: base64,
    requestContext: { domainName: 'abc.lambda-url.us-east-1.localhost', http: { method, path } },
  };
}

describe('Web-standard handlers', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  const start = (source: string, handler = 'index.default') =>
    opened.start({
      runtime: 'nodejs26.x',
      handler,
      files: { 'index.mjs': source },
      variables: { GREETING: 'good day' },
    });

  const mirror = `export default {
    async fetch(request, env, ctx) {
      const body = Buffer.from(await request.arrayBuffer()).toString('latin1');
      const { method, url } = request;
      return Response.json({ method, url, body, cookie: request.headers.get('cookie'), type: request.headers.get('content-type'), greeting: env.GREETING, id: ctx.lambda.awsRequestId });
    }
  }`;

  test('the request is the one that was sent', async () => {
    const { invoke } = await start(mirror);
    const seen = async (event: unknown): Promise<Record<string, unknown>> => {
      const { statusCode, headers, body, isBase64Encoded } = answerOf(
        await invoke(event, { requestId: 'r-1' as never }),
      ) as Result;
      assert.deepEqual(
        { statusCode, isBase64Encoded, type: headers['content-type'] },
        { statusCode: 200, isBase64Encoded: false, type: 'application/json' },
      );
      return JSON.parse(body) as Record<string, unknown>;
    };
    assert.deepEqual(await seen(httpEvent('GET', '/a%20b/ü', { query: 'x=1&x=2', cookies: ['a=1', 'b=2'] })), {
      method: 'GET',
      url: 'http://abc.lambda-url.us-east-1.localhost:8080/a%20b/%C3%BC?x=1&x=2',
      body: '',
      cookie: 'a=1; b=2',
      type: null,
      greeting: 'good day',
      id: 'r-1',
    });
    const posted = await seen(httpEvent('POST', '/', { headers: { 'content-type': 'text/plain' }, body: 'hello' }));
    assert.deepEqual([posted.body, posted.type], ['hello', 'text/plain']);
    const binary = await seen(
      httpEvent('PUT', '/', { body: Buffer.from([0, 255, 10]).toString('base64'), base64: true }),
    );
    assert.equal(binary.body, '\u0000\u00ff\n');
  });

  for (const fixture of [
    'lambda/base.json',
    'lambda/get-request.json',
    'apigw-http/no-auth.json',
    'apigw-http/iam-auth.json',
  ]) {
    const path = join(fixtures, fixture);
    const skip = !hasFixtures && 'the fixtures are not beside this checkout';
    test(`a real event is accepted: ${fixture}`, { skip }, async () => {
      const event = JSON.parse(readFileSync(path, 'utf8')) as {
        requestContext: { http: { method: string } };
        rawPath: string;
      };
      const { invoke } = await start(mirror);
      const { body } = answerOf(await invoke(event)) as Result;
      const { method, url } = JSON.parse(body) as { method: string; url: string };
      assert.equal(method, event.requestContext.http.method);
      assert.equal(new URL(url).pathname, event.rawPath);
    });
  }

  test('the response comes back whole: status, headers, cookies, text and bytes', async () => {
    const { invoke } = await start(`export default {
      fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === '/text') {
          const headers = new Headers({ 'content-type': 'text/html; charset=utf-8', 'x-one': '1' });
          headers.append('set-cookie', 'a=1; Path=/');
          headers.append('set-cookie', 'b=2');
          return new Response('<p>grüße</p>', { status: 418, headers });
        }
        if (pathname === '/bytes') return new Response(new Uint8Array([0, 255]), { headers: { 'content-type': 'image/png' } });
        if (pathname === '/zipped') return new Response('x', { headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' } });
        if (pathname === '/stream') return new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('a')); c.enqueue(new TextEncoder().encode('b')); c.close(); } }), { headers: { 'content-type': 'application/problem+json' } });
        if (pathname === '/nothing') return new Response(null, { status: 204 });
        if (pathname === '/away') return Response.redirect('http://example.com/', 302);
        return 'not a response';
      }
    }`);
    const get = async (path: string): Promise<Result> => answerOf(await invoke(httpEvent('GET', path))) as Result;
    assert.deepEqual(await get('/text'), {
      statusCode: 418,
      headers: { 'content-type': 'text/html; charset=utf-8', 'x-one': '1' },
      cookies: ['a=1; Path=/', 'b=2'],
      body: '<p>grüße</p>',
      isBase64Encoded: false,
    });
    assert.deepEqual(await get('/bytes'), {
      statusCode: 200,
      headers: { 'content-type': 'image/png' },
      body: 'AP8=',
      isBase64Encoded: true,
    });
    assert.equal((await get('/zipped')).isBase64Encoded, true);
    assert.deepEqual([(await get('/stream')).body, (await get('/stream')).isBase64Encoded], ['ab', false]);
    assert.deepEqual(await get('/nothing'), { statusCode: 204, headers: {}, body: '', isBase64Encoded: false });
    assert.equal((await get('/away')).headers.location, 'http://example.com/');
    assert.match(errorOf(await invoke(httpEvent('GET', '/else'))).errorMessage, /fetch must return a Response/);
  });

  test('the answer waits for waitUntil, whatever it waits for in turn, and fails with it', async () => {
    const { invoke, lines } = await start(`export default {
      async fetch(request, env, ctx) {
        ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 10)).then(() => {
          ctx.waitUntil(Promise.resolve().then(() => console.log('written')));
          if (request.url.endsWith('/fail')) throw new RangeError('not written');
        }));
        return new Response('ok');
      }
    }`);
    assert.equal((answerOf(await invoke(httpEvent('GET', '/'))) as Result).body, 'ok');
    assert.match(lines[0]?.text ?? '', /written$/);
    assert.equal(errorOf(await invoke(httpEvent('GET', '/fail'))).errorType, 'RangeError');
  });

  test('schedules go to scheduled, other events to handler, and what nothing accepts says so', async () => {
    const schedule = { 'detail-type': 'Scheduled Event', time: '2026-01-01T00:00:00Z', resources: ['arn:rule'] };
    const upload = { Records: [{ eventSource: 'aws:s3' }] };
    const all = await start(`export default {
      fetch() { return new Response('http') },
      scheduled(controller, env, ctx) { console.log(controller.scheduledTime, controller.type) },
      handler(event, context) { return [event.Records[0].eventSource, context.functionName] }
    }`);
    assert.equal(answerOf(await all.invoke(schedule)), null);
    assert.match(all.lines[0]?.text ?? '', /1767225600000 scheduled$/);
    assert.deepEqual(answerOf(await all.invoke(upload)), ['aws:s3', 'tried']);
    const web = await start("export default { fetch() { return new Response('http') } }");
    const error = errorOf(await web.invoke(upload));
    assert.equal(error.errorType, 'Runtime.HandlerNotFound');
    assert.match(
      error.errorMessage,
      /has fetch, which does not accept this event \(aws:s3\): add .*handler\(event, context\)/,
    );
  });

  test('it is found under any handler name that names no export, and under its own', async () => {
    for (const handler of ['index.default', 'index.handler', 'index.app']) {
      const { invoke } = await start(
        "const app = { fetch: () => new Response('found') };\nexport { app };\nexport default app;",
        handler,
      );
      assert.equal((answerOf(await invoke(httpEvent('GET', '/'))) as Result).body, 'found', handler);
    }
  });

  test('a caller that streams gets the head at once, the body as it comes, and waits for nothing after it', async () => {
    const { invoke, lines } = await start(`export default { fetch(request, env, ctx) {
      const waitMs = Number(new URL(request.url).searchParams.get('wait'));
      ctx.waitUntil(new Promise((done) => setTimeout(done, 2 * waitMs)).then(() => console.log('after')));
      const body = new ReadableStream({ async start(out) {
        out.enqueue(new TextEncoder().encode('one,'));
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        out.enqueue(new TextEncoder().encode('two'));
        out.close();
      } });
      const headers = new Headers({ 'content-type': 'text/event-stream' });
      headers.append('set-cookie', 'a=b');
      return new Response(new URL(request.url).pathname === '/none' ? null : body, { status: 202, headers });
    } }`);
    const head = `{"statusCode":202,"headers":{"content-type":"text/event-stream"},"cookies":["a=b"]}${'\0'.repeat(8)}`;
    await inTime(200, async (waitMs) => {
      lines.length = 0;
      const taken = new TakenAnswer();
      const outcome = invoke(httpEvent('GET', '/', { query: `wait=${waitMs}` }), { taker: taken });
      await taken.until(() => taken.text.includes('one'));
      const first = taken.text;
      await taken.until(() => taken.hasEnded);
      assert.equal(taken.text, `${head}one,two`);
      const isBefore = lines.length === 0;
      assert.equal((await outcome).status, 'response');
      assert.match(lines[0]?.text ?? '', /after$/);
      return first === `${head}one,` && isBefore;
    });
    const none = new TakenAnswer();
    await invoke(httpEvent('GET', '/none'), { taker: none });
    assert.equal(none.text, head);
    assert.equal(
      (answerOf(await invoke(httpEvent('GET', '/'))) as Result).body,
      'one,two',
      'whole, to who asks for that',
    );
  });

  test('what is no HTTP event is answered whole, whoever asks', async () => {
    const { invoke } = await start(
      "export default { fetch: () => new Response('x'), handler: (event) => event.n, scheduled() {} }",
    );
    const taken = new TakenAnswer();
    assert.equal(answerOf(await invoke({ n: 5 }, { taker: taken })), 5);
    assert.equal(taken.hasBegun, false);
  });
});

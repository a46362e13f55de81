import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HttpRequest } from '../util/http.ts';
import { EventTexts, functionResponse, httpEvent, requestTime, type Door, type HttpEventInput } from './http-event.ts';

const route: Door = { kind: 'route', routeKey: 'GET /hello', accountId: '000000000000', apiId: 'shop' };
const url: Door = { kind: 'url', urlId: 'abc' };

function request(
  change: Partial<HttpRequest> = {},
  headers: [string, string][] = [['Host', 'localhost:8080']],
): HttpRequest {
  const joined: Record<string, string> = {};
  for (const [name, value] of headers) joined[name.toLowerCase()] ??= value;
  return {
    method: 'GET',
    target: '/hello',
    path: '/hello',
    query: '',
    headers: joined,
    rawHeaders: headers.flat(),
    body: (async function* () {})(),
    remoteAddress: '127.0.0.1',
    signal: new AbortController().signal,
    sendContinue: () => {},
    ...change,
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- parsed JSON, looked at freely
function eventOf(change: Partial<HttpEventInput> = {}): any {
  const timeMs = Date.UTC(2020, 2, 12, 19, 3, 58, 390);
  const event = httpEvent({
    request: request(),
    door: route,
    requestId: 'id',
    traceHeader: 'Root=1-62ecd163-5f302e550dcde3b12402207d',
    timeMs,
    time: requestTime(timeMs),
    pathParameters: undefined,
    body: undefined,
    ...change,
  });
  return JSON.parse(event.toString('utf8'));
}

test('what is kept from one event to the next is of no other host, door or header', () => {
  const texts = new EventTexts();
  const input = {
    requestId: 'id',
    traceHeader: 'Root=1',
    timeMs: 0,
    time: '',
    pathParameters: undefined,
    body: undefined,
  };
  for (const door of [route, url, { ...route, routeKey: 'GET /"else"' }])
    for (const host of ['a.localhost:80', 'a.localhost', '[::1]:8080', 'a.localhost:80'])
      for (const name of ['x-"one"', 'x-two']) {
        const given = {
          ...input,
          door,
          request: request({}, [
            ['Host', host],
            [name, 'ü'],
          ]),
        };
        assert.equal(httpEvent(given, texts).toString(), httpEvent(given).toString());
      }
});

test('the event of a route, in full', () => {
  assert.deepEqual(
    eventOf({
      request: request({}, [
        ['Host', 'api.localhost:8080'],
        ['User-Agent', 'curl/8'],
        ['X-Two', 'a'],
        ['x-two', 'b'],
      ]),
    }),
    {
      version: '2.0',
      routeKey: 'GET /hello',
      rawPath: '/hello',
      rawQueryString: '',
      headers: {
        host: 'api.localhost:8080',
        'user-agent': 'curl/8',
        'x-two': 'a,b',
        'content-length': '0',
        'x-amzn-trace-id': 'Root=1-62ecd163-5f302e550dcde3b12402207d',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': '8080',
        'x-forwarded-proto': 'http',
      },
      requestContext: {
        accountId: '000000000000',
        apiId: 'shop',
        domainName: 'api.localhost',
        domainPrefix: 'api',
        http: { method: 'GET', path: '/hello', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'curl/8' },
        requestId: 'id',
        routeKey: 'GET /hello',
        stage: '$default',
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: 1584039838390,
      },
      isBase64Encoded: false,
    },
  );
});

test('without a query there is no queryStringParameters, without a body no body', () => {
  const event = eventOf();
  assert.equal('queryStringParameters' in event, false);
  assert.equal('body' in event, false);
  assert.equal('cookies' in event, false);
  assert.equal('pathParameters' in event, false);
  assert.equal('queryStringParameters' in eventOf({ request: request({ query: '&' }) }), false);
});

test('a query is decoded, + and UTF-8 included, and repeated names are joined', () => {
  const query = 'name=Ada+Lovelace&name=%C3%84da&empty=&flag&a%2Bb=1%2B1&bad=%zz&__proto__=x';
  const event = eventOf({ request: request({ query }) });
  assert.equal(event.rawQueryString, query);
  assert.deepEqual(Object.entries(event.queryStringParameters), [
    ['name', 'Ada Lovelace,Äda'],
    ['empty', ''],
    ['flag', ''],
    ['a+b', '1+1'],
    ['bad', '%zz'],
    ['__proto__', 'x'],
  ]);
});

test('cookies are listed and leave the headers', () => {
  const event = eventOf({
    request: request({}, [
      ['host', 'x'],
      ['cookie', 'a=1; b=2 ;; c="3"'],
    ]),
  });
  assert.deepEqual(event.cookies, ['a=1', 'b=2', 'c="3"']);
  assert.equal('cookie' in event.headers, false);
});

test('text comes as text, everything else as base64', () => {
  const bodyOf = (type: string | undefined, body: Buffer) => {
    const { body: text, isBase64Encoded } = eventOf({
      request: request({}, type === undefined ? [] : [['content-type', type]]),
      body,
    });
    return [text, isBase64Encoded];
  };
  const text = Buffer.from('{"a":"ä"}');
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'TEXT/CSV',
    'application/xml',
    'application/javascript',
  ]) {
    assert.deepEqual(bodyOf(type, text), ['{"a":"ä"}', false], type);
  }
  for (const type of [
    'application/octet-stream',
    'image/png',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonlines',
    undefined,
  ]) {
    assert.deepEqual(bodyOf(type, text), [text.toString('base64'), true], String(type));
  }
  assert.deepEqual(
    bodyOf('text/plain', Buffer.from([0xff, 0xfe])),
    ['//4=', true],
    'bytes that are no UTF-8 are not spoiled',
  );
});

test('a route decodes the path, a function URL leaves it; both say where the call came in', () => {
  const there = request({ path: '/caf%C3%A9/100%25' }, [['host', 'abc.lambda-url.us-east-1.localhost:8080']]);
  assert.equal(eventOf({ request: there, pathParameters: [{ name: 'x', value: '100%' }] }).rawPath, '/café/100%');
  assert.deepEqual(eventOf({ request: there, pathParameters: [{ name: 'x', value: '100%' }] }).pathParameters, {
    x: '100%',
  });
  const event = eventOf({ request: there, door: url });
  assert.equal(event.rawPath, '/caf%C3%A9/100%25');
  assert.equal(event.routeKey, '$default');
  assert.equal(event.requestContext.accountId, 'anonymous');
  assert.equal(event.requestContext.apiId, 'abc');
  assert.equal(event.requestContext.domainPrefix, 'abc');
  assert.equal('content-length' in event.headers, false);
});

test('addresses: behind a proxy, IPv6, IPv4 in IPv6 clothing', () => {
  const event = eventOf({
    request: request({ remoteAddress: '::ffff:10.0.0.7' }, [
      ['host', '[::1]:8080'],
      ['x-forwarded-for', '1.2.3.4'],
    ]),
  });
  assert.equal(event.requestContext.http.sourceIp, '10.0.0.7');
  assert.equal(event.headers['x-forwarded-for'], '1.2.3.4, 10.0.0.7');
  assert.equal(event.requestContext.domainName, '[::1]');
  assert.equal(event.headers['x-forwarded-port'], '8080');
});

test('a host that is none cannot break out of the event', () => {
  const event = eventOf({ request: request({}, [['host', 'a:80","evil":"1']]) });
  assert.equal('evil' in event.headers, false);
  assert.equal(event.headers['x-forwarded-port'], '"1');
  assert.equal(eventOf({ request: request({}, [['host', 'a:8"0']]) }).headers['x-forwarded-port'], '8"0');
});

test('whatever the request holds, the event is JSON with the same in it', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, text, text, text, fc.uint8Array(), (path, query, value, agent, bytes) => {
      const body = Buffer.from(bytes);
      const headers: [string, string][] = [
        ['host', value],
        ['user-agent', agent],
        ['x-any', value],
      ];
      const event = eventOf({ request: request({ path: `/${path}`, query }, headers), door: url, body });
      assert.equal(event.rawPath, Buffer.from(`/${path}`).toString());
      assert.equal(event.headers['x-any'], Buffer.from(value).toString());
      assert.equal(event.requestContext.http.userAgent, Buffer.from(agent).toString());
      assert.deepEqual(Buffer.from(event.body, 'base64'), body);
    }),
  );
});

/** Paths of all leaves; what depends on the example (headers, parameters) as one. */
function shapeOf(value: unknown, at = ''): string[] {
  if (value === null || ['.headers', '.queryStringParameters', '.pathParameters', '.cookies'].includes(at)) return [at];
  if (typeof value !== 'object') return [`${at}:${typeof value}`];
  return Object.entries(value).flatMap(([name, child]) => shapeOf(child, `${at}.${name}`));
}

/** Authorizers are not built, null stands for absent, and `authentication` is for client certificates. */
const isOurs = (path: string): boolean => !/authorizer|authentication|stageVariables/.test(path);

const fixtures = join(import.meta.dirname, '../../../shared/fixtures/events');
const skip = existsSync(fixtures) ? false : `no fixtures at ../shared/fixtures/events`;

test('the events have the shape of recorded ones, field by field', { skip }, () => {
  const compare = (file: string, door: Door, change: Partial<HttpEventInput> = {}): void => {
    const recorded = JSON.parse(readFileSync(join(fixtures, file), 'utf8'));
    for (const [name, value] of Object.entries(recorded)) if (value === null) delete recorded[name];
    const ours = eventOf({ door, ...change });
    assert.deepEqual(shapeOf(ours).toSorted(), shapeOf(recorded).filter(isOurs).toSorted(), file);
    for (const name of Object.keys(recorded.headers)) assert.equal(name, name.toLowerCase());
  };
  const cookies = request({ query: 'a=1' }, [
    ['host', 'abc.x'],
    ['user-agent', 'agent'],
    ['cookie', 'cookie1; cookie2'],
  ]);
  compare('lambda/get-request.json', url);
  compare('lambda/base.json', url, { request: cookies });
  compare('lambda/iam-auth.json', url, {
    request: request(cookies, [
      ['content-type', 'text/plain'],
      ['cookie', 'a'],
    ]),
    body: Buffer.from('Hello'),
  });
  compare('apigw-http/no-auth.json', route);
  compare('apigw-http/iam-auth.json', route);
});

const answered = (value: unknown, door: Door = route) => functionResponse(Buffer.from(JSON.stringify(value)), door);

test('an object with statusCode is a response', () => {
  assert.deepEqual(
    answered({
      statusCode: 201,
      headers: { 'X-A': 1, 'X-B': true, 'Content-Type': 'text/html' },
      body: '<p>ä',
      cookies: ['a=1', 'b=2'],
    }),
    {
      status: 'ok',
      statusCode: 201,
      headers: { 'content-type': 'text/html', 'x-a': '1', 'x-b': 'true', 'set-cookie': ['a=1', 'b=2'] },
      body: '<p>ä',
    },
  );
  assert.deepEqual(answered({ statusCode: '204' }), {
    status: 'ok',
    statusCode: 204,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: '',
  });
  assert.deepEqual(answered({ statusCode: 200, body: null, headers: null }, url), {
    status: 'ok',
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: '',
  });
  assert.deepEqual(answered({ statusCode: 200, body: 'AAEC/w==', isBase64Encoded: true }), {
    status: 'ok',
    statusCode: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: Buffer.from([0, 1, 2, 255]),
  });
});

test('anything else is a 200 whose body is the answer, byte for byte', () => {
  for (const text of ['{"message": "hi"}', '"text"', '[1, 2]', 'null', '7', '{"cut":', '{"body":"no status"}']) {
    assert.deepEqual(functionResponse(Buffer.from(text), route), {
      status: 'ok',
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(text),
    });
  }
});

test('a response that is none says why', () => {
  const faults: [object, RegExp][] = [
    [{ statusCode: 'abc' }, /statusCode is "abc"/],
    [{ statusCode: 99 }, /from 200 to 599/],
    [{ statusCode: 200.5 }, /200\.5/],
    [{ statusCode: 200, body: { a: 1 } }, /body is of type object/],
    [{ statusCode: 200, body: [1] }, /body is an array/],
    [{ statusCode: 200, headers: [] }, /headers is not an object/],
    [{ statusCode: 200, headers: { 'a b': 'c' } }, /header name "a b"/],
    [{ statusCode: 200, headers: { a: ['b'] } }, /header a is \["b"\]/],
    [{ statusCode: 200, headers: { a: 'b\r\nset-cookie: evil=1' } }, /header a/],
    [{ statusCode: 200, cookies: 'a=1' }, /cookies is not an array/],
    [{ statusCode: 200, cookies: ['a\nb'] }, /not a string in one line/],
  ];
  for (const [value, reason] of faults) {
    const response = answered(value);
    assert.equal(response.status, 'invalid');
    assert.match(response.status === 'invalid' ? response.reason : '', reason);
  }
});

test('headers of the connection are ours, and text beyond Latin-1 goes through as UTF-8', () => {
  const response = answered({
    statusCode: 200,
    headers: { Connection: 'close', 'Content-Length': 7, 'Transfer-Encoding': 'chunked', 'X-Name': 'Zoë ✓' },
    body: '',
  });
  assert.deepEqual(response.status === 'ok' && response.headers, {
    'content-type': 'text/plain; charset=utf-8',
    'x-name': Buffer.from('Zoë ✓').toString('latin1'),
  });
});

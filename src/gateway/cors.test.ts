import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cors } from '../registry/function.ts';
import type { HttpRequest, HttpResponse } from '../util/http.ts';
import { preflightResponse, withCors } from './cors.ts';

const request = (method: string, headers: Record<string, string>): HttpRequest =>
  ({ method, headers }) as unknown as HttpRequest;

const asks = (origin: string, more: Record<string, string> = {}): HttpRequest =>
  request('OPTIONS', { origin, 'access-control-request-method': 'PUT', ...more });

const shop = 'https://shop.example';
const cors: Cors = {
  allowOrigins: [shop, 'http://localhost:3000'],
  allowMethods: ['GET', 'PUT'],
  allowHeaders: ['Content-Type', 'X-Own'],
  exposeHeaders: ['X-Total'],
  allowCredentials: true,
  maxAgeS: 600,
};

const answered = (headers: HttpResponse['headers'] = {}): HttpResponse => ({ status: 200, headers, body: 'hi' });

test('a preflight request from an origin that is allowed is told what is', () => {
  assert.deepEqual(preflightResponse(cors, asks(shop)), {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'access-control-allow-origin': shop,
      vary: 'Origin',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET,PUT',
      'access-control-allow-headers': 'content-type,x-own',
      'access-control-max-age': '600',
    },
  });
});

test('one from another origin is told nothing', () => {
  assert.deepEqual(preflightResponse(cors, asks('https://evil.example')), {
    status: 200,
    headers: { 'content-type': 'application/json' },
  });
});

test('what is no preflight request, or meets no configuration, goes to the function', () => {
  assert.equal(preflightResponse(undefined, asks(shop)), undefined);
  assert.equal(preflightResponse(cors, request('OPTIONS', {})), undefined);
  assert.equal(preflightResponse(cors, request('OPTIONS', { origin: shop })), undefined);
  assert.equal(preflightResponse(cors, { ...asks(shop), method: 'GET' }), undefined);
});

test('a star is for every origin, and names it where there are credentials', () => {
  const any: Cors = { allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'] };
  const open = preflightResponse(any, asks(shop))?.headers ?? {};
  assert.equal(open['access-control-allow-origin'], '*');
  assert.equal(open['access-control-allow-methods'], '*');
  assert.equal(open['vary'], undefined);
  const wanted = { 'access-control-request-headers': 'x-one,x-two' };
  const credentials = preflightResponse({ ...any, allowCredentials: true }, asks(shop, wanted))?.headers ?? {};
  assert.equal(credentials['access-control-allow-origin'], shop);
  assert.equal(credentials['access-control-allow-methods'], 'PUT');
  assert.equal(credentials['access-control-allow-headers'], 'x-one,x-two');
});

test('responses to an origin that is allowed get the headers, others stay as they are', () => {
  assert.deepEqual(withCors(cors, request('GET', { origin: shop }), answered()).headers, {
    'access-control-allow-origin': shop,
    vary: 'Origin',
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'X-Total',
  });
  const plain = answered({ 'content-type': 'text/plain' });
  for (const headers of [{}, { origin: 'https://evil.example' }])
    assert.equal(withCors(cors, request('GET', headers), plain), plain);
  assert.equal(withCors(undefined, request('GET', { origin: shop }), plain), plain);
});

test('what the function says itself goes out beside it', () => {
  const own = answered({ 'access-control-allow-origin': '*', vary: 'Accept' });
  const { headers } = withCors(cors, request('GET', { origin: shop }), own);
  assert.deepEqual(headers['access-control-allow-origin'], ['*', shop]);
  assert.deepEqual(headers['vary'], ['Accept', 'Origin']);
});

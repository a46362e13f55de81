import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApiPort } from './api-port.ts';
import type { HttpHandler, HttpRequest } from './util/http.ts';

const answers =
  (name: string): HttpHandler =>
  () =>
    Promise.resolve({ status: 200, headers: {}, body: name });

const port = createApiPort({
  console: answers('console'),
  control: answers('control'),
  code: answers('code'),
  certificate: (path) => (path === '/certificate.pem' ? answers('certificate') : undefined),
  aws: answers('aws'),
});

const asked = async (path: string, host = '127.0.0.1:4566') =>
  (await port({ path, headers: { host } } as never as HttpRequest)).body;

test('the path says who answers', async () => {
  assert.equal(await asked('/_mayfly/functions'), 'control');
  assert.equal(await asked('/_mayfly/'), 'control');
  assert.equal(await asked('/_mayfly/console'), 'console');
  assert.equal(await asked('/_mayfly/console/'), 'console');
  assert.equal(await asked('/_mayfly/console-tokens'), 'control');
  assert.equal(await asked('/_lambda/code/0.zip'), 'code');
  assert.equal(await asked('/certificate.pem'), 'certificate');
  assert.equal(await asked('/'), 'aws');
  assert.equal(await asked('/bucket/_mayfly/key'), 'aws');
  assert.equal(await asked('/_mayflyer/key'), 'aws');
});

test('below a bucket of its own host every path is a key', async () => {
  for (const host of ['pics.localhost:4566', 'pics.s3.us-east-1.localhost:4566', 'pics.s3.amazonaws.com']) {
    assert.equal(await asked('/_mayfly/health', host), 'aws', host);
    assert.equal(await asked('/_mayfly/console/', host), 'aws', host);
    assert.equal(await asked('/_lambda/code/0.zip', host), 'aws', host);
  }
  assert.equal(await asked('/_mayfly/health', 'localhost:4566'), 'control');
  assert.equal(await asked('/_mayfly/health', 'mayfly.example:4566'), 'control');
});

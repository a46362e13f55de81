import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { FakeClock } from '../../util/fake-clock.ts';
import type { HttpRequest } from '../../util/http.ts';
import type { BundleHash } from '../../util/ids.ts';
import { createCodeLocations } from './code-location.ts';

const bundle = 'ab'.repeat(32) as BundleHash;
const other = 'cd'.repeat(32) as BundleHash;
const minuteMs = 60_000;

// oxlint-disable-next-line require-await -- a body is asynchronous to its reader
async function* zipOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function setUp() {
  const clock = new FakeClock();
  const locations = createCodeLocations({
    sign: (text) => createHmac('sha256', 'key').update(text).digest('hex'),
    read: (wanted) => Promise.resolve(wanted === bundle ? { bytes: 3, body: zipOf('zip') } : undefined),
    clock,
  });
  const ask = (url: string, method = 'GET') => {
    const { pathname: path, search } = new URL(url);
    return locations.handler({ method, path, query: search.slice(1) } as never as HttpRequest);
  };
  return { clock, ask, urlOf: (hash: BundleHash) => locations.url('http://127.0.0.1:4566', hash) };
}

test('an address is good for ten minutes, and no longer', async () => {
  const { clock, ask, urlOf } = setUp();
  const url = urlOf(bundle);
  await clock.advance(10 * minuteMs - 1);
  const answer = await ask(url);
  assert.deepEqual([answer.status, answer.headers['content-length']], [200, '3']);
  assert.deepEqual([(await ask(url, 'HEAD')).status, (await ask(url, 'HEAD')).body], [200, undefined]);
  await clock.advance(1);
  assert.equal((await ask(url)).status, 403);
});

test('it is good for its own zip, until its own time, to be read', async () => {
  const { ask, urlOf } = setUp();
  const url = urlOf(bundle);
  const wrong = [
    url.replace(bundle, other),
    url.replace(/expires=(\d)/, 'expires=9$1'),
    url.replace(/signature=.*/, 'signature='),
    `${url}&more=1`,
    url.replace('.zip', '.zip/..'),
  ];
  for (const one of wrong) assert.equal((await ask(one)).status, 403, one);
  assert.equal((await ask(url, 'PUT')).status, 405);
  assert.equal((await ask(urlOf(other))).status, 404);
});

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { call } from './call.ts';
import { createPoster } from './post.ts';
import { isPublicAddress } from './public-address.ts';

test('public addresses are those that lead nowhere inside', () => {
  for (const address of ['1.1.1.1', '93.184.216.34', '2606:4700::1111']) assert.ok(isPublicAddress(address), address);
  const inside = ['127.0.0.1', '10.1.2.3', '169.254.169.254', '192.168.1.1', '172.16.0.1', '100.64.0.1', '0.0.0.0'];
  const inside6 = ['::1', '::ffff:127.0.0.1', 'fe80::1', 'fd00::1', '64:ff9b::7f00:1', '2002:7f00:1::', 'localhost'];
  for (const address of [...inside, ...inside6]) assert.ok(!isPublicAddress(address), address);
});

test('a name that leads inside is refused like the address itself', async () => {
  await using poster = createPoster();
  for (const host of ['localhost', '127.0.0.1', '[::1]', '2130706433']) {
    const url = new URL(`http://${host}:9/`);
    const posted = await poster.post({ url, headers: {}, body: '', isPublicOnly: true });
    assert.equal(posted.kind, 'refused', host);
  }
});

test('nor does it lead inside by a connection that was kept for those who may', async () => {
  await using poster = createPoster();
  const server = createServer((_request, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://localhost:${(server.address() as AddressInfo).port}/`);
  try {
    for (const isPublicOnly of [false, true]) {
      const kind = isPublicOnly ? 'refused' : 'answered';
      for (let again = 0; again < 2; again++) {
        assert.equal((await poster.post({ url, headers: {}, body: '', isPublicOnly })).kind, kind);
        const called = await call({ url, method: 'POST', headers: {}, body: '', timeoutMs: 30_000, isPublicOnly });
        assert.equal(called.kind, kind);
        // A kept connection is offered again in a later turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('what no header can have is refused for good, and nothing is sent', async () => {
  await using poster = createPoster();
  const url = new URL('http://127.0.0.1:9/');
  for (const value of ['a\r\nx-evil: 1', 'a\nb', '\u20ac', 'a\0']) {
    const rest = { url, headers: { 'x-given': value }, body: '{}', isPublicOnly: false };
    assert.equal((await poster.post(rest)).kind, 'refused');
    assert.equal((await call({ ...rest, method: 'POST', timeoutMs: 30_000 })).kind, 'refused');
  }
});

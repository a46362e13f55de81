/** Bytes on a connection: smuggled requests, floods of headers, broken chunks, several requests at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Listener } from '../../src/gateway/listener.ts';
import { systemClock } from '../../src/util/clock.ts';
import type { HttpRequest } from '../../src/util/http.ts';
import { converse } from './converse.ts';
import { fuzz, inPieces } from './fuzz.ts';

/** What ends the talk: whoever answers it has not hung. */
const last = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

const httpWords = [
  '\r\n',
  '\r\n\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: chunked, identity\r\n',
  'transfer-encoding:\x0bchunked\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: +5\r\n',
  'Content-Length: 0x5\r\n',
  'Content-Length: 5, 5\r\n',
  'Host: b\r\n',
  ' folded\r\n',
  'Expect: 100-continue\r\n',
  'Connection: close\r\n',
  'Connection: upgrade\r\nUpgrade: h2c\r\n',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  '5;a="b\r\n',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/9.9',
  'GET http://[::1]:x/ HTTP/1.1\r\nHost: a\r\n\r\n',
  'CONNECT a:1 HTTP/1.1\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  `X-Long: ${'x'.repeat(2_000)}\r\n`,
  'X-Many: a\r\n'.repeat(100),
];

const statuses = (text: string): string[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status = '']) => status);

test('whatever comes on a connection, a handler sees requests that mean one thing, and nothing fails', async () => {
  const seen: HttpRequest[] = [];
  const failures: unknown[] = [];
  await using listener = new Listener({
    async handler(request) {
      seen.push(request);
      let bytes = 0;
      for await (const chunk of request.body) bytes += chunk.length;
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: `${request.method} ${bytes}` };
    },
    clock: systemClock,
    onError: (error) => void failures.push(error),
    limits: { headersTimeoutMs: 2_000, requestTimeoutMs: 2_000, timeoutCheckMs: 200, keepAliveMs: 500 },
  });
  const { port } = await listener.listen(0, '127.0.0.1');
  const { outcomes } = await fuzz({
    corpus: [
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      'POST /a%20b?c=d HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nContent-Length: 5\r\n\r\nhello!',
      'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok',
    ],
    words: httpWords,
    async run(input, random) {
      seen.length = 0;
      const text = await converse(port, [...inPieces(input, random), Buffer.from(last)], { hangsUp: true });
      assert.deepEqual(failures, []);
      assert.ok(!statuses(text).includes('500'), text);
      for (const { headers, rawHeaders, target, method } of seen) {
        assert.ok(
          !(headers['transfer-encoding'] !== undefined && headers['content-length'] !== undefined),
          'two lengths',
        );
        assert.ok(
          rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length <= 1,
          'two hosts',
        );
        assert.match(headers['content-length'] ?? '0', /^\d+$/);
        // oxlint-disable-next-line no-control-regex -- that is what must not be there
        assert.ok(
          rawHeaders.every((one) => !/[\0\r\n]/.test(one)),
          JSON.stringify(rawHeaders),
        );
        assert.match(target, /^[!-\xff]+$/, 'a target without spaces and control characters');
        assert.match(method, /^[A-Z-]+$/);
      }
      return `${seen.length > 2} ${statuses(text).slice(0, 4).join(' ')}`;
    },
  });
  assert.ok(outcomes > 4);
  assert.match(await converse(port, [Buffer.from(last)], { hangsUp: true }), /^HTTP\/1\.1 200 /, 'it serves as before');
});

import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  amzDateAt,
  amzDateMs,
  canonicalRequest,
  createSigningKeys,
  isSameSignature,
  sign,
  type SignableRequest,
  signingKey,
  stringToSign,
} from './signature.ts';
import { parseClaim } from './signature-claim.ts';

const suite = path.join(import.meta.dirname, '../../../shared/fixtures/sigv4');
const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const scope = { date: '20150830', region: 'us-east-1', service: 'service' };
const amzDate = '20150830T123600Z';

/** Vectors of the suite that contradict themselves. */
const wrongFiles: Readonly<Record<string, string>> = {
  'get-vanilla-with-session-token.sreq': "carries get-vanilla's signature and not the one of its own .authz",
};

/** The suite's form of a request: a request line, headers (continued by lines that begin with a space), a body. */
function parse(text: string): SignableRequest & { body: string; headers: Record<string, string> } {
  const [head = '', body = ''] = text.replaceAll('\r\n', '\n').split(/\n\n(.*)/s);
  const [requestLine = '', ...headerLines] = head.replaceAll(/\n\s+/g, ' ').split('\n');
  const match = /^(\S+) (.*) HTTP\/1\.1$/.exec(requestLine);
  const target = match?.[2] ?? '';
  const question = target.indexOf('?');
  const rawHeaders = headerLines
    .filter((line) => line !== '')
    .flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2)
    headers[(rawHeaders[index] ?? '').toLowerCase()] = rawHeaders[index + 1] ?? '';
  return {
    method: match?.[1] ?? '',
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? '' : target.slice(question + 1),
    rawHeaders,
    headers,
    body,
  };
}

describe(
  "AWS's test suite of Signature Version 4",
  { skip: existsSync(suite) ? false : `${suite} is not there` },
  () => {
    const vectors = globSync('**/*.req', { cwd: suite }).sort();
    test('it is complete', () => assert.equal(vectors.length, 34));

    for (const vector of vectors) {
      const base = path.join(suite, vector.slice(0, -'.req'.length));
      const name = path.basename(base);
      const read = (extension: string): string => readFileSync(`${base}.${extension}`, 'utf8').replaceAll('\r\n', '\n');

      test(`${name}: canonical request, string to sign and signature`, () => {
        const request = parse(read('req'));
        const claim = parseClaim({
          headers: { authorization: read('authz'), 'x-amz-date': amzDate },
          rawHeaders: [],
          query: '',
        });
        assert.ok(claim.status === 'claimed');
        const { signedHeaders, signature, accessKeyId } = claim.claim;
        // This one's token is not in the request that it gives, but in the one that it expects.
        const token = /^x-amz-security-token:(.*)$/m.exec(read('creq'))?.[1];
        const rawHeaders =
          token === undefined || 'x-amz-security-token' in request.headers
            ? request.rawHeaders
            : [...request.rawHeaders, 'X-Amz-Security-Token', token];
        // The suite's file has another type than the request beside it.
        const contentType = /^content-type:(.*)$/m.exec(read('creq'))?.[1];
        const asExpected =
          contentType === undefined
            ? rawHeaders
            : rawHeaders.map((value, index) =>
                index % 2 === 1 && rawHeaders[index - 1] === 'Content-Type' ? contentType : value,
              );
        const canonical = canonicalRequest(
          { ...request, rawHeaders: asExpected },
          { signedHeaders, payloadHash: hash('sha256', request.body), pathStyle: 'normalised' },
        );
        assert.equal(canonical, read('creq'));
        const text = stringToSign(amzDate, scope, canonical);
        assert.equal(text, read('sts'));
        assert.equal(accessKeyId, 'AKIDEXAMPLE');
        assert.equal(sign(signingKey(secret, scope), text), signature);
      });

      const reason = wrongFiles[`${name}.sreq`];
      test(`${name}: the signed request is verified`, { skip: reason ?? false }, () => {
        const request = parse(read('sreq'));
        const parsed = parseClaim(request);
        assert.ok(parsed.status === 'claimed');
        const { claim } = parsed;
        const canonical = canonicalRequest(request, {
          signedHeaders: claim.signedHeaders,
          payloadHash: hash('sha256', request.body),
          pathStyle: 'normalised',
        });
        const key = createSigningKeys()(secret, claim.scope);
        assert.ok(isSameSignature(sign(key, stringToSign(claim.amzDate, claim.scope, canonical)), claim.signature));
      });
    }
  },
);

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, …/sigv4-query-string-auth.html */
describe("S3's documented examples", () => {
  const s3Secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  const s3Scope = { date: '20130524', region: 'us-east-1', service: 's3' };
  const s3Date = '20130524T000000Z';
  const emptyHash = hash('sha256', '');
  const signatureOf = (request: SignableRequest, signedHeaders: readonly string[], payloadHash: string): string =>
    sign(
      signingKey(s3Secret, s3Scope),
      stringToSign(s3Date, s3Scope, canonicalRequest(request, { signedHeaders, payloadHash, pathStyle: 's3' })),
    );
  const host = ['Host', 'examplebucket.s3.amazonaws.com'];
  const date = ['x-amz-date', s3Date];

  test('GET of a range', () => {
    const rawHeaders = [...host, 'Range', 'bytes=0-9', 'x-amz-content-sha256', emptyHash, ...date];
    const request = { method: 'GET', path: '/test.txt', query: '', rawHeaders };
    assert.equal(
      signatureOf(request, ['host', 'range', 'x-amz-content-sha256', 'x-amz-date'], emptyHash),
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  test('PUT of a key that clients encode differently', () => {
    const payloadHash = hash('sha256', 'Welcome to Amazon S3.');
    const rawHeaders = [
      ...host,
      'Date',
      'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-content-sha256',
      payloadHash,
      ...date,
      'x-amz-storage-class',
      'REDUCED_REDUNDANCY',
    ];
    for (const key of ['/test$file.text', '/test%24file.text']) {
      const request = { method: 'PUT', path: key, query: '', rawHeaders };
      assert.equal(
        signatureOf(
          request,
          ['date', 'host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-storage-class'],
          payloadHash,
        ),
        '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      );
    }
  });

  test('GET of a subresource and of a list', () => {
    const rawHeaders = [...host, 'x-amz-content-sha256', emptyHash, ...date];
    const signedHeaders = ['host', 'x-amz-content-sha256', 'x-amz-date'];
    assert.equal(
      signatureOf({ method: 'GET', path: '/', query: 'lifecycle', rawHeaders }, signedHeaders, emptyHash),
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    );
    assert.equal(
      signatureOf({ method: 'GET', path: '/', query: 'max-keys=2&prefix=J', rawHeaders }, signedHeaders, emptyHash),
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    );
  });

  test('a presigned GET, whose signature does not sign itself', () => {
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=${s3Date}&X-Amz-Expires=86400&X-Amz-SignedHeaders=host`;
    const signature = 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
    const request = {
      method: 'GET',
      path: '/test.txt',
      query: `${query}&X-Amz-Signature=${signature}`,
      rawHeaders: host,
    };
    assert.equal(signatureOf(request, ['host'], 'UNSIGNED-PAYLOAD'), signature);
    const parsed = parseClaim({ headers: {}, rawHeaders: [], query: request.query });
    assert.ok(parsed.status === 'claimed');
    assert.deepEqual(
      [parsed.claim.signature, parsed.claim.expiresSeconds, parsed.claim.scope.service, parsed.claim.accessKeyId],
      [signature, 86_400, 's3', 'AKIAIOSFODNN7EXAMPLE'],
    );
  });
});

describe('dates and keys', () => {
  test('dates survive the way there and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (seconds) =>
        assert.equal(amzDateMs(amzDateAt(seconds * 1000)), seconds * 1000),
      ),
    );
  });

  test('a key is the same from the cache as computed', () => {
    const keys = createSigningKeys();
    for (let day = 0; day < 1_500; day += 1) {
      const someScope = { ...scope, date: String(20_000_000 + day) };
      assert.deepEqual(keys(secret, someScope), signingKey(secret, someScope));
      assert.deepEqual(keys(secret, someScope), signingKey(secret, someScope));
    }
  });
});

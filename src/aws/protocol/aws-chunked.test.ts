import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { chunkSignature, type ChunkSigning, signingKey, trailerSignature } from '../../identity/signature.ts';
import { PlatformError } from '../../util/errors.ts';
import { fuzzRuns } from '../../util/fuzz-runs.ts';
import { decodeAwsChunked } from './aws-chunked.ts';

/** The documented examples: 66,560 times the letter a, in chunks of 65,536 bytes. */
const scope = { date: '20130524', region: 'us-east-1', service: 's3' };
const key = signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope);
const signingFrom = (seedSignature: string): ChunkSigning => ({
  key,
  amzDate: '20130524T000000Z',
  scope,
  seedSignature,
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
const signed = {
  signing: signingFrom('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'),
  text: [
    '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    'a'.repeat(65_536),
    '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'a'.repeat(1024),
    '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    '',
    '',
  ].join('\r\n'),
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html */
const withTrailer = {
  signing: signingFrom('106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e'),
  text: [
    '10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    'a'.repeat(65_536),
    '400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    'a'.repeat(1024),
    '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
    'x-amz-checksum-crc32c:sOO8/Q==',
    'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435',
    '',
    '',
  ].join('\r\n'),
};

async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function decode(
  text: string,
  options: { isSigned: boolean; signing?: ChunkSigning; pieceBytes?: number },
): Promise<{ body: string; trailers: ReadonlyMap<string, string> }> {
  let trailers: ReadonlyMap<string, string> = new Map();
  const pieces: Uint8Array[] = [];
  const source = inPieces(Buffer.from(text, 'latin1'), options.pieceBytes ?? 10_000);
  const given = {
    isSigned: options.isSigned,
    signing: options.signing,
    trailers: (values: ReadonlyMap<string, string>) => void (trailers = values),
  };
  for await (const piece of decodeAwsChunked(source, given)) pieces.push(piece);
  return { body: Buffer.concat(pieces).toString('latin1'), trailers };
}

test('the documented signed body is verified, whatever pieces it arrives in', async () => {
  for (const pieceBytes of [1, 7, 65_536, 1_000_000]) {
    const { body } = await decode(signed.text, { isSigned: true, signing: signed.signing, pieceBytes });
    assert.equal(body, 'a'.repeat(66_560));
  }
});

test('the documented signed trailer is verified', async () => {
  const { body, trailers } = await decode(withTrailer.text, { isSigned: true, signing: withTrailer.signing });
  assert.equal(body.length, 66_560);
  assert.deepEqual([...trailers], [['x-amz-checksum-crc32c', 'sOO8/Q==']]);
});

test('one changed byte, a signature left out and another order are refused', async () => {
  const refused = async (text: string, signing: ChunkSigning): Promise<void> => {
    await assert.rejects(decode(text, { isSigned: true, signing }), {
      code: 'unauthenticated',
      reason: 'SignatureDoesNotMatch',
    });
  };
  await refused(signed.text.replace('aaaa', 'aaab'), signed.signing);
  await refused(signed.text.replace(/;chunk-signature=0055\w+/, ''), signed.signing);
  await refused(signed.text, signingFrom('0'.repeat(64)));
  await refused(withTrailer.text.replace('sOO8', 'sOO9'), withTrailer.signing);
  await refused(withTrailer.text.replace(/x-amz-trailer-signature.*\r\n/, ''), withTrailer.signing);
  // Signed chunks whose signatures nobody can check (dev) are decoded all the same.
  assert.equal((await decode(signed.text.replace('aaaa', 'aaab'), { isSigned: true })).body.length, 66_560);
});

test('unsigned chunks come back as they were, with their trailers, in whatever pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1, maxLength: 300, unit: 'binary-ascii' }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 100 }),
      fc.boolean(),
      async (chunks, pieceBytes, endsEarly) => {
        const text = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
        const trailer = 'x-amz-checksum-crc32: AAAAAA==\r\n';
        const { body, trailers } = await decode(`${text}0\r\n${trailer}${endsEarly ? '' : '\r\n'}`, {
          isSigned: false,
          pieceBytes,
        });
        assert.equal(body, chunks.join(''));
        assert.equal(trailers.get('x-amz-checksum-crc32'), 'AAAAAA==');
      },
    ),
    { numRuns: 50 },
  );
});

test('what is not in chunks is refused, and never waited for', async () => {
  for (const text of [
    '',
    '5',
    '5\r\nhel',
    '5\r\nhello',
    '5\r\nhelloworld\r\n0\r\n\r\n',
    'zz\r\n',
    '-1\r\n',
    'x'.repeat(600),
    '0\r\nno trailer\r\n\r\n',
    `${'f'.repeat(13)}\r\n`,
  ]) {
    await assert.rejects(decode(text, { isSigned: false }), { code: 'invalid_argument' }, text);
  }
});

test('a source is closed when its reader leaves, or when it is malformed', async () => {
  let closed = 0;
  async function* source(text: string): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from(text);
      yield Buffer.from(text);
    } finally {
      closed += 1;
    }
  }
  const options = { isSigned: false, signing: undefined, trailers: () => undefined };
  for await (const _piece of decodeAwsChunked(source('5\r\nhello'), options)) break;
  await assert.rejects(decodeAwsChunked(source('x\r\n'), options).next());
  assert.equal(closed, 2);
});

test('whatever is done to signed chunks, they come back as they were signed or not at all', async () => {
  const small = withTrailerOf('hello, '.repeat(20), 'and goodbye');
  const whole = await decode(small.text, { isSigned: true, signing: small.signing });
  const text = fc.string({ unit: 'binary-ascii', maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(small.text.length),
      fc.nat(40),
      text,
      fc.integer({ min: 1, max: 200 }),
      async (at, cut, put, pieceBytes) => {
        const changed = small.text.slice(0, at) + put + small.text.slice(at + cut);
        const decoded = await decode(changed, { isSigned: true, signing: small.signing, pieceBytes }).catch(
          (error: unknown) => {
            assert.ok(error instanceof PlatformError, String(error));
            return undefined;
          },
        );
        if (decoded !== undefined) assert.equal(decoded.body, whole.body);
      },
    ),
    fuzzRuns(1_000),
  );
});

/** Chunks signed as a client signs them. */
function withTrailerOf(...chunks: readonly string[]): { signing: ChunkSigning; text: string } {
  const signing = signingFrom('a'.repeat(64));
  let previous = signing.seedSignature;
  let text = '';
  for (const chunk of [...chunks, '']) {
    previous = chunkSignature(signing, previous, hash('sha256', chunk));
    text += `${chunk.length.toString(16)};chunk-signature=${previous}\r\n${chunk}${chunk === '' ? '' : '\r\n'}`;
  }
  const trailer = 'x-amz-checksum-crc32:AAAAAA==';
  const signature = trailerSignature(signing, previous, hash('sha256', `${trailer}\n`));
  return { signing, text: `${text}${trailer}\r\nx-amz-trailer-signature:${signature}\r\n\r\n` };
}

/** Parsers of bytes that strangers send: XML, CBOR, aws-chunked, forms, queries, event streams, name servers' questions, mail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { decodeAwsChunked } from '../../src/aws/protocol/aws-chunked.ts';
import { decodeCbor, encodeCbor } from '../../src/aws/protocol/cbor.ts';
import { encodeMessage } from '../../src/aws/protocol/event-stream.ts';
import { parseQueryParameters } from '../../src/aws/protocol/query-parameters.ts';
import { escapeXml, parseXml, type XmlElement } from '../../src/aws/protocol/xml.ts';
import { boundaryOf, readMultipartForm } from '../../src/aws/s3/form-upload/multipart-form.ts';
import { chunkSignature } from '../../src/identity/signature.ts';
import { decodeWords, parseMailHeaders, withoutHeaders } from '../../src/resources/mail/headers.ts';
import { addressesMax, parseQuestion, writeAnswer } from '../../src/sandbox/process/isolation/dns-message.ts';
import { sha256 } from './sha256.ts';
import { fuzz, inPieces, streamed } from './fuzz.ts';

const count = (element: XmlElement): number => element.children.reduce((sum, child) => sum + count(child), 1);

test('XML', async () => {
  const { outcomes } = await fuzz({
    corpus: [
      '<?xml version="1.0"?><a xmlns="http://x/"><b c="d">e &amp; &#65; &#x41;</b><!-- f --><![CDATA[g<]]></a>',
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"x"</ETag></Part></CompleteMultipartUpload>',
      '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d SYSTEM "file:///etc/passwd">]><a>&b;&d;</a>',
      '<Delete><Object><Key>k</Key></Object><Quiet>true</Quiet></Delete>',
      '<a/>',
    ],
    words: [
      '<',
      '>',
      '</',
      '/>',
      '&amp;',
      '&#0;',
      '&#x110000;',
      ']]>',
      '<![CDATA[',
      '<?',
      '?>',
      '<!--',
      '-->',
      '<!DOCTYPE',
      '__proto__',
      'xmlns:a="b"',
      '\0',
      '\u{feff}',
      '<a>'.repeat(200),
    ],
    run(input) {
      const element = parseXml(input.toString('utf8'));
      assert.ok(!JSON.stringify(element).includes('root:'), 'a file of the host is in it');
      const text = element.text;
      assert.equal(parseXml(`<a>${escapeXml(text)}</a>`).text, text, 'what is escaped is read as it was');
      return Math.min(8, count(element));
    },
  });
  assert.ok(outcomes > 5);
});

test('CBOR', async () => {
  const { outcomes } = await fuzz({
    corpus: [
      encodeCbor({ a: [1, -2, 3.5, null, true, 'text', Buffer.from('bytes'), { b: {} }] }),
      encodeCbor({ time: new Date(1_700_000_000_000), big: 2n ** 80n, small: -(2n ** 70n) }),
      Buffer.from('bf61619f0102ff61627f61786179ffff', 'hex'),
      Buffer.from('9bffffffffffffffff00', 'hex'),
      Buffer.from('c249010000000000000000', 'hex'),
    ],
    words: ['\xff', '\xbf', '\x9f', '\x5f', '\x7f', '\xc1', '\xc2', '\xf9\x7c\x00', '\xfb', '\x1b', '\x81'.repeat(140)],
    run(input) {
      const value = decodeCbor(input);
      // A small number that was written as a big one is a small one from then on.
      const once = decodeCbor(encodeCbor(value));
      assert.deepEqual(decodeCbor(encodeCbor(once)), once, 'what is written is read as it was');
      assert.equal(Object.getPrototypeOf({}), Object.prototype);
      return Array.isArray(value) ? 'array' : typeof value;
    },
  });
  assert.ok(outcomes > 5);
});

const signing = {
  key: Buffer.alloc(32, 1),
  amzDate: '20260101T000000Z',
  scope: { date: '20260101', region: 'us-east-1', service: 's3' },
  seedSignature: 'f'.repeat(64),
};

function signedBody(...pieces: string[]): string {
  let previous = signing.seedSignature;
  return [...pieces, '']
    .map((piece) => {
      previous = chunkSignature(signing, previous, sha256(piece));
      return `${Buffer.byteLength(piece).toString(16)};chunk-signature=${previous}\r\n${piece}\r\n`;
    })
    .join('');
}

test('aws-chunked, signed and unsigned, in any pieces', async () => {
  const genuine = signedBody('hello', 'world'.repeat(100));
  const { outcomes } = await fuzz({
    corpus: [
      genuine,
      '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
      '5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n',
      `0;chunk-signature=${'0'.repeat(64)}\r\n\r\n`,
    ],
    words: ['\r\n', '0\r\n\r\n', ';chunk-signature=', 'ffffffffffff', '7fffffffffffffff', '-1', '\n', ':'],
    async run(input, random) {
      const isSigned = random(2) === 0;
      let trailers = 0;
      const decode = async (pieces: readonly Buffer[]): Promise<string> => {
        const read: Uint8Array[] = [];
        for await (const piece of decodeAwsChunked(streamed(pieces), {
          isSigned,
          signing: isSigned ? signing : undefined,
          trailers: (values) => void (trailers = values.size),
        }))
          read.push(piece);
        return Buffer.concat(read).toString('latin1');
      };
      const whole = await decode([input]);
      if (isSigned)
        assert.ok(['hello' + 'world'.repeat(100), ''].includes(whole), `nobody signed ${JSON.stringify(whole)}`);
      assert.equal(await decode(inPieces(input, random)), whole, 'pieces make no difference');
      return `${isSigned} ${trailers}`;
    },
  });
  assert.ok(outcomes > 4);
});

test('forms, in any pieces', async () => {
  const boundary = 'XyZ';
  const field = (name: string, value: string, more = ''): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
  const { outcomes } = await fuzz({
    corpus: [
      `${field('key', 'k')}${field('file', 'content', '; filename="a.txt"')}--${boundary}--\r\n`,
      `${field('policy', 'e30=')}${field('x-amz-signature', 'ff')}${field('file', '')}--${boundary}--`,
      `--${boundary}--`,
    ],
    words: [
      '\r\n',
      `--${boundary}`,
      `--${boundary}--`,
      'name="',
      'filename=',
      '\\"',
      '%22',
      'file',
      'Content-Disposition: form-data;',
      '"',
    ],
    async run(input, random) {
      assert.equal(boundaryOf(`multipart/form-data; boundary=${boundary}`), boundary);
      boundaryOf(input.toString('latin1'));
      const read = async (pieces: readonly Buffer[]): Promise<unknown> => {
        const form = await readMultipartForm(streamed(pieces), boundary);
        const bytes: Uint8Array[] = [];
        for await (const piece of form.file.bytes) bytes.push(piece);
        return { fields: [...form.fields], name: form.file.name, text: Buffer.concat(bytes).toString('latin1') };
      };
      const whole = await read([input]);
      assert.deepEqual(await read(inPieces(input, random)), whole, 'pieces make no difference');
      return 'form';
    },
  });
  assert.ok(outcomes > 4);
});

test('queries', async () => {
  await fuzz({
    corpus: ['a=b&c=d%20e&a=+f', 'Action=Publish&MessageAttributes.entry.1.Name=x', '%', 'a=%ff', '&&=&='],
    words: ['%', '%00', '%c3%28', '&', '=', '+', '__proto__=1', 'a&'.repeat(100)],
    run(input) {
      const text = input.toString('latin1');
      const { entries, all } = parseQueryParameters(text);
      const again = entries
        .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
        .join('&');
      assert.deepEqual(
        parseQueryParameters(again).entries.filter(([name, value]) => name + value !== ''),
        entries.filter(([name, value]) => name + value !== ''),
      );
      for (const [name] of entries) assert.ok(all(name).length > 0);
      return Math.min(entries.length, 5);
    },
  });
});

/** Of one message of an event stream, what it says of its lengths and sums checked. */
function readMessage(message: Buffer): { headers: Record<string, string>; payload: Buffer } {
  const headersEnd = 12 + message.readUInt32BE(4);
  assert.equal(message.readUInt32BE(0), message.length);
  assert.equal(message.readUInt32BE(8), crc32(message.subarray(0, 8)));
  assert.equal(message.readUInt32BE(message.length - 4), crc32(message.subarray(0, -4)));
  const headers: Record<string, string> = {};
  for (let at = 12; at < headersEnd;) {
    const nameEnd = at + 1 + message.readUInt8(at);
    assert.equal(message[nameEnd], 7, 'a header is text');
    const valueEnd = nameEnd + 3 + message.readUInt16BE(nameEnd + 1);
    headers[message.toString('utf8', at + 1, nameEnd)] = message.toString('utf8', nameEnd + 3, valueEnd);
    at = valueEnd;
  }
  return { headers, payload: message.subarray(headersEnd, -4) };
}

test('messages of event streams say what was put into them', async () => {
  await fuzz({
    corpus: ['', 'payload', '\0\xff'.repeat(50)],
    bytesMax: 2_000,
    run(input, random) {
      const value = input.toString('utf8').slice(0, random(200));
      const given = { ':event-type': 'PayloadChunk', ':content-type': value };
      const { headers, payload } = readMessage(Buffer.from(encodeMessage(given, input)));
      assert.deepEqual(headers, { ...given, ':content-type': Buffer.from(value).toString() });
      assert.deepEqual(payload, input);
      return 'message';
    },
  });
});

test("questions that are put to the platform as environments' name server", async () => {
  const question = (name: string, type = 1): Buffer =>
    Buffer.concat([
      Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
      ...name.split('.').map((part) => Buffer.concat([Buffer.of(part.length), Buffer.from(part)])),
      Buffer.from([0, 0, type, 0, 1]),
    ]);
  await fuzz({
    corpus: [
      question('api.example.com'),
      question('a', 28),
      question(`${'a'.repeat(63)}.${'b'.repeat(63)}.com`),
      Buffer.alloc(12),
    ],
    words: ['\xc0\x0c', '\x3f', '\x00\x00\x01\x00\x01', '\x40'],
    bytesMax: 600,
    run(input) {
      const parsed = parseQuestion(input);
      if (parsed === undefined) return 'nothing';
      const addresses = Array.from({ length: 40 }, (_, index) => `203.0.113.${index}`);
      const answer = writeAnswer(parsed, { code: 'ok', addresses, ttlSeconds: 5 });
      assert.ok(answer.length <= 512, `${answer.length} bytes`);
      assert.equal(answer.readUInt16BE(0), input.readUInt16BE(0));
      assert.equal(answer.readUInt16BE(6), Math.min(40, addressesMax(parsed)));
      return 'question';
    },
  });
});

test('headers of mails', async () => {
  await fuzz({
    corpus: [
      'From: a@b.c\r\nSubject: =?utf-8?B?aGVsbG8=?= =?iso-8859-1?Q?=E4?=\r\n folded\r\n\r\nbody',
      'A:b\nC : d\n\n',
      'Subject: =?utf-8?Q?' + '=41'.repeat(100) + '?=\r\n\r\n',
    ],
    words: ['\r\n', '\r\n ', '=?', '?=', '?B?', '?Q?', 'utf-8', ':', '=?unknown-charset?Q?x?='],
    run(input) {
      const headers = parseMailHeaders(input);
      for (const { value } of headers) decodeWords(value);
      const without = withoutHeaders(input, ['bcc', 'x-ses-*']);
      assert.ok(parseMailHeaders(without).every(({ name }) => name.toLowerCase() !== 'bcc'));
      return Math.min(5, headers.length);
    },
  });
});

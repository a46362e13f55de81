import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fuzzRuns } from '../util/fuzz-runs.ts';
import { type ClaimingRequest, type ParsedClaim, parseClaim } from './signature-claim.ts';

const amzDate = '20150830T123600Z';
const good =
  'AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/s3/aws4_request,SignedHeaders=host;x-amz-date,Signature=abc';
const presigned = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20150830%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=${amzDate}&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=abc`;

function requestOf(headers: Record<string, string>, query = '', more: readonly string[] = []): ClaimingRequest {
  return { headers, rawHeaders: [...Object.entries(headers).flat(), ...more], query };
}

const inHeader = (authorization: string, date = amzDate): ParsedClaim =>
  parseClaim(requestOf({ authorization, 'x-amz-date': date }));
const inQuery = (query: string): ParsedClaim => parseClaim(requestOf({}, query));

function messageOf(parsed: ParsedClaim): string {
  assert.ok(parsed.status === 'malformed', parsed.status);
  return parsed.message;
}

describe('in the header', () => {
  test('it is read with and without spaces', () => {
    for (const text of [good, good.replaceAll(',', ' ,  ')]) {
      const parsed = inHeader(text);
      assert.ok(parsed.status === 'claimed');
      assert.deepEqual(parsed.claim, {
        place: 'header',
        accessKeyId: 'AKID',
        scope: { date: '20150830', region: 'us-east-1', service: 's3' },
        signedHeaders: ['host', 'x-amz-date'],
        signature: 'abc',
        amzDate,
        sessionToken: undefined,
        expiresSeconds: undefined,
      });
    }
    assert.equal(parseClaim(requestOf({})).status, 'none');
  });

  test('what is missing is named, as AWS names it', () => {
    assert.equal(
      messageOf(inHeader(good.replace(',Signature=abc', ''))),
      "Authorization header requires 'Signature' parameter.",
    );
    assert.equal(
      messageOf(parseClaim(requestOf({ authorization: good }))),
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
    assert.match(messageOf(inHeader('AWS4-HMAC-SHA256')), /not a valid key=value pair/);
    assert.match(messageOf(inHeader(good.replace('/s3', ''))), /not of the form/);
    assert.match(messageOf(inHeader(good, '20150830')), /not of the form 20260131T120000Z/);
    assert.match(messageOf(inHeader(good.replace('20150830', '20150831'))), /'20150831' != '20150830'/);
  });

  test('another way of signing is told by its name', () => {
    for (const other of ['AWS4-ECDSA-P256-SHA256', 'AWS', 'Basic', 'Bearer', '']) {
      assert.deepEqual(inHeader(good.replace('AWS4-HMAC-SHA256', other)), { status: 'unsupported', algorithm: other });
    }
    const query = presigned.replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256');
    assert.deepEqual(inQuery(query), { status: 'unsupported', algorithm: 'AWS4-ECDSA-P256-SHA256' });
  });

  test('what comes twice, or in header and query, has no meaning', () => {
    assert.match(messageOf(inHeader(`${good},Signature=def`)), /'Signature' twice/);
    assert.match(messageOf(inHeader(good.replace('host;', 'host;host;'))), /names a header twice/);
    for (const name of ['Authorization', 'X-Amz-Date', 'X-Amz-Security-Token', 'X-Amz-Content-Sha256']) {
      const headers = { authorization: good, 'x-amz-date': amzDate, [name.toLowerCase()]: good };
      assert.match(messageOf(parseClaim(requestOf(headers, '', [name, 'x']))), /may be given once/);
    }
    const both = requestOf({ authorization: good, 'x-amz-date': amzDate }, presigned);
    assert.match(messageOf(parseClaim(both)), /Only one auth mechanism allowed/);
    assert.match(messageOf(inQuery(`${presigned}&X-Amz-Signature=def`)), /'X-Amz-Signature' may be given once/);
    assert.match(messageOf(inQuery(`${presigned}&X-Amz-Expires=600`)), /'X-Amz-Expires' may be given once/);
  });
});

describe('in the query', () => {
  test('it is read, with what is missing named', () => {
    const parsed = inQuery(`a=b&${presigned}&X-Amz-Security-Token=t%2Fo`);
    assert.ok(parsed.status === 'claimed');
    assert.deepEqual(
      [parsed.claim.place, parsed.claim.expiresSeconds, parsed.claim.sessionToken, parsed.claim.signedHeaders],
      ['query', 60, 't/o', ['host']],
    );
    for (const name of ['Algorithm', 'Credential', 'Date', 'SignedHeaders', 'Signature']) {
      const without = presigned.replace(new RegExp(`X-Amz-${name}=[^&]*&?`), '');
      assert.match(messageOf(inQuery(without)), /requires the X-Amz-Algorithm/, name);
    }
  });

  test('it is good for a second at least and a week at most', () => {
    const expires = (text: string): ParsedClaim => inQuery(presigned.replace('Expires=60', `Expires=${text}`));
    for (const seconds of [1, 604_800]) {
      const parsed = expires(String(seconds));
      assert.ok(parsed.status === 'claimed' && parsed.claim.expiresSeconds === seconds);
    }
    const refusals = {
      '0': /at least 1 second/,
      '-1': /must be non-negative/,
      '604801': /less than a week/,
      '1e3': /should be a number/,
      '': /should be a number/,
      '99999999999999999999': /should be a number/,
    };
    for (const [text, message] of Object.entries(refusals)) assert.match(messageOf(expires(text)), message, text);
  });
});

describe('whatever is sent', () => {
  const word = fc.constantFrom(
    'AWS4-HMAC-SHA256',
    'Credential=',
    'SignedHeaders=',
    'Signature=',
    'AKID/20150830/us-east-1/s3/aws4_request',
    'host',
    ';',
    ',',
    ' ',
    '=',
    '/',
    '%',
    '%2F',
    amzDate,
    '\u0000',
    'é',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 24 }).map((words) => words.join('')),
  );
  const parameter = fc.tuple(
    fc.constantFrom('Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature', 'Security-Token', 'X'),
    text,
  );

  test('nothing makes it throw, and what is claimed has all its parts', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.array(parameter, { maxLength: 9 }),
        fc.boolean(),
        (authorization, date, parameters, isHeader) => {
          const query = parameters.map(([name, value]) => `X-Amz-${name}=${value}`).join('&');
          const headers: Record<string, string> = isHeader ? { authorization, 'x-amz-date': date } : {};
          const parsed = parseClaim(requestOf(headers, query));
          if (parsed.status !== 'claimed') return;
          const { accessKeyId, scope, amzDate: when, expiresSeconds = 1 } = parsed.claim;
          assert.ok(accessKeyId !== '' && when.startsWith(scope.date) && /^\d{8}T\d{6}Z$/.test(when));
          assert.ok(expiresSeconds >= 1 && expiresSeconds <= 604_800);
        },
      ),
      fuzzRuns(2_000),
    );
  });
});

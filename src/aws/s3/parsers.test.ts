/** The small parsers of S3's headers and documents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlatformError } from '../../util/errors.ts';
import { parseCopySource } from './copy-source.ts';
import { decodeToken, encodeToken, nameEncoder, pageLength } from './listing.ts';
import { parseCopyRange, parseRange } from './range-header.ts';
import { parseTagging } from './tags.ts';

const reason = (expected: string) => (error: unknown) => error instanceof PlatformError && error.reason === expected;

test('a Range header of one range is taken, anything else is the whole', () => {
  assert.deepEqual(parseRange('bytes=0-9'), { kind: 'from', first: 0, last: 9 });
  assert.deepEqual(parseRange('bytes=5-'), { kind: 'from', first: 5 });
  assert.deepEqual(parseRange('bytes=-5'), { kind: 'suffix', bytes: 5 });
  for (const header of [
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=9-0',
    'bytes=0-1,4-5',
    'lines=0-1',
    'bytes=a-b',
    'bytes 0-1',
  ]) {
    assert.equal(parseRange(header), undefined, String(header));
  }
  assert.throws(() => parseCopyRange('bytes=5-'), reason('InvalidArgument'));
  assert.throws(() => parseCopyRange('0-1'), reason('InvalidArgument'));
});

test('a copy source names a bucket and a key, encoded as a whole or in part', () => {
  for (const header of [
    'pics/a%20b/%C3%BC.jpg',
    '/pics/a b/ü.jpg',
    'pics%2Fa%20b%2F%C3%BC.jpg',
    '/pics/a%20b/ü.jpg?versionId=null',
  ]) {
    assert.deepEqual(parseCopySource(header), { Bucket: 'pics', Key: 'a b/ü.jpg' }, header);
  }
  assert.deepEqual(parseCopySource('pics/a+b?c'), { Bucket: 'pics', Key: 'a+b?c' });
  for (const header of [
    undefined,
    '',
    'pics',
    'pics/',
    '/',
    'pics/%zz',
    'arn:aws:s3:us-east-1:1:accesspoint/x/object/y',
  ]) {
    assert.throws(() => parseCopySource(header), reason('InvalidArgument'), String(header));
  }
  assert.throws(() => parseCopySource('pics/a?versionId=abc'), reason('NoSuchVersion'));
});

test('every key survives its encoding in a copy source, in a listing and in a token', () => {
  const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(key, (name) => {
      const encoded = nameEncoder('url')(name);
      assert.match(encoded, /^[\w.*%+/-]*$/);
      assert.equal(decodeURIComponent(encoded.replaceAll('+', ' ')), name);
      assert.equal(decodeToken(encodeToken(name)), name);
      assert.equal(parseCopySource(encodeURIComponent(`pics/${name}`)).Key, name);
    }),
  );
});

test('positions and lengths that S3 did not give are refused', () => {
  assert.throws(() => decodeToken(''), reason('InvalidArgument'));
  assert.throws(() => decodeToken('no token!'), reason('InvalidArgument'));
  assert.throws(() => nameEncoder('base64'), reason('InvalidArgument'));
  assert.throws(() => pageLength(-1, 'max-keys'), reason('InvalidArgument'));
  assert.equal(pageLength(undefined, 'max-keys'), 1_000);
  assert.equal(pageLength(5_000, 'max-keys'), 1_000);
});

test('tags come as in a query, and within their limits', () => {
  assert.deepEqual(parseTagging('team=red+team&cost%2Bcentre=%C3%BC'), [
    { key: 'team', value: 'red team' },
    { key: 'cost+centre', value: 'ü' },
  ]);
  assert.deepEqual(parseTagging(undefined), []);
  const many = Array.from({ length: 11 }, (_, index) => `t${index}=1`).join('&');
  for (const [header, expected] of [
    [many, 'BadRequest'],
    ['a=1&a=2', 'InvalidTag'],
    ['=1', 'InvalidTag'],
    ['a=<b>', 'InvalidTag'],
    [`${'k'.repeat(129)}=1`, 'InvalidTag'],
    [`k=${'v'.repeat(257)}`, 'InvalidTag'],
  ] as const) {
    assert.throws(() => parseTagging(header), reason(expected), header);
  }
});

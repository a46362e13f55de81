import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlatformError } from '../../../util/errors.ts';
import { fuzzRuns } from '../../../util/fuzz-runs.ts';
import { checkPostPolicy, parsePostPolicy } from './post-policy.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');
const expiration = '2026-01-31T12:00:00.000Z';
const nowMs = Date.parse('2026-01-31T11:59:59Z');

function check(conditions: readonly unknown[], fields: Record<string, string>, atMs = nowMs): void {
  const policy = parsePostPolicy(encode({ expiration, conditions }));
  checkPostPolicy(policy, new Map(Object.entries(fields)), { bucket: 'pics', nowMs: atMs });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html, its examples. */
test('conditions mean what AWS says of them', () => {
  const fields = {
    key: 'user/betty/a.jpg',
    'content-type': 'image/jpeg, image/png',
    acl: 'public-read',
    'x-ignore-me': '1',
  };
  const all = [
    { bucket: 'pics' },
    { acl: 'public-read' },
    ['starts-with', '$key', 'user/betty/'],
    ['starts-with', '$Content-Type', 'image/'],
    ['content-length-range', 1, '1024'],
  ];
  check(all, fields);
  const wrong: [readonly unknown[], Record<string, string>, RegExp][] = [
    [all, { ...fields, key: 'user/bob/a.jpg' }, /Policy Condition failed: \["starts-with","\$key"/],
    [all, { ...fields, 'content-type': 'image/jpeg, text/html' }, /Policy Condition failed/],
    [all, { ...fields, acl: 'private' }, /Policy Condition failed: \["eq", "\$acl", "public-read"\]/],
    [[...all, { bucket: 'other' }], fields, /"\$bucket", "other"/],
    [all, { ...fields, tagging: 'x' }, /Extra input fields: tagging/],
  ];
  for (const [conditions, given, message] of wrong)
    assert.throws(() => check(conditions, given), { code: 'permission_denied', message });
  assert.throws(() => check(all, fields, Date.parse(expiration) + 1), /Policy expired/);
  check([['starts-with', '$key', '']], { key: 'anything', policy: 'x', 'x-amz-signature': 'y', signature: 'z' });
});

test('of several ranges, all count', () => {
  const of = (...ranges: readonly unknown[]) => parsePostPolicy(encode({ expiration, conditions: ranges })).bytes;
  assert.equal(of(), undefined);
  assert.deepEqual(of(['content-length-range', 1, 10], ['content-length-range', 5, 20]), { min: 5, max: 10 });
});

test('what is no policy is refused as such', () => {
  for (const policy of [
    'not base64 of JSON',
    encode([]),
    encode({ expiration }),
    encode({ expiration: 'tomorrow', conditions: [] }),
    encode({ expiration, conditions: [['contains', '$key', 'a']] }),
    encode({ expiration, conditions: [['eq', 'key', 'a']] }),
    encode({ expiration, conditions: [{}] }),
    encode({ expiration, conditions: [{ key: { a: 1 } }] }),
    encode({ expiration, conditions: [['content-length-range', -1, 5]] }),
    encode({ expiration, conditions: Array.from({ length: 201 }, () => ({ a: 'b' })) }),
  ])
    assert.throws(() => parsePostPolicy(policy), { reason: 'InvalidPolicyDocument' }, policy);
});

test('whatever comes, it is a policy or refused', () => {
  const anything = fc.oneof(
    fc.base64String(),
    fc.anything().map(encodeOrNothing),
    fc.record({ expiration: fc.constant(expiration), conditions: fc.anything() }).map(encodeOrNothing),
  );
  fc.assert(
    fc.property(anything, fc.dictionary(fc.string(), fc.string()), (text, fields) => {
      try {
        checkPostPolicy(parsePostPolicy(text), new Map(Object.entries(fields)), { bucket: 'pics', nowMs });
      } catch (error) {
        assert.ok(error instanceof PlatformError, String(error));
      }
    }),
    fuzzRuns(1_000),
  );
});

function encodeOrNothing(value: unknown): string {
  try {
    return encode(value);
  } catch {
    return '';
  }
}

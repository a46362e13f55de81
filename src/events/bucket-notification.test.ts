import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BucketEvent } from '../resources/bucket-event.ts';
import { newCause } from '../util/cause.ts';
import type { AccountId } from '../util/ids.ts';
import { bucketNotification, encodeKey, matches, type BucketSource } from './bucket-notification.ts';

const fixtures = new URL('../../../shared/fixtures/events/s3/', import.meta.url);
const fixture = (name: string) => JSON.parse(readFileSync(new URL(name, fixtures), 'utf8')) as { Records: unknown[] };
const skip = existsSync(fixtures) ? false : 'the shared fixtures are not beside this checkout';

const created: BucketEvent = {
  id: 'e7c9a1f0-0000-8000-8000-000000000001',
  account: '000000000000' as AccountId,
  bucket: 'pics',
  key: 'in/Happy Face (1)+ü.jpg',
  name: 'ObjectCreated:Put',
  bytes: 1_305_107,
  etag: 'b21b84d653bb07b05b1e6b33684dc11b',
  sequencer: '0C0F6F405D6ED209E1',
  timeMs: Date.UTC(2019, 8, 3, 19, 37, 27, 192),
  sourceIp: '205.255.255.255',
  principalId: 'AWS:AIDAINPONIXQXHT3IKHL2',
  requestId: 'D82B88E5F771F645',
  cause: newCause(0, '0'.repeat(24)),
};

/** Every path of a JSON value with the type at its end. */
function shapeOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value}`];
  return Object.entries(value).flatMap(([name, member]) => shapeOf(member, `${path}/${name}`));
}

test('a created object has exactly the shape of S3’s event', { skip }, () => {
  assert.deepEqual(
    shapeOf(bucketNotification(created, 'binding', 'us-east-2')).sort(),
    shapeOf(fixture('base.json')).sort(),
  );
});

test('a removed object has exactly the shape of S3’s event: no size, no ETag', { skip }, () => {
  const { bytes: _bytes, etag: _etag, ...rest } = created;
  const removed: BucketEvent = { ...rest, name: 'ObjectRemoved:Delete' };
  const expected = shapeOf(fixture('delete-object.json')).sort();
  assert.deepEqual(shapeOf(bucketNotification(removed, 'binding', 'us-east-2')).sort(), expected);
});

test('the event carries what happened, with the key as S3 encodes it', () => {
  assert.partialDeepStrictEqual(bucketNotification(created, 'binding', 'us-east-2'), {
    Records: [
      {
        eventVersion: '2.1',
        eventTime: '2019-09-03T19:37:27.192Z',
        eventName: 'ObjectCreated:Put',
        awsRegion: 'us-east-2',
        s3: {
          configurationId: 'binding',
          bucket: { name: 'pics', arn: 'arn:aws:s3:::pics' },
          object: { key: 'in/Happy+Face+%281%29%2B%C3%BC.jpg', size: 1_305_107, sequencer: '0C0F6F405D6ED209E1' },
        },
      },
    ],
  });
});

test('form decoding gives every key back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (key) => {
      const encoded = encodeKey(key);
      assert.match(encoded, /^[A-Za-z0-9._*%+/-]*$/);
      assert.equal(new URLSearchParams(`key=${encoded}`).get('key'), key.toWellFormed());
    }),
  );
});

const all: BucketSource = { kind: 'bucket', bucket: 'pics', events: ['ObjectCreated:*'], prefix: '', suffix: '' };
const table: [string, Partial<BucketSource>, Partial<BucketEvent>, boolean][] = [
  ['any creation', {}, {}, true],
  ['any creation, a copy', {}, { name: 'ObjectCreated:Copy' }, true],
  ['any creation, a removal', {}, { name: 'ObjectRemoved:Delete' }, false],
  ['any removal', { events: ['ObjectRemoved:*'] }, { name: 'ObjectRemoved:Delete' }, true],
  ['one name', { events: ['ObjectCreated:Put'] }, {}, true],
  ['one name, another', { events: ['ObjectCreated:Post'] }, {}, false],
  ['the second of two names', { events: ['ObjectCreated:Post', 'ObjectCreated:Put'] }, {}, true],
  ['no names', { events: [] }, {}, false],
  ['another bucket', { bucket: 'pic' }, {}, false],
  ['the prefix', { prefix: 'in/' }, {}, true],
  ['another prefix', { prefix: 'out/' }, {}, false],
  ['the suffix', { suffix: '.jpg' }, {}, true],
  ['the suffix in other letters', { suffix: '.JPG' }, {}, false],
  ['prefix and suffix', { prefix: 'in/Happy Face', suffix: 'ü.jpg' }, {}, true],
  ['prefix without suffix', { prefix: 'in/', suffix: '.png' }, {}, false],
];

for (const [name, source, event, expected] of table) {
  test(`a binding for ${name} ${expected ? 'matches' : 'does not match'}`, () => {
    assert.equal(matches({ ...all, ...source }, { ...created, ...event }), expected);
  });
}

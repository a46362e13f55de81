import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { BucketEvent } from '../resources/bucket-event.ts';
import { eventObject } from '../resources/event-bus/bus-event.ts';
import { newCause } from '../util/cause.ts';
import type { AccountId } from '../util/ids.ts';
import { bucketBusEvent } from './bucket-bus-event.ts';

const fixtures = new URL('../../../shared/fixtures/events/s3/', import.meta.url);
const skip = existsSync(fixtures) ? false : 'the shared fixtures are not beside this checkout';

const created: BucketEvent = {
  id: 'e7c9a1f0-0000-8000-8000-000000000001',
  account: '000000000000' as AccountId,
  bucket: 'pics',
  key: 'in/Happy Face (1)+ü.jpg',
  name: 'ObjectCreated:Put',
  bytes: 5,
  etag: 'b1946ac92492d2347c6235b4d2611184',
  sequencer: '00617F08299329D189',
  timeMs: Date.UTC(2021, 10, 12, 1, 2, 3, 456),
  sourceIp: '1.2.3.4',
  principalId: 'AWS:AIDAEXAMPLE',
  requestId: 'N4N7GDK58NMKJ12R',
  cause: newCause(0, '0'.repeat(24)),
};

const told = (event: BucketEvent): Readonly<Record<string, unknown>> => eventObject(bucketBusEvent(event, 'us-east-2'));

/** Every path of a JSON value with the type at its end. */
function shapeOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value}`];
  return Object.entries(value)
    .flatMap(([name, member]) => shapeOf(member, `${path}/${name}`))
    .sort();
}

/** Without `version-id`, which objects in buckets that keep versions have. */
function fixture(name: string): string[] {
  const event: unknown = JSON.parse(readFileSync(new URL(name, fixtures), 'utf8'));
  return shapeOf(event).filter((line) => !line.startsWith('/detail/object/version-id'));
}

test('a created object has exactly the shape of EventBridge’s event', { skip }, () => {
  assert.deepEqual(shapeOf(told(created)), fixture('eventbridge-object-created.json'));
});

test('a removed object has the shape of EventBridge’s event, without the ETag of a delete marker', { skip }, () => {
  const { bytes: _bytes, etag: _etag, ...rest } = created;
  const expected = fixture('eventbridge-object-deleted.json').filter((line) => !line.startsWith('/detail/object/etag'));
  assert.deepEqual(shapeOf(told({ ...rest, name: 'ObjectRemoved:Delete' })), expected);
});

test('the event says what happened, with the key as it is', () => {
  const { id, ...event } = told(created);
  assert.match(String(id), /^[0-9a-f-]{36}$/);
  assert.notEqual(id, created.id);
  assert.deepEqual(event, {
    version: '0',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '000000000000',
    time: '2021-11-12T01:02:03Z',
    region: 'us-east-2',
    resources: ['arn:aws:s3:::pics'],
    detail: {
      version: '0',
      bucket: { name: 'pics' },
      object: { key: created.key, size: 5, etag: created.etag, sequencer: created.sequencer },
      'request-id': 'N4N7GDK58NMKJ12R',
      requester: '000000000000',
      'source-ip-address': '1.2.3.4',
      reason: 'PutObject',
    },
  });
});

const kinds: [BucketEvent['name'], string, Record<string, string>][] = [
  ['ObjectCreated:Copy', 'Object Created', { reason: 'CopyObject' }],
  ['ObjectCreated:CompleteMultipartUpload', 'Object Created', { reason: 'CompleteMultipartUpload' }],
  ['ObjectRemoved:Delete', 'Object Deleted', { reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' }],
];

for (const [name, detailType, more] of kinds) {
  test(`${name} is ${detailType}, ${Object.values(more).join(', ')}`, () => {
    assert.partialDeepStrictEqual(told({ ...created, name }), { 'detail-type': detailType, detail: more });
  });
}

test('tags have neither size nor sequencer nor reason', () => {
  const { detail } = told({ ...created, name: 'ObjectTagging:Delete' }) as { detail: Record<string, unknown> };
  assert.deepEqual(detail['object'], { key: created.key, etag: created.etag });
  assert.equal('reason' in detail, false);
  assert.equal(told({ ...created, name: 'ObjectTagging:Put' })['detail-type'], 'Object Tags Added');
});

test('what a service has put names the service', () => {
  assert.partialDeepStrictEqual(told({ ...created, principalId: 'ses.amazonaws.com' }), {
    detail: { requester: 'ses.amazonaws.com' },
  });
});

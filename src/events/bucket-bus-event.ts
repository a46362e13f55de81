import type { BucketEvent } from '../resources/bucket-event.ts';
import type { BusEvent } from '../resources/event-bus/bus-event.ts';
import { derivedUuid } from '../util/ids.ts';

type Kind = { detailType: string; more: Readonly<Record<string, string>> };

const kinds: Readonly<Record<BucketEvent['name'], Kind>> = {
  'ObjectCreated:Put': { detailType: 'Object Created', more: { reason: 'PutObject' } },
  'ObjectCreated:Copy': { detailType: 'Object Created', more: { reason: 'CopyObject' } },
  'ObjectCreated:CompleteMultipartUpload': {
    detailType: 'Object Created',
    more: { reason: 'CompleteMultipartUpload' },
  },
  'ObjectRemoved:Delete': {
    detailType: 'Object Deleted',
    more: { reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' },
  },
  'ObjectTagging:Put': { detailType: 'Object Tags Added', more: {} },
  'ObjectTagging:Delete': { detailType: 'Object Tags Deleted', more: {} },
};

/**
 * A change of an object as EventBridge's event of it, the same whenever it is made. The key is as it is, without the
 * encoding that notifications have; versions of objects are not built, so that no event names one. Pure.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export function bucketBusEvent(event: BucketEvent, region: string): BusEvent {
  const { detailType, more } = kinds[event.name];
  const isTagging = event.name.startsWith('ObjectTagging:');
  const object = {
    key: event.key,
    ...(event.bytes !== undefined && !isTagging && { size: event.bytes }),
    ...(event.etag !== undefined && { etag: event.etag }),
    ...(!isTagging && { sequencer: event.sequencer }),
  };
  const requester = event.principalId.endsWith('.amazonaws.com')
    ? event.principalId
    : (event.requester ?? event.account);
  return {
    id: derivedUuid('bucket on bus', event.id),
    account: event.account,
    region,
    source: 'aws.s3',
    detailType,
    detail: JSON.stringify({
      version: '0',
      bucket: { name: event.bucket },
      object,
      'request-id': event.requestId,
      requester,
      'source-ip-address': event.sourceIp,
      ...more,
    }),
    resources: [`arn:aws:s3:::${event.bucket}`],
    timeMs: event.timeMs,
    cause: event.cause,
  };
}

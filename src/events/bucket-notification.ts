/** S3's side of a bucket event: which bindings want it, and the JSON that their functions receive. Pure. */
import type { BindingSource } from '../registry/binding.ts';
import type { BucketEvent } from '../resources/bucket-event.ts';

export type BucketSource = Extract<BindingSource, { kind: 'bucket' }>;

/** `ObjectCreated:*` takes every name that begins with what stands before the star; prefix and suffix compare with the decoded key. */
export function matches(source: BucketSource, event: Pick<BucketEvent, 'bucket' | 'name' | 'key'>): boolean {
  return (
    source.bucket === event.bucket &&
    source.events.some((pattern) => matchesName(pattern, event.name)) &&
    event.key.startsWith(source.prefix) &&
    event.key.endsWith(source.suffix)
  );
}

/** Whether a binding that listens to `pattern` wants to hear of `name`. */
export function matchesName(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function bucketNotification(event: BucketEvent, bindingId: string, region: string): object {
  const isTagging = event.name.startsWith('ObjectTagging:');
  const object = {
    key: encodeKey(event.key),
    ...(event.bytes !== undefined && !isTagging && { size: event.bytes }),
    ...(event.etag !== undefined && { eTag: event.etag }),
    ...(!isTagging && { sequencer: event.sequencer }),
  };
  return {
    Records: [
      {
        eventVersion: isTagging ? '2.3' : '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: new Date(event.timeMs).toISOString(),
        eventName: event.name,
        userIdentity: { principalId: event.principalId },
        requestParameters: { sourceIPAddress: event.sourceIp },
        responseElements: {
          'x-amz-request-id': event.requestId,
          'x-amz-id-2': Buffer.from(event.id).toString('base64'),
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: bindingId,
          bucket: {
            name: event.bucket,
            ownerIdentity: { principalId: event.account },
            arn: `arn:aws:s3:::${event.bucket}`,
          },
          object,
        },
      },
    ],
  };
}

/** As S3 does it: form encoding (a space is `+`), but with `/` left as it is, so that `unquote_plus` gives the key back. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key.toWellFormed())
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replaceAll(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

import { derivedUuid } from '../../util/ids.ts';
import type { DestinationKind } from '../destination.ts';

/**
 * An object for each record, under a key with the function's name and the time.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations-s3
 */
export const bucketDestination: DestinationKind = {
  service: 's3',
  takesSuccesses: false,
  async send({ resource: bucket }, sending, { buckets }) {
    const { account, functionName, requestId, decidedMs, record, cause, folder = `async/${functionName}` } = sending;
    const [day = '', time = ''] = new Date(decidedMs).toISOString().slice(0, 19).split('T');
    const at = `${day}T${time.replaceAll(':', '.')}`;
    const key = `aws/lambda/${folder}/${day.replaceAll('-', '/')}/${at}-${derivedUuid('destination', requestId)}`;
    await buckets.put(
      { account, bucket, key },
      oneChunk(record),
      { headers: { contentType: 'application/json' } },
      { cause, sourceIp: '127.0.0.1', principalId: `function:${functionName}`, requestId },
    );
    return `the object ${key} of the bucket ${bucket}`;
  },
};

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

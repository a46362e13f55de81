import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { s3Model } from '../model/s3.ts';
import type { WireBody, WireRequest } from './protocol.ts';
import { parseQueryParameters } from './query-parameters.ts';
import { bucketInHost, s3 } from './s3.ts';
import { linkModel, type Operation } from './shape.ts';

const model = linkModel(s3Model);
const protocol = s3(model);
const noBody: WireBody = { bytes: () => Promise.resolve(new Uint8Array(0)), stream: () => new Blob([]).stream() };

function request(
  method: string,
  target: string,
  headers: Record<string, string> = {},
  host = 'localhost:4566',
): WireRequest {
  const [path = '', query = ''] = target.split('?');
  return protocol.address({ method, path, query: parseQueryParameters(query), headers, labels: {} }, host);
}

async function located(wire: WireRequest): Promise<string> {
  const found = await protocol.locate(wire, noBody);
  return 'operation' in found ? found.operation.name : `no operation: ${found.unknown}`;
}

test('the bucket of a host', () => {
  const buckets: Record<string, string | undefined> = {
    'localhost:4566': undefined,
    '127.0.0.1:4566': undefined,
    's3.localhost': undefined,
    's3.us-east-1.localhost:4566': undefined,
    's3.amazonaws.com': undefined,
    's3.eu-central-1.amazonaws.com': undefined,
    'elsewhere.example': undefined,
    'pics.localhost:4566': 'pics',
    'a.b.localhost:4566': 'a.b',
    'pics.s3.localhost': 'pics',
    'a.b.s3.localhost': 'a.b',
    'pics.s3.us-east-1.localhost:4566': 'pics',
    'Pics.S3.Us-East-1.LocalHost': 'pics',
    'pics.s3.amazonaws.com': 'pics',
    'pics.s3-eu-west-1.amazonaws.com': 'pics',
    'pics.s3.dualstack.us-gov-west-1.amazonaws.com': 'pics',
    'sqs.us-east-1.amazonaws.com': undefined,
  };
  for (const [host, bucket] of Object.entries(buckets)) assert.equal(bucketInHost(host), bucket, host);
});

/** The request that a client makes of an operation with its required members alone. */
function minimal(operation: Operation): WireRequest {
  const [path = '', literals = ''] = (operation.http?.uri ?? '').replace('{Key+}', 'some/key').split('?');
  const query = literals.split('&').filter((part) => part !== '' && !part.startsWith('x-id='));
  const headers: Record<string, string> = {};
  for (const name of operation.input.required) {
    const traits = operation.input.members.find((member) => member.name === name)?.traits ?? {};
    if (traits.query !== undefined) query.push(`${traits.query}=1`);
    if (traits.header !== undefined) headers[traits.header.toLowerCase()] = '1';
  }
  const bucket = operation.input.members.some((member) => member.name === 'Bucket' && member.traits.label === true)
    ? '/pics'
    : '';
  return request(operation.http?.method ?? '', `${bucket}${path}?${query.join('&')}`, headers);
}

/** By S3's own documentation these have hosts of their own, or cannot be told from another without a hint that clients send. */
const elsewhere: Readonly<Record<string, string>> = {
  ListDirectoryBuckets: 'ListBuckets',
  WriteGetObjectResponse: 'no operation: POST /',
};

test('what a client sends for an operation is that operation, and no other', async () => {
  const wrong: string[] = [];
  for (const operation of model.operations.values()) {
    const found = await located(minimal(operation));
    if (found !== (elsewhere[operation.name] ?? operation.name)) wrong.push(`${operation.name} → ${found}`);
  }
  assert.deepEqual(wrong, []);
});

test('operations that differ in a query or a header alone', async () => {
  const cases: [string, WireRequest][] = [
    ['ListBuckets', request('GET', '/')],
    ['ListDirectoryBuckets', request('GET', '/?x-id=ListDirectoryBuckets')],
    ['ListObjects', request('GET', '/pics')],
    ['ListObjects', request('GET', '/pics/?prefix=a&x=y')],
    ['ListObjectsV2', request('GET', '/pics/?list-type=2&prefix=a')],
    ['ListObjectVersions', request('GET', '/pics?versions')],
    ['GetObject', request('GET', '/pics/k?versionId=1&partNumber=2')],
    ['ListParts', request('GET', '/pics/k?uploadId=u&max-parts=2')],
    ['GetObjectAttributes', request('GET', '/pics/k?attributes')],
    ['PutObject', request('PUT', '/pics/k')],
    ['PutObject', request('PUT', '/pics/k?partNumber=1')],
    ['CopyObject', request('PUT', '/pics/k', { 'x-amz-copy-source': 'a/b' })],
    ['UploadPart', request('PUT', '/pics/k?partNumber=1&uploadId=u')],
    ['UploadPartCopy', request('PUT', '/pics/k?partNumber=1&uploadId=u', { 'x-amz-copy-source': 'a/b' })],
    ['CreateMultipartUpload', request('POST', '/pics/k?uploads=')],
    ['CompleteMultipartUpload', request('POST', '/pics/k?uploadId=u')],
    ['AbortMultipartUpload', request('DELETE', '/pics/k?uploadId=u')],
    ['DeleteObject', request('DELETE', '/pics/k?versionId=1')],
    ['GetBucketNotificationConfiguration', request('GET', '/pics?notification')],
    ['PutObject', request('PUT', '/k', {}, 'pics.localhost')],
    ['CreateBucket', request('PUT', '/', {}, 'pics.localhost')],
    ['no operation: POST /', request('POST', '/pics')],
    ['no operation: PUT /', request('PUT', '/')],
  ];
  for (const [name, wire] of cases) assert.equal(await located(wire), name);
});

test('a key is what it was before it was encoded, wherever the bucket is', async () => {
  const operation = model.operations.get('GetObject');
  assert.ok(operation);
  // Lone surrogates have no UTF-8.
  const keys = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.constantFrom('/', '//a', '.', '..', './a', 'a/../b', 'a%2Fb', '%', '+', ' ', 'a b+c', '?', '#', '\n'),
  );
  await fc.assert(
    fc.asyncProperty(keys, fc.boolean(), async (key, keepsSlashes) => {
      const encoded = keepsSlashes ? key.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(key);
      for (const wire of [request('GET', `/pics/${encoded}`), request('GET', `/${encoded}`, {}, 'pics.localhost')]) {
        const input = await protocol.decode(operation, wire, noBody);
        assert.deepEqual([input['Bucket'], input['Key']], ['pics', key]);
      }
    }),
  );
  const wire = request('GET', '/pics/%ff');
  await assert.rejects(protocol.decode(operation, wire, noBody), { code: 'invalid_argument', reason: 'InvalidURI' });
});

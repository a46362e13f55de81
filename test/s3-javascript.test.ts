/** S3 through the official SDK for JavaScript: client, lib-storage and presigner. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  NoSuchBucket,
  NoSuchKey,
  paginateListObjectsV2,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3ServiceException,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { bucketEventsTopic } from '../src/resources/bucket-event.ts';
import { account, openS3Rig } from './harness/s3-rig.ts';
import type { S3Rig } from './harness/s3-rig.ts';

const mib = 1024 * 1024;
let rig: S3Rig;
let s3: S3Client;
before(async () => {
  rig = await openS3Rig();
  // The SDK warns of streams without a length, and knows no length of one.
  s3 = rig.client({ logger: { debug() {}, info() {}, warn() {}, error() {} } });
});
after(async () => {
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.errors, []);
});

async function newBucket(name: string): Promise<string> {
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  return name;
}

/** An error of S3's with this code and status. */
const named = (name: string, status: number) => (error: unknown) => {
  assert.ok(error instanceof S3ServiceException, String(error));
  assert.deepEqual([error.name, error.$metadata.httpStatusCode], [name, status], error.message);
  return true;
};

/** Keys that programs get wrong. */
const oddKeys = [
  'a b+c%/ü/./../x',
  'plain',
  ' leading and trailing ',
  'slashes//in//a//row',
  '/begins',
  'ends/',
  'quote"and\'and&<>',
  'ünï/日本語/😀',
  '100%/%41/%2F',
  '?query=1&x#fragment',
  'plus+plus',
  'tab\there',
  'new\nline',
  '~!@$^*()_-=[]{}|;:,.',
  'CASE/case',
  '\u0001control',
  'é vs é',
];

test('buckets are made, found, listed and deleted', async () => {
  const Bucket = await newBucket('life-of-a-bucket');
  await newBucket(Bucket);
  assert.equal((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion, 'us-east-1');
  assert.equal((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint, undefined);
  assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, undefined);
  assert.ok(
    (await s3.send(new ListBucketsCommand({}))).Buckets?.some(
      ({ Name, CreationDate }) => Name === Bucket && CreationDate instanceof Date,
    ),
  );
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a' }));
  await assert.rejects(s3.send(new DeleteBucketCommand({ Bucket })), named('BucketNotEmpty', 409));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
  await assert.rejects(s3.send(new HeadBucketCommand({ Bucket })), named('NotFound', 404));
  await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket })), NoSuchBucket);
  await assert.rejects(newBucket('Not_a_name'), named('InvalidBucketName', 400));
  await assert.rejects(
    s3.send(
      new CreateBucketCommand({ Bucket: 'elsewhere', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    ),
    named('IllegalLocationConstraintException', 400),
  );
});

test('an object comes back as it was put, under every odd key', async () => {
  const Bucket = await newBucket('odd-keys');
  for (const Key of oddKeys) {
    const { ETag } = await s3.send(
      new PutObjectCommand({ Bucket, Key, Body: `of ${Key}`, ContentType: 'text/plain', Metadata: { name: 'value' } }),
    );
    assert.equal(ETag, `"${createHash('md5').update(`of ${Key}`).digest('hex')}"`);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    assert.equal(await got.Body?.transformToString(), `of ${Key}`);
    assert.deepEqual([got.ContentType, got.Metadata, got.AcceptRanges], ['text/plain', { name: 'value' }, 'bytes']);
  }
  const sorted = oddKeys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const listed = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url' }));
  assert.deepEqual(
    listed.Contents?.map(({ Key }) => decodeURIComponent((Key ?? '').replaceAll('+', ' '))),
    sorted,
  );
  for (const Key of oddKeys) {
    await s3.send(
      new CopyObjectCommand({ Bucket, Key: `copy of ${Key}`, CopySource: encodeURIComponent(`${Bucket}/${Key}`) }),
    );
    assert.equal(
      (await s3.send(new HeadObjectCommand({ Bucket, Key: `copy of ${Key}` }))).ContentLength,
      Buffer.byteLength(`of ${Key}`),
    );
  }
  const deleted = await s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: oddKeys.map((Key) => ({ Key })) } }),
  );
  assert.deepEqual(deleted.Deleted?.map(({ Key }) => Key).toSorted(), oddKeys.toSorted());
  assert.equal((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'copy of ' }))).KeyCount, oddKeys.length);
  assert.equal((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount, oddKeys.length);
});

test('ranges, parts of answers and overridden headers', async () => {
  const Bucket = await newBucket('ranges');
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: '0123456789' }));
  const part = await s3.send(new GetObjectCommand({ Bucket, Key: 'a', Range: 'bytes=2-4' }));
  assert.deepEqual(
    [await part.Body?.transformToString(), part.ContentRange, part.ContentLength, part.$metadata.httpStatusCode],
    ['234', 'bytes 2-4/10', 3, 206],
  );
  assert.equal(
    await (await s3.send(new GetObjectCommand({ Bucket, Key: 'a', Range: 'bytes=-3' }))).Body?.transformToString(),
    '789',
  );
  assert.equal(
    (await s3.send(new GetObjectCommand({ Bucket, Key: 'a', Range: 'bytes=4-2' }))).$metadata.httpStatusCode,
    200,
  );
  await assert.rejects(
    s3.send(new GetObjectCommand({ Bucket, Key: 'a', Range: 'bytes=10-' })),
    named('InvalidRange', 416),
  );
  const whole = await s3.send(
    new GetObjectCommand({
      Bucket,
      Key: 'a',
      ResponseContentType: 'text/x',
      ResponseContentDisposition: 'attachment',
      ResponseExpires: new Date(0),
    }),
  );
  assert.deepEqual([whole.ContentType, whole.ContentDisposition, whole.Expires], ['text/x', 'attachment', new Date(0)]);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).ContentType, 'application/octet-stream');
});

test('conditions: 304, 412, and creating only what is not there', async () => {
  const Bucket = await newBucket('conditions');
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: '1', IfNoneMatch: '*' }));
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: '2', IfNoneMatch: '*' })),
    named('PreconditionFailed', 412),
  );
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key: 'b', Body: '2', IfMatch: ETag })),
    named('NoSuchKey', 404),
  );
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: '2', IfMatch: ETag }));
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: '3', IfMatch: ETag })),
    named('PreconditionFailed', 412),
  );
  await assert.rejects(
    s3.send(new GetObjectCommand({ Bucket, Key: 'a', IfMatch: ETag })),
    named('PreconditionFailed', 412),
  );
  const { LastModified, ETag: now } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }));
  for (const condition of [{ IfNoneMatch: now }, { IfModifiedSince: LastModified }]) {
    await assert.rejects(
      s3.send(new GetObjectCommand({ Bucket, Key: 'a', ...condition })),
      (error: S3ServiceException) => {
        assert.equal(error.$metadata.httpStatusCode, 304);
        assert.equal(error.$response?.headers['etag'], now);
        return true;
      },
    );
  }
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: '3', IfNoneMatch: ETag })),
    named('NotImplemented', 501),
  );
});

test('errors say what S3 says', async () => {
  const Bucket = await newBucket('errors');
  await assert.rejects(
    s3.send(new GetObjectCommand({ Bucket, Key: 'none' })),
    (error: NoSuchKey & { Key?: string }) => error instanceof NoSuchKey && error.Key === 'none',
  );
  await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: 'none' })), named('NotFound', 404));
  await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key: 'x'.repeat(1025) })), named('KeyTooLongError', 400));
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key: 'a', Metadata: { big: 'x'.repeat(2048) } })),
    named('MetadataTooLarge', 400),
  );
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key: 'a', ACL: 'public-read' })),
    named('AccessControlListNotSupported', 400),
  );
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key: 'a', StorageClass: 'GLACIER' })),
    named('InvalidStorageClass', 400),
  );
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key: 'a', ServerSideEncryption: 'AES256' })),
    named('NotImplemented', 501),
  );
  await assert.rejects(
    s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', ContentMD5: '1B2M2Y8AsgTpgAmY7PhCfg==' })),
    named('BadDigest', 400),
  );
  await assert.rejects(
    s3.send(new GetObjectCommand({ Bucket, Key: 'a', ExpectedBucketOwner: '111111111111' })),
    named('AccessDenied', 403),
  );
  await assert.rejects(
    s3.send(new GetBucketEncryptionCommand({ Bucket })),
    named('ServerSideEncryptionConfigurationNotFoundError', 404),
  );
  await assert.rejects(
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })),
    named('NotImplemented', 501),
  );
  await assert.rejects(
    s3.send(new CopyObjectCommand({ Bucket, Key: 'a', CopySource: `${Bucket}/none` })),
    named('NoSuchKey', 404),
  );
  await assert.rejects(
    s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'made up' })),
    named('InvalidArgument', 400),
  );
  await assert.rejects(
    s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'a', UploadId: 'none' })),
    named('NoSuchUpload', 404),
  );
});

test('checksums of every algorithm are verified, kept and given back', async () => {
  const Bucket = await newBucket('checksums');
  for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
    const Body = Readable.from([Buffer.from('hello '), Buffer.from('world')]);
    const put = await s3.send(
      new PutObjectCommand({ Bucket, Key: ChecksumAlgorithm, Body, ContentLength: 11, ChecksumAlgorithm }),
    );
    const member = `Checksum${ChecksumAlgorithm}` as const;
    assert.ok(put[member]);
    assert.equal(put.ChecksumType, 'FULL_OBJECT');
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: ChecksumAlgorithm, ChecksumMode: 'ENABLED' }));
    assert.equal(got[member], put[member]);
    assert.equal(await got.Body?.transformToString(), 'hello world');
    const attributes = await s3.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: ChecksumAlgorithm,
        ObjectAttributes: ['Checksum', 'ObjectSize', 'ETag'],
      }),
    );
    assert.deepEqual(
      [attributes.Checksum?.[member], attributes.ObjectSize, attributes.ETag],
      [put[member], 11, createHash('md5').update('hello world').digest('hex')],
    );
  }
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'SHA256' }));
  assert.deepEqual(Contents[0]?.ChecksumAlgorithm, ['SHA256']);
});

test('a copy keeps or replaces what is said about the object, and tags', async () => {
  const Bucket = await newBucket('copies');
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'a',
      Body: 'x',
      ContentType: 'text/plain',
      Metadata: { one: '1' },
      Tagging: 'team=red&cost%20centre=4%2B',
    }),
  );
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` }));
  const kept = await s3.send(new HeadObjectCommand({ Bucket, Key: 'b' }));
  assert.deepEqual([kept.ContentType, kept.Metadata], ['text/plain', { one: '1' }]);
  assert.equal((await s3.send(new GetObjectCommand({ Bucket, Key: 'b' }))).TagCount, 2);
  assert.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'b' }))).TagSet, [
    { Key: 'team', Value: 'red' },
    { Key: 'cost centre', Value: '4+' },
  ]);
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'b', Tagging: { TagSet: [] } }));
  assert.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'b' }))).TagSet, []);
  await assert.rejects(
    s3.send(new CopyObjectCommand({ Bucket, Key: 'a', CopySource: `${Bucket}/a` })),
    named('InvalidRequest', 400),
  );
  const replaced = await s3.send(
    new CopyObjectCommand({
      Bucket,
      Key: 'a',
      CopySource: `${Bucket}/a`,
      MetadataDirective: 'REPLACE',
      ContentType: 'text/html',
    }),
  );
  assert.equal(replaced.CopyObjectResult?.ETag, kept.ETag);
  const now = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a' }));
  assert.deepEqual([now.ContentType, now.Metadata], ['text/html', {}]);
});

test('an upload of 100 MB in parts, with flat memory on both sides', async () => {
  const Bucket = await newBucket('large');
  const piece = randomBytes(mib);
  const hash = createHash('sha256');
  for (let count = 0; count < 100; count++) hash.update(piece);
  const digest = hash.digest('hex');
  const source = Readable.from(
    (function* () {
      for (let count = 0; count < 100; count++) yield piece;
    })(),
  );
  const upload = new Upload({
    client: s3,
    params: { Bucket, Key: 'film', Body: source },
    partSize: 8 * mib,
    queueSize: 4,
  });
  const done = await upload.done();
  assert.match(done.ETag ?? '', /^"[0-9a-f]{32}-13"$/);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'film' }));
  assert.equal(got.ContentLength, 100 * mib);
  const received = createHash('sha256');
  assert.ok(got.Body instanceof Readable);
  for await (const chunk of got.Body) received.update(chunk as Uint8Array);
  assert.equal(received.digest('hex'), digest);
  const across = await s3.send(
    new GetObjectCommand({ Bucket, Key: 'film', Range: `bytes=${8 * mib - 10}-${8 * mib + 9}` }),
  );
  const twice = Buffer.concat([piece.subarray(mib - 10), piece.subarray(0, 10)]);
  assert.deepEqual(Buffer.from((await across.Body?.transformToByteArray()) ?? []), twice);
  const second = await s3.send(new GetObjectCommand({ Bucket, Key: 'film', PartNumber: 13 }));
  assert.deepEqual(
    [second.PartsCount, second.ContentLength, second.ContentRange],
    [13, 4 * mib, `bytes ${96 * mib}-${100 * mib - 1}/${100 * mib}`],
  );
  await second.Body?.transformToByteArray();
});

test('parts are put again, copied, listed, completed in order, and aborted', async () => {
  const Bucket = await newBucket('parts');
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key: 'a b', ContentType: 'video/mp4', ChecksumAlgorithm: 'SHA256' }),
  );
  const target = { Bucket, Key: 'a b', UploadId };
  await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: Buffer.alloc(6 * mib, 'x') }));
  await s3.send(
    new UploadPartCommand({ ...target, PartNumber: 1, Body: 'to be replaced', ChecksumAlgorithm: 'SHA256' }),
  );
  const first = await s3.send(
    new UploadPartCopyCommand({
      ...target,
      PartNumber: 1,
      CopySource: `${Bucket}/source`,
      CopySourceRange: `bytes=0-${5 * mib - 1}`,
    }),
  );
  const second = await s3.send(
    new UploadPartCommand({ ...target, PartNumber: 2, Body: 'end', ChecksumAlgorithm: 'SHA256' }),
  );
  const { Parts, IsTruncated, NextPartNumberMarker } = await s3.send(new ListPartsCommand({ ...target, MaxParts: 1 }));
  assert.deepEqual(
    [Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]), IsTruncated, NextPartNumberMarker],
    [[[1, 5 * mib]], true, '1'],
  );
  const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  assert.deepEqual(
    Uploads?.map(({ Key, UploadId: id }) => [Key, id]),
    [['a b', UploadId]],
  );
  const parts = [
    { PartNumber: 1, ETag: first.CopyPartResult?.ETag, ChecksumSHA256: first.CopyPartResult?.ChecksumSHA256 },
    { PartNumber: 2, ETag: second.ETag, ChecksumSHA256: second.ChecksumSHA256 },
  ];
  const complete = (Parts_: typeof parts) =>
    s3.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: Parts_ } }));
  await assert.rejects(complete(parts.toReversed()), named('InvalidPartOrder', 400));
  await assert.rejects(complete(parts.map((part) => ({ ...part, ETag: '"0"' }))), named('InvalidPart', 400));
  await assert.rejects(complete([]), named('MalformedXML', 400));
  const done = await complete(parts);
  assert.match(done.ChecksumSHA256 ?? '', /-2$/);
  assert.deepEqual((await complete(parts)).ETag, done.ETag);
  const attributes = await s3.send(
    new GetObjectAttributesCommand({ Bucket, Key: 'a b', ObjectAttributes: ['ObjectParts'] }),
  );
  assert.deepEqual(
    attributes.ObjectParts?.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
    [
      [1, 5 * mib],
      [2, 3],
    ],
  );
  const other = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'b' }));
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'b', UploadId: other.UploadId }));
  assert.equal((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads, undefined);
});

test('presigned addresses put and get with nothing but fetch, and stop working when changed', async () => {
  const Bucket = await newBucket('presigned');
  // Otherwise the SDK signs the checksum of an empty body into the address.
  const client = rig.client({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const put = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'a b/ü.txt' }), { expiresIn: 60 });
  const response = await fetch(put, { method: 'PUT', body: 'hello' });
  assert.equal(response.status, 200, await response.text());
  const get = await getSignedUrl(
    client,
    new GetObjectCommand({ Bucket, Key: 'a b/ü.txt', ResponseContentType: 'text/markdown' }),
    { expiresIn: 60 },
  );
  const got = await fetch(get);
  assert.deepEqual([got.status, got.headers.get('content-type'), await got.text()], [200, 'text/markdown', 'hello']);
  const other = await fetch(get.replace('%C3%BC', 'u'));
  assert.equal(other.status, 403);
  assert.match(await other.text(), /<Code>SignatureDoesNotMatch<\/Code>/);
});

test('10,000 keys are listed in pages, by prefix and by folder', async () => {
  const Bucket = await newBucket('many');
  const names = Array.from({ length: 10_000 }, (_, index) => `folder ${index % 7}/${String(index).padStart(5, '0')}`);
  await rig.fill(Bucket, names);
  const seen: string[] = [];
  let pages = 0;
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    pages += 1;
    seen.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
  }
  assert.deepEqual(seen, names.toSorted());
  assert.equal(pages, 10);
  const folders = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: '/' }));
  assert.deepEqual(
    folders.CommonPrefixes?.map(({ Prefix }) => Prefix),
    Array.from({ length: 7 }, (_, index) => `folder ${index}/`),
  );
  const first = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys: 2 }));
  assert.deepEqual([first.NextMarker, first.IsTruncated], ['folder 1/', true]);
  const rest = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: '/', Marker: first.NextMarker }));
  assert.equal(rest.CommonPrefixes?.length, 5);
  const after_ = await s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: 'folder 3/', StartAfter: 'folder 3/09000', MaxKeys: 1 }),
  );
  assert.deepEqual(
    after_.Contents?.map(({ Key }) => Key),
    ['folder 3/09005'],
  );
  const versions = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1 }));
  assert.deepEqual([versions.Versions?.[0]?.VersionId, versions.Versions?.[0]?.IsLatest], ['null', true]);
  for (let start = 0; start < names.length; start += 1_000) {
    const Objects = names.slice(start, start + 1_000).map((Key) => ({ Key }));
    assert.deepEqual(
      (await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }))).Deleted,
      undefined,
    );
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
});

test('a notification configuration makes bindings, and only then changes are told', async () => {
  const Bucket = await newBucket('notifying');
  const arn = `arn:aws:lambda:us-east-1:${account}:function:resize`;
  const put = (NotificationConfiguration: object) =>
    s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  const rules = (prefix: string, suffix: string) => ({
    Key: {
      FilterRules: [
        { Name: 'prefix', Value: prefix },
        { Name: 'suffix', Value: suffix },
      ],
    },
  });
  await s3.send(new PutObjectCommand({ Bucket, Key: 'in/before.jpg', Body: 'x' }));
  const one = { Id: 'one', LambdaFunctionArn: arn, Events: ['s3:ObjectCreated:*'], Filter: rules('in/', '.jpg') };
  const two = { Id: 'two', LambdaFunctionArn: `${arn}:live`, Events: ['s3:ObjectRemoved:Delete'] };
  await put({ LambdaFunctionConfigurations: [one, two] });
  assert.deepEqual(
    rig.bindings
      .ofKind('bucket')
      .map(({ functionName, qualifier, source }) => ({ functionName, qualifier, ...source })),
    [
      {
        functionName: 'resize',
        qualifier: '$LATEST',
        kind: 'bucket',
        bucket: Bucket,
        events: ['ObjectCreated:*'],
        prefix: 'in/',
        suffix: '.jpg',
      },
      {
        functionName: 'resize',
        qualifier: 'live',
        kind: 'bucket',
        bucket: Bucket,
        events: ['ObjectRemoved:Delete'],
        prefix: '',
        suffix: '',
      },
    ],
  );
  const { LambdaFunctionConfigurations } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  assert.deepEqual(LambdaFunctionConfigurations, [one, two]);
  await s3.send(new PutObjectCommand({ Bucket, Key: 'in/a b.jpg', Body: 'x' }));
  const told = (await rig.store.log.peek(bucketEventsTopic, 10)).map(
    ({ body }) => JSON.parse(body) as { key: string; name: string },
  );
  assert.deepEqual(
    told.map(({ key, name }) => [key, name]),
    [['in/a b.jpg', 'ObjectCreated:Put']],
  );
  await assert.rejects(
    put({ LambdaFunctionConfigurations: [one, { ...one, Id: 'three', Filter: rules('in/deep', '') }] }),
    named('InvalidArgument', 400),
  );
  await assert.rejects(
    put({ LambdaFunctionConfigurations: [{ ...one, LambdaFunctionArn: `${arn}s` }] }),
    named('InvalidArgument', 400),
  );
  await assert.rejects(
    put({ LambdaFunctionConfigurations: [{ ...one, Events: ['s3:ObjectRestore:Post'] }] }),
    named('NotImplemented', 501),
  );
  const events = ['s3:ObjectCreated:*'];
  const unheard = { Id: 'q', QueueArn: 'arn:aws:sqs:us-east-1:000000000000:q', Events: events };
  await assert.rejects(put({ QueueConfigurations: [unheard] }), named('InvalidArgument', 400));
  const topic = {
    Id: 't',
    TopicArn: 'arn:aws:sns:us-east-1:000000000000:heard',
    Events: events,
    Filter: rules('docs/', '.txt'),
  };
  const queue = {
    Id: 'q',
    QueueArn: 'arn:aws:sqs:us-east-1:000000000000:heard',
    Events: events,
    Filter: rules('pics/', '.gif'),
  };
  await put({ LambdaFunctionConfigurations: [one], TopicConfigurations: [topic], QueueConfigurations: [queue] });
  assert.deepEqual(
    rig.tests.map((test) => test.replace(/ .*/, '')),
    [topic.TopicArn, queue.QueueArn],
  );
  assert.match(rig.tests[0] ?? '', /"Event":"s3:TestEvent".*"Bucket":"notifying/);
  const all = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  assert.deepEqual([all.TopicConfigurations, all.QueueConfigurations], [[topic], [queue]]);
  await assert.rejects(put({ TopicConfigurations: [topic, { ...topic, Id: 'u' }] }), named('InvalidArgument', 400));
  await put({ LambdaFunctionConfigurations: [one], EventBridgeConfiguration: {} });
  const onBus = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  assert.deepEqual([onBus.EventBridgeConfiguration, onBus.LambdaFunctionConfigurations], [{}, [one]]);
  await put({});
  const none = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  assert.equal(none.EventBridgeConfiguration, undefined);
  assert.deepEqual(rig.bindings.ofKind('bucket'), []);
});

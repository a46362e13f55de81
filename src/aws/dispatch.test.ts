import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Listener } from '../gateway/listener.ts';
import { createAuthenticate } from '../identity/authenticate.ts';
import type { Credentials } from '../identity/sign.ts';
import { functionBearer } from '../identity/principal.ts';
import { createStandings } from '../identity/standing.ts';
import { createTemporaryCredentials } from '../identity/temporary-credentials.ts';
import { systemClock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { HttpHandler } from '../util/http.ts';
import { type AccountId, type EnvironmentId, functionArn, randomIds } from '../util/ids.ts';
import { createAwsHandler } from './dispatch.ts';
import { s3Model, type S3OperationName } from './model/s3.ts';
import { sqsModel } from './model/sqs.ts';
import type { AwsContext, AwsOperation, AwsService, OperationEntry, OperationTable } from './service.ts';

const account = '000000000000' as AccountId;
const administrator = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret/secret+secret' };
const environmentId = 'environment-1' as EnvironmentId;

/** What the operation under test saw, and what it shall answer. */
type Call = {
  operation: string;
  input: Record<string, unknown>;
  body: Buffer | undefined;
  context: AwsContext;
  checksums: object;
};
let calls: Call[] = [];
let answers: Record<string, object | (() => object)> = {};
let errors: unknown[] = [];
/** Told when the operation's permissions are asked for. */
let judged: () => void = () => undefined;

/** Told of a body that broke off, and the operation with it. */
let brokenOff: (error: unknown) => void = () => undefined;
const bodyFailed = (error: unknown): never => {
  brokenOff(error);
  throw error;
};

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

function entry(operation: string): OperationEntry {
  const run: AwsOperation = async (context: AwsContext, input: Record<string, unknown>) => {
    const isStream =
      typeof input['Body'] === 'object' && input['Body'] !== null && Symbol.asyncIterator in input['Body'];
    const body = isStream ? await collect(input['Body'] as AsyncIterable<Uint8Array>).catch(bodyFailed) : undefined;
    calls.push({ operation, input, body, context, checksums: context.payload.checksums() });
    const answer = answers[operation] ?? {};
    return typeof answer === 'function' ? answer() : answer;
  };
  return {
    run,
    access: (_context, input: { Bucket?: string; Key?: string }) => {
      judged();
      return [{ action: `s3:${operation}`, resource: `arn:aws:s3:::${input.Bucket}/${input.Key}` }];
    },
  };
}

function table(model: { operations: object }, except: readonly string[] = []): OperationTable<string> {
  return Object.fromEntries(
    Object.keys(model.operations).map((name) => [name, except.includes(name) ? 'not built' : entry(name)]),
  );
}

const services: readonly AwsService[] = [
  {
    name: 's3',
    signingNames: ['s3'],
    protocols: ['s3'],
    model: s3Model,
    operations: table(s3Model, ['PutBucketCors']) satisfies OperationTable<S3OperationName>,
  },
  {
    name: 'sqs',
    signingNames: ['sqs'],
    protocols: ['json-1.0', 'query'],
    model: sqsModel,
    operations: table(sqsModel),
  },
];

const sessions = createTemporaryCredentials(Buffer.alloc(32, 7), randomIds);

function handlerIn(mode: 'serve' | 'dev'): HttpHandler {
  return createAwsHandler({
    services,
    authenticate: createAuthenticate({ mode, administrator, sessions, account, clock: systemClock }),
    standingOf: createStandings({
      grantsOf: () => ({
        permissions: [{ effect: 'allow', actions: ['s3:Get*'], resources: ['arn:aws:s3:::pics/*'] }],
      }),
    }),
    causeOf: () => ({
      traceId: 'Root=1-00000000-000000000000000000000000',
      hops: { [functionArn('us-east-1', account, 'resize')]: 1 },
    }),
    clock: systemClock,
    ids: randomIds,
    region: 'us-east-1',
    onError: (error) => errors.push(error),
  });
}

/** Stands in for the sandbox's proof of where a connection comes from. */
let cameFrom: EnvironmentId | undefined;
let mode: 'serve' | 'dev' = 'serve';
const handlers = { serve: handlerIn('serve'), dev: handlerIn('dev') };
const listener = new Listener({
  handler: (request) =>
    handlers[mode](
      cameFrom === undefined ? request : Object.defineProperty(request, 'environmentId', { value: cameFrom }),
    ),
  clock: systemClock,
  onError: (error) => errors.push(error),
});
let port = 0;

function client(options: { credentials?: Credentials } = {}): S3Client {
  return new S3Client({
    endpoint: `http://localhost:${port}`,
    region: 'us-east-1',
    credentials: administrator,
    forcePathStyle: true,
    maxAttempts: 1,
    ...options,
  });
}

/** node:http and not fetch: fetch does not let a caller choose the host and cleans up paths. */
function raw(options: {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method: options.method ?? 'GET',
        path: options.path,
        headers: { host: `localhost:${port}`, ...options.headers },
      },
      (incoming) => {
        collect(incoming).then(
          (body) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: body.toString() }),
          reject,
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

function onlyCall(): Call {
  assert.equal(calls.length, 1, `calls: ${calls.map((call) => call.operation).join(', ')}`);
  const [call] = calls;
  assert.ok(call);
  return call;
}

before(async () => {
  ({ port } = await listener.listen(0, '127.0.0.1'));
});
after(() => listener.close(0));
beforeEach(() => {
  calls = [];
  answers = {};
  errors = [];
  cameFrom = undefined;
  mode = 'serve';
});

describe('S3 through the official SDK', () => {
  test('a string body comes with its metadata, verified and with its checksum', async () => {
    answers = { PutObject: { ETag: '"abc"', ChecksumCRC32: 'x' } };
    const output = await client().send(
      new PutObjectCommand({
        Bucket: 'pics',
        Key: 'a b/ü+%20.txt',
        Body: 'hello',
        ContentType: 'text/plain',
        Metadata: { colour: 'blue' },
        Expires: new Date(0),
      }),
    );
    assert.equal(output.ETag, '"abc"');
    const { operation, input, body, context, checksums } = onlyCall();
    assert.equal(operation, 'PutObject');
    assert.equal(body?.toString(), 'hello');
    const { Body: _body, ...rest } = input as unknown as PutObjectCommandInput;
    assert.deepEqual(rest, {
      Bucket: 'pics',
      Key: 'a b/ü+%20.txt',
      ContentLength: 5,
      ContentType: 'text/plain',
      Metadata: { colour: 'blue' },
      Expires: new Date(0),
      ChecksumAlgorithm: 'CRC32',
      ChecksumCRC32: 'NhCmhg==',
    });
    assert.deepEqual(checksums, { CRC32: 'NhCmhg==' });
    assert.deepEqual(
      [context.account, context.principal.kind, context.payload.bytesExpected],
      [account, 'administrator', 5],
    );
  });

  test('a stream comes in chunks with a trailer, whose checksum is verified', async () => {
    const { Readable } = await import('node:stream');
    const bytes = Buffer.alloc(300_000, 'abcdefg');
    for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
      calls = [];
      await client().send(
        new PutObjectCommand({
          Bucket: 'pics',
          Key: 'k',
          Body: Readable.from([bytes]),
          ContentLength: bytes.length,
          ContentEncoding: 'gzip',
          ChecksumAlgorithm,
        }),
      );
      const { body, input, checksums } = onlyCall();
      assert.ok(body?.equals(bytes));
      assert.deepEqual([input['ContentLength'], input['ContentEncoding']], [bytes.length, 'gzip']);
      assert.deepEqual(Object.keys(checksums), [ChecksumAlgorithm]);
    }
  });

  test('an object streams back with its headers, and a part of it is 206', async () => {
    answers = {
      GetObject: {
        Body: new Blob(['ell']).stream(),
        ContentLength: 3,
        ContentRange: 'bytes 1-3/5',
        ETag: '"e"',
        LastModified: new Date(1_000_000),
        Metadata: { name: 'Zürich' },
      },
    };
    const output = await client().send(new GetObjectCommand({ Bucket: 'pics', Key: 'k', Range: 'bytes=1-3' }));
    assert.equal(output.$metadata.httpStatusCode, 206);
    assert.equal(await output.Body?.transformToString(), 'ell');
    assert.deepEqual(output.LastModified, new Date(1_000_000));
    assert.equal(output.Metadata?.['name'], '=?UTF-8?B?WsO8cmljaA==?=');
    assert.equal(onlyCall().input['Range'], 'bytes=1-3');
    assert.match(String(output.$metadata.requestId), /^[0-9A-F]{16}$/);
  });

  test('every way to address an operation reaches that one', async () => {
    const s3 = client();
    answers = { CopyObject: { CopyObjectResult: { ETag: '"c"' } } };
    await s3.send(new ListBucketsCommand({}));
    await s3.send(
      new CreateBucketCommand({ Bucket: 'pics', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
    await s3.send(new HeadObjectCommand({ Bucket: 'pics', Key: 'k' }));
    await s3.send(new UploadPartCommand({ Bucket: 'pics', Key: 'k', PartNumber: 2, UploadId: 'u', Body: 'part' }));
    await s3.send(new CopyObjectCommand({ Bucket: 'pics', Key: 'k', CopySource: '/pics/other' }));
    assert.deepEqual(
      calls.map((call) => call.operation),
      ['ListBuckets', 'CreateBucket', 'HeadObject', 'UploadPart', 'CopyObject'],
    );
    assert.deepEqual(calls[1]?.input['CreateBucketConfiguration'], { LocationConstraint: 'eu-west-1' });
    assert.deepEqual([calls[3]?.input['PartNumber'], calls[3]?.input['UploadId']], [2, 'u']);
    assert.equal(calls[4]?.input['CopySource'], '/pics/other');
  });

  test('documents go both ways', async () => {
    answers = {
      ListObjectsV2: {
        Name: 'pics',
        KeyCount: 1,
        IsTruncated: false,
        Contents: [{ Key: 'a&<b>\r\u0001', Size: 3, LastModified: new Date(0), ETag: '"e"' }],
        CommonPrefixes: [{ Prefix: 'x/' }],
      },
      DeleteObjects: { Deleted: [{ Key: 'a' }], Errors: [{ Key: 'b', Code: 'AccessDenied', Message: 'no' }] },
      CompleteMultipartUpload: { Location: 'http://x', Bucket: 'pics', Key: 'k', ETag: '"e-2"' },
      GetBucketLocation: { LocationConstraint: 'eu-west-1' },
    };
    const s3 = client();
    const list = await s3.send(new ListObjectsV2Command({ Bucket: 'pics', Prefix: 'a b', MaxKeys: 5 }));
    assert.deepEqual(list.Contents, [{ Key: 'a&<b>\r\u0001', Size: 3, LastModified: new Date(0), ETag: '"e"' }]);
    assert.deepEqual(list.CommonPrefixes, [{ Prefix: 'x/' }]);
    const deleted = await s3.send(
      new DeleteObjectsCommand({
        Bucket: 'pics',
        Delete: { Objects: [{ Key: 'a\r\n&' }, { Key: ' b ' }], Quiet: true },
      }),
    );
    assert.deepEqual(deleted.Errors, [{ Key: 'b', Code: 'AccessDenied', Message: 'no' }]);
    const completed = await s3.send(
      new CompleteMultipartUploadCommand({
        Bucket: 'pics',
        Key: 'k',
        UploadId: 'u',
        ChecksumCRC32: 'AAAAAA==-2',
        MultipartUpload: {
          Parts: [
            { PartNumber: 1, ETag: '"1"' },
            { PartNumber: 2, ETag: '"2"' },
          ],
        },
      }),
    );
    assert.equal(completed.ETag, '"e-2"');
    const location = await s3.send(new GetBucketLocationCommand({ Bucket: 'pics' }));
    assert.equal(location.LocationConstraint, 'eu-west-1');
    assert.deepEqual([calls[0]?.input['Prefix'], calls[0]?.input['MaxKeys']], ['a b', 5]);
    assert.deepEqual(calls[1]?.input['Delete'], { Objects: [{ Key: 'a\r\n&' }, { Key: ' b ' }], Quiet: true });
    assert.deepEqual(calls[2]?.input['MultipartUpload'], {
      Parts: [
        { ETag: '"1"', PartNumber: 1 },
        { ETag: '"2"', PartNumber: 2 },
      ],
    });
    assert.equal(calls[2]?.input['ChecksumCRC32'], 'AAAAAA==-2');
  });

  test('a bucket in the host is the same as one in the path', async () => {
    const hosts = ['pics.localhost', 'pics.s3.localhost', 'pics.s3.us-east-1.localhost', 'pics.s3.amazonaws.com'];
    mode = 'dev';
    for (const host of hosts) await raw({ path: '/a//./b%2Fc?x-id=GetObject', headers: { host: `${host}:${port}` } });
    await raw({ path: '/pics/a//./b%2Fc', headers: { host: `s3.us-east-1.localhost:${port}` } });
    assert.deepEqual(
      calls.map((call) => [call.operation, call.input['Bucket'], call.input['Key']]),
      Array.from({ length: 5 }, () => ['GetObject', 'pics', 'a//./b/c']),
    );
  });

  test('presigned requests work, with what the presigner moved into the query', async () => {
    const url = await getSignedUrl(
      client(),
      new PutObjectCommand({ Bucket: 'pics', Key: 'a b', Metadata: { colour: 'blue' } }),
      { expiresIn: 60 },
    );
    const put = await fetch(url, { method: 'PUT', body: 'presigned' });
    assert.equal(put.status, 200, await put.text());
    const { body, input } = onlyCall();
    assert.equal(body?.toString(), 'presigned');
    assert.deepEqual(input['Metadata'], { colour: 'blue' });

    const changed = await fetch(url.replace('a%20b', 'a%20c'), { method: 'PUT', body: 'presigned' });
    assert.equal(changed.status, 403);
    assert.match(await changed.text(), /<Code>SignatureDoesNotMatch<\/Code>.*<StringToSign>AWS4-HMAC-SHA256\n/s);
  });

  test('errors have the name, the facts and the status of S3', async () => {
    answers = {
      GetObject: () => {
        throw new PlatformError('not_found', 'The specified key does not exist.', {
          reason: 'NoSuchKey',
          facts: { Key: 'a<b', 'x-amz-delete-marker': 'true' },
        });
      },
      HeadObject: () => {
        throw new PlatformError('precondition_failed', 'Not Modified', {
          reason: 'NotModified',
          facts: { etag: '"e"' },
        });
      },
    };
    await assert.rejects(
      client().send(new GetObjectCommand({ Bucket: 'pics', Key: 'a<b' })),
      (error: Error & { Key?: string; $metadata?: { httpStatusCode?: number } }) => {
        assert.deepEqual(
          [error.name, error.message, error.Key, error.$metadata?.httpStatusCode],
          ['NoSuchKey', 'The specified key does not exist.', 'a<b', 404],
        );
        return true;
      },
    );
    mode = 'dev';
    const head = await raw({ method: 'HEAD', path: '/pics/k' });
    assert.deepEqual([head.status, head.headers['etag'], head.text], [304, '"e"', '']);
    const get = await raw({ path: '/pics/k' });
    assert.equal(get.headers['x-amz-delete-marker'], 'true');
    assert.match(
      get.text,
      /^<\?xml.*<Error><Code>NoSuchKey<\/Code><Message>.*<Key>a&lt;b<\/Key><Resource>\/pics\/k<\/Resource><RequestId>/s,
    );
  });

  test('an operation that is not built says so by name, and one that does not exist is not allowed', async () => {
    mode = 'dev';
    const unbuilt = await raw({ method: 'PUT', path: '/pics?cors', body: '<CORSConfiguration/>' });
    assert.equal(unbuilt.status, 501);
    assert.match(unbuilt.text, /<Code>NotImplemented<\/Code><Message>s3 PutBucketCors is not built/);
    const none = await raw({ method: 'PATCH', path: '/pics' });
    assert.equal(none.status, 405);
    assert.match(none.text, /<Code>MethodNotAllowed<\/Code>/);
  });

  test('what nobody expected is reported, and told to the caller without detail', async () => {
    answers = {
      GetObject: () => {
        throw new TypeError('a secret path');
      },
    };
    mode = 'dev';
    const response = await raw({ path: '/pics/k' });
    assert.equal(response.status, 500);
    assert.match(response.text, /<Code>InternalError<\/Code>/);
    assert.doesNotMatch(response.text, /secret/);
    assert.equal(errors.length, 1);
  });

  test('a body that cannot be read is refused in every format, before and after the service is known', async () => {
    mode = 'dev';
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const headers of [form, { ...form, host: 'sqs.localhost' }, {}]) {
      const { status, text } = await raw({
        method: 'POST',
        path: '/pics?delete',
        headers: { ...headers, 'x-amz-content-sha256': 'nonsense' },
        body: 'Action=%ff',
      });
      assert.equal(status, 400);
      assert.match(text, /<Code>InvalidArgument<\/Code>/);
    }
    const { text } = await raw({
      method: 'POST',
      path: '/',
      headers: { ...form, host: 'sqs.localhost' },
      body: 'Action=%ff',
    });
    assert.match(text, /<ErrorResponse><Error><Type>Sender<\/Type><Code>InvalidURI<\/Code>/);
    assert.deepEqual(errors, []);
  });

  test('a client that goes away in the middle is no error of ours', async () => {
    mode = 'dev';
    const broken = new Promise((resolve) => (brokenOff = resolve));
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port,
      method: 'PUT',
      path: '/pics/k',
      headers: { host: 'localhost', 'content-length': '10' },
    });
    outgoing.on('error', () => undefined);
    outgoing.write('half', () => outgoing.destroy());
    const error = await broken;
    assert.deepEqual(
      [(error as PlatformError).code, (error as PlatformError).reason],
      ['invalid_argument', 'IncompleteBody'],
    );
    assert.deepEqual(errors, []);
  });

  test('a document larger than any service sends is refused before it is held', async () => {
    mode = 'dev';
    const { status, text } = await raw({
      method: 'POST',
      path: '/pics?delete',
      body: Buffer.alloc(9 * 1024 * 1024, ' '),
    });
    assert.equal(status, 400);
    assert.match(text, /<Code>MaxMessageLengthExceeded<\/Code>/);
  });

  test('a body that is not what was signed or announced is refused', async () => {
    mode = 'dev';
    const refused = async (headers: Record<string, string>): Promise<string> => {
      const { text } = await raw({ method: 'PUT', path: '/pics/k', headers, body: 'hello' });
      return /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? text;
    };
    assert.equal(await refused({ 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }), 'BadDigest');
    assert.equal(await refused({ 'content-md5': 'AA==' }), 'InvalidDigest');
    assert.equal(await refused({ 'x-amz-content-sha256': '0'.repeat(64) }), 'XAmzContentSHA256Mismatch');
    assert.equal(await refused({ 'x-amz-checksum-crc32': 'AAAAAA==' }), 'BadDigest');
    assert.equal(await refused({ 'x-amz-checksum-crc32': 'nonsense' }), 'InvalidRequest');
    assert.equal(await refused({ 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' }), 'NotImplemented');
    assert.equal(calls.length, 0);
  });
});

describe('who may do what', () => {
  test('a wrong secret, an unknown key and no signature are refused in the format of the service', async () => {
    const withSecret = client({ credentials: { ...administrator, secretAccessKey: 'wrong' } });
    await assert.rejects(withSecret.send(new ListBucketsCommand({})), { name: 'SignatureDoesNotMatch' });
    const unknown = client({ credentials: { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' } });
    await assert.rejects(unknown.send(new ListBucketsCommand({})), { name: 'InvalidAccessKeyId' });
    const none = await raw({ path: '/pics' });
    assert.equal(none.status, 403);
    assert.match(none.text, /<Code>AccessDenied<\/Code>/);
    const target = await raw({
      method: 'POST',
      path: '/',
      headers: { 'x-amz-target': 'AmazonSQS.SendMessage' },
      body: '{}',
    });
    assert.deepEqual([target.status, JSON.parse(target.text).__type], [403, 'MissingAuthenticationTokenException']);
    assert.equal(calls.length, 0);
  });

  test('in dev any signature is taken from this machine, and a key of twelve digits is an account', async () => {
    mode = 'dev';
    await client({ credentials: { accessKeyId: '123456789012', secretAccessKey: 'anything' } }).send(
      new ListBucketsCommand({}),
    );
    assert.equal(onlyCall().context.account, '123456789012');
    const elsewhere = await raw({ path: '/pics', headers: { 'sec-fetch-site': 'cross-site' } });
    assert.equal(elsewhere.status, 403);
    const rebound = await raw({ path: '/pics', headers: { host: 'evil.example' } });
    assert.equal(rebound.status, 403);
  });

  test('a function does what its role allows, from its own environment alone', async () => {
    const session = sessions.issue(
      functionBearer({
        account,
        functionArn: functionArn('us-east-1', account, 'resize'),
        functionName: 'resize',
        environmentId,
      }),
      Date.now() + 60_000,
    );
    const s3 = client({ credentials: session });
    for (const where of ['serve', 'dev'] as const) {
      mode = where;
      cameFrom = environmentId;
      calls = [];
      await s3.send(new GetObjectCommand({ Bucket: 'pics', Key: 'k' }));
      const { context } = onlyCall();
      assert.equal(context.principal.kind, 'function');
      assert.deepEqual(Object.values(context.cause.hops), [1]);
      await assert.rejects(s3.send(new PutObjectCommand({ Bucket: 'pics', Key: 'k', Body: 'x' })), {
        name: 'AccessDenied',
      });
      await assert.rejects(s3.send(new GetObjectCommand({ Bucket: 'other', Key: 'k' })), { name: 'AccessDenied' });
      cameFrom = 'environment-2' as EnvironmentId;
      await assert.rejects(s3.send(new GetObjectCommand({ Bucket: 'pics', Key: 'k' })), { name: 'AccessDenied' });
      assert.equal(calls.length, 1);
    }
    mode = 'serve';
    cameFrom = undefined;
    await assert.rejects(s3.send(new GetObjectCommand({ Bucket: 'pics', Key: 'k' })), { name: 'AccessDenied' });
    const expired = sessions.issue(
      functionBearer({
        account,
        functionArn: functionArn('us-east-1', account, 'resize'),
        functionName: 'resize',
        environmentId,
      }),
      Date.now() - 1,
    );
    cameFrom = environmentId;
    await assert.rejects(client({ credentials: expired }).send(new ListBucketsCommand({})), { name: 'ExpiredToken' });
  });
});

describe('SQS in both of its protocols', () => {
  test('JSON through the official SDK', async () => {
    answers = { SendMessage: { MessageId: 'm', MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592' } };
    const sqs = new SQSClient({
      endpoint: `http://localhost:${port}`,
      region: 'us-east-1',
      credentials: administrator,
      maxAttempts: 1,
    });
    const output = await sqs.send(
      new SendMessageCommand({
        QueueUrl: `http://localhost:${port}/000000000000/jobs`,
        MessageBody: 'hello',
        MessageAttributes: { a: { DataType: 'Binary', BinaryValue: Buffer.from('b') } },
      }),
    );
    assert.equal(output.MessageId, 'm');
    assert.deepEqual(onlyCall().input['MessageAttributes'], {
      a: { DataType: 'Binary', BinaryValue: new Uint8Array(Buffer.from('b')) },
    });
    answers = {
      SendMessage: () => {
        throw new PlatformError('not_found', 'The specified queue does not exist.', { reason: 'QueueDoesNotExist' });
      },
    };
    await assert.rejects(
      sqs.send(
        new SendMessageCommand({ QueueUrl: `http://localhost:${port}/000000000000/jobs`, MessageBody: 'hello' }),
      ),
      { name: 'QueueDoesNotExist', Code: 'AWS.SimpleQueueService.NonExistentQueue' },
    );
  });

  test('of a long request, others have a turn between reading, judging and doing what it says; of a short one they need none', async () => {
    let turns = 0;
    let spinning = setImmediate(function spin() {
      turns += 1;
      spinning = setImmediate(spin);
    });
    let at: number[] = [];
    const mark = (): void => void at.push(turns);
    judged = mark;
    answers = {
      SendMessage: () => {
        mark();
        return { MessageId: '1' };
      },
    };
    /** Asked without a socket, which has turns of its own. */
    const turnsOf = async (length: number, isLengthSaid: boolean): Promise<number[]> => {
      const text = JSON.stringify({ QueueUrl: 'http://localhost/000000000000/jobs', MessageBody: 'x'.repeat(length) });
      at = [];
      const response = await handlerIn('dev')({
        method: 'POST',
        target: '/',
        path: '/',
        query: '',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': 'AmazonSQS.SendMessage',
          ...(isLengthSaid ? { 'content-length': String(text.length) } : { 'transfer-encoding': 'chunked' }),
        },
        rawHeaders: [],
        body: (async function* () {
          yield Buffer.from(text);
          mark();
        })(),
        remoteAddress: '127.0.0.1',
        signal: new AbortController().signal,
        sendContinue: () => {},
      });
      assert.equal(response.status, 200);
      const [read = 0, judgedIn = 0, doneIn = 0] = at;
      return [judgedIn - read, doneIn - judgedIn];
    };
    try {
      assert.deepEqual(await turnsOf(1_000, true), [0, 0]);
      assert.deepEqual(await turnsOf(300_000, true), [1, 1]);
      assert.deepEqual(await turnsOf(1_000, false), [1, 1], 'of unknown length');
    } finally {
      clearImmediate(spinning);
      judged = () => undefined;
    }
  });

  test('Query, as older clients speak it', async () => {
    mode = 'dev';
    answers = { SendMessage: { MessageId: 'm&m' } };
    const form =
      'Action=SendMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Fx%2Fq&MessageBody=a+b&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=v';
    const response = await raw({
      method: 'POST',
      path: '/000000000000/q',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: form,
    });
    assert.match(
      response.text,
      /<SendMessageResponse><SendMessageResult>.*<MessageId>m&amp;m<\/MessageId>.*<ResponseMetadata><RequestId>/s,
    );
    assert.deepEqual(onlyCall().input, {
      QueueUrl: 'http://x/q',
      MessageBody: 'a b',
      MessageAttributes: { n: { DataType: 'String', StringValue: 'v' } },
    });
    const unknown = await raw({
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded', host: 'sqs.localhost' },
      body: 'Action=Fly',
    });
    assert.match(unknown.text, /<Code>InvalidAction<\/Code>/);
    const unsaid = await raw({
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded', host: 'sqs.localhost' },
    });
    assert.match(unsaid.text, /<Code>InvalidAction<\/Code><Message>The request names no operation/);
  });

  test('a service that nobody serves is named', async () => {
    mode = 'dev';
    const response = await raw({
      method: 'POST',
      path: '/',
      headers: {
        'x-amz-target': 'DynamoDB_20120810.ListTables',
        authorization:
          'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
        'x-amz-date': '20260101T000000Z',
      },
      body: '{}',
    });
    assert.equal(response.status, 501);
    assert.deepEqual(JSON.parse(response.text), {
      __type: 'NotImplementedException',
      message: "The service 'dynamodb' is not built.",
    });
    const rest = await raw({
      method: 'GET',
      path: '/2015-03-31/functions',
      headers: {
        authorization:
          'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0',
        'x-amz-date': '20260101T000000Z',
      },
    });
    assert.equal(rest.status, 501);
    assert.deepEqual(JSON.parse(rest.text), { message: "The service 'lambda' is not built." });
  });
});

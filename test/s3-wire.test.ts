/** What no SDK shows: S3's answers as bytes. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { openS3Rig } from './harness/s3-rig.ts';
import type { S3Rig } from './harness/s3-rig.ts';

const mib = 1024 * 1024;
let rig: S3Rig;
before(async () => {
  rig = await openS3Rig();
  await rig.client().send(new CreateBucketCommand({ Bucket: 'wire' }));
});
after(async () => {
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.errors, []);
});

type Reply = { status: number; headers: NodeJS.Dict<string | string[]>; text: string; continued: boolean };

/** A presigned address is the simplest signature. `body` is sent once the server says that it wants it. */
async function send(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: Buffer | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let continued = false;
    const outgoing = request(url, { method, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString(),
          continued,
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.on('continue', () => {
      continued = true;
      outgoing.end(body);
    });
    if (headers['expect'] === undefined) outgoing.end(body);
    else outgoing.flushHeaders();
  });
}

const putAddress = (Bucket: string, Key: string): Promise<string> =>
  getSignedUrl(rig.client({ requestChecksumCalculation: 'WHEN_REQUIRED' }), new PutObjectCommand({ Bucket, Key }), {
    expiresIn: 60,
  });

test('with Expect: 100-continue the body is asked for, but only when it will be taken', async () => {
  const body = Buffer.from('hello');
  const headers = { expect: '100-continue', 'content-length': String(body.length) };
  const taken = await send('PUT', await putAddress('wire', 'a'), headers, body);
  assert.deepEqual(
    [taken.status, taken.continued, taken.headers['etag']],
    [200, true, `"${createHash('md5').update(body).digest('hex')}"`],
  );
  const refused = await send('PUT', await putAddress('nowhere', 'a'), headers, body);
  assert.deepEqual([refused.status, refused.continued], [404, false]);
  assert.match(
    refused.text,
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error><Code>NoSuchBucket<\/Code>.*<BucketName>nowhere<\/BucketName>/,
  );
  const tooLarge = await send(
    'PUT',
    await putAddress('wire', 'a'),
    { ...headers, 'content-length': String(5 * 1024 * mib + 1) },
    body,
  );
  assert.deepEqual([tooLarge.status, tooLarge.continued], [400, false]);
  assert.match(tooLarge.text, /<Code>EntityTooLarge<\/Code>/);
});

test('a body of unknown length is refused', async () => {
  const reply = await send(
    'PUT',
    await putAddress('wire', 'unknown'),
    { 'transfer-encoding': 'chunked' },
    Buffer.from('hello'),
  );
  assert.equal(reply.status, 411);
  assert.match(reply.text, /<Code>MissingContentLength<\/Code>/);
});

test('an upload that breaks off leaves nothing', async () => {
  const url = await putAddress('wire', 'broken');
  await new Promise<void>((resolve) => {
    const outgoing = request(url, { method: 'PUT', headers: { 'content-length': String(10 * mib) } });
    outgoing.on('error', () => resolve());
    outgoing.write(Buffer.alloc(mib), () => outgoing.destroy(new Error('gone')));
  });
  await assert.rejects(
    rig.buckets.head({ account: '000000000000' as never, bucket: 'wire', key: 'broken' }),
    /does not exist/,
  );
});

test('a part of an object that does not exist is 416', async () => {
  await send('PUT', await putAddress('wire', 'part'), {}, Buffer.from('x'));
  const url = await getSignedUrl(rig.client(), new GetObjectCommand({ Bucket: 'wire', Key: 'part', PartNumber: 2 }), {
    expiresIn: 60,
  });
  const reply = await send('GET', url, {}, undefined);
  assert.equal(reply.status, 416, reply.text);
  assert.match(reply.text, /<Code>InvalidPartNumber<\/Code>/);
});

test('an object of several hundred megabytes streams through with flat memory', async () => {
  const piece = randomBytes(mib);
  const pieces = 768;
  const hash = createHash('sha256');
  const url = await putAddress('wire', 'large');
  await settled();
  const before_ = process.memoryUsage();
  let peakBytes = 0;
  const look = (): void => {
    const { heapUsed, external } = process.memoryUsage();
    peakBytes = Math.max(peakBytes, heapUsed + external - before_.heapUsed - before_.external);
  };
  const upload = await fetch(url, {
    method: 'PUT',
    headers: { 'content-length': String(pieces * mib) },
    duplex: 'half',
    body: new ReadableStream<Uint8Array>({
      pull(controller) {
        hash.update(piece);
        controller.enqueue(piece);
        look();
        sent += 1;
        if (sent === pieces) controller.close();
      },
    }),
  });
  assert.equal(upload.status, 200, await upload.text());
  const got = await fetch(
    await getSignedUrl(rig.client(), new GetObjectCommand({ Bucket: 'wire', Key: 'large' }), { expiresIn: 60 }),
  );
  const received = createHash('sha256');
  assert.ok(got.body !== null);
  for await (const chunk of got.body) {
    received.update(chunk);
    look();
  }
  assert.equal(received.digest('hex'), hash.digest('hex'));
  // Client and server are both in this process; what is read but not collected yet counts too.
  assert.ok(peakBytes < 256 * mib, `${Math.round(peakBytes / mib)} MB for an object of ${pieces} MB`);
});

let sent = 0;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** S3 killed (-9) in the middle of many changes, again and again: what was answered is there, and nothing else is. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { account, administrator, openS3Rig } from './harness/s3-rig.ts';

const Bucket = 'survivors';
const keys = 12;
const lives = 4;
const writers = 8;

async function start(folder: string): Promise<{ client: S3Client; kill(): Promise<void> }> {
  const script = join(import.meta.dirname, 'harness', 's3-rig-process.ts');
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [endpoint] = (await once(createInterface(child.stdout), 'line')) as [string];
  const exited = once(child, 'exit');
  return {
    client: new S3Client({
      endpoint,
      region: 'us-east-1',
      credentials: administrator,
      forcePathStyle: true,
      maxAttempts: 1,
    }),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** One change of one key. Answers what the key holds if it is acknowledged; undefined: nothing. */
async function change(client: S3Client, Key: string, text: string, kind: number): Promise<string | undefined> {
  if (kind < 0.2) {
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    return undefined;
  }
  if (kind < 0.4) {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const part = { Bucket, Key, UploadId, PartNumber: 1 };
    await client.send(new UploadPartCommand({ ...part, Body: `old ${text}` }));
    const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: text }));
    await client.send(
      new CompleteMultipartUploadCommand({
        Bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] },
      }),
    );
    return text;
  }
  await client.send(new PutObjectCommand({ Bucket, Key, Body: text }));
  return text;
}

test('what was acknowledged survives kill -9, and nothing else remains', { timeout: 280_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-s3-kill-'));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(folder, { recursive: true }));
  /** What each key may hold: one thing, or, after a change without an answer, one of several. */
  const possible = new Map<string, (string | undefined)[]>();
  let acknowledged = 0;

  for (let life = 0; life < lives; life++) {
    const { client, kill } = await start(folder);
    cleanup.defer(kill);
    if (life === 0) await client.send(new CreateBucketCommand({ Bucket }));
    const writer = async (own: number): Promise<void> => {
      for (let round = 0; ; round++) {
        // Each writer has keys of its own, so that the order of its changes is known.
        const Key = `${own}/${round % keys}`;
        const text = `${life} ${own} ${round} `.repeat(1 + (round % 50));
        const kind = Math.random();
        const before = possible.get(Key) ?? [undefined];
        possible.set(Key, [...before, kind < 0.2 ? undefined : text]);
        possible.set(Key, [await change(client, Key, text, kind)]);
        acknowledged += 1;
      }
    };
    const writing = Array.from({ length: writers }, (_, own) => writer(own).catch(() => undefined));
    const target = acknowledged + 150 + Math.floor(Math.random() * 100);
    while (acknowledged < target) await new Promise((resolve) => setImmediate(resolve));
    await kill();
    await Promise.all(writing);
  }

  await using rig = await openS3Rig(folder);
  let bytes = 0;
  for (const [key, values] of possible) {
    const found = await rig.buckets.get({ account, bucket: Bucket, key }).then(
      async ({ body }) => Buffer.concat(await Array.fromAsync(body)).toString(),
      () => undefined,
    );
    assert.ok(
      values.includes(found),
      `${key} holds '${found?.slice(0, 40)}', and not ${values.map((one) => `'${one?.slice(0, 40)}'`).join(' or ')}`,
    );
    bytes += found?.length ?? 0;
  }
  const { items } = await rig.buckets.objects({ account, bucket: Bucket }, { limit: 1_000 });
  assert.equal(
    items.reduce((sum, { bytes: size }) => sum + size, 0),
    bytes,
  );
  // Uploads that the kills interrupted still hold their parts; with them gone, every blob is some object's.
  const uploads = await rig.buckets.uploads({ account, bucket: Bucket }, { limit: 1_000 });
  for (const { key, uploadId } of uploads.items)
    await rig.buckets.abortUpload({ account, bucket: Bucket, key, uploadId });
  await rig[Symbol.asyncDispose]();
  await using again = await openS3Rig(folder);
  const blobs = await Array.fromAsync(again.store.blobs.list('bucket/'));
  assert.equal(blobs.length, items.length);
});

/** Two thousand uploads in quick succession, the platform killed (-9) half way: nothing lost, nothing twice. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);
const uploads = 2_000;
const atOnce = 24;

const code = `import io
import boto3
from PIL import Image
s3 = boto3.client("s3")
def handler(event, context):
    for record in event["Records"]:
        bucket, key = record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]
        image = Image.open(io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
        image.thumbnail((20, 20))
        out = io.BytesIO()
        image.save(out, format="JPEG")
        s3.put_object(Bucket=bucket, Key=key.replace("in/", "out/"), Body=out.getvalue())
`;

const manifest = `application: crowd
functions:
  small:
    runtime: python
    handler: small.handler
    code: small.py
    memory: 1769
    timeout: 120
    events: [{ bucket: { name: crowd, on: [created], prefix: in/ } }]
`;

const client = (mayfly: StartedMayfly): S3Client => new S3Client({ ...awsClient(mayfly), forcePathStyle: true });

async function keysUnder(mayfly: StartedMayfly, prefix: string): Promise<Set<string>> {
  const s3 = client(mayfly);
  const keys = new Set<string>();
  let after: string | undefined;
  for (;;) {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: 'crowd', Prefix: prefix, StartAfter: after }));
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.add(Key);
    after = page.Contents?.at(-1)?.Key;
    if (page.IsTruncated !== true) return keys;
  }
}

test(
  '2,000 uploads give exactly 2,000 thumbnails and 2,000 billed requests, killed half way or not',
  { timeout: 280_000 },
  async () => {
    const project = await mkdtemp(join(tmpdir(), 'mayfly-crowd-'));
    await writeFile(join(project, 'mayfly.yaml'), manifest);
    await writeFile(join(project, 'small.py'), code);
    const picture = join(project, 'picture.jpg');
    await run('/usr/bin/python3', [
      '-c',
      `from PIL import Image; Image.effect_noise((160, 120), 60).convert("RGB").save("${picture}")`,
    ]);
    const body = await readFile(picture);

    let mayfly = await startMayfly();
    try {
      await mayfly.json('deploy', project);
      const waiting = Array.from({ length: uploads }, (_, n) => `in/${String(n).padStart(4, '0')}.jpg`);
      let restarting: Promise<void> | undefined;
      const uploader = async (): Promise<void> => {
        for (;;) {
          const key = waiting.shift();
          if (key === undefined) return;
          if (restarting === undefined && waiting.length === uploads / 2) {
            restarting = mayfly.killAndRestart().then((restarted) => void (mayfly = restarted));
          }
          // An answer that was lost on the way says nothing: look, and send again only what is not there.
          for (let done = false; !done;) {
            const there = { Bucket: 'crowd', Key: key };
            const succeeded = (): boolean => true;
            const failed = (): boolean => false;
            done = await client(mayfly)
              .send(new PutObjectCommand({ ...there, Body: body }))
              .then(succeeded, failed);
            if (done) break;
            await restarting;
            done = await client(mayfly).send(new HeadObjectCommand(there)).then(succeeded, failed);
          }
        }
      };
      await Promise.all(Array.from({ length: atOnce }, uploader));
      assert.equal((await keysUnder(mayfly, 'in/')).size, uploads);

      const thumbnails = await eventually('2,000 thumbnails', 200_000, async () => {
        const keys = await keysUnder(mayfly, 'out/');
        if (keys.size >= uploads) return keys;
        await new Promise((resolve) => setTimeout(resolve, 500));
        return undefined;
      });
      assert.equal(thumbnails.size, uploads);
      const requests = await eventually('2,000 billed requests', 60_000, async () => {
        const bill = (await mayfly.json('bill')) as { lines: { functionName?: string; requests?: number }[] };
        const count = bill.lines.find((line) => line.functionName === 'small')?.requests ?? 0;
        return count >= uploads ? count : undefined;
      });
      assert.equal(requests, uploads);
    } finally {
      await mayfly[Symbol.asyncDispose]();
      await rm(project, { recursive: true, force: true });
    }
  },
);

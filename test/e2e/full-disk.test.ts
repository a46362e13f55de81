/** A data folder on a disk that fills up: what needs it is refused in each API's own words, the rest goes on, and nothing accepted is lost. */
import assert from 'node:assert/strict';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { openLibc } from '../../src/sandbox/process/isolation/libc.ts';
import { mountTemporary } from '../../src/sandbox/process/isolation/mounts.ts';
import { callApi } from '../harness/api-client.ts';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const diskBytes = 64 * 1024 * 1024;
const patienceMs = 30_000;
const manifest = `application: full
resources:
  buckets: [kept]
functions:
  hello:
    runtime: nodejs26.x
    handler: hello.handler
    code: hello.mjs
    events: [{ http: GET /hello }]
`;
const code = `export const handler = async (event) => {
  console.log('hello there');
  return 'hello';
};
`;

const freeBytes = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** Another program's file. */
function fill(folder: string, leaveBytes: number): void {
  const file = openSync(join(folder, 'filler'), 'a');
  const block = Buffer.alloc(16 * 1024);
  try {
    while (freeBytes(folder) > leaveBytes) writeSync(file, block);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  } finally {
    closeSync(file);
  }
}

const statusOf = async (mayfly: StartedMayfly): Promise<string> =>
  ((await (await fetch(`${mayfly.api}/_mayfly/health`)).json()) as { status: string }).status;

async function becomes(mayfly: StartedMayfly, wanted: string): Promise<void> {
  await eventually(`health is ${wanted}`, patienceMs, async () => {
    // Asking the doctor has it look at the disk.
    await callApi(mayfly, { target: '/_mayfly/doctor', service: 'mayfly' });
    return (await statusOf(mayfly)) === wanted ? true : undefined;
  });
}

function isRefusal(error: unknown): true {
  const { message, $metadata } = error as { message: string; $metadata?: { httpStatusCode?: number } };
  assert.match(message, /nothing new can be kept: the disk of the platform is full/);
  assert.equal($metadata?.httpStatusCode, 503);
  return true;
}

test(
  'a full disk refuses what needs it, goes on with what does not, and recovers by itself',
  { timeout: 280_000 },
  async (t) => {
    if (process.getuid?.() !== 0) return t.skip('needs root, to mount a small disk');
    const libc = openLibc();
    const disk = await mkdtemp(join(tmpdir(), 'mayfly-disk-'));
    const project = await mkdtemp(join(tmpdir(), 'mayfly-full-'));
    await writeFile(join(project, 'mayfly.yaml'), manifest);
    await writeFile(join(project, 'hello.mjs'), code);
    mountTemporary(libc, disk, { bytesMax: diskBytes, mode: '755' });
    const data = join(disk, 'data');
    await mkdir(data);
    let mayfly = await startMayfly({ data });
    try {
      await mayfly.json('deploy', project);
      const s3 = (): S3Client => new S3Client({ ...awsClient(mayfly), forcePathStyle: true });
      const lambda = (): LambdaClient => new LambdaClient(awsClient(mayfly));
      const hello = async (): Promise<number> => (await fetch(`${mayfly.http}/hello`)).status;
      assert.equal(await hello(), 200);

      // Uploads until it is full: each is answered for good, or refused for it.
      const kept: string[] = [];
      let refusal: unknown;
      for (let n = 0; refusal === undefined; n += 1) {
        assert.ok(n < 1_000, 'it becomes full');
        const Key = `object-${n}`;
        await s3()
          .send(new PutObjectCommand({ Bucket: 'kept', Key, Body: Buffer.alloc(1024 * 1024, n % 251) }))
          .then(
            () => kept.push(Key),
            (error: unknown) => (refusal = error),
          );
      }
      isRefusal(refusal);
      assert.ok(kept.length > 20, `${kept.length} uploads`);

      for (const leaveBytes of [freeBytes(disk), 0]) {
        fill(disk, leaveBytes);
        await becomes(mayfly, 'degraded');
        const doctor = (await (await callApi(mayfly, { target: '/_mayfly/doctor', service: 'mayfly' })).json()) as {
          capabilities: { name: string; status: string; finding: string }[];
        };
        const { status, finding } = doctor.capabilities.find(({ name }) => name === 'disk') ?? {};
        assert.equal(status, 'degraded');
        assert.ok(finding?.includes(data), String(finding));
        for (let calls = 0; calls < 5; calls += 1) assert.equal(await hello(), 200);
        const body = (await s3().send(new GetObjectCommand({ Bucket: 'kept', Key: 'object-0' }))).Body;
        assert.equal((await body?.transformToByteArray())?.length, 1024 * 1024);
        const put = new PutObjectCommand({ Bucket: 'kept', Key: 'refused', Body: 'x' });
        await assert.rejects(s3().send(put), isRefusal);
        const asynchronous = new InvokeCommand({ FunctionName: 'hello', InvocationType: 'Event' });
        await assert.rejects(lambda().send(asynchronous), isRefusal);
        const update = new UpdateFunctionConfigurationCommand({ FunctionName: 'hello', Timeout: 5 });
        await assert.rejects(lambda().send(update), isRefusal);
        assert.equal((await lambda().send(new InvokeCommand({ FunctionName: 'hello' }))).StatusCode, 200);
        const deployed = await mayfly.json('deploy', project).then(
          () => 'deployed',
          (error: { stdout: string }) => error.stdout,
        );
        assert.match(deployed, /"unavailable".*the disk of the platform is full/);
      }

      rmSync(join(disk, 'filler'));
      for (const Key of kept.splice(kept.length / 2))
        await callApi(mayfly, { method: 'DELETE', target: `/kept/${Key}`, service: 's3' });
      await becomes(mayfly, 'ok');
      await s3().send(new PutObjectCommand({ Bucket: 'kept', Key: 'last', Body: 'x' }));
      await lambda().send(new InvokeCommand({ FunctionName: 'hello', InvocationType: 'Event' }));
      await mayfly.json('deploy', project);

      // Every call that was answered, while the disk was full too, and the one that was accepted later.
      const requests = async (): Promise<number | undefined> => {
        const bill = (await mayfly.json('bill')) as { lines: { functionName?: string; requests?: number }[] };
        return bill.lines.find(({ functionName }) => functionName === 'hello')?.requests;
      };
      const calls = 1 + 2 * 6 + 1;
      await eventually('all calls are on the bill', patienceMs, async () =>
        (await requests()) === calls ? true : undefined,
      );

      mayfly = await mayfly.killAndRestart();
      const listed = await s3().send(new ListObjectsV2Command({ Bucket: 'kept' }));
      assert.deepEqual(new Set(listed.Contents?.map(({ Key }) => Key)), new Set([...kept, 'last']));

      assert.equal(await requests(), calls);
      assert.equal(await hello(), 200);
    } finally {
      await mayfly[Symbol.asyncDispose]();
      libc.detach(disk);
      await rm(disk, { recursive: true, force: true });
      await rm(project, { recursive: true, force: true });
    }
  },
);

/** S3 through boto3: Debian's, and the newest there is. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { openS3Rig } from './harness/s3-rig.ts';
import type { S3Rig } from './harness/s3-rig.ts';
import { CreateBucketCommand } from '@aws-sdk/client-s3';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'harness', 's3_clients.py');

/** Undefined: no such Python, or one without boto3. */
function boto3Of(python: string): string | undefined {
  try {
    return execFileSync(python, ['-c', 'import boto3; print(boto3.__version__)'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}

let rig: S3Rig;
before(async () => {
  rig = await openS3Rig();
  await rig.client().send(new CreateBucketCommand({ Bucket: 'ten-thousand' }));
  await rig.fill(
    'ten-thousand',
    Array.from({ length: 10_000 }, (_, index) => `folder ${index % 7}/${index}`),
  );
});
after(async () => {
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.errors, []);
});

for (const python of ['/usr/bin/python3', 'python3']) {
  const version = boto3Of(python);
  test(
    `boto3 ${version ?? '?'} of ${python} does all that programs do`,
    { skip: version === undefined && `${python} with boto3 is not installed` },
    async () => {
      const { stdout } = await run(python, [script, `of-${(version ?? '').replaceAll('.', '-')}`], {
        env: rig.environment,
        timeout: 240_000,
      });
      assert.deepEqual(stdout.trim().split('\n'), [
        'bucket',
        'odd keys',
        'ranges and conditions',
        '100 MB in parts, copied in parts',
        'presigned',
        '10,000 keys',
        'deleted',
      ]);
    },
  );
}

/** S3 through the genuine `aws` command. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { openS3Rig } from './harness/s3-rig.ts';
import type { S3Rig } from './harness/s3-rig.ts';

const run = promisify(execFile);

function versionOf(command: string): string | undefined {
  try {
    return execFileSync(command, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}
const skip = versionOf('aws') === undefined && 'the aws command is not installed';

let rig: S3Rig;
let folder: string;
before(async () => {
  rig = await openS3Rig();
  folder = await mkdtemp(join(tmpdir(), 'mayfly-aws-command-'));
});
after(async () => {
  await rig[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
  assert.deepEqual(rig.errors, []);
});

// Older commands do not read AWS_ENDPOINT_URL.
const aws = async (...words: string[]): Promise<string> =>
  (await run('aws', ['--endpoint-url', rig.endpoint, ...words], { env: rig.environment, timeout: 240_000 })).stdout;

test('make, copy, list, move, presign and remove, recursively', { skip }, async () => {
  await aws('s3', 'mb', 's3://shop');
  await writeFile(join(folder, 'a b.txt'), 'hello');
  await aws('s3', 'cp', join(folder, 'a b.txt'), 's3://shop/in/ü/a b.txt');
  assert.equal(await aws('s3', 'cp', 's3://shop/in/ü/a b.txt', '-'), 'hello');
  assert.match(await aws('s3', 'ls', 's3://shop'), /PRE in\//);
  assert.match(await aws('s3', 'ls', 's3://shop/in/', '--recursive'), /\s5 in\/ü\/a b\.txt\n/);
  await aws('s3', 'mv', 's3://shop/in/ü/a b.txt', 's3://shop/out/c.txt');
  const address = (await aws('s3', 'presign', 's3://shop/out/c.txt')).trim();
  assert.equal(await (await fetch(address)).text(), 'hello');
  assert.match(await aws('s3', 'ls'), /shop\n/);
  await assert.rejects(aws('s3', 'rb', 's3://shop'), /BucketNotEmpty/);
  assert.match(await aws('s3', 'rb', 's3://shop', '--force'), /remove_bucket: shop/);
  await assert.rejects(aws('s3', 'ls', 's3://shop'), /NoSuchBucket/);
});

test('a folder is synchronised there and back, and only what changed is copied', { skip }, async () => {
  const source = join(folder, 'site');
  await mkdir(join(source, 'deep/er'), { recursive: true });
  for (const name of ['index.html', 'deep/er/ü.css', 'gone.txt']) await writeFile(join(source, name), `of ${name}`);
  await aws('s3', 'mb', 's3://site');
  assert.equal((await aws('s3', 'sync', source, 's3://site/www')).match(/upload:/g)?.length, 3);
  assert.equal(await aws('s3', 'sync', source, 's3://site/www'), '');
  await rm(join(source, 'gone.txt'));
  await writeFile(join(source, 'index.html'), 'changed and longer');
  const second = await aws('s3', 'sync', source, 's3://site/www', '--delete');
  assert.match(second, /upload:.*index\.html/);
  assert.match(second, /delete: s3:\/\/site\/www\/gone\.txt/);
  const target = join(folder, 'copy');
  await aws('s3', 'sync', 's3://site/www', target);
  assert.deepEqual((await readdir(target, { recursive: true })).toSorted(), [
    'deep',
    'deep/er',
    'deep/er/ü.css',
    'index.html',
  ]);
  await utimes(join(target, 'index.html'), new Date(0), new Date(0));
  assert.match(
    await aws('s3api', 'head-object', '--bucket', 'site', '--key', 'www/index.html'),
    /"ContentType": "text\/html"/,
  );
});

test('a large file goes up in parts, is copied in parts, and comes back the same', { skip }, async () => {
  const bytes = randomBytes(20 * 1024 * 1024);
  await writeFile(join(folder, 'film'), bytes);
  await aws('s3', 'mb', 's3://films');
  await aws('s3', 'cp', join(folder, 'film'), 's3://films/film');
  await aws('s3', 'cp', 's3://films/film', 's3://films/copy');
  await aws('s3', 'cp', 's3://films/copy', join(folder, 'film.back'));
  assert.ok((await readFile(join(folder, 'film.back'))).equals(bytes));
  assert.match(await aws('s3api', 'head-object', '--bucket', 'films', '--key', 'copy'), /-3\\"/);
  const notifications = JSON.stringify({
    LambdaFunctionConfigurations: [
      {
        LambdaFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:resize',
        Events: ['s3:ObjectCreated:*'],
        Filter: { Key: { FilterRules: [{ Name: 'suffix', Value: '.jpg' }] } },
      },
    ],
  });
  await aws(
    's3api',
    'put-bucket-notification-configuration',
    '--bucket',
    'films',
    '--notification-configuration',
    notifications,
  );
  assert.match(await aws('s3api', 'get-bucket-notification-configuration', '--bucket', 'films'), /function:resize/);
});

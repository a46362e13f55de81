/** Two programs written for AWS Lambda, unmodified, on real photographs, driven by the genuine aws command. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../harness/eventually.ts';
import { jpegSize } from '../harness/jpeg-size.ts';
import { sharedFolder, withoutShared } from '../harness/shared-folder.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);

describe('the two programs', { skip: withoutShared }, () => {
  let mayfly: StartedMayfly;
  let project: string;
  const aws = (...words: string[]): Promise<{ stdout: string }> => run('aws', words, { env: mayfly.awsEnvironment });

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'mayfly-acceptance-'));
    for (const name of ['hello.py', 'resize.py'])
      await copyFile(join(sharedFolder, 'acceptance/programs', name), join(project, name));
    await writeFile(
      join(project, 'mayfly.yaml'),
      `application: acceptance
functions:
  hello:
    runtime: python
    handler: hello.lambda_handler
    code: hello.py
    events: [{ http: GET /hello }, { url: true }]
  resize:
    runtime: python
    handler: resize.resize_image_handler
    code: resize.py
    events: [{ bucket: { name: shop, on: [created], suffix: .jpg } }]
`,
    );
    mayfly = await startMayfly();
    await aws('s3', 'mb', 's3://shop');
    await mayfly.json('deploy', project);
  });

  after(async () => {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  });

  const hello = async (query: string): Promise<string> => {
    const response = await fetch(`${mayfly.http}/hello${query}`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json');
    return response.text();
  };

  test('hello greets by name', async () => {
    assert.equal(await hello('?name=Ada'), '{"message": "Hello, Ada! This is a serverless function."}');
  });

  test('hello greets the world when there is no query', async () => {
    assert.equal(await hello(''), '{"message": "Hello, World! This is a serverless function."}');
  });

  test('a name arrives decoded', async () => {
    assert.equal(
      JSON.parse(await hello('?name=J%C3%BCrgen+K')).message,
      'Hello, Jürgen K! This is a serverless function.',
    );
  });

  test('what hello prints is in its log, all lines of it', async () => {
    const { lines } = (await mayfly.json('logs', 'hello')) as { lines: { text: string }[] };
    const texts = lines.map((line) => line.text);
    assert.ok(
      texts.some((text) => text.startsWith('Received event: {')),
      texts.slice(0, 5).join('\n'),
    );
    assert.ok(texts.some((text) => text.includes('"rawPath": "/hello"')));
  });

  for (const photo of ['office.jpg', 'stage.jpg']) {
    test(`${photo} is resized within the limits of resize.py and keeps its shape`, async () => {
      await aws('s3', 'cp', '--only-show-errors', join(sharedFolder, 'acceptance/photos', photo), `s3://shop/${photo}`);
      const target = join(project, `resized-${photo}`);
      await eventually(`resized/${photo}`, 30_000, () =>
        aws('s3', 'cp', '--only-show-errors', `s3://shop/resized/${photo}`, target).catch(() => undefined),
      );
      const small = jpegSize(await readFile(target));
      const large = jpegSize(await readFile(join(sharedFolder, 'acceptance/photos', photo)));
      assert.equal(Math.max(small.width, small.height), 200);
      assert.ok(Math.abs(small.width / small.height - large.width / large.height) < 0.02);
    });
  }

  test('resize, which writes into the bucket that starts it, is stopped and says so', async () => {
    const text = await eventually('a RECURSION line', 60_000, async () => {
      const { lines } = (await mayfly.json('logs', 'resize')) as { lines: { text: string }[] };
      return lines.find((line) => line.text.startsWith('RECURSION'))?.text;
    });
    assert.match(text, /resize was stopped: it has run 16 times/);
    const { stdout } = await aws('s3', 'ls', '--recursive', 's3://shop');
    const deepest = Math.max(...stdout.split('\n').map((line) => line.split('resized/').length - 1));
    assert.equal(deepest, 16);
  });

  test('the bill counts what ran', async () => {
    const bill = (await mayfly.json('bill')) as { lines: { functionName?: string; requests?: number }[] };
    assert.equal(bill.lines.find((line) => line.functionName === 'hello')?.requests, 3);
  });
});

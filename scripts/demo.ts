/**
 * The main job, shown: boots the platform on free ports, deploys examples/gallery, calls it, uploads pictures with
 * the genuine aws command, and prints what came of it and what it cost. Exits 1 if anything did not come true.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify, styleText } from 'node:util';
import type { InvocationSettled } from '../src/telemetry/telemetry.ts';
import { jpegSize } from '../test/harness/jpeg-size.ts';
import { signedFetch } from '../test/harness/signed-fetch.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const mayfly = join(root, 'bin/mayfly');
const project = join(root, 'examples/gallery');
const resultFolder = join(root, '.mayfly/demo');
const pictures = [join(project, 'pictures/dusk.jpg'), join(project, 'pictures/morning.jpg')];
/** How long the demo waits for a thumbnail before it calls it missing. */
const thumbnailWaitMsMax = 20_000;

const colours = process.stdout.isTTY === true || process.env['FORCE_COLOR'] !== undefined;
const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
  colours && process.env['NO_COLOR'] === undefined ? styleText(style, text, { validateStream: false }) : text;
const say = (text = ''): void => console.log(text);
const step = (title: string): void => say(`\n${paint(['bold', 'cyan'], title)}`);
const milliseconds = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
const number = (value: number): string => value.toLocaleString('en-US');

type Platform = { child: ChildProcess; api: string; http: string; data: string };

async function main(): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'mayfly-demo-'));
  let platform: Platform | undefined;
  try {
    say(paint('bold', 'Mayfly: code in, event happens, it runs isolated, and the bill says what it cost.'));
    platform = await boot(data);
    const mayflyJson = async (...words: string[]): Promise<unknown> =>
      JSON.parse((await run(mayfly, [...words, '--data', data, '--json'], { maxBuffer: 64 * 1024 * 1024 })).stdout);

    step('1  Deploy examples/gallery (two Python functions, one TypeScript)');
    const deployStartMs = performance.now();
    const deployed = (await mayflyJson('deploy', project)) as {
      changes: { what: string; name: string; action: string; detail: string }[];
    };
    for (const { what, name, action, detail } of deployed.changes)
      say(`   ${paint('green', action.padEnd(8))} ${what.padEnd(8)} ${name}  ${paint('dim', detail)}`);
    say(paint('dim', `   in ${milliseconds(performance.now() - deployStartMs)}`));

    step('2  Call hello.py over HTTP');
    for (const query of ['?name=Ada', '', '?name=J%C3%BCrgen+K'])
      await call(`${platform.http}/hello${query}`, query === '?name=Ada' ? 'cold' : 'warm');

    step('3  Upload pictures with the aws command; resize.py runs for each');
    for (const picture of pictures) await upload(platform, picture);

    step('4  Ask the TypeScript function what it saw');
    await catalogue(`${platform.http}/catalog`);

    step('5  Where the time of each cold start went');
    const { invocations } = (await get(platform, '/_mayfly/invocations?limit=100')) as {
      invocations: InvocationSettled[];
    };
    coldStarts(invocations.filter((one) => one.start !== 'warm').reverse());

    step('6  The bill');
    say(
      indent(
        (
          await run(mayfly, ['bill', '--data', data], {
            env: { ...process.env, ...(colours ? { FORCE_COLOR: '1' } : {}) },
          })
        ).stdout.trimEnd(),
      ),
    );

    step('What to type next');
    say(
      `   ${paint('bold', 'bin/mayfly dev examples/gallery')}   the same, live: edit a file and it is redeployed in under a second`,
    );
    say(`   ${paint('bold', 'bin/mayfly init my-app')}            a project of your own`);
    say(`   ${paint('bold', 'bin/mayfly help')}                   everything else`);
  } finally {
    if (platform !== undefined) await stop(platform.child);
    await rm(data, { recursive: true, force: true });
  }
}

async function boot(data: string): Promise<Platform> {
  const startMs = performance.now();
  const child = spawn(mayfly, ['serve', '--data', data, '--api-port', '0', '--http-port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the platform ended with code ${code} before it was ready`)));
  });
  const { apiPort, httpPort } = JSON.parse(line) as { apiPort: number; httpPort: number };
  say(
    paint(
      'dim',
      `Platform ready in ${milliseconds(performance.now() - startMs)}: API on port ${apiPort}, HTTP on port ${httpPort}.`,
    ),
  );
  return { child, api: `http://127.0.0.1:${apiPort}`, http: `http://127.0.0.1:${httpPort}`, data };
}

async function call(url: string, expected: string): Promise<void> {
  const startMs = performance.now();
  const response = await fetch(url);
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${body}`);
  const path = new URL(url).pathname + new URL(url).search;
  say(
    `   GET ${path.padEnd(26)} ${paint('dim', `${milliseconds(performance.now() - startMs)}, ${expected}`)}\n      ${paint('green', body)}`,
  );
}

async function upload(platform: Platform, file: string): Promise<void> {
  const name = basename(file);
  const aws = (...words: string[]): Promise<{ stdout: string }> =>
    run('aws', ['--endpoint-url', platform.api, 's3', ...words], {
      env: {
        ...process.env,
        AWS_SHARED_CREDENTIALS_FILE: join(platform.data, 'credentials'),
        AWS_PROFILE: 'default',
        AWS_REGION: 'us-east-1',
        AWS_PAGER: '',
      },
    });
  await aws('cp', '--only-show-errors', file, `s3://gallery/uploads/${name}`);
  const startMs = performance.now();
  const target = join(resultFolder, name);
  await mkdir(resultFolder, { recursive: true });
  const bytes = await thumbnail(platform, name, startMs);
  await writeFile(target, bytes);
  const waitedMs = performance.now() - startMs;
  const original = await readFile(file);
  say(
    `   ${name.padEnd(12)} ${size(original)}  ${number(original.length).padStart(9)} bytes  →  ${paint('green', size(bytes))}  ${number(bytes.length).padStart(6)} bytes` +
      `  ${paint('dim', `${milliseconds(waitedMs)} after the upload; see ${relative(process.cwd(), target)}`)}`,
  );
}

async function thumbnail(platform: Platform, name: string, startMs: number): Promise<Buffer> {
  while (performance.now() - startMs < thumbnailWaitMsMax) {
    const response = await signedFetch(platform, `/gallery/thumbnails/${name}`, 's3');
    if (response.status === 200) return Buffer.from(await response.arrayBuffer());
    await response.arrayBuffer();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no thumbnail of ${name} within ${thumbnailWaitMsMax / 1000} s`);
}

async function catalogue(url: string): Promise<void> {
  const startMs = performance.now();
  for (;;) {
    const response = await fetch(url);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`);
    const body = JSON.parse(text) as { pictures: { picture: string; bytes: number }[] };
    if (body.pictures.length === pictures.length) {
      say(`   GET /catalog\n      ${paint('green', JSON.stringify(body))}`);
      return;
    }
    if (performance.now() - startMs > thumbnailWaitMsMax)
      throw new Error(`the catalogue lists ${body.pictures.length} of ${pictures.length} pictures`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function coldStarts(invocations: InvocationSettled[]): void {
  const parts = [
    ['queueUs', 'queue', 'gray', '░'],
    ['provisionUs', 'provision', 'blue', '▒'],
    ['initUs', 'init', 'magenta', '▓'],
    ['handlerUs', 'handler', 'green', '█'],
  ] as const;
  const width = 40;
  const longestUs = Math.max(...invocations.map(({ phases }) => parts.reduce((sum, [key]) => sum + phases[key], 0)));
  for (const { functionName, start, phases } of invocations) {
    const bar = parts
      .map(([key, , colour, character]) =>
        paint(colour, character.repeat(Math.round((phases[key] / longestUs) * width))),
      )
      .join('');
    const figures = parts.map(([key, name]) => `${name} ${milliseconds(phases[key] / 1000)}`).join(', ');
    say(`   ${functionName.padEnd(8)} ${paint('dim', start.padEnd(9))} ${bar}  ${paint('dim', figures)}`);
  }
}

async function get(platform: Platform, path: string): Promise<unknown> {
  const response = await signedFetch(platform, path, 'mayfly');
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

function size(jpeg: Buffer): string {
  const { width, height } = jpegSize(jpeg);
  return `${width}×${height}`;
}

const indent = (text: string): string => text.replaceAll(/^/gm, '   ');

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

await main().catch((error: unknown) => {
  console.error(paint('red', `demo: ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
});

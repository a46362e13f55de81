/**
 * The main job, shown: boots the platform on free ports, deploys examples/gallery, calls it, uploads pictures with
 * the genuine aws command, and prints what came of it and what it cost. Exits 1 if anything did not come true.
 * Every figure is measured by the platform or here, in this run.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { columns } from '../src/cli/output/columns.ts';
import { painter, type Style } from '../src/cli/output/paint.ts';
import { bytesText, milliseconds } from '../src/cli/output/units.ts';
import type { InvocationSettled, Phases } from '../src/telemetry/telemetry.ts';
import { eventually } from '../test/harness/eventually.ts';
import { jpegSize } from '../test/harness/jpeg-size.ts';
import { callApi } from '../test/harness/api-client.ts';
import { picturesInBlocks } from './pictures-in-blocks.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const mayfly = join(root, 'bin/mayfly');
const project = join(root, 'examples/gallery');
const resultFolder = join(root, '.mayfly/demo');
const pictures = [join(project, 'pictures/dusk.jpg'), join(project, 'pictures/morning.jpg')];
/** How long the demo waits for something that an event brings about before it calls it missing. */
const eventWaitMsMax = 20_000;

const paint = painter({ isTty: process.stdout.isTTY }, process.env);
const isColourful = paint('bold', '') !== '';
/** What the commands that the demo runs are to do, whose output is read by it. */
const colourVariable = isColourful ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };

const say = (...lines: string[]): void => {
  for (const line of lines) console.log(line === '' ? '' : `   ${line}`);
};
const step = (number: number, title: string): void =>
  console.log(`\n${paint(['bold', 'cyan'], `${number}  ${title}`)}`);
const command = (text: string): void => say(`${paint('dim', '$')} ${paint('bold', text)}`);
/** The path as somebody standing here would type it. */
const shown = (path: string): string => relative(process.cwd(), path) || '.';

type Platform = { child: ChildProcess; api: string; http: string; data: string };

async function main(data: string): Promise<void> {
  const startMs = performance.now();
  console.log(paint('bold', 'Mayfly: code in, an event happens, it runs isolated, and the bill says what it cost.'));

  step(1, 'Start a platform');
  const platform = await boot(data);
  try {
    await show(platform);
    console.log(
      paint(
        'dim',
        `\nAll of it in ${milliseconds(performance.now() - startMs)}. The platform stops now, and its data goes with it.`,
      ),
    );
  } catch (error) {
    await tellWhatFunctionsSaid(platform);
    throw error;
  } finally {
    await stop(platform.child);
  }
  console.log(`\n${paint(['bold', 'cyan'], 'What to type next')}`);
  say(
    ...columns([
      [paint('bold', 'export PATH="$PWD/bin:$PATH"'), paint('dim', 'so that mayfly is found')],
      [
        paint('bold', 'mayfly dev examples/gallery'),
        paint('dim', 'the same, live: edit a file and it is deployed again at once'),
      ],
      [paint('bold', 'mayfly init my-app'), paint('dim', 'a project of your own')],
      [paint('bold', 'mayfly help'), paint('dim', 'everything else')],
    ]),
  );
}

async function show(platform: Platform): Promise<void> {
  const { http } = platform;

  step(2, 'Deploy two Python functions and one in TypeScript');
  command(`mayfly deploy ${shown(project)}`);
  say(...(await output(platform, 'deploy', project)));

  step(3, 'Call hello.py over HTTP');
  for (const query of ['?name=Ada', '', '?name=J%C3%BCrgen']) await call(platform, `${http}/hello${query}`);

  step(4, 'Upload pictures; resize.py runs for each');
  command('eval "$(mayfly env)"');
  const thumbnails: string[] = [];
  for (const picture of pictures) thumbnails.push(await upload(platform, picture, thumbnails.length));
  const blocks = isColourful ? await picturesInBlocks(thumbnails, process.stdout) : [];
  say('', ...blocks, paint('dim', `The thumbnails are in ${shown(resultFolder)}.`));

  step(5, 'Ask the TypeScript function, which heard of each thumbnail too');
  await catalogue(`${http}/catalog`);

  step(6, 'Where the time of each first call went');
  coldStarts((await invocations(platform)).filter(({ start }) => start !== 'warm'));

  step(7, 'The bill');
  command('mayfly bill');
  say(...(await output(platform, 'bill')));
}

async function boot(data: string): Promise<Platform> {
  const startMs = performance.now();
  command('mayfly serve --api-port 0 --http-port 0');
  const flags = ['--data', data, '--api-port', '0', '--http-port', '0', '--json'];
  const child = spawn(mayfly, ['serve', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  endWith(child, data);
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code, signal) =>
      reject(new Error(`the platform ended (${signal ?? `code ${code}`}) before it was ready`)),
    );
  });
  const ready = JSON.parse(line) as { api: string; http: string; error?: { message: string } };
  if (ready.error !== undefined) throw new Error(ready.error.message);
  say(`Ready in ${milliseconds(performance.now() - startMs)}: API at ${ready.api}, functions at ${ready.http}`);
  const platform = { child, api: ready.api, http: ready.http, data };
  await tellWhatIsMissing(platform);
  return platform;
}

/** Nothing of the demo stays when it is interrupted. */
function endWith(child: ChildProcess, data: string): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void stop(child).then(() => {
        rmSync(data, { recursive: true, force: true });
        process.exit(130);
      });
    });
  }
}

/** Ends the demo where no function can run, and says with what less than all it runs. */
async function tellWhatIsMissing(platform: Platform): Promise<void> {
  const doctor = await run(mayfly, ['doctor', '--data', platform.data, '--json']).catch(
    (error: { stdout: string }) => error,
  );
  const { ok, capabilities } = JSON.parse(doctor.stdout) as {
    ok: boolean;
    capabilities: { name: string; status: string }[];
  };
  if (!ok) {
    await stop(platform.child);
    throw new Error('functions cannot run on this machine: bin/mayfly doctor says what is missing and what to do');
  }
  const less = capabilities.filter(({ status }) => status === 'degraded').map(({ name }) => name);
  if (less.length > 0)
    say(paint('dim', `Not all that Mayfly can do is possible here (${less.join('; ')}): mayfly doctor says why.`));
}

async function tellWhatFunctionsSaid(platform: Platform): Promise<void> {
  if (platform.child.exitCode !== null) return;
  const lines = await output(platform, 'logs', '--limit', '30').catch(() => []);
  if (lines.length > 0) console.error(['\nThe last lines of the functions:', ...lines].join('\n'));
}

/** What a command prints for people. */
async function output(platform: Platform, ...words: string[]): Promise<string[]> {
  const env = { ...process.env, FORCE_COLOR: undefined, NO_COLOR: undefined, ...colourVariable };
  try {
    const { stdout } = await run(mayfly, [...words, '--data', platform.data], { env, maxBuffer: 64 * 1024 * 1024 });
    return stdout.trimEnd().split('\n');
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`mayfly ${words[0]} failed: ${stderr?.trim() ?? String(error)}`, { cause: error });
  }
}

async function call(platform: Platform, url: string): Promise<void> {
  command(`curl '${url}'`);
  const startMs = performance.now();
  const response = await fetch(url);
  const body = await response.text();
  const tookMs = performance.now() - startMs;
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${body}`);
  const requestId = response.headers.get('apigw-requestid');
  const settled = await eventually(`the account of request ${requestId}`, eventWaitMsMax, async () =>
    (await invocations(platform)).find((one) => one.requestId === requestId),
  );
  say(`${paint('green', body)}  ${paint('dim', `${milliseconds(tookMs)}, ${startText[settled.start]}`)}`);
}

const startText: Readonly<Record<InvocationSettled['start'], string>> = {
  cold: 'first call, in a new environment',
  prebooted: 'first call, in an environment booted ahead of it',
  template: "first call, in a copy of its function's template",
  archive: "first call, in a new environment with an archive of its function's classes",
  provisioned: 'first call, in an environment that was kept ready',
  prewarmed: 'first call, in an environment that was started ahead of it',
  warm: 'warm',
};

/** Answers the thumbnail's file. `nth`: how many pictures were uploaded before. */
async function upload(platform: Platform, file: string, nth: number): Promise<string> {
  const name = basename(file);
  const to = 's3://gallery/uploads/';
  command(`aws s3 cp ${shown(file)} ${to}`);
  // Named, since the aws command of Debian 12 does not read AWS_ENDPOINT_URL yet.
  await run('aws', ['--endpoint-url', platform.api, 's3', 'cp', '--only-show-errors', file, to], {
    env: {
      ...process.env,
      AWS_SHARED_CREDENTIALS_FILE: join(platform.data, 'credentials'),
      AWS_CONFIG_FILE: '/dev/null',
      AWS_PROFILE: 'default',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      NO_PROXY: '127.0.0.1',
    },
  });
  const bytes = await eventually(`the thumbnail of ${name}`, eventWaitMsMax, async () => {
    const response = await callApi(platform, { target: `/gallery/thumbnails/${name}`, service: 's3' });
    const body = Buffer.from(await response.arrayBuffer());
    return response.status === 200 ? body : undefined;
  });
  const { start, phases } = await eventually(`the account of resize for ${name}`, eventWaitMsMax, async () =>
    (await invocations(platform)).filter(({ functionName }) => functionName === 'resize').at(nth),
  );
  const original = await readFile(file);
  const startMs = (phases.queueUs + phases.provisionUs + phases.initUs) / 1000;
  say(
    `${size(original)}, ${bytesText(original.length)}  →  ${paint('green', `${size(bytes)}, ${bytesText(bytes.length)}`)}  ` +
      paint(
        'dim',
        `in ${milliseconds(phases.handlerUs / 1000)}${start === 'warm' ? ', warm' : `, after ${milliseconds(startMs)} of loading Python, boto3 and Pillow`}`,
      ),
  );
  const target = join(resultFolder, name);
  await mkdir(resultFolder, { recursive: true });
  await writeFile(target, bytes);
  return target;
}

async function catalogue(url: string): Promise<void> {
  command(`curl ${url}`);
  const listed = await eventually(`a catalogue of ${pictures.length} pictures`, eventWaitMsMax, async () => {
    const response = await fetch(url);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`);
    const body = JSON.parse(text) as { pictures: object[] };
    return body.pictures.length === pictures.length ? body.pictures : undefined;
  });
  const lines = listed.map((picture, index) => `  ${JSON.stringify(picture)}${index < listed.length - 1 ? ',' : ''}`);
  say(...['{"pictures":[', ...lines, ']}'].map((line) => paint('green', line)));
}

const phaseParts: readonly { key: keyof Phases; name: string; style: Style; block: string }[] = [
  { key: 'queueUs', name: 'waiting', style: 'gray', block: '░' },
  { key: 'provisionUs', name: 'making the environment', style: 'blue', block: '▒' },
  { key: 'initUs', name: 'loading the code', style: 'magenta', block: '▓' },
  { key: 'handlerUs', name: 'running the handler', style: 'green', block: '█' },
];
const barColumns = 36;

function coldStarts(settled: readonly InvocationSettled[]): void {
  const totalUs = ({ phases }: InvocationSettled): number => phaseParts.reduce((sum, { key }) => sum + phases[key], 0);
  const longestUs = Math.max(...settled.map(totalUs));
  const rows = settled.map((one) => [
    one.functionName,
    phaseParts
      .map(({ key, style, block }) =>
        paint(style, block.repeat(Math.round((one.phases[key] / longestUs) * barColumns))),
      )
      .join(''),
    ...phaseParts.map(({ key, style }) => {
      const text = milliseconds(one.phases[key] / 1000);
      return one.phases[key] < 100 ? paint('dim', '–') : paint(style, text);
    }),
    milliseconds(totalUs(one) / 1000),
    paint('dim', one.start === 'prebooted' ? 'booted before its code was known' : ''),
  ]);
  const heads = phaseParts.map(({ block, style, name }) => `${paint(style, block)} ${name}`);
  say(
    ...columns(
      [
        [
          '',
          '',
          ...heads.map((_, index) => paint(phaseParts[index]?.style ?? 'dim', phaseParts[index]?.block ?? '')),
          'total',
          '',
        ],
        ...rows,
      ],
      [2, 3, 4, 5, 6],
    ),
  );
  say(paint('dim', heads.join('   ')));
}

/** All that were settled so far, the first one first. */
async function invocations(platform: Platform): Promise<InvocationSettled[]> {
  const path = '/_mayfly/invocations?limit=100';
  const response = await callApi(platform, { target: path, service: 'mayfly' });
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  const { invocations: newestFirst } = (await response.json()) as { invocations: InvocationSettled[] };
  return newestFirst.toReversed();
}

function size(jpeg: Buffer): string {
  const { width, height } = jpegSize(jpeg);
  return `${width}×${height}`;
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

const data = await mkdtemp(join(tmpdir(), 'mayfly-demo-'));
try {
  await main(data);
} catch (error) {
  console.error(paint('red', `demo: ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
} finally {
  await rm(data, { recursive: true, force: true });
}

/** The commands that explain starts: why and cold-starts. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { AttemptView, ColdStartsView, EnvironmentView } from '../control/views.ts';
import type { GroupView } from '../starts/start-group.ts';
import { CliRig } from './cli-rig.ts';

let rig: CliRig;

beforeEach(async () => {
  rig = await new CliRig().start();
});
afterEach(() => rig[Symbol.asyncDispose]());

const requestId = '01a1ff52-4e7e-7e15-ab27-1e4139b5b1d4';
const noonMs = Date.UTC(2026, 0, 15, 11, 58);

const environment: EnvironmentView = {
  id: '590ac9bfaa5c0062afddedbc03b120d8',
  functionName: 'resize',
  version: '3',
  runtime: 'python',
  memoryMb: 256,
  packageBytes: 4_200_000,
  start: 'cold',
  reason: { kind: 'first' },
  why: 'It is the first call.',
  startedMs: noonMs,
  placeUs: 300,
  provisionUs: 20_000,
  initUs: 60_000,
  first: { requestId, attempt: 1, timeMs: noonMs, coldUs: 90_000 },
  invocations: 3,
  handlerUs: 3_000_000,
  memoryBytesMax: 40_000_000,
  ended: { timeMs: noonMs + 60_000, reason: 'idle', why: 'nobody had called it' },
};

const attempt: AttemptView = {
  attempt: 1,
  functionName: 'resize',
  version: '3',
  source: 'bucket',
  status: 'ok',
  start: 'cold',
  startReason: { kind: 'first' },
  why: 'It is the first call.',
  advice: 'Import less.',
  receivedMs: noonMs,
  settledMs: noonMs + 100,
  phases: { queueUs: 9_700, placeUs: 300, provisionUs: 20_000, initUs: 60_000, handlerUs: 9_960, replyUs: 40 },
  totalUs: 100_000,
  billedMs: 10,
  memoryMb: 256,
  environment,
};

const explained = (...attempts: AttemptView[]) => ({ json: { requestId, attempts } });

describe('why', () => {
  test('draws where the time went, says why and what to do, and tells of the environment', async () => {
    rig.answers.set(`GET invocations/${requestId}`, explained(attempt));
    const { code, stdout } = await rig.run(['why', requestId], { environment: { TZ: 'UTC' } });
    assert.equal(code, 0);
    const withoutTimes = stdout.replaceAll(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME');
    assert.equal(
      withoutTimes,
      `resize  ok  cold start
${requestId} · version 3 · by bucket · TIME, 2 min ago

  why        It is the first call.
  advice     Import less.

  queue      waiting its turn          9.7 ms  │████▊
  place      finding a place           300 µs  │    ▏
  provision  making the sandbox         20 ms  │    █████████▊
  init       loading the code           60 ms  │              █████████████████████████████▍
  handler    running the handler      10.0 ms  │                                            ████▉
  reply      handing over the answer    40 µs  │                                                ▏
  100 ms from its first byte to its answer, 90 ms before the handler; billed 10 ms at 256 MB

  its environment 590ac9bfaa5c0062afddedbc03b120d8
  started    TIME, 2 min ago. It is the first call.
  cost       80 ms to start, at most 38.1 MB of 256 MB; python, package 4.2 MB
  ran        3 calls, 3.0 s in the handler: 5 % of its 60 s
  ended      TIME, 1 min ago, because nobody had called it
`,
    );
  });

  test('without an id it is about the last call that waited and has settled, of a function if one is named', async () => {
    const { first: _none, ...underWay } = environment;
    rig.answers.set('GET environments', { json: { environments: [underWay, environment] } });
    rig.answers.set(`GET invocations/${requestId}`, explained(attempt));
    assert.equal((await rig.run(['why', '--function', 'resize', '--json'])).code, 0);
    assert.deepEqual(rig.called('GET', 'environments')[0]?.query, { function: 'resize', limit: '10' });
    rig.answers.set('GET environments', { json: { environments: [] } });
    const { code, stderr } = await rig.run(['why', '--function', 'resize']);
    assert.equal(code, 1);
    assert.match(stderr, /No call of 'resize' has waited/);
  });

  test('shows every attempt, and an environment that was lost or is not known', async () => {
    const { ended: _ended, ...open } = environment;
    const { environment: _gone, ...failed } = { ...attempt, status: 'timeout', acceptedMs: noonMs - 1_200 } as const;
    rig.answers.set(
      `GET invocations/${requestId}`,
      explained(failed, { ...attempt, attempt: 2, start: 'warm', environment: { ...open, isLost: true } }),
    );
    const { stdout } = await rig.run(['why', requestId]);
    assert.match(stdout, /resize {2}timeout {2}cold start\n.* · attempt 1 · /);
    assert.match(stdout, /accepted {3}[0-9:.]+, 1\.2 s before\n/);
    assert.match(stdout, /Nothing more is known of its environment/);
    assert.match(stdout, /resize {2}ok {2}warm\n.* · attempt 2 · /);
    assert.match(stdout, /ended {6}with the platform, which was killed/);
  });

  test('colours are there when they are asked for, and never with NO_COLOR', async () => {
    rig.answers.set(`GET invocations/${requestId}`, explained(attempt));
    const escape = '\u001B[';
    const coloured = await rig.run(['why', requestId], { environment: { FORCE_COLOR: '1' } });
    assert.ok(coloured.stdout.includes(escape));
    const plain = await rig.run(['why', requestId], { environment: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    assert.ok(!plain.stdout.includes(escape));
  });

  test('--json is what the platform answers', async () => {
    rig.answers.set(`GET invocations/${requestId}`, explained(attempt));
    const { stdout } = await rig.run(['why', requestId, '--json']);
    assert.deepEqual(JSON.parse(stdout), explained(attempt).json);
  });
});

const us = (p50Us: number, p99Us: number) => ({ p50Us, p99Us });
const group: GroupView = {
  invocations: 1_200,
  coldStarts: 12,
  share: 0.01,
  starts: { warm: 1_188, cold: 12 },
  reasons: { idle: 9, scale_out: 3 },
  phases: {
    cold: us(80_000, 200_000),
    queue: us(400, 12_000),
    place: us(10, 30),
    provision: us(20_000, 50_000),
    init: us(60_000, 140_000),
    handler: us(2_000, 3_000),
    reply: us(60, 90),
  },
};
const view: ColdStartsView = {
  sinceMs: noonMs,
  untilMs: noonMs + 3_600_000,
  total: group,
  functions: [
    { ...group, functionName: 'resize', runtime: 'python', packageBytes: 4_200_000 },
    { ...group, functionName: 'hello', runtime: 'nodejs', coldStarts: 0, share: 0 },
  ],
  functionsLeftOut: 0,
  packages: [{ ...group, runtime: 'python', size: '1–10 MB' }],
  timeline: {
    slotMs: 60_000,
    slots: [
      { timeMs: noonMs, starts: { cold: 8, warm: 1 } },
      { timeMs: noonMs + 60_000, starts: { warm: 4 } },
      { timeMs: noonMs + 120_000, starts: { template: 1 } },
    ],
  },
};

describe('cold-starts', () => {
  test('is a table by function and by package, with reasons and a line of time', async () => {
    rig.answers.set('GET cold-starts', { json: view });
    const { stdout } = await rig.run(['cold-starts']);
    const withoutTimes = stdout.replaceAll(/\d\d:\d\d\b/g, 'TIME');
    assert.equal(
      withoutTimes,
      `12 of 1,200 calls waited for an environment since 15 Jan TIME: 1.0 %

  █·▁
  from TIME on, 1 min each; at most 8

by function  milliseconds: p50 / p99 of the calls that waited
          runtime  package  calls  cold  share      wait     queue  place  provision      init    handler      reply
  resize  python    4.2 MB  1,200    12  1.0 %  80 / 200  0.4 / 12  0 / 0    20 / 50  60 / 140  2.0 / 3.0  0.1 / 0.1
  and 1 function that never waited or waited less

by runtime and package size
          package    calls  cold  share      wait     queue  place  provision      init    handler      reply
  python  1–10 MB    1,200    12  1.0 %  80 / 200  0.4 / 12  0 / 0    20 / 50  60 / 140  2.0 / 3.0  0.1 / 0.1

why
  ended for being idle  9  ██████████████████████████████
  all others busy       3  ██████████
`,
    );
  });

  test('a terminal has as many of the phases as fit', async () => {
    rig.answers.set('GET cold-starts', { json: view });
    const { stdout } = await rig.run(['cold-starts'], { isTty: true, environment: { NO_COLOR: '1' } });
    assert.match(stdout, /^ {10}runtime {2}package {2}calls {2}cold {2}share +wait +queue +provision +init$/m);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line);
  });

  test('asks for a function and since a time, and says when nothing has run', async () => {
    const none = { ...group, invocations: 0, coldStarts: 0, share: 0 };
    rig.answers.set('GET cold-starts', { json: { ...view, total: none, functions: [], packages: [] } });
    const { stdout } = await rig.run(['cold-starts', 'hello', '--since', '2h']);
    assert.match(stdout, /^Nothing has run since 15 Jan /);
    const since = String(rig.clock.now() - 7_200_000);
    assert.deepEqual(rig.called('GET', 'cold-starts')[0]?.query, { function: 'hello', since });
    const { code, stderr } = await rig.run(['cold-starts', '--since', 'soon']);
    assert.equal(code, 2);
    assert.match(stderr, /--since is 'soon'/);
  });
});

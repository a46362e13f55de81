import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliRig } from './cli-rig.ts';

const atMs = Date.UTC(2026, 0, 15, 11, 59, 50);

const message = {
  id: 'message-1',
  place: 'topic news',
  source: 'topic',
  firstMs: atMs,
  lastMs: atMs,
  from: [],
  to: [
    { place: 'arn:hello', id: 'request-1' },
    { place: 'arn:jobs', id: 'message-2' },
  ],
  steps: [{ kind: 'handed_on', to: [], timeMs: atMs }],
  outcome: 'handed on',
};
const request = {
  id: 'request-1',
  place: 'function hello',
  source: 'topic',
  firstMs: atMs,
  lastMs: atMs,
  from: [],
  to: [],
  steps: [
    { kind: 'accepted', timeMs: atMs },
    { kind: 'waits', why: 'throttled', times: 3, timeMs: atMs },
    { kind: 'attempt', number: 1, isOk: false, tookMs: 12, detail: 'version 1, Error', timeMs: atMs },
    { kind: 'retry', delayMs: 60_000, timeMs: atMs },
    { kind: 'ended', outcome: 'dead', detail: 'RetriesExhausted', timeMs: atMs },
  ],
  outcome: 'dead',
};

test('events show prints a tree from the source to each outcome', async () => {
  await using rig = await new CliRig().start();
  rig.answers.set('GET deliveries/request-1', { json: { id: 'request-1', deliveries: [message, request] } });
  const { stdout } = await rig.run(['events', 'show', 'request-1']);
  assert.deepEqual(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/\d\d:\d\d:\d\d\.\d{3}/, 'TIME')),
    [
      'topic news  message-1  handed on',
      '   → arn:jobs  message-2',
      '   └─ function hello  request-1  dead',
      '      TIME  accepted',
      '      TIME  refused: throttled, 3 times in a row; it waits',
      '      TIME  attempt 1 failed, 12 ms (version 1, Error)',
      '      TIME  tried again in 60 s',
      '      TIME  dead: RetriesExhausted',
    ],
  );
});

test('events ls lists the latest, as asked for', async () => {
  await using rig = await new CliRig().start();
  rig.answers.set('GET deliveries', { json: { deliveries: [request, message] } });
  const { stdout } = await rig.run(['events', 'ls', '--function', 'hello', '--outcome', 'dead']);
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    'request-1  10 s ago  topic → function hello    dead',
    'message-1  10 s ago  topic news                handed on',
  ]);
  assert.deepEqual(rig.calls.at(-1)?.query, { function: 'hello', outcome: 'dead', limit: '50' });
  assert.equal((await rig.run(['events', 'ls', '--limit', '0'])).code, 2);
  assert.equal((await rig.run(['events', 'show'])).code, 2);
});

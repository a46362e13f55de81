import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerOf, openTestSandbox, type TestSandbox } from '../../../../test/fakes/process-sandbox.ts';
import { inTime } from '../../../../test/harness/in-time.ts';
import { FakeClock } from '../../../util/fake-clock.ts';
import { IdleFreezer } from './idle-freezer.ts';

/** Idle for this long, a function that is not frozen shows no gap that comes near two thirds of it. */
const restMs = 1_500;
/** Frozen by then. */
const settledMs = 400;

let opened: TestSandbox;
let freezes: boolean;
before(async () => {
  opened = await openTestSandbox();
  const capabilities = await opened.sandbox.capabilities();
  freezes = capabilities.some(({ name, status }) => name === 'freezing of idle environments' && status === 'ok');
});
after(() => opened.close());

function play() {
  const clock = new FakeClock();
  const done: string[] = [];
  const state = { now: 'quiet' as 'busy' | 'settling' | 'quiet' };
  const freezer = new IdleFreezer({
    clock,
    process: { freeze: () => done.push('freeze') > 0, thaw: () => void done.push('thaw') },
    state: () => state.now,
  });
  return { clock, done, state, freezer };
}

test('it is frozen once it has been idle for a while, and woken once', async () => {
  const { clock, done, freezer } = play();
  freezer.idle();
  await clock.advance(99);
  assert.deepEqual(done, []);
  await clock.advance(1);
  assert.deepEqual(done, ['freeze']);
  freezer.wake();
  freezer.wake();
  assert.deepEqual(done, ['freeze', 'thaw']);
});

test('while calls come quickly it never is, nor while it is busy', async () => {
  const { clock, done, freezer, state } = play();
  for (let calls = 0; calls < 20; calls += 1) {
    freezer.wake();
    freezer.idle();
    await clock.advance(60);
  }
  assert.deepEqual(done, []);
  state.now = 'busy';
  await clock.advance(1_000);
  assert.deepEqual(done, []);
  state.now = 'quiet';
  freezer.idle();
  await clock.advance(100);
  assert.deepEqual(done, ['freeze']);
});

test('what is still on its way to its extensions is waited for', async () => {
  const { clock, done, freezer, state } = play();
  state.now = 'settling';
  freezer.idle();
  await clock.advance(1_000);
  assert.deepEqual(done, []);
  state.now = 'quiet';
  await clock.advance(100);
  assert.deepEqual(done, ['freeze']);
});

test('after its end nothing is left to happen', async () => {
  const { clock, done, freezer } = play();
  freezer.idle();
  freezer.close();
  await clock.advance(1_000);
  assert.deepEqual(done, []);
});

const python = `import threading, time
longest = 0.0
def count():
    global longest
    last = time.monotonic()
    while True:
        time.sleep(0.005)
        now = time.monotonic()
        longest = max(longest, now - last)
        last = now
threading.Thread(target=count, daemon=True).start()
def handler(event, context):
    time.sleep(0.05)
    return longest * 1000
`;
const node = `let longest = 0, last = performance.now();
setInterval(() => {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
}, 5);
export const handler = async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return longest;
};
`;

for (const [runtime, files] of [
  ['python', { 'index.py': python }],
  ['nodejs26.x', { 'index.mjs': node }],
] as const) {
  test(`what a ${runtime} function leaves running stands still between two invocations`, async (t) => {
    if (!freezes) return t.skip('this machine cannot freeze');
    const { environment, init, invoke } = await opened.start({ runtime, files });
    assert.deepEqual(init, { status: 'ready' });
    await invoke({});
    // It is frozen later where the machine is busy.
    await inTime(restMs, async (idleMs) => {
      await sleep(idleMs);
      return Number(answerOf(await invoke({}))) > (2 * idleMs) / 3;
    });
    // In its own time, though, it is as quick as ever.
    for (let calls = 0; calls < 3; calls += 1) assert.equal((await invoke({})).status, 'response');
    await sleep(settledMs);
    await environment.stop();
  });
}

test('a frozen environment with an extension is told of its end, and what it said has arrived', async (t) => {
  if (!freezes) return t.skip('this machine cannot freeze');
  const extension = `#!/usr/bin/python3
import json, os, urllib.request
root = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2020-01-01/extension/'
def call(path, body=None, headers={}):
    with urllib.request.urlopen(urllib.request.Request(root + path, data=body, headers=headers)) as answer:
        return answer.headers, json.loads(answer.read())
headers, _ = call('register', json.dumps({'events': ['INVOKE', 'SHUTDOWN']}).encode(), {'Lambda-Extension-Name': 'told'})
identity = {'Lambda-Extension-Identifier': headers['Lambda-Extension-Identifier']}
while True:
    _, event = call('event/next', headers=identity)
    print('told of ' + event['eventType'], flush=True)
    if event['eventType'] == 'SHUTDOWN': break
`;
  const { environment, init, invoke, lines } = await opened.start({
    runtime: 'python',
    files: { 'index.py': 'def handler(event, context): return 1\n' },
    layers: { 'extensions/told': extension },
  });
  assert.deepEqual(init, { status: 'ready' });
  for (let calls = 1; calls <= 2; calls += 1) {
    const outcome = await invoke({});
    if ('over' in outcome) await outcome.over;
    await sleep(settledMs);
  }
  await environment.stop();
  const told = lines.map(({ text }) => text).filter((text) => text.startsWith('told of'));
  assert.deepEqual(told, ['told of INVOKE', 'told of INVOKE', 'told of SHUTDOWN']);
});

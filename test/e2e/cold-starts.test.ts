/** Why calls started as they did: told of each, with phases that add up, and still known when the platform was killed. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AttemptView, ColdStartsView, ExplainedInvocationView, InvocationView } from '../../src/control/views.ts';
import { callApi } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const waitMsMax = 30_000;

let mayfly: StartedMayfly;
let project: string;

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'mayfly-cold-starts-'));
  mayfly = await startMayfly();
  await deploy('first');
});

after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

async function deploy(answer: string): Promise<void> {
  const manifest = `application: explained
functions:
  told:
    runtime: python
    handler: told.handler
    timeout: 3s
  rare:
    runtime: python
    handler: told.handler
    keepWarm: 1s
`;
  const code = `import os, time
def handler(event, context):
    if event.get("exit"):
        os._exit(3)
    time.sleep(event.get("seconds", 0))
    return "${answer}"
`;
  await writeFile(join(project, 'mayfly.yaml'), manifest);
  await writeFile(join(project, 'told.py'), code);
  await mayfly.json('deploy', project);
}

async function ask<Answer>(target: string, event?: object): Promise<Answer> {
  const response = await callApi(mayfly, {
    target: `/_mayfly/${target}`,
    service: 'mayfly',
    ...(event !== undefined && { method: 'POST', body: JSON.stringify(event) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer as Answer;
}

/** Answers the request's id, whatever came of it. */
async function invoke(event: object, { functionName = 'told', type = 'request' } = {}): Promise<string> {
  return (await ask<InvocationView>(`functions/${functionName}/invocations?type=${type}`, event)).requestId;
}

async function why(requestId: string): Promise<AttemptView> {
  const { attempts } = await ask<ExplainedInvocationView>(`invocations/${requestId}`);
  assert.equal(attempts.length, 1);
  return attempts[0] ?? assert.fail('an attempt');
}

const startOf = async (requestId: string): Promise<string> => {
  const { start, startReason } = await why(requestId);
  return startReason === undefined ? start : startReason.kind;
};

/** Its time is within that of the call that made it, and has all that it slept. */
async function timed(event: { seconds: number }): Promise<AttemptView> {
  const beganMs = Date.now();
  const requestId = await invoke(event);
  const endedMs = Date.now();
  const attempt = await why(requestId);
  const { receivedMs, settledMs, phases, totalUs } = attempt;
  // Whole milliseconds, some of them rounded.
  assert.ok(
    beganMs <= receivedMs + 2 && settledMs <= endedMs,
    `${receivedMs} to ${settledMs} in ${beganMs} to ${endedMs}`,
  );
  assert.ok(phases.handlerUs >= event.seconds * 1e6 && totalUs >= phases.handlerUs + phases.initUs);
  return attempt;
}

test('a first call, a warm one, and one that came while the others were busy', async () => {
  const explained = await timed({ seconds: 0.1 });
  assert.deepEqual([explained.startReason?.kind, explained.source], ['first', 'api']);
  assert.match(explained.why, /first call of 'told'/);
  assert.ok(explained.phases.initUs > 0);
  const warm = await timed({ seconds: 0.1 });
  assert.deepEqual([warm.start, warm.startReason, warm.phases.initUs], ['warm', undefined, 0]);
  assert.equal(warm.environment?.id, explained.environment?.id);
  assert.deepEqual(warm.environment?.first, explained.environment?.first);
  assert.ok((warm.environment?.invocations ?? 0) >= 2);

  const both = await Promise.all([invoke({ seconds: 0.8 }), invoke({ seconds: 0.8 })]);
  const reasons = await Promise.all(both.map(startOf));
  assert.ok(reasons.includes('scale_out'), reasons.join(', '));
});

test('a new version, what had exited, and what had run into its time-out', async () => {
  await deploy('second');
  assert.equal(await startOf(await invoke({})), 'deploy');
  await invoke({ exit: true });
  assert.equal(await startOf(await invoke({})), 'crash');
  const late = await why(await invoke({ seconds: 250 }));
  assert.equal(late.status, 'timeout');
  const next = await why(await invoke({}));
  assert.equal(next.startReason?.kind, 'timeout');
  assert.match(next.why, /had ended .* before: a call in it had run into its time-out/);
  const ended = await why(late.environment?.first?.requestId ?? '');
  assert.equal(ended.environment?.ended?.reason, 'timeout');
});

test('asynchronous calls are explained, and calls from before the platform was stopped or killed', async () => {
  const accepted = await invoke({}, { type: 'event' });
  const asynchronous = await eventually('the asynchronous call', waitMsMax, () => why(accepted).catch(() => undefined));
  assert.equal(asynchronous.status, 'ok');
  assert.ok((asynchronous.acceptedMs ?? Infinity) <= asynchronous.receivedMs + 1);
  mayfly = await mayfly.stopAndRestart();
  const after = await why(accepted);
  assert.deepEqual({ ...after, environment: undefined }, { ...asynchronous, environment: undefined });
  assert.equal(after.environment?.ended?.reason, 'shutdown');
  const restarted = await why(await invoke({}));
  assert.equal(restarted.startReason?.kind, 'restart');
  // Who asks for the last one, or for counts, has what is known written first.
  await mayfly.json('why');
  await ask('cold-starts');
  mayfly = await mayfly.killAndRestart();
  const lost = (await mayfly.json('why', '--function', 'told')) as ExplainedInvocationView;
  const { environment, settledMs } = lost.attempts[0] ?? assert.fail('an attempt');
  assert.deepEqual([environment?.id, environment?.isLost], [restarted.environment?.id, true]);
  assert.equal(settledMs, restarted.settledMs);
  assert.equal(await startOf(await invoke({})), 'restart');
});

test('what nobody had called for as long as one is kept', async () => {
  const first = await invoke({}, { functionName: 'rare' });
  await eventually('the end of the environment', waitMsMax, async () => (await why(first)).environment?.ended);
  const { startReason, why: sentence } = await why(await invoke({}, { functionName: 'rare' }));
  assert.equal(startReason?.kind, 'idle');
  assert.match(sentence, /nobody had called it/);
});

test('they are counted, and the counts from before a restart are among them', async () => {
  const counted = (await mayfly.json('cold-starts')) as ColdStartsView;
  const told = counted.functions.find(({ functionName }) => functionName === 'told');
  assert.ok((told?.reasons.scale_out ?? 0) >= 1);
  assert.equal(told?.reasons.timeout, 1);
  assert.equal(told?.reasons.deploy, 1);
  assert.ok((told?.phases.init.p50Us ?? 0) > 0);
  const sum = Object.values(told?.reasons ?? {}).reduce((all, count) => all + count, 0);
  assert.equal(sum, told?.coldStarts);
});

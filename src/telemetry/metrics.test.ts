import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { AccountId, EnvironmentId, FunctionArn, RequestId, VersionId } from '../util/ids.ts';
import { Metrics } from './metrics.ts';
import type { InvocationSettled } from './telemetry.ts';

const account = '000000000000' as AccountId;
const environmentId = 'environment' as EnvironmentId;

function settled(functionName: string, over: Partial<InvocationSettled> = {}): InvocationSettled {
  return {
    kind: 'invocation.settled',
    timeMs: 0,
    account,
    functionName,
    functionArn: `arn:aws:lambda:us-east-1:${account}:function:${functionName}` as FunctionArn,
    version: '1' as VersionId,
    requestId: 'request' as RequestId,
    attempt: 1,
    source: 'api',
    status: 'ok',
    start: 'warm',
    environmentId,
    phases: { queueUs: 0, placeUs: 0, provisionUs: 0, initUs: 0, handlerUs: 2_000, replyUs: 0 },
    billedMs: 2,
    memoryMb: 128,
    memoryBytesMax: undefined,
    requestBytes: 0,
    responseBytes: 0,
    traceId: '',
    ...over,
  };
}

function counted(): Metrics {
  const metrics = new Metrics();
  metrics.take(
    settled('hello', {
      start: 'cold',
      startReason: { kind: 'first' },
      runtime: 'python',
      phases: { queueUs: 0, placeUs: 0, provisionUs: 30_000, initUs: 15_000, handlerUs: 2_000_000, replyUs: 0 },
      billedMs: 2_001,
    }),
  );
  for (let count = 0; count < 3; count++) metrics.take(settled('hello'));
  metrics.take(
    settled('hello', {
      status: 'timeout',
      phases: { queueUs: 0, placeUs: 0, provisionUs: 0, initUs: 0, handlerUs: 2_000_000_000, replyUs: 0 },
    }),
  );
  metrics.take(settled('odd "name"\\\n'));
  metrics.take({
    kind: 'invocation.refused',
    timeMs: 0,
    account,
    functionName: 'hello',
    requestId: 'r' as RequestId,
    source: 'http',
    reason: 'throttled',
  });
  metrics.take({
    kind: 'event.dead',
    timeMs: 0,
    account,
    functionName: 'hello',
    requestId: 'r' as RequestId,
    reason: 'attempts',
    deadLetters: 'q',
  });
  for (const name of ['a', 'b', 'c']) {
    metrics.take({
      kind: 'environment.started',
      timeMs: 0,
      environmentId: name as EnvironmentId,
      account,
      functionName: 'hello',
      functionArn: settled('hello').functionArn,
      version: '1' as VersionId,
      settingsHash: 'hash',
      runtime: 'python',
      memoryMb: 128,
      start: 'cold',
      reason: { kind: 'first' },
      placeUs: 0,
      provisionUs: 0,
    });
  }
  metrics.take({
    kind: 'environment.ended',
    timeMs: 0,
    environmentId: 'b' as EnvironmentId,
    functionName: 'hello',
    reason: 'idle',
  });
  return metrics;
}

test('a known run gives exactly these counts', () => {
  const lines = counted().prometheus().split('\n');
  const hello = `account="${account}",function="hello"`;
  for (const expected of [
    `mayfly_invocations_total{${hello},status="ok"} 4`,
    `mayfly_invocations_total{${hello},status="timeout"} 1`,
    `mayfly_invocations_total{account="${account}",function="odd \\"name\\"\\\\\\n",status="ok"} 1`,
    `mayfly_invocations_refused_total{${hello},reason="throttled"} 1`,
    `mayfly_starts_total{${hello},start="cold"} 1`,
    `mayfly_starts_total{${hello},start="warm"} 4`,
    `mayfly_events_dead_total{${hello}} 1`,
    `mayfly_billed_seconds_total{${hello}} 2.009`,
    `mayfly_handler_duration_seconds_bucket{${hello},le="0.001"} 0`,
    `mayfly_handler_duration_seconds_bucket{${hello},le="0.0025"} 3`,
    `mayfly_handler_duration_seconds_bucket{${hello},le="2.5"} 4`,
    `mayfly_handler_duration_seconds_bucket{${hello},le="900"} 4`,
    `mayfly_handler_duration_seconds_bucket{${hello},le="+Inf"} 5`,
    `mayfly_handler_duration_seconds_count{${hello}} 5`,
    `mayfly_cold_start_duration_seconds_sum{${hello}} 0.045`,
    `mayfly_cold_start_duration_seconds_count{${hello}} 1`,
    'mayfly_environments{runtime="python"} 2',
    'mayfly_cold_starts_total{runtime="python",start="cold",reason="first"} 1',
    'mayfly_environments_ended_total{reason="idle"} 1',
    'mayfly_phase_duration_seconds_sum{phase="provision",start="cold"} 0.03',
    'mayfly_phase_duration_seconds_count{phase="handler",start="warm"} 5',
  ]) {
    assert.ok(lines.includes(expected), `${expected} in\n${lines.join('\n')}`);
  }
});

test('thirty thousand names are a bounded number of series, and every count is there', () => {
  const metrics = new Metrics();
  for (let count = 0; count < 30_000; count++) metrics.take(settled(`f${count}`));
  const counts = metrics
    .prometheus()
    .split('\n')
    .filter((line) => line.startsWith('mayfly_invocations_total'));
  assert.equal(counts.length, 20_001);
  assert.equal(counts.at(-1), `mayfly_invocations_total{account="${account}",function="_other",status="ok"} 10000`);
});

test("Prometheus' own checker has nothing to say", (t) => {
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: counted().prometheus(), encoding: 'utf8' });
  if (checked.error !== undefined)
    return t.skip(`promtool is not here (${checked.error.message}); Debian has it in the package prometheus`);
  assert.equal(checked.stdout + checked.stderr, '');
  assert.equal(checked.status, 0);
});

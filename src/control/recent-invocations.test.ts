import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InvocationSettled } from '../telemetry/telemetry.ts';
import type { AccountId, EnvironmentId, FunctionArn, RequestId, VersionId } from '../util/ids.ts';
import { invocationsMax, RecentInvocations } from './recent-invocations.ts';

const account = '000000000001' as AccountId;

/** No two have a value in common where they can differ. */
const settled = (n: number): InvocationSettled => ({
  kind: 'invocation.settled',
  timeMs: n + 0.5,
  account,
  functionName: `function-${n}`,
  functionArn: `arn-${n}` as FunctionArn,
  version: String(n) as VersionId,
  runtime: `runtime-${n}`,
  requestId: `request-${n}` as RequestId,
  attempt: n,
  source: `source-${n}`,
  status: n % 2 === 0 ? 'ok' : 'error',
  start: n % 2 === 0 ? 'warm' : 'cold',
  environmentId: `environment-${n}` as EnvironmentId,
  environmentStartedMs: n + 0.25,
  phases: { queueUs: n, placeUs: n + 0.1, provisionUs: n + 0.2, initUs: n + 0.3, handlerUs: n + 0.4, replyUs: n + 0.6 },
  billedMs: n + 2,
  memoryMb: n + 3,
  memoryBytesMax: n + 4,
  requestBytes: n + 5,
  responseBytes: n + 6,
  traceId: `trace-${n}`,
});

const unusual = (n: number): InvocationSettled => ({
  ...settled(n),
  acceptedMs: n,
  errorType: `error-${n}`,
  startReason: { kind: 'deploy' },
  provisioned: true,
  initFailed: true,
});

/** A property that is added to what is told has to be added here, too. Each is another for another `n`, except where there is only one value. */
const whole = (n: number): Required<InvocationSettled> => ({
  ...settled(n),
  account: `00000000000${n}` as AccountId,
  runtime: `runtime-${n}`,
  acceptedMs: n + 7,
  errorType: `error-${n}`,
  startReason: { kind: n % 2 === 0 ? 'deploy' : 'first' },
  environmentStartedMs: n + 8,
  provisioned: true,
  initFailed: true,
  memoryBytesMax: n + 9,
});

const told = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('the latest are told, newest first, with nothing of those in whose places they are', () => {
  const recent = new RecentInvocations();
  const all = Array.from({ length: invocationsMax * 2 + 3 }, (_, n) => (n % 3 === 0 ? unusual(n) : settled(n)));
  for (const one of all) recent.take(one);
  const expected = all.toReversed().slice(0, invocationsMax);
  assert.deepEqual(told(recent.list(account, undefined, invocationsMax)), told(expected));
});

test('what was told stays as it was when others come', () => {
  const recent = new RecentInvocations();
  recent.take(settled(1));
  const [before] = recent.list(account, undefined, 1);
  for (let n = 0; n < invocationsMax; n += 1) recent.take(unusual(n + 2));
  assert.deepEqual(told(before), told(settled(1)));
});

test('nothing of one is left in the place of another, not of another account either', () => {
  const [first, second] = [whole(1), whole(2)];
  const same = Object.entries(first).filter(([name, value]) => value === second[name as keyof typeof second]);
  assert.deepEqual(
    same.map(([name]) => name),
    ['kind', 'provisioned', 'initFailed'],
  );
  for (const [old, next] of [
    [first, second],
    [first, settled(2)],
    [settled(2), first],
  ] as const) {
    const recent = new RecentInvocations();
    for (let n = 0; n < invocationsMax; n += 1) recent.take(old);
    recent.take(next);
    assert.deepEqual(told(recent.list(next.account, undefined, 1)), told([next]));
  }
});

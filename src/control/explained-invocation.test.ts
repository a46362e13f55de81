import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usageRow, type UsageRow } from '../metering/usage-row.ts';
import type { EnvironmentRecord } from '../starts/environment-record.ts';
import type { InvocationSettled } from '../telemetry/telemetry.ts';
import type { AccountId, EnvironmentId, RequestId, VersionId } from '../util/ids.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { functionArn } from '../util/ids.ts';
import type { Call, ControlContext } from './endpoint.ts';
import { getInvocation, listEnvironments } from './explained-invocation.ts';
import { RecentInvocations } from './recent-invocations.ts';
import type { EnvironmentView, ExplainedInvocationView } from './views.ts';

const account = '000000000000' as AccountId;
const requestId = '01a1ff52-4e7e-7e15-ab27-1e4139b5b1d4' as RequestId;
const startedMs = Date.UTC(2026, 0, 1, 12);

const settled: InvocationSettled = {
  kind: 'invocation.settled',
  timeMs: startedMs + 100,
  account,
  functionName: 'hello',
  functionArn: functionArn('us-east-1', account, 'hello'),
  version: '3' as VersionId,
  requestId,
  attempt: 1,
  source: 'bucket',
  status: 'ok',
  start: 'cold',
  startReason: { kind: 'deploy' },
  environmentId: 'e1' as EnvironmentId,
  environmentStartedMs: startedMs,
  phases: { queueUs: 10_000, placeUs: 0, provisionUs: 20_000, initUs: 60_000, handlerUs: 9_900, replyUs: 100 },
  billedMs: 10,
  memoryMb: 128,
  memoryBytesMax: undefined,
  requestBytes: 2,
  responseBytes: 2,
  traceId: '',
};

const life: EnvironmentRecord = {
  id: 'e1',
  functionName: 'hello',
  version: '3',
  runtime: 'python',
  memoryMb: 128,
  start: 'cold',
  reason: { kind: 'deploy' },
  startedMs,
  placeUs: 0,
  provisionUs: 20_000,
  invocations: 1,
  handlerUs: 9_900,
};

function open(rows: readonly UsageRow[], record: EnvironmentRecord | undefined, platformStartedMs = 0) {
  const recent = new RecentInvocations();
  recent.take(settled);
  const asked: unknown[] = [];
  const context = {
    clock: new FakeClock(),
    startedMs: platformStartedMs,
    recent,
    whyNoTemplate: () => 'the runtime makes none',
    attempts: (_account: AccountId, id: string) => Promise.resolve(id === requestId ? rows : []),
    starts: {
      history: {
        find: (...words: unknown[]) => {
          asked.push(words);
          return Promise.resolve(record);
        },
        latestWaitedFor: (...words: unknown[]) => {
          asked.push(words);
          return Promise.resolve(record === undefined ? [] : [record]);
        },
      },
    },
  } as unknown as ControlContext;
  const call = (id: string, query = ''): Call =>
    ({ account, parameters: { requestId: id }, query: new URLSearchParams(query) }) as unknown as Call;
  const why = async (id: string): Promise<ExplainedInvocationView> =>
    JSON.parse((await getInvocation(context, call(id))).body as string) as ExplainedInvocationView;
  return { context, call, why, asked };
}

test('an invocation is explained from its row, with the life of its environment', async () => {
  const { why, asked } = open([usageRow(settled)], { ...life, ended: { timeMs: 9, reason: 'idle', detail: '5 min' } });
  const { attempts } = await why(requestId);
  const [attempt] = attempts;
  assert.deepEqual(asked, [[account, startedMs, 'e1']]);
  assert.deepEqual([attempt?.totalUs, attempt?.receivedMs, attempt?.settledMs], [100_000, startedMs, startedMs + 100]);
  assert.deepEqual(attempt?.phases, settled.phases);
  assert.match(
    attempt?.why ?? '',
    /^Version 3 of 'hello' had not run before, not with these settings, or not since another took its place/,
  );
  assert.match(attempt?.advice ?? '', /own code being loaded \(60 ms\).*: the runtime makes none\.$/);
  assert.match(attempt?.environment?.ended?.why ?? '', /^nobody had called it .* \(5 min\)$/);
});

test('the end of an id finds one of the last, and what is not known is not found', async () => {
  const { why } = open([usageRow(settled)], undefined);
  assert.equal((await why('b5b1d4')).requestId, requestId);
  await assert.rejects(why('b1d'), { code: 'not_found' });
  await assert.rejects(why(requestId.replace('0', '9')), { code: 'not_found', field: 'requestId' });
});

test('a row from before reasons were kept, and an environment that a killed platform took with it', async () => {
  const { startReason: _why, environmentId: _id, environmentStartedMs: _ms, ...old } = usageRow(settled);
  const [before] = (await open([old], life).why(requestId)).attempts;
  assert.match(before?.why ?? '', /not known/);
  assert.equal(before?.environment, undefined);
  const [lost] = (await open([usageRow(settled)], life, startedMs + 1).why(requestId)).attempts;
  assert.equal(lost?.environment?.isLost, true);
  const [living] = (await open([usageRow(settled)], life, startedMs - 1).why(requestId)).attempts;
  assert.equal(living?.environment?.isLost, undefined);
});

test('environments are asked for as the query says', async () => {
  const { context, call, asked } = open([], life);
  const { body } = await listEnvironments(context, call('', 'function=hello&since=7&limit=3'));
  const { environments } = JSON.parse(body as string) as { environments: EnvironmentView[] };
  assert.deepEqual(asked, [[account, { functionName: 'hello', sinceMs: 7, limit: 3 }]]);
  assert.match(environments[0]?.why ?? '', /^Version 3/);
  await assert.rejects(async () => listEnvironments(context, call('', 'limit=0')), { field: 'limit' });
});

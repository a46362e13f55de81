import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UsageRow } from '../metering/usage-row.ts';
import type { LogLine } from '../telemetry/telemetry.ts';
import type { AccountId, EnvironmentId, RequestId, VersionId } from '../util/ids.ts';
import type { LogQuery } from './control-parts.ts';
import { createEarlierInvocations } from './earlier-invocations.ts';

const account = '000000000000' as AccountId;
const startedMs = 1_000;

const line = (timeMs: number, requestId?: string): LogLine => ({
  kind: 'log',
  timeMs,
  account,
  functionName: 'hello',
  version: '1' as VersionId,
  environmentId: 'e1' as EnvironmentId,
  requestId: requestId as RequestId | undefined,
  origin: 'platform',
  text: 'START',
});
const row = (requestId: string, timeMs: number, attempt = 1): UsageRow => ({
  requestId,
  attempt,
  timeMs,
  functionName: 'hello',
  version: '1',
  source: 'http',
  status: 'ok',
  start: 'warm',
  memoryMb: 128,
  handlerUs: 1_500,
  initUs: 0,
  replyUs: 3,
  billedMs: 2,
  requestBytes: 1,
  responseBytes: 2,
});

function setUp(lines: readonly LogLine[], rows: readonly UsageRow[] | 'none') {
  const queries: LogQuery[] = [];
  const { list, lastMs } = createEarlierInvocations({
    startedMs,
    logs: {
      read: async (query) => {
        queries.push(query);
        return lines.filter(({ timeMs }) => timeMs <= (query.untilMs ?? Infinity));
      },
    },
    attempts: async (_, requestId) =>
      rows === 'none' ? assert.fail('no row is read') : rows.filter((one) => one.requestId === requestId),
  });
  return { list, lastMs, queries };
}

test('what ran before the start is found by its lines, newest first, each attempt once, and read once', async () => {
  const lines = [line(10, 'a'), line(11, 'a'), line(20), line(30, 'b'), line(40, 'no-row'), line(1_500, 'later')];
  const rows = [row('a', 12), row('b', 31), row('b', 500, 2), row('b', 2_000, 3), row('later', 1_600)];
  const { list, queries } = setUp(lines, rows);
  const found = await list(account, undefined, 10);
  assert.deepEqual(
    found.map(({ requestId, attempt }) => [requestId, attempt]),
    [
      ['b', 2],
      ['b', 1],
      ['a', 1],
    ],
  );
  assert.deepEqual(found[0]?.phases, {
    queueUs: 0,
    placeUs: 0,
    provisionUs: 0,
    initUs: 0,
    handlerUs: 1_500,
    replyUs: 3,
  });
  assert.equal((await list(account, undefined, 2)).length, 2);
  assert.equal(queries.length, 1);
  await list(account, 'hello', 1);
  assert.deepEqual(
    queries.map(({ functionName, untilMs }) => [functionName, untilMs]),
    [
      [undefined, startedMs],
      ['hello', startedMs],
    ],
  );
});

test('what could not be read is read again', async () => {
  let isBroken = true;
  const { list, lastMs } = createEarlierInvocations({
    startedMs,
    logs: { read: async () => (isBroken ? Promise.reject(new Error('the disk')) : [line(10, 'a')]) },
    attempts: async () => [row('a', 12)],
  });
  await assert.rejects(list(account, undefined, 10), /the disk/);
  await assert.rejects(lastMs(account, 'hello'), /the disk/);
  isBroken = false;
  assert.equal((await list(account, undefined, 10)).length, 1);
  assert.equal(await lastMs(account, 'hello'), 10);
});

test('when a function was called last is in its log, and no row is read for it', async () => {
  const unheard = { ...line(50, 'a'), environmentId: 'platform' as EnvironmentId };
  const { lastMs, queries } = setUp([line(10, 'a'), line(11, 'a'), line(40), unheard, line(1_500, 'later')], 'none');
  assert.equal(await lastMs(account, 'hello'), 11);
  assert.equal(await lastMs(account, 'hello'), 11);
  assert.deepEqual(
    queries.map(({ functionName, limit }) => [functionName, limit]),
    [['hello', 100]],
  );
  assert.equal(await setUp([line(40)], 'none').lastMs(account, 'hello'), undefined);
});

test('of many functions, the last calls are looked up a few at a time, and kept', async () => {
  const names = Array.from({ length: 300 }, (_, number) => `f${number}`);
  let [reading, most, reads] = [0, 0, 0];
  const { lastMs } = createEarlierInvocations({
    startedMs,
    logs: {
      async read() {
        reads += 1;
        reading += 1;
        most = Math.max(most, reading);
        await nextTurn();
        reading -= 1;
        return [line(10, 'a')];
      },
    },
    attempts: () => assert.fail('no row is read'),
  });
  for (let round = 0; round < 2; round += 1) {
    const times = await Promise.all(names.map((name) => lastMs(account, name)));
    assert.ok(times.every((timeMs) => timeMs === 10));
  }
  assert.deepEqual([reads, most], [300, 4]);
});

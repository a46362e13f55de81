import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import type { InvocationSettled } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { AccountId, EnvironmentId, FunctionArn, RequestId, VersionId } from '../util/ids.ts';
import { meteringOperations, rowsOfMonth, rowsOfRequest } from './usage-pack.ts';

const account = '000000000000' as AccountId;
const nowMs = Date.UTC(2026, 10, 21, 12);
const month = '2026-11';

/** Of version 7, at that time. */
function idAt(timeMs: number, count: number): RequestId {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(count).padStart(12, '0')}` as RequestId;
}

function settled(requestId: string, over: Partial<InvocationSettled> = {}): InvocationSettled {
  return {
    kind: 'invocation.settled',
    timeMs: nowMs,
    account,
    functionName: 'hello',
    functionArn: `arn:aws:lambda:us-east-1:${account}:function:hello` as FunctionArn,
    version: '3' as VersionId,
    requestId: requestId as RequestId,
    attempt: 1,
    source: 'http',
    status: 'ok',
    start: 'warm',
    environmentId: 'environment' as EnvironmentId,
    phases: { queueUs: 0, placeUs: 0, provisionUs: 0, initUs: 0, handlerUs: 100, replyUs: 0 },
    billedMs: 1,
    memoryMb: 512,
    memoryBytesMax: 1_000_000,
    requestBytes: 10,
    responseBytes: 20,
    traceId: 'Root=1-0-0',
    ...over,
  };
}

test('rows of one second lie together, and each is found by its request and in its month', async () => {
  const { records } = openMemoryStore({ clock: new FakeClock(nowMs) });
  // In no order: quick ones overtake slow ones.
  const ids = Array.from({ length: 3_000 }, (_, count) => idAt(nowMs - ((count * 7) % 1_000), count));
  for (let at = 0; at < ids.length; at += 500) {
    const operations = meteringOperations(ids.slice(at, at + 500).map((id) => settled(id)));
    assert.ok(operations.length < 10, `${operations.length} records for 500 rows`);
    await records.transact(operations);
  }
  const rows = await Array.fromAsync(rowsOfMonth(records, account, month));
  assert.deepEqual(rows.map(({ requestId }) => requestId).sort(), ids.toSorted());
  for (const requestId of ids.filter((_, count) => count % 37 === 0)) {
    const found = await rowsOfRequest(records, { account, month, requestId, limit: 10 });
    assert.deepEqual(
      found.map((row) => row.requestId),
      [requestId],
    );
  }
  const none = { account, month, requestId: idAt(nowMs - 3, 999_999), limit: 10 };
  assert.deepEqual(await rowsOfRequest(records, none), []);
});

test('what may come again, took longer, or has an id without a time has a key of its own', async () => {
  const alone = [
    settled(idAt(nowMs, 1), { source: 'queue' }),
    settled(idAt(nowMs, 2), { acceptedMs: nowMs }),
    settled(idAt(nowMs, 3), { attempt: 2 }),
    settled(idAt(nowMs - 1_500, 4)),
    settled(idAt(nowMs + 60_000, 5)),
    settled('8f8c9d4e-0000-4000-8000-000000000000'),
  ];
  const { records } = openMemoryStore({ clock: new FakeClock(nowMs) });
  for (let times = 0; times < 2; times += 1) {
    const operations = meteringOperations(alone);
    assert.equal(operations.length, alone.length);
    await records.transact(operations);
  }
  const rows = await Array.fromAsync(rowsOfMonth(records, account, month));
  assert.equal(rows.length, alone.length, 'the same attempt twice is one row');
  for (const { requestId } of alone)
    assert.equal((await rowsOfRequest(records, { account, month, requestId, limit: 10 })).length, 1);
});

test('rows lie together by account and month', () => {
  const other = '111111111111' as AccountId;
  const nextMonthMs = Date.UTC(2026, 11, 1);
  const operations = meteringOperations([
    settled(idAt(nextMonthMs - 1, 1), { timeMs: nextMonthMs - 1 }),
    settled(idAt(nextMonthMs - 1, 2), { timeMs: nextMonthMs }),
    settled(idAt(nextMonthMs - 1, 3), { timeMs: nextMonthMs, account: other }),
  ]);
  const prefixes = operations.map((operation) => 'key' in operation && operation.key.split('/').slice(1, 3).join('/'));
  assert.deepEqual(prefixes, [`${account}/2026-11`, `${account}/2026-12`, `${other}/2026-12`]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import type { Committed, Operation, Records } from '../store/records.ts';
import type { InvocationSettled } from '../telemetry/telemetry.ts';
import { PlatformError } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { AccountId, EnvironmentId, FunctionArn, RequestId, VersionId } from '../util/ids.ts';
import { Meter } from './meter.ts';
import { phasesOf } from './usage-row.ts';

const account = '000000000000' as AccountId;
const month = '2026-11';

function settled(request: string, over: Partial<InvocationSettled> = {}): InvocationSettled {
  return {
    kind: 'invocation.settled',
    timeMs: Date.UTC(2026, 10, 21),
    account,
    functionName: 'hello',
    functionArn: `arn:aws:lambda:us-east-1:${account}:function:hello` as FunctionArn,
    version: '3' as VersionId,
    requestId: request as RequestId,
    attempt: 1,
    source: 'http',
    status: 'ok',
    start: 'warm',
    environmentId: 'environment' as EnvironmentId,
    phases: { queueUs: 0, placeUs: 0, provisionUs: 0, initUs: 0, handlerUs: 1_999_100, replyUs: 0 },
    billedMs: 2_000,
    memoryMb: 512,
    memoryBytesMax: 1_000_000,
    requestBytes: 10,
    responseBytes: 20,
    traceId: 'Root=1-0-0',
    ...over,
  };
}

/** A store whose writes can be refused, and counted. */
function open() {
  const clock = new FakeClock(Date.UTC(2026, 10, 21));
  const { records } = openMemoryStore({ clock });
  const errors: string[] = [];
  const state = { refusal: undefined as Error | undefined, writes: 0 };
  const counted: Records = {
    get: (key) => records.get(key),
    range: (range) => records.range(range),
    async transact(operations: readonly Operation[]): Promise<Committed> {
      state.writes += 1;
      if (state.refusal !== undefined) throw state.refusal;
      return records.transact(operations);
    },
  };
  return {
    clock,
    errors,
    state,
    meter: new Meter({ records: counted, clock, onError: (message) => errors.push(message) }),
  };
}

const rowsOf = (meter: Meter, of = month) => Array.fromAsync(meter.usage({ account, month: of }));

const diskFull = new PlatformError('unavailable', 'database or disk is full');

test('one row for each attempt: the same delivered twice is one, a retry is another', async () => {
  const { meter } = open();
  meter.take(settled('a'));
  meter.take(settled('a'));
  meter.take(settled('a', { attempt: 2, status: 'error' }));
  await meter.flush();
  meter.take(settled('a'));
  meter.take({ kind: 'deployment.applied', timeMs: 0, account, application: 'x', changes: 1 });
  const rows = await rowsOf(meter);
  assert.deepEqual(
    rows.map(({ requestId, attempt, status }) => [requestId, attempt, status]),
    [
      ['a', 1, 'ok'],
      ['a', 2, 'error'],
    ],
  );
  assert.deepEqual(rows[0], {
    requestId: 'a',
    attempt: 1,
    timeMs: Date.UTC(2026, 10, 21),
    functionName: 'hello',
    version: '3',
    source: 'http',
    status: 'ok',
    start: 'warm',
    environmentId: 'environment',
    memoryMb: 512,
    handlerUs: 1_999_100,
    initUs: 0,
    billedMs: 2_000,
    requestBytes: 10,
    responseBytes: 20,
  });
});

test('the attempts of a request are found by its id, in order and months later, and rows from before phases were kept are read', async () => {
  const { meter, clock } = open();
  const reason = { kind: 'idle', endedMs: 5 } as const;
  for (let attempt = 1; attempt <= 11; attempt++) meter.take(settled('a', { attempt }));
  const phases = { queueUs: 1.6, placeUs: 0, provisionUs: 0.2, initUs: 4, handlerUs: 5, replyUs: 6 };
  meter.take(settled('b', { start: 'cold', startReason: reason, environmentStartedMs: 7, phases }));
  await clock.advance(62 * 86_400_000);
  const attempts = await meter.attempts(account, 'a');
  assert.deepEqual(
    attempts.map(({ attempt }) => attempt),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  );
  const [row] = await meter.attempts(account, 'b');
  assert.deepEqual(row?.startReason, reason);
  assert.deepEqual(
    [row?.queueUs, row?.placeUs, row?.provisionUs, row?.environmentStartedMs],
    [2, undefined, undefined, 7],
  );
  assert.ok(row !== undefined);
  assert.deepEqual(phasesOf(row), { queueUs: 2, placeUs: 0, provisionUs: 0, initUs: 4, handlerUs: 5, replyUs: 6 });
  assert.deepEqual(await meter.attempts(account, 'c'), []);
});

test('rows wait a moment for each other, and a flush does not wait', async () => {
  const { clock, state, meter } = open();
  for (let count = 0; count < 100; count++) meter.take(settled(`r${count}`));
  await clock.advance(19);
  assert.equal(state.writes, 0);
  await clock.advance(1);
  assert.equal(state.writes, 1);
  meter.take(settled('more'));
  await meter.flush();
  assert.equal(state.writes, 2);
  await meter.flush();
  assert.equal(state.writes, 2);
});

test('rows lie in the month and the account in which they settled', async () => {
  const { meter } = open();
  meter.take(settled('last of October', { timeMs: Date.UTC(2026, 10, 1) - 1 }));
  meter.take(settled('first of November', { timeMs: Date.UTC(2026, 10, 1) }));
  meter.take(settled('elsewhere', { account: '111111111111' as AccountId }));
  assert.deepEqual(
    (await rowsOf(meter)).map(({ requestId }) => requestId),
    ['first of November'],
  );
  assert.deepEqual(
    (await rowsOf(meter, '2026-10')).map(({ requestId }) => requestId),
    ['last of October'],
  );
  await assert.rejects(rowsOf(meter, '2026-13'), { code: 'invalid_argument', field: 'month' });
});

test('what the store refuses is tried again until it is taken, and said once', async () => {
  const { clock, errors, state, meter } = open();
  state.refusal = diskFull;
  for (let count = 0; count < 2_500; count++) meter.take(settled(`r${count}`));
  let isFlushed = false;
  const flushed = meter.flush().then(() => (isFlushed = true));
  await clock.advance(60_000);
  assert.equal(isFlushed, false);
  assert.equal(errors.length, 1);
  assert.match(errors[0] ?? '', /tried again.*disk is full/);
  assert.ok(state.writes > 5 && state.writes < 30, `${state.writes} tries in a minute`);
  state.refusal = undefined;
  await clock.advance(5_000);
  await flushed;
  assert.equal((await rowsOf(meter)).length, 2_500);
});

test('a bill can be read while the store refuses to write', async () => {
  const { clock, state, meter } = open();
  meter.take(settled('written'));
  await meter.flush();
  state.refusal = diskFull;
  meter.take(settled('waiting'));
  const bill = meter.bill({ account, month });
  await clock.advance(2_000);
  assert.equal((await bill).rows, 1);
});

test('more than memory holds is dropped, counted and said', async () => {
  const { clock, errors, state, meter } = open();
  state.refusal = diskFull;
  for (let count = 0; count < 200_003; count++) meter.take(settled(`r${count}`));
  state.refusal = undefined;
  await clock.advance(10_000);
  await meter.flush();
  assert.match(errors[0] ?? '', /new ones are dropped/);
  assert.match(errors.at(-1) ?? '', /^3 usage rows were dropped/);
});

test('a row that the store does not accept is given up, so that those behind it are kept', async () => {
  const { errors, state, meter } = open();
  state.refusal = new PlatformError('invalid_argument', 'the key is not accepted');
  meter.take(settled('bad'));
  await meter.flush();
  assert.match(errors[0] ?? '', /1 usage rows are lost/);
  state.refusal = undefined;
  meter.take(settled('good'));
  assert.deepEqual(
    (await rowsOf(meter)).map(({ requestId }) => requestId),
    ['good'],
  );
});

test('the bill has a line for each function and one for each free tier, and reconciles to the rows', async () => {
  const { meter } = open();
  for (let count = 0; count < 10; count++) meter.take(settled(`h${count}`));
  meter.take(
    settled('r1', {
      functionName: 'resize',
      status: 'timeout',
      start: 'cold',
      memoryMb: 128,
      billedMs: 8,
      phases: { queueUs: 0, placeUs: 0, provisionUs: 0, initUs: 120_500, handlerUs: 7_200, replyUs: 0 },
    }),
  );
  const bill = await meter.bill({ account, month });
  assert.deepEqual(bill.lines[0], {
    kind: 'function',
    functionName: 'hello',
    requests: 10,
    errors: 0,
    coldStarts: 0,
    billedMs: 20_000,
    gbSeconds: '10.000000',
    initMs: 0,
    requestBytes: 100,
    responseBytes: 200,
    amount: '0.000168667',
  });
  const [, resize, freeRequests, freeDuration] = bill.lines;
  assert.ok(
    resize?.kind === 'function' && freeRequests?.kind === 'free_requests' && freeDuration?.kind === 'free_duration',
  );
  assert.deepEqual([resize.errors, resize.coldStarts, resize.initMs, resize.gbSeconds], [1, 1, 120.5, '0.001000']);
  assert.equal(freeRequests.requests, 11);
  assert.equal(freeDuration.gbSeconds, '10.001000');
  const { total, rows, reconciles, requests, currency, plan, gbSeconds } = bill;
  assert.deepEqual(
    { total, rows, reconciles, requests, currency, plan, gbSeconds },
    {
      total: '0.00',
      rows: 11,
      reconciles: true,
      requests: 11,
      currency: 'USD',
      plan: 'standard',
      gbSeconds: '10.001000',
    },
  );
  const legacy = await meter.bill({ account, month, plan: 'legacy' });
  assert.equal(legacy.lines[1]?.kind === 'function' && legacy.lines[1].billedMs, 100);
});

test('provisioned concurrency has a line of its own: a slot that is said again is counted once, as it was said last', async () => {
  const { meter } = open();
  const kept = (timeMs: number, count: number) =>
    meter.take({
      kind: 'environments.provisioned',
      timeMs,
      account,
      functionName: 'hello',
      version: '3' as VersionId,
      memoryMb: 1_024,
      count,
      slotMs: 300_000,
    });
  const startMs = Date.UTC(2026, 10, 21);
  kept(startMs + 1_000, 1);
  kept(startMs + 2_000, 2);
  kept(startMs + 300_000, 2);
  meter.take(settled('a', { provisioned: true, memoryMb: 1_024, billedMs: 1_000 }));
  const bill = await meter.bill({ account, month });
  assert.deepEqual(bill.lines[1], {
    kind: 'provisioned',
    functionName: 'hello',
    gbSeconds: '1200.000000',
    amount: '0.00500004',
  });
  assert.equal(bill.total, '0.0050099622');
  assert.equal(bill.reconciles, true);
  assert.equal(bill.rows, 1);
});

test('a table has a line: what one process says of its hour last, and what others say beside', async () => {
  const { meter } = open();
  const timeMs = Date.UTC(2026, 10, 21, 5);
  const used = (table: string, counter: string, readUnits: number, writeUnits: number) =>
    meter.take({ kind: 'table.used', timeMs, account, table, counter, readUnits, writeUnits });
  used('orders', 'a/1', 0.5, 1);
  used('orders', 'a/1', 1_000_000.5, 2);
  used('orders', 'a/2', 0, 999_998);
  used('other', 'b/1', 0, 1);
  const bill = await meter.bill({ account, month });
  assert.deepEqual(bill.lines.slice(0, 2), [
    { kind: 'table', table: 'orders', readUnits: 1_000_000.5, writeUnits: 1_000_000, amount: '0.7500000625' },
    { kind: 'table', table: 'other', readUnits: 0, writeUnits: 1, amount: '0.000000625' },
  ]);
  assert.equal(bill.total, '0.7500006875');
  assert.equal(bill.reconciles, true);
  assert.equal(bill.rows, 0);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import type { Records } from '../store/records.ts';
import { PlatformError } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId } from '../util/ids.ts';
import type { Actor, AuditEntry, AuditEvent } from './audit-log/audit-entry.ts';
import { AuditLog } from './audit-log.ts';

const account = '000000000000' as AccountId;
const other = '111111111111' as AccountId;
const dayMs = 86_400_000;

function open(wrap: (records: Records) => Records = (records) => records) {
  const clock = new FakeClock();
  const { records } = openMemoryStore({ clock });
  const troubles: string[] = [];
  const make = () =>
    new AuditLog({ records: wrap(records), clock, ids: randomIds, onError: (message) => troubles.push(message) });
  const actor: Actor = {
    kind: 'user',
    account,
    arn: `arn:aws:iam::${account}:user/ada`,
    accessKeyId: 'AKIA1',
    name: 'ada',
  };
  const event = (operation: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
    id: randomIds.uuid(),
    timeMs: clock.now(),
    account,
    actor,
    service: 'lambda',
    operation,
    resources: [],
    parameters: {},
    from: { address: '127.0.0.1', userAgent: 'test' },
    requestId: 'r',
    result: 'ok',
    isReadOnly: false,
    isData: false,
    count: 1,
    ...more,
  });
  const operations = async (log: AuditLog, of = account) =>
    (await log.page({ account: of, limit: 1_000 })).entries.map(({ operation, count }) =>
      count === 1 ? operation : `${operation} x${count}`,
    );
  return { clock, records, log: make(), make, event, actor, operations, troubles };
}

const stored = async (records: Records, sequence: number) =>
  (await records.get(`audit/${account}/${String(sequence).padStart(15, '0')}`))?.value as AuditEntry;
const put = (records: Records, sequence: number, value: unknown) =>
  records.transact([{ kind: 'put', key: `audit/${account}/${String(sequence).padStart(15, '0')}`, value }]);

test('each account has a chain of its own, newest first, and it goes on where it was when opened again', async () => {
  const { log, make, event, operations } = open();
  await Promise.all(['A', 'B', 'C'].map((name) => log.append(event(name))));
  await log.append(event('Theirs', { account: other }));
  const again = make();
  await again.append(event('D'));
  assert.deepEqual(await operations(again), ['D', 'C', 'B', 'A']);
  assert.deepEqual(await operations(again, other), ['Theirs']);
  const report = await again.verify(account);
  assert.deepEqual([report.entries, report.faults, report.head?.sequence], [4, [], 4]);
});

describe('a chain shows', () => {
  async function five() {
    const opened = open();
    for (const name of ['A', 'B', 'C', 'D', 'E']) await opened.log.append(opened.event(name));
    const { head } = await opened.log.verify(account);
    assert.ok(head);
    const problems = async () => (await opened.log.verify(account, head)).faults.map(({ problem }) => problem);
    assert.deepEqual(await problems(), []);
    return { ...opened, head, problems };
  }

  test('what was changed', async () => {
    const { records, problems } = await five();
    await put(records, 3, { ...(await stored(records, 3)), operation: 'Harmless' });
    assert.deepEqual(await problems(), [
      'entry 3 was changed after it was written',
      'entry 4 does not continue entry 3',
    ]);
  });

  test('what was taken out of it', async () => {
    const { records, problems } = await five();
    await records.transact([{ kind: 'delete', key: `audit/${account}/000000000000003` }]);
    assert.deepEqual(await problems(), ['entries 3 to 3 are missing']);
  });

  test('what was cut off at its beginning', async () => {
    const { records, problems } = await five();
    await records.transact([{ kind: 'delete', key: `audit/${account}/000000000000001` }]);
    assert.deepEqual(await problems(), ['entries before 2 were removed, and the log does not say so']);
  });

  test('to who knows an entry, what was cut off at its end, and that all of it was written anew', async () => {
    const { records, problems, event, log } = await five();
    await records.transact([{ kind: 'delete', key: `audit/${account}/000000000000005` }]);
    assert.deepEqual(await problems(), ['entry 5 is not there any more']);
    // The log itself has its end in mind.
    await log.append(event('F'));
    assert.deepEqual(await problems(), ['entry 5 is not there any more', 'entries 5 to 5 are missing']);
    const { make, event: anew, records: fresh } = open();
    const forged = make();
    for (const name of ['A', 'B', 'X', 'D', 'E']) await forged.append(anew(name));
    for (const sequence of [1, 2, 3, 4, 5]) await put(records, sequence, await stored(fresh, sequence));
    await records.transact([{ kind: 'delete', key: `audit/${account}/000000000000006` }]);
    assert.deepEqual(await problems(), ['entry 5 is not the one that was expected there']);
  });
});

test('what is refused over and over is told once and then counted, and strangers share one line', async () => {
  const { log, event, actor, clock, operations } = open();
  const denied = { result: 'denied', error: { code: 'AccessDenied', message: 'no' } } as const;
  const stranger = (key: string): Partial<AuditEvent> => ({
    ...denied,
    actor: { ...actor, kind: 'unknown', accessKeyId: key },
  });
  for (let i = 0; i < 50; i += 1) await log.append(event('GetObject', { ...denied, isData: true }));
  await log.append(event('PutObject', denied));
  for (let i = 0; i < 50; i += 1) await log.append(event('Any', stranger(`AKIA${i}`)));
  assert.deepEqual(await operations(log), ['Any', 'PutObject', 'GetObject']);
  await clock.advance(10_000);
  assert.deepEqual(await operations(log), ['Any x49', 'GetObject x49', 'Any', 'PutObject', 'GetObject']);
  await log.append(event('GetObject', denied));
  assert.equal((await operations(log))[0], 'GetObject');
});

test('what only looks is told once and counted likewise', async () => {
  const { log, event, clock, operations } = open();
  for (let i = 0; i < 5; i += 1) await log.append(event('GetFunction', { isReadOnly: true, resources: ['a'] }));
  await log.append(event('GetFunction', { isReadOnly: true, resources: ['b'] }));
  await clock.advance(10_000);
  assert.deepEqual(await operations(log), ['GetFunction x4', 'GetFunction', 'GetFunction']);
});

test('entries go when they are too old, all but the last, and the log says so and still holds together', async () => {
  const { log, event, clock, operations } = open();
  for (const name of ['A', 'B', 'C']) await log.append(event(name));
  await clock.advance(89 * dayMs);
  await log.append(event('D'));
  await clock.advance(2 * dayMs);
  await log.removeOld();
  assert.deepEqual(await operations(log), ['RemoveOldEntries', 'D']);
  assert.deepEqual((await log.verify(account)).faults, []);
  await log.removeOld();
  assert.deepEqual(await operations(log), ['RemoveOldEntries', 'D']);
});

test('pages, spans of time and what is wanted', async () => {
  const { log, event, clock } = open();
  const startMs = clock.now();
  for (let minute = 0; minute < 500; minute += 1) {
    await log.append(event(minute % 100 === 0 ? 'Rare' : 'Common', { parameters: { minute } }));
    await clock.advance(60_000);
  }
  const minutes = (entries: readonly AuditEntry[]) => entries.map(({ parameters }) => parameters['minute']);
  const first = await log.page({ account, limit: 3 });
  assert.deepEqual(minutes(first.entries), [499, 498, 497]);
  assert.ok(first.next);
  assert.deepEqual(minutes((await log.page({ account, limit: 2, before: first.next })).entries), [496, 495]);
  const span = { account, fromMs: startMs + 60_000, untilMs: startMs + 3 * 60_000, limit: 10 };
  assert.deepEqual(await log.page(span).then(({ entries, next }) => [minutes(entries), next]), [[3, 2, 1], undefined]);
  const rare = await log.page({ account, limit: 10, wanted: ({ operation }) => operation === 'Rare' });
  assert.deepEqual(minutes(rare.entries), [400, 300, 200, 100, 0]);
});

test('a disk that refuses is waited for, and nothing is out of order afterwards', async () => {
  let refusals = 2;
  const { log, event, clock, operations, troubles } = open((records) => ({
    get: (key) => records.get(key),
    range: (range) => records.range(range),
    transact: (wanted) =>
      refusals-- > 0 ? Promise.reject(new PlatformError('unavailable', 'full')) : records.transact(wanted),
  }));
  const appended = Promise.all(['A', 'B', 'C'].map((name) => log.append(event(name))));
  await clock.advance(5_000);
  await appended;
  assert.deepEqual(await operations(log), ['C', 'B', 'A']);
  assert.deepEqual((await log.verify(account)).faults, []);
  assert.equal(troubles.length, 1);
});

test('nobody waits for a disk that refuses for longer than for one that works, and nothing is lost by it', async () => {
  let isFull = true;
  const { log, event, clock, operations } = open((records) => ({
    get: (key) => records.get(key),
    range: (range) => records.range(range),
    transact: (wanted) =>
      isFull ? Promise.reject(new PlatformError('unavailable', 'full')) : records.transact(wanted),
  }));
  const answered = log.record(event('DeleteQueue'));
  await log.record(event('ListQueues', { isReadOnly: true }));
  await log.record(event('CreateQueue', { result: 'failed' }));
  await clock.advance(2_000);
  await answered;
  const looked = log.page({ account, limit: 10 });
  await clock.advance(2_000);
  assert.deepEqual((await looked).entries, [], 'who looks at it meanwhile is answered with what is there');
  isFull = false;
  await clock.advance(1_000);
  assert.deepEqual(await operations(log), ['CreateQueue', 'ListQueues', 'DeleteQueue']);
});

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { BindingSource } from '../registry/binding.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { scheduleSource } from './schedule.ts';
import { rig, type SourceRig } from './source-rig.ts';

const every = (expression: string, more: Partial<BindingSource & { kind: 'schedule' }> = {}): BindingSource => ({
  kind: 'schedule',
  expression,
  timeZone: 'UTC',
  enabled: true,
  ...more,
});
const minute = 60_000;
const hour = 60 * minute;

const timesOf = ({ invoker }: SourceRig): string[] =>
  invoker.invocations.map(({ event }) => JSON.parse(Buffer.from(event).toString()).time as string);

test('a rate fires each time its period is over, with EventBridge’s event', async () => {
  const one = await rig(scheduleSource);
  await one.bind('tick', every('rate(5 minutes)'));
  await one.clock.advance(16 * minute);
  assert.deepEqual(timesOf(one), ['2026-01-01T00:05:00Z', '2026-01-01T00:10:00Z', '2026-01-01T00:15:00Z']);
  const event = JSON.parse(Buffer.from(one.invoker.invocations[0]?.event ?? []).toString());
  assert.deepEqual(
    { ...event, resources: event.resources.map((arn: string) => arn.replace(/[0-9a-f]{8}$/, '…')) },
    {
      version: '0',
      id: one.invoker.invocations[0]?.requestId,
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: '2026-01-01T00:05:00Z',
      region: 'us-east-1',
      resources: ['arn:aws:events:us-east-1:000000000000:rule/tick-…'],
      detail: {},
    },
  );
});

const fixture = new URL('../../../shared/fixtures/events/eventbridge/base.json', import.meta.url);
test(
  'the event has the members of every EventBridge event',
  { skip: existsSync(fixture) ? false : 'the shared fixtures are not beside this checkout' },
  async () => {
    const one = await rig(scheduleSource);
    await one.bind('tick', every('rate(1 minute)'));
    await one.clock.advance(minute);
    const { 'replay-name': _replayName, ...expected } = JSON.parse(readFileSync(fixture, 'utf8'));
    const event = JSON.parse(Buffer.from(one.invoker.invocations[0]?.event ?? []).toString());
    assert.deepEqual(Object.keys(event).sort(), Object.keys(expected).sort());
  },
);

test('midnight in Zurich comes once a day, also when the clocks change', async () => {
  const clock = new FakeClock(Date.UTC(2026, 2, 27, 12));
  const one = await rig(scheduleSource, { clock });
  await one.bind('nightly', every('cron(0 0 * * ? *)', { timeZone: 'Europe/Zurich' }));
  await clock.advance(4 * 24 * hour);
  assert.deepEqual(timesOf(one), [
    '2026-03-27T23:00:00Z',
    '2026-03-28T23:00:00Z',
    '2026-03-29T22:00:00Z',
    '2026-03-30T22:00:00Z',
  ]);
});

test('the input of a schedule is the event, and a disabled schedule does not fire', async () => {
  const one = await rig(scheduleSource);
  await one.bind('tick', every('rate(1 minute)', { input: '{"job":"clean"}' }));
  await one.bind('never', every('rate(1 minute)', { enabled: false }));
  await one.clock.advance(minute);
  assert.deepEqual(
    one.invoker.invocations.map(({ functionName, event }) => [functionName, Buffer.from(event).toString()]),
    [['tick', '{"job":"clean"}']],
  );
});

test('one that was made just before the platform went down fires for what fell due meanwhile', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const first = await rig(scheduleSource, { clock, store });
  await first.stop();
  // Told that it is there, before the source had seen it.
  await first.bind('tick', every('cron(1 0 1 1 ? 2026)'));
  await clock.advance(2 * minute);
  const second = await rig(scheduleSource, { clock, store });
  await clock.advance(0);
  assert.equal(second.invoker.invocations.length, 1);
});

test('what fell due while the platform was down fires once at the start, and then as before', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const first = await rig(scheduleSource, { clock, store });
  await first.bind('tick', every('cron(0 * * * ? *)'));
  await clock.advance(hour + minute);
  assert.deepEqual(timesOf(first), ['2026-01-01T01:00:00Z']);
  await first.stop();
  await clock.advance(5 * hour);
  const second = await rig(scheduleSource, { clock, store });
  await clock.advance(minute);
  assert.deepEqual(timesOf(second), ['2026-01-01T06:00:00Z']);
  await clock.advance(hour);
  assert.deepEqual(timesOf(second), ['2026-01-01T06:00:00Z', '2026-01-01T07:00:00Z']);
});

test('deploying the same schedule again does not start its rate over', async () => {
  const one = await rig(scheduleSource);
  const binding = await one.bind('tick', every('rate(5 minutes)'));
  for (let deploy = 0; deploy < 8; deploy++) {
    await one.clock.advance(2 * minute);
    await one.bindings.put({ ...binding, createdMs: one.clock.now() });
  }
  assert.deepEqual(timesOf(one), ['2026-01-01T00:05:00Z', '2026-01-01T00:10:00Z', '2026-01-01T00:15:00Z']);
});

test('a schedule that is deleted stops, and one that was disabled does not catch up', async () => {
  const one = await rig(scheduleSource);
  const gone = await one.bind('gone', every('rate(1 minute)'));
  const paused = await one.bind('paused', every('rate(1 minute)'));
  await one.clock.advance(minute);
  await one.bindings.delete(gone.account, gone.id);
  await one.bindings.put({ ...paused, source: every('rate(1 minute)', { enabled: false }) });
  await one.clock.advance(10 * minute);
  assert.equal(one.invoker.invocations.length, 2);
  assert.deepEqual(await one.store.records.range({ prefix: 'schedule/', limit: 10 }), []);
  await one.bindings.put(paused);
  await one.clock.advance(30_000);
  assert.equal(one.invoker.invocations.length, 2);
  await one.clock.advance(30_000);
  assert.equal(one.invoker.invocations.length, 3);
});

test('two platforms on one store fire a due time once between them', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const first = await rig(scheduleSource, { clock, store });
  await first.bind('tick', every('rate(1 minute)'));
  const second = await rig(scheduleSource, { clock, store });
  await clock.advance(10 * minute);
  const both = [...first.invoker.invocations, ...second.invoker.invocations];
  assert.equal(both.length, 10);
  assert.equal(new Set(both.map(({ requestId }) => requestId)).size, 10);
});

test('a schedule that cannot be fired is reported and tried again, and holds up no other', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  let failures = 2;
  const transact = store.records.transact.bind(store.records);
  const one = await rig(scheduleSource, { clock, store });
  store.records.transact = (operations) =>
    operations.some((each) => each.kind === 'append' && each.topic.endsWith('/sick')) && failures-- > 0
      ? Promise.reject(new Error('disk full'))
      : transact(operations);
  await one.bind('sick', every('rate(5 minutes)'));
  await one.bind('well', every('rate(5 minutes)'));
  await clock.advance(6 * minute);
  assert.deepEqual(one.invoker.invocations.map(({ functionName }) => functionName).sort(), ['sick', 'well']);
  assert.deepEqual(timesOf(one), ['2026-01-01T00:05:00Z', '2026-01-01T00:05:00Z']);
  assert.equal(one.reports.length, 2);
  assert.match(one.reports[0] ?? '', /"rate\(5 minutes\)" of sick could not be fired; trying again: Error: disk full/);
});

test('a thousand schedules that fall due together do not wait for the disk one after the other', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const one = await rig(scheduleSource, { clock, store });
  for (let n = 0; n < 1_000; n += 1) await one.bind(`tick${n}`, every('rate(1 minute)'));
  await clock.advance(1);
  const transact = store.records.transact.bind(store.records);
  store.records.transact = async (operations) => {
    await new Promise<void>((resolve) => clock.schedule(20, resolve));
    return transact(operations);
  };
  await clock.advance(minute + 1_000);
  assert.equal(new Set(one.invoker.invocations.map(({ functionName }) => functionName)).size, 1_000);
});

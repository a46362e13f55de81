/**
 * Event buses and schedules on a platform that dies again and again: what was accepted reaches every target of every rule,
 * and each due time of a schedule is sent once. `MAYFLY_SEED` replays one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noExtras, type FunctionSettings } from '../registry/function.ts';
import { openBindings } from '../registry/open-bindings.ts';
import type { Registry } from '../registry/registry.ts';
import type { Buckets } from '../resources/bucket.ts';
import type { BusEvent } from '../resources/event-bus/bus-event.ts';
import { EventBuses } from '../resources/event-bus/event-buses.ts';
import { Queues } from '../resources/queue.ts';
import { Schedules } from '../resources/scheduler/schedules.ts';
import { Topics } from '../resources/topic.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { derivedUuid, randomIds, type AccountId } from '../util/ids.ts';
import { Asynchronous } from './asynchronous.ts';
import { createBusSource } from './bus.ts';
import { FakeInvoker } from './fake-invoker.ts';
import { Life, random } from './life.ts';
import { createSchedulerSource } from './scheduler.ts';
import { startSources } from './source.ts';

const account = '000000000000' as AccountId;
const region = 'us-east-1';
const eventsEach = 30;
const buckets: Pick<Buckets, 'put'> = { put: () => assert.fail('nothing is put into a bucket here') };
const settings = { attemptsMax: 1, eventAgeMaxMs: 86_400_000 } as FunctionSettings;
const registry = {
  resolve: () => ({ version: { settings }, function: { extras: noExtras } }) as ReturnType<Registry['resolve']>,
};
const arn = (queue: string): string => `arn:aws:sqs:${region}:${account}:${queue}`;
const roleArn = `arn:aws:iam::${account}:role/any`;

const seeds =
  process.env['MAYFLY_SEED'] === undefined
    ? Array.from({ length: 40 }, (_, each) => each + 1)
    : [Number(process.env['MAYFLY_SEED'])];

function eventOf(seed: number, n: number): BusEvent {
  return {
    id: derivedUuid(String(seed), String(n)),
    account,
    region,
    source: 'test',
    detailType: 'Told',
    detail: JSON.stringify({ n, isOdd: n % 2 === 1 }),
    resources: [],
    timeMs: n,
    cause: { traceId: `Root=1-00000000-${'0'.repeat(24)}`, hops: {} },
  };
}

for (const seed of seeds) {
  test(`no accepted event is lost to any target, and what is due is sent once (seed ${seed})`, async () => {
    const next = random(seed);
    const clock = new FakeClock();
    const store = openMemoryStore({ clock });
    const parts = { ...store, clock, ids: randomIds };
    const atRest = await Queues.open(parts);
    for (const queue of ['all', 'odd', 'due']) await atRest.create(account, queue);
    const busesAtRest = await EventBuses.open(parts);
    const rule = { state: 'ENABLED', tags: {} } as const;
    const target = { id: 'queue', input: { kind: 'path', path: '$.detail.n' }, retry: {}, roleArn } as const;
    await busesAtRest.putRule(account, 'default', 'all', () => ({ ...rule, pattern: '{"source":["test"]}' }));
    await busesAtRest.putTargets(account, 'default', 'all', [
      { ...target, arn: arn('all') },
      { ...target, id: 'function', arn: `arn:aws:lambda:${region}:${account}:function:hello` },
    ]);
    await busesAtRest.putRule(account, 'default', 'odd', () => ({ ...rule, pattern: '{"detail":{"isOdd":[true]}}' }));
    await busesAtRest.putTargets(account, 'default', 'odd', [{ ...target, arn: arn('odd') }]);
    const schedulesAtRest = await Schedules.open(parts);
    const endMs = clock.now() + 10 * 60_000;
    await schedulesAtRest.create(account, 'default', 'each-minute', {
      expression: 'rate(1 minute)',
      timeZone: 'UTC',
      endMs,
      isEnabled: true,
      windowMs: 0,
      isDeletedWhenOver: true,
      target: { arn: arn('due'), roleArn, input: '"<aws.scheduler.scheduled-time>"', retry: {} },
    });

    const accepted = new Set<number>();
    const invoked = new Set<number>();
    const offers = Array.from({ length: eventsEach }, (_, n) => n);

    const live = async (life: Life): Promise<void> => {
      const [log, records] = [life.over(store.log), life.overRecords(store.records)];
      const common = { log, records, clock, ids: randomIds };
      const queues = await Queues.open(common);
      const topics = await Topics.open(common);
      const buses = await EventBuses.open(common);
      const schedules = await Schedules.open(common);
      const bindings = await openBindings({ records });
      const telemetry = new Telemetry();
      const invoker = new FakeInvoker({ clock, telemetry }, ({ event }) => {
        if (life.dead) return new Promise(() => {});
        invoked.add(JSON.parse(Buffer.from(event).toString()) as number);
        return { status: 'ok' };
      });
      const wired = { ...common, queues, bindings, telemetry, invoker, report: () => {} };
      const asynchronous = await Asynchronous.open({ ...wired, region, buckets, topics, buses, registry });
      const source = createBusSource({
        buses,
        topics,
        callDestination: () => assert.fail('nothing is called here'),
        serviceCalls: { call: () => assert.fail('no service is called here') },
        mayInvoke: () => 'allowed',
        roles: { whyNot: () => undefined, watch: () => ({ stop: () => undefined }) },
        maySend: () => 'allowed',
        mayPublish: () => 'allowed',
        mayPut: () => 'allowed',
      });
      const notices = { send: () => Promise.resolve(), onBus: () => undefined };
      startSources([source, createSchedulerSource({ schedules, buses })], { ...wired, region, asynchronous, notices });
      for (let n = offers.shift(); n !== undefined && !life.dead; n = offers.shift()) {
        const one = n;
        await buses.putEvents(account, [{ bus: 'default', event: eventOf(seed, one) }]).then(() => accepted.add(one));
        if (next() < 0.3) await clock.advance(Math.floor(next() * 1_500));
      }
    };

    for (let lives = 0; lives < 12; lives++) {
      const life = new Life(1 + Math.floor(next() * 60), next);
      void live(life);
      for (let step = 0; step < 40 && !life.dead; step++) await clock.advance(Math.floor(next() * 800));
      life.dead = true;
      await clock.advance(Math.floor(next() * 5_000));
    }
    const last = new Life(Number.POSITIVE_INFINITY, next);
    void live(last);
    await clock.advance(900_000);

    const bodiesIn = async (queue: string): Promise<unknown[]> =>
      (await atRest.receive(account, queue, { max: 1_000 })).map(({ body }) => JSON.parse(body) as unknown);
    const [all, odd] = [new Set(await bodiesIn('all')), new Set(await bodiesIn('odd'))];
    assert.ok(accepted.size > 0);
    for (const n of accepted) {
      assert.ok(all.has(n), `${n} is in the queue of the one rule`);
      assert.ok(invoked.has(n), `${n} has reached the function`);
      assert.equal(odd.has(n), n % 2 === 1, `${n} in the queue of the other rule`);
    }
    const due = (await bodiesIn('due')).map((time) => Date.parse(String(time)));
    assert.equal(new Set(due).size, due.length, 'no due time is sent twice');
    // Times that passed while nobody lived are one, but the last ones of all were lived through.
    assert.ok(due.includes(endMs), 'the last due time is sent');
    assert.deepEqual([...schedulesAtRest.all()].length, 1);
    assert.deepEqual(
      await store.records.range({ prefix: 'scheduled/', limit: 1 }),
      [],
      'the schedule is gone when it is over',
    );
    last.dead = true;
  });
}

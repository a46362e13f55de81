/**
 * Asynchronous delivery against a platform that is killed at random points: before or after any call to the log or
 * to the usage sink takes effect. The seed is in the test's name; MAYFLY_SEED=<n> replays one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noExtras, type EventInvoke, type FunctionExtras } from '../registry/function.ts';
import type { Registry } from '../registry/registry.ts';
import type { Buckets } from '../resources/bucket.ts';
import { Queues } from '../resources/queue.ts';
import type { Topics } from '../resources/topic.ts';
import type { Log } from '../store/log.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry, type InvocationSettled } from '../telemetry/telemetry.ts';
import { newCause } from '../util/cause.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { derivedUuid, randomIds, type AccountId, type RequestId } from '../util/ids.ts';
import { Asynchronous } from './asynchronous.ts';
import { FakeInvoker, type FakeOutcome } from './fake-invoker.ts';
import { accountOf } from './conservation.ts';
import { Life, random } from './life.ts';

const account = '000000000000' as AccountId;
const attemptsMax = 3;
const eventCount = 30;
const registryOf = (extras: FunctionExtras) => ({
  resolve: () =>
    ({
      version: { settings: { attemptsMax, eventAgeMaxMs: 86_400_000 } },
      function: { extras },
    }) as ReturnType<Registry['resolve']>,
});
const noTopics: Pick<Topics, 'publish'> = { publish: () => assert.fail('nothing is published here') };
const noBuses = { putEvents: () => assert.fail('nothing is put on a bus here') };
const buckets: Pick<Buckets, 'put'> = { put: () => assert.fail('nothing is put into a bucket here') };
const told: EventInvoke = {
  onSuccess: 'arn:aws:sqs:us-east-1:000000000000:told',
  onFailure: 'arn:aws:sqs:us-east-1:000000000000:failed',
  modifiedMs: 0,
};

const seeds =
  process.env['MAYFLY_SEED'] === undefined
    ? Array.from({ length: 40 }, (_, each) => each + 1)
    : [Number(process.env['MAYFLY_SEED'])];

for (const seed of seeds) {
  test(`every accepted event is settled or dead, and none is lost, when the platform dies again and again (seed ${seed})`, async () => {
    const next = random(seed);
    const clock = new FakeClock();
    const store = openMemoryStore({ clock });
    const usage = new Map<string, InvocationSettled['status']>();
    const accepted = new Set<string>();
    const offered = Array.from(
      { length: eventCount },
      (_, each) => derivedUuid(String(seed), String(each)) as RequestId,
    );

    /** What a function does with an attempt is the same however often a crash repeats it. */
    const failsUntil = new Map(
      offered.map((id) => [id, next() < 0.25 ? attemptsMax : Math.floor(next() * attemptsMax)]),
    );
    const toOffer = [...offered];
    /** Every other seed has destinations, which are to hear of each event once. */
    const hasDestinations = seed % 2 === 0;
    const extras = hasDestinations ? { ...noExtras, eventInvokes: { $LATEST: told } } : noExtras;
    const atRest = await Queues.open({ ...store, clock, ids: randomIds });
    for (const name of ['told', 'failed']) await atRest.create(account, name);

    const live = async (life: Life): Promise<void> => {
      const telemetry = new Telemetry();
      let unwritten: InvocationSettled[] = [];
      telemetry.attach({
        take: (one) => void (one.kind === 'invocation.settled' && unwritten.push(one)),
        flush: () =>
          life.call(async () => {
            for (const row of unwritten) {
              const key = `${row.requestId} ${row.attempt}`;
              if (!usage.has(key)) usage.set(key, row.status);
            }
            unwritten = [];
          }),
      });
      const decide = async ({
        requestId,
        attempt,
      }: {
        requestId: RequestId;
        attempt: number;
      }): Promise<FakeOutcome> => {
        if (life.dead) return new Promise(() => {});
        if (next() < 0.1) return { status: 'throttled', reason: 'account', retryAfterMs: 100 };
        await new Promise((resolve) => setImmediate(resolve));
        const fails = attempt <= (failsUntil.get(requestId) ?? 0);
        return fails ? { status: 'function_error', errorMessage: 'no' } : { status: 'ok' };
      };
      const log = life.over(store.log);
      const queues = await Queues.open({ records: store.records, log, clock, ids: randomIds });
      const asynchronous = await Asynchronous.open({
        region: 'us-east-1',
        log,
        queues,
        buckets,
        topics: noTopics,
        buses: noBuses,
        registry: registryOf(extras),
        invoker: new FakeInvoker({ clock, telemetry }, decide),
        telemetry,
        clock,
        ids: randomIds,
        report: () => {},
        retryDelaysMs: [1_000, 2_000],
        concurrencyMax: 4,
      });
      for (let id = toOffer.shift(); id !== undefined && !life.dead; id = toOffer.shift()) {
        const requestId = id;
        const cause = newCause(0, '0'.repeat(24));
        void asynchronous
          .enqueue({ requestId, account, functionName: 'hello', event: '{}', source: 'api', cause })
          .then(() => accepted.add(requestId));
        if (next() < 0.3) await clock.advance(Math.floor(next() * 1_500));
      }
    };

    for (let lives = 0; lives < 12; lives++) {
      const life = new Life(1 + Math.floor(next() * 40), next);
      void live(life);
      for (let step = 0; step < 40 && !life.dead; step++) await clock.advance(Math.floor(next() * 800));
      life.dead = true;
      await clock.advance(Math.floor(next() * 5_000));
    }
    void live(new Life(Number.POSITIVE_INFINITY, next));
    await clock.advance(600_000);

    assert.deepEqual(await store.log.depth('invoke/000000000000/hello'), { ready: 0, delayed: 0, leased: 0 });
    const {
      accepted: taken,
      ends,
      unaccounted,
    } = accountOf('invoke/000000000000/hello', await store.log.balance('invoke/000000000000/hello'));
    assert.deepEqual([taken, unaccounted], [ends.succeeded + ends.dead, 0], 'events add up through every crash');
    const recordsIn = async (queue: string): Promise<{ requestContext: { requestId: string } }[]> =>
      (await atRest.receive(account, queue, { max: 1_000 })).map(({ body }) => JSON.parse(body));
    const letters = hasDestinations
      ? (await recordsIn('failed')).map(({ requestContext }) => requestContext.requestId)
      : (await store.log.peek('dead/000000000000/hello', 1_000)).map(({ id }) => id);
    const dead = new Set(letters);
    assert.equal(dead.size, letters.length);
    const successes = (await recordsIn('told')).map(({ requestContext }) => requestContext.requestId);
    assert.equal(new Set(successes).size, successes.length, 'no success is told twice');
    if (hasDestinations) {
      const succeeded = offered.filter((id) => [1, 2, 3].some((attempt) => usage.get(`${id} ${attempt}`) === 'ok'));
      assert(succeeded.length > 0);
      assert.deepEqual(successes.toSorted(), succeeded.toSorted(), 'every success is told');
    }
    assert(accepted.size > 0);
    for (const id of offered) {
      const statuses = [1, 2, 3, 4].map((attempt) => usage.get(`${id} ${attempt}`));
      const ran = statuses.filter((status) => status !== undefined);
      if (ran.length === 0 && !dead.has(id)) {
        assert(!accepted.has(id), `${id} was accepted and is lost`);
        continue;
      }
      const fails = failsUntil.get(id) ?? 0;
      const expected = fails >= attemptsMax ? ['error', 'error', 'error'] : [...Array(fails).fill('error'), 'ok'];
      assert.deepEqual(ran, expected, `the attempts of ${id}`);
      assert.deepEqual(statuses.slice(0, expected.length), expected, 'no attempt is left out');
      assert.equal(dead.has(id), fails >= attemptsMax, `${id} is dead if and only if it never succeeded`);
    }
  });
}

test('an event that was given up does not run again when the platform dies before acknowledging it', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const telemetry = new Telemetry();
  const queues = await Queues.open({ ...store, clock, ids: randomIds });
  const parts = (log: Log, outcome: FakeOutcome) => {
    const invoker = new FakeInvoker({ clock, telemetry }, () => outcome);
    return {
      region: 'us-east-1',
      log,
      queues,
      buckets,
      topics: noTopics,
      buses: noBuses,
      registry: registryOf(noExtras),
      invoker,
      telemetry,
      clock,
      ids: randomIds,
      report: () => {},
      retryDelaysMs: [1],
    };
  };
  const life = new Life(Number.POSITIVE_INFINITY, () => 0);
  const dying: Log = { ...life.over(store.log), acknowledge: () => new Promise(() => {}) };
  const first = await Asynchronous.open(parts(dying, { status: 'function_error', errorMessage: 'no' }));
  const requestId = derivedUuid('a') as RequestId;
  const cause = newCause(0, '0'.repeat(24));
  await first.enqueue({ requestId, account, functionName: 'hello', event: '{}', source: 'api', cause });
  await clock.advance(100);
  assert.equal(await first.deadLetterCount(account, 'hello'), 1);
  life.dead = true;

  const again = parts(store.log, { status: 'ok' });
  const second = await Asynchronous.open(again);
  await clock.advance(100);
  assert.equal(again.invoker.invocations.length, 0);
  assert.equal(await second.deadLetterCount(account, 'hello'), 1);
  assert.deepEqual(await second.backlog(account, 'hello'), { ready: 0, delayed: 0, leased: 0 });
});

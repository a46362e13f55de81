import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import type { Log } from '../store/log.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { Conservation } from './conservation.ts';
import { random } from './life.ts';

const topic = 'invoke/000000000000/hello';

function watch(log: Log, clock: FakeClock) {
  const alarms: string[] = [];
  return { alarms, conservation: new Conservation({ log, clock, alarm: (message) => void alarms.push(message) }) };
}

const add = (log: Log, ...ids: string[]) =>
  log.append(
    topic,
    ids.map((id) => ({ id, body: '{}' })),
  );

test('what was accepted is what succeeded, was given up and is in flight, and Prometheus is told', async () => {
  const clock = new FakeClock();
  const { log } = openMemoryStore({ clock });
  const { alarms, conservation } = watch(log, clock);
  await add(log, 'a', 'b', 'c');
  const [a, b] = await log.receive(topic, { max: 2, leaseMs: 1_000 });
  assert.ok(a && b);
  await log.acknowledge(topic, [a.receipt], { as: 'succeeded' });
  await log.acknowledge(topic, [b.receipt], { as: 'dead' });
  const text = await conservation.prometheus();
  const labels = 'kind="function",name="000000000000/hello"';
  for (const line of [
    `mayfly_events_accepted_total{${labels}} 3`,
    `mayfly_events_ended_total{${labels},outcome="succeeded"} 1`,
    `mayfly_events_ended_total{${labels},outcome="dead"} 1`,
    `mayfly_events_in_flight{${labels}} 1`,
    `mayfly_events_unaccounted{${labels}} 0`,
  ])
    assert.ok(text.includes(`${line}\n`), `${line} in\n${text}`);
  assert.deepEqual(alarms, []);
  await conservation[Symbol.asyncDispose]();
});

test('an event that is gone without a word raises one alarm, for as long as it is not accounted for', async () => {
  const clock = new FakeClock();
  const { log } = openMemoryStore({ clock });
  const { alarms, conservation } = watch(log, clock);
  await add(log, 'a', 'b');
  const [a] = await log.receive(topic, { max: 1, leaseMs: 1_000 });
  assert.ok(a);
  await log.acknowledge(topic, [a.receipt]);
  await clock.advance(30_000);
  await clock.advance(30_000);
  assert.deepEqual(alarms, [
    'ALARM: events do not add up in function 000000000000/hello: of 2 accepted, with 1 in flight, 1 are lost or left without a word',
  ]);
  assert.deepEqual(
    conservation.differences.map(({ name, unaccounted }) => [name, unaccounted]),
    [['000000000000/hello', 1]],
  );
  await conservation[Symbol.asyncDispose]();
});

test('a message that is lost on the disk is missed, also after a restart', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-conservation-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const clock = new FakeClock();
  const first = await openSqliteStore({ folder, clock });
  await add(first.log, 'a', 'b', 'c');
  await first.log.append('queue/000000000000/jobs/life', [{ id: 'm', body: '{}' }]);
  await first[Symbol.asyncDispose]();

  const database = new DatabaseSync(join(folder, 'mayfly.db'));
  database.exec("DELETE FROM messages WHERE id IN ('b', 'm')");
  database.close();

  await using store = await openSqliteStore({ folder, clock });
  const { alarms, conservation } = watch(store.log, clock);
  await conservation.check();
  assert.deepEqual(
    conservation.differences.map(({ kind, name, unaccounted }) => [kind, name, unaccounted]),
    [
      ['function', '000000000000/hello', 1],
      ['queue', '000000000000/jobs', 1],
    ],
  );
  assert.equal(alarms.length, 2);
  await conservation[Symbol.asyncDispose]();
});

/** What may happen to a message, in any order, with restarts between. Kills: asynchronous-crash.test.ts. */
for (const seed of [1, 2, 3]) {
  test(`whatever happens to messages, it adds up, over restarts too (seed ${seed})`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-conservation-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const clock = new FakeClock();
    const next = random(seed);
    const pick = (max: number): number => Math.floor(next() * max);
    let made = 0;
    for (let life = 0; life < 4; life++) {
      await using store = await openSqliteStore({ folder, clock });
      const { log, records } = store;
      const { alarms, conservation } = watch(log, clock);
      for (let step = 0; step < 40; step++) {
        const pending: Promise<unknown>[] = [];
        for (let several = 0; several <= pick(3); several++) {
          const id = `m${pick(2) === 0 ? made++ : pick(made + 1)}`;
          const choice = pick(8);
          if (choice <= 2) pending.push(add(log, id, `m${made++}`));
          else if (choice === 3)
            pending.push(
              records.transact([
                { kind: 'take', topic, id },
                { kind: 'append', topic: 'dead/000000000000/hello', message: { id, body: '{}' } },
              ]),
            );
          else if (choice === 4) pending.push(log.expire(topic, clock.now() - 2_000));
          else if (choice === 5)
            pending.push(log.move('dead/000000000000/hello', { to: topic, max: 2, ids: [`x${made++}`, `x${made++}`] }));
          else
            pending.push(
              log
                .receive(topic, {
                  max: 1 + pick(4),
                  leaseMs: 1_000,
                  spent: { topic: 'dead/000000000000/hello', receivesMax: 2 },
                })
                .then((leased) => {
                  const receipts = leased.map(({ receipt }) => receipt);
                  const as = (['succeeded', 'dead', 'dropped'] as const)[pick(3)] ?? 'dead';
                  return pick(3) === 0 ? undefined : log.acknowledge(topic, [...receipts, ...receipts], { as });
                }),
            );
        }
        // Every look is at a moment of its own, also while others write.
        if (pick(6) === 0) await conservation.check(-1);
        await Promise.all(pending);
        await clock.advance(pick(900));
      }
      const accounts = await conservation.check(-1);
      assert.deepEqual(
        accounts.filter(({ unaccounted }) => unaccounted !== 0),
        [],
      );
      assert.deepEqual(alarms, []);
      await conservation[Symbol.asyncDispose]();
    }
  });
}

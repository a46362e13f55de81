/**
 * What every source of events owes, whatever it is: call `eventSourceContract` with yours. It is run over a store in memory
 * and a clock that moves at will, by a process that dies at any call to the disk. `MAYFLY_SEED` replays one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invocation } from '../../src/invoke/invoke.ts';
import type { BindingSource } from '../../src/registry/binding.ts';
import { Queues } from '../../src/resources/queue.ts';
import { openMemoryStore } from '../../src/store/memory/open-memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { FakeClock } from '../../src/util/fake-clock.ts';
import { randomIds } from '../../src/util/ids.ts';
import type { FakeOutcome } from '../../src/events/fake-invoker.ts';
import { Life, random } from '../../src/events/life.ts';
import { account, rig, type Engines, type SourceRig } from '../../src/events/source-rig.ts';
import type { EventSource } from '../../src/events/source.ts';

/** Whoever makes something happen: it does not die with the source. */
export type World = { store: Store; queues: Queues; clock: FakeClock };

export type SourceUnderTest = {
  source: EventSource | ((engines: Engines) => readonly EventSource[]);
  /** What the function `listen` is bound to. Absent: nothing, or `happen` binds it. */
  binding?: BindingSource;
  prepare?(world: World): Promise<void>;
  /** Makes the thing number `n` happen; on disk when it resolves. */
  happen(world: World, n: number, one: SourceRig): Promise<unknown>;
  /** Things happen through the process itself (`one`), which may die meanwhile: who is not answered tries again. */
  isEntrance?: boolean;
  /** Of one that takes real time, fewer are tried. */
  seedsMax?: number;
  /** How long it takes at most until what happened is given to the function. Default: at once. */
  arrivesInMs?: number;
  /** Which things an event tells of. */
  thingsIn(event: unknown): readonly number[];
  /** The trace of what made `n` happen. Absent: nobody did, and each has one of its own. */
  traceOf?(n: number): string;
  /** How many things lie where what always fails ends. Absent: with the function's own dead letters. */
  deadCount?(world: World): Promise<number>;
  /** Of one thing, each attempt has an id of its own: answers give back what failed (queues), or what is sent again is new (mail). */
  hasNewIds?: boolean;
  /** Puts something there that cannot be read, and answers how many such were set aside. Absent: it cannot be. */
  unreadable?: { happen(world: World): Promise<unknown>; setAside(world: World): Promise<number> };
};

const thingsEach = 20;
const livesMax = 200;
const minuteMs = 60_000;
const seeds =
  process.env['MAYFLY_SEED'] === undefined
    ? Array.from({ length: 25 }, (_, each) => each + 1)
    : [Number(process.env['MAYFLY_SEED'])];
/** More than any source may have under way at once. */
const underWayMax = 100;

export function eventSourceContract(name: string, under: SourceUnderTest): void {
  const thingsOf = ({ event }: Invocation): readonly number[] =>
    under.thingsIn(JSON.parse(Buffer.from(event).toString()) as unknown);
  const { arrivesInMs = 10 } = under;
  const all = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
  const seen = (invocations: readonly Invocation[]): number[] =>
    [...new Set(invocations.flatMap(thingsOf))].toSorted((a, b) => a - b);

  async function world(): Promise<World> {
    const clock = new FakeClock();
    const store = openMemoryStore({ clock });
    const made = { store, clock, queues: await Queues.open({ ...store, clock, ids: randomIds }) };
    await under.prepare?.(made);
    return made;
  }

  const start = async (
    at: World,
    decide: (invocation: Invocation) => FakeOutcome | Promise<FakeOutcome> = () => ({ status: 'ok' }),
  ): Promise<SourceRig> => {
    const one = await rig(under.source, { clock: at.clock, store: at.store, decide });
    if (under.binding !== undefined && one.bindings.list(account).length === 0) await one.bind('listen', under.binding);
    return one;
  };

  /** Makes the next thing happen. An entrance that dies has kept it or not: nobody was told. */
  async function hasDiedOver(
    happened: Set<number>,
    at: World,
    one: SourceRig | undefined,
    life: Life,
  ): Promise<boolean> {
    const isEntrance = under.isEntrance === true;
    if (isEntrance && (one === undefined || life.dead)) return true;
    const n = happened.size;
    // Whoever is no entrance looks at none.
    const happens = under.happen(at, n, one as SourceRig).then(() => happened.add(n));
    await (isEntrance ? Promise.race([happens, life.death]) : happens);
    return life.dead && isEntrance;
  }

  for (const seed of seeds.slice(0, under.seedsMax)) {
    test(`${name}: nothing is lost by a process that dies between any two steps (seed ${seed})`, async () => {
      const next = random(seed);
      const at = await world();
      await (await start(at)).stop();
      const invocations: Invocation[] = [];
      const happened = new Set<number>();
      for (let lives = 0; seen(invocations).length < thingsEach; lives += 1) {
        assert.ok(lives < livesMax, `after ${livesMax} lives only ${seen(invocations).length} things had arrived`);
        const life = new Life(1 + Math.floor(next() * 60), next);
        const store = { ...at.store, log: life.over(at.store.log), records: life.overRecords(at.store.records) };
        const decide = (invocation: Invocation): FakeOutcome | Promise<FakeOutcome> => {
          if (life.dead) return new Promise(() => {});
          invocations.push(invocation);
          return { status: 'ok' };
        };
        let one: SourceRig | undefined;
        void rig(under.source, { clock: at.clock, store, decide }).then((opened) => (one = opened));
        for (let step = 0; step < 4; step += 1) {
          while (happened.size < thingsEach && next() < 0.6 && !(await hasDiedOver(happened, at, one, life)));
          await at.clock.advance(Math.floor(next() * 1_000));
        }
        // Leases of the dead end by themselves, or with the next start.
        await at.clock.advance(2 * minuteMs);
        life.dead = true;
        // Only so that it listens no more: nothing of it comes back.
        void one?.stop();
      }
      if (under.hasNewIds === true) return;
      const idsOf = Map.groupBy(invocations, (invocation) => thingsOf(invocation)[0]);
      for (const [thing, of] of idsOf)
        assert.equal(new Set(of.map(({ requestId }) => requestId)).size, 1, `thing ${thing} has one id in all lives`);
    });
  }

  test(`${name}: the cause goes along`, async () => {
    const at = await world();
    const one = await start(at);
    for (const n of all(3)) await under.happen(at, n, one);
    await at.clock.advance(arrivesInMs);
    const { traceOf } = under;
    for (const invocation of one.invoker.invocations) {
      const [first = -1] = thingsOf(invocation);
      if (traceOf !== undefined) assert.equal(invocation.cause.traceId, traceOf(first));
    }
    const traces = new Set(one.invoker.invocations.map(({ cause }) => cause.traceId));
    assert.equal(traces.size, 3, 'each has a trace of its own');
    assert.deepEqual(seen(one.invoker.invocations), all(3));
    await one.stop();
  });

  test(`${name}: it stops cleanly, takes nothing more, and goes on at the next start`, async () => {
    const at = await world();
    const one = await start(at);
    await under.happen(at, 0, one);
    await at.clock.advance(arrivesInMs);
    await one.stop();
    if (under.isEntrance !== true) await under.happen(at, 1, one);
    await at.clock.advance(2 * minuteMs);
    assert.deepEqual(seen(one.invoker.invocations), [0]);
    const again = await start(at);
    if (under.isEntrance === true) await under.happen(at, 1, again);
    await at.clock.advance(2 * minuteMs);
    assert.deepEqual(seen(again.invoker.invocations), [1]);
    assert.deepEqual([...one.reports, ...again.reports], []);
    await again.stop();
  });

  test(`${name}: while the function is throttled a bounded part is under way, and afterwards all of it arrives`, async () => {
    const at = await world();
    let isThrottled = true;
    const served: Invocation[] = [];
    const one = await start(at, (invocation) => {
      if (isThrottled) return { status: 'throttled', reason: 'function', retryAfterMs: 100 };
      served.push(invocation);
      return { status: 'ok' };
    });
    for (const n of all(300)) await under.happen(at, n, one);
    await at.clock.advance(minuteMs);
    assert.ok(one.invoker.runningMax <= underWayMax, `${one.invoker.runningMax} at once`);
    assert.deepEqual(served, []);
    isThrottled = false;
    await at.clock.advance(10 * minuteMs);
    assert.deepEqual(seen(served), all(300));
    await one.stop();
  });

  test(`${name}: what always fails ends in dead letters, and holds up nothing else`, async () => {
    const at = await world();
    const succeeded: Invocation[] = [];
    const one = await start(at, (invocation) => {
      if (thingsOf(invocation).includes(3)) return { status: 'function_error', errorMessage: 'poison' };
      succeeded.push(invocation);
      return { status: 'ok' };
    });
    for (const n of all(6)) await under.happen(at, n, one);
    await at.clock.advance(60 * minuteMs);
    assert.deepEqual(seen(succeeded), [0, 1, 2, 4, 5]);
    const deadCount = await (under.deadCount?.(at) ?? one.asynchronous.deadLetterCount(account, 'listen'));
    assert.equal(deadCount, 1);
    await one.stop();
  });

  const { unreadable } = under;
  if (unreadable === undefined) return;
  test(`${name}: what cannot be read is set aside and told, and holds up nothing else`, async () => {
    const at = await world();
    const one = await start(at);
    await unreadable.happen(at);
    await under.happen(at, 0, one);
    await at.clock.advance(minuteMs);
    assert.deepEqual(seen(one.invoker.invocations), [0]);
    assert.equal(await unreadable.setAside(at), 1);
    assert.equal(one.reports.length, 1);
    await one.stop();
  });
}

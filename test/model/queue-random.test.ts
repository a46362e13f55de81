/**
 * The queue engine itself, driven at random by clients that send, receive, delete, give back and wait, many things at
 * once, on a platform that dies in the middle: whatever happens, no message that was accepted is lost or doubled, none
 * comes back after its deletion was answered, and no group of a FIFO queue is out of order. `MAYFLY_SEED` replays one.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Life, random } from '../../src/events/life.ts';
import type { QueueMessage } from '../../src/resources/queue-message.ts';
import { Queues } from '../../src/resources/queue.ts';
import { openMemoryStore } from '../../src/store/memory/open-memory-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { FakeClock } from '../../src/util/fake-clock.ts';
import { randomIds, type AccountId } from '../../src/util/ids.ts';

const account = '000000000000' as AccountId;
const groups = ['a', 'b', 'c'];
const stepsEach = 120;
const visibilityMs = 5_000;
const receivesMax = 3;

type Kind = 'standard' | 'fifo';
type Opens = (clock: FakeClock) => Promise<{ store: Store; reopen(): Promise<Store>; end(): Promise<void> }>;

/** What clients know of a message. `maybe`: its sender was never answered. */
type Known = {
  group: string;
  sent: 'maybe' | 'accepted';
  /** Deletions that were asked for, and not answered with nothing having been done: any of them may have been it. */
  asked: number;
  isDeleted: boolean;
};

/** One run: the world outside of the platform, which remembers everything. */
class World {
  readonly known = new Map<string, Known>();
  /** By group: the bodies in the order in which they were sent. */
  readonly order = new Map<string, string[]>();
  readonly dead = new Set<string>();
  readonly kind: Kind;
  sent = 0;

  constructor(kind: Kind) {
    this.kind = kind;
  }

  send(group: string): string {
    const body = `${group}${(this.sent += 1)}`;
    this.known.set(body, { group, sent: 'maybe', asked: 0, isDeleted: false });
    this.order.set(group, [...(this.order.get(group) ?? []), body]);
    return body;
  }

  of(body: string): Known {
    return this.known.get(body) ?? assert.fail(`${body} was never sent`);
  }

  /** Checks what one receive gave out. `atRest`: where the others lie. */
  received(messages: readonly QueueMessage[]): void {
    for (const { body } of messages)
      assert(!this.of(body).isDeleted, `${body} came back after its deletion was answered`);
    if (this.kind === 'fifo') this.#checkOrder(messages.map(({ body }) => body));
  }

  #checkOrder(bodies: readonly string[]): void {
    for (const [at, body] of bodies.entries()) {
      const { group } = this.of(body);
      const sent = this.order.get(group) ?? [];
      for (const earlier of sent.slice(0, sent.indexOf(body))) {
        const { sent: outcome, asked, isDeleted } = this.of(earlier);
        const isPassed = isDeleted || asked > 0 || this.dead.has(earlier) || bodies.slice(0, at).includes(earlier);
        assert(isPassed || outcome === 'maybe', `${body} was given out before ${earlier}`);
      }
    }
  }
}

async function run(seed: number, kind: Kind, opens: Opens): Promise<void> {
  const next = random(seed);
  const pick = <Value>(list: readonly Value[]): Value | undefined => list[Math.floor(next() * list.length)];
  const clock = new FakeClock();
  const opened = await opens(clock);
  let { store } = opened;
  const world = new World(kind);
  const name = kind === 'fifo' ? 'jobs.fifo' : 'jobs';
  const deadName = kind === 'fifo' ? 'dead.fifo' : 'dead';

  const open = (life: Life): Promise<Queues> =>
    Queues.open({ records: store.records, log: life.over(store.log), clock, ids: randomIds });
  const atRest = await Queues.open({ ...store, clock, ids: randomIds });
  await atRest.create(account, deadName);
  await atRest.create(account, name, { visibilityMs, redrive: { deadLetterQueue: deadName, receivesMax } });

  const lifeOf = (): Life => new Life(5 + Math.floor(next() * 60), next);
  let life = lifeOf();
  let queues = await open(life);
  let held: QueueMessage[] = [];
  /** Groups with a send that is not answered: their next one would be in no order with it. */
  const sending = new Set<string>();

  /** The dead-letter queue is looked at past the platform: what has been given up is passed in its group. */
  const lookAtDead = async (): Promise<void> => {
    const topic = (await Queues.open({ ...store, clock, ids: randomIds })).get(account, deadName)?.topic ?? '';
    for (const { body } of await store.log.peek(topic, 1_000)) {
      const { body: text } = JSON.parse(body) as { body: string };
      world.dead.add(text);
    }
  };

  async function send(): Promise<void> {
    const group = pick(groups) ?? '';
    if (sending.has(group)) return;
    sending.add(group);
    const bodies = Array.from({ length: 1 + Math.floor(next() * 3) }, () => world.send(group));
    const sent = await queues.send(
      account,
      name,
      bodies.map((body) => ({
        body,
        senderId: 'test',
        group,
        ...(kind === 'fifo' && { deduplicationId: body }),
        ...(kind === 'standard' && next() < 0.2 && { delayMs: 2_000 }),
      })),
    );
    assert.equal(sent.length, bodies.length);
    for (const body of bodies) world.of(body).sent = 'accepted';
    sending.delete(group);
  }

  async function receive(): Promise<void> {
    const options = next() < 0.3 ? { waitMs: 1_000 } : { waitMs: 0 };
    const messages = await queues.receive(account, name, { max: 1 + Math.floor(next() * 4), ...options });
    await lookAtDead();
    world.received(messages);
    held.push(...messages);
  }

  async function remove(): Promise<void> {
    const message = pick(held);
    if (message === undefined) return;
    const known = world.of(message.body);
    known.asked += 1;
    let removed = 0;
    try {
      removed = await queues.remove(account, name, [message.receipt]);
    } catch (error) {
      assert.match(String(error), /receipt handle has expired/);
    }
    // By an old receipt nothing is deleted.
    if (removed === 1) known.isDeleted = true;
    else known.asked -= 1;
  }

  async function giveBack(): Promise<void> {
    const message = pick(held);
    if (message !== undefined) await queues.changeVisibility(account, name, message.receipt, next() < 0.5 ? 0 : 3_000);
  }

  async function crash(): Promise<void> {
    life.dead = true;
    store = await opened.reopen();
    life = lifeOf();
    queues = await open(life);
    sending.clear();
    // Half of the clients die with it.
    if (next() < 0.5) held = [];
  }

  const under = new Set<Promise<void>>();
  const begin = (work: () => Promise<void>): void => {
    const done: Promise<void> = work().finally(() => void under.delete(done));
    under.add(done);
  };
  let failed: unknown;
  for (let step = 0; step < stepsEach && failed === undefined; step++) {
    if (life.dead) await crash();
    const chance = next();
    const work = chance < 0.3 ? send : chance < 0.65 ? receive : chance < 0.85 ? remove : giveBack;
    begin(() => work().catch((error: unknown) => void (failed ??= error)));
    if (next() < 0.5) await clock.advance(next() < 0.2 ? visibilityMs : 200);
  }
  if (failed !== undefined) throw failed;

  // Everything that is left comes back, and is taken out.
  if (life.dead) await crash();
  await clock.advance(43_200_000);
  if (failed !== undefined) throw failed;
  const end = await Queues.open({ ...store, clock, ids: randomIds });
  const left: string[] = [];
  for (const from of [name, deadName]) {
    for (;;) {
      const messages = await end.receive(account, from, { max: 10, waitMs: 0 });
      if (messages.length === 0) break;
      if (from === name) {
        await lookAtDead();
        world.received(messages);
      }
      for (const { body, receipt } of messages) {
        left.push(body);
        world.of(body).isDeleted = true;
        await end.remove(account, from, [receipt]);
      }
    }
  }
  assert.equal(new Set(left).size, left.length, 'no message is there twice');
  for (const [body, { sent, asked, isDeleted }] of world.known)
    if (sent === 'accepted' && asked === 0 && !isDeleted)
      assert.fail(`${body} was accepted, nobody deleted it, and it is gone`);
  await opened.end();
}

const inMemory: Opens = async (clock) => {
  const store = openMemoryStore({ clock });
  return { store, reopen: async () => store, end: async () => store[Symbol.asyncDispose]() };
};

const onDisk: Opens = async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-queue-'));
  let store = await openSqliteStore({ folder, clock });
  return {
    store,
    async reopen() {
      await store[Symbol.asyncDispose]();
      return (store = await openSqliteStore({ folder, clock }));
    },
    async end() {
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
};

const replayed = process.env['MAYFLY_SEED'];
const seeds = (count: number): number[] =>
  replayed === undefined ? Array.from({ length: count }, (_, each) => each + 1) : [Number(replayed)];

for (const kind of ['standard', 'fifo'] as const) {
  suite(`a ${kind} queue`, () => {
    test('in memory, whatever happens', async () => {
      for (const seed of seeds(200)) await run(seed, kind, inMemory).catch(named(seed));
    });
    test('on disk, whatever happens', async () => {
      for (const seed of seeds(10)) await run(seed, kind, onDisk).catch(named(seed));
    });
  });
}

const named = (seed: number) => (cause: unknown) => {
  throw new Error(`MAYFLY_SEED=${seed} shows it`, { cause });
};

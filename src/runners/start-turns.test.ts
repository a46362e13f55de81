import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import { functionArn, type AccountId } from '../util/ids.ts';
import { StartTurns, type Asker } from './start-turns.ts';

/** One that wants so many, and whose starts are over when it is told so. */
function asker(account: string, name: string, wanted: number) {
  const under: ((hadRoom: boolean) => void)[] = [];
  const state = { wanted, started: 0 };
  const own: Asker = {
    account: account as AccountId,
    functionArn: functionArn('us-east-1', account as AccountId, name),
    startMs: 50,
    wanted: () => state.wanted,
    start() {
      state.wanted -= 1;
      state.started += 1;
      return new Promise((resolve) => under.push(resolve));
    },
  };
  const over = async (hadRoom = true): Promise<void> => {
    under.shift()?.(hadRoom);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { own, state, over };
}

function open(options: { atOnceMax?: number; hasRoom?: () => boolean } = {}) {
  const clock = new FakeClock();
  const turns = new StartTurns({ clock, atOnceMax: 2, hasRoom: () => true, ...options });
  return { clock, turns };
}

test('so many start at once, and the next when one of them is over', async () => {
  const { turns } = open();
  const [first, second] = [asker('1', 'first', 10), asker('1', 'second', 10)];
  turns.ask(first.own);
  turns.ask(second.own);
  assert.deepEqual([first.state.started, second.state.started], [2, 0]);
  await first.over();
  await first.over();
  assert.deepEqual([first.state.started, second.state.started], [3, 1], 'one each');
});

test('who no longer wants any is passed over', async () => {
  const { turns } = open();
  const [first, second] = [asker('1', 'first', 2), asker('1', 'second', 1)];
  turns.ask(first.own);
  turns.ask(second.own);
  second.state.wanted = 0;
  await first.over();
  assert.equal(second.state.started, 0);
});

test('without room nobody starts, it is known that somebody wants to, and room made is used', async () => {
  let hasRoom = false;
  const { turns } = open({ hasRoom: () => hasRoom });
  const { own, state, over } = asker('1', 'one', 1);
  turns.ask(own);
  assert.deepEqual([state.started, turns.starved], [0, true]);
  hasRoom = true;
  turns.give();
  assert.deepEqual([state.started, turns.starved], [1, false]);
  await over();
  assert.equal(turns.starved, false);
});

test('a start that finds the room gone is not tried again and again', async () => {
  const { turns } = open();
  const { own, state, over } = asker('1', 'one', 5);
  turns.ask(own);
  assert.equal(state.started, 2);
  await over(false);
  assert.deepEqual([state.started, turns.starved], [2, true]);
});

test('a function starts a thousand at once and then one each ten milliseconds; others have their own rate', async () => {
  const { clock, turns } = open({ atOnceMax: 5_000 });
  const [first, second] = [asker('1', 'first', 1_500), asker('1', 'second', 5)];
  turns.ask(first.own);
  assert.equal(first.state.started, 1_000);
  turns.ask(second.own);
  assert.equal(second.state.started, 5);
  await clock.advance(100);
  turns.give();
  assert.equal(first.state.started, 1_010);
});

test('a start that computes for long holds up others for three seconds at most', async () => {
  let totalMs = 0;
  const clock = new FakeClock();
  const times = () => ({ idleMs: 0, totalMs: (totalMs += 100) });
  const turns = new StartTurns({ clock, atOnceMax: 1, hasRoom: () => true, times });
  const [slow, next] = [asker('1', 'slow', 1), asker('1', 'next', 1)];
  turns.ask(slow.own);
  turns.ask(next.own);
  await clock.advance(2_900);
  assert.equal(next.state.started, 0);
  await clock.advance(200);
  assert.equal(next.state.started, 1);
});

test('the processors are looked at once for all starts that are slow at the same time', async () => {
  const clock = new FakeClock();
  let looks = 0;
  const times = () => ({ idleMs: 0, totalMs: 100 * (looks += 1) });
  const turns = new StartTurns({ clock, atOnceMax: 4, hasRoom: () => true, times });
  const askers = ['one', 'two', 'three', 'four'].map((name) => asker('1', name, 1));
  for (const { own } of askers) turns.ask(own);
  assert.deepEqual(
    askers.map(({ state }) => state.started),
    [1, 1, 1, 1],
  );
  await clock.advance(100);
  assert.equal(looks, 1);
  await clock.advance(250);
  assert.equal(looks, 2);
});

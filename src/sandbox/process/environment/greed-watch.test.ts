import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../util/fake-clock.ts';
import { GreedWatch } from './greed-watch.ts';

function play() {
  const clock = new FakeClock();
  const pulse: boolean[] = [];
  const watch = new GreedWatch(clock, (isWanted) => void pulse.push(isWanted));
  const consumer = () => {
    const state = {
      busy: true,
      floods: false,
      cpuMs: 0 as number | undefined,
      answers: 0,
      told: [] as boolean[],
      looks: 0,
    };
    return {
      state,
      isBusy: () => state.busy,
      floods: () => state.floods,
      cpuMs: () => {
        state.looks += 1;
        return state.cpuMs;
      },
      answers: () => state.answers,
      setGreedy: (isGreedy: boolean) => void state.told.push(isGreedy),
    };
  };
  return { clock, watch, pulse, consumer };
}

test('who computes from one look to the next is greedy, and no longer once it has paused, or got nothing', async () => {
  const { clock, watch, consumer } = play();
  const one = consumer();
  watch.began(one);
  await clock.advance(100);
  one.state.cpuMs = 16;
  await clock.advance(100);
  assert.deepEqual(one.state.told, [true]);
  one.state.cpuMs = 19;
  await clock.advance(100);
  one.state.cpuMs = 21;
  await clock.advance(100);
  assert.deepEqual(one.state.told, [true, false]);
});

test('who floods its log is greedy for as long as it does, however little it computes', async () => {
  const { clock, watch, consumer } = play();
  const one = consumer();
  watch.began(one);
  await clock.advance(100);
  one.state.floods = true;
  await clock.advance(300);
  assert.deepEqual(one.state.told, [true]);
  one.state.floods = false;
  await clock.advance(100);
  assert.deepEqual(one.state.told, [true, false]);
});

test('who answers many that take next to nothing each is not greedy, unless it computes besides', async () => {
  const { clock, watch, consumer } = play();
  const one = consumer();
  const answer = (count: number, cpuMs: number): Promise<void> => {
    watch.began(one);
    one.state.answers += count;
    one.state.cpuMs = (one.state.cpuMs ?? 0) + cpuMs;
    return clock.advance(100);
  };
  await answer(1, 0);
  await answer(200, 49);
  assert.deepEqual(one.state.told, []);
  await answer(200, 51);
  assert.deepEqual(one.state.told, [true]);
  await answer(1_000, 59);
  assert.deepEqual(one.state.told, [true, false]);
});

test('who is given many and answers few of them is greedy', async () => {
  const { clock, watch, consumer } = play();
  const one = consumer();
  watch.began(one);
  await clock.advance(100);
  for (let n = 0; n < 200; n += 1) watch.began(one);
  one.state.answers += 60;
  one.state.cpuMs = 16;
  await clock.advance(100);
  assert.deepEqual(one.state.told, [true]);
});

test('who uses three fifths of a processor is greedy, however many it answers, until it uses less', async () => {
  const { clock, watch, consumer } = play();
  const one = consumer();
  const answer = (cpuMs: number): Promise<void> => {
    watch.began(one);
    one.state.answers += 10_000;
    one.state.cpuMs = (one.state.cpuMs ?? 0) + cpuMs;
    return clock.advance(100);
  };
  await answer(0);
  await answer(59);
  assert.deepEqual(one.state.told, []);
  await answer(60);
  await answer(200);
  assert.deepEqual(one.state.told, [true]);
  await answer(59);
  assert.deepEqual(one.state.told, [true, false]);
});

test('who was greedy and is idle is so no longer, and is looked at no more', async () => {
  const { clock, watch, consumer } = play();
  const one = consumer();
  watch.began(one);
  await clock.advance(100);
  one.state.cpuMs = 100;
  await clock.advance(100);
  one.state.busy = false;
  await clock.advance(100);
  assert.deepEqual(one.state.told, [true, false]);
  const { looks } = one.state;
  await clock.advance(1_000);
  assert.equal(one.state.looks, looks);
  one.state.busy = true;
  watch.began(one);
  await clock.advance(100);
  assert.equal(one.state.looks, looks + 1);
});

test('who waits, has ended or is counted by nobody is never greedy', async () => {
  const { clock, watch, consumer } = play();
  const [waits, ended] = [consumer(), consumer()];
  watch.began(waits);
  watch.began(ended);
  await clock.advance(100);
  waits.state.cpuMs = 15;
  ended.state.cpuMs = undefined;
  await clock.advance(500);
  assert.deepEqual([waits.state.told, ended.state.told], [[], []]);
  assert.equal(ended.state.looks, 2);
});

test('of many, each is looked at in turn', async () => {
  const { clock, watch, consumer } = play();
  const many = Array.from({ length: 40 }, consumer);
  for (const one of many) watch.began(one);
  await clock.advance(100);
  assert.equal(many.filter(({ state }) => state.looks > 0).length, 16);
  await clock.advance(200);
  assert.deepEqual(
    many.map(({ state }) => state.looks),
    many.map((_, n) => (n < 8 ? 2 : 1)),
  );
});

test('a pulse is wanted once another is called beside one that is greedy, until a second after the last call', async () => {
  const { clock, watch, pulse, consumer } = play();
  const [greedy, other] = [consumer(), consumer()];
  watch.began(greedy);
  await clock.advance(100);
  const compute = async (forMs: number): Promise<void> => {
    for (let ms = 0; ms < forMs; ms += 100) {
      greedy.state.cpuMs = (greedy.state.cpuMs ?? 0) + 50;
      await clock.advance(100);
    }
  };
  await compute(500);
  watch.began(greedy);
  assert.deepEqual(pulse, []);
  watch.began(other);
  assert.deepEqual(pulse, [true]);
  other.state.busy = false;
  await compute(900);
  watch.began(other);
  await compute(1_000);
  assert.deepEqual(pulse, [true]);
  await compute(100);
  assert.deepEqual(pulse, [true, false]);
});

test('a pulse is wanted no more once nobody is greedy', async () => {
  const { clock, watch, pulse, consumer } = play();
  const [greedy, other] = [consumer(), consumer()];
  watch.began(greedy);
  await clock.advance(100);
  greedy.state.cpuMs = 50;
  await clock.advance(100);
  watch.began(other);
  greedy.state.cpuMs = undefined;
  await clock.advance(100);
  assert.deepEqual(pulse, [true, false]);
});

test('who computes for a moment again and again is not modest because it was idle when it was looked at', async () => {
  const { clock, watch, pulse, consumer } = play();
  const [one, other] = [consumer(), consumer()];
  watch.began(one);
  watch.began(other);
  await clock.advance(100);
  [one.state.cpuMs, other.state.cpuMs] = [50, 50];
  await clock.advance(100);
  [one.state.cpuMs, other.state.busy] = [100, false];
  await clock.advance(100);
  assert.deepEqual(other.state.told, [true, false]);
  watch.began(other);
  assert.deepEqual(pulse, []);
  for (let ms = 0; ms < 1_100; ms += 100) {
    one.state.cpuMs += 50;
    await clock.advance(100);
  }
  watch.began(other);
  assert.deepEqual(pulse, [true]);
});

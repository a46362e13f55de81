import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import { OneByOne } from './one-by-one.ts';

function open() {
  const clock = new FakeClock();
  const wanted: string[] = [];
  const made: { name: string; done: () => void }[] = [];
  let isReady = true;
  const turns = new OneByOne({
    clock,
    delayMs: 500,
    next() {
      const name = wanted[0];
      if (name === undefined) return undefined;
      if (!isReady) return 'later';
      wanted.shift();
      return new Promise((resolve) => made.push({ name, done: resolve }));
    },
  });
  const want = (name: string): void => {
    wanted.push(name);
    turns.soon();
  };
  return { clock, made, turns, want, ready: (now: boolean) => void (isReady = now) };
}

test('each is begun a while after it was asked for, and after the one before has been made', async () => {
  const { clock, made, want } = open();
  want('one');
  want('two');
  await clock.advance(499);
  assert.equal(made.length, 0);
  await clock.advance(1);
  assert.deepEqual(
    made.map(({ name }) => name),
    ['one'],
  );
  await clock.advance(5_000);
  assert.equal(made.length, 1, 'the first is still being made');
  made[0]?.done();
  await clock.advance(0);
  await clock.advance(500);
  assert.equal(made[1]?.name, 'two');
});

test('what is not to be begun yet is looked at again', async () => {
  const { clock, made, ready, want } = open();
  ready(false);
  want('one');
  await clock.advance(2_000);
  assert.equal(made.length, 0);
  ready(true);
  await clock.advance(500);
  assert.equal(made.length, 1);
});

test('once closed none is begun, and what is being made is waited for', async () => {
  const { clock, made, turns, want } = open();
  want('one');
  await clock.advance(500);
  want('two');
  let isClosed = false;
  const closing = turns[Symbol.asyncDispose]().then(() => (isClosed = true));
  await clock.advance(5_000);
  assert.equal(isClosed, false);
  made[0]?.done();
  await closing;
  await clock.advance(5_000);
  assert.equal(made.length, 1);
});

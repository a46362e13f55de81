import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds } from '../util/ids.ts';
import { Prebooted, type BootKind } from './prebooted.ts';

const python: BootKind = { runtime: 'python', network: 'internet', ephemeralMb: 512, memoryMb: 128 };
const larger: BootKind = { ...python, memoryMb: 256 };

function open(start: () => Promise<void> = () => Promise.resolve()) {
  const clock = new FakeClock();
  const room = { isThere: true };
  let boots = 0;
  const sandbox = fakeSandbox({
    start() {
      boots += 1;
      return start();
    },
  });
  const hasRoom = (): boolean => room.isThere;
  const read = (): Promise<void> => Promise.resolve();
  const prebooted = new Prebooted({ sandbox, clock, ids: randomIds, each: 1, read, hasRoom, warn: () => {} });
  return { prebooted, clock, room, boots: () => boots };
}

test('a failure at the end of a burst, after which there are enough, does not end the keeping', async () => {
  let booting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let isBurst = false;
  const { prebooted, clock } = open(() => {
    if (!isBurst) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    booting.push({ resolve, reject });
    return promise;
  });
  prebooted.want([python]);
  await clock.advance(1_000);
  for (let call = 0; call < 4; call += 1) prebooted.take(python);
  await clock.advance(3_000);
  isBurst = true;
  prebooted.adjust();
  const [last, ...others] = booting;
  assert.equal(others.length, 2);
  for (const { resolve } of others) resolve();
  await clock.advance(0);
  last?.reject(new Error('no processes'));
  await clock.advance(0);
  isBurst = false;
  booting = [];
  assert.notEqual(prebooted.take(python), undefined);
  await clock.advance(60_000);
  assert.equal(prebooted.count, 2);
  while (prebooted.has(python)) prebooted.take(python);
  await clock.advance(1_000);
  assert.ok(prebooted.has(python));
});

test('after a failure one is tried when there is room, and one at a time', async () => {
  const { prebooted, clock, room, boots } = open(() => Promise.reject(new Error('no processes')));
  prebooted.want([python]);
  room.isThere = false;
  await clock.advance(10_000);
  assert.equal(boots(), 1);
  room.isThere = true;
  prebooted.replenish();
  prebooted.replenish();
  assert.equal(boots(), 2);
  await clock.advance(0);
  prebooted.replenish();
  assert.equal(boots(), 2, 'it is left alone for a while');
  await clock.advance(10_000);
  assert.ok(boots() > 2);
});

test('one that is up and cannot be given its code is stopped', async () => {
  const clock = new FakeClock();
  const sandbox = fakeSandbox();
  const prebooted = new Prebooted({
    sandbox,
    clock,
    ids: randomIds,
    each: 1,
    read: () => Promise.reject(new Error('there are no variables for it')),
    hasRoom: () => true,
    warn: () => {},
  });
  const resolved = resolvedFunction('one');
  const ahead = {
    how: 'read',
    version: 'one',
    name: 'one',
    bundlePath: '/one',
    resolved,
    template: undefined,
  } as const;
  prebooted.want([{ ...python, ahead }]);
  await clock.advance(1_000);
  assert.ok(sandbox.started.length > 0);
  assert.deepEqual([sandbox.live.size, prebooted.count], [0, 0]);
});

test('other kinds that are wanted are booted at once, and what was just taken is not', async () => {
  const { prebooted, clock } = open();
  prebooted.want([python]);
  assert.equal(prebooted.count, 1);
  await clock.advance(1_000);
  prebooted.take(python);
  prebooted.want([python, larger]);
  assert.equal(prebooted.count, 1, 'who took it has the processor');
  await clock.advance(30);
  assert.equal(prebooted.count, 2);

  prebooted.take(python);
  assert.equal(prebooted.take(python), undefined);
  prebooted.want([python]);
  await clock.advance(200);
  assert.equal(prebooted.count, 0, 'calls that find none have it');
  await clock.advance(200);
  assert.equal(prebooted.count, 1);
});

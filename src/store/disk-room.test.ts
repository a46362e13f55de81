import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import { DiskRoom, type Free } from './disk-room.ts';

const megabyte = 1024 * 1024;

function open(free: Free) {
  const clock = new FakeClock();
  const said: string[] = [];
  const disk = { free, looks: 0 };
  const room = new DiskRoom({
    folder: '/data',
    clock,
    log: (message) => said.push(message),
    look: () => {
      disk.looks += 1;
      return Promise.resolve(disk.free);
    },
  });
  return { clock, said, disk, room };
}

test('new work is refused while the disk has less than what is set aside, and taken again when it has more', async () => {
  const { clock, disk, room, said } = open({ bytes: 65 * megabyte, ofBytes: 10_000 * megabyte });
  await room.look();
  room.require();
  disk.free = { ...disk.free, bytes: 63 * megabyte };
  await clock.advance(200);
  // By the last look: that which it brings about is for the next.
  room.require();
  await clock.advance(0);
  assert.throws(() => room.require(), {
    code: 'unavailable',
    message:
      'nothing new can be kept: the disk of the data folder /data is full (63.0 MB left, 64.0 MB are set aside for what was accepted before)',
  });
  // Without anybody asking.
  await clock.advance(10_000);
  disk.free = { ...disk.free, bytes: 100 * megabyte };
  await clock.advance(1_000);
  room.require();
  assert.equal(said.length, 2, said.join('\n'));
  assert.match(said[0] ?? '', /^the disk of the data folder \/data is full .*: new work that needs it is refused/);
  assert.match(said[1] ?? '', /^there is room again/);
});

test('of a small disk a twentieth is set aside', async () => {
  const { room } = open({ bytes: 4 * megabyte, ofBytes: 64 * megabyte });
  await room.look();
  assert.equal(room.full, undefined);
});

test('it is looked at no more than a few times a second, and not at all when nobody asks', async () => {
  const { clock, disk, room } = open({ bytes: 1e9, ofBytes: 2e9 });
  for (let times = 0; times < 1_000; times += 1) {
    room.require();
    await clock.advance(1);
  }
  assert.equal(disk.looks, 5);
  await clock.advance(60_000);
  assert.equal(disk.looks, 5);
});

test('a disk that cannot be looked at is left to whoever writes', async () => {
  const clock = new FakeClock();
  const room = new DiskRoom({
    folder: '/data',
    clock,
    log: assert.fail,
    look: () => Promise.reject(new Error('gone')),
  });
  await room.look();
  room.require();
});

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
    message: 'nothing new can be kept: the disk of the platform is full',
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

test('of a small disk a quarter is set aside', async () => {
  const enough = open({ bytes: 17 * megabyte, ofBytes: 64 * megabyte });
  await enough.room.look();
  assert.equal(enough.room.full, undefined);
  const short = open({ bytes: 15 * megabyte, ofBytes: 64 * megabyte });
  await short.room.look();
  assert.match(short.room.full ?? '', /15\.0 MB left, 16\.0 MB are set aside/);
});

test("room within the store's own file counts, while the disk has what its other files need", async () => {
  const { clock, disk, room } = open({ bytes: 33 * megabyte, ofBytes: 1_000 * megabyte });
  let reusableBytes = 30 * megabyte;
  room.countAlso(() => reusableBytes);
  await room.look();
  assert.match(room.full ?? '', /33\.0 MB left/);
  reusableBytes = 31 * megabyte;
  room.require();
  disk.free = { ...disk.free, bytes: 31 * megabyte };
  reusableBytes = 1_000 * megabyte;
  await clock.advance(1_000);
  await room.look();
  assert.match(room.full ?? '', /31\.0 MB left/);
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

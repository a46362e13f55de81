import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FakeClock } from '../../../util/fake-clock.ts';
import { OutputGate } from './output-gate.ts';
import { OutputTurns } from './output-turns.ts';
import { Settler } from './settler.ts';

/** Environments that have so many empty lines to print, each at once and as fast as they are read. */
function play(environments: number, linesEach: number) {
  const clock = new FakeClock();
  const turns = new OutputTurns(clock);
  const settler = new Settler();
  const open = () => {
    const state = { isStopped: false, left: linesEach, read: 0 };
    const gate: OutputGate = new OutputGate({
      clock,
      settler,
      turns,
      stopReading: () => void (state.isStopped = true),
      readOn: () => {
        state.isStopped = false;
        printOn();
      },
    });
    const printOn = (): void => {
      while (!state.isStopped && state.left > 0) {
        state.left -= 1;
        state.read += 1;
        gate.printed(0);
      }
    };
    return { state, gate, printOn };
  };
  const all = Array.from({ length: environments }, open);
  const readOfAll = (): number => all.reduce((sum, { state }) => sum + state.read, 0);
  return { clock, all, open, readOfAll };
}

/** In steps, since what is printed at once is read in turns of the event loop, and not by the clock. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5) {
    await nextTurn();
    await clock.advance(5);
  }
}

/** Until what each may print at once is read, and more. */
async function untilAllFlood(all: ReturnType<typeof play>['all']): Promise<void> {
  for (const { printOn } of all) printOn();
  while (!all.every(({ gate }) => gate.isFlooding)) await nextTurn();
}

/** So many environments flood for ten seconds, of which `calls` are made of another; how many lines of them all were read. */
async function readOf(environments: number, beside = false): Promise<number> {
  const { clock, all, open, readOfAll } = play(environments, Number.POSITIVE_INFINITY);
  const other = open();
  await untilAllFlood(all);
  for (let ms = 0; ms < 10_000; ms += 100) {
    if (beside) other.gate.called();
    await pass(clock, 100);
  }
  return readOfAll();
}

test('what a flood may have is shared by all that do: eight are read little more than one, not eight times as much', async () => {
  const [one, eight] = [await readOf(1), await readOf(8)];
  assert.ok(one > 900_000 && one < 1_100_000, `${one} lines of one`);
  // Each begins with what may come at once.
  assert.ok(eight > one && eight < one + 8 * 11_000, `${eight} lines of eight`);
});

test('beside others that are called, floods are read at a quarter of that', async () => {
  const lines = await readOf(4, true);
  assert.ok(lines > 4 * 10_000 + 200_000 && lines < 4 * 10_000 + 300_000, `${lines} lines`);
});

test('who floods itself is none of the others, however often it is called', async () => {
  const { clock, all, readOfAll } = play(1, Number.POSITIVE_INFINITY);
  await untilAllFlood(all);
  for (let ms = 0; ms < 10_000; ms += 100) {
    for (const { gate } of all) gate.called();
    await pass(clock, 100);
  }
  assert.ok(readOfAll() > 900_000, `${readOfAll()} lines`);
});

test('in one turn of the event loop a piece of one environment is read, and all that it has come, in turns', async () => {
  const { all, readOfAll } = play(3, 2_000);
  for (const { printOn } of all) printOn();
  const begun = readOfAll();
  assert.equal(begun, 3 * 250);
  for (let turn = 1; readOfAll() < 3 * 2_000; turn += 1) {
    await nextTurn();
    assert.ok(readOfAll() <= begun + turn * 250, `${readOfAll()} lines after ${turn} turns`);
    const read = all.map(({ state }) => state.read);
    assert.ok(Math.max(...read) - Math.min(...read) <= 250, read.join(', '));
  }
});

test('floods are read one after the other, and who prints little does not wait until they have had their share', async () => {
  const { clock, all, open, readOfAll } = play(4, 50_000);
  await untilAllFlood(all);
  const before = all.map(({ state }) => state.read);
  const modest = open();
  modest.state.left = 600;
  modest.printOn();
  for (let turn = 0; turn < 8; turn += 1) await nextTurn();
  assert.equal(modest.state.read, 600);
  await pass(clock, 200);
  // Nor is more than a piece read in one turn, by whichever queue it is given.
  const late = open();
  late.state.left = 2_000;
  late.printOn();
  for (let turn = 0; turn < 6; turn += 1) {
    const readBefore = readOfAll() + late.state.read;
    await nextTurn();
    assert.ok(readOfAll() + late.state.read <= readBefore + 250);
  }
  const read = all.map(({ state }, at) => state.read - (before[at] ?? 0));
  assert.ok(Math.min(...read) > 0 && Math.max(...read) - Math.min(...read) <= 500, read.join(', '));
});

/** When what waits for the output of one that floods is settled, by the clock that begins then, and how many lines are left. */
async function settledOf(lines: number): Promise<{ afterMs: number | undefined; left: number | undefined }> {
  const { clock, all } = play(1, lines);
  const [one] = all;
  assert.ok(one !== undefined);
  await untilAllFlood(all);
  assert.ok(one.state.isStopped);
  const sinceMs = clock.monotonicMs();
  const settled: { afterMs: number | undefined; left: number | undefined } = { afterMs: undefined, left: undefined };
  one.gate.afterOutput(() => {
    settled.afterMs = clock.monotonicMs() - sinceMs;
    settled.left = one.state.left;
  });
  await pass(clock, 3_000);
  return settled;
}

test('an answer waits until all that was printed before it has been read, also of one that floods', async () => {
  assert.equal((await settledOf(100_000)).left, 0);
});

test('an answer does not wait for ever for what is printed without end', async () => {
  const { afterMs, left } = await settledOf(Number.POSITIVE_INFINITY);
  assert.ok(afterMs !== undefined, 'it waits still');
  // By a clock that only this test moves.
  assert.ok(afterMs >= 2_000 && afterMs <= 2_100, `${afterMs} ms`);
  assert.ok(left !== undefined && left > 0);
});

test('nor does it for the turns of many others that do the same', async () => {
  const { clock, all } = play(12, Number.POSITIVE_INFINITY);
  await untilAllFlood(all);
  const sinceMs = clock.monotonicMs();
  const settledMs: number[] = [];
  for (const { gate } of all) gate.afterOutput(() => settledMs.push(clock.monotonicMs() - sinceMs));
  await pass(clock, 3_000);
  assert.deepEqual(
    settledMs,
    all.map(() => 2_000),
  );
});

test('all that wait for what was printed are told, in their order, and whoever waits for the rest of it', async () => {
  const { clock, all } = play(1, 50_000);
  const [one] = all;
  assert.ok(one !== undefined);
  await untilAllFlood(all);
  const told: string[] = [];
  one.gate.afterOutput(() => told.push(`first, with ${one.state.left} left`));
  one.gate.afterOutput(() => told.push(`second, with ${one.state.left} left`));
  void one.gate.read().then(() => told.push(`read, with ${one.state.left} left`));
  await pass(clock, 3_000);
  assert.deepEqual(told, ['read, with 0 left', 'first, with 0 left', 'second, with 0 left']);
  // Nothing waits now.
  await one.gate.read();
});

test('who floods does so while it waits for its turn, however long the others take for theirs', async () => {
  const { clock, all, open } = play(60, Number.POSITIVE_INFINITY);
  for (const { printOn } of all) printOn();
  const floods = new Set<OutputGate>();
  const other = open();
  for (let ms = 0; ms < 5_000; ms += 5) {
    other.gate.called();
    await pass(clock, 5);
    for (const { gate } of all) {
      if (gate.isFlooding) floods.add(gate);
      else assert.ok(!floods.has(gate), `one did not flood any more after ${ms} ms`);
    }
  }
  assert.equal(floods.size, all.length);
});

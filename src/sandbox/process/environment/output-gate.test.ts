import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../util/fake-clock.ts';
import { OutputGate } from './output-gate.ts';
import { Settler } from './settler.ts';

/** So many environments print as fast as they are read for ten seconds; how many lines of them all were read. */
async function readOf(environments: number): Promise<number> {
  const clock = new FakeClock();
  const flood = { resting: 0 };
  let read = 0;
  const all = Array.from({ length: environments }, () => {
    const state = { isPaused: false };
    const [pause, resume] = [(): void => void (state.isPaused = true), (): void => void (state.isPaused = false)];
    return { state, gate: new OutputGate({ clock, settler: new Settler(), flood, pause, resume }) };
  });
  for (let ms = 0; ms < 10_000; ms += 10) {
    for (const { state, gate } of all) {
      for (let line = 0; line < 5_000 && !state.isPaused; line += 1) {
        gate.printed(0);
        read += 1;
      }
    }
    await clock.advance(10);
  }
  return read;
}

test('what a flood may have is shared by all that do: eight are read a few times as much as one, not eight times', async () => {
  const [one, eight] = [await readOf(1), await readOf(8)];
  assert.ok(one > 900_000 && one < 1_200_000, `${one} lines of one`);
  // Each begins with what may come at once.
  assert.ok(eight < one * 3, `${eight} lines of eight`);
});

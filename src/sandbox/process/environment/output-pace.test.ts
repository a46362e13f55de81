import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputPace, partsOf } from './output-pace.ts';

test('what comes at once is no flood', () => {
  const pace = new OutputPace();
  for (let line = 0; line < 8_000; line += 1) pace.printed(partsOf(80), 0);
  assert.equal(pace.isFlooding(0), false);
});

test('what comes steadily at an ordinary pace is none', () => {
  const pace = new OutputPace();
  for (let ms = 0; ms < 10_000; ms += 1) {
    for (let line = 0; line < 4; line += 1) pace.printed(partsOf(80), ms);
    assert.equal(pace.isFlooding(ms), false);
  }
});

test('a long line counts as many', () => {
  const pace = new OutputPace();
  for (let line = 0; line < 20; line += 1) pace.printed(partsOf(256 * 1024), 0);
  assert.equal(pace.isFlooding(0), true);
});

test('however much it was, a flood is over a tenth of a second after its last line', () => {
  const pace = new OutputPace();
  for (let line = 0; line < 3_000_000; line += 1) pace.printed(1, 0);
  assert.equal(pace.isFlooding(99), true);
  assert.equal(pace.isFlooding(101), false);
});

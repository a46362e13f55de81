import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputPace } from './output-pace.ts';

test('what comes at once is read as it comes', () => {
  const pace = new OutputPace();
  for (let line = 0; line < 8_000; line += 1) pace.printed(80, 0);
  assert.equal(pace.tooFast, false);
});

test('what comes steadily at an ordinary pace is read as it comes', () => {
  const pace = new OutputPace();
  for (let ms = 0; ms < 10_000; ms += 1) {
    for (let line = 0; line < 80; line += 1) pace.printed(80, ms);
    assert.equal(pace.tooFast, false);
  }
});

test('a long line counts as many', () => {
  const pace = new OutputPace();
  for (let line = 0; line < 20; line += 1) pace.printed(256 * 1024, 0);
  assert.equal(pace.tooFast, true);
});

test('in a flood nothing is read until there is room for some lines, which are read in one go', () => {
  const pace = new OutputPace();
  for (let line = 0; line < 65_536; line += 1) pace.printed(0, 0);
  assert.equal(pace.tooFast, true);
  assert.ok(Math.abs(pace.restMs(0) - 560.36) < 0.01);
  assert.ok(Math.abs(pace.restMs(555) - 5.36) < 0.01);
  assert.equal(pace.restMs(561), 0);
  pace.rested(700);
  for (let line = 0; line < 500; line += 1) pace.printed(0, 700);
  assert.equal(pace.tooFast, false);
  for (let line = 0; line < 100; line += 1) pace.printed(0, 700);
  assert.equal(pace.tooFast, true);
});

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

test('after a flood nothing is read until half of what may come at once is free again', () => {
  const pace = new OutputPace();
  for (let line = 0; line < 65_536; line += 1) pace.printed(0, 0);
  assert.equal(pace.tooFast, true);
  assert.ok(Math.abs(pace.restMs(0) - 605.36) < 0.01);
  assert.ok(Math.abs(pace.restMs(600) - 5.36) < 0.01);
  assert.equal(pace.restMs(606), 0);
  pace.printed(0, 606);
  assert.equal(pace.tooFast, false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aheadMax, askedAgain, chooseAhead, neverAsked, type Asked } from './choose-ahead.ts';

const aMinuteMs = 60_000;

const asked = (...timesMs: number[]): Asked => timesMs.reduce(askedAgain, neverAsked);

test('those are chosen that are asked for most, of late', () => {
  const often = { key: 'often', asked: asked(0, 0, 0, 0), isAhead: false };
  const once = { key: 'once', asked: asked(0), isAhead: false };
  const late = { key: 'late', asked: asked(60 * aMinuteMs), isAhead: false };
  const never = { key: 'never', asked: neverAsked, isAhead: false };
  assert.deepEqual(chooseAhead([never, once, often], 0, 2), ['often', 'once']);
  assert.deepEqual(chooseAhead([never, often, late], 60 * aMinuteMs, 2), ['late', 'often']);
  assert.deepEqual(chooseAhead([never], 0), ['never'], 'where there is room');
});

test('more than there are places for, called in turn, do not push each other out', () => {
  const all = Array.from({ length: aheadMax + 4 }, (_, key) => ({ key, asked: neverAsked, isAhead: key < aheadMax }));
  const kept = Array.from({ length: aheadMax }, (_, key) => key);
  for (let turn = 0; turn < 100; turn += 1)
    for (const one of all) {
      const nowMs = turn * aMinuteMs + one.key * 1_000;
      one.asked = askedAgain(one.asked, nowMs);
      if (turn > 2) assert.deepEqual(new Set(chooseAhead(all, nowMs)), new Set(kept));
    }
});

test('one that is asked for half as often again takes the place of another', () => {
  const holder = { key: 'holder', asked: asked(0, 0, 0, 0), isAhead: true };
  const other = { key: 'other', asked: asked(0, 0, 0, 0, 0), isAhead: false };
  assert.deepEqual(chooseAhead([holder, other], 0, 1), ['holder']);
  other.asked = asked(0, 0, 0, 0, 0, 0, 0);
  assert.deepEqual(chooseAhead([holder, other], 0, 1), ['other']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartTimes } from './start-times.ts';

function timesOf(anewUs: readonly number[], archivedUs: readonly number[]): StartTimes {
  const times = new StartTimes();
  for (const us of anewUs) times.tookAnew(us);
  for (const us of archivedUs) times.tookWithArchive(us);
  return times;
}

test('an archive is tried some times before it is judged', () => {
  assert.equal(timesOf([500], []).archiveIsCheaper(true), true);
  assert.equal(timesOf([500], [900, 900]).archiveIsCheaper(true), true);
  assert.equal(timesOf([500], [900, 900, 900]).archiveIsCheaper(true), false);
});

test('the quickest of each are compared, and what was long ago is forgotten', () => {
  assert.equal(timesOf([500, 900], [900, 400, 900]).archiveIsCheaper(true), true);
  assert.equal(timesOf([500], [400, 900, 900, 900, 900, 900]).archiveIsCheaper(true), false);
  assert.equal(timesOf([300, 900, 900, 900, 900, 900], [800, 800, 800]).archiveIsCheaper(true), true);
});

test('where nothing is booted already, one is booted with the archive; so is one of which nothing else is known', () => {
  assert.equal(timesOf([500], [900, 900, 900]).archiveIsCheaper(false), true);
  assert.equal(timesOf([], [900, 900, 900]).archiveIsCheaper(true), true);
});

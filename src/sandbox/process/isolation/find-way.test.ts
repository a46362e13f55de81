import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findWay, type Way } from './find-way.ts';

const all: Way = { withProgram: true, apart: true };
const nameOf = ({ withProgram, apart }: Way): string =>
  `${withProgram ? 'program' : 'shell'} ${apart ? 'apart' : 'on host'}`;

async function find(possible: Way, holds: (way: Way) => boolean): Promise<{ found: unknown; tried: string[] }> {
  const tried: string[] = [];
  const found = await findWay(possible, async (way) => {
    tried.push(nameOf(way));
    return holds(way) ? undefined : `not with ${nameOf(way)}`;
  });
  return { found, tried };
}

test('the quickest way is the first, and all where it holds', async () => {
  assert.deepEqual(await find(all, () => true), {
    found: { way: all, whyShell: undefined, whyOnHost: undefined },
    tried: ['program apart'],
  });
});

test('only what failed is given up, and what it complained of is told', async () => {
  assert.deepEqual((await find(all, ({ withProgram }) => !withProgram)).found, {
    way: { withProgram: false, apart: true },
    whyShell: 'not with program apart',
    whyOnHost: undefined,
  });
  // The shell has been tried in vain: the program was not at fault.
  assert.deepEqual((await find(all, ({ apart }) => !apart)).found, {
    way: { withProgram: true, apart: false },
    whyShell: undefined,
    whyOnHost: 'not with program apart',
  });
  assert.deepEqual((await find(all, ({ withProgram, apart }) => !withProgram && !apart)).found, {
    way: { withProgram: false, apart: false },
    whyShell: 'not with program on host',
    whyOnHost: 'not with shell apart',
  });
});

test('what cannot be is not tried, and the last complaint is told where nothing holds', async () => {
  assert.deepEqual(await find({ withProgram: false, apart: false }, () => false), {
    found: { why: 'not with shell on host' },
    tried: ['shell on host'],
  });
  assert.deepEqual((await find({ withProgram: false, apart: true }, () => false)).tried, [
    'shell apart',
    'shell on host',
  ]);
  assert.deepEqual((await find({ withProgram: true, apart: false }, () => false)).tried, [
    'program on host',
    'shell on host',
  ]);
});

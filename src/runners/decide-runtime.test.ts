import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideRuntime, judgeTrial, type Release } from './decide-runtime.ts';

const [old, middle, newest]: [Release, Release, Release] = [
  { id: 'a', version: '26.1.0', foundMs: 100 },
  { id: 'b', version: '26.2.0', foundMs: 200 },
  { id: 'c', version: '26.3.0', foundMs: 300 },
];
const all = [old, middle, newest] as const;
const nothing = { refused: [] };

test('auto: a version goes on with what was there when it was deployed, and tries what came later', () => {
  const auto = { mode: 'auto' } as const;
  assert.deepEqual(decideRuntime(auto, 50, [old], nothing), { status: 'use', release: old });
  assert.deepEqual(decideRuntime(auto, 150, all, nothing), { status: 'use', release: old, trial: newest });
  assert.deepEqual(decideRuntime(auto, 350, all, nothing), { status: 'use', release: newest });
  assert.deepEqual(decideRuntime(auto, 150, all, { refused: [], adopted: 'b' }), {
    status: 'use',
    release: middle,
    trial: newest,
  });
  assert.deepEqual(decideRuntime(auto, 150, all, { refused: ['c'] }), { status: 'use', release: old, trial: middle });
  assert.deepEqual(decideRuntime(auto, 150, all, { refused: ['b', 'c'] }), { status: 'use', release: old });
  assert.deepEqual(
    decideRuntime(auto, 350, all, { refused: ['c'] }),
    { status: 'use', release: middle },
    'deployed again',
  );
  assert.deepEqual(
    decideRuntime(auto, 250, all, { refused: [], adopted: 'a' }),
    { status: 'use', release: middle, trial: newest },
    'what was adopted before it was deployed is not gone back to',
  );
  assert.deepEqual(
    decideRuntime(auto, 150, [middle, newest], nothing),
    { status: 'use', release: middle, trial: newest },
    'what it had is gone',
  );
});

test('function_update: what was there at the deployment, or when that was asked for, and no trials', () => {
  assert.deepEqual(decideRuntime({ mode: 'function_update' }, 150, all, nothing), { status: 'use', release: old });
  assert.deepEqual(decideRuntime({ mode: 'function_update', sinceMs: 250 }, 150, all, nothing), {
    status: 'use',
    release: middle,
  });
  assert.deepEqual(decideRuntime({ mode: 'function_update', sinceMs: 250 }, 350, all, nothing), {
    status: 'use',
    release: newest,
  });
});

test('manual: that one and no other', () => {
  const manual = { mode: 'manual', runtimeVersion: 'b' } as const;
  assert.deepEqual(decideRuntime(manual, 350, all, nothing), { status: 'use', release: middle });
  assert.deepEqual(decideRuntime(manual, 350, [newest], nothing), { status: 'gone', pinned: 'b' });
});

test('a trial ends well after enough runs or a day, and badly when it fails more often than what was before', () => {
  const hourMs = 3_600_000;
  const judge = (ageMs: number, old: [number, number], trial: [number, number]) =>
    judgeTrial(0, ageMs, { runs: old[0], failures: old[1] }, { runs: trial[0], failures: trial[1] });
  assert.equal(judge(hourMs, [100, 0], [19, 0]), 'go on');
  assert.equal(judge(hourMs, [100, 0], [20, 0]), 'adopt');
  assert.equal(judge(hourMs / 10, [100, 0], [10_000, 0]), 'go on', 'not within minutes, however often it is called');
  assert.equal(judge(hourMs, [100, 0], [1, 1]), 'go on', 'once may be chance');
  assert.equal(judge(hourMs, [100, 5], [30, 3]), 'adopt', 'it fails now and then by its own doing');
  assert.equal(judge(hourMs, [100, 0], [2, 2]), 'refuse');
  assert.equal(judge(hourMs, [100, 0], [100, 2]), 'refuse');
  assert.equal(judge(hourMs, [100, 50], [10, 3]), 'go on', 'it fails less often than what was before');
  assert.equal(judge(hourMs, [100, 50], [20, 9]), 'adopt');
  assert.equal(judge(25 * hourMs, [1, 0], [1, 0]), 'adopt');
  assert.equal(judge(25 * hourMs, [1, 0], [2, 1]), 'refuse');
  assert.equal(judge(25 * hourMs, [1, 0], [0, 0]), 'go on', 'nobody knows yet');
});

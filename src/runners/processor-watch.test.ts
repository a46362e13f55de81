import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox } from '../../test/fakes/fake-sandbox.ts';
import type { Environment } from '../sandbox/sandbox.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { EnvironmentId } from '../util/ids.ts';
import { isProcessorBound, ProcessorWatch } from './processor-watch.ts';

const use = { idleShare: 0, used: 0, processors: 2, versions: 1, slowdown: 1 };

test('what computes on a machine that is busy is short of processors; what sleeps there is not, nor what computes on an idle one', () => {
  assert.equal(isProcessorBound({ ...use, used: 1.5 }), true);
  assert.equal(isProcessorBound({ ...use, used: 0.05 }), false);
  assert.equal(isProcessorBound({ ...use, used: 1.5, idleShare: 0.2 }), false);
});

test('one of ten that compute has a tenth of the machine', () => {
  assert.equal(isProcessorBound({ ...use, used: 0.1, versions: 10 }), true);
});

test('what takes much longer than in quiet times is short of them, whoever has them', () => {
  assert.equal(isProcessorBound({ ...use, used: 0.1, slowdown: 5 }), true);
  assert.equal(isProcessorBound({ ...use, used: 0.1, slowdown: 5, idleShare: 0.2 }), false);
});

test('it is seen from one look to the next, and forgotten when nobody waits', async () => {
  const clock = new FakeClock();
  const times = { idleMs: 0, totalMs: 0 };
  const watch = new ProcessorWatch(clock, { count: 2, times: () => ({ ...times }) });
  const environment = await fakeSandbox().start({
    id: 'e' as EnvironmentId,
    runtime: 'python',
    network: 'none',
    ephemeralMb: 512,
  });
  let cpuMs = 100;
  const computes: Environment = Object.assign(environment, {
    usage: () => Promise.resolve({ memoryBytesMax: undefined, cpuMs }),
  });
  const look = async (): Promise<void> => {
    watch.look([computes], { versions: 1, slowdown: 1 });
    await clock.advance(0);
  };
  await look();
  assert.equal(watch.isBound, false, 'one look shows nothing');
  await clock.advance(250);
  [times.totalMs, cpuMs] = [500, 350];
  await look();
  assert.equal(watch.isBound, true);
  watch.forget();
  assert.equal(watch.isBound, false);
});

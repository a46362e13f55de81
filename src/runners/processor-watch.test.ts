import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox } from '../../test/fakes/fake-sandbox.ts';
import type { Environment } from '../sandbox/sandbox.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { EnvironmentId } from '../util/ids.ts';
import { enoughForProcessors, isProcessorBound, ProcessorWatch } from './processor-watch.ts';

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

test('of what computes a few are enough, of what mostly waits many, and of what has little of a processor as well', () => {
  const need = { processors: 2, cpuMsEach: 20, quietBusyMs: 20, share: 1, perEnvironment: 1 };
  assert.equal(enoughForProcessors(need), 4);
  assert.equal(enoughForProcessors({ ...need, quietBusyMs: 1_000 }), 200);
  assert.equal(enoughForProcessors({ ...need, share: 128 / 1_769 }), 56);
  assert.equal(enoughForProcessors({ ...need, quietBusyMs: 1_000, perEnvironment: 10 }), 20);
  assert.equal(enoughForProcessors({ ...need, cpuMsEach: 0 }), Infinity);
});

test('it is seen from one look to the next, and forgotten when nobody has waited for a while', async () => {
  const clock = new FakeClock();
  const times = { idleMs: 0, totalMs: 0 };
  const watch = new ProcessorWatch(clock, { count: 2, times: () => ({ ...times }) });
  const environment = await fakeSandbox().start({
    id: 'e' as EnvironmentId,
    runtime: 'python',
    network: 'none',
    ephemeralMb: 512,
  });
  let [cpuMs, invocations] = [100, 0];
  const computes: Environment = Object.assign(environment, {
    usage: () => Promise.resolve({ memoryBytesMax: undefined, cpuMs }),
  });
  const look = async (): Promise<void> => {
    const known = { averageBusyMs: 60, quietBusyMs: 50, share: 1, perEnvironment: 1 };
    watch.look([computes], { versions: 1, invocations, ...known });
    await clock.advance(0);
  };
  await look();
  assert.equal(watch.enough, Infinity, 'one look shows nothing');
  await clock.advance(250);
  [times.totalMs, cpuMs, invocations] = [500, 350, 10];
  await look();
  assert.equal(watch.enough, 8, '25 ms of 50 each');
  await clock.advance(2_000);
  assert.equal(watch.enough, Infinity);
});

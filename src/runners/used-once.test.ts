import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { leased, openRunners } from '../../test/fakes/runners.ts';
import { Telemetry, type TelemetryEvent } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';

function open() {
  const sandbox = fakeSandbox();
  const telemetry = new Telemetry();
  const events: TelemetryEvent[] = [];
  telemetry.attach({ take: (event) => void events.push(event), flush: () => Promise.resolve() });
  const runners = openRunners({ sandbox, clock: new FakeClock(), telemetry });
  return { runners, sandbox, events };
}

const once = resolvedFunction('once', { reuse: 'none' });
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('an environment that is used once ends with its invocation, and the next one is ready by then', async () => {
  const { runners, sandbox, events } = open();
  const first = leased(await runners.lease(once));
  await soon();
  assert.equal(sandbox.live.size, 2, 'the next one is started while this one is busy');
  first.release(1);
  await soon();
  assert.ok(!sandbox.live.has(first.environment));
  const second = runners.tryLease(once);
  assert.equal(second?.start, 'prewarmed');
  assert.notEqual(second?.environment, first.environment);
  second?.release(1);
  await soon();
  const ends = events.flatMap((event) => (event.kind === 'environment.ended' ? [event.reason] : []));
  assert.deepEqual(ends, ['no_reuse', 'no_reuse']);
});

test('quick as it is, nothing is handed to one that is busy', async () => {
  const { runners } = open();
  const environments = new Set<unknown>();
  for (let turn = 0; turn < 30; turn += 1) {
    const [one, two] = (await Promise.all([runners.lease(once), runners.lease(once)])).map(leased);
    environments.add(one?.environment).add(two?.environment);
    one?.release(0.05);
    two?.release(0.05);
  }
  assert.equal(environments.size, 60);
});

test('what was given back has not been used', async () => {
  const { runners, sandbox } = open();
  const first = leased(await runners.lease(once));
  first.giveBack();
  assert.ok(sandbox.live.has(first.environment));
});

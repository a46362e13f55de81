import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { Telemetry } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { EnvironmentId } from '../util/ids.ts';
import { Inhabitants } from './inhabitants.ts';

test('what is to become a template ends with the platform, also where it comes too late', async () => {
  const sandbox = fakeSandbox();
  const inhabitants = new Inhabitants({ clock: new FakeClock(), telemetry: new Telemetry(), left: () => {} });
  const resolved = resolvedFunction('hello');
  const { runtime, network, ephemeralMb } = resolved.version.settings;
  for (const name of ['before', 'after']) {
    const environment = await sandbox.start({ id: name as EnvironmentId, runtime, network, ephemeralMb });
    inhabitants.announce();
    inhabitants.settleTemplate(environment, resolved);
    if (name === 'before') await inhabitants.stopAll();
    assert.equal(sandbox.live.size, 0, name);
    await environment.ended;
  }
  assert.equal(inhabitants.count, 0);
});

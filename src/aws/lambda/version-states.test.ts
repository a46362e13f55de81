import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleSettings } from '../../registry/example-settings.ts';
import type { FunctionVersion } from '../../registry/function.ts';
import type { Registry } from '../../registry/registry.ts';
import type { BundleHash } from '../../util/ids.ts';
import { versionState } from './version-states.ts';

const version = { settings: exampleSettings({ bundle: 'ab'.repeat(32) as BundleHash }) } as FunctionVersion;
const { runtime } = version.settings;

const stateWith = ({ hasCode = true, missing }: { hasCode?: boolean; missing?: string }) =>
  versionState(
    {
      registry: { hasBundle: () => Promise.resolve(hasCode) } as never as Registry,
      runtimes: () => Promise.resolve([{ name: runtime, ...(missing === undefined ? { version: '1' } : { missing }) }]),
    },
    version,
  );

test('a version is active while its code and its runtime are there, and says which of them is not', async () => {
  assert.deepEqual(await stateWith({}), { status: 'active' });
  const lost = await stateWith({ missing: 'it was taken away' });
  assert.deepEqual(lost, {
    status: 'failed',
    reason: `This machine cannot run ${runtime}: it was taken away`,
    code: 'InvalidRuntime',
  });
  assert.equal((await stateWith({ hasCode: false })).status, 'failed');
});

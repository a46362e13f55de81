import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolvedFunction } from '../../../test/fakes/resolved.ts';
import type { FunctionSettings } from '../../registry/function.ts';
import { latestVersion } from '../../util/ids.ts';
import { functionConfiguration } from './function-configuration.ts';
import type { LambdaParts } from './lambda-parts.ts';

type Parts = Parameters<typeof functionConfiguration>[0];

const partsWhere = (templatesRefused: LambdaParts['templatesRefused']): Parts => ({
  registry: { bundleBytes: () => 1, get: () => undefined } as Partial<
    LambdaParts['registry']
  > as LambdaParts['registry'],
  architecture: 'x86_64',
  releases: { current: () => undefined } as Partial<LambdaParts['releases']> as LambdaParts['releases'],
  region: 'us-east-1',
  templatesRefused,
});

const anywhere = partsWhere((runtime) => (runtime.startsWith('python') ? undefined : 'it makes none'));
const nowhere = partsWhere(() => 'the platform does not run as root');

const snapStartOf = (parts: Parts, settings: Partial<FunctionSettings>, number = '3'): unknown => {
  const { version } = resolvedFunction('hello', { runtime: 'python3.13', ...settings }, number);
  return functionConfiguration(parts, { version, state: { status: 'active' }, environment: undefined }).SnapStart;
};

test('SnapStart is on for published versions whose environments can begin with a template, and off elsewhere', () => {
  const [on, off] = ['On', 'Off'].map((OptimizationStatus) => ({ ApplyOn: 'PublishedVersions', OptimizationStatus }));
  assert.deepEqual(snapStartOf(anywhere, { snapStart: true }), on);
  assert.deepEqual(snapStartOf(anywhere, { snapStart: true }, latestVersion), off);
  assert.deepEqual(snapStartOf(anywhere, { snapStart: true, template: false }), off);
  assert.deepEqual(snapStartOf(anywhere, { snapStart: true, runtime: 'java21' }), off);
  assert.deepEqual(snapStartOf(nowhere, { snapStart: true }), off);
  assert.deepEqual(snapStartOf(anywhere, {}), { ApplyOn: 'None', OptimizationStatus: 'Off' });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolvedFunction, testAccount } from '../../../test/fakes/resolved.ts';
import type { Layers } from '../../registry/layers.ts';
import type { OpenRegistry } from '../../registry/open-registry.ts';
import { checkCodeStorage, codeBytesMax, codeUsage } from './code-usage.ts';

const gib = 1024 ** 3;

/** One function with two published versions of 20 GB each, and a layer of 10 GB: 70 GB. */
function parts(): Parameters<typeof checkCodeStorage>[0] {
  const { function: record, version } = resolvedFunction('large');
  const registry: Partial<OpenRegistry> = {
    list: () => [record],
    versions: () => Promise.resolve([version, version]),
    bundleBytes: () => 20 * gib,
  };
  const layers: Partial<Layers> = {
    names: () => ['base'],
    versions: () => [{ zipBytes: 10 * gib } as ReturnType<Layers['versions']>[number]],
  };
  return { registry: registry as OpenRegistry, layers: layers as Layers };
}

test('an account keeps 75 GB of code and not a byte more, each version and each layer counted', async () => {
  assert.deepEqual(await codeUsage(parts(), testAccount), { bytes: 70 * gib, functions: 1 });
  const left = codeBytesMax - 70 * gib;
  await checkCodeStorage(parts(), testAccount, left);
  await assert.rejects(checkCodeStorage(parts(), testAccount, left + 1), {
    reason: 'CodeStorageExceededException',
    message: 'Code storage limit exceeded.',
  });
  await checkCodeStorage(parts(), testAccount, -1);
});

import { noExtras, type FunctionSettings, type FunctionVersion } from '../../src/registry/function.ts';
import type { Registry, Resolved } from '../../src/registry/registry.ts';
import { functionArn, type AccountId, type BundleHash, type VersionId } from '../../src/util/ids.ts';

export const testAccount = '000000000000' as AccountId;

/** A version as the registry would resolve it. */
export function resolvedFunction(name: string, settings: Partial<FunctionSettings> = {}, version = '1'): Resolved {
  const arn = functionArn('us-east-1', testAccount, name);
  const complete: FunctionSettings = {
    runtime: 'nodejs26.x',
    handler: 'index.handler',
    memoryMb: 128,
    timeoutMs: 3_000,
    environment: {},
    bundle: 'b'.repeat(64) as BundleHash,
    network: 'internet',
    ephemeralMb: 512,
    permissions: [],
    attemptsMax: 3,
    eventAgeMaxMs: 6 * 3_600_000,
    ...settings,
  };
  const functionVersion: FunctionVersion = {
    account: testAccount,
    name,
    arn,
    version: version as VersionId,
    settingsHash: JSON.stringify(complete),
    createdMs: 0,
    revisionId: 'first',
    settings: complete,
  };
  return {
    version: functionVersion,
    function: {
      account: testAccount,
      name,
      arn,
      createdMs: 0,
      latest: functionVersion,
      versionLast: 1,
      aliases: {},
      revisionId: 'first',
      modifiedMs: 0,
      extras: noExtras,
    },
    bundlePath: '/nowhere',
  };
}

/** A registry that resolves these and can do nothing else. */
export function fixedRegistry(functions: readonly Resolved[]): Registry {
  const resolve: Registry['resolve'] = (_account, name) => functions.find((one) => one.version.name === name);
  return { resolve } as Partial<Registry> as Registry;
}

import type { BundleHash } from '../util/ids.ts';
import type { FunctionSettings } from './function.ts';

/** Valid settings for tests, to be changed where a test cares. */
export function exampleSettings(change: Partial<FunctionSettings> = {}): FunctionSettings {
  return {
    runtime: 'python',
    handler: 'hello.lambda_handler',
    memoryMb: 128,
    timeoutMs: 3_000,
    environment: {},
    bundle: '0'.repeat(64) as BundleHash,
    network: 'internet',
    ephemeralMb: 512,
    permissions: [],
    attemptsMax: 3,
    eventAgeMaxMs: 21_600_000,
    ...change,
  };
}

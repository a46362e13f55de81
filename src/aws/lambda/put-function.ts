/** What creating and updating a function share once its settings are known. */
import type { FunctionRecord, FunctionSettings, FunctionVersion } from '../../registry/function.ts';
import type { Registry } from '../../registry/registry.ts';
import { PlatformError } from '../../util/errors.ts';
import { limits } from '../../util/limits.ts';
import { checkCodeStorage } from './code-usage.ts';
import type { FunctionReference } from './function-reference.ts';
import { functionNotFound, invalidParameterValue, resourceConflict } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

type PutOptions = NonNullable<Parameters<Registry['put']>[3]>;

/** Lambda's names of what another provider's limits hold closer than Lambda's constraints do. */
const profiled: Readonly<Record<string, string>> = { timeoutMs: 'Timeout', memoryMb: 'MemorySize' };

/** Errors: what `check` throws, CodeStorageExceededException, and InvalidParameterValueException for what the registry refuses. */
export async function putFunction(
  parts: LambdaParts,
  { account, name }: FunctionReference,
  settings: FunctionSettings,
  options: PutOptions,
): Promise<FunctionRecord> {
  const { registry } = parts;
  const before = registry.get(account, name)?.latest.settings.bundle;
  const replacedBytes = before === undefined ? 0 : (registry.bundleBytes(before) ?? 0);
  await checkCodeStorage(parts, account, (registry.bundleBytes(settings.bundle) ?? 0) - replacedBytes);
  try {
    const record = await registry.put(account, name, settings, options);
    // So that answers name its runtime's release from the first one on.
    await parts.releases.settled({ function: record, version: record.latest });
    return record;
  } catch (cause) {
    if (!(cause instanceof PlatformError) || cause.reason !== undefined) throw cause;
    if (cause.code === 'too_large' && cause.field === 'layers') {
      throw invalidParameterValue(
        `Function code combined with layers exceeds the maximum allowed size of ${limits.bundleBytesMax} bytes. The actual size is ${unzippedBytes(parts, settings)} bytes.`,
        { field: 'Layers', cause },
      );
    }
    if (cause.code !== 'invalid_argument' && cause.code !== 'too_large') throw cause;
    const member = profiled[cause.field ?? ''];
    if (member === undefined) throw invalidParameterValue(cause.message, { cause });
    throw invalidParameterValue(
      `${member} is not within the limits that this platform was started with: ${cause.message}`,
      { field: member, cause },
    );
  }
}

function unzippedBytes({ registry }: LambdaParts, { bundle, layers = [] }: FunctionSettings): number {
  const bundles = [bundle, ...layers.map((layer) => layer.bundle)];
  return bundles.reduce((sum, one) => sum + (registry.unzippedBytes(one) ?? 0), 0);
}

/**
 * What a change was made from is still there. Lambda refuses a change during another one; here each waits for the one
 * before, and only what would undo it is refused. Errors: ResourceNotFoundException, ResourceConflictException.
 */
export function checkUnchanged(read: FunctionVersion, present: FunctionVersion | undefined): void {
  if (present === undefined) throw functionNotFound(read.arn);
  if (present.revisionId === read.revisionId) return;
  throw resourceConflict(
    `The operation cannot be performed at this time. An update is in progress for resource: ${read.arn}`,
  );
}

/** Freezes what has just been put, and nothing that came after it. */
export function publishPut(
  { registry }: LambdaParts,
  { account, name, latest }: FunctionRecord,
): Promise<FunctionVersion> {
  return registry.publish(account, name, { check: (present) => checkUnchanged(latest, present) });
}

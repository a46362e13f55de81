/** How much code an account keeps. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** Lambda's 75 GB for functions and layers together. */
export const codeBytesMax = 75 * 1024 ** 3;

/** Each version's zip and each layer's, counted as Lambda does: once for each version, shared or not. */
export async function codeUsage(
  { registry, layers }: Pick<LambdaParts, 'registry' | 'layers'>,
  account: AccountId,
): Promise<{ bytes: number; functions: number }> {
  const records = registry.list(account);
  let bytes = 0;
  for (const { name, latest } of records) {
    for (const { settings } of [latest, ...(await registry.versions(account, name))]) {
      bytes += registry.bundleBytes(settings.bundle) ?? 0;
    }
  }
  for (const name of layers.names(account)) {
    for (const { zipBytes } of layers.versions(account, name)) bytes += zipBytes;
  }
  return { bytes, functions: records.length };
}

/** Errors: CodeStorageExceededException, where `addedBytes` more would be too many. */
export async function checkCodeStorage(
  parts: Pick<LambdaParts, 'registry' | 'layers'>,
  account: AccountId,
  addedBytes: number,
): Promise<void> {
  if (addedBytes <= 0 || (await codeUsage(parts, account)).bytes + addedBytes <= codeBytesMax) return;
  throw new PlatformError('too_large', 'Code storage limit exceeded.', { reason: 'CodeStorageExceededException' });
}

import type { VersionId } from '../util/ids.ts';
import type { FunctionRecord } from './function.ts';

/**
 * How many environments of which versions one qualifier's provisioned concurrency asks for: a version's own, or an
 * alias's, divided as its weights divide what is invoked. Pure.
 * https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
export function provisionedVersions(
  { aliases, extras }: Pick<FunctionRecord, 'aliases' | 'extras'>,
  qualifier: string,
): ReadonlyMap<VersionId, number> {
  const count = Object.hasOwn(extras.provisioned, qualifier) ? (extras.provisioned[qualifier]?.count ?? 0) : 0;
  const alias = Object.hasOwn(aliases, qualifier) ? aliases[qualifier] : undefined;
  if (alias === undefined) return new Map([[qualifier as VersionId, count]]);
  const counts = new Map<VersionId, number>();
  let left = count;
  for (const [version, share] of Object.entries(alias.weights)) {
    const part = Math.min(left, Math.round(count * share));
    if (part > 0) counts.set(version as VersionId, part);
    left -= part;
  }
  if (left > 0) counts.set(alias.version, left);
  return counts;
}

/** Of all qualifiers together. */
export function allProvisioned(record: Pick<FunctionRecord, 'aliases' | 'extras'>): ReadonlyMap<VersionId, number> {
  const counts = new Map<VersionId, number>();
  for (const qualifier of Object.keys(record.extras.provisioned)) {
    for (const [version, count] of provisionedVersions(record, qualifier)) {
      counts.set(version, (counts.get(version) ?? 0) + count);
    }
  }
  return counts;
}

import type { RequestId, VersionId } from '../util/ids.ts';
import type { Alias } from './function.ts';

/** A number from 0 up to 1, evenly spread and always the same for one text (FNV-1a, 32 bits, finished as MurmurHash3 does). */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** The alias's version for this request: each weighted version gets its share of all requests, `version` the rest. */
export function pickVersion(alias: Alias, requestId: RequestId): VersionId {
  let left: number | undefined;
  for (const version in alias.weights) {
    left ??= fractionOf(requestId);
    left -= alias.weights[version as VersionId] ?? 0;
    if (left < 0) return version as VersionId;
  }
  return alias.version;
}

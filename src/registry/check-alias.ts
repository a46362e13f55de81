/** Whether a function has what is asked of it, and whether an alias may be what it is to be. Pure; errors are PlatformErrors that name the field. */
import { PlatformError } from '../util/errors.ts';
import { latestVersion, type VersionId } from '../util/ids.ts';
import type { Held } from './held-functions.ts';

export function checkAliasName(alias: string): void {
  if (!/^(?!\d+$)[A-Za-z0-9_-]{1,128}$/.test(alias)) {
    throw new PlatformError(
      'invalid_argument',
      `the alias '${alias}' is not a name; accepted: 1 to 128 letters, digits, - and _, not digits alone`,
      { field: 'alias' },
    );
  }
}

export function existing(held: Held | undefined, name: string): Held {
  if (held === undefined) throw new PlatformError('not_found', `there is no function '${name}'`);
  return held;
}

export function checkVersion(held: Held, version: VersionId, field: string): void {
  if (version !== latestVersion && !held.versions.has(version)) {
    throw new PlatformError('not_found', `function '${held.record.name}' has no version ${version}`, { field });
  }
}

export function checkWeights(held: Held, alias: string, weights: Record<VersionId, number>): void {
  let sum = 0;
  for (const [version, share] of Object.entries(weights)) {
    const field = `weights.${version}`;
    checkVersion(held, version as VersionId, field);
    if (!(share >= 0 && share <= 1)) {
      throw new PlatformError(
        'invalid_argument',
        `${field} of alias '${alias}' is ${share}; accepted: a share from 0 to 1`,
        { field },
      );
    }
    sum += share;
  }
  if (sum > 1) {
    throw new PlatformError(
      'invalid_argument',
      `the weights of alias '${alias}' make ${sum}; accepted: at most 1 in all`,
      {
        field: 'weights',
      },
    );
  }
}

/**
 * A platform process's share of what the whole machine has: a number that no other running platform has, from which
 * come its user ids, network addresses, and the names of everything it makes outside its own memory. The number is
 * held by a file lock, which the kernel drops with the process, however that ends; so what a free number has left
 * behind belongs to nobody, and may be swept.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '../../../util/errors.ts';
import type { Libc } from './libc.ts';

/** Platforms on one machine: enough for a test suite that starts one in every file. network-addresses.ts has room for as many. */
export const instancesMax = 32;
/** Environments of one platform: the account's concurrency limit and some being ended or got ready. */
export const environmentsMax = 1_024;

export type Instance = {
  readonly number: number;
  /** Its own folder; after `sweep` there is nothing there. */
  readonly folder: string;
  /** Removes the folder, which must be empty of mounts, and lets go of the number. */
  release(): void;
};

/** `sweep` removes what the dead holder of a number left behind; it is called with that number locked. */
export async function claimInstance(
  libc: Libc,
  folder: string,
  sweep: (number: number, folder: string) => Promise<void>,
): Promise<Instance> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  let claimed: Instance | undefined;
  for (let number = 0; number < instancesMax; number++) {
    const own = join(folder, String(number));
    if (claimed !== undefined && !existsSync(own)) continue;
    const lock = openSync(join(folder, `${number}.lock`), 'a', 0o600);
    if (!libc.tryLock(lock)) {
      closeSync(lock);
      continue;
    }
    if (existsSync(own)) {
      await sweep(number, own);
      // Never recursively: were something of the host's still mounted there, it would be deleted.
      rmdirSync(own);
    }
    if (claimed !== undefined) closeSync(lock);
    else {
      mkdirSync(own);
      chmodSync(own, 0o711);
      claimed = { number, folder: own, release: () => (rmdirSync(own), closeSync(lock)) };
    }
  }
  if (claimed === undefined) {
    throw new PlatformError(
      'unavailable',
      `${instancesMax} platforms already run on this machine, which is the most that ${folder} has room for`,
    );
  }
  return claimed;
}
